"""Feeding invoices and credit notes (P2), Peppol BIS Billing 3.0: a file or a zip of many, each whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator

from sqlmodel import Session as DatabaseSession

from selfcare_app.services.access import Actor, demand_administrator, for_operator
from selfcare_app.services.database import writing
from selfcare_app.services.feeds.invoices.files import unpack
from selfcare_app.services.feeds.invoices.placing import Sent, examine, place
from selfcare_app.services.feeds.invoices.storing import store
from selfcare_app.services.feeds.report import FeedReport
from selfcare_app.services.feeds.runs import one_feed_at_a_time, remember_all

KIND = "invoices"
FILES_AT_ONCE = 250
BYTES_AT_ONCE = 50_000_000
"""So many files go into one transaction: a broken zip loses no more, and memory stays bounded."""


@for_operator
def feed_invoices(actor: Actor, file_name: str, content: bytes) -> Iterator[FeedReport]:
    """Feed one XML file, or each in a zip: a report for each, as they go in. Nothing is fed before the first is asked
    for.

    A file is refused whole, with every reason, its line and the rule it breaks; the others of a zip go in. One that
    was fed before changes nothing. Raises Forbidden for staff who are not administrators (P1).
    """
    demand_administrator(actor)
    return _feed(actor, file_name, content)


def feed_invoices_within(db: DatabaseSession, actor: Actor, file_name: str, content: bytes) -> list[FeedReport]:
    """The same inside a writing transaction that holds `one_feed_at_a_time`."""
    demand_administrator(actor)
    return [report for files in _together(file_name, content) for report in _put_in(db, actor, files)]


def _feed(actor: Actor, file_name: str, content: bytes) -> Iterator[FeedReport]:
    for files in _together(file_name, content):
        with writing() as db:
            one_feed_at_a_time(db)
            reports = _put_in(db, actor, files)
        yield from reports


def _together(file_name: str, content: bytes) -> Iterator[list[Sent]]:
    """The files, read and checked before any transaction, in lots for one transaction each."""
    lot: list[Sent] = []
    size = 0
    for file in unpack(file_name, content):
        lot.append(examine(file))
        size += len(file.content)
        if len(lot) == FILES_AT_ONCE or size > BYTES_AT_ONCE:
            yield lot
            lot, size = [], 0
    if lot:
        yield lot


def _put_in(db: DatabaseSession, actor: Actor, files: list[Sent]) -> list[FeedReport]:
    place(db, files)
    new = [sent for sent in files if sent.new]
    if new:
        store(db, actor, new)
    reports = [_report(sent) for sent in files]
    fed = [(report, sent.sha256) for sent, report in zip(files, reports, strict=True) if report.applied]
    remember_all(db, actor, fed)
    return reports


def _report(sent: Sent) -> FeedReport:
    return FeedReport(
        kind=KIND,
        file_name=sent.name,
        created=int(sent.new),
        unchanged=int(sent.unchanged),
        refusals=tuple(sorted(sent.refusals, key=lambda refusal: refusal.row)),
    )
