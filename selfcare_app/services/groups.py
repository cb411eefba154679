"""The groups of a company: what is in them, and what they cost (R1, R7)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, and_, cast, func, select, union_all
from sqlmodel import Session as DatabaseSession
from sqlmodel import col

from selfcare_app.models import CustomerNumber, Group, GroupCategory, GroupMembership, Subscription
from selfcare_app.services import access, costs
from selfcare_app.services.access import Actor, active_in, allowed
from selfcare_app.services.database import session
from selfcare_app.specs.months import months_later
from selfcare_app.specs.permissions import Permission

_BOTH = 2**32
MONTHS_BACK = 2
"""How far back the latest invoiced month is looked for: invoices come some weeks after their month."""


@dataclass(frozen=True, slots=True)
class GroupFigures:
    """A group, and what the actor sees in it this month; 0 of what they may not read."""

    id: int
    category: str
    name: str
    customer_numbers: int
    subscriptions: int
    """With those that are in it through their customer number (R7)."""
    cost: Decimal | None
    """Of the month that `GroupsOverview.cost_month` says, in SEK without VAT; None without the right to invoices."""


@dataclass(frozen=True, slots=True)
class GroupsOverview:
    """The groups in Swedish order, categories first."""

    groups: list[GroupFigures] = field(default_factory=list)
    cost_month: date | None = None
    """The latest whole month with costs; None when there are none, or none that the actor may read."""
    left_out: list[str] = field(default_factory=list)
    """Currencies of costs that are in no sum (I6)."""


@allowed(Permission.GROUPS_READ)
def overview(actor: Actor) -> GroupsOverview:
    """Every group with its figures; for partial access only groups with something in them (U6)."""
    with session() as db:
        named = db.exec(
            access.visible(select(col(Group.id), col(GroupCategory.name), col(Group.name)), actor, Group)
            .join(GroupCategory, col(GroupCategory.id) == col(Group.category_id))
            .order_by(col(GroupCategory.name_sort), col(Group.name_sort))
        ).all()
        if not named:
            return GroupsOverview()
        numbers, subscriptions = counted(db, actor)
        reads_costs = actor.may(Permission.INVOICES_READ)
        month, amounts, left_out = _costs(db, actor) if reads_costs else (None, {}, [])
        groups = [
            GroupFigures(
                id=group_id,
                category=category,
                name=name,
                customer_numbers=numbers.get(group_id, 0),
                subscriptions=subscriptions.get(group_id, 0),
                cost=amounts.get(group_id, Decimal(0)) if reads_costs else None,
            )
            for group_id, category, name in named
        ]
    if not actor.access_all:
        groups = [g for g in groups if g.customer_numbers or g.subscriptions or g.cost]
    return GroupsOverview(groups, month, left_out)


def counted(db: DatabaseSession, actor: Actor) -> tuple[dict[int, int], dict[int, int]]:
    """How many customer numbers and subscriptions that the actor sees are in each group this month (R7)."""
    return counted_in(db, actor, "customer-numbers"), counted_in(db, actor, "subscriptions")


def counted_in(db: DatabaseSession, actor: Actor, kind: str) -> dict[int, int]:
    """How many of a kind (key of its list) that the actor sees are in each group this month; nothing of what they may
    not read."""
    if kind == "customer-numbers":
        return _customer_numbers(db, actor) if actor.may(Permission.CUSTOMER_NUMBERS_READ) else {}
    return _subscriptions(db, actor) if actor.may(Permission.SUBSCRIPTIONS_READ) else {}


def _costs(db: DatabaseSession, actor: Actor) -> tuple[date | None, dict[int, Decimal], list[str]]:
    """The month before this one, or while nothing has been invoiced for that the one before it; what each group cost in
    it; currencies left out."""
    month = actor.month
    for _ in range(MONTHS_BACK):
        month = months_later(month, -1)
        sums, left_out = costs.of_groups(db, actor, [month])
        if sums or left_out:
            return month, {group_id: amount for (_, group_id), amount in sums.items()}, sorted(left_out)
    return None, {}, []


def _members(actor: Actor, of: Any, *columns: Any) -> Any:
    """Memberships of one kind that count this month."""
    return (
        select(*columns)
        .select_from(GroupMembership)
        .where(col(GroupMembership.company_id) == actor.company_id, col(of).is_not(None), active_in(actor.month))
    )


def _customer_numbers(db: DatabaseSession, actor: Actor) -> dict[int, int]:
    """How many customer numbers that the actor sees each group has."""
    member = col(GroupMembership.customer_number_id)
    counted = _members(actor, member, col(GroupMembership.group_id), func.count())
    if not actor.access_all:
        counted = counted.where(member.in_(access.visible(select(col(CustomerNumber.id)), actor, CustomerNumber)))
    return dict(db.exec(counted.group_by(col(GroupMembership.group_id))).all())


def _subscriptions(db: DatabaseSession, actor: Actor) -> dict[int, int]:
    """How many subscriptions that the actor sees each group has: its own, and those of its customer numbers that are
    in no other group of the category. Counted by customer number, so that only memberships are gone through one by one.
    """
    on = col(Subscription.customer_number_id)
    group, category = col(GroupMembership.group_id), col(GroupMembership.category_id)
    # Group and customer number as one number: sorting by two columns takes SQLite twice as long.
    both = (cast(group, BigInteger) * _BOTH + on).label("both")
    pairs = (
        _members(actor, GroupMembership.subscription_id, both, func.count().label("count"))
        .join(Subscription, col(Subscription.id) == col(GroupMembership.subscription_id))
        .where(access.scope(actor, Subscription))
        .group_by(both)
        .cte("pairs")
    )
    own_group, own_on = pairs.c.both // _BOTH, pairs.c.both % _BOTH
    of_number = access.visible(select(on.label("on"), func.count().label("count")), actor, Subscription)
    of_number = of_number.group_by(on).cte("of_number")
    number = col(GroupMembership.customer_number_id)
    through_number = _members(actor, number, category, group, number.label("on")).cte("through_number")
    parts = union_all(
        select(own_group.label("group_id"), pairs.c.count.label("count")),
        select(through_number.c.group_id, of_number.c.count).join(of_number, of_number.c.on == through_number.c.on),
        select(through_number.c.group_id, -pairs.c.count)
        .select_from(pairs)
        .join(Group, col(Group.id) == own_group)
        .join(
            through_number,
            and_(through_number.c.on == own_on, through_number.c.category_id == col(Group.category_id)),
        ),
    ).subquery()
    summed = select(parts.c.group_id, func.sum(parts.c.count)).group_by(parts.c.group_id)
    return {group_id: int(count) for group_id, count in db.exec(summed).all()}  # type: ignore[call-overload]
