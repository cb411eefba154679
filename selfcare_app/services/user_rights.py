"""Changing users: their profile, permissions, access, and whether they may come in at all (U1, U4, U5).

Nobody gives or takes away what they lack, nobody changes their own, and the last active superuser stays. The company
is held while it is checked, so that two at the same moment can't both be right.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import delete
from sqlmodel import Session as DatabaseSession
from sqlmodel import col, select

from selfcare_app.models import (
    AccessGrant,
    MailedLink,
    OperatorUser,
    Preference,
    Session,
    SignIn,
    User,
    WaitingLetter,
)
from selfcare_app.services import (
    audit,
    company_profile,
    deputies,
    grants,
    invitations,
    links,
    mail,
    second_factor,
    sessions,
)
from selfcare_app.services.access import Actor, NotFound, Refused, allowed, demand_recent_password
from selfcare_app.services.changed import changed
from selfcare_app.services.database import insert_if_missing, lock_company, writing
from selfcare_app.services.grants import READS, Access, Grant
from selfcare_app.specs.audit import ActionKind, actions_of
from selfcare_app.specs.permissions import Permission, Role, may_give, permissions_of, role_of, with_read
from selfcare_app.specs.text import email_key, sort_key, user_search


@allowed(Permission.MANAGE_USERS)
def change_profile(actor: Actor, user_id: int, version: int, name: str, phone: str) -> int:
    """Change another's name and contact number (U4); gives the new version. Refuses with Changed."""
    name, phone = invitations.checked_name(name), invitations.checked_phone(phone)
    with writing() as db:
        user, row = _held(db, actor, user_id, version)
        before = {"name": user.name, "phone": user.phone}
        user.name, user.name_sort, user.phone = name, sort_key(name), phone
        user.search_key = user_search(name, row.email, phone)
        return _changed(db, actor, user, "user_changed", before, {"name": name, "phone": phone})


@allowed(Permission.MANAGE_USERS)
def change_permissions(
    actor: Actor, user_id: int, version: int, role: Role, permissions: Collection[Permission] = ()
) -> int:
    """Give another a role, or permissions of their own; a set that equals a role is that role (U3). Gives the version.

    Refuses one's own, what the actor lacks (given or taken away), demoting the last superuser (U1), and with Changed.
    """
    with writing() as db:
        return permit(db, actor, user_id, role, permissions, version)


def permit(
    db: DatabaseSession,
    actor: Actor,
    user_id: int,
    role: Role,
    permissions: Collection[Permission] = (),
    version: int | None = None,
) -> int:
    """`change_permissions` in the caller's transaction; without a version, whatever they are now."""
    wanted = with_read(permissions) if role == Role.CUSTOM else permissions_of(role, [])
    role = role_of(wanted) if role == Role.CUSTOM else role
    user, _ = _held(db, actor, user_id, version)
    _refuse_own(actor, user)
    has = permissions_of(user.role, user.permissions)
    if not may_give(actor.permissions, has ^ wanted):
        raise Refused("users.refused.permissions_beyond_own")
    if role != Role.SUPERUSER:
        _refuse_last_superuser(db, user)
    before = {"role": user.role, "permissions": sorted(has)}
    user.role, user.permissions = role, sorted(wanted) if role == Role.CUSTOM else []
    return _changed(
        db, actor, user, "user_permissions_changed", before, {"role": role.value, "permissions": sorted(wanted)}
    )


@allowed(Permission.MANAGE_USERS)
def change_access(actor: Actor, user_id: int, version: int, wanted: Access) -> int:
    """Say what another may see (U5); gives the new version.

    What the user has been given outside the actor's own access, or of a kind that the actor may not read, stays as it
    is: the actor neither sees nor names it.
    Refuses one's own, all access given or taken away by whoever lacks it, NotFound for what the actor can't see, and
    with Changed.
    """
    with writing() as db:
        return let_see(db, actor, user_id, wanted, version)


def let_see(
    db: DatabaseSession,
    actor: Actor,
    user_id: int,
    wanted: Access,
    version: int | None = None,
    named: Collection[Grant] | None = None,
) -> int:
    """`change_access` in the caller's transaction; without a version, whatever it is now. `named`: what is wanted, as
    `grants.named` gave it, where it is given to many."""
    user, _ = _held(db, actor, user_id, version)
    _refuse_own(actor, user)
    if wanted.everything != user.access_all and not actor.access_all:
        raise Refused("users.refused.access_beyond_own")
    found = grants.held(db, user)
    own = grants.within(db, actor, {grant for grant in found if actor.may(READS[grant[0]])})
    given = grants.named(db, actor, wanted) if named is None else named
    before = {"access_all": user.access_all, "access": grants.labels(db, own)}
    grants.store(db, user, found, (found - own) | set(given))
    user.access_all = wanted.everything
    after = {"access_all": user.access_all, "access": grants.labels(db, given)}
    return _changed(db, actor, user, "user_access_changed", before, after)


@allowed(Permission.MANAGE_USERS)
def disable(actor: Actor, user_id: int) -> None:
    """Let a user in no more: sessions end and invitations die at once. Refuses as `remove` does."""
    with writing() as db:
        shut(db, actor, user_id)


def shut(db: DatabaseSession, actor: Actor, user_id: int) -> None:
    """`disable` in the caller's transaction."""
    user, _ = _held(db, actor, user_id)
    _refuse_taking_all(db, actor, user)
    if user.disabled_at is None:
        user.disabled_at = actor.at
        _shut_out(db, actor, user)
        _changed(db, actor, user, "user_disabled", {"status": "active"}, {"status": "disabled"})


@allowed(Permission.MANAGE_USERS)
def enable(actor: Actor, user_id: int) -> None:
    """Let a disabled user in again, with what they had. Refuses whoever lacks any of it: it would be given anew."""
    with writing() as db:
        open_again(db, actor, user_id)


def open_again(db: DatabaseSession, actor: Actor, user_id: int) -> None:
    """`enable` in the caller's transaction."""
    user, _ = _held(db, actor, user_id)
    _refuse_own(actor, user)
    _refuse_less_than(db, actor, user)
    if user.disabled_at is not None:
        user.disabled_at = None
        _changed(db, actor, user, "user_enabled", {"status": "disabled"}, {"status": "active"})


@allowed(Permission.MANAGE_USERS)
def remove(actor: Actor, user_id: int) -> None:
    """Remove a user for good: they stand in no list; access, deputies and choices are gone, places in approver chains
    lapse (C6), and nothing of it comes back with them (C4). Their name stays on history (P6).

    Refuses oneself, the last active superuser (U1), and whoever has a permission or access that the actor lacks (U4).
    """
    with writing() as db:
        take_out(db, actor, user_id)


def take_out(db: DatabaseSession, actor: Actor, user_id: int) -> None:
    """`remove` in the caller's transaction."""
    user, _ = _held(db, actor, user_id)
    _refuse_taking_all(db, actor, user)
    user.removed_at = actor.at
    user.disabled_at = user.disabled_at or actor.at
    _shut_out(db, actor, user)
    for model in (AccessGrant, Preference, WaitingLetter):
        db.exec(delete(model).where(col(model.company_id) == user.company_id, col(model.user_id) == user.id))
    company_profile.lapse(db, user)
    deputies.end_all_of(db, actor, user)
    user.access_all = False
    _changed(db, actor, user, "user_removed", {"role": user.role}, {})


@allowed(Permission.MANAGE_USERS)
def end_sessions(actor: Actor, user_id: int) -> None:
    """Sign a user out everywhere in this company. Refuses as `remove` does, but for the last superuser."""
    with writing() as db:
        user, _ = _held(db, actor, user_id)
        _refuse_own(actor, user)
        _refuse_less_than(db, actor, user)
        assert user.id is not None
        sessions.end_of_user(db, user.id, actor.at)
        audit.record(db, actor, "user_sessions_ended", kind="user", object_id=user.id, label=user.name)


@allowed(Permission.MANAGE_USERS)
def end_session(actor: Actor, user_id: int, session_id: int) -> None:
    """Sign a user out of one browser. Refuses as `end_sessions` does; NotFound for a session that isn't this user's."""
    with writing() as db:
        user, _ = _held(db, actor, user_id)
        _refuse_own(actor, user)
        _refuse_less_than(db, actor, user)
        theirs = select(Session).where(Session.id == session_id, Session.user_id == user_id)
        row = db.exec(theirs.where(col(Session.ended_at).is_(None)).with_for_update(key_share=True)).first()
        if row is None:
            raise NotFound
        row.ended_at = actor.at
        db.add(row)
        audit.record(db, actor, "user_session_ended", kind="user", object_id=user.id, label=user.name)


def may_end_sessions(db: DatabaseSession, actor: Actor, user: User) -> bool:
    """Whether the actor may sign that user out."""
    try:
        _refuse_own(actor, user)
        _refuse_less_than(db, actor, user)
    except Refused:
        return False
    return True


@allowed(Permission.MANAGE_USERS)
def reset_second_factor(actor: Actor, user_id: int) -> None:
    """Take a user's lost second factor away and sign them out; they are told by mail.

    Refuses as `end_sessions` does, and for a sign-in that leads elsewhere too: the second factor isn't this company's
    (S5); the operator helps then. Raises PasswordNeeded (S4).
    """
    with writing() as db:
        free_of_factor(db, actor, user_id)


def free_of_factor(db: DatabaseSession, actor: Actor, user_id: int) -> None:
    """`reset_second_factor` in the caller's transaction."""
    demand_recent_password(actor)
    user, row = _held(db, actor, user_id)
    _refuse_own(actor, user)
    _refuse_less_than(db, actor, user)
    if row.totp_since is None:
        raise Refused("users.refused.no_second_factor")
    elsewhere = select(User.id).where(
        User.sign_in_id == row.id, User.company_id != user.company_id, col(User.removed_at).is_(None)
    )
    staff = select(OperatorUser.id).where(OperatorUser.sign_in_id == row.id)
    if db.exec(elsewhere).first() is not None or db.exec(staff).first() is not None:
        raise Refused("users.refused.second_factor_elsewhere")
    second_factor.clear(db, row)
    assert row.id is not None
    sessions.end_all(db, row.id, actor.at)
    mail.second_factor(db, "off", recipient=row.email, language=row.language, now=actor.at)
    audit.record(db, actor, "user_second_factor_reset", kind="user", object_id=user.id, label=user.name)


@allowed(Permission.MANAGE_USERS)
def correct_address(actor: Actor, user_id: int, version: int, address: str) -> int:
    """Correct the address of an invitation nobody has used; the old link dies and a new one is mailed (U4).

    Refuses a finished registration, a malformed address, one the company knows, and with Changed. Raises
    PasswordNeeded (S4).
    """
    demand_recent_password(actor)
    wanted = invitations.checked_address(address)
    with writing() as db:
        user, row = _held(db, actor, user_id, version)
        if user.activated_at is not None:
            raise Refused("users.refused.address_is_their_own")
        # The invitation carries rights: sent to an address of one's own choice it would hand them over.
        _refuse_less_than(db, actor, user)
        key = email_key(wanted)
        insert_if_missing(
            db,
            SignIn,
            email=wanted,
            email_key=key,
            password_hash="",
            language=actor.language,
            created_at=actor.at,
            version=1,
        )
        new = db.exec(select(SignIn).where(SignIn.email_key == key)).one()
        known = db.exec(select(User.id).where(User.company_id == user.company_id, User.sign_in_id == new.id)).first()
        if known is not None and known != user.id:
            raise Refused("auth.invite.already_here")
        assert new.id is not None
        if not new.password_hash:
            new.email = wanted
            db.add(new)
        user.sign_in_id, user.search_key = new.id, user_search(user.name, new.email, user.phone)
        version = _changed(db, actor, user, "user_address_corrected", {"email": row.email}, {"email": new.email})
        invitations.mail_again(db, actor, user)
        return version


# --- What is refused


def _held(db: DatabaseSession, actor: Actor, user_id: int, version: int | None = None) -> tuple[User, SignIn]:
    """The user and their sign-in, with the company held. NotFound for foreign, missing and removed alike."""
    assert actor.company_id is not None
    lock_company(db, actor.company_id)
    user = db.exec(
        select(User)
        .where(User.company_id == actor.company_id, User.id == user_id, col(User.removed_at).is_(None))
        .execution_options(populate_existing=True)
    ).first()
    if user is None:
        raise NotFound
    if version is not None and user.version != version:
        of_users = actions_of(ActionKind.USERS)
        raise changed(db, actor, user.version, kind="user", object_id=user.id, actions=of_users)
    return user, db.exec(select(SignIn).where(SignIn.id == user.sign_in_id)).one()


def _refuse_own(actor: Actor, user: User) -> None:
    if user.id == actor.user_id:
        raise Refused("users.refused.own")


def _refuse_taking_all(db: DatabaseSession, actor: Actor, user: User) -> None:
    _refuse_own(actor, user)
    _refuse_less_than(db, actor, user)
    _refuse_last_superuser(db, user)


def _refuse_less_than(db: DatabaseSession, actor: Actor, user: User) -> None:
    """Only one who holds every permission and all access of the user may take it all away (U4)."""
    if not permissions_of(user.role, user.permissions) <= actor.permissions:
        raise Refused("users.refused.has_more_permissions")
    if actor.access_all:
        return
    found = grants.held(db, user)
    if user.access_all or grants.within(db, actor, found) != found:
        raise Refused("users.refused.has_more_access")


def _refuse_last_superuser(db: DatabaseSession, user: User) -> None:
    """U1. The company is held: of two who remove each other at the same moment the second sees what the first did."""
    if user.role != Role.SUPERUSER or user.activated_at is None or user.disabled_at is not None:
        return
    others = select(User.id).where(
        User.company_id == user.company_id,
        User.role == Role.SUPERUSER,
        col(User.id) != user.id,
        col(User.activated_at).is_not(None),
        col(User.disabled_at).is_(None),
    )
    if db.exec(others).first() is None:
        raise Refused("users.refused.last_superuser")


# --- What is done


def _shut_out(db: DatabaseSession, actor: Actor, user: User) -> None:
    """End the user's sessions and void what was mailed, at once."""
    assert user.id is not None
    sessions.end_of_user(db, user.id, actor.at)
    links.kill(db, col(MailedLink.user_id) == user.id, actor.at)


def _changed(
    db: DatabaseSession, actor: Actor, user: User, action: str, before: dict[str, Any], after: dict[str, Any]
) -> int:
    if before != after:
        user.version += 1
        db.add(user)
        db.flush()
        audit.record(db, actor, action, kind="user", object_id=user.id, label=user.name, before=before, after=after)
    return user.version
