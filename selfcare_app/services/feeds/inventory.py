"""Feeding inventory (P2): a file of one kind becomes rows, all or nothing, and feeding it again changes nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any, TypeVar, cast

from sqlalchemy import insert, select
from sqlmodel import Session as DatabaseSession

from selfcare_app.models import Company, CustomerNumber, FeedRun, Table
from selfcare_app.services import audit
from selfcare_app.services.access import Actor, Forbidden, for_operator
from selfcare_app.services.database import writing
from selfcare_app.services.feeds.cells import CellError, clean
from selfcare_app.services.feeds.kinds import KINDS, FeedKind, Values, customer_number_search
from selfcare_app.services.feeds.report import FeedReport, Refusal
from selfcare_app.services.feeds.table import FileError, Sheet, read
from selfcare_app.specs.permissions import OperatorRole

__all__ = ["KINDS", "FeedReport", "Refusal", "feed", "feed_within", "one_feed_at_a_time"]

T = TypeVar("T")
KEYS_PER_QUERY = 1000


@dataclass(slots=True)
class _Row:
    """A row of the file that could be read. `target` is the row it refers to."""

    row: int
    key: str
    values: Values
    target: Any = None
    stored: Any = None


@for_operator
def feed(actor: Actor, kind: str, file_name: str, content: bytes) -> FeedReport:
    """Feed one file of a kind (a key of KINDS): rows are created or changed by their key, others left alone.

    One bad row refuses the whole file; the report then names each row, column and reason, and nothing is left behind.
    Raises Forbidden for staff who are not administrators (P1).
    """
    with writing() as db:
        one_feed_at_a_time(db)
        return feed_within(db, actor, kind, file_name, content)


def one_feed_at_a_time(db: DatabaseSession) -> None:
    """Make other feeds wait until this transaction ends: two with the same new key can't both find it missing."""
    if db.get_bind().dialect.name == "postgresql":
        db.connection().exec_driver_sql("LOCK TABLE feed_run IN SHARE ROW EXCLUSIVE MODE")


def feed_within(db: DatabaseSession, actor: Actor, kind: str, file_name: str, content: bytes) -> FeedReport:
    """The same as `feed` inside a writing transaction that holds `one_feed_at_a_time`."""
    if actor.operator_role != OperatorRole.ADMINISTRATOR:
        raise Forbidden(None)
    known = KINDS.get(kind)
    if known is None:
        refusal = Refusal(0, "", "feeds.file.unknown_kind", {"kind": kind, "kinds": ", ".join(KINDS)})
        return FeedReport(kind=kind, file_name=file_name, refusals=(refusal,))
    try:
        sheet = read(
            content,
            kind=kind,
            headings=[column.heading for column in known.columns],
            required=[column.heading for column in known.columns if column.required],
        )
    except FileError as error:
        return FeedReport(kind=kind, file_name=file_name, refusals=(error.refusal,))
    refusals = sheet.refusals
    read_rows = _parsed(known, sheet, refusals)
    rows = _each_once(known, read_rows, refusals)
    _resolve(db, known, rows, refusals)
    _compare(db, known, rows, refusals)
    if refusals:
        return FeedReport(
            kind=kind, file_name=file_name, refusals=tuple(sorted(refusals, key=lambda refusal: refusal.row))
        )
    created, changed = _store(db, actor, known, rows)
    report = FeedReport(
        kind=kind,
        file_name=file_name,
        created=created,
        changed=changed,
        unchanged=len(read_rows) - created - changed,
    )
    db.add(
        FeedRun(
            kind=kind,
            # A name that isn't UTF-8 comes from the command line with half characters no database takes.
            file_name=file_name.encode(errors="replace").decode(),
            sha256=hashlib.sha256(content).hexdigest(),
            at=actor.at,
            who=actor.name,
            created=report.created,
            changed=report.changed,
            unchanged=report.unchanged,
        )
    )
    db.flush()
    return report


def _parsed(kind: FeedKind, sheet: Sheet, refusals: list[Refusal]) -> list[_Row]:
    """The rows whose every cell has a value that fits its column."""
    columns = [column for column in kind.columns if column.heading in sheet.headings]
    rows: list[_Row] = []
    for row, texts in sheet.rows:
        values: Values = {}
        fits = True
        for column in columns:
            try:
                cell = clean(texts[column.heading])
                if not cell and column.required:
                    raise CellError("required")
                values[column.field] = column.parse(cell) if cell else column.empty
            except CellError as unfit:
                fits = False
                refusals.append(Refusal(row, column.heading, unfit.key, unfit.values))
        if fits:
            rows.append(_Row(row, values[kind.identity.field], values))
    return rows


def _each_once(kind: FeedKind, rows: list[_Row], refusals: list[Refusal]) -> list[_Row]:
    """Each key once. The same row again says nothing new; the same key with other content is refused."""
    first: dict[str, _Row] = {}
    for row in rows:
        earlier = first.setdefault(row.key, row)
        if earlier.values != row.values:
            values = {"value": row.key, "first": earlier.row}
            refusals.append(Refusal(row.row, kind.identity.heading, "feeds.row.twice", values))
    return list(first.values())


def _resolve(db: DatabaseSession, kind: FeedKind, rows: list[_Row], refusals: list[Refusal]) -> None:
    """Find what the rows refer to, and hold the companies concerned until the transaction ends (house.md)."""
    column = kind.reference
    if column is None or column.refers is None:
        return
    refers = column.refers
    targets = _by_key(db, refers.model, refers.key, {row.values[column.field] for row in rows})
    _hold_companies(db, {refers.company_id(target) for target in targets.values()})
    for row in rows:
        row.target = targets.get(row.values[column.field])
        if row.target is None:
            value = row.values[column.field]
            refusals.append(Refusal(row.row, column.heading, refers.unknown, {"value": value}))
        else:
            row.values[column.field] = row.target.id
            row.values["company_id"] = refers.company_id(row.target)


def _compare(db: DatabaseSession, kind: FeedKind, rows: list[_Row], refusals: list[Refusal]) -> None:
    """Find what is stored under the rows' keys. Refuses a key of another company, and an end before its beginning."""
    stored = _by_key(db, kind.model, kind.identity.field, {row.key for row in rows}, hold=kind.model is Company)
    for row in rows:
        row.stored = stored.get(row.key)
        if row.stored is not None and row.target is not None and row.stored.company_id != row.values["company_id"]:
            # Whose it is stays unsaid: the report may be read out to the company that sent the file.
            refusals.append(Refusal(row.row, kind.identity.heading, "feeds.row.other_company", {"value": row.key}))
        if kind.period:
            _refuse_backwards(kind, kind.period, row, refusals)


def _refuse_backwards(kind: FeedKind, period: tuple[str, str], row: _Row, refusals: list[Refusal]) -> None:
    start_column, end_column = (kind.column(heading) for heading in period)
    start: date = row.values[start_column.field]
    end: date | None = row.values.get(end_column.field, getattr(row.stored, end_column.field, None))
    if end is not None and end < start:
        values: Values = {"value": end.isoformat(), "start": start.isoformat(), "start_heading": start_column.heading}
        refusals.append(Refusal(row.row, end_column.heading, "feeds.row.ends_before_start", values))


def _store(db: DatabaseSession, actor: Actor, kind: FeedKind, rows: list[_Row]) -> tuple[int, int]:
    """Write what is new and what differs, each with its audit entry (P4). Gives how many of either."""
    new = [row for row in rows if row.stored is None]
    ids = _insert(db, actor, kind, new)
    entries = [_entry(actor, kind, "created", row, ids[row.key], None) for row in new]
    changed: list[tuple[_Row, Values]] = []
    for row in rows:
        before = {field: getattr(row.stored, field) for field in row.values} if row.stored else row.values
        if before == row.values:
            continue
        for field, value in {**row.values, **kind.derive(row.values, row.target)}.items():
            if getattr(row.stored, field) != value:
                setattr(row.stored, field, value)
        row.stored.version += 1
        changed.append((row, before))
        entries.append(_entry(actor, kind, "changed", row, row.stored.id, before))
    db.flush()
    audit.record_many(db, entries)
    if kind.model is Company:
        renamed = {row.stored.id: row.stored.name for row, before in changed if before["name"] != row.values["name"]}
        _find_by_new_name(db, renamed)
    return len(new), len(changed)


def _insert(db: DatabaseSession, actor: Actor, kind: FeedKind, rows: list[_Row]) -> dict[str, int]:
    """Insert all at once, without an object for each; gives their ids by key."""
    if not rows:
        return {}
    fields = kind.model.model_fields
    defaults = {
        name: field.get_default(call_default_factory=True)
        for name, field in fields.items()
        if not field.is_required() and name != "id"
    }
    if "created_at" in fields:
        defaults["created_at"] = actor.at
    db.exec(
        insert(kind.model), params=[{**defaults, **row.values, **kind.derive(row.values, row.target)} for row in rows]
    )
    key, row_id = getattr(kind.model, kind.identity.field), cast(Any, kind.model).id
    ids: dict[str, int] = {}
    for keys in _chunks(row.key for row in rows):
        found = db.exec(select(key, row_id).where(key.in_(keys)))  # type: ignore[call-overload]
        ids.update((name, number) for name, number in found)
    return ids


def _entry(actor: Actor, kind: FeedKind, what: str, row: _Row, object_id: int, before: Values | None) -> dict[str, Any]:
    return audit.entry(
        actor,
        f"{kind.object_kind}.{what}",
        kind=kind.object_kind,
        object_id=object_id,
        label=row.key,
        before=before,
        after=row.values,
        company_id=row.values.get("company_id", object_id),
    )


def _find_by_new_name(db: DatabaseSession, renamed: dict[int, str]) -> None:
    """Customer numbers are found by their company's name too (L8)."""
    for ids in _chunks(renamed):
        found = db.exec(select(CustomerNumber).where(CustomerNumber.company_id.in_(ids))).scalars()  # type: ignore[call-overload,attr-defined]
        for row in found:
            row.search_key = customer_number_search(row.number, row.name, renamed[row.company_id])


def _hold_companies(db: DatabaseSession, ids: set[int]) -> None:
    for chunk in _chunks(sorted(ids)):
        statement = select(Company.id).where(Company.id.in_(chunk)).order_by(Company.id)  # type: ignore[call-overload,union-attr]
        db.exec(statement.with_for_update()).all()


def _by_key(db: DatabaseSession, model: type[Table], field: str, keys: set[str], hold: bool = False) -> dict[str, Any]:
    """Stored rows by their key: one query for many keys."""
    column = getattr(model, field)
    found: dict[str, Any] = {}
    for chunk in _chunks(sorted(keys)):
        statement = select(model).where(column.in_(chunk)).order_by(column)
        found.update(
            (getattr(row, field), row)
            for row in db.exec(statement.with_for_update() if hold else statement).scalars()  # type: ignore[call-overload]
        )
    return found


def _chunks(values: Iterable[T]) -> Iterator[list[T]]:
    remaining = iter(values)
    while chunk := list(islice(remaining, KEYS_PER_QUERY)):
        yield chunk
