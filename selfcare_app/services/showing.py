"""What the rows of a list show: values, where references lead, which actions fit. Which rows, `narrowing` says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, literal, null, select, true
from sqlmodel import Session as DatabaseSession

from selfcare_app.services import access, audit_reading, grouping, groups, user_doings
from selfcare_app.services.access import Actor
from selfcare_app.services.database import among_bound, is_postgresql
from selfcare_app.services.narrowing import columns_of, id_of, opens, permitted, run
from selfcare_app.specs.lists import LISTS, USERS, Action, Cell, Column, Leads, ListSpec, Reference
from selfcare_app.specs.queries import ListQuery

CHUNK = 2_000
"""Rows an export reads at a time."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its id, its number in addresses, and its values by column key."""

    id: int
    number: str
    values: dict[str, Any]
    also: dict[str, Any] = field(default_factory=dict)
    """What else a cell needs: an amount's currency, a period's last day, the number that a reference leads to; that is
    None where the actor may not follow."""
    fits: tuple[str, ...] = ()
    """Keys of the actions that make sense for it and are the actor's to do."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some rows of an export, by column key: what a list has for one `Row`, here in order for each of them. Of a
    hundred thousand rows nobody wants a hundred thousand objects."""

    values: dict[str, Sequence[Any]]
    also: dict[str, Sequence[Any]]


def actions_of(actor: Actor, spec: ListSpec) -> tuple[Action, ...]:
    """The actions that are the actor's to do, on rows for which they make sense."""
    return tuple(
        action
        for action in spec.actions
        if permitted(actor, action.permission) and (not action.filters or opens(actor, LISTS[action.filters[0]]))
    )


@dataclass(frozen=True, slots=True)
class _Showing:
    """A statement that selects what rows show, without saying which, and what stands where in its rows: id, number,
    the columns' values, what else cells need, whether actions fit."""

    statement: Select[Any]
    page: Select[Any]
    """The same for the rows with certain `ids`, of those the actor sees."""
    columns: tuple[Column, ...]
    also: tuple[str, ...]
    """The columns that have something else beside their value."""
    fits: tuple[tuple[str, int | None], ...]
    """Keys of the actions, each with its place; None: it fits any row."""


def page_rows(
    db: DatabaseSession,
    actor: Actor,
    spec: ListSpec,
    query: ListQuery,
    ids: Sequence[int],
    without: frozenset[str] = frozenset(),
) -> list[Row]:
    """The rows with these ids, in this order; nothing is read for columns that nobody is shown."""
    columns = tuple(column for column in columns_of(actor, spec) if column.key not in without)
    showing = _showing(db, actor, spec, columns, actions_of(actor, spec))
    found = {row[0]: row for row in map(tuple, run(db, showing.page, ids=list(ids)).all())}
    return _rows(db, actor, spec, query, showing, [found[id_] for id_ in ids if id_ in found])


def all_rows(db: DatabaseSession, actor: Actor, spec: ListSpec, query: ListQuery, rows: Select[Any]) -> Iterator[Chunk]:
    """The rows whose `id` the statement gives and what they stand in order `by`, in chunks: constant memory for any
    number, and the first ones at once where an index has the order."""
    showing = _showing(db, actor, spec, columns_of(actor, spec))
    wanted = rows.subquery("wanted")
    order = (wanted.c.by.desc(), wanted.c.id.desc()) if query.descending else (wanted.c.by, wanted.c.id)
    statement = showing.statement.join(wanted, wanted.c.id == id_of(spec)).order_by(*order)
    result = db.connection().execution_options(stream_results=True, yield_per=CHUNK).execute(statement)
    keys = [column.key for column in showing.columns]
    other = 2 + len(keys)
    for found in result.partitions(CHUNK):
        stored = list(zip(*found, strict=True))
        chunk = Chunk(dict(zip(keys, stored[2:], strict=False)), dict(zip(showing.also, stored[other:], strict=False)))
        for column in showing.columns:
            if column.cell in _TOLD:
                of = chunk.also.get(column.key) or (None,) * len(found)
                pairs = list(zip(chunk.values[column.key], of, strict=True))
                chunk.values[column.key] = _TOLD[column.cell](db, actor, query, pairs)
        yield chunk


def _counts(db: DatabaseSession, actor: Actor, _query: ListQuery, pairs: Sequence[tuple[Any, Any]]) -> list[int]:
    counted = {kind: groups.counted_in(db, actor, kind) for kind in {kind for _, kind in pairs}}
    return [counted[kind].get(group, 0) for group, kind in pairs]


_TOLD: dict[Cell, Callable[[DatabaseSession, Actor, ListQuery, Sequence[tuple[Any, Any]]], Sequence[Any]]] = {
    Cell.GROUPS: lambda db, actor, query, pairs: grouping.names(db, actor, pairs, query.month or actor.month),
    Cell.CHANGE: lambda db, actor, _, pairs: audit_reading.told(db, actor, pairs),
    Cell.IN_GROUP: _counts,
}
"""Cells whose values are worked out for all rows at once, from what was selected: the value and what is beside it."""


def seen(actor: Actor, reference: Reference) -> ColumnElement[bool]:
    """The condition that the actor sees what the reference names."""
    of = LISTS[reference.to]
    if actor.access_all:
        # What a row belongs to is of its company.
        return reference.id.is_not(None)  # type: ignore[no-any-return]
    return reference.id.in_(access.visible(select(id_of(of)), actor, of.model))  # type: ignore[no-any-return]


RIGHTS: dict[str, Callable[[Actor, str], ColumnElement[bool]]] = {USERS.key: user_doings.condition}
"""By list, the condition that the actor may do something to a row, where that depends on the row."""


def fits(actor: Actor, spec: ListSpec, action: Action) -> ColumnElement[bool]:
    """The condition that an action makes sense for a row and is the actor's to do."""
    sense = makes_sense(actor, spec, action)
    return and_(sense, RIGHTS[spec.key](actor, action.key)) if spec.key in RIGHTS else sense


def makes_sense(actor: Actor, spec: ListSpec, action: Action) -> ColumnElement[bool]:
    """The condition that an action makes sense for a row."""
    if action.reference:
        return seen(actor, _reference(spec, action))
    return true() if action.when is None else action.when(actor.today)


def _reference(spec: ListSpec, action: Action) -> Reference:
    column = spec.column(action.reference)
    assert column is not None
    assert column.reference is not None
    return column.reference


# --- the statement


def _showing(
    db: DatabaseSession,
    actor: Actor,
    spec: ListSpec,
    columns: tuple[Column, ...],
    actions: tuple[Action, ...] = (),
) -> _Showing:
    """What rows show, without saying which. For whoever sees a whole company it is made once a day, since making it
    costs more than running it."""
    postgresql = is_postgresql(db)
    if not actor.access_all:
        return _made(actor, spec, columns, actions, postgresql)
    who = actor.user_id if spec.key in RIGHTS or spec.model in access.RIGHTS else None
    shown = (spec.key, actor.today, tuple(c.key for c in columns), tuple(a.key for a in actions))
    key = (*shown, actor.company_id, actor.permissions, who, postgresql)
    if key not in _MADE:
        if len(_MADE) >= _MOST_MADE:
            _MADE.clear()
        _MADE[key] = _made(actor, spec, columns, actions, postgresql)
    return _MADE[key]


_MADE: dict[tuple[Any, ...], _Showing] = {}
_MOST_MADE = 256


def _made(
    actor: Actor, spec: ListSpec, columns: tuple[Column, ...], actions: tuple[Action, ...], postgresql: bool
) -> _Showing:
    values: list[Any] = [id_of(spec), spec.number.label("number")]
    others: dict[str, Any] = {}
    for column in columns:
        value, also = _value(actor, spec, column)
        values.append(value.label(f"c_{column.key}"))
        if also is not None:
            others[column.key] = also.label(f"a_{column.key}")
    values += others.values()
    fitting: list[tuple[str, int | None]] = []
    for action in actions:
        if action.reference or action.when is not None or spec.key in RIGHTS:
            fitting.append((action.key, len(values)))
            values.append(case((fits(actor, spec, action), 1), else_=0).label(f"f_{action.key}"))
        else:
            fitting.append((action.key, None))
    statement = select(*values).select_from(spec.model)
    for model, found_by in spec.joins:
        statement = statement.outerjoin(model, found_by)
    page = statement.where(among_bound(id_of(spec), "ids", postgresql=postgresql), access.scope(actor, spec.model))
    return _Showing(statement, page, columns, tuple(others), tuple(fitting))


def _value(actor: Actor, spec: ListSpec, column: Column) -> tuple[Any, Any]:
    """What is selected for a column: its value, and what its cell needs besides, if anything."""
    if column.cell is Cell.GROUPS:
        assert spec.groups is not None
        return spec.groups.customer_number, spec.groups.subscription
    value = column.value(actor.today)
    if column.reference is not None:
        return _referred(actor, column.reference, value)
    if column.leads is not None:
        return value, _led(actor, column.leads)
    return value, column.also(actor.today) if column.also else None


def _referred(actor: Actor, reference: Reference, value: Any) -> tuple[Any, Any]:
    """The name of what a reference leads to, and its number for those who may follow; see `Reference.always`."""
    of = LISTS[reference.to]
    number = of.number if opens(actor, of) else null()
    if actor.access_all:
        return value, number
    there = seen(actor, reference)
    return (
        value if reference.always else case((there, value), else_=null()),
        case((there, number), else_=null()),
    )


def _led(actor: Actor, leads: Leads) -> Any:
    """Key of the list and number in it of the object a cell is about; NULL where the actor sees none there."""
    numbers = []
    for kind, key in leads.to.items():
        of = LISTS[key]
        if opens(actor, of):
            there = access.visible(select(of.number), actor, of.model).where(id_of(of) == leads.id)
            # Its table may be joined too, for what the row shows of it.
            there = there.correlate_except(of.model.__table__)  # type: ignore[attr-defined]
            numbers.append((leads.kind == kind, literal(f"{key} ").concat(there.scalar_subquery())))
    return case(*numbers, else_=null()) if numbers else null()


def led_to(also: str | None) -> tuple[ListSpec, str] | None:
    """The list and the number that an OBJECT cell leads to."""
    if not also:
        return None
    key, _, number = also.partition(" ")
    return LISTS[key], number


def _rows(
    db: DatabaseSession,
    actor: Actor,
    spec: ListSpec,
    query: ListQuery,
    showing: _Showing,
    found: Iterable[tuple[Any, ...]],
) -> list[Row]:
    keys = [column.key for column in showing.columns]
    other = 2 + len(keys)
    after = other + len(showing.also)
    always = tuple(key for key, _ in showing.fits) if all(place is None for _, place in showing.fits) else None
    rows = [
        Row(
            id=row[0],
            number=row[1],
            values=dict(zip(keys, row[2:other], strict=True)),
            also=dict(zip(showing.also, row[other:after], strict=True)),
            fits=always or tuple(key for key, place in showing.fits if place is None or row[place]),
        )
        for row in found
    ]
    for column in showing.columns:
        if column.cell in _TOLD:
            pairs = [(row.values[column.key], row.also.get(column.key)) for row in rows]
            for row, told in zip(rows, _TOLD[column.cell](db, actor, query, pairs), strict=True):
                row.values[column.key] = told
    return rows
