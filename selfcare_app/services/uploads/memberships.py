"""Uploading who belongs to which group from when to when (R2-R4, R6): rows as changes of `services.membership_changes`.

A row is known by its number, group and start month.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import literal, select, union_all
from sqlmodel import Session as DatabaseSession
from sqlmodel import col

from selfcare_app.locales import text
from selfcare_app.models import Group, GroupCategory, GroupMembership
from selfcare_app.services import access, membership_changes
from selfcare_app.services.access import Actor, Forbidden
from selfcare_app.services.group_writes import Does, Outcome
from selfcare_app.services.membership_changes import KINDS, Change, Put, Remove, Thing
from selfcare_app.services.membership_changes import Named as Membership
from selfcare_app.services.uploads import changes
from selfcare_app.services.uploads.changes import Named
from selfcare_app.services.uploads.kind import FieldChange, Plan, Problem, Table, Unfit, UploadKind
from selfcare_app.specs.groups import name_key
from selfcare_app.specs.uploads import ACTION, GROUP_MEMBERSHIPS

_WORDS = {"customer-numbers": "uploads.words.customer_number", "subscriptions": "uploads.words.subscription"}
"""What a row says it is about, by the kind of thing."""
_MONTH = re.compile(r"([0-9]{4})-([0-9]{2})(?:-01)?")
_MONTHS = 12
_FIRST_YEAR = 1900
_COLUMNS = {
    "not_found": "number",
    "unknown_group": "group",
    "not_a_member": "start",
    "several": "start",
    "start": "start",
    "end": "end",
    "overlap": "start",
    "overlap_open": "start",
    "gives_access": "group",
    "gives_own_access": "group",
}
"""Where on the row what is refused stands."""


def template(db: DatabaseSession, actor: Actor) -> Iterator[Sequence[str]]:
    """All memberships of what the actor sees: of customer numbers first, each in the order of its months."""
    parts = []
    for place, (kind, (column, model)) in enumerate(KINDS.items()):
        if not actor.may(access.READ[model]):
            continue
        of: Any = model
        sort = of.number_sort if kind == "customer-numbers" else of.label_sort
        parts.append(
            access.visible(
                select(
                    literal(place).label("place"),
                    sort.label("sort"),
                    of.number.label("number"),
                    col(GroupCategory.name_sort).label("category_sort"),
                    col(GroupCategory.name).label("category"),
                    col(Group.name).label("group"),
                    col(GroupMembership.start_month).label("start"),
                    col(GroupMembership.end_month).label("end"),
                )
                .select_from(GroupMembership)
                .join(of, of.id == getattr(GroupMembership, column))
                .join(Group, col(Group.id) == col(GroupMembership.group_id))
                .join(GroupCategory, col(GroupCategory.id) == col(Group.category_id))
                .where(col(GroupMembership.company_id) == actor.company_id),
                actor,
                of,
            )
        )
    if not parts:
        return
    words = [text(actor.language, word) for word in _WORDS.values()]
    every = union_all(*parts).subquery()
    ordered = select(every).order_by(every.c.place, every.c.sort, every.c.category_sort, every.c.start)
    for row in db.connection().execute(ordered):
        yield words[row.place], row.number, row.category, row.group, _text(row.start), _text(row.end), ""


def plan(db: DatabaseSession, actor: Actor, table: Table) -> Plan:
    """What the rows would do."""
    numbers = set(table.columns["number"])
    things = membership_changes.found(db, actor, dict.fromkeys(KINDS, numbers))
    kinds: dict[str, list[str]] = {}
    for thing in things:
        kinds.setdefault(thing.number, []).append(thing.kind)

    def change(cells: Mapping[str, str]) -> Named[Change]:
        thing = _thing(kinds, cells)
        category, group = cells["category"], cells["group"]
        for column in ("category", "group"):
            if not cells[column]:
                raise Unfit(column, "feeds.cell.required")
        start, end = _month("start", cells["start"]), _month("end", cells["end"])
        key = (thing, name_key(category), name_key(group), start)
        if cells[ACTION]:
            return Named(key, Remove(membership=Membership(thing, category, group, start)))
        return Named(key, Put(thing=thing, group=(category, group), start=start, end=end))

    made = changes.planned(
        table, change, lambda wanted: membership_changes.planned(db, actor, wanted, things), _fields, columns=_COLUMNS
    )
    starts = dict(zip(table.rows, table.columns["start"], strict=True))
    made.problems = [_told(problem, starts[problem.row]) for problem in made.problems]
    return made


def _told(problem: Problem, start: str) -> Problem:
    """An overlap with what begins in the same month: another group was written on the row that the template gave. Which
    is meant, a change from a month or a correction of all that has been, only the sender knows (R3, R4)."""
    if problem.key.startswith("grouping.refused.overlap") and start[: len("2026-11")] == problem.values["start"]:
        return Problem(problem.row, "group", "uploads.rows.other_group", {"group": problem.values["group"]})
    return problem


def _thing(kinds: Mapping[str, Sequence[str]], cells: Mapping[str, str]) -> Thing:
    number, said = cells["number"], cells["object_kind"]
    if not number:
        raise Unfit("number", "feeds.cell.required")
    found = [kind for kind in kinds.get(number, ()) if said in ("", _WORDS[kind])]
    if not found:
        raise Unfit("number", "uploads.rows.unknown_number", value=number)
    if len(found) > 1:
        raise Unfit("object_kind", "uploads.rows.which_kind", value=number)
    return Thing(found[0], number)


def _month(column: str, cell: str) -> date | None:
    """The month that a cell names; None for an empty one. Spreadsheets make the first day of it out of 2026-11."""
    if not cell:
        return None
    found = _MONTH.fullmatch(cell)
    if found is None or not 1 <= int(found[2]) <= _MONTHS or int(found[1]) < _FIRST_YEAR:
        raise Unfit(column, "uploads.rows.month", value=cell)
    return date(int(found[1]), int(found[2]), 1)


def _text(month: date | None) -> str:
    return f"{month:%Y-%m}" if month else ""


def _fields(outcome: Outcome) -> Iterator[FieldChange]:
    for field, before, after in outcome.differences:
        if field == "group":
            yield FieldChange("group", before or "", after or "")
        elif outcome.does is not Does.REMOVE or before:
            yield FieldChange(field, _text(before), _text(after))


def choices(db: DatabaseSession, actor: Actor) -> Mapping[str, Sequence[str]]:
    """The categories and groups there are, each name once."""
    named = db.connection().execute(
        access.visible(
            select(col(GroupCategory.name).label("category"), col(Group.name).label("group"))
            .select_from(Group)
            .join(GroupCategory, col(GroupCategory.id) == col(Group.category_id))
            .order_by(col(GroupCategory.name_sort), col(Group.name_sort)),
            actor,
            Group,
        )
    )
    rows = named.all()
    return {
        "category": list(dict.fromkeys(row.category for row in rows)),
        "group": list(dict.fromkeys(row.group for row in rows)),
    }


def undo(db: DatabaseSession, actor: Actor, record: dict[str, Any], shown: str) -> None:
    """Put it all back; it takes the rights to read what is in it, which whoever applied it had."""
    values = [values for write in record["writes"] for values in (write["before"], write["after"]) if values]
    for column, model in KINDS.values():
        if not actor.may(access.READ[model]) and any(each.get(column) is not None for each in values):
            raise Forbidden(access.READ[model])
    changes.undo(db, actor, record, shown)


KIND = UploadKind(spec=GROUP_MEMBERSHIPS, template=template, choices=choices, plan=plan, apply=changes.apply, undo=undo)
