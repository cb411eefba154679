"""One's own profile (C1, S2, S4): name and number, password, address, sessions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from email_validator import EmailNotValidError, validate_email
from sqlmodel import Session as DatabaseSession
from sqlmodel import col, select

from selfcare_app.models import MailedLink, Session, SignIn, User
from selfcare_app.services import audit, links, mail, passwords, sessions, throttle
from selfcare_app.services.access import (
    Actor,
    NotFound,
    Refused,
    allowed,
    demand_recent_password,
    for_sign_in,
)
from selfcare_app.services.changed import changed
from selfcare_app.services.database import session, writing
from selfcare_app.services.invitations import checked_name, checked_phone
from selfcare_app.services.tokens import hash_token
from selfcare_app.specs.audit import ActionKind, actions_of
from selfcare_app.specs.text import email_key, sort_key, user_search

ADDRESS_LASTS = timedelta(hours=24)
SESSIONS_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Person:
    """Personal data of a user, as of a version."""

    name: str
    phone: str
    version: int


@dataclass(frozen=True, slots=True)
class OwnSession:
    """A browser that is signed in (S4)."""

    id: int
    device: str
    source: str
    signed_in_at: datetime
    last_used_at: datetime
    current: bool


@allowed(None)
def person(actor: Actor) -> Person:
    """The actor's own name and number in the company they are in."""
    with session() as db:
        row = _user(db, actor)
        return Person(row.name, row.phone, row.version)


@allowed(None)
def change_person(actor: Actor, version: int, name: str, phone: str) -> Person:
    """Change one's own name and contact number (C1). Refuses with Changed when somebody else was faster."""
    name, phone = checked_name(name), checked_phone(phone)
    with writing() as db:
        row = _user(db, actor, hold=True)
        before = {"name": row.name, "phone": row.phone}
        if before != {"name": name, "phone": phone}:
            if row.version != version:
                now = Person(row.name, row.phone, row.version)
                raise changed(db, actor, now, kind="user", object_id=row.id, actions=actions_of(ActionKind.USERS))
            row.name, row.name_sort, row.phone = name, sort_key(name), phone
            row.search_key = user_search(name, actor.email, phone)
            row.version += 1
            db.add(row)
            audit.record(
                db,
                actor,
                "profile_changed",
                kind="user",
                object_id=row.id,
                label=name,
                before=before,
                after={"name": name, "phone": phone},
            )
        return Person(row.name, row.phone, row.version)


# --- Password


@for_sign_in
def confirm_password(actor: Actor, password: str) -> None:
    """Give one's password again, for what S4 asks it for. Refuses with SignInRefused or Throttled."""
    _check_password(actor, password)
    with writing() as db:
        row = db.exec(select(Session).where(Session.id == actor.session_id).with_for_update(key_share=True)).one()
        row.password_at = actor.at
        db.add(row)
        audit.record(db, actor, "password_confirmed", kind="sign_in", object_id=actor.sign_in_id, label=actor.email)


@for_sign_in
def change_password(actor: Actor, current: str, new: str) -> None:
    """Change one's password; all other sessions end (S4) and the address is told.

    Refuses with SignInRefused for a wrong present one, WeakPassword, Throttled, and when it isn't a new one.
    """
    stored = _check_password(actor, current)
    passwords.refuse_weak(new, actor.email)
    if passwords.verify(stored, new):
        raise passwords.WeakPassword("auth.password.same")
    new_hash = passwords.hash_password(new)
    with writing() as db:
        row = _sign_in(db, actor)
        if row.password_hash != stored:
            raise Refused("auth.link.changed_meanwhile")
        assert row.id is not None
        row.password_hash = new_hash
        row.version += 1
        db.add(row)
        links.kill(db, (col(MailedLink.sign_in_id) == row.id) & (col(MailedLink.kind) == "reset"), actor.at)
        sessions.end_all(db, row.id, actor.at, keep=actor.session_id)
        mine = db.exec(select(Session).where(Session.id == actor.session_id)).one()
        mine.password_at = actor.at
        db.add(mine)
        mail.password_changed(db, recipient=row.email, language=row.language, now=actor.at)
        audit.record(db, actor, "password_changed", kind="sign_in", object_id=row.id, label=row.email)


def _check_password(actor: Actor, password: str) -> str:
    """The stored hash, when the password is right. Refuses with SignInRefused or Throttled."""
    key = email_key(actor.email)
    with writing() as db:
        attempt = throttle.reserve(db, throttle.sign_in_limits(key, actor.source, known=True), actor.at)
        stored = _sign_in(db, actor).password_hash
    if not passwords.verify(stored, password):
        with writing() as db:
            sessions.record_failure(db, _sign_in(db, actor), key, actor.source, actor.at)
        raise sessions.SignInRefused
    with writing() as db:
        throttle.take_back(db, attempt, actor.at)
    return stored


# --- Address


@for_sign_in
def ask_for_address(actor: Actor, address: str) -> None:
    """Mail a link to a new address; it becomes the sign-in's when the link's button is pressed.

    Refuses a malformed address, the present one, with PasswordNeeded (S4) and Throttled. Whether another sign-in has
    the address looks the same (S5): then nothing is sent.
    """
    demand_recent_password(actor)
    try:
        wanted = validate_email(address.strip(), check_deliverability=False).normalized
    except EmailNotValidError:
        raise Refused("auth.address.malformed") from None
    if wanted == actor.email:
        raise Refused("auth.address.same")
    key = email_key(wanted)
    with writing() as db:
        throttle.spend(db, throttle.mail_source_limit(actor.source), actor.at)
        row = _sign_in(db, actor)
        links.kill(db, (col(MailedLink.sign_in_id) == row.id) & (col(MailedLink.kind) == "address"), actor.at)
        audit.record(db, actor, "address_asked", kind="sign_in", object_id=row.id, label=row.email)
        taken = db.exec(select(SignIn.id).where(SignIn.email_key == key, col(SignIn.id) != row.id)).first()
        expires_at = actor.at + ADDRESS_LASTS
        token = links.new(db, "address", row, None, actor.at, expires_at, address=wanted)
        if taken is not None:
            # The same work and a link that nobody gets: confirming it would be refused.
            links.kill(db, MailedLink.token_hash == hash_token(token), actor.at)
        mail.address_confirmation(
            db if taken is None else None,
            recipient=wanted,
            language=row.language,
            old=row.email,
            token=token,
            expires_at=expires_at,
            now=actor.at,
        )


def open_address(token: str, now: datetime) -> str:
    """The address that the link confirms; opening it changes nothing. Raises LinkDead."""
    with session() as db:
        return links.find(db, "address", token, now).address


def confirm_address(token: str, *, source: str, now: datetime) -> None:
    """Make the address the sign-in's, tell the old one, and kill links sent to it. Raises LinkDead."""
    with writing() as db:
        link = links.find(db, "address", token, now)
        row = db.exec(select(SignIn).where(SignIn.id == link.sign_in_id).with_for_update(key_share=True)).one()
        if not sessions.is_active(db, link.sign_in_id):
            raise links.LinkDead
        links.use(db, link, now)
        key = email_key(link.address)
        if db.exec(select(SignIn.id).where(SignIn.email_key == key, col(SignIn.id) != row.id)).first() is not None:
            raise links.LinkDead
        old, row.email, row.email_key = row.email, link.address, key
        row.version += 1
        db.add(row)
        links.kill(db, (col(MailedLink.sign_in_id) == row.id) & (col(MailedLink.kind) == "reset"), now)
        mail.address_changed(db, recipient=old, language=row.language, address=row.email, now=now)
        # Each company of the sign-in's has it in its own log.
        for user in db.exec(select(User).where(User.sign_in_id == row.id, col(User.removed_at).is_(None))).all():
            user.search_key = user_search(user.name, row.email, user.phone)
            db.add(user)
            audit.record(
                db,
                Actor(name=user.name, at=now, user_id=user.id, sign_in_id=row.id, source=source),
                "address_changed",
                kind="user",
                object_id=user.id,
                label=user.name,
                before={"email": old},
                after={"email": row.email},
                company_id=user.company_id,
            )


# --- Sessions


@for_sign_in
def own_sessions(actor: Actor) -> list[OwnSession]:
    """Where the actor is signed in, the latest used first."""
    with session() as db:
        found = db.exec(
            select(Session)
            .where(Session.sign_in_id == actor.sign_in_id, *sessions.in_force(actor.at))
            .order_by(col(Session.last_used_at).desc())
            .limit(SESSIONS_SHOWN)
        ).all()
        return [
            OwnSession(s.id or 0, s.device, s.source, s.created_at, s.last_used_at, s.id == actor.session_id)
            for s in found
        ]


@for_sign_in
def end_session(actor: Actor, session_id: int) -> None:
    """End one of one's own sessions at once, on open sockets too; NotFound for anyone else's."""
    with writing() as db:
        row = db.exec(
            select(Session).where(
                Session.id == session_id, Session.sign_in_id == actor.sign_in_id, col(Session.ended_at).is_(None)
            )
        ).first()
        if row is None:
            raise NotFound
        row.ended_at = actor.at
        db.add(row)
        audit.record(db, actor, "session_ended", kind="sign_in", object_id=actor.sign_in_id, label=actor.email)


@for_sign_in
def end_other_sessions(actor: Actor) -> None:
    """End all one's sessions but this one."""
    assert actor.sign_in_id is not None
    with writing() as db:
        sessions.end_all(db, actor.sign_in_id, actor.at, keep=actor.session_id)
        audit.record(db, actor, "other_sessions_ended", kind="sign_in", object_id=actor.sign_in_id, label=actor.email)


def _user(db: DatabaseSession, actor: Actor, hold: bool = False) -> User:
    statement = select(User).where(User.company_id == actor.company_id, User.id == actor.user_id)
    row = db.exec(statement.with_for_update(key_share=True) if hold else statement).first()
    if row is None:
        raise NotFound
    return row


def _sign_in(db: DatabaseSession, actor: Actor) -> SignIn:
    row = db.exec(select(SignIn).where(SignIn.id == actor.sign_in_id).with_for_update(key_share=True)).first()
    if row is None:
        raise NotFound
    return row
