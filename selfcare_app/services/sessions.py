"""Signing in and out, and who a session belongs to at this moment (S4, S5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import bindparam, func, update
from sqlmodel import Session as DatabaseSession
from sqlmodel import col, select

from selfcare_app.config import settings
from selfcare_app.locales import LANGUAGES
from selfcare_app.models import Company, CompanyProfile, KnownSource, OperatorUser, Session, SignIn, User
from selfcare_app.services import audit, passwords, throttle
from selfcare_app.services.access import Actor, NotFound, Refused, for_sign_in
from selfcare_app.services.database import session, write_if_free, writing
from selfcare_app.services.tokens import hash_guessable, hash_token, network, new_token
from selfcare_app.specs.permissions import OperatorRole, permissions_of
from selfcare_app.specs.text import email_key

IDLE = timedelta(hours=12)
LIFETIME = timedelta(days=30)
HALF = timedelta(minutes=10)
"""How long a session waits for its second factor."""
USED_EVERY = timedelta(minutes=1)
"""`last_used_at` is written at most this often, so that reading stays reading."""
DEVICE_LENGTH = 200


class SignInRefused(Refused):
    """One answer for every reason: unknown address, wrong password, disabled, not yet registered."""

    def __init__(self) -> None:
        super().__init__("auth.sign_in_refused")


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new session. The token goes into the cookie and is kept nowhere else."""

    token: str
    needs_company: bool
    """Whether a company (or the operator's desk) must be chosen first."""
    needs_factor: bool = False
    """Whether the second factor must be given first: until then the session leads nowhere."""


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere a sign-in may go: a company it is an active user of."""

    user_id: int
    company_id: int
    company_name: str
    user_name: str


def sign_in(
    email: str, password: str, *, source: str, device: str, now: datetime, presented: str | None = None
) -> SignedIn:
    """Check address and password and make a session (S2, S4).

    `presented` is the token the browser came with: that session ends. Refuses with SignInRefused, or with Throttled
    before anything is looked at. Each kind of failure does the same work.
    """
    key = email_key(email)
    with writing() as db:
        found = db.exec(select(SignIn).where(SignIn.email_key == key)).first()
        sign_in_id, stored = (found.id or 0, found.password_hash) if found else (0, "")
        limits = throttle.sign_in_limits(key, source, _known(db, sign_in_id, source))
        attempt = throttle.reserve(db, limits, now)
    right = passwords.verify(stored, password)
    renewed = passwords.hash_password(password) if right and passwords.outdated(stored) else stored
    with writing() as db:
        # Held, so that a new password set meanwhile wins over the one that was checked.
        row = db.exec(select(SignIn).where(SignIn.id == sign_in_id).with_for_update(key_share=True)).first()
        places, staff = _places(db, sign_in_id), _staff(db, sign_in_id)
        if row and right and row.password_hash == stored and (places or staff):
            row.password_hash = renewed
            signed_in = _begin(db, row, places, staff, source, device, now)
            throttle.take_back(db, attempt, now)
            if presented:
                _end(db, Session.token_hash == hash_token(presented), now)
        else:
            signed_in = None
            record_failure(db, row, key, source, now)
    if signed_in is None:
        raise SignInRefused
    with writing() as db:
        throttle.forget_old(db, now)
    return signed_in


def begin_session(
    db: DatabaseSession,
    row: SignIn,
    *,
    user_id: int,
    source: str,
    device: str,
    now: datetime,
    presented: str | None = None,
) -> SignedIn:
    """A session as a certain user, for a sign-in that has just proved itself in the caller's transaction.

    Refuses with SignInRefused when that user isn't active.
    """
    assert row.id is not None
    places = [place for place in _places(db, row.id) if place.user_id == user_id]
    if not places:
        raise SignInRefused
    if presented:
        _end(db, Session.token_hash == hash_token(presented), now)
    return _begin(db, row, places, None, source, device, now)


def _begin(
    db: DatabaseSession,
    row: SignIn,
    places: Sequence[Place],
    staff: OperatorUser | None,
    source: str,
    device: str,
    now: datetime,
) -> SignedIn:
    assert row.id is not None
    only = places[0] if len(places) == 1 and staff is None else None
    token = new_token()
    made = Session(
        token_hash=hash_token(token),
        ref=new_token(),
        sign_in_id=row.id,
        user_id=only.user_id if only else None,
        created_at=now,
        last_used_at=now,
        password_at=now,
        factor_pending=row.totp_since is not None,
        source=source,
        device="".join(c for c in device if c.isprintable())[:DEVICE_LENGTH],
    )
    db.add(made)
    if made.factor_pending:
        return SignedIn(token, needs_company=False, needs_factor=True)
    return SignedIn(token, needs_company=_entered(db, row, only, places, staff, source, now))


def half_session(db: DatabaseSession, token: str, now: datetime) -> tuple[Session, SignIn] | None:
    """The session that waits for its second factor, and its sign-in, both held; None when there is none such."""
    made = db.exec(
        select(Session)
        .where(
            Session.token_hash == hash_token(token),
            col(Session.factor_pending).is_(True),
            col(Session.ended_at).is_(None),
            col(Session.created_at) > now - HALF,
        )
        .with_for_update(key_share=True)
    ).first()
    if made is None:
        return None
    return made, db.exec(select(SignIn).where(SignIn.id == made.sign_in_id).with_for_update(key_share=True)).one()


def complete(db: DatabaseSession, made: Session, row: SignIn, source: str, now: datetime) -> SignedIn:
    """Make a half session whole: its second factor was right. Its token and reference change.

    Refuses with SignInRefused when the sign-in leads nowhere any more.
    """
    assert row.id is not None
    places, staff = _places(db, row.id), _staff(db, row.id)
    if made.user_id is not None:
        places = [place for place in places if place.user_id == made.user_id]
    if not places and (staff is None or made.user_id is not None):
        raise SignInRefused
    only = places[0] if made.user_id is not None else None
    token = new_token()
    made.factor_pending, made.token_hash, made.ref, made.last_used_at = False, hash_token(token), new_token(), now
    db.add(made)
    return SignedIn(token, needs_company=_entered(db, row, only, places, staff, source, now))


def _entered(
    db: DatabaseSession,
    row: SignIn,
    only: Place | None,
    places: Sequence[Place],
    staff: OperatorUser | None,
    source: str,
    now: datetime,
) -> bool:
    """Record that somebody is in; gives whether a company must be chosen first."""
    db.merge(KnownSource(sign_in_id=row.id or 0, source_hash=_source_hash(source), last_at=now))
    if only:
        _mark_signed_in(db, only.user_id, now)
    who = only.user_name if only else staff.name if staff else places[0].user_name
    actor = Actor(
        name=who,
        at=now,
        company_id=only.company_id if only else None,
        user_id=only.user_id if only else None,
        sign_in_id=row.id,
        source=source,
    )
    audit.record(db, actor, "signed_in", kind="sign_in", object_id=row.id, label=row.email)
    return not only and bool(places)


def actor_by_token(token: str, now: datetime, source: str) -> Actor | None:
    """Whoever bears the cookie; None when the session has ended or no longer leads anywhere."""
    return _actor("token_hash", hash_token(token), now, source) if token else None


def has_ended(token: str, now: datetime) -> bool:
    """Whether the cookie is of a session that was, and is no more."""
    with session() as db:
        row = db.exec(select(Session).where(Session.token_hash == hash_token(token))).first() if token else None
    if row is None or row.factor_pending:
        return False
    return row.ended_at is not None or now - row.last_used_at >= IDLE or now - row.created_at >= LIFETIME


def actor_by_ref(ref: str, now: datetime, source: str) -> Actor | None:
    """The same by the session's public reference, which sockets carry."""
    return _actor("ref", ref, now, source) if ref else None


def _places_count() -> Any:
    """How many companies the session's sign-in is active in, as part of the one query."""
    user, company = User.__table__.alias(), Company.__table__.alias()  # type: ignore[attr-defined]
    return (
        select(func.count())
        .select_from(user.join(company, company.c.id == user.c.company_id))
        .where(
            user.c.sign_in_id == Session.sign_in_id,
            user.c.activated_at.is_not(None),
            user.c.disabled_at.is_(None),
            company.c.disabled_at.is_(None),
        )
        .correlate(Session)
        .scalar_subquery()
    )


@cache
def _lookup(column: str) -> Any:
    """The query of `_actor`, made once: it runs before every event and request."""
    return (
        select(  # type: ignore[call-overload]
            col(Session.id).label("session_id"),
            Session.ref,
            Session.sign_in_id,
            Session.user_id,
            Session.created_at,
            Session.last_used_at,
            Session.password_at,
            col(SignIn.totp_since).is_not(None).label("has_factor"),
            CompanyProfile.require_second_factor,
            SignIn.email,
            SignIn.language,
            col(User.name).label("user_name"),
            User.company_id,
            User.role,
            User.permissions,
            User.access_all,
            User.activated_at,
            col(User.disabled_at).label("user_disabled_at"),
            col(Company.name).label("company_name"),
            col(Company.disabled_at).label("company_disabled_at"),
            col(OperatorUser.name).label("staff_name"),
            col(OperatorUser.role).label("staff_role"),
            col(OperatorUser.disabled_at).label("staff_disabled_at"),
            _places_count().label("companies"),
        )
        .join(SignIn, col(SignIn.id) == Session.sign_in_id)
        .outerjoin(User, (col(User.id) == Session.user_id) & (col(User.sign_in_id) == Session.sign_in_id))
        .outerjoin(Company, col(Company.id) == User.company_id)
        .outerjoin(CompanyProfile, col(CompanyProfile.company_id) == User.company_id)
        .outerjoin(OperatorUser, col(OperatorUser.sign_in_id) == Session.sign_in_id)
        .where(
            getattr(Session, column) == bindparam("value"),
            col(Session.ended_at).is_(None),
            col(Session.factor_pending).is_(False),
        )
    )


def _actor(column: str, value: str, now: datetime, source: str) -> Actor | None:
    with session() as db:
        row = db.connection().execute(_lookup(column), {"value": value}).first()
    if row is None or now - row.last_used_at >= IDLE or now - row.created_at >= LIFETIME:
        return None
    actor = _actor_of(row, now, source)
    if actor is not None and now - row.last_used_at >= USED_EVERY:
        _mark_used(row.session_id, now)
    return actor


def _actor_of(row: Any, now: datetime, source: str) -> Actor | None:
    common = Actor(
        name=row.user_name or row.staff_name or row.email,
        at=now,
        sign_in_id=row.sign_in_id,
        session_id=row.session_id,
        session_ref=row.ref,
        language=row.language,
        email=row.email,
        source=source,
        companies=row.companies,
        password_at=row.password_at,
    )
    if row.user_id is None:
        if row.staff_role and row.staff_disabled_at is None:
            if not row.has_factor and not settings().demo_mode:
                # P1. With no role and no company nothing can be done but to set it up.
                return replace(common, needs_second_factor=True)
            return replace(common, operator_role=OperatorRole(row.staff_role))
        return common if row.companies else None
    if not row.activated_at or row.user_disabled_at or row.company_disabled_at:
        return None
    if row.require_second_factor and not row.has_factor:
        return replace(common, needs_second_factor=True)
    return replace(
        common,
        company_id=row.company_id,
        company_name=row.company_name,
        user_id=row.user_id,
        permissions=permissions_of(row.role, row.permissions),
        access_all=row.access_all,
        role=row.role,
    )


def _mark_used(session_id: int, now: datetime) -> None:
    # Whoever looks at a page doesn't wait for a load to end.
    write_if_free(
        update(Session)
        .where(col(Session.id) == session_id, col(Session.last_used_at) <= now - USED_EVERY)
        .values(last_used_at=now)
    )


@for_sign_in
def sign_out(actor: Actor) -> None:
    """End the actor's session at once, on open sockets too."""
    with writing() as db:
        _end(db, col(Session.id) == actor.session_id, actor.at)
        audit.record(db, actor, "signed_out", kind="sign_in", object_id=actor.sign_in_id, label=actor.email)


@for_sign_in
def companies_of(actor: Actor) -> list[Place]:
    """Where the actor's sign-in may go, in order of the companies' names (S5)."""
    assert actor.sign_in_id is not None
    with session() as db:
        return _places(db, actor.sign_in_id)


@for_sign_in
def may_choose_operator(actor: Actor) -> bool:
    """Whether the operator's desk is one of the places."""
    assert actor.sign_in_id is not None
    with session() as db:
        return _staff(db, actor.sign_in_id) is not None


@for_sign_in
def choose_company(actor: Actor, user_id: int | None) -> str:
    """Make the session that user of the same sign-in (S5); None is the operator's desk, for its staff.

    Gives the new token: token and reference change, so that other tabs fall out. NotFound for anyone else's user.
    """
    assert actor.sign_in_id is not None
    token = new_token()
    with writing() as db:
        made = db.exec(
            select(Session)
            .where(Session.id == actor.session_id, col(Session.ended_at).is_(None))
            .with_for_update(key_share=True)
        ).first()
        if made is None:
            raise NotFound
        if user_id is None:
            staff = _staff(db, actor.sign_in_id)
            if staff is None:
                raise NotFound
            chosen = replace(actor, name=staff.name, company_id=None, company_name="", user_id=None)
        else:
            place = next((p for p in _places(db, actor.sign_in_id) if p.user_id == user_id), None)
            if place is None:
                raise NotFound
            chosen = replace(
                actor,
                name=place.user_name,
                company_id=place.company_id,
                company_name=place.company_name,
                user_id=place.user_id,
            )
            _mark_signed_in(db, place.user_id, actor.at)
        made.user_id, made.token_hash, made.ref = chosen.user_id, hash_token(token), new_token()
        made.last_used_at = actor.at
        db.add(made)
        audit.record(db, chosen, "company_chosen", kind="sign_in", object_id=actor.sign_in_id, label=actor.email)
    return token


@for_sign_in
def set_language(actor: Actor, language: str) -> None:
    """Remember the language for every company of the sign-in. Refuses one the portal doesn't speak."""
    if language not in LANGUAGES:
        raise Refused("auth.unknown_language")
    with writing() as db:
        row = db.exec(select(SignIn).where(SignIn.id == actor.sign_in_id).with_for_update(key_share=True)).one()
        before, row.language = row.language, language
        if before != language:
            db.add(row)
            audit.record(
                db,
                actor,
                "language_changed",
                kind="sign_in",
                object_id=row.id,
                label=row.email,
                before={"language": before},
                after={"language": language},
            )


def end_all(db: DatabaseSession, sign_in_id: int, now: datetime, keep: int | None = None) -> None:
    """End every session of a sign-in, but for `keep`: its password was changed (S4)."""
    others = col(Session.sign_in_id) == sign_in_id
    _end(db, others if keep is None else others & (col(Session.id) != keep), now)


def end_of_user(db: DatabaseSession, user_id: int, now: datetime) -> None:
    """End every session that is this user, and none of the same sign-in in other companies."""
    _end(db, col(Session.user_id) == user_id, now)


def in_force(now: datetime) -> tuple[Any, ...]:
    """The conditions of a session that lets somebody in (S4)."""
    return (
        col(Session.ended_at).is_(None),
        col(Session.factor_pending).is_(False),
        col(Session.last_used_at) > now - IDLE,
        col(Session.created_at) > now - LIFETIME,
    )


def _end(db: DatabaseSession, which: Any, now: datetime) -> None:
    db.exec(update(Session).where(which, col(Session.ended_at).is_(None)).values(ended_at=now))


def _places(db: DatabaseSession, sign_in_id: int) -> list[Place]:
    found = db.exec(
        select(User.id, User.company_id, Company.name, User.name)
        .join(Company, col(Company.id) == User.company_id)
        .where(
            User.sign_in_id == sign_in_id,
            col(User.activated_at).is_not(None),
            col(User.disabled_at).is_(None),
            col(Company.disabled_at).is_(None),
        )
        .order_by(Company.name_sort, col(Company.id))
    )
    return [Place(user_id or 0, company_id, company, name) for user_id, company_id, company, name in found]


def is_active(db: DatabaseSession, sign_in_id: int) -> bool:
    """Whether the sign-in leads anywhere: an active user of a company, or staff."""
    return bool(_places(db, sign_in_id)) or _staff(db, sign_in_id) is not None


def _staff(db: DatabaseSession, sign_in_id: int) -> OperatorUser | None:
    return db.exec(
        select(OperatorUser).where(OperatorUser.sign_in_id == sign_in_id, col(OperatorUser.disabled_at).is_(None))
    ).first()


def _mark_signed_in(db: DatabaseSession, user_id: int, now: datetime) -> None:
    db.exec(update(User).where(col(User.id) == user_id).values(last_sign_in_at=now))


def _known(db: DatabaseSession, sign_in_id: int, source: str) -> bool:
    return db.get(KnownSource, (sign_in_id, _source_hash(source))) is not None


def _source_hash(source: str) -> str:
    return hash_guessable("known source", network(source))


def record_failure(db: DatabaseSession, row: SignIn | None, key: str, source: str, now: datetime) -> None:
    """Record a failed sign-in. An unknown address may be a password typed in the wrong field: never kept in clear."""
    who = row.email if row else f"({hash_guessable('unknown address', key)[:12]})"
    actor = Actor(name=who, at=now, sign_in_id=row.id if row else None, source=source)
    audit.record_of_sign_in(db, actor, "sign_in_failed", label=row.email if row else "")
