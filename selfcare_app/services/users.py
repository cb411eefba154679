"""The users of a company, to look at (U2-U5)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session as DatabaseSession
from sqlmodel import col

from selfcare_app.models import AccessGrant, CustomerNumber, Group, GroupCategory, SignIn, Subscription, User
from selfcare_app.services import access
from selfcare_app.services.access import Actor, NotFound, allowed
from selfcare_app.services.database import session
from selfcare_app.services.user_doings import possible, status_of
from selfcare_app.specs.permissions import Permission, permissions_of

GRANTS_SHOWN = 100
"""Objects of a kind that the page names one by one; a person is rarely given more."""
KINDS_GIVEN = ("customer_numbers", "subscriptions", "groups")
"""What access is given to. A user's texts: users.access.kinds.<kind>."""
GROUP_NAME = col(GroupCategory.name) + ":" + col(Group.name)


@dataclass(frozen=True, slots=True)
class Granted:
    """What of one kind a user was given access to: those the reader sees, and how many more there are."""

    shown: list[tuple[str, str]] = field(default_factory=list)
    """Number and name of customer numbers; id and label of subscriptions; id and Kategori:Grupp of groups."""
    more: int = 0
    """Not named here: beyond GRANTS_SHOWN, or outside what the reader sees."""


@dataclass(frozen=True, slots=True)
class UserPage:
    """What the page of a user shows."""

    id: int
    name: str
    email: str
    phone: str
    role: str
    status: str
    """invited, active or disabled."""
    version: int
    """What an edit says that it was made on."""
    own: bool
    """Whether it is the reader themself."""
    doings: tuple[str, ...]
    """Keys of the list's actions that ask before they are done, that make sense and are the reader's to do."""
    created_at: datetime
    activated_at: datetime | None
    disabled_at: datetime | None
    last_sign_in_at: datetime | None
    permissions: frozenset[Permission]
    access_all: bool
    customer_numbers: Granted
    subscriptions: Granted
    groups: Granted


@allowed(Permission.MANAGE_USERS)
def overview(actor: Actor, user_id: int) -> UserPage:
    """A user of the actor's company; NotFound for unknown, removed and foreign alike.

    Objects the user was given and the reader doesn't see, or may not read the kind of, are counted, never named (U6).
    """
    with session() as db:
        user, email = _found(db, actor, user_id)
        return UserPage(
            id=user_id,
            name=user.name,
            email=email,
            phone=user.phone,
            role=user.role,
            status=status_of(user),
            version=user.version,
            own=user.id == actor.user_id,
            doings=possible(db, actor, user_id),
            created_at=user.created_at,
            activated_at=user.activated_at,
            disabled_at=user.disabled_at,
            last_sign_in_at=user.last_sign_in_at,
            permissions=permissions_of(user.role, user.permissions),
            access_all=user.access_all,
            **_granted(db, actor, user),
        )


@dataclass(frozen=True, slots=True)
class GivenAccess:
    """What a user was given that the reader may take away again, whole, and how much there is beside it."""

    version: int
    everything: bool
    objects: dict[str, dict[str, str]]
    """By kind, the name of each by what access names it by: number, or id of a group."""
    beyond: int
    """Objects outside the reader's own access, or of a kind they may not read: these stay as they are."""


@allowed(Permission.MANAGE_USERS)
def access_of(actor: Actor, user_id: int) -> GivenAccess:
    """What `user_rights.change_access` would change, all of it. NotFound as `overview`."""
    with session() as db:
        user, _ = _found(db, actor, user_id)
        if user.access_all:
            return GivenAccess(user.version, True, {kind: {} for kind in KINDS_GIVEN}, 0)
        own = _groups_to_give(db, actor)
        shown = _named(db, actor, user, limit=None)
        objects = {
            kind: {
                key: f"{key} {name}".strip() if kind == "customer_numbers" else name
                for key, name in named
                if kind != "groups" or key in own
            }
            for kind, named in zip(KINDS_GIVEN, shown, strict=True)
        }
        total = sum(_totals(db, user))
        return GivenAccess(user.version, False, objects, total - sum(map(len, objects.values())))


@allowed(Permission.MANAGE_USERS)
def groups_to_give(actor: Actor) -> dict[str, str]:
    """The groups that the actor may give access to, Kategori:Grupp by id in Swedish order: all, or for partial access
    those they hold themself (U4). None for whoever may not read groups."""
    with session() as db:
        return _groups_to_give(db, actor)


def _groups_to_give(db: DatabaseSession, actor: Actor) -> dict[str, str]:
    if not actor.may(Permission.GROUPS_READ):
        return {}
    statement = (
        access.visible(select(col(Group.id), GROUP_NAME), actor, Group)
        .join(GroupCategory, col(GroupCategory.id) == col(Group.category_id))
        .order_by(col(GroupCategory.name_sort), col(Group.name_sort), col(Group.id))
    )
    if not actor.access_all:
        own = select(col(AccessGrant.group_id)).where(
            col(AccessGrant.company_id) == actor.company_id, col(AccessGrant.user_id) == actor.user_id
        )
        statement = statement.where(col(Group.id).in_(own))
    return {str(group_id): str(name) for group_id, name in db.exec(statement).all()}


def _found(db: DatabaseSession, actor: Actor, user_id: int) -> tuple[User, str]:
    found = db.exec(
        access.visible(select(User, col(SignIn.email)), actor, User)
        .join(SignIn, col(SignIn.id) == col(User.sign_in_id))
        .where(col(User.id) == user_id)
    ).one_or_none()
    if found is None:
        raise NotFound
    return found[0], found[1]


def _totals(db: DatabaseSession, user: User) -> tuple[int, int, int]:
    columns = (AccessGrant.customer_number_id, AccessGrant.subscription_id, AccessGrant.group_id)
    counted: Any = db.exec(  # type: ignore[call-overload]
        select(*(func.count(col(column)) for column in columns)).where(
            col(AccessGrant.company_id) == user.company_id, col(AccessGrant.user_id) == user.id
        )
    ).one()
    return counted[0], counted[1], counted[2]


def _granted(db: DatabaseSession, actor: Actor, user: User) -> dict[str, Granted]:
    if user.access_all:
        return {kind: Granted() for kind in KINDS_GIVEN}
    shown = _named(db, actor, user, GRANTS_SHOWN)
    return {
        kind: Granted(named, total - len(named))
        for kind, named, total in zip(KINDS_GIVEN, shown, _totals(db, user), strict=True)
    }


def _named(db: DatabaseSession, actor: Actor, user: User, limit: int | None) -> tuple[list[tuple[str, str]], ...]:
    return (
        _shown(
            db, actor, user, limit, CustomerNumber, AccessGrant.customer_number_id, Permission.CUSTOMER_NUMBERS_READ,
            (CustomerNumber.number, CustomerNumber.name), (CustomerNumber.number_sort,),
        ),
        _shown(
            db, actor, user, limit, Subscription, AccessGrant.subscription_id, Permission.SUBSCRIPTIONS_READ,
            (Subscription.number, Subscription.label), (Subscription.label_sort,),
        ),
        _shown(
            db, actor, user, limit, Group, AccessGrant.group_id, Permission.GROUPS_READ,
            (Group.id, GROUP_NAME), (GroupCategory.name_sort, Group.name_sort), GroupCategory,
        ),
    )  # fmt: skip


def _shown(
    db: DatabaseSession,
    actor: Actor,
    user: User,
    limit: int | None,
    model: Any,
    granted: Any,
    permission: Permission,
    named: tuple[Any, Any],
    order: tuple[Any, ...],
    with_category: Any = None,
) -> list[tuple[str, str]]:
    """Those the actor sees, in Swedish order."""
    if not actor.may(permission):
        return []
    statement = (
        select(*named)
        .join(AccessGrant, col(granted) == col(model.id))
        .where(col(AccessGrant.company_id) == user.company_id, col(AccessGrant.user_id) == user.id)
        .order_by(*(col(column) for column in order), col(model.id))
        .limit(limit)
    )
    if with_category is not None:
        statement = statement.join(with_category, col(with_category.id) == col(model.category_id))
    return [(str(key), str(name)) for key, name in db.exec(access.visible(statement, actor, model)).all()]
