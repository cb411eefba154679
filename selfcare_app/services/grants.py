"""What access is given (U5): its rows as grants, what a person names turned into them, and which of them lie within
somebody's own access (U4). Each question is a statement or three, however much is given to however many."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import delete
from sqlmodel import Session as DatabaseSession
from sqlmodel import col, select

from selfcare_app.models import AccessGrant, CustomerNumber, Group, Subscription, User
from selfcare_app.services import access
from selfcare_app.services.access import Actor, NotFound
from selfcare_app.services.database import among
from selfcare_app.specs.permissions import Permission

GRANTED: dict[str, Any] = {
    "customer_number_id": CustomerNumber,
    "subscription_id": Subscription,
    "group_id": Group,
}
"""What access can be given to, by the column of AccessGrant that names it."""
READS = {
    "customer_number_id": Permission.CUSTOMER_NUMBERS_READ,
    "subscription_id": Permission.SUBSCRIPTIONS_READ,
    "group_id": Permission.GROUPS_READ,
}
"""Who may read that it was given."""

Grant = tuple[str, int]
"""A column of AccessGrant and what stands in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What a user may see: everything, or what is named here (numbers of objects, ids of groups)."""

    everything: bool = False
    customer_numbers: frozenset[str] = frozenset()
    subscriptions: frozenset[str] = frozenset()
    groups: frozenset[int] = frozenset()


def named(db: DatabaseSession, actor: Actor, wanted: Access) -> frozenset[Grant]:
    """What is named, as grants. NotFound for what the actor can't see, and for a group that doesn't lie within the
    actor's own access."""
    if wanted.everything:
        return frozenset()
    found: set[Grant] = set()
    for column, numbers in (
        ("customer_number_id", wanted.customer_numbers),
        ("subscription_id", wanted.subscriptions),
    ):
        # PostgreSQL knows no text with a zero in it, and would fail where SQLite finds nothing.
        if any("\x00" in number for number in numbers):
            raise NotFound
        model = GRANTED[column]
        visible = access.visible(select(model.id), actor, model)
        ids = db.exec(visible.where(among(db, col(model.number), numbers))).all() if numbers else []
        if len(ids) != len(numbers):
            raise NotFound
        found.update((column, object_id) for object_id in ids)
    groups = {("group_id", group_id) for group_id in wanted.groups}
    if groups:
        there = select(Group.id).where(Group.company_id == actor.company_id, among(db, col(Group.id), wanted.groups))
        if len(db.exec(there).all()) != len(groups) or within(db, actor, groups) != groups:
            raise NotFound
    return frozenset(found | groups)


def within(db: DatabaseSession, actor: Actor, grants: Collection[Grant]) -> set[Grant]:
    """Those that lie within the actor's own access. A group does for those who hold it themselves: what will be in it
    is theirs to see too."""
    if actor.access_all:
        return set(grants)
    own = select(AccessGrant.group_id).where(
        AccessGrant.company_id == actor.company_id, AccessGrant.user_id == actor.user_id
    )

    def theirs(column: str, ids: list[int]) -> Iterable[int]:
        if column == "group_id":
            return cast(Iterable[int], db.exec(own.where(among(db, col(AccessGrant.group_id), ids))).all())
        model = GRANTED[column]
        seen = access.visible(select(model.id), actor, model)
        return cast(Iterable[int], db.exec(seen.where(among(db, col(model.id), ids))).all())

    return {(column, object_id) for column, ids in _by_column(grants) for object_id in theirs(column, ids)}


def held(db: DatabaseSession, user: User) -> set[Grant]:
    """What a user has been given."""
    rows = db.exec(
        select(AccessGrant).where(AccessGrant.company_id == user.company_id, AccessGrant.user_id == user.id)
    ).all()
    return {(column, getattr(row, column)) for row in rows for column in GRANTED if getattr(row, column) is not None}


def store(db: DatabaseSession, user: User, before: Collection[Grant], after: Collection[Grant]) -> None:
    """Make what a user holds what is after."""
    assert user.id is not None
    own = (col(AccessGrant.company_id) == user.company_id, col(AccessGrant.user_id) == user.id)
    for column, ids in _by_column(set(before) - set(after)):
        db.exec(delete(AccessGrant).where(*own, among(db, col(getattr(AccessGrant, column)), ids)))
    db.add_all(
        AccessGrant(company_id=user.company_id, user_id=user.id, **cast(Any, {column: object_id}))
        for column, object_id in sorted(set(after) - set(before))
    )


def labels(db: DatabaseSession, grants: Collection[Grant]) -> list[str]:
    """What people call what is granted, for the log."""
    said: list[str] = []
    for column, ids in _by_column(grants):
        model = GRANTED[column]
        called = model.name if column == "group_id" else model.number
        said.extend(db.exec(select(called).where(among(db, col(model.id), ids))).all())
    return sorted(said)


def _by_column(grants: Iterable[Grant]) -> list[tuple[str, list[int]]]:
    found: dict[str, list[int]] = {}
    for column, object_id in sorted(grants):
        found.setdefault(column, []).append(object_id)
    return list(found.items())
