"""Which groups something is, was or will be in: of its own, and by its customer number (R2, R7)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import or_, select, true
from sqlmodel import Session as DatabaseSession
from sqlmodel import col

from selfcare_app.models import CustomerNumber, Group, GroupCategory, GroupMembership, Subscription
from selfcare_app.services.access import Actor
from selfcare_app.specs.permissions import Permission

IN_FORCE, COMING, REPLACED, PAST = "active", "coming", "replaced", "past"
_ORDER = (IN_FORCE, COMING, REPLACED, PAST)


@dataclass(frozen=True, slots=True)
class Membership:
    """A group that something is, was or will be in."""

    category: str
    group: str
    start: date
    """First day of the first month."""
    end: date | None
    """First day of the last month; None: until further notice."""
    state: str
    """active, coming, past; replaced: it would count this month, were there not a group of its own in the category."""
    inherited: bool = False
    """By the customer number."""

    @property
    def name(self) -> str:
        """Kategori:Grupp (R1)."""
        return f"{self.category}:{self.group}"


def of_customer_number(db: DatabaseSession, actor: Actor, of: CustomerNumber) -> list[Membership]:
    """Its groups, those in force first; none for whoever may not read groups."""
    return _found(db, actor, col(GroupMembership.customer_number_id) == of.id)


def of_subscription(db: DatabaseSession, actor: Actor, of: Subscription) -> list[Membership]:
    """Its own groups and those of its customer number, those in force first; none for whoever may not read groups."""
    found = _found(
        db,
        actor,
        or_(
            col(GroupMembership.subscription_id) == of.id,
            col(GroupMembership.customer_number_id) == of.customer_number_id,
        ),
        own=col(GroupMembership.subscription_id).is_not(None),
    )
    own = {m.category for m in found if m.state == IN_FORCE and not m.inherited}
    told = [
        replace(m, state=REPLACED) if m.inherited and m.state == IN_FORCE and m.category in own else m for m in found
    ]
    return sorted(told, key=_rank)


def _found(db: DatabaseSession, actor: Actor, of: Any, own: Any = None) -> list[Membership]:
    """`own` tells a thing's own groups from inherited ones; None: they all are its own."""
    if not actor.may(Permission.GROUPS_READ):
        return []
    found: Any = db.exec(  # type: ignore[call-overload]
        select(
            col(GroupCategory.name),
            col(Group.name),
            col(GroupMembership.start_month),
            col(GroupMembership.end_month),
            true() if own is None else own,
        )
        .join(Group, col(Group.id) == col(GroupMembership.group_id))
        .join(GroupCategory, col(GroupCategory.id) == col(Group.category_id))
        .where(col(GroupMembership.company_id) == actor.company_id, of)
        .order_by(col(GroupCategory.name_sort), col(GroupMembership.start_month).desc(), col(GroupMembership.id))
    ).all()
    return sorted(
        (
            Membership(category, group, start, end, state_in(start, end, actor.month), inherited=not own)
            for category, group, start, end, own in found
        ),
        key=_rank,
    )


def _rank(membership: Membership) -> tuple[int, bool]:
    """Sorting is stable: what the database gave stays in its order within."""
    return (_ORDER.index(membership.state), membership.inherited)


def state_in(start: date, end: date | None, month: date) -> str:
    """Whether a membership counts in the month, or when else."""
    if start > month:
        return COMING
    return PAST if end is not None and end < month else IN_FORCE
