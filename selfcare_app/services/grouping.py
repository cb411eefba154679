"""In which groups something is in a month (R7): in each category in its subscription's, else its customer number's."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    JSON,
    ColumnElement,
    Date,
    Integer,
    Select,
    and_,
    any_,
    bindparam,
    exists,
    false,
    func,
    select,
    union_all,
)
from sqlmodel import Session as DatabaseSession
from sqlmodel import col

from selfcare_app.models import Group, GroupCategory, GroupMembership
from selfcare_app.services import access
from selfcare_app.services.access import Actor
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
def _named(of: str, postgresql: bool) -> Select[Any]:
    """The ids go in as one value: thousands of places in a statement take longer to write than to look up."""
    member = getattr(GroupMembership, of)
    among = (
        member == any_(bindparam("ids", type_=ARRAY(Integer)))
        if postgresql
        else member.in_(select(func.json_each(bindparam("ids", type_=JSON)).table_valued("value").c.value))
    )
    return (
        select(member, col(GroupCategory.name_sort), col(GroupCategory.name), col(Group.name))
        .join(Group, col(Group.id) == col(GroupMembership.group_id))
        .join(GroupCategory, col(GroupCategory.id) == col(Group.category_id))
        .where(
            col(GroupMembership.company_id) == bindparam("company"),
            among,
            access.active_in(bindparam("month", type_=Date)),
        )
    )


def names(db: DatabaseSession, actor: Actor, rows: Sequence[Member], month: date) -> list[list[str]]:
    """Kategori:Grupp of each row in the month, in Swedish order of the categories."""
    by_number = _memberships(db, actor, "customer_number_id", {number for number, _ in rows}, month)
    by_subscription = _memberships(db, actor, "subscription_id", {subscription for _, subscription in rows}, month)
    of_number = {number: _in_order(found) for number, found in by_number.items()}
    return [
        _in_order({**by_number.get(number, {}), **by_subscription[subscription]})
        if subscription in by_subscription
        else of_number.get(number, [])
        for number, subscription in rows
    ]


def _in_order(names: dict[str, str]) -> list[str]:
    return [name for _, name in sorted(names.items())]


def _memberships(
    db: DatabaseSession, actor: Actor, of: str, ids: set[int | None], month: date
) -> dict[int | None, dict[str, str]]:
    """By member: the sort key of each category, and category and group as they are shown. A member is in one group
    of a category at a time (R2)."""
    wanted = [id_ for id_ in ids if id_ is not None]
    if not wanted:
        return {}
    found: dict[int | None, dict[str, str]] = {}
    values = {"company": actor.company_id, "ids": wanted, "month": month}
    statement = _named(of, db.get_bind().dialect.name == "postgresql")
    for member, order, category, group in db.connection().execute(statement, values).all():
        found.setdefault(member, {})[order] = f"{category}:{group}"
    return found
