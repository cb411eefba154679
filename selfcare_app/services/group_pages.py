"""What the pages of groups show: categories and groups with what is in them, a group's members, a thing's groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, cast

from sqlalchemy import func, or_, select, true
from sqlmodel import Session as DatabaseSession
from sqlmodel import col

from selfcare_app.models import CustomerNumber, Group, GroupCategory, GroupMembership, Subscription
from selfcare_app.services import access, costs, groups
from selfcare_app.services import membership_reading as reading
from selfcare_app.services.access import Actor, NotFound, allowed
from selfcare_app.services.database import session
from selfcare_app.services.group_access import NUMBER
from selfcare_app.services.membership_changes import KINDS
from selfcare_app.services.membership_plan import Spell
from selfcare_app.services.memberships import state_in
from selfcare_app.specs.groups import MONTHS_AHEAD, MOST_CATEGORIES, MOST_GROUPS
from selfcare_app.specs.months import first_of, latest_months, months_later
from selfcare_app.specs.permissions import Permission

COST_MONTHS = 12


@dataclass(frozen=True, slots=True)
class CategoryRow:
    """A category with how many groups it has."""

    id: int
    name: str
    description: str
    version: int
    groups: int


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A group with what the actor sees in it this month (R7)."""

    id: int
    category_id: int
    category: str
    name: str
    description: str
    version: int
    customer_numbers: int
    subscriptions: int


@dataclass(frozen=True, slots=True)
class Structure:
    """All categories and groups, in Swedish order."""

    categories: list[CategoryRow]
    groups: list[GroupRow]

    @property
    def room_for_category(self) -> bool:
        """Whether there may be one more (R1)."""
        return len(self.categories) < MOST_CATEGORIES

    @property
    def room_for_group(self) -> bool:
        """Whether there may be one more (R1)."""
        return len(self.groups) < MOST_GROUPS


@dataclass(frozen=True, slots=True)
class Member:
    """One membership of something that the actor sees."""

    id: int
    label: str
    name: str
    """Of the customer number, or who uses the subscription."""
    start: date
    end: date | None
    state: str


@dataclass(frozen=True, slots=True)
class GroupPage:
    """One group: what it is, and what it cost lately."""

    group: GroupRow
    costs: list[tuple[date, Decimal]]
    """By month, in SEK without VAT; empty without the right to invoices."""
    left_out: list[str]


@dataclass(frozen=True, slots=True)
class ThingsMembership:
    """One membership of a thing's own."""

    id: int
    version: int
    category_id: int
    category: str
    group_id: int
    group: str
    start: date
    end: date | None
    state: str

    def covers(self, month: date) -> bool:
        """Whether it counts in the month."""
        return self.start <= month and (self.end is None or self.end >= month)


@dataclass(frozen=True, slots=True)
class ThingsGroups:
    """A customer number or subscription and its own groups: active, coming, past; and where it may be put (R3)."""

    kind: str
    number: str
    label: str
    name: str
    opened: date
    """The first month in which a membership may begin; the last is MONTHS_AHEAD from now."""
    last: date
    memberships: list[ThingsMembership]
    structure: Structure


@allowed(Permission.GROUPS_READ)
def structure(actor: Actor) -> Structure:
    """The company's categories and groups (R1)."""
    with session() as db:
        return _structure(db, actor)


@allowed(Permission.GROUPS_READ)
def group(actor: Actor, group_id: int) -> GroupPage:
    """One group. NotFound when the company has none with that id."""
    with session() as db:
        found = next((row for row in _structure(db, actor).groups if row.id == group_id), None)
        if found is None:
            raise NotFound
        months = latest_months(actor.month, COST_MONTHS)
        spent: list[tuple[date, Decimal]] = []
        left_out: set[str] = set()
        if actor.may(Permission.INVOICES_READ):
            sums, left_out = costs.of_groups(db, actor, months)
            spent = [(month, sums.get((month, group_id), Decimal(0))) for month in months]
    return GroupPage(found, spent, sorted(left_out))


@allowed(Permission.GROUPS_READ)
def members(actor: Actor, group_id: int, ids: Sequence[int]) -> list[Member]:
    """The group's memberships with these ids, in their order, as far as the actor sees them."""
    membership = col(GroupMembership.id)
    with session() as db:
        statement = (
            select(GroupMembership, CustomerNumber, Subscription)
            .outerjoin(CustomerNumber, col(CustomerNumber.id) == col(GroupMembership.customer_number_id))
            .outerjoin(Subscription, col(Subscription.id) == col(GroupMembership.subscription_id))
            .where(col(GroupMembership.group_id) == group_id, membership.in_(list(ids)))
        )
        rows: Any = db.exec(access.visible(statement, actor, GroupMembership)).all()
    found = {
        row.id: Member(
            row.id,
            number.number if number else subscription.label,
            number.name if number else subscription.person,
            row.start_month,
            row.end_month,
            state_in(row.start_month, row.end_month, actor.month),
        )
        for row, number, subscription in rows
    }
    return [found[id_] for id_ in ids if id_ in found]


@allowed(Permission.GROUPS_READ)
def first_month(actor: Actor) -> date:
    """The first month in which anything that the actor sees may be in a group (R3)."""
    with session() as db:
        numbers, subscriptions = (
            access.visible(select(of), actor, model)
            for of, model in (
                (col(CustomerNumber.id), CustomerNumber),
                (col(Subscription.customer_number_id), Subscription),
            )
        )
        seen = or_(col(CustomerNumber.id).in_(numbers), col(CustomerNumber.id).in_(subscriptions))
        opened = select(func.min(col(CustomerNumber.opened))).where(
            col(CustomerNumber.company_id) == actor.company_id, true() if actor.access_all else seen
        )
        first: date | None = db.connection().execute(opened).scalar_one()
    return first_of(first) if first else actor.month


@allowed(Permission.GROUPS_READ)
def thing(actor: Actor, kind: str, number: str) -> ThingsGroups:
    """A thing's own groups. NotFound for an unknown kind, and for what the actor doesn't see or may not read."""
    if kind not in KINDS:
        raise NotFound
    column, model = KINDS[kind]
    if not actor.may(access.READ[model]):
        raise NotFound
    with session() as db:
        row: Any = access.fetch(db, actor, cast(Any, model), number)
        (id_, _, label, opened) = next(iter(reading.seen(db, actor, column, lambda of: of.id == row.id)))
        spells = reading.spells(db, actor, [(column, id_)])
        made = _structure(db, actor)
    by_id = {each.id: each for each in made.groups}
    shown = [_things(spell, by_id[spell.group], actor.month) for spell in spells]
    order = {each.id: at for at, each in enumerate(made.groups)}
    shown.sort(key=lambda each: (("active", "coming", "past").index(each.state), order[each.group_id], each.start))
    name = row.name if column == NUMBER else row.person
    last = months_later(actor.month, MONTHS_AHEAD)
    return ThingsGroups(kind, number, label, name, first_of(opened), last, shown, made)


def _things(spell: Spell, of: GroupRow, month: date) -> ThingsMembership:
    state = state_in(spell.start, spell.end, month)
    return ThingsMembership(
        spell.id, spell.version, of.category_id, of.category, of.id, of.name, spell.start, spell.end, state
    )


def _structure(db: DatabaseSession, actor: Actor) -> Structure:
    counted: Any = (
        select(GroupCategory, func.count(col(Group.id)))
        .outerjoin(Group, col(Group.category_id) == col(GroupCategory.id))
        .group_by(*GroupCategory.__table__.c)  # type: ignore[attr-defined]
        .order_by(col(GroupCategory.name_sort))
    )
    categories = [
        CategoryRow(row.id, row.name, row.description, row.version, count)
        for row, count in db.exec(access.visible(counted, actor, GroupCategory)).all()
    ]
    names = {each.id: each.name for each in categories}
    numbers, subscriptions = groups.counted(db, actor)
    rows = db.exec(access.visible(select(Group), actor, Group).order_by(col(Group.name_sort))).scalars()
    found = [
        GroupRow(
            row.id,
            row.category_id,
            names[row.category_id],
            row.name,
            row.description,
            row.version,
            numbers.get(row.id, 0),
            subscriptions.get(row.id, 0),
        )
        for row in rows
    ]
    place = {id_: at for at, id_ in enumerate(names)}
    return Structure(categories, sorted(found, key=lambda each: place[each.category_id]))
