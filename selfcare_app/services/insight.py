"""What a user sees, told to whoever manages them: which grants show them an object, and what their lists hold (U5).

The manager never acts as the user: no session is made, nothing is written. Both scopes stand in the query, so nothing
is told of what the manager doesn't see.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session as DatabaseSession
from sqlmodel import col

from selfcare_app.models import (
    AccessGrant,
    CustomerNumber,
    Group,
    GroupCategory,
    GroupMembership,
    Subscription,
    User,
)
from selfcare_app.services import access, clock, listing, narrowing
from selfcare_app.services.access import Actor, NotFound, active_in, allowed
from selfcare_app.services.database import session
from selfcare_app.services.showing import page_rows
from selfcare_app.specs.lists import CONNECTIONS, CUSTOMER_NUMBERS, INVOICES, LISTS, SUBSCRIPTIONS, ListSpec
from selfcare_app.specs.permissions import Permission, permissions_of
from selfcare_app.specs.queries import parse

OBJECTS: dict[str, ListSpec] = {spec.key: spec for spec in (CUSTOMER_NUMBERS, SUBSCRIPTIONS, CONNECTIONS, INVOICES)}
"""The lists whose rows one may ask about, by their keys."""
FOUND = 5
"""Objects of a kind that a search offers."""
FIRST = 3
"""Rows of a list that the preview names."""


class Reason(StrEnum):
    """Why an object is seen. Texts: details.user.reasons.<value>."""

    ALL = "all"
    CUSTOMER_NUMBER = "customer_number"
    SUBSCRIPTION = "subscription"
    GROUP = "group"


@dataclass(frozen=True, slots=True)
class Grant:
    """One reason: access to everything, to a customer number, to a single subscription, or to a group that the object,
    or its customer number, is in this month."""

    reason: Reason
    name: str = ""
    """Of what was granted; empty where the manager doesn't see that."""
    since: date | None = None
    until: date | None = None
    """First and last month in the group; None: until further notice."""
    inherited: bool = False
    """Through the object's customer number."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Whether a user sees an object, and why."""

    kind: str
    number: str
    name: str
    grants: list[Grant]
    permitted: bool
    """Whether they may read that kind of thing at all."""

    @property
    def seen(self) -> bool:
        """Whether the user sees it: access alone isn't enough."""
        return self.permitted and bool(self.grants)


@dataclass(frozen=True, slots=True)
class Found:
    """An object one may ask about."""

    kind: str
    number: str
    name: str


@dataclass(frozen=True, slots=True)
class Preview:
    """A list as the user would have it, as far as the manager sees it too."""

    key: str
    permitted: bool
    count: int = 0
    of: int = 0
    """How many the manager sees."""
    first: tuple[tuple[str, str], ...] = ()
    """Number and name of the first rows."""


@allowed(Permission.MANAGE_USERS)
def find(actor: Actor, search: str) -> list[Found]:
    """The objects the manager sees that match the words, a few of each kind; none for an empty search."""
    if not search.strip():
        return []
    found = []
    with session() as db:
        for spec in OBJECTS.values():
            if listing.opens(actor, spec):
                rows = narrowing.matching(db, actor, spec, parse(spec, {"q": search}))
                found += [Found(spec.key, *named) for named in _first(db, actor, spec, rows, FOUND)]
    return found


@allowed(Permission.MANAGE_USERS)
def explain(actor: Actor, user_id: int, kind: str, number: str) -> Explanation:
    """Why a user sees an object, as of the present month. NotFound for an object the manager doesn't see (U5), as for
    one that doesn't exist, and for a user the company hasn't."""
    spec = OBJECTS.get(kind)
    if spec is None or not listing.opens(actor, spec):
        raise NotFound
    with session() as db:
        user = _user(db, actor, user_id)
        row: Any = access.fetch(db, actor, spec.model, number)
        return Explanation(
            kind=kind,
            number=number,
            name=_name(row),
            grants=[Grant(Reason.ALL)] if user.access_all else _grants(db, actor, user, row),
            permitted=listing.opens(_as_scope(actor, user), spec),
        )


@allowed(Permission.MANAGE_USERS)
def preview(actor: Actor, user_id: int) -> list[Preview]:
    """What each list that the manager may open holds for the user, of what the manager sees too. NotFound as
    `explain` has it."""
    with session() as db:
        user = _as_scope(actor, _user(db, actor, user_id))
        return [
            _preview(db, actor, user, spec) for spec in LISTS.values() if spec.listed and listing.opens(actor, spec)
        ]


# --- as the user


def _user(db: DatabaseSession, actor: Actor, user_id: int) -> User:
    found: Any = db.exec(access.visible(select(User), actor, User).where(col(User.id) == user_id)).scalar_one_or_none()
    if found is None:
        raise NotFound
    return found  # type: ignore[no-any-return]


def _as_scope(actor: Actor, user: User) -> Actor:
    """The user for conditions in a query: no session, no sign-in, and nobody to write anything as."""
    return Actor(
        name=user.name,
        at=actor.at,
        company_id=user.company_id,
        user_id=user.id,
        permissions=permissions_of(user.role, user.permissions),
        access_all=user.access_all,
        role=user.role,
        language=actor.language,
    )


def _preview(db: DatabaseSession, actor: Actor, user: Actor, spec: ListSpec) -> Preview:
    if not listing.opens(user, spec):
        return Preview(spec.key, permitted=False)
    own = narrowing.rows_of(db, actor, spec, None)
    both = [*own, *narrowing.rows_of(db, user, spec, None)]
    count = select(func.count()).select_from(spec.model)
    shown, of = narrowing.run(
        db, select(count.where(*both).scalar_subquery(), count.where(*own).scalar_subquery())
    ).one()
    rows = select(narrowing.id_of(spec)).where(*both)
    return Preview(spec.key, True, shown, of, tuple(_first(db, actor, spec, rows, FIRST)))


def _first(db: DatabaseSession, actor: Actor, spec: ListSpec, rows: Any, most: int) -> Iterable[tuple[str, str]]:
    """Number and name of the first rows in the list's order, as the manager reads them."""
    query = parse(spec, {})
    column = spec.column(query.sort)
    assert column is not None
    assert column.sort is not None
    by = [column.sort(actor.today), narrowing.id_of(spec)]
    ordered = rows.order_by(*(each.desc() if query.descending else each for each in by)).limit(most)
    ids = list(narrowing.run(db, ordered).scalars())
    if not ids:
        return []
    keys = frozenset(column.key for column in spec.columns[2:])
    shown = page_rows(db, actor, spec, query, ids, keys)
    return [(row.number, " ".join(_told(each) for each in row.values.values() if each)) for row in shown]


def _told(value: Any) -> str:
    return clock.show(value) if isinstance(value, datetime) else str(value)


# --- why


def _name(row: Any) -> str:
    match row:
        case CustomerNumber():
            return f"{row.number} {row.name}".strip()
        case Subscription():
            return str(row.label)
        case _:
            return str(row.number)


def _grants(db: DatabaseSession, actor: Actor, user: User, row: Any) -> list[Grant]:
    """The user's own grants that reach the row: those on the thing itself first, then by its customer number."""
    customer_number_id: Any = row.id if isinstance(row, CustomerNumber) else row.customer_number_id
    found = []
    if isinstance(row, Subscription):
        if _given(db, user, AccessGrant.subscription_id, row.id):
            found.append(Grant(Reason.SUBSCRIPTION, row.label))
        found += _by_groups(db, actor, user, GroupMembership.subscription_id, row.id, inherited=False)
    inherited = not isinstance(row, CustomerNumber)
    if _given(db, user, AccessGrant.customer_number_id, customer_number_id):
        found.append(
            Grant(Reason.CUSTOMER_NUMBER, _customer_number(db, actor, customer_number_id), inherited=inherited)
        )
    found += _by_groups(db, actor, user, GroupMembership.customer_number_id, customer_number_id, inherited=inherited)
    return found


def _given(db: DatabaseSession, user: User, column: Any, id_: Any) -> bool:
    given = select(col(AccessGrant.id)).where(
        col(AccessGrant.company_id) == user.company_id, col(AccessGrant.user_id) == user.id, col(column) == id_
    )
    return narrowing.run(db, given.limit(1)).first() is not None


def _customer_number(db: DatabaseSession, actor: Actor, id_: Any) -> str:
    """What it is called, to a manager who sees it: a single subscription of theirs doesn't tell."""
    if not listing.opens(actor, CUSTOMER_NUMBERS):
        return ""
    named = select(col(CustomerNumber.number), col(CustomerNumber.name)).where(col(CustomerNumber.id) == id_)
    found = narrowing.run(db, access.visible(named, actor, CustomerNumber)).first()
    return f"{found[0]} {found[1]}".strip() if found else ""


def _by_groups(db: DatabaseSession, actor: Actor, user: User, column: Any, id_: Any, *, inherited: bool) -> list[Grant]:
    """The groups the user was given that the thing is in this month. Months of a membership that the manager doesn't
    see, of a customer number that is hidden from them, aren't told."""
    granted = select(col(AccessGrant.group_id)).where(
        col(AccessGrant.company_id) == user.company_id,
        col(AccessGrant.user_id) == user.id,
        col(AccessGrant.group_id).is_not(None),
    )
    members = (
        select(
            col(GroupCategory.name).concat(":").concat(col(Group.name)),
            col(GroupMembership.start_month),
            col(GroupMembership.end_month),
            access.scope(actor, GroupMembership),
        )
        .join(Group, col(Group.id) == col(GroupMembership.group_id))
        .join(GroupCategory, col(GroupCategory.id) == col(Group.category_id))
        .where(
            col(GroupMembership.company_id) == user.company_id,
            col(column) == id_,
            col(GroupMembership.group_id).in_(granted),
            active_in(actor.month),
        )
        .order_by(col(GroupCategory.name_sort), col(Group.name_sort), col(Group.id))
    )
    told = actor.may(Permission.GROUPS_READ)
    return [
        Grant(Reason.GROUP, name, since, until, inherited)
        if told and seen
        else Grant(Reason.GROUP, inherited=inherited)
        for name, since, until, seen in narrowing.run(db, members)
    ]


__all__ = ["OBJECTS", "Explanation", "Found", "Grant", "Preview", "Reason", "explain", "find", "preview"]
