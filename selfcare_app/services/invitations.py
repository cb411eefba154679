"""Mailed one-time links: invitations that make a user active (U7) and new passwords (S2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from email_validator import EmailNotValidError, validate_email
from sqlmodel import Session as DatabaseSession
from sqlmodel import col, select

from selfcare_app.config import settings
from selfcare_app.models import (
    Company,
    CompanyProfile,
    MailedLink,
    SignIn,
    User,
)
from selfcare_app.services import audit, grants, links, mail, passwords, sessions, throttle
from selfcare_app.services.access import Actor, NotFound, Refused, allowed, for_operator
from selfcare_app.services.database import insert_if_missing, lock_company, session, writing
from selfcare_app.services.grants import Access
from selfcare_app.services.links import LinkDead
from selfcare_app.services.tokens import new_token
from selfcare_app.specs.permissions import (
    ROLE_PERMISSIONS,
    Permission,
    Role,
    may_give,
    role_of,
    with_read,
)
from selfcare_app.specs.phones import e164
from selfcare_app.specs.text import email_key, sort_key, user_search

INVITATION_LASTS = timedelta(days=7)
RESET_LASTS = timedelta(hours=1)
NAME_LENGTH = 100
PHONE_LENGTH = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitee:
    """Who is to become a user, and with what. `permissions` count for the role custom only."""

    name: str
    email: str
    phone: str = ""
    role: Role
    permissions: frozenset[Permission] = frozenset()
    access_all: bool = False
    customer_numbers: tuple[str, ...] = ()
    subscriptions: tuple[str, ...] = ()
    groups: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Invitation:
    """What the page behind an invitation shows."""

    name: str
    phone: str
    email: str
    company_name: str
    has_password: bool
    """The address is a sign-in already: its password is asked for, none is set."""
    language: str
    then_factor: bool = False
    """The company requires a second factor, which is set up next."""


# --- Inviting


@allowed(Permission.MANAGE_USERS)
def invite(actor: Actor, invitee: Invitee) -> int:
    """Create a user of the actor's company and mail them a link (U7); gives the user's id.

    Refuses an address the company has already, and rights or access beyond the actor's own (U4). An address that is
    known elsewhere looks the same as a new one (S5).
    """
    assert actor.company_id is not None
    role, permissions = _role(invitee)
    if not may_give(actor.permissions, permissions):
        raise Refused("auth.invite.more_than_own")
    if invitee.access_all and not actor.access_all:
        raise Refused("auth.invite.more_access_than_own")
    with writing() as db:
        company = lock_company(db, actor.company_id)
        wanted = Access(
            everything=invitee.access_all,
            customer_numbers=frozenset(invitee.customer_numbers),
            subscriptions=frozenset(invitee.subscriptions),
            groups=frozenset(invitee.groups),
        )
        given = grants.named(db, actor, wanted)
        user = _new_user(db, actor, company, invitee, role, permissions)
        assert user.id is not None
        grants.store(db, user, (), given)
        _mail_invitation(db, actor, user, company, inviter=actor.name)
        return user.id


@allowed(Permission.MANAGE_USERS)
def problems(actor: Actor, name: str, email: str, phone: str) -> dict[str, Refused]:
    """What `invite` would refuse of somebody's name, address and number, by which it is about. Nothing is stored.

    Only this company is asked whether it knows the address (S5).
    """
    found: dict[str, Refused] = {}
    for field, check, written in (
        ("name", checked_name, name),
        ("email", checked_address, email),
        ("phone", checked_phone, phone),
    ):
        try:
            check(written)
        except Refused as refused:
            found[field] = refused
    if "email" not in found:
        with session() as db:
            here = select(User.id).join(SignIn, col(SignIn.id) == col(User.sign_in_id))
            known = here.where(
                User.company_id == actor.company_id,
                col(User.removed_at).is_(None),
                SignIn.email_key == email_key(checked_address(email)),
            )
            if db.exec(known).first() is not None:
                found["email"] = Refused("auth.invite.already_here")
    return found


@for_operator
def invite_by_operator(actor: Actor, organisation_number: str, name: str, email: str) -> int:
    """Appoint a superuser in a company where none can sign in yet, and mail them a link (S1, P1); gives the user's id.

    Doing it again for somebody who hasn't finished sends a new link. The mail and a new sign-in are in the actor's
    language, and the operator is named as who invites: an account on its server tells the receiver nothing. Refuses
    when there is an active superuser.
    """
    with writing() as db:
        found = db.exec(select(Company).where(Company.organisation_number == organisation_number)).first()
        if found is None:
            raise NotFound
        assert found.id is not None
        company = lock_company(db, found.id)
        users = db.exec(select(User).where(User.company_id == company.id, col(User.disabled_at).is_(None))).all()
        if any(u.role == Role.SUPERUSER and u.activated_at for u in users):
            raise Refused("auth.invite.has_superuser")
        row = db.exec(select(SignIn).where(SignIn.email_key == email_key(email))).first()
        user = next((u for u in users if row and u.sign_in_id == row.id and not u.activated_at), None)
        if user is None:
            invitee = Invitee(name=name, email=email, role=Role.SUPERUSER, access_all=True)
            user = _new_user(db, actor, company, invitee, Role.SUPERUSER, frozenset())
        elif row is not None and not row.password_hash:
            # Nobody has signed in with it, so nobody has chosen a language either.
            row.language = actor.language
        _mail_invitation(db, actor, user, company, inviter=settings().operator_name)
        assert user.id is not None
        return user.id


@allowed(Permission.MANAGE_USERS)
def renew_invitation(actor: Actor, user_id: int) -> None:
    """Mail a new link; the old one dies. Refuses when the user is registered already."""
    with writing() as db:
        renew(db, actor, user_id)


def renew(db: DatabaseSession, actor: Actor, user_id: int) -> None:
    """`renew_invitation` in the caller's transaction."""
    assert actor.company_id is not None
    company = lock_company(db, actor.company_id)
    user = db.exec(select(User).where(User.company_id == actor.company_id, User.id == user_id)).first()
    if user is None or user.removed_at is not None:
        raise NotFound
    if user.disabled_at:
        raise Refused("auth.invite.disabled")
    if user.activated_at:
        raise Refused("auth.invite.already_registered")
    _mail_invitation(db, actor, user, company, inviter=actor.name)


def _role(invitee: Invitee) -> tuple[Role, frozenset[Permission]]:
    """The role and what it holds; a custom set that equals a role is that role (U3)."""
    if invitee.role != Role.CUSTOM:
        return invitee.role, ROLE_PERMISSIONS[invitee.role]
    permissions = with_read(invitee.permissions)
    return role_of(permissions), permissions


def _new_user(
    db: DatabaseSession,
    actor: Actor,
    company: Company,
    invitee: Invitee,
    role: Role,
    permissions: frozenset[Permission],
) -> User:
    name, phone = checked_name(invitee.name), checked_phone(invitee.phone)
    address = checked_address(invitee.email)
    key = email_key(address)
    insert_if_missing(
        db,
        SignIn,
        email=address,
        email_key=key,
        password_hash="",
        language=actor.language,
        created_at=actor.at,
        version=1,
    )
    row = db.exec(select(SignIn).where(SignIn.email_key == key)).one()
    here = db.exec(select(User).where(User.company_id == company.id, User.sign_in_id == row.id)).first()
    if here is not None and here.removed_at is None:
        raise Refused("auth.invite.already_here")
    assert company.id is not None
    assert row.id is not None
    # Whoever was removed and comes back is the same person on history, with nothing of what they had.
    user = here or User(company_id=company.id, sign_in_id=row.id, name="", name_sort="", role=role, created_at=actor.at)
    user.name, user.name_sort, user.phone = name, sort_key(name), phone
    user.search_key = user_search(name, address, phone)
    user.role, user.permissions = role, sorted(permissions) if role == Role.CUSTOM else []
    user.access_all, user.created_at = invitee.access_all, actor.at
    user.activated_at = user.disabled_at = user.removed_at = user.last_sign_in_at = None
    db.add(user)
    db.flush()
    audit.record(
        db,
        actor,
        "user_invited",
        kind="user",
        object_id=user.id,
        label=name,
        company_id=company.id,
        after={
            "name": name,
            "email": address,
            "phone": phone,
            "role": role.value,
            "permissions": user.permissions,
            "access_all": user.access_all,
            "customer_numbers": list(invitee.customer_numbers),
            "subscriptions": list(invitee.subscriptions),
            "groups": list(invitee.groups),
        },
    )
    return user


def mail_again(db: DatabaseSession, actor: Actor, user: User) -> None:
    """Mail a new link to a user of the actor's company, in the caller's transaction; the old one dies."""
    company = db.exec(select(Company).where(Company.id == user.company_id)).one()
    _mail_invitation(db, actor, user, company, inviter=actor.name)


def _mail_invitation(db: DatabaseSession, actor: Actor, user: User, company: Company, inviter: str) -> None:
    row = db.exec(select(SignIn).where(SignIn.id == user.sign_in_id)).one()
    links.kill(db, col(MailedLink.user_id) == user.id, actor.at)
    expires_at = actor.at + INVITATION_LASTS
    token = links.new(db, "invitation", row, user.id, actor.at, expires_at)
    mail.invitation(
        db,
        recipient=row.email,
        language=row.language,
        name=user.name,
        company=company.name,
        inviter=inviter,
        token=token,
        expires_at=expires_at,
        now=actor.at,
    )
    audit.record(
        db, actor, "invitation_sent", kind="user", object_id=user.id, label=user.name, company_id=user.company_id
    )


def checked_name(name: str) -> str:
    """The name in one line. Refuses none, or one longer than 100 characters."""
    plain = " ".join("".join(c if c.isprintable() else " " for c in name).split())
    if not plain:
        raise Refused("auth.profile.name_missing")
    if len(plain) > NAME_LENGTH:
        raise Refused("auth.profile.name_too_long", most=NAME_LENGTH)
    return plain


def checked_phone(phone: str) -> str:
    """The contact number as E.164; empty when there is none. Refuses what is no valid phone number."""
    plain = " ".join(phone.split())
    if not plain:
        return ""
    number = e164(plain) if len(plain) <= PHONE_LENGTH else None
    if number is None:
        raise Refused("auth.profile.bad_phone")
    return number


def checked_address(email: str) -> str:
    """The address in its usual form. Refuses what can't be one; asking name servers here would stall the page, and
    whether mail is delivered shows in the mail queue."""
    try:
        return str(validate_email(email.strip(), check_deliverability=False).normalized)
    except EmailNotValidError:
        raise Refused("auth.invite.bad_email") from None


# --- Accepting


def open_invitation(token: str, now: datetime) -> Invitation:
    """What the link is for; opening it changes nothing. Raises LinkDead."""
    with session() as db:
        _, row, user, company = _invitation(db, token, now)
        decided = db.get(CompanyProfile, company.id)
        return Invitation(
            user.name,
            user.phone,
            row.email,
            company.name,
            bool(row.password_hash),
            row.language,
            then_factor=decided is not None and decided.require_second_factor and row.totp_since is None,
        )


def accept_invitation(
    token: str,
    *,
    name: str,
    phone: str,
    password: str,
    language: str,
    source: str,
    device: str,
    now: datetime,
    presented: str | None = None,
) -> sessions.SignedIn:
    """Finish the registration and sign in, in that company (U7).

    A new address sets its password and language; one that has a password must give it, and keeps both. Refuses with
    LinkDead, WeakPassword, SignInRefused (wrong password), Throttled or Refused for name and number.
    """
    name, phone = checked_name(name), checked_phone(phone)
    with session() as db:
        _, row, _, _ = _invitation(db, token, now)
    stored = row.password_hash
    attempt = None
    if stored:
        with writing() as db:
            attempt = throttle.reserve(db, throttle.sign_in_limits(row.email_key, source, known=False), now)
        if not passwords.verify(stored, password):
            with writing() as db:
                sessions.record_failure(db, row, row.email_key, source, now)
            raise sessions.SignInRefused
    else:
        passwords.refuse_weak(password, row.email)
    new_hash = stored or passwords.hash_password(password)
    with writing() as db:
        link, row, user, company = _invitation(db, token, now, for_update=True)
        assert user.id is not None
        links.use(db, link, now)
        if row.password_hash != stored:
            raise Refused("auth.link.changed_meanwhile")
        if not stored:
            row.password_hash, row.language = new_hash, language
        before = {"name": user.name, "phone": user.phone}
        user.name, user.name_sort, user.phone, user.activated_at = name, sort_key(name), phone, now
        user.search_key = user_search(name, row.email, phone)
        user.version += 1
        db.add(row)
        db.add(user)
        db.flush()
        if attempt:
            throttle.take_back(db, attempt, now)
        actor = Actor(name=name, at=now, company_id=company.id, user_id=user.id, sign_in_id=row.id, source=source)
        audit.record(
            db,
            actor,
            "invitation_accepted",
            kind="user",
            object_id=user.id,
            label=name,
            before=before,
            after={"name": name, "phone": phone},
        )
        return sessions.begin_session(
            db, row, user_id=user.id, source=source, device=device, now=now, presented=presented
        )


def _invitation(
    db: DatabaseSession, token: str, now: datetime, for_update: bool = False
) -> tuple[MailedLink, SignIn, User, Company]:
    link = links.find(db, "invitation", token, now)
    sign_in = select(SignIn).where(SignIn.id == link.sign_in_id)
    row = db.exec(sign_in.with_for_update(key_share=True) if for_update else sign_in).one()
    user = db.get(User, link.user_id) if link.user_id else None
    company = db.get(Company, user.company_id) if user else None
    if not user or not company or user.activated_at or user.disabled_at or company.disabled_at:
        raise LinkDead
    return link, row, user, company


# --- New password


def request_reset(email: str, *, source: str, now: datetime) -> None:
    """Mail a link to choose a new password with, when the address is an active sign-in.

    Unknown, disabled and rationed addresses give the same answer after the same work; only a source that asks too
    often is told (Throttled).
    """
    key = email_key(email)
    expires_at = now + RESET_LASTS
    with writing() as db:
        throttle.spend(db, throttle.mail_source_limit(source), now)
        row = db.exec(select(SignIn).where(SignIn.email_key == key)).first()
        sign_in_id = (row.id or 0) if row else 0
        active = sessions.is_active(db, sign_in_id) and row is not None and bool(row.password_hash)
        try:
            throttle.spend(db, throttle.mail_account_limit(key), now)
        except throttle.Throttled:
            active = False
        if row is not None and active:
            token = links.new(db, "reset", row, None, now, expires_at)
            mail.reset(db, recipient=row.email, language=row.language, token=token, expires_at=expires_at, now=now)
            actor = Actor(name=row.email, at=now, sign_in_id=row.id, source=source)
            audit.record_of_sign_in(db, actor, "reset_requested", label=row.email)
        else:
            mail.reset(None, recipient=email, language="sv", token=new_token(), expires_at=expires_at, now=now)


def open_reset(token: str, now: datetime) -> str:
    """The address whose password the link changes; opening it changes nothing. Raises LinkDead."""
    with session() as db:
        return _reset(db, token, now)[1].email


def reset_password(token: str, password: str, *, source: str, now: datetime) -> None:
    """Set a new password with a mailed link, end every session of the sign-in (S4) and tell its owner by mail.

    Refuses with LinkDead or WeakPassword.
    """
    passwords.refuse_weak(password, open_reset(token, now))
    new_hash = passwords.hash_password(password)
    with writing() as db:
        link, row = _reset(db, token, now, for_update=True)
        assert row.id is not None
        links.use(db, link, now)
        row.password_hash = new_hash
        row.version += 1
        db.add(row)
        links.kill(db, (col(MailedLink.sign_in_id) == row.id) & (col(MailedLink.kind) == "reset"), now)
        sessions.end_all(db, row.id, now)
        throttle.forgive(db, row.email_key, source)
        mail.password_changed(db, recipient=row.email, language=row.language, now=now)
        actor = Actor(name=row.email, at=now, sign_in_id=row.id, source=source)
        audit.record_of_sign_in(db, actor, "password_reset", label=row.email)


def _reset(db: DatabaseSession, token: str, now: datetime, for_update: bool = False) -> tuple[MailedLink, SignIn]:
    link = links.find(db, "reset", token, now)
    sign_in = select(SignIn).where(SignIn.id == link.sign_in_id)
    row = db.exec(sign_in.with_for_update(key_share=True) if for_update else sign_in).one()
    if not sessions.is_active(db, link.sign_in_id):
        raise LinkDead
    return link, row
