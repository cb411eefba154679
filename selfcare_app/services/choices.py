"""What each filter of a list offers: nothing the actor couldn't see in a row (U6)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, exists, select, union_all
from sqlmodel import Session as DatabaseSession
from sqlmodel import col

from selfcare_app.models import Group, GroupCategory, GroupMembership
from selfcare_app.services import access
from selfcare_app.services.access import Actor
from selfcare_app.services.narrowing import contains, id_of, permitted, rows_of, run
from selfcare_app.specs.lists import SPANS, Filter, FilterKind, ListSpec
from selfcare_app.specs.queries import ListQuery
from selfcare_app.specs.text import search_key, search_terms, sort_key

MOST = 50
"""Choices shown at once; more are found by searching among them."""

WITHOUT_CHOICES = SPANS | {FilterKind.TEXT}


@dataclass(frozen=True, slots=True)
class Choice:
    """A value that a filter offers; `label` when it is a text of its own, else locales have it."""

    value: str
    label: str = ""
    category: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a filter offers: those already chosen first. `more`: there are others than these."""

    choices: list[Choice]
    more: bool = False


def offers(db: DatabaseSession, actor: Actor, spec: ListSpec, query: ListQuery) -> dict[str, Offer]:
    """What every filter offers that has something to choose from."""
    return {
        each.key: offer(db, actor, spec, query, each)
        for each in spec.filters
        if permitted(actor, each.permission) and each.kind not in WITHOUT_CHOICES
    }


def offer(db: DatabaseSession, actor: Actor, spec: ListSpec, query: ListQuery, each: Filter, search: str = "") -> Offer:
    """What one filter offers; of many, those whose label contains the words of `search`."""
    chosen = query.filters.get(each.key, ())
    match each.kind:
        case FilterKind.CHOICE | FilterKind.CONDITION:
            return Offer([Choice(value) for value in each.values])
        case FilterKind.GROUPS:
            return Offer(_groups(db, actor, spec, query))
        case FilterKind.DISTINCT:
            return _cut(_distinct(db, actor, spec, query, each), chosen, search)
        case _:
            assert each.offered is not None
            if each.offered.search is None:
                return _cut(_rows(db, actor, spec, query, each), chosen, search)
            return _searched(db, actor, spec, query, each, chosen, search)


def _cut(choices: list[Choice], chosen: tuple[str, ...], search: str) -> Offer:
    """Of so few that they can be looked through here: the chosen ones, then those found, up to MOST."""
    terms = search_terms(search)
    found = [c for c in choices if c.value not in chosen and all(term in search_key(c.label) for term in terms)]
    first = [c for c in choices if c.value in chosen]
    room = max(0, MOST - len(first))
    return Offer(first + found[:room], len(found) > room)


def _distinct(db: DatabaseSession, actor: Actor, spec: ListSpec, query: ListQuery, each: Filter) -> list[Choice]:
    assert each.column is not None
    column = each.column(actor.today)
    found = run(db, select(column).where(*rows_of(db, actor, spec, query.within), column != "").distinct()).scalars()
    return [Choice(value, value) for value in sorted(found, key=sort_key)]


def _rows(
    db: DatabaseSession,
    actor: Actor,
    spec: ListSpec,
    query: ListQuery,
    each: Filter,
    *where: ColumnElement[bool],
    limit: int | None = None,
) -> list[Choice]:
    """Rows of the table a filter chooses from, in its order."""
    offered, column = each.offered, each.column
    assert offered is not None
    assert column is not None
    statement = select(offered.number, *offered.label).where(*where).order_by(offered.sort).limit(limit)
    if offered.in_use:
        named = column(actor.today) == col(offered.model.id)  # type: ignore[attr-defined]
        statement = statement.where(exists().where(*rows_of(db, actor, spec, query.within), named))
    else:
        statement = access.visible(statement, actor, offered.model)
    return [Choice(number, _label(parts)) for number, *parts in run(db, statement).all()]


def _label(parts: Iterable[Any]) -> str:
    return " ".join(filter(None, parts))


def _searched(
    db: DatabaseSession,
    actor: Actor,
    spec: ListSpec,
    query: ListQuery,
    each: Filter,
    chosen: tuple[str, ...],
    search: str,
) -> Offer:
    """Of so many that the database looks: the chosen ones, then those found."""
    offered = each.offered
    assert offered is not None
    first = _rows(db, actor, spec, query, each, offered.number.in_(chosen)) if chosen else []
    room = max(0, MOST - len(first))
    conditions = [contains(offered.search, term) for term in search_terms(search)]
    if chosen:
        conditions.append(offered.number.not_in(chosen))
    found = _rows(db, actor, spec, query, each, *conditions, limit=room + 1)
    return Offer(first + found[:room], len(found) > room)


def _groups(db: DatabaseSession, actor: Actor, spec: ListSpec, query: ListQuery) -> list[Choice]:
    """The company's groups; for partial access only those that have or had something the actor sees (U6)."""
    statement = (
        select(col(Group.id), col(Group.name), col(GroupCategory.name))
        .join(GroupCategory, col(GroupCategory.id) == col(Group.category_id))
        .where(access.scope(actor, Group))
        .order_by(col(GroupCategory.name_sort), col(Group.name_sort))
    )
    if not actor.access_all:
        statement = statement.where(col(Group.id).in_(_of_seen_rows(db, actor, spec, query)))
    return [
        Choice(value=str(group), label=name, category=category) for group, name, category in run(db, statement).all()
    ]


def _of_seen_rows(db: DatabaseSession, actor: Actor, spec: ListSpec, query: ListQuery) -> CompoundSelect[Any]:
    """Ids of the groups that something is or was in which the actor sees, found from that: a group may have thousands
    of members."""
    assert spec.groups is not None
    rows = select(id_of(spec)).where(*rows_of(db, actor, spec, query.within))
    members = {GroupMembership.customer_number_id: spec.groups.customer_number}
    if spec.groups.subscription is not None:
        members[GroupMembership.subscription_id] = spec.groups.subscription
    return union_all(
        *(
            select(col(GroupMembership.group_id)).where(
                col(GroupMembership.company_id) == actor.company_id, col(member).in_(rows.with_only_columns(shown))
            )
            for member, shown in members.items()
        )
    )
