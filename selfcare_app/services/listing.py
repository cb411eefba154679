"""ListSpec + ListQuery -> page, counts, export rows, all that match. One engine for every list of the portal.

`narrowing` says which rows, `showing` what they show, `choices` what filters offer, `grouping` who is in which group.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Column as SqlColumn
from sqlalchemy import Select, and_, case, func, literal, select, true, tuple_
from sqlmodel import Session as DatabaseSession

from selfcare_app.services import choices
from selfcare_app.services.access import OPERATIONS, Actor, Forbidden, NotFound, Refused
from selfcare_app.services.choices import Choice, Offer
from selfcare_app.services.database import session
from selfcare_app.services.narrowing import (
    TRIGRAM,
    columns_of,
    id_of,
    in_tab,
    is_found_often,
    matching,
    not_found,
    opens,
    permitted,
    run,
    where,
)
from selfcare_app.services.showing import Chunk, Row, actions_of, all_rows, fits, makes_sense, page_rows, seen
from selfcare_app.specs.lists import LISTS, Column, FilterKind, ListSpec
from selfcare_app.specs.queries import MAX_CHOSEN, ListQuery
from selfcare_app.specs.text import search_terms

FEW = 4000
"""Rows that are fetched and sorted in less time than it takes to count more of them."""
WALKED = 5
"""Rows of an index that are read in the time in which a row is fetched and looked at."""

for _spec in LISTS.values():
    for _operation in ("page", "again", "export", "matching_ids", "offer", "fitting", "followed"):
        OPERATIONS[f"listing.{_operation}:{_spec.key}"] = _spec.permission


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What a list's filters leave, apart from which page of it is shown: paging on need not count again."""

    counts: dict[str, int]
    offers: dict[str, Offer]
    not_found: list[str]


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a row stands in the list's order: what it is sorted by, and its id among equals."""

    by: Any
    id: int


@dataclass(frozen=True, slots=True)
class Beside:
    """The page that begins right after a row, or ends right before it; of the same list in the same order."""

    mark: Mark
    after: bool


@dataclass(frozen=True, slots=True)
class Page:
    """What a list shows. `query` is what was answered: the page asked for may not have existed."""

    query: ListQuery
    columns: tuple[Column, ...]
    rows: list[Row]
    total: int
    pages: int
    narrowed: Narrowed
    ends: tuple[Mark, Mark] | None = None
    """Its first row and its last: what the pages beside it are found by. None: by their numbers only."""

    @property
    def tab_counts(self) -> dict[str, int]:
        """How many rows each tab has."""
        return self.narrowed.counts

    @property
    def choices(self) -> dict[str, list[Choice]]:
        """What each filter offers."""
        return {key: offer.choices for key, offer in self.narrowed.offers.items()}

    @property
    def not_found(self) -> list[str]:
        """Pasted numbers that gave no row (L8)."""
        return self.narrowed.not_found


@dataclass(frozen=True, slots=True)
class Again:
    """How rows that stand on a screen are by now; those that the actor no longer sees are left out."""

    columns: tuple[Column, ...]
    rows: list[Row]
    ids: list[int]
    """Of the rows that the page would show now."""
    total: int


@dataclass(frozen=True, slots=True)
class _Located:
    """How many rows each tab has, and which are on the page."""

    counts: dict[str, int]
    marks: list[Mark]

    @property
    def ids(self) -> list[int]:
        """Of the page's rows, in order."""
        return [mark.id for mark in self.marks]


# --- what can be asked


def page(
    actor: Actor,
    spec: ListSpec,
    query: ListQuery,
    narrowed: Narrowed | None = None,
    without: frozenset[str] = frozenset(),
    beside: Beside | None = None,
    offers: dict[str, Offer] | None = None,
) -> Page:
    """The rows of one page with all counts (L1, L4). Refuses with Forbidden without the list's permission.

    `narrowed` is what an earlier page of the same filters told: then only the page itself is fetched. `without`:
    columns whose values nobody is shown. `beside`: the page is the next or previous one of a page that was shown,
    and is read from there, however deep in the list that is. `offers`: what filters offered a moment ago, where the
    same was chosen in them.
    """
    query = _demand(actor, spec, query)
    with session() as db:
        often = is_found_often(db, spec, query)
        rows = matching(db, actor, spec, query, often)
        if narrowed is not None and query.page <= _pages(narrowed.counts, query):
            marks = _marks(db, actor, spec, query, rows, narrowed.counts[query.tab], beside)
        else:
            found = _locate(db, actor, spec, query, rows, often, beside)
            if query.page > _pages(found.counts, query):
                query = replace(query, page=_pages(found.counts, query))
                found = _locate(db, actor, spec, query, rows, often)
            marks = found.marks
            if offers is None:
                offers = choices.offers(db, actor, spec, query)
            narrowed = Narrowed(found.counts, offers, not_found(db, actor, spec, query, rows))
        ids = [mark.id for mark in marks]
        return Page(
            query=query,
            columns=columns_of(actor, spec),
            rows=page_rows(db, actor, spec, query, ids, without) if ids else [],
            total=narrowed.counts[query.tab],
            pages=_pages(narrowed.counts, query),
            narrowed=narrowed,
            ends=(marks[0], marks[-1]) if marks and _has_index(actor, spec, query) else None,
        )


def again(
    actor: Actor, spec: ListSpec, query: ListQuery, ids: Sequence[int] = (), without: frozenset[str] = frozenset()
) -> Again:
    """How the rows that stand on a screen are by now, and which ones the page would show in their place (L6). Refuses
    as `page` does."""
    query = _demand(actor, spec, query)
    with session() as db:
        often = is_found_often(db, spec, query)
        found = _locate(db, actor, spec, query, matching(db, actor, spec, query, often), often)
        return Again(
            columns=columns_of(actor, spec),
            rows=page_rows(db, actor, spec, query, ids, without) if ids else [],
            ids=found.ids,
            total=found.counts[query.tab],
        )


def matching_ids(actor: Actor, spec: ListSpec, query: ListQuery, shown: int | None = None) -> list[int]:
    """The ids of all rows that match, at most MAX_CHOSEN (L3), in the list's order.

    `shown`: how many there were when the question was put. Refuses with lists.changed when there are not as many now.
    """
    query = _demand(actor, spec, query)
    with session() as db:
        rows = in_tab(matching(db, actor, spec, query), actor, spec, query)
        if shown is not None and run(db, rows.with_only_columns(func.count())).scalar_one() != shown:
            raise Refused("lists.changed")
        return list(run(db, _ordered(rows, actor, spec, query).limit(MAX_CHOSEN)).scalars())


def export(actor: Actor, spec: ListSpec, query: ListQuery) -> Iterator[Chunk]:
    """Every row that the filters leave, in the list's order, in chunks (L2): constant memory for any number.

    Refuses with Forbidden at once, not at the first row.
    """
    return _exported(actor, spec, _demand(actor, spec, query))


def offer(actor: Actor, spec: ListSpec, query: ListQuery, key: str = "", search: str = "") -> Offer:
    """What one filter offers of what contains the words of `search`; nothing for a filter that isn't there."""
    query, each = _demand(actor, spec, query), spec.filter(key)
    if each is None or not permitted(actor, each.permission) or each.kind in choices.WITHOUT_CHOICES:
        return Offer([])
    with session() as db:
        return choices.offer(db, actor, spec, query, each, search)


def fitting(actor: Actor, spec: ListSpec, query: ListQuery) -> list[str]:
    """The actions that make sense for all of the query's rows and are the actor's to do on some, in the list's order
    (L3); which are left out, and why, is shown before anything is done."""
    query = _demand(actor, spec, query)
    actions = [action for action in actions_of(actor, spec) if action.many]
    if not actions:
        return []
    all_fit = [
        func.min(case((makes_sense(actor, spec, action), 1), else_=0))
        * func.max(case((fits(actor, spec, action), 1), else_=0))
        for action in actions
    ]
    with session() as db:
        found = run(db, matching(db, actor, spec, query).with_only_columns(*all_fit)).one()
    return [action.key for action, fit in zip(actions, found, strict=True) if fit]


def followed(actor: Actor, spec: ListSpec, query: ListQuery, key: str = "") -> list[str]:
    """The numbers that an action leads to from the query's rows, each once, in order.

    NotFound for an action that isn't there for the actor, or leads nowhere.
    """
    query = _demand(actor, spec, query)
    action = next((each for each in actions_of(actor, spec) if each.key == key), None)
    if action is None or not (action.filters or action.reference or (action.page and action.many)):
        raise NotFound
    with session() as db:
        rows = matching(db, actor, spec, query)
        if action.filters or action.page:
            return list(run(db, _ordered(rows, actor, spec, query).with_only_columns(spec.number)).scalars())
        column = spec.column(action.reference)
        assert column is not None
        assert column.reference is not None
        reference, of = column.reference, LISTS[column.reference.to]
        led = select(of.number).where(id_of(of).in_(rows.where(seen(actor, reference)).with_only_columns(reference.id)))
        return list(run(db, led.order_by(of.number)).scalars())


def _demand(actor: Actor, spec: ListSpec, query: ListQuery) -> ListQuery:
    """Refuse without the list's permission. A column that isn't there for the actor doesn't sort for them either."""
    if not opens(actor, spec):
        raise Forbidden(spec.permission)
    column = spec.column(query.sort)
    if column is None or column.sort is None or not permitted(actor, column.permission):
        query = replace(query, sort=spec.default_sort.removeprefix("-"), descending=spec.default_sort.startswith("-"))
    return query if any(tab.key == query.tab for tab in spec.tabs) else replace(query, tab=spec.tabs[0].key)


# --- which rows, in which order


def _pages(counts: dict[str, int], query: ListQuery) -> int:
    return max(1, -(-counts[query.tab] // query.size))


def _locate(
    db: DatabaseSession,
    actor: Actor,
    spec: ListSpec,
    query: ListQuery,
    rows: Select[Any],
    often: bool,
    beside: Beside | None = None,
) -> _Located:
    """Counts and page. Few rows are gone through once for both; many, and a whole list, are counted from indexes
    alone, and their page is walked to in the order of its index. `often`: the words are found in many rows,
    though maybe other companies'."""
    many = _leaves_many(query, often)
    part = query.is_part or not actor.access_all
    found = _locate_among_few(db, actor, spec, query, rows) if part and not many else None
    if found is not None:
        return found
    counts = (_counts_of_part if query.is_part else _counts_of_whole)(db, actor, spec, rows)
    if many and counts[spec.tabs[0].key] <= FEW and not _is_near(actor, spec, query, counts[query.tab]):
        found = _locate_among_few(db, actor, spec, query, rows)
    return found or _Located(counts, _marks(db, actor, spec, query, rows, counts[query.tab], beside))


def _leaves_many(query: ListQuery, often: bool) -> bool:
    """Whether many rows are to be expected: one word that is found often or too short to be looked up. Of several
    words, or with a filter, few may hold all."""
    terms = search_terms(query.search)
    return len(terms) == 1 and not query.filters and (often or len(terms[0]) < TRIGRAM)


def _is_near(actor: Actor, spec: ListSpec, query: ListQuery, total: int) -> bool:
    """Whether it costs less to walk to the page in the order of the list, and look at each row on the way, than to
    look once more for all that match: so many rows of the index of words are read in the time of one such row."""
    before = (query.page - 1) * query.size
    return _has_index(actor, spec, query) and WALKED * min(before + query.size, total - before) <= total


def _counts_of_whole(db: DatabaseSession, actor: Actor, spec: ListSpec, rows: Select[Any]) -> dict[str, int]:
    """Each tab from the index that knows it best."""
    counts = [
        rows.with_only_columns(func.count()).where(*where(tab, actor.today)).scalar_subquery()
        for tab in spec.tabs
        if not tab.complement
    ]
    return _by_tab(spec, run(db, select(*counts)).one())


def _counts_of_part(db: DatabaseSession, actor: Actor, spec: ListSpec, rows: Select[Any]) -> dict[str, int]:
    """All tabs in one walk through what matches."""
    counts = [
        func.count().filter(*where(tab, actor.today)) if tab.where else func.count()
        for tab in spec.tabs
        if not tab.complement
    ]
    return _by_tab(spec, run(db, rows.with_only_columns(*counts)).one())


def _marks(
    db: DatabaseSession,
    actor: Actor,
    spec: ListSpec,
    query: ListQuery,
    rows: Select[Any],
    total: int,
    beside: Beside | None,
) -> list[Mark]:
    """The page's rows, in order, from indexes where there are such: from beside a page that was shown, else from the
    nearer end of the list, so that its last page is as near as its first."""
    offset = (query.page - 1) * query.size
    size = min(query.size, total - offset)
    if size <= 0:
        return []
    by = _order(actor, spec, replace(query, descending=False))
    marked = in_tab(rows, actor, spec, query).with_only_columns(id_of(spec), by[0]).limit(size)
    if beside is not None and offset and _has_index(actor, spec, query):
        here, there = tuple_(*by), tuple_(literal(beside.mark.by, by[0].type), literal(beside.mark.id))
        further = here < there if query.descending == beside.after else here > there
        found = _read(db, actor, spec, query, marked.where(further), backwards=not beside.after)
        if len(found) == size:
            return found
        # Rows have come or gone meanwhile: the page is what its number says.
    rest = total - offset
    if rest > offset:
        return _read(db, actor, spec, query, marked.offset(offset))
    return _read(db, actor, spec, query, marked.offset(rest - size), backwards=True)


def _read(
    db: DatabaseSession, actor: Actor, spec: ListSpec, query: ListQuery, marked: Select[Any], *, backwards: bool = False
) -> list[Mark]:
    """Rows in the list's order, walked to from its beginning or from its end."""
    order = _order(actor, spec, replace(query, descending=query.descending != backwards))
    found = [Mark(by, id_) for id_, by in run(db, marked.order_by(*order)).all()]
    return found[::-1] if backwards else found


def _has_index(actor: Actor, spec: ListSpec, query: ListQuery) -> bool:
    """Whether the list is sorted by a column that every row has a value in: what stands beside a row is then found
    from an index. What is worked out for each row has to be worked out for all of them anyway."""
    column = _order(actor, spec, replace(query, descending=False))[0]
    return isinstance(getattr(column, "expression", None), SqlColumn) and not column.expression.nullable


def _locate_among_few(
    db: DatabaseSession, actor: Actor, spec: ListSpec, query: ListQuery, rows: Select[Any]
) -> _Located | None:
    """All in one statement; None when there are more than FEW, of which no more is looked at."""
    by = _order(actor, spec, replace(query, descending=False))
    flags = [
        (and_(*where(tab, actor.today)) if tab.where else true()).label(f"t_{tab.key}")
        for tab in spec.tabs
        if not tab.complement or tab.key == query.tab
    ]
    asked = [id_of(spec).label("id"), by[0].label("by"), *flags]
    # Members of a group are fetched to be found at all. Others are found by indexes: of too many none is fetched.
    fetched = any(each.kind is FilterKind.GROUPS and query.filters.get(each.key) for each in spec.filters)
    found_by = asked if fetched else asked[:1]
    hits = rows.with_only_columns(*found_by).limit(FEW + 1).cte("hits").prefix_with("MATERIALIZED")
    how_many = select(func.count()).select_from(hits).scalar_subquery()
    few = (
        select(hits).where(how_many <= FEW)
        if fetched
        else select(*asked).where(id_of(spec).in_(select(hits.c.id).where(how_many <= FEW)))
    ).cte("few")
    counts = select(
        how_many.label("hits"),
        *(func.count().filter(few.c[f"t_{tab.key}"]).label(tab.key) for tab in spec.tabs if not tab.complement),
    ).subquery("counts")
    order = (few.c.by.desc(), few.c.id.desc()) if query.descending else (few.c.by, few.c.id)
    shown = select(few.c.id, few.c.by).where(few.c[f"t_{query.tab}"]).order_by(*order)
    cut = _cut(shown, query).subquery("cut")
    again = (cut.c.by.desc(), cut.c.id.desc()) if query.descending else (cut.c.by, cut.c.id)
    statement = (
        select(counts, cut.c.id.label("row_id"), cut.c.by.label("row_by")).outerjoin(cut, true()).order_by(*again)
    )
    found: Any = run(db, statement).all()
    if found[0].hits > FEW:
        return None
    return _Located(
        _by_tab(spec, found[0][1:]), [Mark(row.row_by, row.row_id) for row in found if row.row_id is not None]
    )


def _by_tab(spec: ListSpec, found: Any) -> dict[str, int]:
    """Counts by tab; those that have a complement are the whole list without it."""
    counts = dict(zip((tab.key for tab in spec.tabs if not tab.complement), found, strict=False))
    whole = counts[spec.tabs[0].key]
    return {tab.key: whole - counts[tab.complement] if tab.complement else counts[tab.key] for tab in spec.tabs}


def _cut(statement: Select[Any], query: ListQuery) -> Select[Any]:
    return statement.limit(query.size).offset((query.page - 1) * query.size)


def _order(actor: Actor, spec: ListSpec, query: ListQuery) -> list[Any]:
    column = spec.column(query.sort)
    assert column is not None
    assert column.sort is not None
    by = [_sort(actor, column), id_of(spec)]
    return [each.desc() for each in by] if query.descending else by


def _ordered(rows: Select[Any], actor: Actor, spec: ListSpec, query: ListQuery) -> Select[Any]:
    return rows.order_by(*_order(actor, spec, query))


def _sort(actor: Actor, column: Column) -> Any:
    """What one may not see one may not sort by either."""
    assert column.sort is not None
    by = column.sort(actor.today)
    if column.reference is None or column.reference.always or actor.access_all:
        return by
    return case((seen(actor, column.reference), by), else_="")


def _exported(actor: Actor, spec: ListSpec, query: ListQuery) -> Iterator[Chunk]:
    with session() as db:
        by, _ = _order(actor, spec, replace(query, descending=False))
        rows = in_tab(matching(db, actor, spec, query), actor, spec, query)
        yield from all_rows(db, actor, spec, query, rows.with_only_columns(id_of(spec).label("id"), by.label("by")))


__all__ = [
    "Again",
    "Choice",
    "Chunk",
    "Offer",
    "Page",
    "Row",
    "actions_of",
    "again",
    "columns_of",
    "export",
    "fitting",
    "followed",
    "matching_ids",
    "offer",
    "opens",
    "page",
    "permitted",
]
