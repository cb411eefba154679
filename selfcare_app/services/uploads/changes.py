"""What uploads of groups and of memberships share: rows become changes that are planned, stored and undone as those of
the pages are."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from sqlmodel import Session as DatabaseSession

from selfcare_app.services import group_undo, group_writes
from selfcare_app.services.access import Actor, NotFound, Refused
from selfcare_app.services.group_writes import Does, Outcome, Preview, Write
from selfcare_app.services.uploads import kind
from selfcare_app.services.uploads.kind import FieldChange, Note, Plan, Problem, RowPlan, Table, Unfit

C = TypeVar("C")
SIGHTS = 10
"""People and things that the preview names as seen more or less; of more it says how many."""
_OUTCOMES = {
    Does.ADD: kind.Outcome.CREATED,
    Does.MOVE: kind.Outcome.CHANGED,
    Does.CHANGE: kind.Outcome.CHANGED,
    Does.REMOVE: kind.Outcome.REMOVED,
    Does.NOTHING: kind.Outcome.UNCHANGED,
}


@dataclass(frozen=True, slots=True)
class Named(Generic[C]):
    """The change that a row asks for, and what it is known by: a file says each thing once."""

    key: Hashable
    change: C


class Planned(Protocol):
    """Changes worked out against what is stored."""

    preview: Preview
    writes: list[Write]


def planned(
    table: Table,
    change: Callable[[Mapping[str, str]], Named[C]],
    work_out: Callable[[Sequence[C]], Planned],
    fields: Callable[[Outcome], Iterable[FieldChange]],
    columns: Mapping[str, str],
) -> Plan:
    """What the rows would do. `change` gives that of one row or raises Unfit; `columns` says in which column stands
    what is refused, by the last word of the refusal's key."""
    made = Plan()
    asked: list[tuple[int, C]] = []
    known: dict[Hashable, int] = {}
    for row, cells in table.each():
        try:
            named = change(cells)
        except Unfit as unfit:
            made.problems.append(Problem(row, unfit.column, unfit.key, unfit.values))
            continue
        first = known.setdefault(named.key, row)
        if first != row:
            made.problems.append(Problem(row, "", "uploads.rows.twice", {"first": first}))
            continue
        asked.append((row, named.change))
    worked_out = work_out([change for _, change in asked])
    outcomes = zip((row for row, _ in asked), worked_out.preview.outcomes, strict=True)
    for row, outcome in outcomes:
        if outcome.refused is None:
            made.rows.append(RowPlan(row, outcome.label, _OUTCOMES[outcome.does], tuple(fields(outcome))))
        else:
            made.problems.append(_problem(row, outcome.refused, columns))
    made.notes = _notes(worked_out.preview)
    made.basis = worked_out.preview.fingerprint
    made.work = worked_out.writes
    return made


def _problem(row: int, refused: Refused, columns: Mapping[str, str]) -> Problem:
    if isinstance(refused, NotFound):
        return Problem(row, columns.get("not_found", ""), "uploads.rows.not_found")
    return Problem(row, columns.get(refused.key.rpartition(".")[2], ""), refused.key, refused.values)


def _notes(preview: Preview) -> list[Note]:
    """What goes with what is removed, what it does to history, and who sees more or less (R5, U5)."""
    notes: list[Note] = []
    for outcome in preview.outcomes:
        for key, n in (("takes_groups", outcome.takes_groups), ("takes", outcome.takes_memberships)):
            if n:
                notes.append(Note(f"uploads.notes.{key}", {"label": outcome.label, "n": n}))
    if any(outcome.history for outcome in preview.outcomes):
        notes.append(Note("uploads.notes.history"))
    for sight in preview.sight[:SIGHTS]:
        key = "uploads.notes.gains" if sight.gains else "uploads.notes.loses"
        notes.append(Note(key, {"user": sight.user, "what": sight.what, "month": f"{sight.month:%Y-%m}"}))
    if len(preview.sight) > SIGHTS:
        notes.append(Note("uploads.notes.more_sight", {"n": len(preview.sight) - SIGHTS}))
    return notes


def apply(db: DatabaseSession, actor: Actor, plan: Plan) -> dict[str, Any]:
    """Store what was planned."""
    return {"writes": [write.stored() for write in group_writes.store(db, actor, plan.work)]}


def undo(db: DatabaseSession, actor: Actor, record: dict[str, Any], shown: str) -> None:
    """Put it all back; refuses, naming it, when anything has been hung on it since. Where somebody would see more or
    less by it (U5) that is shown first: raises Changed unless `shown` is its fingerprint."""
    preview, back = group_undo.planned(db, actor, [Write.read(stored) for stored in record["writes"]])
    if preview.sight and preview.fingerprint != shown:
        raise kind.Changed(Plan(notes=_notes(preview), basis=preview.fingerprint))
    group_writes.store(db, actor, back)
