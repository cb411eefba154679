"""ListSpec + ListQuery -> page, counts, export rows, ids of all that match. One engine for every list of the portal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    Select,
    and_,
    bindparam,
    exists,
    false,
    func,
    literal_column,
    select,
    table,
    true,
)
from sqlalchemy import column as sql_column
from sqlmodel import Session as DatabaseSession
from sqlmodel import col

from selfcare_app.models import Group, GroupCategory, GroupMembership
from selfcare_app.services import access
from selfcare_app.services.access import OPERATIONS, Actor, Forbidden
from selfcare_app.services.database import session
from selfcare_app.specs.lists import LISTS, Cell, Column, Filter, FilterKind, ListSpec, Tab
from selfcare_app.specs.permissions import Permission
from selfcare_app.specs.queries import MAX_CHOSEN, ListQuery
from selfcare_app.specs.text import MAX_TERMS, like_pattern, pasted_numbers, search_terms

CHUNK = 2_000
"""Rows an export reads at a time."""
TRIGRAM = 3

for _spec in LISTS.values():
    for _operation in ("page", "export", "matching_ids"):
        OPERATIONS[f"listing.{_operation}:{_spec.key}"] = _spec.permission


@dataclass(frozen=True, slots=True)
class Choice:
    """A value that a filter offers; `label` when it is a text of its own, else locales have it."""

    value: str
    label: str = ""
    category: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its id, what a person calls it, and its values by column key."""

    id: int
    number: str
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What a list's filters leave, apart from which page of it is shown: paging on need not count again."""

    counts: dict[str, int]
    choices: dict[str, list[Choice]]
    not_found: list[str]


@dataclass(frozen=True, slots=True)
class Page:
    """What a list shows. `query` is what was answered: the page asked for may not have existed."""

    query: ListQuery
    columns: tuple[Column, ...]
    rows: list[Row]
    total: int
    pages: int
    narrowed: Narrowed

    @property
    def tab_counts(self) -> dict[str, int]:
        """How many rows each tab has."""
        return self.narrowed.counts

    @property
    def choices(self) -> dict[str, list[Choice]]:
        """What each filter offers."""
        return self.narrowed.choices

    @property
    def not_found(self) -> list[str]:
        """Pasted numbers that gave no row (L8)."""
        return self.narrowed.not_found


@dataclass(frozen=True, slots=True)
class _Located:
    """How many rows each tab has, and which are on the page."""

    counts: dict[str, int]
    ids: list[int]


def permitted(actor: Actor, permission: Permission | None) -> bool:
    """Whether a column or filter is there for the actor."""
    return permission is None or actor.may(permission)


def columns_of(actor: Actor, spec: ListSpec) -> tuple[Column, ...]:
    """The columns the actor may see."""
    return tuple(column for column in spec.columns if permitted(actor, column.permission))


def page(actor: Actor, spec: ListSpec, query: ListQuery, narrowed: Narrowed | None = None) -> Page:
    """The rows of one page with all counts (L1, L4). Refuses with Forbidden without the list's permission.

    `narrowed` is what an earlier page of the same filters told: then only the page itself is fetched.
    """
    query = _demand(actor, spec, query)
    with session() as db:
        matching = _matching(db, actor, spec, query)
        if narrowed is not None and query.page <= _pages(narrowed.counts, query):
            ids = _ids(db, actor, spec, query, matching)
        else:
            found = _locate(db, actor, spec, query, matching)
            if query.page > _pages(found.counts, query):
                query = replace(query, page=_pages(found.counts, query))
                found = _locate(db, actor, spec, query, matching)
            ids = found.ids
            narrowed = Narrowed(found.counts, _choices(db, actor, spec), _not_found(db, actor, spec, query, matching))
        columns = columns_of(actor, spec)
        return Page(
            query=query,
            columns=columns,
            rows=_page_rows(db, actor, spec, query, columns, ids) if ids else [],
            total=narrowed.counts[query.tab],
            pages=_pages(narrowed.counts, query),
            narrowed=narrowed,
        )


def _pages(counts: dict[str, int], query: ListQuery) -> int:
    return max(1, -(-counts[query.tab] // query.size))


def matching_ids(actor: Actor, spec: ListSpec, query: ListQuery) -> list[int]:
    """The ids of all rows that match, at most MAX_CHOSEN (L3), in the list's order."""
    query = _demand(actor, spec, query)
    with session() as db:
        matching = _in_tab(_matching(db, actor, spec, query), actor, spec, query)
        return list(_run(db, _ordered(matching, actor, spec, query).limit(MAX_CHOSEN)).scalars())


def export(actor: Actor, spec: ListSpec, query: ListQuery) -> Iterator[list[Row]]:
    """Every row that the filters leave, in the list's order, in chunks (L2): constant memory for any number.

    Refuses with Forbidden at once, not at the first row.
    """
    return _exported(actor, spec, _demand(actor, spec, query))


def _exported(actor: Actor, spec: ListSpec, query: ListQuery) -> Iterator[list[Row]]:
    columns = columns_of(actor, spec)
    with session() as db:
        matching = _in_tab(_matching(db, actor, spec, query), actor, spec, query)
        statement = _selected(actor, spec, columns, _ordered(matching, actor, spec, query), query)
        result = db.connection().execution_options(stream_results=True, yield_per=CHUNK).execute(statement)
        for chunk in result.partitions(CHUNK):
            yield _rows(db, actor, spec, query, columns, chunk)


def _demand(actor: Actor, spec: ListSpec, query: ListQuery) -> ListQuery:
    """Refuse without the list's permission. A column that isn't there for the actor doesn't sort for them either."""
    if not actor.may(spec.permission):
        raise Forbidden(spec.permission)
    column = spec.column(query.sort)
    if column is None or not permitted(actor, column.permission):
        return replace(query, sort=spec.default_sort.removeprefix("-"), descending=spec.default_sort.startswith("-"))
    return query


def _run(db: DatabaseSession, statement: Any, **values: Any) -> Any:
    """Execute without the ORM: a list wants values, not objects."""
    return db.connection().execute(statement, values)


def _id(spec: ListSpec) -> Any:
    return spec.model.__table__.c.id  # type: ignore[attr-defined]


def _matching(db: DatabaseSession, actor: Actor, spec: ListSpec, query: ListQuery) -> Select[Any]:
    """Ids of the rows in scope that search and filters leave; the tab is not applied yet."""
    conditions = [access.scope(actor, spec.model)]
    if query.ids:
        conditions.append(_id(spec).in_(query.ids))
    if query.search:
        conditions += _search(db, spec, query.search)
    for each in spec.filters:
        chosen = query.filters.get(each.key, ())
        if chosen and permitted(actor, each.permission):
            conditions.append(_filter(db, actor, spec, each, chosen, query.month or actor.month))
    return select(_id(spec)).where(*conditions)


def _search(db: DatabaseSession, spec: ListSpec, search: str) -> list[ColumnElement[bool]]:
    numbers = pasted_numbers(search)
    if numbers:
        return [spec.number.in_(numbers)]
    return _contains(db, spec, spec.model.__table__.c.search_key, search_terms(search))  # type: ignore[attr-defined]


def _contains(db: DatabaseSession, spec: ListSpec, searched: Any, terms: list[str]) -> list[ColumnElement[bool]]:
    """The column contains every term: by trigrams where they help, else by LIKE with % _ and \\ meant literally.

    No row holds more than MAX_TERMS words.
    """
    if len(terms) > MAX_TERMS:
        return [false()]
    sqlite = db.get_bind().dialect.name == "sqlite"
    indexed = sqlite and getattr(searched, "key", "") == "search_key" and spec.search_table
    long = [term for term in terms if len(term) >= TRIGRAM] if indexed else []
    conditions = [searched.like(like_pattern(term), escape="\\") for term in terms if term not in long]
    if long:
        quoted = " AND ".join('"' + term.replace('"', '""') + '"' for term in long)
        index = table(spec.search_table, sql_column("rowid"))
        # IN, not a join: the index is asked once, whatever order the planner prefers.
        conditions.append(
            _id(spec).in_(select(index.c.rowid).where(literal_column(spec.search_table).op("MATCH")(quoted)))
        )
    return conditions


def _filter(
    db: DatabaseSession, actor: Actor, spec: ListSpec, each: Filter, chosen: tuple[str, ...], month: date
) -> ColumnElement[bool]:
    if each.kind is FilterKind.CHOICE:
        return each.column.in_(chosen)  # type: ignore[no-any-return]
    if each.kind is FilterKind.TEXT:
        terms = search_terms(chosen[0])
        return and_(*_contains(db, spec, each.column, terms))
    return _in_groups(db, actor, spec, tuple(int(value) for value in chosen), month)


def _in_groups(
    db: DatabaseSession, actor: Actor, spec: ListSpec, chosen: tuple[int, ...], month: date
) -> ColumnElement[bool]:
    """Any of the groups within a category, all between categories (R7); one of another company matches nothing."""
    known = _run(
        db, select(col(Group.id), col(Group.category_id)).where(access.scope(actor, Group), col(Group.id).in_(chosen))
    ).all()
    if len(known) < len(chosen):
        return false()
    by_category: dict[int, list[int]] = {}
    for group, category in known:
        by_category.setdefault(category, []).append(group)
    member = getattr(GroupMembership, spec.group_member)
    return and_(
        *(
            _id(spec).in_(
                select(member).where(
                    col(GroupMembership.company_id) == actor.company_id,
                    col(GroupMembership.group_id).in_(groups),
                    member.is_not(None),
                    access.active_in(month),
                )
            )
            for groups in by_category.values()
        )
    )


def _in_tab(matching: Select[Any], actor: Actor, spec: ListSpec, query: ListQuery) -> Select[Any]:
    return matching.where(*_where(next(tab for tab in spec.tabs if tab.key == query.tab), actor))


def _locate(db: DatabaseSession, actor: Actor, spec: ListSpec, query: ListQuery, matching: Select[Any]) -> _Located:
    """Counts and page. A narrowed list is gone through once for both; a whole one is counted from indexes alone."""
    if query.filtered or query.ids:
        return _locate_among_few(db, actor, spec, query, matching)
    counted = [
        matching.with_only_columns(func.count()).where(*_where(tab, actor)).scalar_subquery()
        for tab in spec.tabs
        if not tab.complement
    ]
    found = _run(db, select(*counted)).one()
    return _Located(_by_tab(spec, found), _ids(db, actor, spec, query, matching))


def _ids(db: DatabaseSession, actor: Actor, spec: ListSpec, query: ListQuery, matching: Select[Any]) -> list[int]:
    """The page's rows, in order, from indexes where there are such."""
    ordered = _ordered(_in_tab(matching, actor, spec, query), actor, spec, query)
    return list(_run(db, _cut(ordered, query)).scalars())


def _locate_among_few(
    db: DatabaseSession, actor: Actor, spec: ListSpec, query: ListQuery, matching: Select[Any]
) -> _Located:
    by = _order(actor, spec, replace(query, descending=False))
    flags = [
        (and_(*_where(tab, actor)) if tab.where else true()).label(f"t_{tab.key}")
        for tab in spec.tabs
        if not tab.complement or tab.key == query.tab
    ]
    few = matching.with_only_columns(_id(spec).label("id"), by[0].label("by"), *flags).cte("few")
    counts = select(
        *(func.count().filter(few.c[f"t_{tab.key}"]).label(tab.key) for tab in spec.tabs if not tab.complement)
    ).subquery("counts")
    order = (few.c.by.desc(), few.c.id.desc()) if query.descending else (few.c.by, few.c.id)
    shown = select(few.c.id, few.c.by).where(few.c[f"t_{query.tab}"]).order_by(*order)
    cut = _cut(shown, query).subquery("cut")
    again = (cut.c.by.desc(), cut.c.id.desc()) if query.descending else (cut.c.by, cut.c.id)
    statement = select(counts, cut.c.id.label("row_id")).outerjoin(cut, true()).order_by(*again)
    found: Any = _run(db, statement).all()
    return _Located(_by_tab(spec, found[0]), [row.row_id for row in found if row.row_id is not None])


def _by_tab(spec: ListSpec, found: Any) -> dict[str, int]:
    """Counts by tab; those that have a complement are the whole list without it."""
    counts = dict(zip((tab.key for tab in spec.tabs if not tab.complement), found, strict=False))
    whole = counts[spec.tabs[0].key]
    return {tab.key: whole - counts[tab.complement] if tab.complement else counts[tab.key] for tab in spec.tabs}


def _where(tab: Tab, actor: Actor) -> list[ColumnElement[bool]]:
    return [tab.where(actor.today)] if tab.where else []


def _cut(statement: Select[Any], query: ListQuery) -> Select[Any]:
    return statement.limit(query.size).offset((query.page - 1) * query.size)


def _order(actor: Actor, spec: ListSpec, query: ListQuery) -> list[Any]:
    column = spec.column(query.sort)
    assert column is not None
    assert column.sort is not None
    by = [column.sort(actor.today), _id(spec)]
    return [each.desc() for each in by] if query.descending else by


def _ordered(matching: Select[Any], actor: Actor, spec: ListSpec, query: ListQuery) -> Select[Any]:
    return matching.order_by(*_order(actor, spec, query))


def _page_rows(
    db: DatabaseSession,
    actor: Actor,
    spec: ListSpec,
    query: ListQuery,
    columns: tuple[Column, ...],
    ids: list[int],
) -> list[Row]:
    """What the columns show, for the page's rows only, in the page's order."""
    statement = _shown(spec.key, actor.today, tuple(column.key for column in columns))
    found: Any = _run(db, statement.where(access.scope(actor, spec.model)), ids=ids).all()
    place = {each: at for at, each in enumerate(ids)}
    return _rows(db, actor, spec, query, columns, sorted(found, key=lambda row: place[row[0]]))


@lru_cache(maxsize=256)
def _shown(list_key: str, today: date, columns: tuple[str, ...]) -> Select[Any]:
    """The columns of rows with given ids: made once a day, since making it costs more than running it."""
    spec = LISTS[list_key]
    values = _values(today, spec, tuple(column for column in spec.columns if column.key in columns))
    return select(*values).where(_id(spec).in_(bindparam("ids", expanding=True)))


def _selected(
    actor: Actor, spec: ListSpec, columns: tuple[Column, ...], ids: Select[Any], query: ListQuery
) -> Select[Any]:
    wanted = ids.subquery("wanted")
    return (
        select(*_values(actor.today, spec, columns))
        .join(wanted, wanted.c.id == _id(spec))
        .order_by(*_order(actor, spec, query))
    )


def _values(today: date, spec: ListSpec, columns: tuple[Column, ...]) -> list[Any]:
    shown = (column.value(today).label(f"c_{column.key}") for column in columns)
    return [_id(spec), spec.number.label("number"), *shown]


def _rows(
    db: DatabaseSession,
    actor: Actor,
    spec: ListSpec,
    query: ListQuery,
    columns: tuple[Column, ...],
    found: Any,
) -> list[Row]:
    keys = [column.key for column in columns]
    rows = [Row(id=row[0], number=row[1], values=dict(zip(keys, row[2:], strict=True))) for row in map(tuple, found)]
    for column in columns:
        if column.cell is Cell.GROUPS:
            names = _group_names(db, actor, spec, [row.id for row in rows], query.month or actor.month)
            for row in rows:
                row.values[column.key] = names.get(row.id, [])
    return rows


@lru_cache(maxsize=8)
def _named_groups(member_column: str) -> Select[Any]:
    member = getattr(GroupMembership, member_column)
    return (
        select(member, col(GroupCategory.name), col(Group.name))
        .join(Group, col(Group.id) == col(GroupMembership.group_id))
        .join(GroupCategory, col(GroupCategory.id) == col(Group.category_id))
        .where(
            col(GroupMembership.company_id) == bindparam("company"),
            member.in_(bindparam("ids", expanding=True)),
            access.active_in(bindparam("month", type_=Date)),
        )
        .order_by(col(GroupCategory.name_sort), col(Group.name_sort))
    )


def _group_names(
    db: DatabaseSession, actor: Actor, spec: ListSpec, ids: list[int], month: date
) -> dict[int, list[str]]:
    """Kategori:Grupp of each row in the month, in Swedish order."""
    statement = _named_groups(spec.group_member)
    names: dict[int, list[str]] = {}
    for row_id, category, group in _run(db, statement, company=actor.company_id, ids=ids, month=month):
        names.setdefault(row_id, []).append(f"{category}:{group}")
    return names


def _choices(db: DatabaseSession, actor: Actor, spec: ListSpec) -> dict[str, list[Choice]]:
    choices: dict[str, list[Choice]] = {}
    for each in spec.filters:
        if not permitted(actor, each.permission):
            continue
        if each.kind is FilterKind.CHOICE:
            choices[each.key] = [Choice(value) for value in each.values]
        elif each.kind is FilterKind.GROUPS:
            choices[each.key] = _group_choices(db, actor, spec)
    return choices


def _group_choices(db: DatabaseSession, actor: Actor, spec: ListSpec) -> list[Choice]:
    """The company's groups; for partial access only those that have or had something the actor sees (U6)."""
    statement = (
        select(col(Group.id), col(Group.name), col(GroupCategory.name))
        .join(GroupCategory, col(GroupCategory.id) == col(Group.category_id))
        .where(access.scope(actor, Group))
        .order_by(col(GroupCategory.name_sort), col(Group.name_sort))
    )
    if not actor.access_all:
        member = getattr(GroupMembership, spec.group_member)
        seen = access.visible(select(_id(spec)), actor, spec.model)
        statement = statement.where(
            exists().where(
                col(GroupMembership.company_id) == actor.company_id,
                col(GroupMembership.group_id) == col(Group.id),
                member.in_(seen),
            )
        )
    return [Choice(value=str(group), label=name, category=category) for group, name, category in _run(db, statement)]


def _not_found(db: DatabaseSession, actor: Actor, spec: ListSpec, query: ListQuery, matching: Select[Any]) -> list[str]:
    """The pasted numbers that gave no row here (L8); foreign, missing and filtered away are told alike."""
    numbers = pasted_numbers(query.search)
    if not numbers:
        return []
    in_tab = _in_tab(matching, actor, spec, query).with_only_columns(spec.number)
    found = set(_run(db, in_tab).scalars())
    return [number for number in numbers if number not in found]


__all__ = ["Choice", "Page", "Row", "columns_of", "export", "matching_ids", "page"]
