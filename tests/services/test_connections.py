"""The page of a connection: facts, and how much belongs to it (O1, U2, U5)."""

from dataclasses import replace

import pytest

from selfcare_app.models import ConnectionContact
from selfcare_app.services import connections
from selfcare_app.services.access import Forbidden, NotFound
from selfcare_app.services.database import writing
from selfcare_app.specs.permissions import READ, Permission, Role
from selfcare_app.specs.text import sort_key
from tests import factories as make
from tests.services.counting import statements


def _contact(db, of, name, email, phone=""):
    row = ConnectionContact(
        company_id=of.company_id, connection_id=of.id, name=name, name_sort=sort_key(name), email=email, phone=phone
    )
    return make.add(db, row)


@pytest.fixture
def world(database):
    """A connection with contacts and add-ons, a bare one on another customer number, and another company's."""
    with writing() as db:
        company, other = make.company(db), make.company(db, "Sjövik Vård AB", "5566778899")
        number = make.customer_number(db, company, "10023")
        aside = make.customer_number(db, company, "10038", "Förbindelser")
        first = make.connection(
            db, number, "F-100", sla="premium", equipment="Router X2", address="Kajgatan 4", city="Gävle"
        )
        _contact(db, first, "Örjan Ek", "orjan@bjorko.example", "+46701740611")
        _contact(db, first, "Åsa Lindström", "asa@bjorko.example")
        make.add_on(db, first, "IP8", "8 IP-adresser")
        make.connection(db, aside, "F-200")
        subscription = make.subscription(db, number, "710001")
        foreign = make.connection(db, make.customer_number(db, other, "20011"), "F-900")
        _contact(db, foreign, "Ingrid Sandell", "ingrid@sjovik.example")
        users = {
            "superuser": make.user(db, company, "super@bjorko.example"),
            "number": make.user(db, company, "number@bjorko.example", Role.READER, access_all=False),
            "single": make.user(db, company, "single@bjorko.example", Role.READER, access_all=False),
            "foreign": make.user(db, other, "super@sjovik.example"),
        }
        make.grant(db, users["number"], number)
        make.grant(db, users["single"], subscription)
        return {name: make.actor(user) for name, user in users.items()}


@pytest.mark.parametrize("who", ["superuser", "number"])
def test_it_tells_where_it_is_what_it_can_do_and_how_much_belongs_to_it(world, who):
    shown = connections.overview(world[who], "F-100")
    assert (shown.product, shown.service_type, shown.capacity) == ("data", "internet", "100/100")
    assert (shown.address, shown.city, shown.sla, shown.equipment) == ("Kajgatan 4", "Gävle", "premium", "Router X2")
    assert (shown.customer_number, shown.customer_number_name) == ("10023", "Huvudkontor")
    assert shown.parts == {"add-ons": 1, "contacts": 2}


def test_a_bare_one_has_empty_parts(world):
    shown = connections.overview(world["superuser"], "F-200")
    assert shown.parts == {"add-ons": 0, "contacts": 0}


def test_its_customer_number_is_not_told_to_who_may_not_read_customer_numbers(world):
    actor = replace(world["superuser"], permissions=READ - {Permission.CUSTOMER_NUMBERS_READ})
    shown = connections.overview(actor, "F-100")
    assert (shown.customer_number, shown.customer_number_name) == ("", "")


def test_without_the_right_to_read_connections_there_is_none(world):
    with pytest.raises(Forbidden):
        connections.overview(replace(world["superuser"], permissions=READ - {Permission.CONNECTIONS_READ}), "F-100")


@pytest.mark.parametrize(
    ("who", "number"),
    [
        ("superuser", "nope"),
        ("superuser", "F-900"),
        ("number", "F-200"),
        ("single", "F-100"),
        ("foreign", "F-100"),
    ],
)
def test_unknown_foreign_and_beyond_ones_access_are_the_same(world, who, number):
    with pytest.raises(NotFound) as refused:
        connections.overview(world[who], number)
    assert (refused.value.key, refused.value.values) == ("refused.not_found", {})


def test_how_many_statements_it_takes_does_not_grow_with_what_belongs_to_it(world, database):
    counted = []
    for number in ("F-100", "F-200"):
        with statements(database) as seen:
            connections.overview(world["superuser"], number)
        counted.append(len(seen))
    assert counted == [3, 3]
