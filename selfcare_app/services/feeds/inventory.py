"""Feeding inventory (P2): a file of one kind becomes rows, all or nothing, and feeding it again changes nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

from sqlmodel import Session as DatabaseSession

from selfcare_app.services.access import Actor, demand_administrator, for_operator
from selfcare_app.services.database import writing
from selfcare_app.services.feeds.batch import Batch
from selfcare_app.services.feeds.cells import CellError, clean
from selfcare_app.services.feeds.kind import Change, Column, FeedKind
from selfcare_app.services.feeds.kinds import KINDS
from selfcare_app.services.feeds.matching import match, resolve, targets_as_stored
from selfcare_app.services.feeds.report import FeedReport, Refusal
from selfcare_app.services.feeds.runs import one_feed_at_a_time, remember
from selfcare_app.services.feeds.storing import store
from selfcare_app.services.feeds.table import FileError, Sheet, read
from selfcare_app.services.workbooks import WorkbookError


@for_operator
def feed(actor: Actor, kind: str, file_name: str, content: bytes) -> FeedReport:
    """Feed one file of a kind (a key of KINDS): rows are created or changed by their key, others left alone.

    One bad row refuses the whole file; the report then names each row, column and reason, and nothing is left behind.
    Raises Forbidden for staff who are not administrators (P1).
    """
    batch = _batch(actor, kind, file_name, content)
    if isinstance(batch, Refusal):
        return _refused(kind, file_name, [batch])
    # Nobody waits while a file is read: a workbook may take its time.
    with writing() as db:
        one_feed_at_a_time(db)
        return _put_in(db, actor, batch, file_name, content)


def feed_within(db: DatabaseSession, actor: Actor, kind: str, file_name: str, content: bytes) -> FeedReport:
    """The same as `feed` inside a writing transaction that holds `one_feed_at_a_time`."""
    batch = _batch(actor, kind, file_name, content)
    if isinstance(batch, Refusal):
        return _refused(kind, file_name, [batch])
    return _put_in(db, actor, batch, file_name, content)


def _batch(actor: Actor, kind: str, file_name: str, content: bytes) -> Batch | Refusal:
    """The file as far as it can be read without the database, or why it can't be taken at all."""
    demand_administrator(actor)
    known = KINDS.get(kind)
    if known is None:
        return Refusal(0, "", "feeds.file.unknown_kind", {"kind": kind, "kinds": ", ".join(KINDS)})
    try:
        sheet = read(
            file_name,
            content,
            kind=kind,
            headings=known.accepted,
            required=[column.heading for column in known.columns if column.required],
        )
    except (FileError, WorkbookError) as error:
        return Refusal(0, "", error.key, error.values)
    return _parsed(known, sheet)


def _refused(kind: str, file_name: str, refusals: Iterable[Refusal]) -> FeedReport:
    in_order = tuple(sorted(refusals, key=lambda refusal: refusal.row))
    return FeedReport(kind=kind, file_name=file_name, refusals=in_order)


def _put_in(db: DatabaseSession, actor: Actor, batch: Batch, file_name: str, content: bytes) -> FeedReport:
    kind = batch.kind.key
    readable = len(batch.rows)
    _each_once(batch)
    resolve(db, batch)
    match(db, batch)
    changes = batch.changes()
    targets_as_stored(db, batch, changes)
    _check(db, batch, changes)
    if batch.refusals:
        return _refused(kind, file_name, batch.refusals)
    store(db, actor, batch.kind, changes)
    created = sum(change.before is None for change in changes)
    report = FeedReport(
        kind=kind,
        file_name=file_name,
        created=created,
        changed=len(changes) - created,
        unchanged=readable - len(changes),
    )
    remember(db, actor, report, hashlib.sha256(content).hexdigest())
    return report


def _parsed(kind: FeedKind, sheet: Sheet) -> Batch:
    """The rows whose every cell has a value that fits its column. A text that stands in many cells is read once."""
    batch = Batch(kind, sheet.rows, sheet.written, sheet.refusals)
    unfit: set[int] = set()
    for column in kind.columns:
        texts = sheet.columns.get(column.heading)
        if texts is None:
            continue
        known = {text: _value(column, text) for text in set(texts)}
        values = [known[text] for text in texts]
        if any(isinstance(value, CellError) for value in known.values()):
            for at, value in enumerate(values):
                if isinstance(value, CellError):
                    unfit.add(at)
                    batch.refuse(at, column.heading, value.key, **value.values)
        batch.columns[column.field] = values
    batch.drop(unfit)
    batch.labels = [" ".join(key) for key in zip(*(batch.columns[each.field] for each in kind.identity), strict=True)]
    return batch


def _value(column: Column, text: str) -> Any:
    """What is stored of the cell, or why it can't be taken."""
    try:
        cell = clean(text)
        if not cell and column.required:
            raise CellError("required")
        return column.parse(cell) if cell else column.empty
    except CellError as unfit:
        return unfit


def _each_once(batch: Batch) -> None:
    """Each key once. The same row again says nothing new; the same key with other content is refused."""
    keys = batch.keys_as_written()
    if len(set(keys)) == len(keys):
        return
    contents = list(zip(*batch.columns.values(), strict=True))
    first: dict[object, int] = {}
    again: set[int] = set()
    for at, key in enumerate(keys):
        earlier = first.setdefault(key, at)
        if earlier == at:
            continue
        again.add(at)
        if contents[earlier] != contents[at]:
            heading = batch.kind.columns[0].heading
            batch.refuse(at, heading, "feeds.row.twice", value=batch.labels[at], first=batch.rows[earlier])
    batch.drop(again)


def _check(db: DatabaseSession, batch: Batch, changes: Sequence[Change]) -> None:
    """Refuse what makes no sense together, though each cell by itself does."""
    kind = batch.kind
    periods = [(kind.column(start), kind.column(end)) for start, end in kind.periods]
    for change in changes:
        for start_column, end_column in periods:
            start, end = change.after[start_column.field], change.after[end_column.field]
            if end is not None and end < start:
                values = {"value": end.isoformat(), "start": start.isoformat(), "start_heading": start_column.heading}
                batch.refusals.append(Refusal(change.row, end_column.heading, "feeds.row.ends_before_start", values))
        for check in kind.checks:
            unfit = check(change.after, change.targets)
            if unfit is not None:
                batch.refusals.append(Refusal(change.row, unfit.heading, unfit.key, unfit.values))
    if kind.check_all is not None:
        for change, unfit in kind.check_all(db, changes):
            batch.refusals.append(Refusal(change.row, unfit.heading, unfit.key, unfit.values))
