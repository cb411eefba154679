"""What single lists have of their own: subscriptions by phone, amounts and statuses of invoices, users, actions."""

from __future__ import annotations

import csv
import io
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from decimal import Decimal

import openpyxl
import pytest

from selfcare_app.services import exporting, listing, preferences
from selfcare_app.services.access import NotFound, Refused
from selfcare_app.services.database import writing
from selfcare_app.services.feeds.invoices import feed_invoices
from selfcare_app.specs.lists import CONNECTIONS, CUSTOMER_NUMBERS, INVOICES, LISTS, SUBSCRIPTIONS, USERS
from selfcare_app.specs.permissions import Role
from selfcare_app.specs.queries import parse
from selfcare_app.specs.user_tabs import USER_TABS
from selfcare_app.state.rows import cell, hidden
from tests import factories as make
from tests.feeding import OPERATOR
from tests.ubl import Bill, Line, Part


def ask(actor, spec, **parameters: str) -> listing.Page:
    return listing.page(actor, spec, parse(spec, {"size": "100", **parameters}))


def numbers(page: listing.Page) -> list[str]:
    return [row.number for row in page.rows]


def file_rows(actor, spec, **parameters: str) -> list[list[str]]:
    raw = b"".join(exporting.export(actor, spec, parse(spec, parameters), "csv").pieces)
    return list(csv.reader(io.StringIO(raw.decode("utf-8-sig")), delimiter=";"))


# --- subscriptions


@pytest.fixture
def subscribed(database):
    """A company with a phone number, a foreign one, and a subscription without; and somebody who sees all."""
    with writing() as db:
        company = make.company(db)
        of = make.customer_number(db, company, "10023")
        make.subscription(db, of, "A-1", phone="+46701740605", sim="894600001", puk="secret-puk", person="Åsa")
        make.subscription(db, of, "A-2", phone="+4722123456")
        make.subscription(db, of, "710065")
        return make.actor(make.user(db, company, "a@bjorko.example"))


@pytest.mark.parametrize(
    "written",
    [
        "070-174 06 05",
        "0701740605",
        "+46701740605",
        "+46 70 174 06 05",
        "+46 (0)70-174 06 05",
        "0046 70-174 06 05",
        "46701740605",
        "701740605",
        "(070) 174 06 05",
        "070\u2011174\u00a006\u00a005",
    ],
)
def test_a_pasted_phone_number_is_found_however_it_is_written(subscribed, written):
    page = ask(subscribed, SUBSCRIPTIONS, q=f"{written}\n710065\n070-174 06 06")
    assert set(numbers(page)) == {"A-1", "710065"}
    assert page.not_found == ["070-174 06 06"]


@pytest.mark.parametrize(
    "typed",
    [
        "070-174 06 05",
        "070 174 06 05",
        "0701740605",
        "+46 70 174 06 05",
        "+46 (0)70-17",
        "0046 70-17",
        "070-17",
        "06 05",
    ],
)
def test_a_phone_number_is_searched_for_as_one_word_however_it_is_written(subscribed, typed):
    with writing() as db:
        of = db.query(make.CustomerNumber).one()
        make.subscription(db, of, "A-7", phone="+46812345605", person="Enok 06")
    found = numbers(ask(subscribed, SUBSCRIPTIONS, q=typed))
    assert "A-1" in found
    assert ("A-7" in found) == (typed == "06 05"), "two digits are found in many"


def test_pasted_numbers_are_ids_and_phone_numbers_side_by_side(subscribed):
    page = ask(subscribed, SUBSCRIPTIONS, q="A-1, +47 22 12 34 56, 99999, a-2")
    assert set(numbers(page)) == {"A-1", "A-2"}
    assert page.not_found == ["99999"]


def test_a_pasted_column_is_taken_line_by_line_whatever_the_cells_hold(database):
    with writing() as db:
        company = make.company(db)
        of = make.customer_number(db, company, "10023")
        for number in ("PB1", "F1", "F12", "f2", "F2", "Å1", "F 9", "Bo;1", "kR-7", "00123"):
            make.invoice(db, of, number)
        me = make.actor(make.user(db, company, "a@bjorko.example"))
    for pasted, found, missing in (
        ("Fakturanummer\r\nPB1\r\nF1\r\nNOPE\r\n", {"PB1", "F1"}, ["Fakturanummer", "NOPE"]),
        ("PB1; Å1; F12", {"PB1", "Å1", "F12"}, []),
        ("F 9\nf  9\n f12;", {"F 9", "F12"}, []),
        ("pb1\nzero", {"PB1"}, ["zero"]),
        ("f2\nA\u030a1", {"f2", "Å1"}, []),
        ("å1\nKr-7\n123", {"Å1", "kR-7"}, ["123"]),
        ("Bo;1\nF1\tF12", {"Bo;1", "F1", "F12"}, []),
        ("noll\nintet", set(), ["noll", "intet"]),
    ):
        page = ask(me, INVOICES, q=pasted)
        assert (set(numbers(page)), page.not_found) == (found, missing), pasted
    for words in ("bo, ek", "PB1 zero", "PB1, zero", "f 9"):
        page = ask(me, INVOICES, q=words)
        assert page.not_found == [], "words on one line are searched for"
    assert numbers(ask(me, INVOICES, q="f 9")) == ["F 9"]


def test_a_line_says_all_that_its_amount_follows_from(database):
    with writing() as db:
        company = make.company(db)
        of = make.customer_number(db, company, "10023")
        make.subscription(db, of, "S1")
        me = make.actor(make.user(db, company, "a@bjorko.example"))
    whole = Line(name="Vanlig")
    tenth = Line(name="Per tio", price="100.00", base="10", description="Tio i taget", note="Enligt avtal")
    cut = Line(name="Rabatterad", quantity="2", parts=[Part(amount="30.50"), Part(amount="5", charge=True)])
    for bill in (Bill(number="F1", lines=[whole, tenth, cut]), Bill(number="K1", credit_note=True, lines=[cut])):
        assert all(report.applied for report in feed_invoices(OPERATOR, bill.number, bill.xml()))
    lines = LISTS["invoice-lines"]
    said = ("price_base", "line_allowance", "line_description", "line_note")
    shown = {row.values["line"]: row.values for row in ask(me, lines, within="invoices:F1").rows}
    assert [[shown[name][key] for key in said] for name in ("Vanlig", "Per tio", "Rabatterad")] == [
        [Decimal(1), None, "", ""],
        [Decimal(10), None, "Tio i taget", "Enligt avtal"],
        [Decimal(1), Decimal("-25.50"), "", ""],
    ]
    (credited,) = ask(me, lines, within="invoices:K1").rows
    assert (credited.values["net"], credited.values["line_allowance"]) == (Decimal("-174.50"), Decimal("25.50"))
    for row in shown.values():
        worth = row["quantity"] * row["unit_price"] / row["price_base"] + (row["line_allowance"] or 0)
        assert worth == row["net"]
    assert not hidden(lines, (), ()) & set(said), "read although they have no column on screen"
    assert {"price_base", "currency"} <= hidden(lines, ("unit_price",), ())
    head, *rows = file_rows(me, lines, within="invoices:F1")
    at = [head.index(name) for name in ("Priset gäller antal", "Rabatter och avgifter", "Anmärkning")]
    assert [[row[place] for place in at] for row in rows] == [
        ["1", "", ""], ["10", "", "Enligt avtal"], ["1", "-25,50", ""],
    ]  # fmt: skip


def test_a_subscription_is_called_by_its_phone_number_and_addressed_by_its_id(subscribed):
    rows = {row.number: row.values["subscription"] for row in ask(subscribed, SUBSCRIPTIONS).rows}
    assert rows == {"A-1": "070-174 06 05", "A-2": "+47 22 12 34 56", "710065": "710065"}


def test_sim_and_puk_are_in_no_list_and_no_file(subscribed):
    shown = repr(ask(subscribed, SUBSCRIPTIONS).rows) + repr(file_rows(subscribed, SUBSCRIPTIONS))
    assert "secret-puk" not in shown
    assert "894600001" not in shown
    for search in ("secret", "894600001"):
        assert ask(subscribed, SUBSCRIPTIONS, q=search).total == 0


def test_one_that_begins_later_is_coming_and_not_inactive(database):
    with writing() as db:
        company = make.company(db)
        of = make.customer_number(db, company, "10023")
        make.subscription(db, of, "A-1", opened=date(2026, 11, 23))
        make.subscription(db, of, "A-2", opened=date(2026, 11, 22), ended=date(2026, 11, 23))
        make.subscription(db, of, "A-3", opened=date(2026, 1, 1), ended=date(2026, 11, 22))
        me = make.actor(make.user(db, company, "a@bjorko.example"))
    statuses = {row.number: row.values["status"] for row in ask(me, SUBSCRIPTIONS).rows}
    assert statuses == {"A-1": "coming", "A-2": "active", "A-3": "inactive"}
    assert ask(me, SUBSCRIPTIONS).tab_counts == {"all": 3, "active": 2, "inactive": 1}


def test_a_single_subscription_tells_nothing_of_its_customer_number(database):
    with writing() as db:
        company = make.company(db)
        hidden = make.customer_number(db, company, "10099", "Hemligt projekt")
        mine = make.subscription(db, hidden, "A-1", person="Åsa")
        make.subscription(db, hidden, "A-2", person="Bo")
        make.connection(db, hidden, "F-1")
        seen = make.customer_number(db, company, "10023", "Syns")
        make.subscription(db, seen, "A-3")
        user = make.user(db, company, "p@bjorko.example", Role.READER, access_all=False)
        make.grant(db, user, mine)
        make.grant(db, user, seen)
        me = make.actor(user)
    for sort in ("customer_number", "-customer_number", "subscription"):
        page = ask(me, SUBSCRIPTIONS, sort=sort)
        assert {row.number: (row.values["customer_number"], row.also["customer_number"]) for row in page.rows} == {
            "A-1": (None, None),
            "A-3": ("10023 Syns", "10023"),
        }
    page = ask(me, SUBSCRIPTIONS)
    assert [choice.value for choice in page.choices["customer_number"]] == ["10023"]
    assert {row.number: "show_customer_number" in row.fits for row in page.rows} == {"A-1": False, "A-3": True}
    assert ask(me, SUBSCRIPTIONS, customer_number="10099").total == 0
    assert listing.offer(me, SUBSCRIPTIONS, parse(SUBSCRIPTIONS, {}), "customer_number", "hemligt").choices == []
    assert listing.followed(me, SUBSCRIPTIONS, parse(SUBSCRIPTIONS, {}), "show_customer_number") == ["10023"]
    assert listing.fitting(me, SUBSCRIPTIONS, parse(SUBSCRIPTIONS, {})) == ["export"]
    assert "Hemligt" not in repr(file_rows(me, SUBSCRIPTIONS))
    assert "10099" not in repr(file_rows(me, SUBSCRIPTIONS))
    assert ask(me, CONNECTIONS).total == 0


def test_without_the_right_to_customer_numbers_their_column_filter_and_action_are_not_there(database):
    with writing() as db:
        company = make.company(db)
        make.subscription(db, make.customer_number(db, company, "10023", "Huvudkontor"), "A-1")
        user = make.user(db, company, "c@bjorko.example", Role.CUSTOM, permissions=["subscriptions.read"])
        me = make.actor(user)
    page = ask(me, SUBSCRIPTIONS, customer_number="no-such", sort="customer_number")
    assert page.total == 1, "a filter one may not use counts for nothing"
    assert "customer_number" not in page.rows[0].values
    assert "customer_number" not in page.choices
    assert page.query.sort == "subscription"
    assert page.rows[0].fits == ("show", "export")
    with pytest.raises(NotFound):
        listing.followed(me, SUBSCRIPTIONS, page.query, "show_customer_number")
    assert listing.offer(me, SUBSCRIPTIONS, page.query, "customer_number").choices == []


@pytest.mark.parametrize("granted", ["customer number", "group"])
def test_partial_access_reaches_what_is_under_a_customer_number_and_no_more(database, granted):
    with writing() as db:
        company = make.company(db)
        numbers_of = [make.customer_number(db, company, str(10020 + at)) for at in range(2)]
        for at, of in enumerate(numbers_of):
            make.connection(db, of, f"F-{at}", city=("Gävle", "Hemstad")[at], capacity=("10/10", "99/99")[at])
            make.invoice(db, of, f"8000{at}")
            make.subscription(db, of, f"A-{at}", price_plan_id=make.price_plan(db, f"P{at}", f"Plan {at}").id)
        user = make.user(db, company, "p@bjorko.example", Role.READER, access_all=False)
        group = make.group(db, company, "Avdelning", "Ekonomi")
        make.member(db, group, numbers_of[0], date(2026, 11, 1))
        make.grant(db, user, numbers_of[0] if granted == "customer number" else group)
        me = make.actor(user)
    for spec, own in ((CONNECTIONS, "F-0"), (INVOICES, "80000"), (SUBSCRIPTIONS, "A-0")):
        page = ask(me, spec)
        assert numbers(page) == [own]
        assert page.tab_counts["all"] == 1
        assert len(file_rows(me, spec)) == 2
    offered = ask(me, CONNECTIONS).choices
    assert [choice.value for choice in offered["city"]] == ["Gävle"]
    assert [choice.value for choice in offered["capacity"]] == ["10/10"]
    assert [choice.value for choice in ask(me, SUBSCRIPTIONS).choices["price_plan"]] == ["P0"]
    assert ask(me, CONNECTIONS, city="Hemstad").total == 0
    assert ask(me, SUBSCRIPTIONS, price_plan="P1").total == 0


# --- invoices


@pytest.fixture
def invoiced(database):
    """One invoice of each status, a credit note, and one in euros."""
    with writing() as db:
        company = make.company(db)
        of = make.customer_number(db, company, "10023")
        for number, due, payable in (
            ("1-unpaid", date(2026, 11, 22), "125.00"),
            ("2-overdue", date(2026, 11, 21), "1250.50"),
            ("3-part", date(2026, 12, 24), "99.90"),
            ("4-paid", date(2026, 1, 1), "10.00"),
            ("5-credited", date(2026, 1, 1), "500.00"),
            ("6-euro", date(2027, 1, 1), "75.00"),
        ):
            made = make.invoice(
                db, of, number, due=due, payable=Decimal(payable), currency="EUR" if "euro" in number else "SEK",
                issued=date(2026, 10, int(number[0])), buyer_name=f"Bygg {number[0]}",
            )  # fmt: skip
            if number in ("3-part", "4-paid"):
                make.payment(db, made, "10.00")
            if number == "5-credited":
                make.credit_note(db, made, "7-note", payable=Decimal("500.00"), issued=date(2026, 10, 7))
        return make.actor(make.user(db, company, "a@bjorko.example"))


def test_statuses_follow_from_payments_credit_notes_and_the_day(invoiced):
    assert {row.number: row.values["status"] for row in ask(invoiced, INVOICES).rows} == {
        "1-unpaid": "unpaid",
        "2-overdue": "overdue",
        "3-part": "part_paid",
        "4-paid": "paid",
        "5-credited": "credited",
        "6-euro": "unpaid",
        "7-note": "credited",
    }
    page = ask(invoiced, INVOICES)
    assert page.tab_counts == {"all": 7, "unpaid": 4, "overdue": 1}
    assert set(numbers(ask(invoiced, INVOICES, tab="unpaid"))) == {"1-unpaid", "2-overdue", "3-part", "6-euro"}
    assert numbers(ask(invoiced, INVOICES, tab="overdue")) == ["2-overdue"]


def test_an_unpaid_invoice_is_overdue_the_day_after(invoiced):
    tomorrow = replace(invoiced, at=invoiced.at.replace(day=23))
    assert set(numbers(ask(tomorrow, INVOICES, status="overdue"))) == {"1-unpaid", "2-overdue"}


def test_the_newest_invoice_comes_first_and_amounts_sort_with_their_sign(invoiced):
    assert numbers(ask(invoiced, INVOICES)) == [
        "7-note", "6-euro", "5-credited", "4-paid", "3-part", "2-overdue", "1-unpaid",
    ]  # fmt: skip
    amounts = [row.values["amount"] for row in ask(invoiced, INVOICES, sort="amount").rows]
    assert amounts == sorted(amounts)
    assert amounts[0] == Decimal("-500.00")


def test_amounts_are_written_the_swedish_way_in_their_own_currency(invoiced):
    column = INVOICES.column("amount")
    shown = {row.number: cell(column, row.values["amount"], row.also["amount"]) for row in ask(invoiced, INVOICES).rows}
    assert shown["2-overdue"] == "1\u00a0250,50\u00a0kr"
    assert shown["7-note"] == "\u2212500,00\u00a0kr"
    assert shown["6-euro"] == "75,00\u00a0EUR"


def test_amounts_are_numbers_in_files_with_the_currency_beside_them(invoiced):
    head, *rows = file_rows(invoiced, INVOICES, sort="amount")
    amount, currency = head.index("Belopp"), head.index("Valuta")
    assert [row[amount] for row in rows][:2] == ["-500,00", "10,00"]
    assert {row[0]: row[currency] for row in rows}["6-euro"] == "EUR"
    book = b"".join(exporting.export(invoiced, INVOICES, parse(INVOICES, {"sort": "amount"}), "xlsx").pieces)
    first = list(openpyxl.load_workbook(io.BytesIO(book)).active.rows)[1][amount]
    assert (first.value, first.data_type, first.number_format) == (-500, "n", "#,##0.00")


def test_a_period_is_the_month_the_cost_belongs_to(database):
    with writing() as db:
        company = make.company(db)
        of = make.customer_number(db, company, "10023")
        make.invoice(db, of, "1", period_start=date(2026, 1, 31), period_end=date(2026, 1, 31))
        make.invoice(db, of, "2", period_start=date(2026, 2, 1), period_end=date(2026, 4, 30))
        make.invoice(db, of, "3", period_start=None, period_end=None, issued=date(2026, 3, 31))
        me = make.actor(make.user(db, company, "a@bjorko.example"))
    column = INVOICES.column("period")
    shown = {row.number: cell(column, row.values["period"], row.also["period"]) for row in ask(me, INVOICES).rows}
    assert shown == {"1": "2026-01", "2": "2026-02 – 2026-04", "3": "2026-03"}
    assert set(numbers(ask(me, INVOICES, period="2026-01..2026-02"))) == {"1", "2"}
    assert numbers(ask(me, INVOICES, period="2026-03")) == ["3"]


# --- users


def test_users_are_listed_to_whoever_manages_them_without_the_removed(database):
    with writing() as db:
        company = make.company(db)
        me = make.actor(make.user(db, company, "a@bjorko.example", name="Anna"))
        make.user(db, company, "i@bjorko.example", Role.READER, name="Inga", activated_at=None, access_all=False)
        make.user(db, company, "d@bjorko.example", Role.READER, name="Disa", disabled_at=make.NOW, phone="+46701740605")
        make.user(db, company, "r@bjorko.example", Role.READER, name="Rut", removed_at=make.NOW)
    page = ask(me, USERS)
    assert {row.values["name"]: (row.values["status"], row.values["access"]) for row in page.rows} == {
        "Anna": ("active", "all"),
        "Inga": ("invited", "none"),
        "Disa": ("disabled", "all"),
    }
    assert [row.number for row in page.rows] == [str(row.id) for row in page.rows]
    for search in ("070-174", "0701740605", "d@bjorko", "disa"):
        assert [row.values["name"] for row in ask(me, USERS, q=search).rows] == ["Disa"], search
    assert ask(me, USERS, q="rut").total == 0
    assert ask(me, USERS, role="reader", status="invited").total == 1


# --- actions (L3)


@pytest.fixture
def owned(database):
    """One customer number with everything, one with nothing."""
    with writing() as db:
        company = make.company(db)
        full, bare = (make.customer_number(db, company, number) for number in ("10023", "10024"))
        subscription = make.subscription(db, full, "A-1")
        make.subscription(db, bare, "A-2")
        make.connection(db, full, "F-1")
        make.invoice(db, full, "80001", [("10.00", subscription)])
        make.customer_number(db, company, "10025")
        return (
            make.actor(make.user(db, company, "a@bjorko.example")),
            make.actor(
                make.user(
                    db, company, "c@b.example", Role.CUSTOM, permissions=["customer_numbers.read", "invoices.read"]
                )
            ),
        )


def test_an_action_is_there_where_it_makes_sense_and_is_permitted(owned):
    me, little = owned
    fits = {
        row.number: set(row.fits) - {"show", "export", "edit_groups", "add_to_group"}
        for row in ask(me, CUSTOMER_NUMBERS).rows
    }
    assert fits == {
        "10023": {"show_subscriptions", "show_connections", "show_invoices"},
        "10024": {"show_subscriptions"},
        "10025": set(),
    }
    allowed = {row.number: set(row.fits) - {"show", "export"} for row in ask(little, CUSTOMER_NUMBERS).rows}
    assert allowed == {"10023": {"show_invoices"}, "10024": set(), "10025": set()}
    lines = {row.number: "show_invoice_lines" in row.fits for row in ask(me, SUBSCRIPTIONS).rows}
    assert lines == {"A-1": True, "A-2": False}


def test_many_rows_are_offered_the_actions_that_fit_all_of_them(owned):
    me, _ = owned
    ids = {row.number: row.id for row in ask(me, CUSTOMER_NUMBERS).rows}

    def fitting(*chosen: str) -> list[str]:
        query = replace(parse(CUSTOMER_NUMBERS, {}), ids=tuple(ids[number] for number in chosen))
        return listing.fitting(me, CUSTOMER_NUMBERS, query)

    assert fitting("10023") == ["show_subscriptions", "show_connections", "show_invoices", "add_to_group", "export"]
    assert fitting("10023", "10024") == ["show_subscriptions", "add_to_group", "export"]
    assert fitting("10023", "10024", "10025") == ["add_to_group", "export"]
    assert fitting() == ["add_to_group", "export"], "none chosen are all rows"


def test_an_action_leads_from_rows_to_what_belongs_to_them(owned):
    me, little = owned
    chosen = replace(
        parse(CUSTOMER_NUMBERS, {"sort": "-number"}), ids=tuple(r.id for r in ask(me, CUSTOMER_NUMBERS).rows)
    )
    assert listing.followed(me, CUSTOMER_NUMBERS, chosen, "show_subscriptions") == ["10025", "10024", "10023"]
    assert listing.followed(me, SUBSCRIPTIONS, parse(SUBSCRIPTIONS, {}), "show_customer_number") == ["10023", "10024"]
    assert listing.followed(me, CUSTOMER_NUMBERS, chosen, "add_to_group") == ["10025", "10024", "10023"]
    for actor, key in ((me, "export"), (me, "show"), (me, "no-such"), (me, "edit_groups"), (little, "add_to_group")):
        with pytest.raises(NotFound):
            listing.followed(actor, CUSTOMER_NUMBERS, chosen, key)


def test_every_action_leads_to_a_list_a_filter_or_a_column_that_is_there():
    for spec in LISTS.values():
        for action in spec.actions:
            if action.filters:
                assert LISTS[action.filters[0]].filter(action.filters[1])
            if action.reference:
                assert spec.column(action.reference).reference.to in LISTS
            if action.tab and spec is USERS:
                assert action.tab in {tab.key for tab in USER_TABS}
            elif action.tab:
                assert LISTS[action.tab].within_a(spec.key), "it stands on the row's page"


def test_all_that_match_are_those_that_matched_when_it_was_asked(owned):
    me, _ = owned
    query = parse(CUSTOMER_NUMBERS, {})
    assert len(listing.matching_ids(me, CUSTOMER_NUMBERS, query, 3)) == 3
    for shown in (0, 2, 4):
        with pytest.raises(Refused) as refused:
            listing.matching_ids(me, CUSTOMER_NUMBERS, query, shown)
        assert refused.value.key == "lists.changed"
    with pytest.raises(Refused):
        listing.matching_ids(me, CUSTOMER_NUMBERS, replace(query, tab="inactive"), 3)


# --- columns one chooses (L7)


def test_an_optional_column_is_hidden_until_it_is_chosen(owned):
    me, _ = owned
    assert preferences.hidden_columns(me, SUBSCRIPTIONS) == ([], [])
    assert preferences.toggle_column(me, SUBSCRIPTIONS, "cost_centre") == ([], ["cost_centre"])
    assert preferences.toggle_column(me, SUBSCRIPTIONS, "person") == (["person"], ["cost_centre"])
    assert preferences.toggle_column(me, SUBSCRIPTIONS, "cost_centre") == (["person", "cost_centre"], [])
    assert preferences.toggle_column(me, SUBSCRIPTIONS, "person") == (["cost_centre"], ["person"])
    assert "Kostnadsställe" in file_rows(me, SUBSCRIPTIONS)[0], "files hold it all the same"


def test_two_columns_chosen_at_the_same_moment_are_both_kept(owned):
    me, _ = owned
    start = threading.Barrier(2)

    def choose(column):
        start.wait()
        preferences.toggle_column(me, SUBSCRIPTIONS, column)

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(choose, ("person", "cost_centre")))
    assert preferences.hidden_columns(me, SUBSCRIPTIONS) == (["person"], ["cost_centre"])
