"""Which group something is in when: added, changed, ended, moved, removed, one by one and many at once (R2-R4, U5)."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import func, select

from selfcare_app.models import AuditEntry, GroupCostMonth, GroupMembership
from selfcare_app.services import costs, group_pages, group_undo, membership_changes
from selfcare_app.services.access import NotFound, Refused
from selfcare_app.services.database import session, writing
from selfcare_app.services.group_writes import Does, Stale
from selfcare_app.services.membership_changes import Add, ChangeMonths, End, Move, Named, Put, Remove, Thing
from selfcare_app.services.membership_plan import Book, Spell
from selfcare_app.specs.permissions import Permission, Role
from tests import factories as make

P = Permission
NOVEMBER = date(2026, 11, 1)


def month(said: str) -> date:
    return date.fromisoformat(f"{said}-01")


WRITES = [P.GROUPS_WRITE, P.CUSTOMER_NUMBERS_READ, P.SUBSCRIPTIONS_READ]


class Firm:
    """A customer number opened in June 2025 with a subscription, and two departments."""

    def __init__(self, db):
        self.company = make.company(db)
        self.number = make.customer_number(db, self.company, "10023", opened=date(2025, 6, 17))
        self.subscription = make.subscription(db, self.number, "S1", opened=date(2026, 2, 1))
        self.hidden = make.customer_number(db, self.company, "10057")
        self.sales, self.support = (make.group(db, self.company, "Avdelning", n) for n in ("Sälj", "Support"))
        self.office = make.group(db, self.company, "Kontor", "Gävle")
        self.boss = make.user(db, self.company, "boss@bjorko.example")
        self.finance = make.user(db, self.company, "finance@bjorko.example", Role.FINANCE)
        self.seer = make.user(db, self.company, "seer@bjorko.example", Role.READER, access_all=False)
        self.part = make.user(
            db, self.company, "part@bjorko.example", Role.CUSTOM, access_all=False, permissions=WRITES
        )
        make.grant(db, self.part, self.number)
        stranger = make.user(db, make.company(db, "Sjövik Vård AB", "5560125790"), "boss@sjovik.example")
        self.foreign_actor = make.actor(stranger)
        self.actor, self.writer, self.partial = make.actor(self.boss), make.actor(self.finance), make.actor(self.part)


NUMBER, SUBSCRIPTION = Thing("customer-numbers", "10023"), Thing("subscriptions", "S1")


@pytest.fixture
def firm(database):
    with writing() as db:
        return Firm(db)


def stays():
    """Every membership: group, member, first and last month."""
    with session() as db:
        rows = db.exec(select(GroupMembership).order_by(GroupMembership.start_month, GroupMembership.id)).all()
    who = ("10023" if r.customer_number_id else "S1" for r in rows)
    return [(r.group_id, next(who), f"{r.start_month:%Y-%m}", r.end_month and f"{r.end_month:%Y-%m}") for r in rows]


def apply(actor, *changes, **given):
    return membership_changes.apply(actor, list(changes), **given)


def add(firm, group, start=None, end=None, thing=NUMBER, actor=None, **how):
    change = Add(thing=thing, group=group.id, start=start and month(start), end=end and month(end), **how)
    return apply(actor or firm.actor, change).writes[0].id


def refusal_of(actor, *changes):
    with pytest.raises(Refused) as refused:
        apply(actor, *changes)
    return refused.value


# --- Adding


def test_a_membership_begins_when_the_customer_number_was_opened_unless_another_month_is_said(firm):
    add(firm, firm.sales)
    add(firm, firm.sales, thing=SUBSCRIPTION, actor=firm.partial)
    add(firm, firm.office, "2026-12", "2026-12")
    assert stays() == [
        (firm.sales.id, "10023", "2025-06", None),
        (firm.sales.id, "S1", "2025-06", None),
        (firm.office.id, "10023", "2026-12", "2026-12"),
    ]
    with session() as db:
        entries = db.exec(
            select(AuditEntry).where(AuditEntry.object_kind == "group_membership").order_by(AuditEntry.id)
        ).all()
    assert [(e.action, e.object_label, e.who) for e in entries][1] == (
        "group_membership.created", "S1 · Avdelning:Sälj", "part",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("start", "end", "refused"),
    [
        ("2025-05", None, "start"),
        ("2027-12", None, "start"),
        ("2026-11", "2026-10", "end"),
    ],
)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_months_outside_the_range_are_refused(firm, start, end, refused):
    change = Add(thing=NUMBER, group=firm.sales.id, start=month(start), end=end and month(end))
    found = refusal_of(firm.actor, change)
    assert found.key == f"grouping.refused.{refused}"
    if refused == "start":
        assert found.values == {"first": "2025-06", "last": "2027-11"}
    assert stays() == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_range_follows_the_month_in_sweden(firm):
    # Half past eleven on new year's eve in London is next year in Sweden.
    for at, last in (
        (datetime(2026, 12, 31, 22, 59, tzinfo=UTC), "2027-12"),
        (datetime(2026, 12, 31, 23, 0, tzinfo=UTC), "2028-01"),
        (datetime(2028, 2, 29, 23, 30, tzinfo=UTC), "2029-03"),
    ):
        actor = make.actor(firm.boss, at)
        change = Add(thing=NUMBER, group=firm.sales.id, start=month("2031-01"))
        assert refusal_of(actor, change).values["last"] == last
    membership_changes.apply(actor, [Add(thing=NUMBER, group=firm.sales.id, start=month("2029-03"))])


def test_an_overlap_in_the_category_is_refused_and_names_what_it_collides_with(firm):
    add(firm, firm.sales, "2026-03", "2026-12")
    for start, end in (("2025-06", "2026-03"), ("2026-12", None), ("2026-05", "2026-06"), ("2025-06", None)):
        change = Add(thing=NUMBER, group=firm.support.id, start=month(start), end=end and month(end))
        refused = refusal_of(firm.actor, change)
        assert (refused.key, refused.values) == (
            "grouping.refused.overlap", {"group": "Avdelning:Sälj", "start": "2026-03", "end": "2026-12"},
        )  # fmt: skip
    # Next to it, in another category, and for its subscription there is room.
    add(firm, firm.support, "2025-06", "2026-02")
    add(firm, firm.support, "2027-01")
    add(firm, firm.office)
    add(firm, firm.support, thing=SUBSCRIPTION)
    refused = refusal_of(firm.actor, Add(thing=NUMBER, group=firm.sales.id, start=month("2027-05")))
    assert (refused.key, refused.values["start"]) == ("grouping.refused.overlap_open", "2027-01")


def test_of_two_overlapping_memberships_made_at_the_same_moment_one_wins(firm):
    for _ in range(3):
        answers = []

        def attempt(group, answers=answers):
            try:
                add(firm, group, "2026-12")
                answers.append("made")
            except Refused as refused:
                answers.append(refused.key)

        threads = [threading.Thread(target=attempt, args=(group,)) for group in (firm.sales, firm.support)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(answers) == ["grouping.refused.overlap_open", "made"]
        with session() as db:
            (there,) = db.exec(select(GroupMembership).order_by(GroupMembership.id)).all()
        apply(firm.actor, Remove(membership=there.id))


@pytest.mark.postgres
@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_postgresql_itself_stores_no_overlap(firm):
    def put(*others):
        with writing() as db:
            make.member(db, firm.sales, firm.number, month("2026-03"), month("2026-05"))
            for other in others:
                make.member(db, firm.support, firm.number, month(other))

    with pytest.raises(IntegrityError, match="ex_group_membership_customer_number"):
        put("2026-05")
    put("2026-06")


# --- Changing, moving, removing


def test_a_move_ends_the_one_the_month_before_and_begins_the_other_with_its_end(firm):
    stay = add(firm, firm.sales, "2026-03", "2027-06")
    (outcome,) = apply(firm.actor, Move(membership=stay, group=firm.support.id, month=month("2027-01"))).outcomes
    assert (outcome.does, outcome.history) == (Does.MOVE, False)
    assert stays() == [
        (firm.sales.id, "10023", "2026-03", "2026-12"),
        (firm.support.id, "10023", "2027-01", "2027-06"),
    ]
    # One that would end before it began is removed.
    apply(firm.actor, Move(membership=stay, group=firm.support.id, month=month("2026-03")))
    assert stays() == [
        (firm.support.id, "10023", "2026-03", "2026-12"),
        (firm.support.id, "10023", "2027-01", "2027-06"),
    ]


def test_a_move_needs_another_group_of_the_category_and_a_month_within_the_membership(firm):
    stay = add(firm, firm.sales, "2026-03", "2027-06")
    for group, when, refused in (
        (firm.sales, "2027-01", "same_group"),
        (firm.office, "2027-01", "other_category"),
        (firm.support, "2027-07", "move_after_end"),
        (firm.support, "2028-01", "start"),
    ):
        change = Move(membership=stay, group=group.id, month=month(when))
        assert refusal_of(firm.actor, change).key == f"grouping.refused.{refused}"


def test_months_are_changed_and_a_coming_one_is_removed(firm):
    stay, coming = add(firm, firm.sales, "2026-03"), add(firm, firm.office, "2027-03")
    apply(firm.actor, ChangeMonths(membership=stay, start=month("2026-05"), end=NOVEMBER, version=1))
    late = ChangeMonths(membership=stay, start=month("2026-03"), end=None, version=1)
    assert refusal_of(firm.writer, late).key == "refused.changed_by.another"
    early = ChangeMonths(membership=stay, start=month("2025-01"), end=None)
    assert refusal_of(firm.actor, early).key == "grouping.refused.start"
    assert apply(firm.actor, Remove(membership=coming)).outcomes[0].history is False
    assert stays() == [(firm.sales.id, "10023", "2026-05", "2026-11")]
    assert apply(firm.actor, Remove(membership=stay)).outcomes[0].history is True
    assert stays() == []
    assert refusal_of(firm.actor, Remove(membership=stay)).key == "refused.not_found"


def test_many_are_ended_with_a_month_and_what_ends_by_then_stays(firm):
    """R3: the end month is the last included, across the year's end too."""
    first = add(firm, firm.sales, "2026-02")
    second = add(firm, firm.sales, "2026-02", "2026-12", thing=SUBSCRIPTION)
    later = add(firm, firm.office, "2027-03")
    ends = [End(membership=id_, month=month("2027-01")) for id_ in (first, second, later)]
    told = membership_changes.preview(firm.actor, ends).outcomes
    assert [each.does for each in told] == [Does.CHANGE, Does.NOTHING, Does.REFUSED]
    assert told[2].refused.key == "grouping.refused.end"
    apply(firm.actor, *ends, leave_out_refused=True)
    assert [end for *_, end in stays()] == ["2027-01", "2026-12", None]
    assert refusal_of(firm.foreign_actor, End(membership=first, month=NOVEMBER)).key == "refused.not_found"


def test_history_is_what_changes_in_months_that_have_passed(firm):
    stay = add(firm, firm.sales, "2026-03")
    (ending,) = membership_changes.preview(
        firm.actor, [ChangeMonths(membership=stay, start=month("2026-03"), end=NOVEMBER)]
    ).outcomes
    (rewriting,) = membership_changes.preview(
        firm.actor, [ChangeMonths(membership=stay, start=month("2026-03"), end=month("2026-09"))]
    ).outcomes
    assert (ending.history, rewriting.history) == (False, True)
    assert rewriting.differences == [("end", None, month("2026-09"))]


# --- Many at once


def test_changes_are_seen_together_so_that_one_makes_room_for_another(firm):
    stay = add(firm, firm.sales, "2026-03")
    changes = [
        Add(thing=NUMBER, group=("avdelning", "SUPPORT"), start=month("2027-01")),
        ChangeMonths(membership=stay, start=month("2026-03"), end=month("2026-12")),
        Add(thing=Thing("customer-numbers", "99999"), group=firm.sales.id),
        Add(thing=NUMBER, group=("Kontor", "Umeå")),
        Add(thing=NUMBER, group=firm.sales.id, start=month("2027-03")),
        Add(thing=NUMBER, group=firm.sales.id, start=month("2026-03"), end=month("2026-12")),
    ]
    seen = membership_changes.preview(firm.actor, changes)
    assert [o.does for o in seen.outcomes] == [
        Does.ADD, Does.CHANGE, Does.REFUSED, Does.REFUSED, Does.REFUSED, Does.NOTHING,
    ]  # fmt: skip
    assert [o.label for o in seen.refused] == ["99999", "10023", "10023"]
    assert len(stays()) == 1
    with pytest.raises(NotFound):
        apply(firm.actor, *changes)
    assert len(stays()) == 1, "all or nothing"
    apply(firm.actor, *changes, expected=seen.fingerprint, leave_out_refused=True)
    assert stays() == [
        (firm.sales.id, "10023", "2026-03", "2026-12"),
        (firm.support.id, "10023", "2027-01", None),
    ]


def test_many_may_be_moved_from_whatever_they_are_in(firm):
    add(firm, firm.sales, "2026-03", "2026-12")
    changes = [
        Add(thing=thing, group=firm.support.id, start=month("2026-12"), moving=True) for thing in (NUMBER, SUBSCRIPTION)
    ]
    seen = membership_changes.preview(firm.actor, changes)
    assert [o.does for o in seen.outcomes] == [Does.MOVE, Does.ADD]
    apply(firm.actor, *changes, expected=seen.fingerprint)
    assert stays() == [
        (firm.sales.id, "10023", "2026-03", "2026-11"),
        (firm.support.id, "10023", "2026-12", None),
        (firm.support.id, "S1", "2026-12", None),
    ]
    assert [o.does for o in membership_changes.preview(firm.actor, changes).outcomes] == [Does.NOTHING, Does.NOTHING]


def test_a_row_of_a_file_says_how_it_is_to_be(firm):
    add(firm, firm.sales, "2026-03", "2026-12")
    group = ("Avdelning", "Sälj")
    rows = [
        Put(thing=NUMBER, group=group, start=month("2026-04"), end=month("2026-08")),
        Put(thing=NUMBER, group=("Avdelning", "Support"), start=month("2026-09")),
        Put(thing=SUBSCRIPTION, group=group),
    ]
    assert [o.does for o in apply(firm.actor, *rows).outcomes] == [Does.CHANGE, Does.ADD, Does.ADD]
    assert [o.does for o in membership_changes.preview(firm.actor, rows).outcomes] == [Does.NOTHING] * 3
    assert (firm.sales.id, "10023", "2026-04", "2026-08") in stays()
    gone = [Remove(membership=Named(NUMBER, *group)), Remove(membership=Named(NUMBER, *group, month("2026-05")))]
    seen = membership_changes.preview(firm.actor, gone)
    assert [o.refused and o.refused.key for o in seen.outcomes] == [None, "grouping.refused.not_a_member"]


def test_what_has_changed_since_the_preview_is_shown_anew(firm):
    changes = [Add(thing=NUMBER, group=firm.sales.id, start=month("2027-01"))]
    seen = membership_changes.preview(firm.actor, changes)
    add(firm, firm.support, "2027-03")
    with pytest.raises(Stale) as stale:
        apply(firm.writer, *changes, expected=seen.fingerprint)
    assert stale.value.preview.outcomes[0].does == Does.REFUSED


# --- Costs


def test_costs_follow_at_once(firm):
    with writing() as db:
        make.invoice(db, firm.number, "9001", [("100.00", None), ("40.00", firm.subscription)])
        # A line follows its subscription, whichever customer number was invoiced.
        make.invoice(db, firm.hidden, "9002", [("7.00", firm.subscription)])
        costs.recount(db, firm.company.id)
    stay = add(firm, firm.sales)
    done = apply(firm.actor, Add(thing=SUBSCRIPTION, group=firm.support.id, start=month("2026-10")))

    def sums():
        with session() as db:
            found = select(GroupCostMonth.group_id, func.sum(GroupCostMonth.amount)).group_by(GroupCostMonth.group_id)
            return dict(db.exec(found).all())

    assert sums() == {firm.sales.id: 100, firm.support.id: 47}
    group_undo.undo(firm.actor, done.writes)
    assert sums() == {firm.sales.id: 140}
    apply(firm.actor, ChangeMonths(membership=stay, start=month("2026-11"), end=None))
    assert sums() == {}


# --- Who may


def test_what_one_does_not_see_cannot_be_put_anywhere_nor_taken_away(firm):
    hidden = Thing("customer-numbers", "10057")
    stay = add(firm, firm.sales, thing=hidden)
    for actor in (firm.partial, firm.foreign_actor):
        for change in (
            Add(thing=hidden, group=firm.office.id),
            Remove(membership=stay),
            Move(membership=stay, group=firm.support.id, month=NOVEMBER),
            Remove(membership=Named(hidden, "Avdelning", "Sälj")),
        ):
            with pytest.raises(NotFound):
                apply(actor, change)
            assert membership_changes.preview(actor, [change]).outcomes[0].label in ("", "10057")
    done = apply(firm.actor, Add(thing=hidden, group=firm.office.id))
    with pytest.raises(NotFound):
        group_undo.undo(firm.partial, done.writes)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("right", "thing"), [(P.CUSTOMER_NUMBERS_READ, NUMBER), (P.SUBSCRIPTIONS_READ, SUBSCRIPTION)])
def test_what_one_may_not_read_is_not_there_though_it_is_within_ones_access(firm, right, thing):
    stay = add(firm, firm.sales, thing=thing)
    done = apply(firm.actor, Add(thing=thing, group=firm.office.id))
    with writing() as db:
        part = db.merge(firm.part)
        part.permissions = [each for each in WRITES if each != right]
    actor = make.actor(part)
    unknown = Thing(thing.kind, "none")
    for change in (
        Add(thing=thing, group=firm.office.id),
        Put(thing=thing, group=firm.sales.id),
        End(membership=stay, month=NOVEMBER),
        Remove(membership=Named(thing, "Avdelning", "Sälj")),
    ):
        with pytest.raises(NotFound):
            apply(actor, change)
    seen = membership_changes.preview(actor, [Add(thing=each, group=firm.office.id) for each in (thing, unknown)])
    assert [(each.label, each.refused.key) for each in seen.refused] == [
        (each.number, "refused.not_found") for each in (thing, unknown)
    ]
    with pytest.raises(NotFound):
        group_pages.thing(actor, thing.kind, thing.number)
    with pytest.raises(NotFound):
        group_undo.undo(actor, done.writes)


def test_a_group_that_gives_access_asks_for_more_and_says_who_gains_and_loses_sight(firm):
    with writing() as db:
        make.grant(db, firm.seer, firm.sales)
        make.grant(db, firm.part, firm.support)
    now = Add(thing=NUMBER, group=firm.sales.id, start=month("2026-03"))
    assert refusal_of(firm.writer, now).key == "grouping.refused.gives_access"
    seen = membership_changes.preview(firm.writer, [now])
    assert (seen.refused[0].label, seen.sight) == ("10023", [])
    changes = [now, Add(thing=SUBSCRIPTION, group=firm.sales.id, start=month("2027-02"))]
    seen = membership_changes.preview(firm.actor, changes)
    # The subscription is seen through its customer number from the start.
    assert [(s.user, s.gains, s.what, s.month) for s in seen.sight] == [
        ("seer", True, "10023", NOVEMBER), ("seer", True, "S1", NOVEMBER),
    ]  # fmt: skip
    stay = apply(firm.actor, *changes).writes[0].id
    moved = Move(membership=stay, group=firm.support.id, month=month("2027-01"))
    seen = membership_changes.preview(firm.actor, [moved])
    # "part" sees the customer number anyway.
    assert [(s.user, s.gains, s.what, f"{s.month:%Y-%m}") for s in seen.sight] == [("seer", False, "10023", "2027-01")]
    assert refusal_of(firm.partial, moved).key == "grouping.refused.gives_access"
    with writing() as db:
        part = db.merge(firm.part)
        part.permissions = [*WRITES, P.MANAGE_USERS]
    assert refusal_of(make.actor(part), moved).key == "grouping.refused.gives_own_access"


# --- Undoing


def test_undo_takes_back_the_whole_unless_something_has_come_in_between(firm):
    stay = add(firm, firm.sales, "2026-03")
    done = apply(
        firm.actor,
        Move(membership=stay, group=firm.support.id, month=month("2026-06")),
        Add(thing=SUBSCRIPTION, group=firm.office.id),
    )
    assert len(stays()) == 3
    seen = group_undo.preview(firm.writer, done.writes)
    assert sorted(o.does for o in seen.outcomes) == [Does.CHANGE, Does.REMOVE, Does.REMOVE]
    again = group_undo.undo(firm.writer, done.writes, seen.fingerprint)
    assert stays() == [(firm.sales.id, "10023", "2026-03", None)]
    group_undo.undo(firm.writer, again.writes)
    assert len(stays()) == 3
    gone = apply(firm.actor, Remove(membership=stay))
    add(firm, firm.support, "2026-01", "2026-04")
    with pytest.raises(Refused, match="overlap"):
        group_undo.undo(firm.actor, gone.writes)


def test_a_plan_is_the_same_in_whichever_order_the_database_gives_what_is_stored():
    spells = [Spell(n, ("subscription_id", n), 1, 1, NOVEMBER, None) for n in range(1, 4)]
    books = [Book(NOVEMBER, order, {1: "Avdelning:Sälj"}) for order in (spells, reversed(spells))]
    for book in books:
        book.put(*(replace(spell, end=NOVEMBER) for spell in spells))
    assert books[0].changed() == books[1].changed()
