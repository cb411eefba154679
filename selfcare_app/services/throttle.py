"""How often somebody may fail: counts per account and per source, with blocks that grow."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlmodel import Session as DatabaseSession
from sqlmodel import col, select

from selfcare_app.models import Throttle
from selfcare_app.services.access import Refused
from selfcare_app.services.database import insert_if_missing
from selfcare_app.services.tokens import hash_guessable, network

LONGEST_BLOCK = timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(hours=1)
SECRETS_AN_HOUR = 30
OWN_DATA_AN_HOUR = 5
WORDS_IN_MINUTES_FROM = 90
"""Seconds from which a wait is told in minutes."""


class Throttled(Refused):
    """Too many attempts; `seconds` until the next one is looked at."""

    def __init__(self, seconds: int) -> None:
        if seconds < WORDS_IN_MINUTES_FROM:
            super().__init__("auth.throttled.seconds", n=seconds)
        else:
            super().__init__("auth.throttled.minutes", n=math.ceil(seconds / 60))
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Limit:
    """One thing that is counted: `free` failures cost nothing; with `within`, old ones drain away at that pace."""

    key: str
    free: int
    within: timedelta | None = None
    keeps: bool = False
    """Success takes back only its own attempt, and not the failures of others who share the key."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt that was counted before it was looked at; give it to `take_back` when it succeeded."""

    counted: tuple[tuple[Limit, datetime | None], ...]


def sign_in_limits(email_key: str, source: str, known: bool) -> tuple[Limit, ...]:
    """What a sign-in counts on. A source the account is known from has a count of its own, so that guesses made
    elsewhere don't lock its owner out. Whether the account exists makes no difference."""
    where = network(source)
    account = (
        hash_guessable("throttle account and source", email_key, where)
        if known
        else hash_guessable("throttle account", email_key)
    )
    return (
        Limit(hash_guessable("throttle source", where), free=50, within=timedelta(minutes=15), keeps=True),
        Limit(account, free=5),
    )


def code_limits(email_key: str, source: str) -> tuple[Limit, ...]:
    """What a code of the second factor counts on: six digits are guessed in far fewer tries than a password."""
    return (
        Limit(
            hash_guessable("throttle code source", network(source)), free=30, within=timedelta(minutes=15), keeps=True
        ),
        Limit(hash_guessable("throttle code", email_key), free=5),
    )


def mail_source_limit(source: str) -> Limit:
    """How many forgotten passwords one source may ask for in an hour."""
    return Limit(hash_guessable("throttle reset source", network(source)), free=20)


def mail_account_limit(email_key: str) -> Limit:
    """How many forgotten-password mails one address gets in an hour."""
    return Limit(hash_guessable("throttle reset account", email_key), free=3)


def secrets_limit(user_id: int | None) -> Limit:
    """How many subscriptions' SIM and PUK one user may read in an hour: nobody harvests them all."""
    return Limit(hash_guessable("throttle secrets", str(user_id)), free=SECRETS_AN_HOUR)


def own_data_limit(sign_in_id: int | None) -> Limit:
    """How often one may download what is kept about oneself in an hour: it is much work."""
    return Limit(hash_guessable("throttle own data", str(sign_in_id)), free=OWN_DATA_AN_HOUR)


def reserve(db: DatabaseSession, limits: Sequence[Limit], now: datetime) -> Attempt:
    """Count an attempt as failed before it is looked at, so that guesses made side by side can't slip through.

    Refuses with Throttled while any of the limits is blocked; then nothing is counted and no block grows.
    """
    rows = [_locked(db, limit, now) for limit in limits]
    blocked = [row.blocked_until for row in rows if row.blocked_until and row.blocked_until > now]
    if blocked:
        raise Throttled(math.ceil((max(blocked) - now).total_seconds()))
    counted = []
    for limit, row in zip(limits, rows, strict=True):
        row.failures = _remembered(limit, row, now) + 1
        row.last_at = now
        row.blocked_until = _block_end(limit, row.failures, now)
        db.add(row)
        counted.append((limit, row.blocked_until))
    return Attempt(tuple(counted))


def take_back(db: DatabaseSession, attempt: Attempt, now: datetime) -> None:
    """The attempt succeeded: it was no failure, and the account's failures before it are forgiven."""
    for limit, blocked_until in attempt.counted:
        row = _locked(db, limit, now)
        row.failures = max(0, row.failures - 1) if limit.keeps else 0
        if not limit.keeps or row.blocked_until == blocked_until:
            row.blocked_until = None
        db.add(row)


def spend(db: DatabaseSession, limit: Limit, now: datetime) -> None:
    """Count something that is rationed: `free` an hour, from the first. Refuses with Throttled when they are spent."""
    row = _locked(db, limit, now)
    if now - row.last_at >= FORGOTTEN_AFTER:
        row.failures = 0
    if row.failures >= limit.free:
        raise Throttled(math.ceil((row.last_at + FORGOTTEN_AFTER - now).total_seconds()))
    # The first sets the hour; the others leave it.
    row.last_at = row.last_at if row.failures else now
    row.failures += 1
    db.add(row)


def forgive(db: DatabaseSession, email_key: str, source: str) -> None:
    """Lift what stands against an account: its owner has proved to hold the mailbox."""
    known, unknown = (sign_in_limits(email_key, source, known)[1].key for known in (True, False))
    db.exec(delete(Throttle).where(col(Throttle.key).in_([known, unknown])))


def forget_old(db: DatabaseSession, now: datetime) -> None:
    """Delete what has no effect any longer; rows somebody holds are left for next time."""
    old = db.exec(
        select(Throttle.key)
        .where(col(Throttle.last_at) < now - 2 * FORGOTTEN_AFTER)
        .limit(200)
        .with_for_update(skip_locked=True)
    ).all()
    if old:
        db.exec(delete(Throttle).where(col(Throttle.key).in_(old)))


def _locked(db: DatabaseSession, limit: Limit, now: datetime) -> Throttle:
    """The limit's row, held until the transaction ends; made when it isn't there."""
    insert_if_missing(db, Throttle, key=limit.key, failures=0, last_at=now)
    statement = select(Throttle).where(Throttle.key == limit.key).with_for_update()
    return db.exec(statement.execution_options(populate_existing=True)).one()


def _remembered(limit: Limit, row: Throttle, now: datetime) -> int:
    since = now - row.last_at
    if since >= FORGOTTEN_AFTER:
        return 0
    if limit.within is None or row.failures > limit.free:
        return row.failures
    return max(0, row.failures - int(since / (limit.within / limit.free)))


def _block_end(limit: Limit, failures: int, now: datetime) -> datetime | None:
    over = failures - limit.free
    if over <= 0:
        return None
    # 2**10 seconds is past the longest block already.
    return now + min(timedelta(seconds=2 ** min(over - 1, 10)), LONGEST_BLOCK)
