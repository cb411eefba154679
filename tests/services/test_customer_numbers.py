"""The page of a customer number: facts, groups, and how much belongs to it of what the reader may read (O1, U2)."""

from dataclasses import replace
from datetime import date

import pytest

from selfcare_app.services import customer_numbers
from selfcare_app.services.access import NotFound
from selfcare_app.services.database import writing
from selfcare_app.specs.permissions import READ, Permission, Role
from tests import factories as make
from tests.services.counting import statements

NOVEMBER = date(2026, 11, 1)
WHOLE = {"subscriptions": 3, "connections": 1, "add-ons": 2, "invoices": 2}


@pytest.fixture
def world(database):
    """A company with two customer numbers, and another company."""
    with writing() as db:
        company, other = make.company(db), make.company(db, "Sjövik Vård AB", "5566778899")
        number = make.customer_number(db, company, "10023", opened=date(2019, 3, 1))
        make.customer_number(db, company, "10024", "Mark", closed=date(2026, 11, 23))
        make.customer_number(db, company, "10019", "Norrtälje", closed=date(2026, 11, 22))
        foreign = make.customer_number(db, other, "20011", "Kansli")
        subscriptions = [make.subscription(db, number, n) for n in ("S1", "S2", "S3")]
        make.add_on(db, subscriptions[0], "DATA10")
        make.add_on(db, make.connection(db, number, "F1"), "IP8")
        make.invoice(db, number, "80001")
        make.invoice(db, number, "80002")
        make.subscription(db, foreign, "X1")
        make.invoice(db, foreign, "90001")
        groups = {
            n: make.group(db, company, c, n)
            for c, n in (("Avdelning", "Ekonomi"), ("Avdelning", "Mark"), ("Region", "Mitt"))
        }
        make.member(db, groups["Mark"], number, date(2025, 1, 1), date(2026, 10, 1))
        make.member(db, groups["Ekonomi"], number, NOVEMBER, NOVEMBER)
        make.member(db, groups["Mark"], number, date(2026, 12, 1))
        make.member(db, groups["Mitt"], number, date(2020, 1, 1))
        users = {
            "superuser": make.user(db, company, "super@bjorko.example"),
            "partial": make.user(db, company, "partial@bjorko.example", Role.READER, access_all=False),
            "single": make.user(db, company, "single@bjorko.example", Role.READER, access_all=False),
            "grouped": make.user(db, company, "grouped@bjorko.example", Role.READER, access_all=False),
            "foreign": make.user(db, other, "super@sjovik.example"),
        }
        make.grant(db, users["partial"], number)
        make.grant(db, users["single"], subscriptions[0])
        make.grant(db, users["grouped"], groups["Ekonomi"])
        return {name: make.actor(user, company_name="Björkö Bygg AB") for name, user in users.items()}


def test_it_tells_what_it_is_and_what_belongs_to_it(world):
    shown = customer_numbers.overview(world["superuser"], "10023")
    assert (shown.number, shown.name, shown.type, shown.status) == ("10023", "Huvudkontor", "mobile", "active")
    assert (shown.opened, shown.closed, shown.company) == (date(2019, 3, 1), None, "Björkö Bygg AB")
    assert shown.parts == WHOLE


@pytest.mark.parametrize(("number", "status"), [("10024", "active"), ("10019", "inactive")])
def test_it_is_in_use_until_the_day_it_is_closed(world, number, status):
    assert customer_numbers.overview(world["superuser"], number).status == status


def test_groups_are_those_in_force_then_coming_then_past(world):
    groups = customer_numbers.overview(world["superuser"], "10023").groups
    assert [(g.name, g.state) for g in groups] == [
        ("Avdelning:Ekonomi", "active"),
        ("Region:Mitt", "active"),
        ("Avdelning:Mark", "coming"),
        ("Avdelning:Mark", "past"),
    ]
    assert not any(g.inherited for g in groups)


@pytest.mark.parametrize(
    ("missing", "parts"),
    [
        (Permission.SUBSCRIPTIONS_READ, {"connections": 1, "add-ons": 1, "invoices": 2}),
        (Permission.CONNECTIONS_READ, {"subscriptions": 3, "add-ons": 1, "invoices": 2}),
        (Permission.INVOICES_READ, {"subscriptions": 3, "connections": 1, "add-ons": 2}),
        (Permission.GROUPS_READ, WHOLE),
    ],
)
def test_what_one_may_not_read_is_not_even_counted(world, missing, parts):
    shown = customer_numbers.overview(replace(world["superuser"], permissions=READ - {missing}), "10023")
    assert shown.parts == parts
    assert bool(shown.groups) == (missing is not Permission.GROUPS_READ)


@pytest.mark.parametrize(
    ("who", "number"),
    [
        ("superuser", "nope"),
        ("superuser", "20011"),
        ("partial", "10024"),
        ("single", "10023"),
        ("grouped", "10024"),
        ("foreign", "10023"),
    ],
)
def test_unknown_foreign_and_beyond_ones_access_are_the_same(world, who, number):
    with pytest.raises(NotFound) as refused:
        customer_numbers.overview(world[who], number)
    assert refused.value.key == "refused.not_found"


@pytest.mark.parametrize("who", ["partial", "grouped"])
def test_access_to_the_number_or_to_a_group_it_is_in_covers_all_that_belongs_to_it(world, who):
    assert customer_numbers.overview(world[who], "10023").parts == WHOLE


def test_how_many_statements_it_takes_does_not_grow_with_what_belongs_to_it(world, database):
    counted = []
    for number in ("10023", "10024"):
        with statements(database) as seen:
            customer_numbers.overview(world["superuser"], number)
        counted.append(len(seen))
    assert counted == [3, 3]
