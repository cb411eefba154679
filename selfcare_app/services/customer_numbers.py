"""One customer number with what belongs to it (O1, so far as it exists)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, or_, select
from sqlmodel import Session as DatabaseSession
from sqlmodel import col

from selfcare_app.models import CustomerNumber, Group, GroupCategory, GroupMembership, Subscription
from selfcare_app.services import access
from selfcare_app.services.access import Actor, allowed
from selfcare_app.services.database import session
from selfcare_app.specs.permissions import Permission


@dataclass(frozen=True, slots=True)
class Membership:
    """A group the customer number is, was or will be in."""

    name: str
    start: date
    end: date | None
    state: str
    """active, coming or past."""


@dataclass(frozen=True, slots=True)
class CustomerNumberOverview:
    """What the page of a customer number shows. Without the right to read subscriptions their counts are 0."""

    number: str
    name: str
    type: str
    status: str
    opened: date
    closed: date | None
    company: str
    subscriptions: int
    active_subscriptions: int
    by_type: list[tuple[str, int]]
    sees_subscriptions: bool
    groups: list[Membership]


def is_active(ended: Any, today: date) -> Any:
    """The condition that something isn't ended: the end is the first day it is no longer in use."""
    return or_(col(ended).is_(None), col(ended) > today)


@allowed(Permission.CUSTOMER_NUMBERS_READ)
def overview(actor: Actor, number: str) -> CustomerNumberOverview:
    """The customer number; NotFound for unknown and foreign alike. Groups and subscriptions are counted
    only for those who may read them (U2)."""
    with session() as db:
        found = access.fetch(db, actor, CustomerNumber, number)
        assert found.id is not None
        sees_subscriptions = actor.may(Permission.SUBSCRIPTIONS_READ)
        by_type = _subscriptions(db, actor, found.id) if sees_subscriptions else []
        return CustomerNumberOverview(
            number=found.number,
            name=found.name,
            type=found.type,
            status="inactive" if found.closed and found.closed <= actor.today else "active",
            opened=found.opened,
            closed=found.closed,
            company=actor.company_name,
            subscriptions=sum(row[1] for row in by_type),
            active_subscriptions=sum(row[2] for row in by_type),
            by_type=[(row[0], row[1]) for row in by_type],
            sees_subscriptions=sees_subscriptions,
            groups=_memberships(db, actor, found.id) if actor.may(Permission.GROUPS_READ) else [],
        )


def _subscriptions(db: DatabaseSession, actor: Actor, customer_number_id: int) -> list[Any]:
    """Type, how many, and how many active; the most frequent type first."""
    counted = select(
        col(Subscription.type),
        func.count(),
        func.count().filter(is_active(Subscription.ended, actor.today)),
    ).where(col(Subscription.customer_number_id) == customer_number_id)
    return list(
        db.exec(
            access.visible(counted, actor, Subscription).group_by(col(Subscription.type)).order_by(func.count().desc())
        ).all()
    )


def _memberships(db: DatabaseSession, actor: Actor, customer_number_id: int) -> list[Membership]:
    found: Any = db.exec(  # type: ignore[call-overload]
        select(
            col(GroupCategory.name),
            col(Group.name),
            col(GroupMembership.start_month),
            col(GroupMembership.end_month),
        )
        .join(Group, col(Group.id) == col(GroupMembership.group_id))
        .join(GroupCategory, col(GroupCategory.id) == col(Group.category_id))
        .where(
            col(GroupMembership.company_id) == actor.company_id,
            col(GroupMembership.customer_number_id) == customer_number_id,
        )
        .order_by(col(GroupCategory.name_sort), col(GroupMembership.start_month).desc())
    ).all()
    return [
        Membership(f"{category}:{group}", start, end, _state(start, end, actor.month))
        for category, group, start, end in found
    ]


def _state(start: date, end: date | None, month: date) -> str:
    if start > month:
        return "coming"
    return "past" if end is not None and end < month else "active"
