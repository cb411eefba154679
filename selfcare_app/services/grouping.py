"""In which groups something is in a month (R7): in each category in its subscription's, else its customer number's."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Date, Select, and_, bindparam, exists, false, literal, select, union_all
from sqlmodel import Session as DatabaseSession
from sqlmodel import col

from selfcare_app.models import Group, GroupCategory, GroupMembership
from selfcare_app.services import access
from selfcare_app.services.access import Actor
from selfcare_app.services.database import among_bound, is_postgresql
from selfcare_app.specs.lists import Grouped

Member = tuple[int | None, int | None]
"""Ids of a row's customer number and subscription."""


def in_groups(
    db: DatabaseSession, actor: Actor, grouped: Grouped, chosen: Collection[int], month: date
) -> ColumnElement[bool]:
    """Any of the groups within a category, all between categories; one of another company matches nothing."""
    known = db.connection().execute(
        select(col(Group.id), col(Group.category_id)).where(access.scope(actor, Group), col(Group.id).in_(chosen))
    )
    by_category: dict[int, list[Any]] = {}
    for group, category in known:
        by_category.setdefault(category, []).append(group)
    if sum(map(len, by_category.values())) < len(set(chosen)):
        return false()
    return and_(*(_in_one_of(actor, grouped, category, groups, month) for category, groups in by_category.items()))


def _in_one_of(actor: Actor, grouped: Grouped, category: int, groups: list[int], month: date) -> ColumnElement[bool]:
    in_these = col(GroupMembership.group_id).in_(groups)
    by_number = grouped.customer_number.in_(_members(actor, "customer_number_id", month, in_these))
    if grouped.subscription is None:
        return by_number  # type: ignore[no-any-return]
    rows = grouped.customer_number.table.c
    # Each of the two is found by its own index, where one condition with "or" would be asked of every row. A line may
    # be of no subscription: then its customer number's group counts.
    own = exists().where(
        *_counts(actor, month),
        col(GroupMembership.subscription_id) == grouped.subscription,
        col(GroupMembership.category_id) == category,
    )
    ids = select(rows.id).where(rows.company_id == actor.company_id).correlate(None)
    in_group = _members(actor, "subscription_id", month, in_these)
    if rows[grouped.subscription.name] is not rows.id:
        in_group = ids.where(grouped.subscription.in_(in_group))
    return rows.id.in_(union_all(in_group, ids.where(by_number, ~own)))  # type: ignore[no-any-return]


def _counts(actor: Actor, month: date) -> tuple[ColumnElement[bool], ...]:
    return (col(GroupMembership.company_id) == actor.company_id, access.active_in(month))


def _members(actor: Actor, of: str, month: date, *where: ColumnElement[bool]) -> Select[Any]:
    member = getattr(GroupMembership, of)
    return select(member).where(*_counts(actor, month), member.is_not(None), *where)


@lru_cache(maxsize=4)
def _named(postgresql: bool, subscriptions: bool) -> Select[Any]:
    """Groups of customer numbers, and of subscriptions where there are such, in one statement."""
    members = [("customer_number_id", "numbers")] + [("subscription_id", "subscriptions")] * subscriptions
    found = union_all(
        *(
            select(
                literal(of).label("of"), getattr(GroupMembership, of).label("id"), col(GroupMembership.group_id)
            ).where(
                col(GroupMembership.company_id) == bindparam("company"),
                among_bound(getattr(GroupMembership, of), ids, postgresql=postgresql),
                access.active_in(bindparam("month", type_=Date)),
            )
            for of, ids in members
        )
    ).subquery("found")
    return (
        select(found.c.of, found.c.id, col(GroupCategory.name_sort), col(GroupCategory.name), col(Group.name))
        .join(Group, col(Group.id) == found.c.group_id)
        .join(GroupCategory, col(GroupCategory.id) == col(Group.category_id))
    )


def names(db: DatabaseSession, actor: Actor, rows: Sequence[Member], month: date) -> list[list[str]]:
    """Kategori:Grupp of each row in the month, in Swedish order of the categories."""
    numbers = list({number for number, _ in rows if number is not None})
    subscriptions = list({subscription for _, subscription in rows if subscription is not None})
    values = {"company": actor.company_id, "numbers": numbers, "month": month}
    if subscriptions:
        values["subscriptions"] = subscriptions
    # By member: the sort key of each category, and category and group as they are shown. A member is in one group of a
    # category at a time (R2).
    found: dict[tuple[str, int | None], dict[str, str]] = {}
    statement = _named(is_postgresql(db), bool(subscriptions))
    for of, member, order, category, group in db.connection().execute(statement, values).all():
        found.setdefault((of, member), {})[order] = f"{category}:{group}"
    none: dict[str, str] = {}
    of_number = {number: _in_order(found.get(("customer_number_id", number), none)) for number, _ in rows}
    return [
        _in_order({**found.get(("customer_number_id", number), none), **own})
        if (own := found.get(("subscription_id", subscription)))
        else of_number[number]
        for number, subscription in rows
    ]


def _in_order(names: dict[str, str]) -> list[str]:
    return [name for _, name in sorted(names.items())]
