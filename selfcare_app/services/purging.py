"""What is kept, and for how long (P6): `purge` deletes what has stood its time. Sums and names on history stay."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import and_, delete, exists, or_, update
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
    OperatorUser,
    OutgoingMail,
    Payment,
    RecoveryCode,
    Session,
    SignIn,
    Upload,
    UsageRecord,
    User,
)
from selfcare_app.services import audit, clock, sessions
from selfcare_app.services.access import Actor, for_operator
from selfcare_app.services.database import writing

OF_INVOICE: tuple[Any, ...] = (
    InvoiceAllowance,
    InvoiceLine,
    InvoiceOriginal,
    InvoiceReference,
    InvoiceVat,
    Payment,
)
"""Tables whose rows go with their invoice."""
GONE = "removed-{id}@selfcare.invalid"
"""The address of a sign-in that leads nowhere any more; .invalid is reserved for what never exists (RFC 2606)."""


@dataclass(frozen=True, slots=True)
class Purged:
    """How much went, by kind."""

    usage_records: int
    log_entries: int
    mails: int
    """Whose text was wiped; that they were sent stays."""
    sessions: int
    invoices: int
    uploads: int
    """Files that people sent in; that they did, and what it came to, stays."""
    people: int
    """Removed users whose contact details went."""


def months_before(day: date, months: int) -> date:
    """The first day of the month so many months before the day's own."""
    years, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(years, month + 1, 1)


@for_operator
def purge(actor: Actor) -> Purged:
    """Delete what the settings keep no longer, all in one transaction. Doing it again the same day deletes nothing.

    Usage goes by whole months, invoices by whole years after the year they were issued in.
    """
    kept, today = settings(), actor.today
    with writing() as db:
        done = Purged(
            usage_records=_delete(
                db, UsageRecord, col(UsageRecord.month) < months_before(today, kept.keep_usage_months)
            ),
            log_entries=_delete(
                db, AuditEntry, col(AuditEntry.at) < _moment(months_before(today, kept.keep_log_months))
            ),
            mails=_wipe_mails(db, actor.at - timedelta(days=kept.keep_mail_days)),
            sessions=_delete_sessions(db, actor.at, timedelta(days=kept.keep_session_days)),
            invoices=_delete_invoices(db, date(today.year - kept.keep_invoice_years, 1, 1)),
            uploads=_empty_uploads(db, actor.at - timedelta(days=kept.keep_upload_days)),
            people=_forget_people(db, actor.at - timedelta(days=kept.keep_contact_days)),
        )
        counts = {name: getattr(done, name) for name in Purged.__dataclass_fields__ if getattr(done, name)}
        if counts:
            audit.record(db, actor, "purged", kind="portal", after=counts)
    return done


def _moment(day: date) -> datetime:
    return datetime.combine(day, time(), clock.STOCKHOLM)


def _delete(db: DatabaseSession, model: Any, which: Any) -> int:
    return int(db.exec(delete(model).where(which)).rowcount)


def _wipe_mails(db: DatabaseSession, before: datetime) -> int:
    wiped = db.exec(
        update(OutgoingMail)
        .where(
            or_(col(OutgoingMail.sent_at) < before, col(OutgoingMail.failed_at) < before), col(OutgoingMail.text) != ""
        )
        .values(text="", html="")
    )
    return int(wiped.rowcount)


def _empty_uploads(db: DatabaseSession, before: datetime) -> int:
    """Files that were never used go; of the others the file goes, and what would undo them."""
    unused = _delete(db, Upload, and_(col(Upload.created_at) < before, col(Upload.applied_at).is_(None)))
    emptied = db.exec(
        update(Upload)
        .where(col(Upload.created_at) < before, col(Upload.content).is_not(None))
        .values(content=None, rows=None, result=None, undo=None)
    )
    return unused + int(emptied.rowcount)


def _delete_sessions(db: DatabaseSession, now: datetime, kept: timedelta) -> int:
    """Ended ones, and those that ran out by themselves; with them links and sources as old."""
    before = now - kept
    _delete(db, MailedLink, col(MailedLink.expires_at) < before)
    _delete(db, KnownSource, col(KnownSource.last_at) < before - sessions.LIFETIME)
    return _delete(db, Session, or_(col(Session.ended_at) < before, col(Session.last_used_at) < before - sessions.IDLE))


def _delete_invoices(db: DatabaseSession, before: date) -> int:
    old = select(Invoice.id).where(Invoice.issued < before)
    for model in OF_INVOICE:
        _delete(db, model, col(model.invoice_id).in_(old))
    return _delete(db, Invoice, col(Invoice.issued) < before)


def _forget_people(db: DatabaseSession, before: datetime) -> int:
    """Contact details of removed users, and the address of a sign-in that leads nowhere any more."""
    gone = db.exec(
        select(User, SignIn)
        .join(SignIn, col(SignIn.id) == col(User.sign_in_id))
        .where(
            col(User.removed_at) < before, or_(col(User.phone) != "", col(SignIn.email).not_like(GONE.format(id="%")))
        )
    ).all()
    people = 0
    for user, row in gone:
        leads_on = exists().where(col(User.sign_in_id) == row.id, col(User.removed_at).is_(None)) | exists().where(
            col(OperatorUser.sign_in_id) == row.id
        )
        if user.phone or not db.exec(select(leads_on)).one():
            people += 1
        user.phone, user.search_key = "", ""
        db.add(user)
        if db.exec(select(leads_on)).one():
            continue
        for model in (RecoveryCode, KnownSource, MailedLink, Session):
            _delete(db, model, col(model.sign_in_id) == row.id)
        row.email = row.email_key = GONE.format(id=row.id)
        row.password_hash, row.totp_secret, row.totp_since = "", "", None
        db.add(row)
    return people
