"""What the rows of a list show: values, where references lead, which actions fit. Which rows, `narrowing` says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, case, null, select, true
from sqlmodel import Session as DatabaseSession

from selfcare_app.services import access, grouping
from selfcare_app.services.access import Actor
from selfcare_app.services.narrowing import columns_of, id_of, opens, permitted, run
from selfcare_app.specs.lists import LISTS, Action, Cell, Column, ListSpec, Reference
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


def actions_of(actor: Actor, spec: ListSpec) -> tuple[Action, ...]:
    """The actions that are the actor's to do, on rows for which they make sense."""
    return tuple(
        action
        for action in spec.actions
        if permitted(actor, action.permission) and (not action.filters or opens(actor, LISTS[action.filters[0]]))
    )


def page_rows(db: DatabaseSession, actor: Actor, spec: ListSpec, query: ListQuery, ids: Sequence[int]) -> list[Row]:
    """The rows with these ids, in this order."""
    columns, actions = columns_of(actor, spec), actions_of(actor, spec)
    statement = _showing(actor, spec, columns, actions).where(
        id_of(spec).in_(bindparam("ids", expanding=True)), access.scope(actor, spec.model)
    )
    found: Any = run(db, statement, ids=ids).all()
    place = {each: at for at, each in enumerate(ids)}
    return _rows(db, actor, spec, query, columns, actions, sorted(found, key=lambda row: place[row[0]]))


def all_rows(
    db: DatabaseSession, actor: Actor, spec: ListSpec, query: ListQuery, rows: Select[Any], order: Iterable[Any]
) -> Iterator[list[Row]]:
    """The rows whose ids the statement gives, in chunks: constant memory for any number."""
    columns = columns_of(actor, spec)
    wanted = rows.subquery("wanted")
    statement = _showing(actor, spec, columns).join(wanted, wanted.c.id == id_of(spec)).order_by(*order)
    result = db.connection().execution_options(stream_results=True, yield_per=CHUNK).execute(statement)
    for chunk in result.partitions(CHUNK):
        yield _rows(db, actor, spec, query, columns, (), chunk)


def seen(actor: Actor, reference: Reference) -> ColumnElement[bool]:
    """The condition that the actor sees what the reference names."""
    of = LISTS[reference.to]
    if actor.access_all:
        # What a row belongs to is of its company.
        return reference.id.is_not(None)  # type: ignore[no-any-return]
    return reference.id.in_(access.visible(select(id_of(of)), actor, of.model))  # type: ignore[no-any-return]


def fits(actor: Actor, spec: ListSpec, action: Action) -> ColumnElement[bool]:
    """The condition that an action of the actor's makes sense for a row."""
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
    actor: Actor, spec: ListSpec, columns: tuple[Column, ...], actions: tuple[Action, ...] = ()
) -> Select[Any]:
    """What rows show, without saying which. For whoever sees a whole company it is made once a day, since making it
    costs more than running it."""
    if not actor.access_all:
        return _select(actor, spec, columns, actions)
    key = (spec.key, actor.today, tuple(c.key for c in columns), tuple(a.key for a in actions), actor.permissions)
    if key not in _MADE:
        if len(_MADE) >= _MOST_MADE:
            _MADE.clear()
        _MADE[key] = _select(actor, spec, columns, actions)
    return _MADE[key]


_MADE: dict[tuple[Any, ...], Select[Any]] = {}
_MOST_MADE = 256


def _select(actor: Actor, spec: ListSpec, columns: tuple[Column, ...], actions: tuple[Action, ...]) -> Select[Any]:
    values: list[Any] = [id_of(spec), spec.number.label("number")]
    for column in columns:
        value, also = _value(actor, spec, column)
        values += [value.label(f"c_{column.key}"), also.label(f"a_{column.key}")]
    values += [case((fits(actor, spec, action), 1), else_=0).label(f"f_{action.key}") for action in actions]
    statement = select(*values).select_from(spec.model)
    for model, found_by in spec.joins:
        statement = statement.outerjoin(model, found_by)
    return statement


def _value(actor: Actor, spec: ListSpec, column: Column) -> tuple[Any, Any]:
    """What is selected for a column: its value, and what its cell needs besides."""
    if column.cell is Cell.GROUPS:
        assert spec.groups is not None
        subscription = spec.groups.subscription
        return spec.groups.customer_number, null() if subscription is None else subscription
    value = column.value(actor.today)
    if column.reference is not None:
        return _referred(actor, column.reference, value)
    return value, column.also(actor.today) if column.also else null()


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


def _rows(
    db: DatabaseSession,
    actor: Actor,
    spec: ListSpec,
    query: ListQuery,
    columns: tuple[Column, ...],
    actions: tuple[Action, ...],
    found: Iterable[Any],
) -> list[Row]:
    keys = [column.key for column in columns]
    after = 2 + 2 * len(keys)
    rows = [
        Row(
            id=row[0],
            number=row[1],
            values=dict(zip(keys, row[2:after:2], strict=True)),
            also=dict(zip(keys, row[3:after:2], strict=True)),
            fits=tuple(action.key for action, fit in zip(actions, row[after:], strict=True) if fit),
        )
        for row in map(tuple, found)
    ]
    for column in columns:
        if column.cell is Cell.GROUPS:
            members = [(row.values[column.key], row.also[column.key]) for row in rows]
            for row, names in zip(rows, grouping.names(db, actor, members, query.month or actor.month), strict=True):
                row.values[column.key] = names
    return rows
