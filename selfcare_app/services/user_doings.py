"""Doing something to one user or many at once (L3): to whom it may be done, what would happen, and the doing.

What would happen is found by doing it and taking it back, so that a preview can't say anything but what is done; what
is left out, and why, is what the single operations refuse.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, String, and_, case, cast, exists, or_, true
from sqlalchemy.orm import aliased
from sqlmodel import Session as DatabaseSession
from sqlmodel import col, select

from selfcare_app.models import AccessGrant, CustomerNumber, SignIn, Subscription, User
from selfcare_app.services import access, grants, invitations, user_rights
from selfcare_app.services.access import Actor, NotFound, PasswordNeeded, Refused, allowed
from selfcare_app.services.database import lock_company, writing
from selfcare_app.services.grants import Access, Grant
from selfcare_app.specs.lists import USERS
from selfcare_app.specs.permissions import EVERYTHING, ROLE_PERMISSIONS, Permission, Role
from selfcare_app.specs.user_doings import Doing


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is to be given, where the doing gives something."""

    role: Role = Role.CUSTOM
    permissions: frozenset[Permission] = frozenset()
    access: Access = field(default_factory=Access)


@dataclass(frozen=True, slots=True)
class Told:
    """What happens to a user: how it is and how it will be, as keys of texts; or why nothing does."""

    id: int
    name: str
    before: str
    after: str
    refused: Refused | None = None


class _TakenBackError(Exception):
    """Ends a transaction that was only to show what would happen."""


@allowed(Permission.MANAGE_USERS)
def preview(actor: Actor, doing: Doing, ids: Sequence[int], wish: Wish | None = None) -> list[Told]:
    """What would happen to each of these users, in the order of their names; nothing has happened. Raises
    PasswordNeeded where the doing asks for the password (S4)."""
    told: list[Told] = []
    try:
        with writing() as db:
            told = _do(db, actor, doing, ids, wish or Wish())
            raise _TakenBackError
    except _TakenBackError:
        return told


@allowed(Permission.MANAGE_USERS)
def apply(
    actor: Actor, doing: Doing, ids: Sequence[int], shown: Collection[int], wish: Wish | None = None
) -> list[Told]:
    """Do it to all of these users that it may be done to, in one transaction. `shown`: whom the preview named; refuses
    with users.doings.changed, and does nothing, when it would no longer be exactly these; raises as `preview` does."""
    with writing() as db:
        told = _do(db, actor, doing, ids, wish or Wish())
        if {each.id for each in told if each.refused is None} != set(shown):
            raise Refused("users.doings.changed")
        return told


def condition(actor: Actor, doing: str) -> ColumnElement[bool]:
    """The condition that the actor may do it to a user, whatever state that user is in: what the single operations
    would refuse for lack of rights (U1, U4)."""
    not_own = col(User.id) != actor.user_id
    match doing:
        case Doing.CHANGE_PERMISSIONS:
            return not_own
        case Doing.CHANGE_ACCESS:
            return and_(not_own, true() if actor.access_all else col(User.access_all).is_(False))
        case Doing.DISABLE | Doing.REMOVE:
            return and_(not_own, *_holds_all(actor), _not_the_last_superuser())
        case Doing.ENABLE | Doing.RESET_FACTOR:
            return and_(not_own, *_holds_all(actor))
        case _:
            return true()


def possible(db: DatabaseSession, actor: Actor, user_id: int) -> tuple[str, ...]:
    """Of what asks before it is done, all that makes sense for a user and is the actor's to do."""
    asked = [action for action in USERS.actions if action.asks]
    found = db.exec(
        select(
            *(
                case((and_(each.when(actor.today) if each.when else true(), condition(actor, each.key)), 1), else_=0)
                for each in asked
            )
        )
        .join(SignIn, col(SignIn.id) == col(User.sign_in_id))
        .where(access.scope(actor, User), col(User.id) == user_id)
    ).one()
    return tuple(each.key for each, may in zip(asked, found, strict=True) if may)


def status_of(user: User) -> str:
    """Whether a user has been invited, is active or has been disabled."""
    if user.disabled_at is not None:
        return "disabled"
    return "active" if user.activated_at is not None else "invited"


def _holds_all(actor: Actor) -> list[ColumnElement[bool]]:
    """Every permission and all access of the user are the actor's too."""
    roles = [role.value for role, has in ROLE_PERMISSIONS.items() if has <= actor.permissions]
    stored = cast(col(User.permissions), String)
    custom = [~stored.contains(f'"{each}"', autoescape=True) for each in sorted(EVERYTHING - actor.permissions)]
    conditions: list[ColumnElement[bool]] = [
        or_(col(User.role).in_(roles), and_(col(User.role) == Role.CUSTOM.value, *custom))
    ]
    if actor.access_all:
        return conditions
    given = aliased(AccessGrant)
    own = aliased(AccessGrant)
    groups = select(own.group_id).where(
        own.company_id == actor.company_id, own.user_id == actor.user_id, col(own.group_id).is_not(None)
    )
    within = or_(
        col(given.customer_number_id).in_(access.visible(select(CustomerNumber.id), actor, CustomerNumber)),
        col(given.subscription_id).in_(access.visible(select(Subscription.id), actor, Subscription)),
        col(given.group_id).in_(groups),
    )
    # A column that is empty is in nothing, and its comparison unknown: only what is known to be within counts.
    beyond = exists().where(
        col(given.company_id) == col(User.company_id), col(given.user_id) == col(User.id), within.is_not(true())
    )
    return [*conditions, col(User.access_all).is_(False), ~beyond]


def _not_the_last_superuser() -> ColumnElement[bool]:
    other = aliased(User)
    return or_(
        col(User.role) != Role.SUPERUSER.value,
        col(User.activated_at).is_(None),
        col(User.disabled_at).is_not(None),
        exists().where(
            col(other.company_id) == col(User.company_id),
            col(other.role) == Role.SUPERUSER.value,
            col(other.id) != col(User.id),
            col(other.activated_at).is_not(None),
            col(other.disabled_at).is_(None),
        ),
    )


# --- doing it


def _do(db: DatabaseSession, actor: Actor, doing: Doing, ids: Sequence[int], wish: Wish) -> list[Told]:
    assert actor.company_id is not None
    lock_company(db, actor.company_id)
    found = db.exec(
        access.visible(select(User), actor, User)
        .where(col(User.id).in_(list(ids)))
        .order_by(col(User.name_sort), col(User.id))
    ).all()
    # Looked up once, however many it is given to.
    given = _given(db, actor, wish) if doing is Doing.CHANGE_ACCESS else frozenset()
    return [_one(db, actor, doing, user, wish, given) for user in found]


def _given(db: DatabaseSession, actor: Actor, wish: Wish) -> frozenset[Grant] | NotFound:
    """The access that is wished for, or why nobody can be given it."""
    try:
        return grants.named(db, actor, wish.access)
    except NotFound as refused:
        return refused


def _one(
    db: DatabaseSession, actor: Actor, doing: Doing, user: User, wish: Wish, given: frozenset[Grant] | NotFound
) -> Told:
    assert user.id is not None
    user_id, name, before = user.id, user.name, _standing(db, doing, user)
    try:
        _refuse_senseless(doing, user)
        match doing:
            case Doing.CHANGE_PERMISSIONS:
                user_rights.permit(db, actor, user_id, wish.role, wish.permissions)
            case Doing.CHANGE_ACCESS:
                if isinstance(given, NotFound):
                    raise given
                user_rights.let_see(db, actor, user_id, wish.access, named=given)
            case Doing.INVITE_AGAIN:
                invitations.renew(db, actor, user_id)
            case Doing.RESET_FACTOR:
                user_rights.free_of_factor(db, actor, user_id)
            case Doing.DISABLE:
                user_rights.shut(db, actor, user_id)
            case Doing.ENABLE:
                user_rights.open_again(db, actor, user_id)
            case Doing.REMOVE:
                user_rights.take_out(db, actor, user_id)
            case Doing.EDIT:
                raise Refused("users.doings.one_by_one")
    except PasswordNeeded:
        # It is about whoever asks, and not about one of those it would be done to.
        raise
    except Refused as refused:
        return Told(user_id, name, before, before, refused)
    ends = {Doing.REMOVE: "users.doings.removed", Doing.INVITE_AGAIN: "users.doings.mailed"}
    return Told(user_id, name, before, ends.get(doing) or _standing(db, doing, user))


def _refuse_senseless(doing: Doing, user: User) -> None:
    if doing is Doing.DISABLE and user.disabled_at is not None:
        raise Refused("users.doings.disabled_already")
    if doing is Doing.ENABLE and user.disabled_at is None:
        raise Refused("users.doings.enabled_already")


def _standing(db: DatabaseSession, doing: Doing, user: User) -> str:
    """How it is with what the doing changes, as a text's key."""
    if doing is Doing.CHANGE_PERMISSIONS:
        return f"permissions.role.{user.role}"
    if doing is Doing.CHANGE_ACCESS:
        given = select(AccessGrant.id).where(AccessGrant.company_id == user.company_id, AccessGrant.user_id == user.id)
        some = "some" if db.exec(given).first() is not None else "none"
        return f"lists.user_access.{'all' if user.access_all else some}"
    if doing is Doing.RESET_FACTOR:
        since = db.exec(select(SignIn.totp_since).where(SignIn.id == user.sign_in_id)).one()
        return f"users.doings.factor.{'off' if since is None else 'on'}"
    return f"lists.user_status.{status_of(user)}"
