"""Which rows a list has for an actor: scope, what it stands within, search, filters, tabs. Conditions only."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, literal_column, or_, select, table
from sqlalchemy import column as sql_column
from sqlmodel import Session as DatabaseSession
from sqlmodel import col

from selfcare_app.services import access, clock, grouping
from selfcare_app.services.access import Actor, NotFound
from selfcare_app.services.database import is_postgresql
from selfcare_app.specs.lists import LISTS, Column, Filter, FilterKind, ListSpec, Lookup, Tab, related_to
from selfcare_app.specs.permissions import Permission
from selfcare_app.specs.queries import ListQuery, Parent, span_of
from selfcare_app.specs.text import MAX_TERMS, like_pattern, pasted_numbers, same_but_for_case, search_terms

TRIGRAM = 3
FEW_HITS = 2000
"""So many rows are fetched in the time in which an index of 60,000 is read."""


def permitted(actor: Actor, permission: Permission | None) -> bool:
    """Whether a column, filter or action is there for the actor."""
    return permission is None or actor.may(permission)


def opens(actor: Actor, spec: ListSpec) -> bool:
    """Whether the actor may see the list."""
    return any(actor.may(permission) for permission in spec.permissions)


def columns_of(actor: Actor, spec: ListSpec) -> tuple[Column, ...]:
    """The columns the actor may see."""
    return tuple(column for column in spec.columns if permitted(actor, column.permission))


def run(db: DatabaseSession, statement: Any, **values: Any) -> Any:
    """Execute without the ORM: a list wants values, not objects."""
    return db.connection().execute(statement, values)


def id_of(spec: ListSpec) -> Any:
    """The column of a row's id."""
    return spec.model.__table__.c.id  # type: ignore[attr-defined]


def rows_of(db: DatabaseSession, actor: Actor, spec: ListSpec, within: Parent | None) -> list[ColumnElement[bool]]:
    """The conditions of being in the list at all, before anybody searches or filters."""
    conditions = [access.scope(actor, spec.model)]
    if spec.only is not None:
        conditions.append(spec.only(actor.today))
    if spec.rights:
        conditions.append(or_(false(), *(rows for permission, rows in spec.rights if actor.may(permission))))
    if within is not None:
        conditions.append(_within(db, actor, spec, within))
    return conditions


def _within(db: DatabaseSession, actor: Actor, spec: ListSpec, parent: Parent) -> ColumnElement[bool]:
    """What belongs to the parent; nothing when the actor doesn't see that, or it doesn't exist."""
    of, within = LISTS.get(parent.kind), spec.within_a(parent.kind)
    if of is None or within is None or not opens(actor, of):
        return false()
    try:
        found: Any = access.fetch(db, actor, of.model, parent.number)
    except NotFound:
        return false()
    return within.where(found.id)  # type: ignore[no-any-return]


def parts(db: DatabaseSession, actor: Actor, kind: str, id_: int) -> dict[str, int]:
    """How much of each list stands within something of that kind, in order; only the lists that the actor may see,
    and the rows they see there. `id_` is of something they see. One statement for all."""
    lists = [spec for spec in related_to(kind) if opens(actor, spec)]
    if not lists:
        return {}
    counts = []
    for spec in lists:
        within = spec.within_a(kind)
        assert within is not None
        rows = select(func.count()).select_from(spec.model)
        counts.append(rows.where(*rows_of(db, actor, spec, None), within.where(id_)).scalar_subquery())
    found = run(db, select(*counts)).one()
    return dict(zip((spec.key for spec in lists), found, strict=True))


def matching(
    db: DatabaseSession, actor: Actor, spec: ListSpec, query: ListQuery, often: bool | None = None
) -> Select[Any]:
    """Ids of the rows in the list that search and filters leave; the tab is not applied yet. `often`: what
    `is_found_often` said, where that was asked already."""
    conditions = rows_of(db, actor, spec, query.within)
    if query.ids:
        conditions.append(id_of(spec).in_(query.ids))
    if query.search and spec.searched:
        conditions += _search(db, actor, spec, query, is_found_often(db, spec, query) if often is None else often)
    for each in spec.filters:
        chosen = query.filters.get(each.key, ())
        if chosen and permitted(actor, each.permission):
            conditions.append(_filter(db, actor, spec, each, chosen, query.month or actor.month))
    return select(id_of(spec)).where(*conditions)


def in_tab(rows: Select[Any], actor: Actor, spec: ListSpec, query: ListQuery) -> Select[Any]:
    """Those of the query's tab."""
    return rows.where(*where(next(tab for tab in spec.tabs if tab.key == query.tab), actor.today))


def where(tab: Tab, today: date) -> list[ColumnElement[bool]]:
    """The tab's conditions."""
    return [tab.where(today)] if tab.where else []


# --- search


def looked_up(spec: ListSpec, query: ListQuery) -> list[str]:
    """The numbers pasted into the search (L8)."""
    return pasted_numbers(query.search) if spec.lookups else []


def is_found_often(db: DatabaseSession, spec: ListSpec, query: ListQuery) -> bool:
    """Whether too many rows of the database hold the words of the search to fetch each: it costs less to read the
    index of what rows are found by (`…_counted`). Which way it takes PostgreSQL chooses by itself; there it is said of
    a word of one trigram, which most often many rows hold, without looking."""
    terms = search_terms(query.search)
    if is_postgresql(db):
        return bool(terms) and all(len(term) <= TRIGRAM for term in terms)
    hits = _hits(db, spec, terms) if not looked_up(spec, query) else None
    if hits is None:
        return False
    some = hits.limit(FEW_HITS + 1).subquery()
    return bool(run(db, select(func.count()).select_from(some)).scalar_one() > FEW_HITS)


def _search(
    db: DatabaseSession, actor: Actor, spec: ListSpec, query: ListQuery, often: bool
) -> list[ColumnElement[bool]]:
    numbers = looked_up(spec, query)
    if numbers:
        return [or_(*(_found_by(db, actor, spec, lookup, numbers) for lookup in spec.lookups))]
    terms = search_terms(query.search)
    searched = spec.model.__table__.c.search_key if spec.search is None else spec.search  # type: ignore[attr-defined]
    hits = None if often else _hits(db, spec, terms)
    if hits is None:
        return _contains(searched, terms)
    # IN, not a join: the index is asked once, whatever order the planner prefers.
    return [id_of(spec).in_(hits), *_contains(searched, [term for term in terms if len(term) < TRIGRAM])]


def _hits(db: DatabaseSession, spec: ListSpec, terms: list[str]) -> Select[Any] | None:
    """Ids of the rows, of whatever company, that hold all terms of three characters and more, from SQLite's index of
    trigrams; None where that can't be asked."""
    long = [term for term in terms if len(term) >= TRIGRAM]
    if is_postgresql(db) or not long or not spec.search_table or len(terms) > MAX_TERMS:
        return None
    quoted = " AND ".join('"' + term.replace('"', '""') + '"' for term in long)
    index = table(spec.search_table, sql_column("rowid"))
    return select(index.c.rowid).where(literal_column(spec.search_table).op("MATCH")(quoted))


def _found_by(
    db: DatabaseSession, actor: Actor, spec: ListSpec, lookup: Lookup, numbers: list[str]
) -> ColumnElement[bool]:
    if lookup.keys is None:
        keys = _as_stored(db, actor, spec, lookup.column, numbers)
    else:
        keys = list(dict.fromkeys(key for number in numbers for key in lookup.keys(number)))
    found: ColumnElement[bool] = lookup.column.in_(keys)
    return found if lookup.where is None else and_(found, lookup.where)


def _as_stored(db: DatabaseSession, actor: Actor, spec: ListSpec, column: Any, numbers: list[str]) -> list[str]:
    """The numbers as the column has them. Only those with letters are asked for, and only those of them that aren't
    there as written cost a look through the company's: the column is indexed as it is."""
    lettered = [number for number in numbers if number.lower() != number.upper()]
    if not lettered:
        return numbers

    def those(condition: Any) -> set[str]:
        return set(run(db, select(column).where(access.scope(actor, spec.model), condition)).scalars())

    exact = those(column.in_(lettered))
    left = {number.casefold(): number for number in lettered if number not in exact}
    alike = [key for number in left.values() for key in same_but_for_case(number)]
    near = those(func.lower(column).in_(alike)) if alike else set()
    digits = [number for number in numbers if number.lower() == number.upper()]
    return [*digits, *sorted(exact), *sorted(each for each in near if each.casefold() in left)]


def not_found(db: DatabaseSession, actor: Actor, spec: ListSpec, query: ListQuery, rows: Select[Any]) -> list[str]:
    """The pasted numbers that gave no row here (L8); foreign, missing and filtered away are told alike."""
    numbers = looked_up(spec, query)
    if not numbers:
        return []
    shown = in_tab(rows, actor, spec, query)
    missing = numbers
    for lookup in spec.lookups:
        there = shown.with_only_columns(lookup.column)
        found = set(run(db, there if lookup.where is None else there.where(lookup.where)).scalars())
        keys = lookup.keys
        if keys is None:
            folded = {each.casefold() for each in found}
            missing = [number for number in missing if number.casefold() not in folded]
        else:
            missing = [number for number in missing if found.isdisjoint(keys(number))]
    return missing


def _contains(searched: Any, terms: list[str]) -> list[ColumnElement[bool]]:
    """The column contains every term, with % _ and \\ meant literally. No row holds more than MAX_TERMS words."""
    if len(terms) > MAX_TERMS:
        return [false()]
    return [contains(searched, term) for term in terms]


def contains(searched: Any, term: str) -> ColumnElement[bool]:
    """The column contains the term, no character of which is special."""
    return searched.like(like_pattern(term), escape="\\")  # type: ignore[no-any-return]


# --- filters


def _filter(
    db: DatabaseSession, actor: Actor, spec: ListSpec, each: Filter, chosen: tuple[str, ...], month: date
) -> ColumnElement[bool]:
    if each.kind is FilterKind.GROUPS:
        assert spec.groups is not None
        return grouping.in_groups(db, actor, spec.groups, tuple(int(value) for value in chosen), month)
    if each.kind is FilterKind.CONDITION:
        return or_(*(each.conditions[value](actor.today) for value in chosen))
    assert each.column is not None
    column = each.column(actor.today)
    match each.kind:
        case FilterKind.TEXT:
            return and_(*_contains(column, search_terms(chosen[0])))
        case FilterKind.MONTHS:
            return _months(column, chosen[0])
        case FilterKind.DAYS:
            return _days(column, chosen[0])
        case FilterKind.REFERENCE:
            assert each.offered is not None
            named = select(col(each.offered.model.id)).where(each.offered.number.in_(chosen))  # type: ignore[attr-defined]
            return column.in_(  # type: ignore[no-any-return]
                named if each.offered.in_use else access.visible(named, actor, each.offered.model)
            )
        case _:
            return column.in_(chosen)  # type: ignore[no-any-return]


def _months(column: Any, said: str) -> ColumnElement[bool]:
    first, last = span_of(FilterKind.MONTHS, said) or (None, None)
    return and_(*([column >= first] if first else []), *([column <= last] if last else []))


def _days(column: Any, said: str) -> ColumnElement[bool]:
    """Days begin at midnight in Sweden, be they 23, 24 or 25 hours long."""
    first, last = span_of(FilterKind.DAYS, said) or (None, None)
    since = [column >= _midnight(first)] if first else []
    return and_(*since, *([column < _midnight(last + timedelta(days=1))] if last else []))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), clock.STOCKHOLM)
