"""What a user sees, told to a manager: why an object shows, and what the lists hold, never beyond the manager's own."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlmodel import func, select

from selfcare_app.models import AuditEntry, Session
from selfcare_app.services import insight, listing
from selfcare_app.services.access import Forbidden, NotFound
from selfcare_app.services.database import session, writing
from selfcare_app.services.insight import Grant, Reason
from selfcare_app.specs.permissions import EVERYTHING, Permission, Role
from selfcare_app.specs.queries import parse
from tests import factories as make

NOVEMBER, DECEMBER = (datetime(2026, month, 20, tzinfo=UTC) for month in (11, 12))
MAY_ALL = sorted(EVERYTHING)


@pytest.fixture
def there(database):
    """Three customer numbers, each with a subscription, a connection and an invoice; users of each sort."""
    with writing() as db:
        company, other = make.company(db), make.company(db, "Sjövik Vård AB", "5560125790")
        numbers, subscriptions = [], []
        for at in range(3):
            number = make.customer_number(db, company, f"1000{at}", f"Nummer {at}")
            subscriptions.append(make.subscription(db, number, f"S{at}", person=f"Person {at}"))
            make.connection(db, number, f"F{at}")
            make.invoice(db, number, f"9000{at}")
            numbers.append(number)
        make.customer_number(db, other, "20000", "Annans")
        whole, lone = make.group(db, company, "Avdelning", "Hela"), make.group(db, company, "Region", "Ett")
        make.member(db, whole, numbers[1], date(2026, 11, 1), date(2026, 11, 1))
        make.member(db, lone, subscriptions[2], date(2026, 10, 1))
        users = {
            "boss": make.user(db, company, "boss@bjorko.example", name="Boss"),
            "all": make.user(db, company, "all@bjorko.example", Role.READER),
            "none": make.user(db, company, "none@bjorko.example", Role.READER, access_all=False),
            "number": make.user(db, company, "number@bjorko.example", Role.READER, access_all=False),
            "single": make.user(db, company, "single@bjorko.example", Role.READER, access_all=False),
            "group": make.user(db, company, "group@bjorko.example", Role.READER, access_all=False),
            "narrow": make.user(db, company, "narrow@bjorko.example", Role.CUSTOM, permissions=["subscriptions.read"]),
            # A manager who sees the first customer number, and a single subscription of the second.
            "partial": make.user(
                db, company, "partial@bjorko.example", Role.CUSTOM, access_all=False, permissions=MAY_ALL
            ),
            "foreign": make.user(db, other, "boss@sjovik.example"),
        }
        make.grant(db, users["number"], numbers[0])
        make.grant(db, users["number"], numbers[1])
        make.grant(db, users["single"], subscriptions[0])
        make.grant(db, users["group"], whole)
        make.grant(db, users["group"], lone)
        make.grant(db, users["partial"], numbers[0])
        make.grant(db, users["partial"], subscriptions[1])
        return {name: make.actor(user, at=NOVEMBER) for name, user in users.items()}


def why(there, who, kind, number, manager="boss", at=NOVEMBER):
    return insight.explain(replace(there[manager], at=at), there[who].user_id, kind, number)


def test_the_grants_that_let_a_user_see_an_object_are_named(there):
    assert why(there, "all", "invoices", "90000").grants == [Grant(Reason.ALL)]
    assert why(there, "number", "customer-numbers", "10000").grants == [Grant(Reason.CUSTOMER_NUMBER, "10000 Nummer 0")]
    assert why(there, "number", "invoices", "90000").grants == [
        Grant(Reason.CUSTOMER_NUMBER, "10000 Nummer 0", inherited=True)
    ]
    assert why(there, "single", "subscriptions", "S0").grants == [Grant(Reason.SUBSCRIPTION, "S0")]
    assert why(there, "single", "customer-numbers", "10000").grants == []
    month = date(2026, 11, 1)
    assert why(there, "group", "connections", "F1").grants == [
        Grant(Reason.GROUP, "Avdelning:Hela", month, month, inherited=True)
    ]
    assert why(there, "group", "subscriptions", "S2").grants == [Grant(Reason.GROUP, "Region:Ett", date(2026, 10, 1))]


def test_a_group_counts_in_the_present_month_only(there):
    assert why(there, "group", "customer-numbers", "10001").seen
    assert not why(there, "group", "customer-numbers", "10001", at=DECEMBER).seen
    assert why(there, "group", "subscriptions", "S2", at=DECEMBER).seen, "until further notice"


def test_access_without_the_right_to_read_such_things_is_not_enough(there):
    said = why(there, "narrow", "invoices", "90000")
    assert (said.seen, said.permitted, said.grants) == (False, False, [Grant(Reason.ALL)])
    assert why(there, "narrow", "subscriptions", "S0").seen


def test_it_says_what_the_users_own_lists_show(there):
    """Every user, every object, this month and the next: the explanation and the scope agree."""
    for at in (NOVEMBER, DECEMBER):
        for kind, spec in insight.OBJECTS.items():
            objects = [row.number for row in listing.page(there["boss"], spec, parse(spec, {})).rows]
            assert len(objects) == 3
            for who in ("boss", "all", "none", "number", "single", "group", "narrow", "partial"):
                user = replace(there[who], at=at)
                seen = (
                    {row.number for row in listing.page(user, spec, parse(spec, {})).rows}
                    if listing.opens(user, spec)
                    else set()
                )
                said = {number for number in objects if why(there, who, kind, number, at=at).seen}
                assert said == seen, (who, kind, at)


def test_a_manager_is_told_of_what_they_see_themselves_only(there):
    for kind, number in (
        ("customer-numbers", "10001"), ("customer-numbers", "20000"), ("invoices", "90002"), ("subscriptions", "S2"),
        ("customer-numbers", "none"), ("users", "1"), ("", ""),
    ):  # fmt: skip
        with pytest.raises(NotFound):
            why(there, "number", kind, number, manager="partial")
    with pytest.raises(NotFound):
        why(there, "foreign", "customer-numbers", "10000")
    hidden = why(there, "number", "subscriptions", "S1", manager="partial")
    assert hidden.grants == [Grant(Reason.CUSTOMER_NUMBER, "", inherited=True)], "seen, and the number isn't told"
    grouped = why(there, "group", "subscriptions", "S1", manager="partial")
    assert grouped.grants == [Grant(Reason.GROUP, inherited=True)], "nor the group of a number they don't see"
    without = replace(there["boss"], permissions=EVERYTHING - {Permission.INVOICES_READ})
    with pytest.raises(NotFound):
        insight.explain(without, there["all"].user_id, "invoices", "90000")
    with pytest.raises(Forbidden):
        insight.explain(there["all"], there["all"].user_id, "invoices", "90000")


def test_objects_are_found_among_what_the_manager_sees(there):
    assert [(each.kind, each.number) for each in insight.find(there["boss"], "nummer 10000")] == [
        ("customer-numbers", "10000")
    ]
    assert {each.number for each in insight.find(there["partial"], "person")} == {"S0", "S1"}
    assert insight.find(there["partial"], "nummer 2") == []
    assert insight.find(there["boss"], "  ") == []


def test_a_preview_counts_what_both_see_and_leaves_no_trace(there):
    def counts(who, manager="boss"):
        return {
            each.key: (each.count, each.of)
            for each in insight.preview(there[manager], there[who].user_id)
            if each.permitted
        }

    objects = ("customer-numbers", "subscriptions", "connections", "invoices")
    assert {key: counts("all")[key] for key in objects} == dict.fromkeys(objects, (3, 3))
    assert {key: counts("none")[key] for key in objects} == dict.fromkeys(objects, (0, 3))
    assert counts("number")["invoices"] == (2, 3)
    assert counts("single")["subscriptions"] == (1, 3)
    assert counts("single")["customer-numbers"] == (0, 3)
    assert counts("number", "partial")["customer-numbers"] == (1, 1), "of two, the manager sees one"
    assert counts("number", "partial")["subscriptions"] == (2, 2)
    assert set(counts("narrow")) == {"subscriptions"}
    first = next(
        each for each in insight.preview(there["boss"], there["number"].user_id) if each.key == "subscriptions"
    )
    assert [number for number, _ in first.first] == ["S0", "S1"]
    assert "Person 0" in first.first[0][1]
    with pytest.raises(NotFound):
        insight.preview(there["boss"], there["foreign"].user_id)
    with session() as db:
        assert db.exec(select(func.count()).select_from(AuditEntry)).one() == 0
        assert db.exec(select(func.count()).select_from(Session)).one() == 0
