"""ListSpec + ListQuery -> page, counts, export rows, ids of all that match. One engine for every list of the portal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, literal_column, select, text
from sqlmodel import Session as DatabaseSession
from sqlmodel import col

from selfcare_app.models import Group, GroupCategory, GroupMembership
from selfcare_app.services import access
from selfcare_app.services.access import OPERATIONS, Actor, Forbidden
from selfcare_app.services.database import session
from selfcare_app.specs.lists import LISTS, Cell, Column, Filter, FilterKind, ListSpec
from selfcare_app.specs.permissions import Permission
from selfcare_app.specs.queries import MAX_CHOSEN, ListQuery
from selfcare_app.specs.text import like_pattern, pasted_numbers, search_terms

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
class Page:
    """What a list shows. `query` is what was answered: the page asked for may not have existed."""

    query: ListQuery
    columns: tuple[Column, ...]
    rows: list[Row]
    total: int
    pages: int
    tab_counts: dict[str, int]
    choices: dict[str, list[Choice]]
    not_found: list[str]


def permitted(actor: Actor, permission: Permission | None) -> bool:
    """Whether a column or filter is there for the actor."""
    return permission is None or actor.may(permission)


def columns_of(actor: Actor, spec: ListSpec) -> tuple[Column, ...]:
    """The columns the actor may see."""
    return tuple(column for column in spec.columns if permitted(actor, column.permission))


def page(actor: Actor, spec: ListSpec, query: ListQuery) -> Page:
    """The rows of one page with all counts (L1, L4). Refuses with Forbidden without the list's permission."""
    _demand(actor, spec)
    with session() as db:
        matching = _matching(db, actor, spec, query)
        counts = _counts(db, actor, spec, matching)
        total = counts[query.tab]
        pages = max(1, -(-total // query.size))
        answered = replace(query, page=min(query.page, pages))
        columns = columns_of(actor, spec)
        found = _page_rows(db, actor, spec, answered, matching, columns) if total else []
        return Page(
            query=answered,
            columns=columns,
            rows=found,
            total=total,
            pages=pages,
            tab_counts=counts,
            choices=_choices(db, actor, spec),
            not_found=_not_found(db, actor, spec, query, matching),
        )


def matching_ids(actor: Actor, spec: ListSpec, query: ListQuery) -> list[int]:
    """The ids of all rows that match, at most MAX_CHOSEN (L3), in the list's order."""
    _demand(actor, spec)
    with session() as db:
        matching = _in_tab(_matching(db, actor, spec, query), actor, spec, query)
        return list(db.exec(_ordered(matching, actor, spec, query).limit(MAX_CHOSEN)).scalars())  # type: ignore[call-overload]


def export(actor: Actor, spec: ListSpec, query: ListQuery) -> Iterator[list[Row]]:
    """Every row that the filters leave, in the list's order, in chunks (L2): constant memory for any number.

    Refuses with Forbidden at once, not at the first row.
    """
    _demand(actor, spec)
    return _exported(actor, spec, query)


def _exported(actor: Actor, spec: ListSpec, query: ListQuery) -> Iterator[list[Row]]:
    columns = columns_of(actor, spec)
    with session() as db:
        matching = _in_tab(_matching(db, actor, spec, query), actor, spec, query)
        statement = _selected(actor, spec, columns, _ordered(matching, actor, spec, query), query)
        result = db.connection().execution_options(stream_results=True, yield_per=CHUNK).execute(statement)
        for chunk in result.partitions(CHUNK):
            yield _rows(db, actor, spec, query, columns, chunk)


def _demand(actor: Actor, spec: ListSpec) -> None:
    if not actor.may(spec.permission):
        raise Forbidden(spec.permission)


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


def _contains(db: DatabaseSession, spec: ListSpec, column: Any, terms: list[str]) -> list[ColumnElement[bool]]:
    """The column contains every term: by trigrams where they help, else by LIKE with % _ and \\ meant literally."""
    sqlite = db.get_bind().dialect.name == "sqlite"
    indexed = sqlite and column.key == "search_key" and spec.search_table
    long = [term for term in terms if len(term) >= TRIGRAM] if indexed else []
    conditions = [column.like(like_pattern(term), escape="\\") for term in terms if term not in long]
    if long:
        quoted = " AND ".join('"' + term.replace('"', '""') + '"' for term in long)
        found: Any = (
            select(literal_column("rowid"))
            .select_from(text(spec.search_table))
            .where(literal_column(spec.search_table).op("MATCH")(quoted))
        )
        conditions.append(_id(spec).in_(found))
    return conditions


def _filter(
    db: DatabaseSession, actor: Actor, spec: ListSpec, each: Filter, chosen: tuple[str, ...], month: date
) -> ColumnElement[bool]:
    if each.kind is FilterKind.CHOICE:
        return each.column.in_(chosen)  # type: ignore[no-any-return]
    if each.kind is FilterKind.TEXT:
        terms = search_terms(chosen[0]) if each.folded else [chosen[0]]
        return and_(*_contains(db, spec, each.column, terms))
    return _in_groups(db, actor, spec, tuple(int(value) for value in chosen), month)


def _in_groups(
    db: DatabaseSession, actor: Actor, spec: ListSpec, chosen: tuple[int, ...], month: date
) -> ColumnElement[bool]:
    """Any of the groups within a category, all between categories (R7). Groups of another company match nothing."""
    by_category: dict[int, list[int]] = {group: [group] for group in chosen}
    known = db.exec(  # type: ignore[call-overload]
        select(col(Group.id), col(Group.category_id)).where(access.scope(actor, Group), col(Group.id).in_(chosen))
    ).all()
    for group, category in known:
        del by_category[group]
        by_category.setdefault(-category, []).append(group)
    return and_(
        *(
            exists().where(
                col(GroupMembership.company_id) == actor.company_id,
                getattr(GroupMembership, spec.group_member) == _id(spec),
                col(GroupMembership.group_id).in_(groups),
                access.active_in(month),
            )
            for groups in by_category.values()
        )
    )


def _in_tab(matching: Select[Any], actor: Actor, spec: ListSpec, query: ListQuery) -> Select[Any]:
    where = next(tab.where for tab in spec.tabs if tab.key == query.tab)
    return matching.where(where(actor.today)) if where else matching


def _counts(db: DatabaseSession, actor: Actor, spec: ListSpec, matching: Select[Any]) -> dict[str, int]:
    """How many rows each tab has, in one statement."""
    counted = [func.count().filter(tab.where(actor.today)) if tab.where else func.count() for tab in spec.tabs]
    found: Any = db.exec(matching.with_only_columns(*counted)).one()  # type: ignore[call-overload]
    return {tab.key: count for tab, count in zip(spec.tabs, found, strict=True)}


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
    matching: Select[Any],
    columns: tuple[Column, ...],
) -> list[Row]:
    # The page's ids first, from indexes alone; what the columns show only for them.
    ids = (
        _ordered(_in_tab(matching, actor, spec, query), actor, spec, query)
        .limit(query.size)
        .offset((query.page - 1) * query.size)
    )
    found = db.exec(_selected(actor, spec, columns, ids, query)).all()  # type: ignore[call-overload]
    return _rows(db, actor, spec, query, columns, found)


def _selected(
    actor: Actor, spec: ListSpec, columns: tuple[Column, ...], ids: Select[Any], query: ListQuery
) -> Select[Any]:
    wanted = ids.subquery("wanted")
    values = [column.value(actor.today).label(f"c_{column.key}") for column in columns]
    return (
        select(_id(spec), spec.number.label("number"), *values)
        .join(wanted, wanted.c.id == _id(spec))
        .order_by(*_order(actor, spec, query))
    )


def _rows(
    db: DatabaseSession,
    actor: Actor,
    spec: ListSpec,
    query: ListQuery,
    columns: tuple[Column, ...],
    found: Any,
) -> list[Row]:
    rows = [
        Row(id=row[0], number=row[1], values=dict(zip((c.key for c in columns), row[2:], strict=True))) for row in found
    ]
    for column in columns:
        if column.cell is Cell.GROUPS:
            names = _group_names(db, actor, spec, [row.id for row in rows], query.month or actor.month)
            for row in rows:
                row.values[column.key] = names.get(row.id, [])
    return rows


def _group_names(
    db: DatabaseSession, actor: Actor, spec: ListSpec, ids: list[int], month: date
) -> dict[int, list[str]]:
    """Kategori:Grupp of each row in the month, in Swedish order."""
    member = getattr(GroupMembership, spec.group_member)
    statement = (
        select(member, col(GroupCategory.name), col(Group.name))
        .join(Group, col(Group.id) == col(GroupMembership.group_id))
        .join(GroupCategory, col(GroupCategory.id) == col(Group.category_id))
        .where(col(GroupMembership.company_id) == actor.company_id, member.in_(ids), access.active_in(month))
        .order_by(col(GroupCategory.name_sort), col(Group.name_sort))
    )
    names: dict[int, list[str]] = {}
    for row_id, category, group in db.exec(statement):  # type: ignore[call-overload]
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
    return [
        Choice(value=str(group), label=name, category=category)
        for group, name, category in db.exec(statement)  # type: ignore[call-overload]
    ]


def _not_found(db: DatabaseSession, actor: Actor, spec: ListSpec, query: ListQuery, matching: Select[Any]) -> list[str]:
    """The pasted numbers that gave no row here (L8); foreign, missing and filtered away are told alike."""
    numbers = pasted_numbers(query.search)
    if not numbers:
        return []
    in_tab = _in_tab(matching, actor, spec, query).with_only_columns(spec.number)
    found = set(db.exec(in_tab).scalars())  # type: ignore[call-overload]
    return [number for number in numbers if number not in found]


__all__ = ["Choice", "Page", "Row", "columns_of", "export", "matching_ids", "page"]
