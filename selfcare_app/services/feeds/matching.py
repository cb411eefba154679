"""Finding what a file's rows refer to and what is stored of them: a few statements for any number of rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Row, null, select
from sqlmodel import Session as DatabaseSession
from sqlmodel import col

from selfcare_app.models import Company
from selfcare_app.services.database import batches, lock_companies
from selfcare_app.services.feeds.batch import Batch, Stored
from selfcare_app.services.feeds.kind import Change, Column, FeedKind, Target
from selfcare_app.services.secrets import Unreadable, decrypt

_UNREADABLE = object()
"""A secret that was stored under another key. It is like no other: the file's is stored in its place."""


def resolve(db: DatabaseSession, batch: Batch) -> None:
    """Put ids in place of what the rows refer to by name; refuse what refers to nothing.

    Holds the companies concerned until the transaction ends (house.md).
    """
    batch.companies = [None] * len(batch.rows)
    columns: dict[str, list[Any]] = {}
    unknown: set[int] = set()
    for column in batch.kind.columns:
        named = batch.columns.get(column.field)
        if named is None:
            continue
        if column.refers is None:
            columns[column.field] = named
            continue
        found = {
            target.field: _by_name(db, target, _asked(batch, column, target, named)) for target in column.refers.targets
        }
        for name, by_name in found.items():
            batch.targets[name] = [by_name.get(value) for value in named]
            columns[name] = [target and target.id for target in batch.targets[name]]
        unknown |= _refuse_unknown(batch, column, named)
        if column.refers.gives_company:
            _take_companies(db, batch, column.refers.fields)
    batch.columns = columns
    batch.drop(unknown)


def _asked(batch: Batch, column: Column, target: Target, named: Sequence[Any]) -> set[Any]:
    """What may be looked for among the target's rows: all, unless the heading says that it is another kind of row."""
    only = column.said_to_be(batch.written[column.heading])
    return set(named) - {column.empty} if only in (None, target.model) else set()


def _refuse_unknown(batch: Batch, column: Column, named: Sequence[Any]) -> set[int]:
    assert column.refers is not None
    unfit: set[int] = set()
    found = [batch.targets[name] for name in column.refers.fields]
    for at, value in enumerate(named):
        hits = sum(targets[at] is not None for targets in found)
        if hits != 1 and value != column.empty:
            unfit.add(at)
            batch.refuse(
                at, column.heading, column.refers.unknown if hits == 0 else "feeds.row.ambiguous_owner", value=value
            )
    return unfit


def _take_companies(db: DatabaseSession, batch: Batch, fields: Iterable[str]) -> None:
    for name in fields:
        for at, target in enumerate(batch.targets[name]):
            if target is not None:
                batch.companies[at] = target.company_id
    lock_companies(db, filter(None, batch.companies))


def _by_name(db: DatabaseSession, target: Target, names: set[Any]) -> dict[Any, Row[Any]]:
    found: dict[Any, Row[Any]] = {}
    for piece in batches(sorted(names)):
        statement = target.statement.where(col(target.key).in_(piece))
        found.update((row.key, row) for row in db.connection().execute(statement))
    return found


def match(db: DatabaseSession, batch: Batch) -> None:
    """Find what is stored under the rows' keys, and fill the columns that the file doesn't have with it.

    Refuses a key of another company. Whose it is stays unsaid: the report may be read out to the company that sent
    the file.
    """
    kind = batch.kind
    identity = [(name, column.key_of) for column in kind.identity for name in column.fields]
    stored = _stored(db, batch, identity)
    batch.stored = [stored.get(key) for key in batch.keys(identity)]
    moved = {
        at
        for at, row in enumerate(batch.stored)
        if row is not None and row.company_id != batch.companies[at] and batch.companies[at] is not None
    }
    for at in moved:
        batch.refuse(at, kind.columns[0].heading, "feeds.row.other_company", value=batch.labels[at])
    batch.drop(moved)
    for place, (name, column) in enumerate(kind.columns_by_field.items()):
        if name not in batch.columns:
            batch.columns[name] = [row.fields[place] if row else column.empty for row in batch.stored]


def _stored(db: DatabaseSession, batch: Batch, identity: Sequence[tuple[str, Any]]) -> dict[Any, Stored]:
    kind = batch.kind
    model: Any = kind.model
    company = model.company_id if "company_id" in model.model_fields else null()
    statement = select(model.id, company, *(getattr(model, name) for name in kind.fields))
    if model is Company:
        statement = statement.order_by(col(model.id)).with_for_update(key_share=True)
    places = [(kind.fields.index(name), key_of) for name, key_of in identity]
    found: dict[Any, Stored] = {}
    # The first column of the key finds few enough rows: a connection's contacts, a subscription's add-ons.
    for name in kind.identity[0].fields:
        for piece in batches(sorted({value for value in batch.columns[name] if value is not None})):
            for row in db.connection().execute(statement.where(getattr(model, name).in_(piece))):
                fields = row[2:]
                found[tuple(key_of(fields[place]) for place, key_of in places)] = Stored(row[0], row[1], fields, {})
    _open(kind, batch, found.values())
    return found


def _open(kind: FeedKind, batch: Batch, stored: Iterable[Stored]) -> None:
    """Make readable what is encrypted, where the file has it too: the same secret never looks the same twice."""
    for place, (name, column) in enumerate(kind.columns_by_field.items()):
        if column.encrypted and name in batch.columns:
            for row in stored:
                row.sealed = {**row.sealed, name: row.fields[place]}
                row.fields = (*row.fields[:place], _opened(row.fields[place], row.fields[0]), *row.fields[place + 1 :])


def _opened(sealed: str, about: str) -> Any:
    try:
        return decrypt(sealed, about)
    except Unreadable:
        return _UNREADABLE


def targets_as_stored(db: DatabaseSession, batch: Batch, changes: Sequence[Change]) -> None:
    """Find what the rows that differ refer to by columns that the file doesn't have."""
    for column in batch.kind.references:
        for target in column.refers.targets if column.refers else ():
            if target.field in batch.targets:
                continue
            found: dict[int, Row[Any]] = {}
            for ids in batches(sorted({id_ for change in changes if (id_ := change.after[target.field])})):
                statement = target.statement.where(col(target.model.id).in_(ids))  # type: ignore[attr-defined]
                found.update((row.id, row) for row in db.connection().execute(statement))
            for change in changes:
                change.targets[target.field] = found.get(change.after[target.field])
