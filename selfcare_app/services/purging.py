"""What is kept, and for how long (P6): `purge` deletes what has stood its time. Sums of usage and names stay."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import and_, delete, or_, update
from sqlmodel import Session as DatabaseSession
from sqlmodel import col, select

from selfcare_app.config import settings
from selfcare_app.models import (
    AuditEntry,
    Invoice,
    InvoiceAllowance,
    InvoiceLine,
    InvoiceOriginal,
    InvoiceReference,
    InvoiceVat,
    KnownSource,
    MailedLink,
    OutgoingMail,
    Payment,
    Session,
    Subscription,
    Upload,
    UsageRecord,
)
from selfcare_app.services import audit, clock, costs, forgetting, sessions, settlement
from selfcare_app.services.access import Actor, for_operator
from selfcare_app.services.database import among, batches, lock_company, session, writing
from selfcare_app.specs.months import months_later

OF_INVOICE: tuple[Any, ...] = (
    InvoiceAllowance,
    InvoiceLine,
    InvoiceOriginal,
    InvoiceReference,
    InvoiceVat,
    Payment,
)
"""Tables whose rows go with their invoice."""
AT_A_TIME = 5000
"""Rows that go in one transaction: nobody who writes meanwhile waits longer than that takes."""
SUBSCRIPTIONS = 100
"""Subscriptions whose old usage goes in one transaction."""


@dataclass(slots=True)
class Purged:
    """How much went, by kind."""

    usage_records: int = 0
    log_entries: int = 0
    mails: int = 0
    """Whose text was wiped; that they were sent stays as long as the log."""
    sessions: int = 0
    invoices: int = 0
    uploads: int = 0
    """Files that people sent in; that they did, and what it came to, stays."""
    people: int = 0
    """Removed users whose contact details went."""
    mail_rows: int = 0
    """Mails of which nothing is left."""


@for_operator
def purge(actor: Actor) -> Purged:
    """Delete what the settings keep no longer. Doing it again the same day deletes nothing.

    Usage goes by whole months, invoices by whole years after the year they were issued in. It goes in many short
    transactions, so that nobody waits; broken off anywhere, the next run goes on there. One entry of the log tells how
    much a run took away, and is carried on in each of them.
    """
    kept, today = settings(), actor.today
    run = _Run(actor)
    _delete_usage(run, months_later(today, -kept.keep_usage_months))
    log_from = _moment(months_later(today, -kept.keep_log_months))
    run.delete("log_entries", AuditEntry, col(AuditEntry.at) < log_from)
    texts_from = actor.at - timedelta(days=kept.keep_mail_days)
    texts = and_(_mail_before(texts_from), col(OutgoingMail.text) != "")
    run.change("mails", OutgoingMail, texts, text="", html="")
    run.delete("mail_rows", OutgoingMail, _mail_before(min(log_from, texts_from)))
    _delete_sessions(run, timedelta(days=kept.keep_session_days))
    _delete_invoices(run, date(today.year - kept.keep_invoice_years, 1, 1))
    _empty_uploads(run, actor.at - timedelta(days=kept.keep_upload_days))
    forgotten = actor.at - timedelta(days=kept.keep_contact_days)
    for company_id in forgetting.companies_with_any(forgotten):
        with writing() as db:
            run.count(db, "people", forgetting.forget(db, company_id, forgotten))
    return run.done


class _Run:
    """What one run has taken away so far, and the entry that tells it."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self.done = Purged()
        self._entry: int | None = None

    def count(self, db: DatabaseSession, kind: str, rows: int) -> None:
        """So many more went, in the transaction that took them."""
        if not rows:
            return
        setattr(self.done, kind, getattr(self.done, kind) + rows)
        counts = {name: rows for name, rows in asdict(self.done).items() if rows}
        if self._entry is None:
            entry = audit.record(db, self.actor, "purged", kind="portal", after=counts)
            db.flush()
            self._entry = entry.id
        else:
            db.exec(update(AuditEntry).where(col(AuditEntry.id) == self._entry).values(after=counts))

    def delete(self, kind: str, model: Any, which: Any) -> None:
        """Delete the rows, some thousand at a time."""
        for ids in _ids(model, which):
            with writing() as db:
                self.count(db, kind, _delete(db, model, and_(among(db, col(model.id), ids), which)))

    def change(self, kind: str, model: Any, which: Any, **values: Any) -> None:
        """Give the rows other values, some thousand at a time."""
        for ids in _ids(model, which):
            with writing() as db:
                changed = db.exec(update(model).where(among(db, col(model.id), ids), which).values(values))
                self.count(db, kind, int(changed.rowcount))


def _ids(model: Any, which: Any) -> Iterator[list[int]]:
    """Ids of the rows, some thousand at a time. They are looked for without keeping anybody from writing."""
    last = 0
    while True:
        with session() as db:
            found = select(model.id).where(which, model.id > last).order_by(model.id).limit(AT_A_TIME)
            ids = list(db.exec(found).all())
        if not ids:
            return
        yield ids
        last = ids[-1]


def _moment(day: date) -> datetime:
    return datetime.combine(day, time(), clock.STOCKHOLM)


def _delete(db: DatabaseSession, model: Any, which: Any) -> int:
    return int(db.exec(delete(model).where(which)).rowcount)


def _delete_usage(run: _Run, before: date) -> None:
    """By subscription, which is how records lie: no index tells which of millions are old."""
    last = 0
    while True:
        with session() as db:
            some = select(Subscription.id, Subscription.company_id).where(col(Subscription.id) > last)
            found = db.exec(some.order_by(col(Subscription.id)).limit(SUBSCRIPTIONS)).all()
            if not found:
                return
            of: dict[int, list[int]] = {}
            for subscription_id, company_id in found:
                of.setdefault(company_id, []).append(subscription_id or 0)
            old = [
                and_(
                    col(UsageRecord.company_id) == company_id,
                    col(UsageRecord.subscription_id).in_(ids),
                    col(UsageRecord.started_at) < _moment(before),
                    col(UsageRecord.month) < before,
                )
                for company_id, ids in of.items()
            ]
            old = [
                each for each in old if db.exec(select(col(UsageRecord.month)).where(each).limit(1)).first() is not None
            ]
        for each in old:
            with writing() as db:
                run.count(db, "usage_records", _delete(db, UsageRecord, each))
        last = found[-1][0] or 0


def _mail_before(moment: datetime) -> Any:
    return or_(col(OutgoingMail.sent_at) < moment, col(OutgoingMail.failed_at) < moment)


def _empty_uploads(run: _Run, before: datetime) -> None:
    """Files that were never used go; of the others the file goes, and what would undo them."""
    old = col(Upload.created_at) < before
    run.delete("uploads", Upload, and_(old, col(Upload.applied_at).is_(None)))
    used = and_(old, col(Upload.content).is_not(None))
    run.change("uploads", Upload, used, content=None, rows=None, result=None, undo=None)


def _delete_sessions(run: _Run, kept: timedelta) -> None:
    """Ended ones, and those that ran out by themselves; with them links and sources as old."""
    before = run.actor.at - kept
    with writing() as db:
        _delete(db, MailedLink, col(MailedLink.expires_at) < before)
        _delete(db, KnownSource, col(KnownSource.last_at) < before - sessions.LIFETIME)
    over = or_(col(Session.ended_at) < before, col(Session.last_used_at) < before - sessions.IDLE)
    run.delete("sessions", Session, over)


def _delete_invoices(run: _Run, before: date) -> None:
    """A company's by months of issue, each with what follows from it: costs are summed anew, since sums equal the
    invoices' sums (R7), and so is what documents that remain were credited by or credit."""
    with session() as db:
        days = db.exec(select(Invoice.company_id, col(Invoice.issued)).where(Invoice.issued < before).distinct()).all()
    for company_id, month in sorted({(company_id, day.replace(day=1)) for company_id, day in days}):
        with writing() as db:
            lock_company(db, company_id)
            ids = db.exec(
                select(Invoice.id).where(
                    Invoice.company_id == company_id,
                    Invoice.issued >= month,
                    Invoice.issued < min(months_later(month, 1), before),
                )
            ).all()
            concerned = _summed(db, company_id, ids)
            tied = _tied(db, company_id, ids)
            for model in OF_INVOICE:
                for part in batches(ids):
                    _delete(db, model, and_(col(model.company_id) == company_id, col(model.invoice_id).in_(part)))
            run.count(db, "invoices", sum(_delete(db, Invoice, col(Invoice.id).in_(part)) for part in batches(ids)))
            settlement.settle(db, tied)
            costs.recount(db, company_id, {month for month, _ in concerned}, {number for _, number in concerned})


def _summed(db: DatabaseSession, company_id: int, ids: Sequence[int | None]) -> set[tuple[date, int]]:
    """Months and customer numbers whose costs these documents are part of."""
    found: set[tuple[date, int]] = set()
    for part in batches(ids):
        lines = select(col(InvoiceLine.month), InvoiceLine.customer_number_id).distinct()
        found.update(
            db.exec(lines.where(InvoiceLine.company_id == company_id, col(InvoiceLine.invoice_id).in_(part))).all()
        )
        found.update(
            db.exec(
                select(col(Invoice.month), Invoice.customer_number_id).where(col(Invoice.id).in_(part)).distinct()
            ).all()
        )
    return found


def _tied(db: DatabaseSession, company_id: int, ids: Sequence[int | None]) -> set[int]:
    """Documents besides these that one of them names or that name one of them."""
    found: set[int | None] = set()
    same = and_(
        col(Invoice.company_id) == col(InvoiceReference.company_id), col(Invoice.number) == col(InvoiceReference.number)
    )
    for part in batches(ids):
        pairs = select(Invoice.id, InvoiceReference.invoice_id).join(InvoiceReference, same)
        for side in (col(InvoiceReference.invoice_id), col(Invoice.id)):
            for pair in db.exec(pairs.where(col(InvoiceReference.company_id) == company_id, side.in_(part))).all():
                found.update(pair)
    return {each for each in found.difference(ids) if each is not None}
