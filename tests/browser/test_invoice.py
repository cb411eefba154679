"""Journeys to an invoice (I1, I3, I4): from the list to its page, to the original, to what belongs with it."""

from __future__ import annotations

import re
import sqlite3
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from selfcare_app.state.shown import money
from tests.browser.conftest import NARROWEST, PHONE, Visitor
from tests.browser.test_details import read

FIND = """
    SELECT invoice.number, payable, paid, credited, pdf FROM invoice
    JOIN company ON company.id = invoice.company_id AND company.name = 'Björkö Bygg AB'
    JOIN invoice_original ON invoice_original.invoice_id = invoice.id
    WHERE {} ORDER BY issued DESC LIMIT 1
"""
OVERDUE = "kind = 'invoice' AND paid = 0 AND credited = 0 AND due < date('now', '-1 day') AND pdf IS NOT NULL"
PART_PAID = "paid > 0 AND paid < payable AND due > date('now')"
CREDITED = "credited > 0"
ONE_UNIT = 1_000_000
"""A quantity of one as SQLite holds it."""
WITHOUT_PDF = "kind = 'invoice' AND pdf IS NULL"


def found(portal, where: str) -> tuple:
    rows = read(portal, FIND.format(where))
    assert rows, where
    return rows[0]


def in_kronor(amount: int) -> str:
    return money(Decimal(amount) / 100)


def pair(person: Visitor, key: str) -> Locator:
    """What stands beside a name in the invoice's short facts."""
    label = person.page.locator("dt").get_by_text(person.say(key), exact=True)
    return person.page.locator(".threefold dl > div").filter(has=label).locator("dd").first


def test_from_the_list_to_the_page_to_the_pdf(enter, portal):
    number, payable, _, _, pdf = found(portal, OVERDUE)
    person = enter("finance@bjorko.example")
    person.go(f"/invoices?q={number}")
    person.sees([number])
    person.numbers.first.click()
    expect(person.heading("details.invoice.named.invoice", number=number)).to_be_visible()
    expect(person.page).to_have_url(re.compile(f"/invoices/{number}$"))
    expect(person.page.get_by_role("main")).to_contain_text(re.compile(r"Förfallen sedan \d+ dag"))
    expect(person.page.locator(".amount")).to_have_text(in_kronor(payable))
    expect(pair(person, "details.invoice.paid")).to_have_text(in_kronor(0))
    expect(pair(person, "details.invoice.left")).to_have_text(in_kronor(payable))
    with person.page.expect_download() as coming:
        person.link("details.invoice.pdf").click()
    assert coming.value.failure() is None
    assert coming.value.suggested_filename == f"Faktura {number}.pdf"
    assert Path(coming.value.path()).read_bytes() == pdf
    # The socket is alive: the lines under it still answer.
    person.page.get_by_role("main").get_by_role("link", name=person.say("lists.columns.net")).click()
    expect(person.page).to_have_url(re.compile("sort=net"))
    expect(person.page.get_by_role("columnheader", name=person.say("lists.columns.net"))).to_have_attribute(
        "aria-sort", "ascending"
    )


def test_lines_stand_as_on_the_invoice_and_lead_to_their_subscriptions(enter, portal):
    number = found(portal, OVERDUE)[0]
    lines = read(
        portal,
        "SELECT name, l.net, l.price_base, l.description FROM invoice_line l JOIN invoice i ON i.id = l.invoice_id"
        " WHERE i.number = ? ORDER BY l.position",
        number,
    )
    person = enter("finance@bjorko.example")
    person.go(f"/invoices/{number}?size=100&tab=invoice-lines")
    person.counts(len(lines))
    rows = person.page.locator("[data-list] tbody").get_by_role("row")
    expect(rows).to_have_count(len(lines))
    for row, (name, net, base, description) in list(zip(rows.all(), lines, strict=True))[:: max(1, len(lines) // 5)]:
        expect(row).to_contain_text(name)
        expect(row).to_contain_text(in_kronor(net))
        expect(row).to_contain_text(description)
        expect(row.get_by_text(re.compile(r",\d+\s/\s\d"))).to_have_count(int(base != ONE_UNIT))
    subscription = rows.locator("a[href^='/subscriptions/']").first
    label = subscription.inner_text()
    subscription.click()
    expect(person.page.get_by_role("heading", level=1)).to_contain_text(label)


def test_the_account_and_the_reference_are_copied_as_the_invoice_states_them(enter, portal):
    number = found(portal, OVERDUE)[0]
    account, reference = read(
        portal, "SELECT payment_account, payment_reference FROM invoice WHERE number = ?", number
    )[0]
    person = enter("finance@bjorko.example", permissions=["clipboard-read", "clipboard-write"])
    person.go(f"/invoices/{number}")
    for key, value in (("account.bankgiro", account), ("reference.ocr", reference)):
        name = f"{person.say('details.secrets.copy')} {person.say(f'details.invoice.{key}')}"
        person.page.get_by_role("button", name=name, exact=True).click()
        expect(person.page.get_by_role("status").filter(has_text=person.say("details.secrets.copied"))).to_have_count(1)
        assert person.page.evaluate("navigator.clipboard.readText()") == value
        expect(person.page.get_by_role("status").filter(has_text=person.say("details.secrets.copied"))).to_have_count(0)


def test_a_part_payment_is_told_with_what_is_left(enter, portal):
    number, payable, paid, _, _ = found(portal, PART_PAID)
    person = enter("finance@bjorko.example")
    person.go(f"/invoices/{number}")
    expect(person.page.locator(".amount")).to_have_text(in_kronor(payable - paid))
    expect(pair(person, "details.invoice.paid")).to_have_text(in_kronor(paid))
    expect(person.page.get_by_role("main")).to_contain_text(person.say("lists.invoice_status.part_paid"))
    payments = person.page.get_by_role("region", name=person.say("details.invoice.payments.title"), exact=True)
    expect(payments.get_by_role("row").last).to_contain_text(in_kronor(paid))


def test_a_credit_note_and_its_invoice_lead_to_each_other(enter, portal):
    number = found(portal, CREDITED)[0]
    person = enter("finance@bjorko.example")
    person.go(f"/invoices/{number}")
    related = person.page.get_by_role("region", name=person.say("details.invoice.related.title"), exact=True)
    expect(related).to_contain_text(person.say("details.invoice.related.named_by_credit_note"))
    credit = related.get_by_role("link").inner_text()
    related.get_by_role("link").click()
    expect(person.heading("details.invoice.named.credit_note", number=credit)).to_be_visible()
    expect(person.page.get_by_role("main")).to_contain_text(person.say("details.invoice.amount.credit"))
    head = person.page.get_by_role("region", name=person.say("details.invoice.in_short"), exact=True)
    expect(head).to_contain_text(person.say("details.invoice.credits.nothing_to_pay"))
    expect(head.get_by_role("link", name=number, exact=True)).to_be_visible()
    for absent in ("pay", "due", "account.bankgiro"):
        expect(head.get_by_text(person.say(f"details.invoice.{absent}"), exact=True)).to_have_count(0)
    expect(related.get_by_role("link")).to_have_text(number)
    related.get_by_role("link").click()
    expect(person.heading("details.invoice.named.invoice", number=number)).to_be_visible()


def test_without_an_original_there_is_no_button_for_it(enter, portal):
    number = found(portal, WITHOUT_PDF)[0]
    person = enter("finance@bjorko.example")
    person.go(f"/invoices/{number}")
    expect(person.page.locator(".amount")).to_be_visible()
    expect(person.link("details.invoice.pdf")).to_have_count(0)


def test_unknown_foreign_and_not_permitted_look_alike(enter, portal):
    number = found(portal, OVERDUE)[0]
    for email, address in (
        ("superuser@sjovik.example", f"/invoices/{number}"),
        ("partial@bjorko.example", f"/invoices/{number}"),
        ("finance@bjorko.example", "/invoices/none"),
        ("finance@bjorko.example", "/invoices/%25"),
    ):
        person = enter(email)
        person.go(address)
        expect(person.heading("pages.not_found.title")).to_be_visible()
        expect(person.link("details.invoice.pdf")).to_have_count(0)
        expect(person.page.get_by_role("main")).not_to_contain_text("kr")


def test_whoever_was_given_one_subscription_sees_its_lines_and_not_the_invoice(enter, portal):
    """U5: a reader of one subscription."""
    number = found(portal, OVERDUE)[0]
    subscription, line = read(
        portal,
        "SELECT subscription.number, invoice_line.name FROM invoice_line"
        " JOIN invoice ON invoice.id = invoice_id JOIN subscription ON subscription.id = subscription_id"
        " WHERE invoice.number = ? ORDER BY position LIMIT 1",
        number,
    )[0]
    with sqlite3.connect(portal.data_dir / "selfcare.db", timeout=15) as db:
        (user_id, company_id) = db.execute(
            "SELECT user.id, company_id FROM user JOIN sign_in ON sign_in.id = sign_in_id WHERE email = ?",
            ("reader@bjorko.example",),
        ).fetchone()
        db.execute("UPDATE user SET access_all = 0 WHERE id = ?", (user_id,))
        db.execute(
            "INSERT INTO access_grant (company_id, user_id, subscription_id)"
            " SELECT ?, ?, id FROM subscription WHERE number = ?",
            (company_id, user_id, subscription),
        )
    try:
        person = enter("reader@bjorko.example")
        person.go(f"/subscriptions/{subscription}?tab=invoice-lines&size=100")
        shown = person.page.locator("[data-list] tbody").get_by_role("row").filter(has_text=number)
        expect(shown.first).to_be_visible()
        expect(shown.filter(has_text=line).first).to_be_visible()
        person.go("/")
        expect(person.page.get_by_role("main")).to_contain_text(person.say("pages.overview.no_invoices"))
        person.go("/invoices")
        person.counts(0)
        person.go(f"/invoices/{number}")
        expect(person.heading("pages.not_found.title")).to_be_visible()
        with portal.client("reader@bjorko.example") as client:
            assert client.get(f"/invoices/{number}/original.pdf").status_code == 404
    finally:
        with sqlite3.connect(portal.data_dir / "selfcare.db", timeout=15) as db:
            db.execute("DELETE FROM access_grant WHERE user_id = ?", (user_id,))
            db.execute("UPDATE user SET access_all = 1 WHERE id = ?", (user_id,))


@pytest.mark.parametrize("viewport", [PHONE, NARROWEST], ids=["phone", "narrowest"])
def test_on_a_phone_nothing_sticks_out_and_the_pdf_stays(enter, portal, viewport):
    person = enter("finance@bjorko.example", viewport=viewport)
    person.go(f"/invoices/{found(portal, OVERDUE)[0]}")
    expect(person.link("details.invoice.pdf")).to_be_visible()
    expect(person.page.locator("[data-list] tbody").get_by_role("row").first).to_be_visible()
    assert person.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
