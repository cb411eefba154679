"""Who stands in for an approver, from a day to a day (C6)."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlmodel import select

from selfcare_app.models import AuditEntry, User
from selfcare_app.services import deputies
from selfcare_app.services.access import NotFound, Refused
from selfcare_app.services.database import session, writing
from selfcare_app.specs.permissions import Role
from tests import factories as make
from tests.factories import NOW

TODAY = NOW.date()


def day(after):
    return TODAY + timedelta(days=after)


@pytest.fixture
def firm(database):
    with writing() as db:
        company, other = make.company(db), make.company(db, "Sjövik Vård AB", "5560125790")
        return {
            "anna": make.user(db, company, "anna@bjorko.example", Role.APPROVER, name="Anna"),
            "bo": make.user(db, company, "bo@bjorko.example", Role.APPROVER, name="Bo"),
            "cia": make.user(db, company, "cia@bjorko.example", name="Cia"),
            "reader": make.user(db, company, "reader@bjorko.example", Role.READER, name="Reader"),
            "gone": make.user(db, company, "gone@bjorko.example", Role.APPROVER, name="Gone", disabled_at=NOW),
            "invited": make.user(db, company, "i@bjorko.example", Role.APPROVER, name="Invited", activated_at=None),
            "foreign": make.user(db, other, "f@sjovik.example", Role.APPROVER, name="Foreign"),
        }


def name(firm, who, starts, ends, of="anna", at=NOW):
    deputies.name_deputy(make.actor(firm[of], at), firm[who].id, day(starts), day(ends))


def named(firm, of="anna", at=NOW):
    return [(each.name, each.starts, each.ends) for each in deputies.standing(make.actor(firm[of], at)).named]


def log():
    with session() as db:
        return [(row.action, row.object_label) for row in db.exec(select(AuditEntry).order_by(AuditEntry.id))]


def test_a_deputy_is_named_and_ended_and_both_names_stand_in_the_log(firm):
    name(firm, "bo", 0, 3)
    name(firm, "cia", 10, 10)
    assert named(firm) == [("Bo", TODAY, day(3)), ("Cia", day(10), day(10))]
    assert named(firm, of="bo") == [], "being one is not having one"
    anna, later = make.actor(firm["anna"]), make.actor(firm["anna"], NOW + timedelta(days=2))
    first, second = deputies.standing(anna).named
    deputies.end_deputy(anna, second.id)
    deputies.end_deputy(later, first.id)
    assert named(firm, at=later.at) == []
    assert named(firm) == [("Bo", TODAY, day(1))], "what has been is not undone"
    assert log() == [
        ("deputy_named", "Anna – Bo"),
        ("deputy_named", "Anna – Cia"),
        ("deputy_ended", "Anna – Cia"),
        ("deputy_ended", "Anna – Bo"),
    ]
    with pytest.raises(NotFound):
        deputies.end_deputy(later, first.id)


@pytest.mark.parametrize(
    ("who", "starts", "ends", "key"),
    [
        ("anna", 0, 1, "oneself"),
        ("bo", 2, 1, "backwards"),
        ("bo", -1, 1, "over"),
        ("bo", 0, 800, "too_far"),
        ("reader", 0, 1, "cannot_approve"),
        ("gone", 0, 1, "cannot_approve"),
        ("invited", 0, 1, "cannot_approve"),
        ("foreign", 0, 1, "cannot_approve"),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_is_kept(firm, who, starts, ends, key):
    with pytest.raises(Refused) as refused:
        name(firm, who, starts, ends)
    assert refused.value.key == f"profile.deputies.refused.{key}"
    assert (named(firm), log()) == ([], [])


def test_days_that_are_taken_are_refused_with_whom_by_and_their_neighbours_are_free(firm):
    name(firm, "bo", 5, 7)
    for starts, ends in ((7, 9), (3, 5), (6, 6), (0, 20)):
        with pytest.raises(Refused) as refused:
            name(firm, "cia", starts, ends)
        assert refused.value.values == {"name": "Bo", "starts": day(5).isoformat(), "ends": day(7).isoformat()}
    name(firm, "cia", 8, 9)
    name(firm, "cia", 3, 4)
    name(firm, "anna", 5, 7, of="bo")
    assert len(named(firm)) == 3


def test_of_two_at_the_same_moment_for_the_same_days_one_wins(firm):
    barrier, through = threading.Barrier(2), []

    def attempt(who):
        barrier.wait()
        try:
            name(firm, who, 0, 1)
        except Refused:
            return
        through.append(who)

    threads = [threading.Thread(target=attempt, args=(who,)) for who in ("bo", "cia")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(through) == len(named(firm)) == 1


def test_nobody_ends_anothers_and_one_who_lost_the_right_is_pointed_out(firm):
    name(firm, "bo", 0, 3)
    (row,) = deputies.standing(make.actor(firm["anna"])).named
    for other in ("bo", "cia", "foreign"):
        with pytest.raises(NotFound):
            deputies.end_deputy(make.actor(firm[other]), row.id)
    with writing() as db:
        db.get(User, firm["bo"].id).role = Role.READER
    found = deputies.standing(make.actor(firm["anna"]))
    assert not found.named[0].able
    assert [who for _, who in found.candidates] == ["Cia"]
