"""Many rows at once, the way each database takes them fastest: no object, no statement for each."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain, islice
from typing import Any, cast

from sqlalchemy import Table as SqlTable
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session as DatabaseSession

from selfcare_app.models import Table
from selfcare_app.services.database import batches

FEW = 200
"""Rows that SQLite's triggers are left to."""
_THESE = "id IN (SELECT value FROM json_each(?))"


def new_ids(db: DatabaseSession, model: type[Table], count: int) -> Sequence[int]:
    """Ids for so many new rows, known before they are written: what refers to them needs no second look.

    Nobody else gets them while this transaction, which must be a writing one, lasts.
    """
    table = _table(model)
    if db.get_bind().dialect.name == "postgresql":
        name = table.name.replace('"', '""')
        found = db.connection().exec_driver_sql(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", (f'"{name}"', count)
        )
        return list(found.scalars())
    last = db.connection().execute(select(func.coalesce(func.max(table.c.id), 0))).scalar_one()
    return range(last + 1, last + 1 + count)


def insert(db: DatabaseSession, model: type[Table], fields: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert rows whose values stand in the order of `fields`. No default of the model's is filled in."""
    table = _table(model)
    stored = _as_stored(db, table, fields, rows)
    names = ", ".join(f'"{field}"' for field in fields)
    if db.get_bind().dialect.name == "postgresql":
        statement = f'COPY "{table.name}" ({names}) FROM STDIN'
        with told_alike(db, statement), db.connection().connection.cursor().copy(statement) as copy:
            for row in stored:
                copy.write_row(row)
        return
    places = ", ".join("?" * len(fields))
    statement = f'INSERT INTO "{table.name}" ({names}) VALUES ({places})'  # noqa: S608  names of ours
    search = _search_index(db, table)
    first = list(islice(stored, FEW))
    if search is None or len(first) < FEW:
        _run_many(db, statement, chain(first, stored))
        return
    last = db.connection().execute(select(func.coalesce(func.max(table.c.id), 0))).scalar_one()
    with _without_trigger(db, f"{search}_insert"):
        _run_many(db, statement, chain(first, stored))
        _search_again(db, table, search, "id > ?", last)


def update(
    db: DatabaseSession,
    model: type[Table],
    fields: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    new_version: bool = True,
) -> None:
    """Set `fields` of the rows to the values given; each row is its id and then the values.

    Without `new_version` nobody who is editing a row notices: for what is only worked out from elsewhere.
    """
    table = _table(model)
    assign = ["version = version + 1"] if new_version else []
    stored = _as_stored(db, table, ("id", *fields), rows)
    if db.get_bind().dialect.name == "postgresql":
        _update_from_arrays(db, table, fields, [each.replace("= version", "= t.version") for each in assign], stored)
        return
    assign += [f'"{field}" = ?' for field in fields]
    statement = f'UPDATE "{table.name}" SET {", ".join(assign)} WHERE id = ?'  # noqa: S608  names of ours
    id_last = [(*row[1:], row[0]) for row in stored]
    search = _search_index(db, table) if "search_key" in fields and len(id_last) >= FEW else None
    if search is None:
        _run_many(db, statement, id_last)
        return
    new = {row[-1]: row[fields.index("search_key")] for row in id_last}
    with _without_trigger(db, f"{search}_update"):
        ids = json.dumps(_found_otherwise(db, table, new))
        gone = f"INSERT INTO {search}({search}, rowid, search_key) SELECT 'delete', id, search_key FROM"
        db.connection().exec_driver_sql(f'{gone} "{table.name}" WHERE {_THESE}', (ids,))
        _run_many(db, statement, id_last)
        _search_again(db, table, search, _THESE, ids)


def _run_many(db: DatabaseSession, statement: str, rows: Iterable[Sequence[Any]]) -> None:
    for piece in batches(rows):
        db.connection().exec_driver_sql(statement, [tuple(row) for row in piece])


def _search_index(db: DatabaseSession, table: SqlTable) -> str | None:
    """SQLite's table of what the rows are found by, when there is one."""
    name = f"{table.name}_search"
    statement = "SELECT name FROM sqlite_master WHERE type = 'table' AND name = ?"
    return db.connection().exec_driver_sql(statement, (name,)).scalar_one_or_none()


@contextmanager
def _without_trigger(db: DatabaseSession, name: str) -> Iterator[None]:
    """Leave the search index to whoever writes the rows. Row by row, as its triggers would have it, it is put in order
    after each, which takes ten times as long as the rows themselves."""
    connection = db.connection()
    statement = "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name = ?"
    made = connection.exec_driver_sql(statement, (name,)).scalar_one()
    # Whatever fails in here, trigger and index are as they were.
    with connection.begin_nested():
        connection.exec_driver_sql(f"DROP TRIGGER {name}")
        yield
        connection.exec_driver_sql(made)


def _found_otherwise(db: DatabaseSession, table: SqlTable, new: Mapping[int, str]) -> list[int]:
    """The ids of those that are found by something else than before."""
    statement = f'SELECT id, search_key FROM "{table.name}" WHERE {_THESE}'  # noqa: S608  names of ours
    stored = db.connection().exec_driver_sql(statement, (json.dumps(list(new)),))
    return [row_id for row_id, search_key in stored if new[row_id] != search_key]


def _search_again(db: DatabaseSession, table: SqlTable, search: str, which: str, value: Any) -> None:
    """Put the rows into the search index in one statement."""
    chosen = f'SELECT id, search_key FROM "{table.name}" WHERE {which}'  # noqa: S608  names of ours
    db.connection().exec_driver_sql(f"INSERT INTO {search}(rowid, search_key) {chosen}", (value,))


def _update_from_arrays(
    db: DatabaseSession, table: SqlTable, fields: Sequence[str], assign: list[str], rows: Iterable[Sequence[Any]]
) -> None:
    """One statement for many rows: an array for each column."""
    names = ["id", *fields]
    dialect = db.get_bind().dialect
    arrays = ", ".join(f"%s::{table.c[name].type.compile(dialect).split(' COLLATE')[0]}[]" for name in names)
    given = ", ".join(f'"{name}"' for name in names)
    assign = assign + [f'"{field}" = v."{field}"' for field in fields]
    statement = (
        f'UPDATE "{table.name}" AS t SET {", ".join(assign)}'  # noqa: S608  names of ours
        f" FROM unnest({arrays}) AS v({given}) WHERE t.id = v.id"
    )
    for piece in batches(rows):
        db.connection().exec_driver_sql(statement, tuple(list(column) for column in zip(*piece, strict=True)))


def _as_stored(
    db: DatabaseSession, table: SqlTable, fields: Sequence[str], rows: Iterable[Sequence[Any]]
) -> Iterator[Sequence[Any]]:
    """The rows with each value as the driver takes it."""
    dialect = db.get_bind().dialect
    made: list[tuple[int, Callable[[Any], Any]]] = []
    for place, field in enumerate(fields):
        processor: Callable[[Any], Any] | None = table.c[field].type.dialect_impl(dialect).bind_processor(dialect)
        if processor is not None:
            made.append((place, processor))
    for row in rows:
        values = list(row)
        for place, processor in made:
            values[place] = processor(values[place])
        yield values


@contextmanager
def told_alike(db: DatabaseSession, statement: str) -> Iterator[None]:
    """What goes past the library to the driver fails like everything else, without the values."""
    module = cast(Any, db.get_bind().dialect).dbapi
    try:
        yield
    except module.Error as error:
        raise DBAPIError.instance(statement, None, error, module.Error, hide_parameters=True) from None


def _table(model: type[Table]) -> SqlTable:
    return cast(SqlTable, cast(Any, model).__table__)
