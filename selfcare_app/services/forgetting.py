"""Contact details of removed users go when their time has come (P6): address and number, also where the log and the
outbox repeat them. Their names stay on history."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, String, and_, delete, exists, func, or_, update
from sqlalchemy.orm import aliased
from sqlmodel import Session as DatabaseSession
from sqlmodel import col, select

from selfcare_app.models import (
    AuditEntry,
    KnownSource,
    MailedLink,
    OperatorUser,
    OutgoingMail,
    RecoveryCode,
    Session,
    SignIn,
    User,
)
from selfcare_app.services.audit import HIDDEN
from selfcare_app.services.database import among, lock_company, session
from selfcare_app.specs.text import email_key, search_key

GONE = "removed-{id}@selfcare.invalid"
"""The address of a sign-in that leads nowhere any more; .invalid is reserved for what never exists (RFC 2606)."""
CONTACT = ("email", "phone")
"""Fields of log entries that tell how to reach somebody."""


def companies_with_any(before: datetime) -> list[int]:
    """Ids of companies with a user who was removed before that moment and can still be reached."""
    found = select(User.company_id).join(SignIn, col(SignIn.id) == col(User.sign_in_id)).where(_reachable(before))
    with session() as db:
        return list(db.exec(found.distinct().order_by(col(User.company_id))).all())


def forget(db: DatabaseSession, company_id: int, before: datetime) -> int:
    """Forget how to reach those of a company who were removed before that moment, in the caller's transaction, and give
    how many they were. A sign-in that leads somewhere else keeps its address."""
    # Whoever is invited again meanwhile isn't forgotten.
    lock_company(db, company_id)
    people: Any = db.exec(
        select(User, SignIn, _leads_on(before))
        .join(SignIn, col(SignIn.id) == col(User.sign_in_id))
        .where(col(User.company_id) == company_id, _reachable(before))
        .order_by(col(User.id))
    ).all()
    for user, row, leads_on in people:
        said = _blank_log(db, user, row, everywhere=not leads_on)
        user.phone = user.search_key = ""
        db.add(user)
        if not leads_on:
            _end_of_sign_in(db, row, said)
    return len(people)


def _leads_on(before: datetime) -> ColumnElement[bool]:
    """The sign-in is somebody's still: of another company, of one that they left later, or of the operator's."""
    other = aliased(User)
    stays = or_(col(other.removed_at).is_(None), col(other.removed_at) >= before)
    return or_(
        exists().where(col(other.sign_in_id) == col(SignIn.id), stays),
        exists().where(col(OperatorUser.sign_in_id) == col(SignIn.id)),
    )


def _reachable(before: datetime) -> ColumnElement[bool]:
    """They were removed before that moment, and something is left by which they are reached or found."""
    left = and_(col(SignIn.email).not_like(GONE.format(id="%")), ~_leads_on(before))
    return and_(col(User.removed_at) < before, or_(col(User.phone) != "", col(User.search_key) != "", left))


def _blank_log(db: DatabaseSession, user: User, row: SignIn, *, everywhere: bool) -> set[str]:
    """Take address and number out of the entries about somebody: those of the company, or of the portal too. What was
    done, when and by whom stays. Gives the addresses that stood there."""
    of_user = and_(col(AuditEntry.object_kind) == "user", col(AuditEntry.object_id) == user.id)
    of_sign_in = and_(col(AuditEntry.object_kind) == "sign_in", col(AuditEntry.object_id) == row.id)
    where = and_(col(AuditEntry.company_id) == user.company_id, or_(of_user, of_sign_in))
    if everywhere:
        where = or_(where, and_(col(AuditEntry.company_id).is_(None), of_sign_in))
    addresses = {row.email, row.email_key}
    entries = db.exec(select(AuditEntry).where(where)).all()
    for entry in entries:
        addresses |= {str(values.get("email") or "") for values in (entry.before, entry.after) if values}
        # The log calls a sign-in by its address.
        if entry.object_kind == "sign_in":
            addresses.add(entry.object_label)
    for entry in entries:
        entry.before, entry.after = _blanked(entry.before), _blanked(entry.after)
        if entry.object_kind == "sign_in":
            entry.object_label = user.name
        if entry.who in addresses:
            entry.who = user.name
        entry.search_key = search_key(entry.who, entry.object_label)
        db.add(entry)
    return addresses


def _blanked(values: dict[str, Any] | None) -> dict[str, Any] | None:
    if values is None:
        return None
    return {name: HIDDEN if name in CONTACT and value else value for name, value in values.items()}


def _end_of_sign_in(db: DatabaseSession, row: SignIn, addresses: Collection[str]) -> None:
    assert row.id is not None
    for model in (RecoveryCode, KnownSource, MailedLink, Session):
        db.exec(delete(model).where(col(model.sign_in_id) == row.id))
    row.email = row.email_key = GONE.format(id=row.id)
    row.password_hash, row.totp_secret, row.totp_since = "", "", None
    db.add(row)
    db.flush()
    # An address they had once may be another's by now.
    keys = {email_key(address) for address in addresses}
    others = set(db.exec(select(SignIn.email_key).where(among(db, col(SignIn.email_key), keys))).all())
    theirs = {each for each in (*addresses, *keys) if "@" in each and email_key(each) not in others}
    recipient = col(OutgoingMail.recipient)
    to_them = or_(among(db, recipient, theirs), among(db, func.lower(recipient, type_=String), theirs))
    db.exec(update(OutgoingMail).where(to_them).values(recipient=row.email, error=""))
