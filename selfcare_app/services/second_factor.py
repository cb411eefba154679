"""The second factor (S2): time-based codes (RFC 6238), recovery codes, asked for at sign-in.

It belongs to the sign-in, never to a company (S5). The secret is encrypted at rest; recovery codes are kept as keyed
hashes; a code is good once.
"""

from __future__ import annotations

import hmac
import secrets as random
from dataclasses import dataclass
from datetime import datetime

import pyotp
from sqlalchemy import delete, update
from sqlmodel import Session as DatabaseSession
from sqlmodel import col, select

from selfcare_app.config import settings
from selfcare_app.models import CompanyProfile, OperatorUser, RecoveryCode, SignIn, User
from selfcare_app.services import audit, mail, passwords, secrets, sessions, throttle
from selfcare_app.services.access import (
    Actor,
    NotFound,
    Refused,
    demand_recent_password,
    for_administrator,
    for_sign_in,
)
from selfcare_app.services.database import session, writing
from selfcare_app.services.tokens import hash_guessable
from selfcare_app.specs.text import email_key

STEP = 30
"""Seconds a code is shown."""
DRIFT = 1
"""Steps a telephone's clock may be off, before and after."""
RECOVERY_CODES = 10
_RECOVERY_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that look like another."""
_RECOVERY_PART = 5


class WrongCode(Refused):
    """The code is wrong, old, used already, or no longer looked at: all the same to whoever gives it."""

    def __init__(self) -> None:
        super().__init__("auth.factor.wrong_code")


class AlreadyOn(Refused):
    """There is a second factor, which has to go off before another is set up."""

    def __init__(self) -> None:
        super().__init__("auth.factor.already_on")


@dataclass(frozen=True, slots=True)
class Setup:
    """What an authenticator needs. Shown once, on the set-up page; kept encrypted and nowhere else."""

    secret: str
    uri: str
    """otpauth://… for the QR code."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How the second factor of a sign-in stands."""

    since: datetime | None
    recovery_codes_left: int
    required: bool
    """A company of the sign-in's, or the operator, asks for it: it can't be turned off."""


@for_sign_in
def standing(actor: Actor) -> Standing:
    """How the actor's own second factor stands."""
    with session() as db:
        row = _own(db, actor, hold=False)
        left = db.exec(
            select(col(RecoveryCode.id)).where(
                RecoveryCode.sign_in_id == actor.sign_in_id, col(RecoveryCode.used_at).is_(None)
            )
        ).all()
        return Standing(row.totp_since, len(left) if row.totp_since else 0, _required(db, row))


@for_sign_in
def begin(actor: Actor) -> Setup:
    """Make a secret that counts once a code of it has been given. Refuses with AlreadyOn and PasswordNeeded (S4)."""
    demand_recent_password(actor)
    with writing() as db:
        row = _own(db, actor)
        if row.totp_since is not None:
            raise AlreadyOn
        # Opening the page again shows the same secret: a code of the first picture must not fail.
        secret = _half_begun(row)
        if not secret:
            secret = pyotp.random_base32()
            row.totp_secret = secrets.encrypt(secret, _about(row))
            db.add(row)
        issuer = f"{settings().operator_name} Selfcare"
        return Setup(secret, pyotp.TOTP(secret, interval=STEP).provisioning_uri(name=row.email, issuer_name=issuer))


@for_sign_in
def confirm(actor: Actor, code: str) -> list[str]:
    """Switch the second factor on with a first code; gives the recovery codes, which are shown this once.

    Refuses with AlreadyOn, WrongCode, Throttled, PasswordNeeded, and what wasn't begun. Other sessions end: they were
    begun without it.
    """
    demand_recent_password(actor)
    attempt = _attempt(actor.email, actor.source, actor.at)
    with writing() as db:
        row = _own(db, actor)
        if row.totp_since is not None:
            raise AlreadyOn
        if not row.totp_secret:
            raise Refused("auth.factor.not_begun")
        if not _right_time_code(row, code, actor.at):
            raise WrongCode
        throttle.take_back(db, attempt, actor.at)
        row.totp_since = actor.at
        row.version += 1
        db.add(row)
        codes = _new_recovery_codes(db, row)
        assert row.id is not None
        sessions.end_all(db, row.id, actor.at, keep=actor.session_id)
        mail.second_factor(db, "on", recipient=row.email, language=row.language, now=actor.at)
        audit.record(db, actor, "second_factor_on", kind="sign_in", object_id=row.id, label=row.email)
        return codes


@for_sign_in
def renew_recovery_codes(actor: Actor) -> list[str]:
    """New recovery codes in place of the old. Refuses without a second factor, and with PasswordNeeded."""
    demand_recent_password(actor)
    with writing() as db:
        row = _own(db, actor)
        if row.totp_since is None:
            raise Refused("auth.factor.not_begun")
        codes = _new_recovery_codes(db, row)
        audit.record(db, actor, "recovery_codes_renewed", kind="sign_in", object_id=row.id, label=row.email)
        return codes


@for_sign_in
def turn_off(actor: Actor, password: str, code: str) -> None:
    """Switch it off with password and code. Refuses while a company or the operator requires it, with WrongCode for
    either being wrong (one answer for both), and with Throttled."""
    attempt = _attempt(actor.email, actor.source, actor.at)
    with session() as db:
        stored = _own(db, actor, hold=False).password_hash
    right = passwords.verify(stored, password)
    with writing() as db:
        row = _own(db, actor)
        if row.totp_since is None:
            raise Refused("auth.factor.not_begun")
        if _required(db, row):
            raise Refused("auth.factor.required")
        if not (right and row.password_hash == stored and _right_code(db, row, code, actor.at)):
            raise WrongCode
        throttle.take_back(db, attempt, actor.at)
        clear(db, row)
        mail.second_factor(db, "off", recipient=row.email, language=row.language, now=actor.at)
        audit.record(db, actor, "second_factor_off", kind="sign_in", object_id=row.id, label=row.email)


@for_administrator
def take_away(actor: Actor, email: str) -> None:
    """Take away the second factor of an address whom nobody in their company can help: a last superuser, staff, anybody
    once what keys the secrets has changed. They are signed out everywhere and told by mail.

    Refuses an address without one; raises Forbidden for staff who are not administrators (P1).
    """
    with writing() as db:
        held = select(SignIn).where(SignIn.email_key == email_key(email)).with_for_update(key_share=True)
        row = db.exec(held).first()
        if row is None or row.id is None or row.totp_since is None:
            raise Refused("staff.no_second_factor")
        clear(db, row)
        sessions.end_all(db, row.id, actor.at)
        mail.second_factor(db, "off", recipient=row.email, language=row.language, now=actor.at)
        action = "user_second_factor_reset"
        users = db.exec(select(User).where(User.sign_in_id == row.id, col(User.removed_at).is_(None))).all()
        for user in users:
            audit.record(db, actor, action, kind="user", object_id=user.id, label=user.name, company_id=user.company_id)
        if not users:
            audit.record(db, actor, action, kind="sign_in", object_id=row.id, label=row.email)


def prove(token: str, code: str, *, source: str, now: datetime) -> sessions.SignedIn:
    """Give the second factor of a half session; gives the whole one, with a new token.

    Refuses with SignInRefused when there is no session that waits for it, with WrongCode or Throttled.
    """
    with session() as db:
        found = sessions.half_session(db, token, now)
        if found is None:
            raise sessions.SignInRefused
        email = found[1].email_key
    attempt = _attempt(email, source, now)
    with writing() as db:
        found = sessions.half_session(db, token, now)
        if found is None:
            raise sessions.SignInRefused
        made, row = found
        if not _right_code(db, row, code, now):
            wrong = True
            actor = Actor(name=row.email, at=now, sign_in_id=row.id, source=source)
            audit.record_of_sign_in(db, actor, "second_factor_failed", label=row.email)
        else:
            wrong = False
            throttle.take_back(db, attempt, now)
            signed_in = sessions.complete(db, made, row, source, now)
    # Outside, so that the record of the failure stays.
    if wrong:
        raise WrongCode
    return signed_in


def waits(token: str, now: datetime) -> bool:
    """Whether the token is of a session that waits for its second factor."""
    with session() as db:
        return bool(token) and sessions.half_session(db, token, now) is not None


def clear(db: DatabaseSession, row: SignIn) -> None:
    """Take the second factor and its recovery codes away, in the caller's transaction."""
    row.totp_secret, row.totp_since = "", None
    row.version += 1
    db.add(row)
    db.exec(delete(RecoveryCode).where(col(RecoveryCode.sign_in_id) == row.id))


def _own(db: DatabaseSession, actor: Actor, hold: bool = True) -> SignIn:
    statement = select(SignIn).where(SignIn.id == actor.sign_in_id)
    row = db.exec(statement.with_for_update(key_share=True) if hold else statement).first()
    if row is None:
        raise NotFound
    return row


def _about(row: SignIn) -> str:
    return f"totp {row.id}"


def _half_begun(row: SignIn) -> str:
    """The secret shown before. Empty when there is none, or it can't be read any more, the portal's own secret having
    changed: nothing hangs on it yet, so another takes its place."""
    try:
        return secrets.decrypt(row.totp_secret, _about(row))
    except secrets.Unreadable:
        return ""


def _attempt(email: str, source: str, now: datetime) -> throttle.Attempt:
    """Codes are few: guesses are counted apart from passwords, and against the account wherever they come from."""
    with writing() as db:
        return throttle.reserve(db, throttle.code_limits(email, source), now)


def _required(db: DatabaseSession, row: SignIn) -> bool:
    staff = db.exec(
        select(OperatorUser.id).where(OperatorUser.sign_in_id == row.id, col(OperatorUser.disabled_at).is_(None))
    ).first()
    if staff is not None and not settings().demo_mode:
        return True
    return (
        db.exec(
            select(User.id)
            .join(CompanyProfile, col(CompanyProfile.company_id) == col(User.company_id))
            .where(
                User.sign_in_id == row.id,
                col(User.disabled_at).is_(None),
                col(CompanyProfile.require_second_factor).is_(True),
            )
        ).first()
        is not None
    )


def _right_code(db: DatabaseSession, row: SignIn, code: str, now: datetime) -> bool:
    return _right_time_code(row, code, now) or _right_recovery_code(db, row, code, now)


def _right_time_code(row: SignIn, code: str, now: datetime) -> bool:
    """Whether it is a code of now, of a step later than the last that was used; then that step is used up."""
    given = "".join(code.split())
    if not row.totp_secret or not (given.isascii() and given.isdigit()):
        return False
    try:
        codes = pyotp.TOTP(secrets.decrypt(row.totp_secret, _about(row)), interval=STEP)
    except secrets.Unreadable:
        # The portal's secret was changed: somebody who may must reset it, and no code is right until then.
        return False
    current = codes.timecode(now)
    for step in range(current - DRIFT, current + DRIFT + 1):
        if step > row.totp_step and hmac.compare_digest(codes.generate_otp(step), given):
            row.totp_step = step
            return True
    return False


def _right_recovery_code(db: DatabaseSession, row: SignIn, code: str, now: datetime) -> bool:
    if row.totp_since is None:
        return False
    used = db.exec(
        update(RecoveryCode)
        .where(
            col(RecoveryCode.sign_in_id) == row.id,
            col(RecoveryCode.code_hash) == _recovery_hash(row, code),
            col(RecoveryCode.used_at).is_(None),
        )
        .values(used_at=now)
    )
    return used.rowcount == 1


def _new_recovery_codes(db: DatabaseSession, row: SignIn) -> list[str]:
    db.exec(delete(RecoveryCode).where(col(RecoveryCode.sign_in_id) == row.id))
    codes = ["-".join(_letters() for _ in range(2)) for _ in range(RECOVERY_CODES)]
    assert row.id is not None
    db.add_all(RecoveryCode(sign_in_id=row.id, code_hash=_recovery_hash(row, code)) for code in codes)
    return codes


def _letters() -> str:
    return "".join(random.choice(_RECOVERY_LETTERS) for _ in range(_RECOVERY_PART))


def _recovery_hash(row: SignIn, code: str) -> str:
    plain = "".join(c for c in code.lower() if c.isalnum())
    return hash_guessable("recovery code", str(row.id), plain)
