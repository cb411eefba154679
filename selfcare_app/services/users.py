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
from selfcare_app.specs.permissions import Permission, permissions_of

GRANTS_SHOWN = 100
"""Objects of a kind that the page names one by one; a person is rarely given more."""


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
    created_at: datetime
    activated_at: datetime | None
    disabled_at: datetime | None
    last_sign_in_at: datetime | None
    permissions: frozenset[Permission]
    access_all: bool
    customer_numbers: Granted
    subscriptions: Granted
    groups: Granted


def status_of(user: User) -> str:
    """Whether a user has been invited, is active or has been disabled."""
    if user.disabled_at is not None:
        return "disabled"
    return "active" if user.activated_at is not None else "invited"


@allowed(Permission.MANAGE_USERS)
def overview(actor: Actor, user_id: int) -> UserPage:
    """A user of the actor's company; NotFound for unknown, removed and foreign alike.

    Objects the user was given and the reader doesn't see, or may not read the kind of, are counted, never named (U6).
    """
    with session() as db:
        found = db.exec(
            access.visible(select(User, col(SignIn.email)), actor, User)
            .join(SignIn, col(SignIn.id) == col(User.sign_in_id))
            .where(col(User.id) == user_id, col(User.removed_at).is_(None))
        ).one_or_none()
        if found is None:
            raise NotFound
        user, email = found
        return UserPage(
            id=user.id,
            name=user.name,
            email=email,
            phone=user.phone,
            role=user.role,
            status=status_of(user),
            created_at=user.created_at,
            activated_at=user.activated_at,
            disabled_at=user.disabled_at,
            last_sign_in_at=user.last_sign_in_at,
            permissions=permissions_of(user.role, user.permissions),
            access_all=user.access_all,
            **_granted(db, actor, user),
        )


def _granted(db: DatabaseSession, actor: Actor, user: User) -> dict[str, Granted]:
    if user.access_all:
        return {kind: Granted() for kind in ("customer_numbers", "subscriptions", "groups")}
    grant_columns = (AccessGrant.customer_number_id, AccessGrant.subscription_id, AccessGrant.group_id)
    totals: Any = db.exec(  # type: ignore[call-overload]
        select(*(func.count(col(column)) for column in grant_columns)).where(
            col(AccessGrant.company_id) == user.company_id, col(AccessGrant.user_id) == user.id
        )
    ).one()
    group_name = col(GroupCategory.name) + ":" + col(Group.name)
    shown = (
        _shown(
            db, actor, user, CustomerNumber, AccessGrant.customer_number_id, Permission.CUSTOMER_NUMBERS_READ,
            (CustomerNumber.number, CustomerNumber.name), (CustomerNumber.number_sort,),
        ),
        _shown(
            db, actor, user, Subscription, AccessGrant.subscription_id, Permission.SUBSCRIPTIONS_READ,
            (Subscription.number, Subscription.label), (Subscription.label_sort,),
        ),
        _shown(
            db, actor, user, Group, AccessGrant.group_id, Permission.GROUPS_READ,
            (Group.id, group_name), (GroupCategory.name_sort, Group.name_sort), GroupCategory,
        ),
    )  # fmt: skip
    return {
        kind: Granted(named, total - len(named))
        for kind, named, total in zip(("customer_numbers", "subscriptions", "groups"), shown, totals, strict=True)
    }


def _shown(
    db: DatabaseSession,
    actor: Actor,
    user: User,
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
        .limit(GRANTS_SHOWN)
    )
    if with_category is not None:
        statement = statement.join(with_category, col(with_category.id) == col(model.category_id))
    return [(str(key), str(name)) for key, name in db.exec(access.visible(statement, actor, model)).all()]
