"""Any sequence of changes keeps at most one group per thing, category and month, and costs that sum up (R2, R7)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete
from sqlmodel import col, select

from selfcare_app.models import GroupMembership
from selfcare_app.services import costs, group_undo, membership_changes
from selfcare_app.services.access import Refused
from selfcare_app.services.database import session, writing
from selfcare_app.services.membership_changes import Add, ChangeMonths, Move, Remove, Thing
from selfcare_app.services.uploads import uploading
from selfcare_app.services.uploads.kind import Outcome
from selfcare_app.specs.months import months_from_to
from tests import factories as make
from tests.uploads import MEMBERSHIPS, checked

FIRST, LAST = date(2026, 9, 1), date(2027, 2, 1)
"""The months that are looked at: across a year's end, before and after the present one."""
MONTHS = months_from_to(FIRST, LAST)
BILLED = months_from_to(FIRST, date(2026, 11, 1))
THINGS = (Thing("customer-numbers", "10023"), Thing("subscriptions", "S1"))
GROUPS = {1: 1, 2: 1, 3: 2}
"""Groups with their categories, by the ids that they have in an empty database."""
NAMES = {1: ("Avdelning", "Sälj"), 2: ("Avdelning", "Support"), 3: ("Kontor", "Gävle")}
month = st.sampled_from(MONTHS)
span = st.tuples(month, st.none() | month)
step = st.one_of(
    st.tuples(st.sampled_from(["add", "moving", "file"]), st.integers(0, 1), st.sampled_from([*GROUPS]), span),
    st.tuples(st.sampled_from(["months", "move", "remove"]), st.integers(0, 5), st.sampled_from([*GROUPS]), span),
    st.just(("undo", 0, 1, (FIRST, None))),
)
Model = dict[tuple[int, int, date], int]
"""The group of each thing in each category and month."""


def months_of(row):
    return {m for m in MONTHS if row.start_month <= m and (row.end_month is None or m <= row.end_month)}


def stored():
    """The memberships, and the month by month that they make."""
    with session() as db:
        of = (col(GroupMembership.start_month), col(GroupMembership.id))
        rows = list(db.exec(select(GroupMembership).order_by(*of)).all())
    model: Model = {}
    for row in rows:
        for m in months_of(row):
            key = (thing_of(row), row.category_id, m)
            assert key not in model, "two groups of a category in one month"
            model[key] = row.group_id
    return rows, model


def thing_of(row):
    return 0 if row.customer_number_id else 1


def change_of(said, row):
    kind, which, group, (start, end) = said
    match kind:
        case "months":
            return ChangeMonths(membership=row.id, start=start, end=end)
        case "move":
            return Move(membership=row.id, group=group, month=start)
        case "remove":
            return Remove(membership=row.id)
        case _:
            return Add(thing=THINGS[which], group=group, start=start, end=end, moving=kind == "moving")


def expected(model, said, row, rows):
    """What the change makes of the calendar; None: it must be refused. Month by month, without a span."""
    kind, which, group, (start, end) = said
    now, thing, category = dict(model), which, GROUPS[group]
    months = {m for m in MONTHS if m >= start and (end is None or m <= end)}
    left = set()
    if row is not None:
        thing, left = thing_of(row), months_of(row)
        if kind == "move":
            ended = row.end_month is not None and start > row.end_month
            if group == row.group_id or category != row.category_id or ended:
                return None
            left = {m for m in left if m >= start}
            months = {m for m in MONTHS if m >= start and (row.end_month is None or m <= row.end_month)}
        category, group = row.category_id, group if kind == "move" else row.group_id
    elif kind == "file" and (of_group := in_file(rows, said)):
        if len(of_group) > 1:
            return None
        left = months_of(of_group[0])
    else:
        same = (r for r in rows if thing_of(r) == thing and r.category_id == category and start in months_of(r))
        there = next(same, None)
        if there is not None and (there.group_id, there.end_month) == (group, end):
            return now
        if there is not None and kind == "moving" and there.group_id != group:
            left = {m for m in months_of(there) if m >= start}
    for m in left:
        del now[thing, category, m]
    if kind == "remove":
        return now
    if not months or any((thing, category, m) in now for m in months):
        return None
    return now | {(thing, category, m): group for m in months}


def in_file(rows, said):
    """The memberships that a row of a file is about: that of the group which begins then, else those that overlap."""
    _, thing, group, (start, end) = said
    own = [row for row in rows if thing_of(row) == thing and row.group_id == group]
    overlaps = [
        r for r in own if (r.end_month is None or start <= r.end_month) and (end is None or r.start_month <= end)
    ]
    return [row for row in own if row.start_month == start] or overlaps


def by_file(actor, said):
    """Send it in as a file of one row, and apply that. Gives what undoes it."""
    _, which, group, (start, end) = said
    row = ("", THINGS[which].number, *NAMES[group], f"{start:%Y-%m}", f"{end:%Y-%m}" if end else "", "")
    upload, plan = checked(actor, MEMBERSHIPS, [row])
    if plan.problems:
        raise Refused(plan.problems[0].key)
    if plan.counts[Outcome.UNCHANGED]:
        return lambda: None
    uploading.apply(actor, MEMBERSHIPS, upload, plan.fingerprint)
    return lambda: uploading.undo(actor, MEMBERSHIPS, upload)


def by_hand(actor, change):
    done = membership_changes.apply(actor, [change])
    return lambda: group_undo.undo(actor, done.writes)


def firm():
    with writing() as db:
        company = make.company(db)
        number = make.customer_number(db, company, "10023", opened=FIRST)
        subscription = make.subscription(db, number, "S1")
        for category, name in NAMES.values():
            make.group(db, company, category, name)
        for m in BILLED:
            charges = [("100.00", None), ("40.00", subscription)]
            make.invoice(db, number, f"F{m:%m}", charges, period_start=m, period_end=m, issued=m)
        return make.actor(make.user(db, company, "boss@bjorko.example"))


def costs_follow(actor, model):
    """In each category the groups' costs and those in none are all there are; each where the calendar has it."""
    found = costs.by_group(actor, BILLED).by_group
    wanted: dict[tuple[date, int, int | None], int] = {}
    for m in BILLED:
        for category in set(GROUPS.values()):
            number = model.get((0, category, m))
            for group, amount in ((number, 100), (model.get((1, category, m), number), 40)):
                wanted[m, category, group] = wanted.get((m, category, group), 0) + amount
    assert {(e.month, e.category_id, e.group_id): e.amount for e in found} == wanted
    assert sum(e.amount for e in found) == Decimal(140) * len(BILLED) * len(set(GROUPS.values()))


def test_any_sequence_of_changes_does_what_a_calendar_would(database):
    actor = firm()

    @settings(max_examples=10, deadline=None)
    @given(steps=st.lists(step, min_size=4, max_size=8))
    def run(steps):
        with writing() as db:
            db.exec(delete(GroupMembership))
            costs.recount(db, actor.company_id)
        model: Model = {}
        before: list[tuple[Model, Callable[[], object]]] = []
        for said in steps:
            rows, _ = stored()
            if said[0] == "undo":
                if before:
                    model, undo = before.pop()
                    undo()
            else:
                of_row = said[0] in ("months", "move", "remove")
                if of_row and not rows:
                    continue
                row = rows[said[1] % len(rows)] if of_row else None
                wanted = expected(model, said, row, rows)
                try:
                    undo = by_file(actor, said) if said[0] == "file" else by_hand(actor, change_of(said, row))
                except Refused:
                    assert wanted is None, "refused though there is room"
                    continue
                assert wanted is not None, "done though there is no room"
                before.append((model, undo))
                model = wanted
            assert stored()[1] == model
        costs_follow(actor, model)

    run()
