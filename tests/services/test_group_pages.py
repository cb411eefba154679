"""What the pages of groups show, and to whom (R1, U6)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from selfcare_app.services import costs, group_pages, listing
from selfcare_app.services.access import NotFound
from selfcare_app.services.database import writing
from selfcare_app.specs.lists import GROUP_MEMBERS
from selfcare_app.specs.permissions import Role
from selfcare_app.specs.queries import Parent, parse
from tests import factories as make


@pytest.fixture
def firm(database):
    with writing() as db:
        company = make.company(db)
        number, hidden = (make.customer_number(db, company, n, opened=date(2025, 6, 9)) for n in ("10023", "10057"))
        subscription = make.subscription(db, number, "S1", person="Åsa Ek")
        sales, support = (make.group(db, company, "Avdelning", name) for name in ("Sälj", "Support"))
        make.group(db, company, "Bolag", "Norr")
        make.member(db, sales, number, date(2026, 3, 1), date(2026, 11, 1))
        make.member(db, support, number, date(2026, 12, 1))
        make.member(db, sales, subscription, date(2025, 6, 1), date(2026, 10, 1))
        make.member(db, sales, hidden, date(2026, 11, 1))
        make.invoice(db, number, "9001", [("100.00", None), ("40.00", subscription)])
        costs.recount(db, company.id)
        part = make.user(db, company, "part@bjorko.example", Role.READER, access_all=False)
        make.grant(db, part, number)
        other = make.user(db, make.company(db, "Sjövik Vård AB", "5560125790"), "boss@sjovik.example")
        return sales.id, *map(make.actor, (make.user(db, company, "boss@bjorko.example"), part, other))


def test_the_structure_counts_what_one_sees_and_says_whether_there_is_room(firm):
    _, boss, part, stranger = firm
    found = group_pages.structure(boss)
    assert [(c.name, c.groups) for c in found.categories] == [("Avdelning", 2), ("Bolag", 1)]
    assert [(g.name, g.customer_numbers, g.subscriptions) for g in found.groups] == [
        ("Support", 0, 0), ("Sälj", 2, 1), ("Norr", 0, 0),
    ]  # fmt: skip
    assert (found.room_for_category, found.room_for_group) == (True, True)
    assert group_pages.structure(part).groups[1].customer_numbers == 1
    assert group_pages.structure(stranger).groups == []


def test_a_group_shows_members_now_coming_and_past_and_its_costs(firm):
    sales, boss, part, stranger = firm
    page = group_pages.group(boss, sales)
    assert (dict(page.costs)[date(2026, 10, 1)], len(page.costs)) == (140, 12)
    query = replace(parse(GROUP_MEMBERS, {}), within=Parent("groups", str(sales)))
    listed = {actor: [row.id for row in listing.page(actor, GROUP_MEMBERS, query).rows] for actor in (boss, part)}
    shown = group_pages.members(boss, sales, listed[boss])
    assert [(m.label, m.name, m.state) for m in shown] == [
        ("10023", "Huvudkontor", "active"), ("10057", "Huvudkontor", "active"), ("S1", "Åsa Ek", "past"),
    ]  # fmt: skip
    assert [m.label for m in group_pages.members(part, sales, listed[boss])] == ["10023", "S1"]
    assert listed[part] == [id_ for id_, m in zip(listed[boss], shown, strict=True) if m.label != "10057"]
    assert group_pages.first_month(boss) == group_pages.first_month(part) == date(2025, 6, 1)
    for actor, group_id in ((stranger, sales), (boss, 10**6)):
        with pytest.raises(NotFound):
            group_pages.group(actor, group_id)


def test_a_thing_shows_its_own_groups_and_where_it_may_be_put(firm):
    _, boss, part, stranger = firm
    page = group_pages.thing(part, "customer-numbers", "10023")
    assert [(m.group, m.state) for m in page.memberships] == [("Sälj", "active"), ("Support", "coming")]
    assert (page.opened, page.last) == (date(2025, 6, 1), date(2027, 11, 1))
    assert group_pages.thing(boss, "subscriptions", "S1").name == "Åsa Ek"
    for actor, kind, number in (
        (part, "customer-numbers", "10057"),
        (stranger, "customer-numbers", "10023"),
        (boss, "connections", "10023"),
    ):
        with pytest.raises(NotFound):
            group_pages.thing(actor, kind, number)
