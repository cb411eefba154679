"""A list within the page of something: its part and no more, whoever asks, on screen and in files."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import date

import pytest

from selfcare_app.models import Company
from selfcare_app.services import exporting, listing, narrowing
from selfcare_app.services.database import session, writing
from selfcare_app.specs.lists import LISTS, ListSpec
from selfcare_app.specs.permissions import Role
from selfcare_app.specs.queries import Parent, parse
from selfcare_app.state.rows import cell
from tests import factories as make

CASES = [(spec.key, within.kind) for spec in LISTS.values() for within in spec.within]


def world(db, company: Company, first: int) -> dict[str, list[str]]:
    """Two of everything, each with something within it; numbers by kind."""
    numbers: dict[str, list[str]] = {
        key: [] for key in ("customer-numbers", "subscriptions", "connections", "invoices", "groups", "users")
    }
    for at in range(2):
        of = make.customer_number(db, company, str(first + at), f"Nummer {first + at}")
        for which in range(2):
            subscription = make.subscription(db, of, f"S{first + at}{which}", person=f"Person {first + at}{which}")
            connection = make.connection(db, of, f"F{first + at}{which}")
            make.add_on(db, subscription, f"T{first + at}{which}", "Till abonnemang")
            make.add_on(db, connection, f"U{first + at}{which}", "Till förbindelse")
            make.contact(db, connection, f"{first + at}{which}@plats.example")
            invoice = make.invoice(db, of, f"9{first + at}{which}", [("10.00", subscription), ("5.00", None)])
            numbers["subscriptions"].append(subscription.number)
            numbers["connections"].append(connection.number)
            numbers["invoices"].append(invoice.number)
        numbers["customer-numbers"].append(of.number)
        group = make.group(db, company, f"Avdelning {first}", f"Grupp {at}")
        make.member(db, group, of, date(2026, 1, 1))
        make.member(db, group, subscription, date(2027, 1, 1))
        numbers["groups"].append(str(group.id))
        user = make.user(db, company, f"u{at}@{first}.example")
        make.entry(db, company, user, "customer_number.changed", object_kind="customer_number", object_id=of.id)
        make.entry(db, company, None, "user_changed", object_kind="user", object_id=user.id)
        make.entry(db, company, None, "sign_in_failed", object_kind="sign_in", object_id=user.sign_in_id)
        numbers["users"].append(str(user.id))
    return numbers


@pytest.fixture
def there(database):
    """Somebody with everything in a company that has a neighbour, and both companies' numbers."""
    with writing() as db:
        mine, theirs = make.company(db), make.company(db, "Sjövik Vård AB", "5560125790")
        own, foreign = world(db, mine, 10020), world(db, theirs, 20020)
        return make.actor(make.user(db, mine, "a@bjorko.example")), own, foreign, mine.id


def within(spec: ListSpec, kind: str, number: str):
    return replace(parse(spec, {"size": "100"}), within=Parent(kind, number))


def seen(actor, spec: ListSpec, kind: str, number: str) -> set[int]:
    return {row.id for row in listing.page(actor, spec, within(spec, kind, number)).rows}


@pytest.mark.parametrize(("key", "kind"), CASES)
def test_it_holds_what_belongs_there_and_nothing_else(there, key, kind):
    me, own, _, _ = there
    spec = LISTS[key]
    parts = [seen(me, spec, kind, number) for number in own[kind]]
    assert all(parts), "something belongs to each"
    assert sum(map(len, parts)) == len(set().union(*parts)), "nothing belongs to two"
    everything = {row.id for row in listing.page(me, spec, parse(spec, {"size": "100"})).rows}
    assert set().union(*parts) < everything or set().union(*parts) == everything


@pytest.mark.parametrize(("key", "kind"), CASES)
def test_foreign_unknown_and_malformed_hold_nothing(there, key, kind):
    me, own, foreign, _ = there
    spec = LISTS[key]
    for number in (foreign[kind][0], "no-such-number", "", own[kind][0] + "x"):
        assert seen(me, spec, kind, number) == set()
        assert listing.matching_ids(me, spec, within(spec, kind, number)) == []
    assert seen(me, spec, "price-plans", own[kind][0]) == set(), "a kind it doesn't stand within"
    assert listing.page(me, spec, parse(spec, {"within": "nonsense"})).total == 0


@pytest.mark.parametrize(("key", "kind"), CASES)
def test_the_file_holds_what_the_page_shows(there, key, kind):
    me, own, _, _ = there
    spec = LISTS[key]
    query = within(spec, kind, own[kind][1])
    page = listing.page(me, spec, query)
    read = parse(spec, query.parameters(spec))
    raw = b"".join(exporting.export(me, spec, read, "csv").pieces).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(raw), delimiter=";"))[1:]
    first = spec.columns[0]
    assert [row[0] for row in rows] == [cell(first, row.values[first.key], None) for row in page.rows]


@pytest.mark.parametrize("kind", sorted({kind for _, kind in CASES}))
def test_the_tabs_of_a_page_count_what_its_lists_hold(there, kind):
    me, own, _, _ = there
    with session() as db:
        for number in own[kind]:
            id_ = listing.page(me, LISTS[kind], parse(LISTS[kind], {"size": "100"})).rows
            row = next(each for each in id_ if each.number == number)
            counted = narrowing.parts(db, me, kind, row.id)
            assert counted == {key: len(seen(me, LISTS[key], kind, number)) for key, of in CASES if of == kind}


OTHER_RIGHTS = [(key, kind) for key, kind in CASES if set(LISTS[key].permissions) - {LISTS[kind].permission}]
"""Where the list may be read without the right to the page."""


@pytest.mark.parametrize(("key", "kind"), OTHER_RIGHTS)
def test_without_the_right_to_the_page_there_is_nothing_within_it(there, key, kind):
    _, own, _, company_id = there
    spec = LISTS[key]
    rights = sorted({p.value for p in spec.permissions} - {LISTS[kind].permission.value})
    with writing() as db:
        company = db.get(Company, company_id)
        user = make.user(db, company, "c@bjorko.example", Role.CUSTOM, permissions=rights)
        me = make.actor(user)
    assert seen(me, spec, kind, own[kind][0]) == set()


def test_a_single_subscription_shows_its_lines_and_not_the_invoice(database):
    """U5: the invoice's number stands on the line and leads nowhere."""
    with writing() as db:
        company = make.company(db)
        numbers = world(db, company, 10020)
        user = make.user(db, company, "p@bjorko.example", Role.READER, access_all=False)
        row = db.query(make.Subscription).filter_by(number=numbers["subscriptions"][0]).one()
        make.grant(db, user, row)
        me = make.actor(user)
        all_seeing = make.actor(make.user(db, company, "a@bjorko.example"))
    lines = LISTS["invoice-lines"]
    page = listing.page(me, lines, within(lines, "subscriptions", numbers["subscriptions"][0]))
    assert [(row.values["invoice"], row.also["invoice"]) for row in page.rows] == [(numbers["invoices"][0], None)]
    assert "show_invoice" not in page.rows[0].fits
    assert seen(me, lines, "invoices", numbers["invoices"][0]) == set()
    assert listing.page(me, lines, parse(lines, {})).total == 1
    assert listing.page(me, LISTS["invoices"], parse(LISTS["invoices"], {})).total == 0
    follow = listing.followed(me, lines, parse(lines, {}), "show_invoice")
    assert follow == []
    whole = listing.page(all_seeing, lines, within(lines, "subscriptions", numbers["subscriptions"][0]))
    assert whole.rows[0].also["invoice"] == numbers["invoices"][0]
    assert "show_invoice" in whole.rows[0].fits


@pytest.mark.parametrize(
    ("rights", "found"),
    [
        (["subscriptions.read"], {"Till abonnemang"}),
        (["connections.read"], {"Till förbindelse"}),
        (["subscriptions.read", "connections.read"], {"Till abonnemang", "Till förbindelse"}),
    ],
)
def test_add_ons_are_seen_by_whoever_may_read_what_they_belong_to(database, rights, found):
    with writing() as db:
        company = make.company(db)
        world(db, company, 10020)
        user = make.user(db, company, "c@bjorko.example", Role.CUSTOM, permissions=["customer_numbers.read", *rights])
        me = make.actor(user)
    spec = LISTS["add-ons"]
    page = listing.page(me, spec, within(spec, "customer-numbers", "10020"))
    assert {row.values["add_on"] for row in page.rows} == found
    raw = b"".join(exporting.export(me, spec, parse(spec, {}), "csv").pieces).decode()
    assert {name for name in ("Till abonnemang", "Till förbindelse") if name in raw} == found


def test_filters_and_groups_narrow_within_a_page_too(database):
    with writing() as db:
        company = make.company(db)
        numbers = world(db, company, 10020)
        group = make.group(db, company, "Avdelning", "Ekonomi")
        row = db.query(make.Subscription).filter_by(number=numbers["subscriptions"][0]).one()
        make.member(db, group, row, date(2026, 1, 1))
        me = make.actor(make.user(db, company, "a@bjorko.example"))
    spec = LISTS["subscriptions"]
    query = within(spec, "customer-numbers", "10020")
    assert [r.number for r in listing.page(me, spec, replace(query, search="person 100201")).rows] == ["S100201"]
    grouped = listing.page(me, spec, query.with_filter("group", (str(group.id),)))
    assert [r.number for r in grouped.rows] == ["S100200"]
    assert (
        listing.page(me, spec, within(spec, "customer-numbers", "10021").with_filter("group", (str(group.id),))).total
        == 0
    )
