"""The first page after signing in: counts of what the actor has access to, and what to know (V1, as far as built)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import exists, func, literal, or_, select
from sqlmodel import Session as DatabaseSession
from sqlmodel import col

from selfcare_app.models import (
    Company,
    CustomerNumber,
    FeedRun,
    FrameworkAgreement,
    Group,
    GroupCategory,
    GroupMembership,
    Subscription,
    User,
)
from selfcare_app.services import access
from selfcare_app.services.access import Actor, active_in, allowed, for_operator
from selfcare_app.services.database import session
from selfcare_app.specs.permissions import Permission, Role

ENDING_WITHIN = timedelta(days=60)
"""Agreements that end so soon are pointed out (V1)."""
FEEDS_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Counted:
    """How many, and how many of them are in use."""

    total: int = 0
    active: int = 0


@dataclass(frozen=True, slots=True)
class Agreement:
    """A framework agreement, and whether it soon ends."""

    number: str
    products: list[str]
    valid_from: date
    valid_to: date | None
    ending: bool


@dataclass(frozen=True, slots=True)
class GroupCount:
    """A group, and what is in it this month; 0 of what the actor may not read."""

    id: int
    category: str
    name: str
    customer_numbers: int
    subscriptions: int


@dataclass(frozen=True, slots=True)
class CompanyOverview:
    """What a company's user sees first. A count is None where the right is missing."""

    customer_numbers: Counted | None
    subscriptions: Counted | None
    agreements: list[Agreement] = field(default_factory=list)
    groups: list[GroupCount] = field(default_factory=list)
    superusers: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Fed:
    """A file that was fed in."""

    kind: str
    file_name: str
    at: datetime
    created: int
    changed: int
    unchanged: int


@dataclass(frozen=True, slots=True)
class OperatorOverview:
    """What operator staff sees first."""

    companies: int
    feeds: list[Fed]


@allowed(None)
def of_company(actor: Actor) -> CompanyOverview:
    """The actor's company as far as they see it."""
    with session() as db:
        return CompanyOverview(
            customer_numbers=_count(db, actor, CustomerNumber, CustomerNumber.closed)
            if actor.may(Permission.CUSTOMER_NUMBERS_READ)
            else None,
            subscriptions=_count(db, actor, Subscription, Subscription.ended)
            if actor.may(Permission.SUBSCRIPTIONS_READ)
            else None,
            agreements=_agreements(db, actor) if actor.may(Permission.COMPANY_READ) else [],
            groups=_groups(db, actor) if actor.may(Permission.GROUPS_READ) else [],
            superusers=_superusers(db, actor),
        )


@for_operator
def of_operator(actor: Actor) -> OperatorOverview:
    """How many companies there are, and what was fed in last."""
    with session() as db:
        companies: int = db.exec(select(func.count()).select_from(Company)).scalar_one()  # type: ignore[call-overload]
        runs = db.exec(  # type: ignore[call-overload]
            select(FeedRun).order_by(col(FeedRun.id).desc()).limit(FEEDS_SHOWN)
        ).scalars()
        return OperatorOverview(
            companies=companies,
            feeds=[Fed(r.kind, r.file_name, r.at, r.created, r.changed, r.unchanged) for r in runs],
        )


def is_active(ended: Any, today: date) -> Any:
    """The condition that something isn't ended: the end is the first day it is no longer in use."""
    return or_(col(ended).is_(None), col(ended) > today)


def _count(db: DatabaseSession, actor: Actor, model: Any, ended: Any) -> Counted:
    statement = select(func.count(), func.count().filter(is_active(ended, actor.today))).select_from(model)
    total, active = db.exec(access.visible(statement, actor, model)).one()
    return Counted(total, active)


def _agreements(db: DatabaseSession, actor: Actor) -> list[Agreement]:
    today = actor.today
    valid = access.visible(select(FrameworkAgreement), actor, FrameworkAgreement).where(
        or_(col(FrameworkAgreement.valid_to).is_(None), col(FrameworkAgreement.valid_to) >= today)
    )
    found = db.exec(valid.order_by(col(FrameworkAgreement.number))).scalars()
    return [
        Agreement(
            number=a.number,
            products=list(a.products),
            valid_from=a.valid_from,
            valid_to=a.valid_to,
            ending=a.valid_to is not None and a.valid_to - today <= ENDING_WITHIN,
        )
        for a in found
    ]


def _groups(db: DatabaseSession, actor: Actor) -> list[GroupCount]:
    """Groups with what the actor sees in them this month; for partial access only groups with something in them."""

    def members(member: Any, model: Any, right: Permission) -> Any:
        if not actor.may(right):
            return literal(0)
        seen = exists().where(col(model.id) == member, access.scope(actor, model)).correlate(GroupMembership)
        return func.count(member).filter(seen)

    joined = (
        select(
            col(Group.id),
            col(GroupCategory.name),
            col(Group.name),
            members(col(GroupMembership.customer_number_id), CustomerNumber, Permission.CUSTOMER_NUMBERS_READ).label(
                "customer_numbers"
            ),
            members(col(GroupMembership.subscription_id), Subscription, Permission.SUBSCRIPTIONS_READ).label(
                "subscriptions"
            ),
        )
        .join(GroupCategory, col(GroupCategory.id) == col(Group.category_id))
        .outerjoin(
            GroupMembership,
            (col(GroupMembership.group_id) == col(Group.id))
            & (col(GroupMembership.company_id) == actor.company_id)
            & active_in(actor.month),
        )
        .where(access.scope(actor, Group))
        .group_by(
            col(Group.id),
            col(GroupCategory.name),
            col(Group.name),
            col(GroupCategory.name_sort),
            col(Group.name_sort),
        )
        .order_by(col(GroupCategory.name_sort), col(Group.name_sort))
    )
    counts = [GroupCount(*row) for row in db.exec(joined)]  # type: ignore[call-overload]
    return counts if actor.access_all else [c for c in counts if c.customer_numbers or c.subscriptions]


def _superusers(db: DatabaseSession, actor: Actor) -> list[str]:
    """Their names are shown to all, so that one knows whom to ask (U2)."""
    return list(
        db.exec(  # type: ignore[call-overload]
            select(col(User.name))
            .where(
                col(User.company_id) == actor.company_id,
                col(User.role) == Role.SUPERUSER,
                col(User.activated_at).is_not(None),
                col(User.disabled_at).is_(None),
            )
            .order_by(col(User.name_sort))
        ).scalars()
    )
