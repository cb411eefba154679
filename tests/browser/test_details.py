"""Journeys through the pages of a customer number, a subscription and a connection (O1), and to SIM and PUK."""

from __future__ import annotations

import re
import sqlite3

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import PHONE, Visitor
from tests.browser.test_rows_and_files import csv_rows

NUMBER, SUBSCRIPTION, CONNECTION = "/customer-numbers/10023", "/subscriptions/710001", "/connections/510001"
SECRETS_SHOWN = 30
"""Seconds."""


def read(portal, sql: str, *values: object) -> list[tuple]:
    with sqlite3.connect(f"file:{portal.data_dir / 'selfcare.db'}?mode=ro", uri=True) as db:
        return db.execute(sql, values).fetchall()


def tab_of(person: Visitor, name: str) -> Locator:
    """A tab of the page by its name; its count stands beside."""
    bar = person.page.locator("nav.tabs")
    return bar.get_by_role("link", name=name, exact=True)


def fact(person: Visitor, key: str) -> Locator:
    """What stands under the label of a fact."""
    label = person.page.locator("dt").get_by_text(person.say(key), exact=True)
    return person.page.locator("dl.facts > div").filter(has=label).locator("dd")


@pytest.mark.parametrize(
    ("route", "tabs"),
    [
        (
            "/customer-numbers",
            ["lists.subscriptions.title", "lists.connections.title", "lists.invoices.title", "details.tabs.groups"],
        ),
        ("/subscriptions", ["lists.add_ons.title", "lists.invoice_lines.title", "details.tabs.groups"]),
        ("/connections", ["lists.add_ons.title", "lists.contacts.title"]),
    ],
)
def test_a_page_opens_from_its_list_and_keeps_its_tab_through_reload_and_back(enter, route, tabs):
    person = enter("superuser@bjorko.example")
    person.go(route)
    first = person.numbers.first
    called = first.inner_text()
    first.click()
    expect(person.page.get_by_role("heading", level=1)).to_contain_text(called)
    expect(person.page).to_have_title(re.compile(re.escape(called)))
    bar = person.page.locator("nav.tabs").get_by_role("link")
    expect(bar.first).to_have_attribute("aria-current", "page")
    for key in tabs:
        expect(tab_of(person, person.say(key))).to_have_count(1)
    last = tab_of(person, person.say(tabs[-1]))
    last.click()
    expect(person.page).to_have_url(re.compile(r"\?tab=[a-z-]+$"))
    expect(last).to_have_attribute("aria-current", "page")
    expect(last).to_be_focused()
    person.page.reload()
    person.arrived()
    expect(last).to_have_attribute("aria-current", "page")
    person.page.go_back()
    expect(bar.first).to_have_attribute("aria-current", "page")
    person.page.go_back()
    expect(person.page).to_have_url(re.compile(rf"{route}$"))
    expect(first).to_have_text(called)


def test_the_list_under_a_tab_keeps_its_own_state_in_the_address(enter):
    person = enter("superuser@bjorko.example")
    person.go(f"{NUMBER}?tab=subscriptions")
    person.counts(30)
    person.link("lists.tabs.inactive").click()
    expect(person.page).to_have_url(re.compile(r"view=inactive"))
    expect(person.numbers).not_to_have_count(25)
    expect(person.numbers.first).to_be_visible()
    person.search.fill("zzz")
    expect(person.heading("lists.subscriptions.none_match", level=2)).to_be_visible()
    expect(person.search).to_be_focused()
    person.page.reload()
    person.arrived()
    expect(person.heading("lists.subscriptions.none_match", level=2)).to_be_visible()
    expect(person.search).to_have_value("zzz")
    expect(tab_of(person, person.say("lists.subscriptions.title"))).to_have_attribute("aria-current", "page")
    person.link("lists.clear").last.click()
    person.counts(30)
    tab_of(person, person.say("lists.invoices.title")).click()
    expect(person.page).to_have_url(re.compile(r"\?tab=invoices$"))
    person.page.go_back()
    person.counts(30)


def test_what_belongs_to_it_is_exported_alone(enter, portal):
    person = enter("superuser@bjorko.example")
    person.go(NUMBER)
    person.counts(30)
    person.button("lists.export").click()
    with person.page.expect_download() as coming:
        person.entry("lists.export_csv").click()
    rows = csv_rows(coming.value.path())
    own = read(
        portal,
        "SELECT s.label FROM subscription s JOIN customer_number c ON c.id = s.customer_number_id WHERE c.number = ?",
        "10023",
    )
    assert sorted(row[0] for row in rows[1:]) == sorted(label for (label,) in own)


def test_from_a_subscription_one_goes_to_its_customer_number_and_that_ones_invoices(enter, portal):
    (number, name), *_ = read(
        portal,
        "SELECT c.number, c.name FROM subscription s JOIN customer_number c ON c.id = s.customer_number_id"
        " WHERE s.number = '710001'",
    )
    person = enter("superuser@bjorko.example")
    person.go(SUBSCRIPTION)
    expect(fact(person, "details.subscription.customer_number")).to_have_text(f"{number} {name}")
    person.button("details.choose_action").click()
    person.entry("lists.actions.show_invoices").click()
    expect(person.page).to_have_url(re.compile(rf"/invoices\?customer_number={number}$"))
    person.page.go_back()
    fact(person, "details.subscription.customer_number").get_by_role("link").click()
    expect(person.heading("details.customer_number.named", number=number)).to_be_visible()


def test_a_connection_tells_what_its_sla_level_means_and_whom_to_ask(enter, portal):
    (sla,), *_ = read(portal, "SELECT sla FROM connection WHERE number = '510001'")
    contacts = read(
        portal,
        "SELECT t.email FROM connection_contact t JOIN connection c ON c.id = t.connection_id WHERE c.number = ?",
        "510001",
    )
    person = enter("reader@bjorko.example")
    person.go(f"{CONNECTION}?tab=contacts")
    expect(fact(person, "details.connection.sla")).to_contain_text(person.say(f"details.sla_means.{sla}"))
    for (email,) in contacts:
        expect(person.page.get_by_role("link", name=email, exact=True)).to_have_attribute("href", f"mailto:{email}")


def test_a_number_written_in_percents_is_the_same_number(enter):
    person = enter("reader@bjorko.example")
    person.go("/customer-numbers/%31%30%30%32%33")
    expect(person.heading("details.customer_number.named", number="10023")).to_be_visible()
    person.counts(30)


@pytest.mark.parametrize(
    ("email", "addresses"),
    [
        (
            "superuser@bjorko.example",
            ["/subscriptions/720001", "/subscriptions/nope", "/subscriptions/070-174%2006%2005"],
        ),
        ("superuser@bjorko.example", ["/connections/520001", "/connections/nope"]),
        ("partial@bjorko.example", ["/customer-numbers/10023", "/connections/510001", "/subscriptions/%3Cb%3E"]),
    ],
)
def test_unknown_foreign_and_not_permitted_look_alike(enter, email, addresses):
    person = enter(email)
    crumbs = person.page.get_by_role("navigation", name=person.say("frame.breadcrumbs"))
    seen = set()
    for address in addresses:
        person.go(address)
        expect(person.heading("pages.not_found.title")).to_be_visible()
        expect(person.page).to_have_title(re.compile(re.escape(person.say("pages.not_found.title"))))
        seen.add(person.page.get_by_role("main").inner_text().removeprefix(crumbs.inner_text()))
    assert len(seen) == 1


def test_tabs_are_there_only_for_what_one_may_read(enter, portal):
    """The partial user reads customer numbers, subscriptions and groups, and nothing else."""
    person = enter("partial@bjorko.example")
    person.go("/customer-numbers/10024")
    bar = person.page.locator("nav.tabs").get_by_role("link")
    expect(bar).to_have_count(3)
    expect(tab_of(person, person.say("lists.subscriptions.title"))).to_be_visible()
    expect(tab_of(person, person.say("lists.add_ons.title"))).to_be_visible()
    expect(tab_of(person, person.say("details.tabs.groups"))).to_be_visible()
    person.numbers.first.click()
    expect(person.page).to_have_url(re.compile("/subscriptions/"))
    expect(tab_of(person, person.say("details.tabs.groups"))).to_be_visible()
    expect(tab_of(person, person.say("lists.invoice_lines.title"))).to_have_count(0)
    expect(person.heading("details.usage.title", level=2)).to_have_count(0)
    expect(person.heading("details.secrets.title", level=2)).to_have_count(0)


def test_the_thing_looked_at_before_never_stands_under_anothers_address(enter):
    person = enter("reader@bjorko.example")
    person.go("/subscriptions/710001")
    expect(fact(person, "details.subscription.number")).to_have_text("710001")
    person.page.evaluate(
        """() => {
            window.wrong = [];
            new MutationObserver(() => {
                const shown = document.querySelector("dl.facts")?.textContent ?? "";
                if (location.pathname.endsWith("710002") && shown.includes("710001")) window.wrong.push(shown);
            }).observe(document.body, { childList: true, subtree: true, characterData: true });
        }"""
    )
    person.page.get_by_role("navigation", name=person.say("frame.breadcrumbs")).get_by_role("link").last.click()
    person.search.fill("710002")
    person.counts(1)
    person.numbers.first.click()
    expect(fact(person, "details.subscription.number")).to_have_text("710002")
    assert person.page.evaluate("window.wrong") == []


@pytest.fixture
def single(portal) -> str:
    """A user who sees one subscription and nothing else of the company (U5)."""
    email = "single@bjorko.example"
    with sqlite3.connect(portal.data_dir / "selfcare.db", timeout=15) as db:
        if not db.execute("SELECT 1 FROM sign_in WHERE email = ?", (email,)).fetchone():
            copy_row(db, "sign_in", "email = 'reader@bjorko.example'", email=email, email_key=email)
            (sign_in,) = db.execute("SELECT id FROM sign_in WHERE email = ?", (email,)).fetchone()
            copy_row(
                db,
                '"user"',
                "name = 'Erik Ström'",
                sign_in_id=sign_in,
                access_all=0,
                name="Enar Strand",
                name_sort="enar strand",
            )
            db.execute(
                "INSERT INTO access_grant (company_id, user_id, subscription_id) SELECT u.company_id, u.id, s.id"
                " FROM \"user\" u, subscription s WHERE u.sign_in_id = ? AND s.number = '710001'",
                (sign_in,),
            )
    return email


def copy_row(db: sqlite3.Connection, table: str, where: str, **changed: object) -> None:
    """One more row like the one there is, with other values in some columns."""
    names = [row[1] for row in db.execute(f"PRAGMA table_info({table})") if row[1] != "id"]
    columns = ", ".join(":" + name if name in changed else name for name in names)
    db.execute(f"INSERT INTO {table} ({', '.join(names)}) SELECT {columns} FROM {table} WHERE {where} LIMIT 1", changed)


def test_who_sees_a_single_subscription_sees_its_invoice_lines_but_no_invoice(enter, portal, single):
    lines = read(
        portal,
        "SELECT i.number FROM invoice_line l JOIN invoice i ON i.id = l.invoice_id"
        " JOIN subscription s ON s.id = l.subscription_id WHERE s.number = '710001'",
    )
    person = enter(single)
    person.go("/subscriptions")
    person.counts(1)
    person.numbers.first.click()
    expect(fact(person, "details.subscription.number")).to_have_text("710001")
    expect(fact(person, "details.subscription.customer_number")).to_have_count(0)
    expect(person.button("details.choose_action")).to_have_count(0)
    tab_of(person, person.say("lists.invoice_lines.title")).click()
    person.counts(len(lines))
    expect(person.body.get_by_role("row").first).to_be_visible()
    expect(person.body.get_by_role("link")).to_have_count(0)
    expect(person.heading("details.usage.title", level=2)).to_be_visible()
    person.go("/invoices")
    expect(person.heading("lists.invoices.none", level=2)).to_be_visible()
    for address in (f"/invoices/{lines[0][0]}", "/customer-numbers/10027", "/subscriptions/710002"):
        person.go(address)
        expect(person.heading("pages.not_found.title")).to_be_visible()


# --- SIM and PUK


def secrets_panel(person: Visitor) -> Locator:
    return person.page.get_by_role("region", name=person.say("details.secrets.title"))


def test_sim_and_puk_are_shown_on_a_click_and_hide_by_themselves(enter, portal):
    person = enter("superuser@bjorko.example")
    person.page.clock.install()
    person.go(SUBSCRIPTION)
    panel = secrets_panel(person)
    expect(panel.locator("dd")).to_have_count(0)
    logged = "SELECT count(*) FROM audit_entry WHERE action = 'subscription.secrets_read'"
    before = read(portal, logged)[0][0]
    show, hide = person.button("details.secrets.show"), person.button("details.secrets.hide")
    show.focus()
    person.page.keyboard.press("Enter")
    expect(hide).to_be_focused()
    expect(hide).to_have_attribute("aria-expanded", "true")
    shown = panel.locator(".value")
    expect(shown).to_have_text([re.compile(r"^\d{18,20}$"), re.compile(r"^\d{8}$")])
    values = shown.all_inner_texts()
    (sim,) = read(portal, "SELECT sim FROM subscription WHERE number = '710001'")[0]
    assert values[0] == sim
    assert read(portal, logged)[0][0] == before + 1
    person.page.clock.fast_forward((SECRETS_SHOWN - 5) * 1000)
    expect(shown).to_have_count(2)
    person.page.clock.fast_forward(6 * 1000)
    expect(shown).to_have_count(0)
    expect(show).to_be_focused()
    assert not any(value in person.page.content() for value in values)
    person.page.keyboard.press("Enter")
    expect(shown).to_have_count(2)
    person.page.keyboard.press("Enter")
    expect(shown).to_have_count(0)


def test_sim_and_puk_are_copied_and_gone_when_one_leaves(enter):
    person = enter("admin@bjorko.example", permissions=["clipboard-read", "clipboard-write"])
    person.go(SUBSCRIPTION)
    person.button("details.secrets.show").click()
    puk = secrets_panel(person).locator(".value").last
    expect(puk).to_have_text(re.compile(r"^\d{8}$"))
    value = puk.inner_text()
    named = f"{person.say('details.secrets.copy')} {person.say('details.secrets.puk')}"
    person.page.get_by_role("button", name=named, exact=True).click()
    said = f"{person.say('details.secrets.puk')} {person.say('details.secrets.copied')}"
    expect(person.page.get_by_role("status").filter(has_text=said)).to_have_count(1)
    assert person.page.evaluate("navigator.clipboard.readText()") == value
    tab_of(person, person.say("details.tabs.groups")).click()
    expect(puk).to_have_text(value)
    person.page.get_by_role("navigation", name=person.say("frame.breadcrumbs")).get_by_role("link").last.click()
    expect(person.numbers.first).to_be_visible()
    person.page.go_back()
    expect(person.button("details.secrets.show")).to_be_visible()
    assert value not in person.page.content()


def test_a_refusal_and_a_lost_connection_are_told_by_the_button(enter, complaints):
    complaints.allow(r"status of 429|Failed to load resource|net::ERR", "the refusals are made here")
    person = enter("superuser@bjorko.example")
    person.go(SUBSCRIPTION)
    sentence = person.say("refused.secrets_rationed", n=12, most=30)
    person.page.route("**/api/subscriptions/**", lambda route: route.fulfill(status=429, json={"error": sentence}))
    person.button("details.secrets.show").click()
    expect(secrets_panel(person).get_by_role("alert")).to_have_text(sentence)
    person.page.unroute("**/api/subscriptions/**")
    person.page.route("**/api/subscriptions/**", lambda route: route.abort())
    person.button("details.secrets.show").click()
    expect(secrets_panel(person).get_by_role("alert")).to_have_text(person.say("details.secrets.failed"))


def test_who_may_only_read_is_not_offered_sim_and_puk(enter):
    person = enter("reader@bjorko.example")
    person.go(SUBSCRIPTION)
    expect(fact(person, "details.subscription.number")).to_have_text("710001")
    expect(secrets_panel(person)).to_have_count(0)


# --- phones


@pytest.mark.parametrize(
    ("address", "action"),
    [(NUMBER, "show_subscriptions"), (SUBSCRIPTION, "show_customer_number"), (CONNECTION, "show_invoices")],
)
def test_on_a_phone_there_is_one_menu_of_actions_and_nothing_sticks_out(enter, address, action):
    person = enter("superuser@bjorko.example", viewport=PHONE)
    person.go(address)
    expect(person.page.locator("nav.tabs").get_by_role("link").first).to_be_visible()
    more = person.button("details.choose_action")
    expect(more).to_have_count(1)
    more.click()
    expect(person.entry(f"lists.actions.{action}")).to_be_visible()
    expect(person.entry("lists.export_csv")).to_be_visible()
    person.page.keyboard.press("Escape")
    for link in person.page.locator("nav.tabs").get_by_role("link").all():
        link.click()
        expect(link).to_have_attribute("aria-current", "page")
        assert person.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
