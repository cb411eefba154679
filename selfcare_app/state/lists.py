"""The machinery of all list pages: the address is the only source (L5); a list's own state is a few lines over this.

A change (search, filter, tab) only makes a new address; arriving at an address loads it. Typing, reload, back,
bookmark and shortcut are one path.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, ClassVar

import reflex as rx

from selfcare_app.services import listing, preferences
from selfcare_app.services.access import Actor, Forbidden
from selfcare_app.specs.lists import SIZES, Cell, Column, FilterKind, ListSpec
from selfcare_app.specs.queries import MAX_CHOSEN, MAX_SEARCH, ListQuery, parse
from selfcare_app.state.frame import enter
from selfcare_app.state.gate import acting, event
from selfcare_app.state.shown import grouped, page_links

logger = logging.getLogger(__name__)

COUNTS_STAND = timedelta(seconds=10)
"""How long paging on may show a total that was counted before; the rows are always asked for."""
NEIGHBOURS = 1
"""Page links on each side of the current one."""


class ListState(rx.State, mixin=True):
    """Vars and handlers of a list page. A subclass names its SPEC."""

    SPEC: ClassVar[ListSpec]

    rows: list[dict[str, str]] = []
    total: int = 0
    total_text: str = ""
    shown_text: str = ""
    loaded: bool = False
    busy: bool = False
    failed: bool = False
    forbidden: bool = False
    search: str = ""
    tab: str = ""
    tab_counts: dict[str, str] = {}
    tab_hrefs: dict[str, str] = {}
    sort_hrefs: dict[str, str] = {}
    sort_key: str = ""
    sort_direction: str = "ascending"
    pages: list[dict[str, str]] = []
    previous_href: str = ""
    next_href: str = ""
    size: str = str(SIZES[0])
    size_hrefs: dict[str, str] = {}
    chips: list[dict[str, str]] = []
    clear_href: str = ""
    filtered: bool = False
    choices: dict[str, list[dict[str, str]]] = {}
    filter_values: dict[str, str] = {}
    filter_counts: dict[str, int] = {}
    month: str = ""
    hidden: list[str] = []
    shown: list[str] = []
    absent: list[str] = []
    """Columns and filters the actor has no right to."""
    selected: list[str] = []
    """Ids of the rows of this page that are chosen."""
    all_selected_of_page: bool = False
    some_selected_of_page: bool = False
    selected_count: int = 0
    everything_selected: bool = False
    export_xlsx: str = ""
    export_csv: str = ""
    selected_xlsx: str = ""
    selected_csv: str = ""
    not_found: list[str] = []

    _chosen: dict[int, None] = {}
    """Ids chosen on any page, in order; the row's rights are asked again when something is done with them."""

    _counted: tuple[Any, datetime, listing.Narrowed] | None = None
    """For which filters and whom, when, and what came of it."""

    # --- arriving at an address

    @event()
    async def load(self) -> None:
        """Show what the address says."""
        actor = await enter(self)
        spec = type(self).SPEC
        query = parse(spec, self.router.url.query_parameters)
        self.failed = self.forbidden = False
        try:
            if not self.loaded:
                self.hidden, self.shown = await asyncio.to_thread(preferences.hidden_columns, actor, spec)
            page = await asyncio.to_thread(listing.page, actor, spec, query, self._counted_for(actor, query))
        except Forbidden:
            self.forbidden, self.rows, self.loaded = True, [], True
        except Exception:
            # Told on the page; raised, it would keep the page from being told.
            logger.exception("A page could not be filled")
            self.failed = self.loaded = True
        else:
            self._counted = (_same_filters(query, actor), actor.at, page.narrowed)
            self._show(actor, page)
            self.loaded = True
        finally:
            self.busy = False

    def _counted_for(self, actor: Actor, query: ListQuery) -> listing.Narrowed | None:
        """What was counted a moment ago for the same filters: paging and sorting ask only for their rows."""
        if self._counted is None:
            return None
        filters, at, narrowed = self._counted
        fresh = timedelta() <= actor.at - at < COUNTS_STAND
        return narrowed if fresh and filters == _same_filters(query, actor) else None

    @event()
    async def retry(self) -> Any:
        """Ask once more after a failure."""
        self._counted = None
        return type(self).load

    def _show(self, actor: Actor, page: listing.Page) -> None:
        spec, query = type(self).SPEC, page.query
        keys = {column.key for column in page.columns}
        self.rows = [_row(spec, page.columns, row) for row in page.rows]
        self.total = page.total
        self.total_text = grouped(page.total)
        first = (query.page - 1) * query.size + 1
        self.shown_text = f"{grouped(first)}–{grouped(first + len(page.rows) - 1)}" if page.rows else ""
        self.search, self.tab = query.search, query.tab
        self.tab_counts = {key: grouped(count) for key, count in page.tab_counts.items()}
        self.tab_hrefs = {tab.key: query.changed(tab=tab.key).address(spec) for tab in spec.tabs}
        self.sort_key, self.sort_direction = query.sort, "descending" if query.descending else "ascending"
        self.sort_hrefs = {
            column.key: query.changed(
                sort=column.key, descending=column.key == query.sort and not query.descending
            ).address(spec)
            for column in page.columns
            if column.sort
        }
        self.pages = page_links(query.page, page.pages, NEIGHBOURS, lambda n: query.changed(page=n).address(spec))
        self.previous_href = query.changed(page=query.page - 1).address(spec) if query.page > 1 else ""
        self.next_href = query.changed(page=query.page + 1).address(spec) if query.page < page.pages else ""
        self.size = str(query.size)
        self.size_hrefs = {str(size): query.changed(size=size).address(spec) for size in SIZES}
        self._show_filters(page)
        self.absent = [c.key for c in spec.columns if c.key not in keys] + [
            f.key for f in spec.filters if not listing.permitted(actor, f.permission)
        ]
        self.export_xlsx = query.changed().address(spec, f"/export/{spec.key}.xlsx")
        self.export_csv = query.changed().address(spec, f"/export/{spec.key}.csv")
        self.not_found = page.not_found
        self._show_chosen()

    def _show_filters(self, page: listing.Page) -> None:
        spec, query = type(self).SPEC, page.query
        self.filtered = query.filtered or query.tab != spec.tabs[0].key
        self.clear_href = ListQuery(
            tab=spec.tabs[0].key, sort=query.sort, descending=query.descending, size=query.size
        ).address(spec)
        self.month = query.month.strftime("%Y-%m") if query.month else ""
        self.choices = {
            key: [
                {
                    "value": choice.value,
                    "label": choice.label,
                    "category": choice.category,
                    "chosen": "1" if choice.value in query.filters.get(key, ()) else "",
                }
                for choice in choices
            ]
            for key, choices in page.choices.items()
        }
        self.filter_values = {
            f.key: "".join(query.filters.get(f.key, ())) for f in spec.filters if f.kind is FilterKind.TEXT
        }
        self.filter_counts = {f.key: len(query.filters.get(f.key, ())) for f in spec.filters}
        self.chips = [chip for f in spec.filters for chip in self._chips(page, f.key, f.kind, f.texts)]

    def _chips(self, page: listing.Page, key: str, kind: FilterKind, texts: str) -> list[dict[str, str]]:
        query, spec = page.query, type(self).SPEC
        labels = {choice.value: choice for choice in page.choices.get(key, [])}
        chips = []
        for value in query.filters.get(key, ()):
            choice = labels.get(value)
            if kind is FilterKind.GROUPS and choice is None:
                continue
            chips.append(
                {
                    "filter": key,
                    "label": choice.category if choice else "",
                    "text": value if kind is FilterKind.TEXT else (choice.label if choice else ""),
                    "value_key": f"{texts}.{value}" if kind is FilterKind.CHOICE else "",
                    "href": query.toggled(key, value).address(spec),
                }
            )
        return chips

    # --- changes that make a new address

    def _query(self) -> ListQuery:
        return parse(type(self).SPEC, self.router.url.query_parameters)

    def _go(self, query: ListQuery, *, instead: bool = False) -> Any:
        self.busy = True
        return rx.redirect(query.address(type(self).SPEC), replace=instead)

    @event()
    async def search_for(self, search: str) -> Any:
        """Search; typing replaces the address, so that back leaves the search as a whole."""
        search = str(search)[:MAX_SEARCH].strip()
        query = self._query()
        return self._go(query.changed(search=search), instead=True) if search != query.search else None

    @event()
    async def pick(self, key: str, value: str) -> Any:
        """Add a value to a filter, or take it away."""
        return self._go(self._query().toggled(str(key), str(value)))

    @event()
    async def set_text(self, key: str, value: str) -> Any:
        """Set a text filter; empty: without it."""
        value = str(value)[:200].strip()
        query = self._query()
        if "".join(query.filters.get(str(key), ())) == value:
            return None
        return self._go(query.with_filter(str(key), (value,) if value else ()), instead=True)

    @event()
    async def set_month(self, month: str) -> Any:
        """Groups as of this month (2026-11); empty or malformed: the present one."""
        spec = type(self).SPEC
        return self._go(self._query().changed(month=parse(spec, {"month": str(month)}).month))

    @event()
    async def set_size(self, size: str) -> Any:
        """Rows on a page."""
        return self._go(self._query().changed(size=parse(type(self).SPEC, {"size": str(size)}).size))

    # --- which columns are shown

    @event()
    async def toggle_column(self, key: str) -> None:
        """Hide a column that is shown, show one that is hidden; remembered for the user."""
        self.hidden, self.shown = await asyncio.to_thread(
            preferences.toggle_column, acting(), type(self).SPEC, str(key)
        )

    # --- choosing rows (L3)

    @event()
    async def tick(self, row: str) -> None:
        """Choose a row of this page, or no longer."""
        self._toggle([r["id"] for r in self.rows if r["id"] == str(row)])

    @event()
    async def tick_page(self) -> None:
        """Choose all rows of this page; when they all are, none of them."""
        self._toggle([r["id"] for r in self.rows])

    def _toggle(self, ids: list[str]) -> None:
        chosen = dict(self._chosen)
        numbers = [int(each) for each in ids]
        if numbers and all(number in chosen for number in numbers):
            for number in numbers:
                del chosen[number]
        else:
            chosen.update(dict.fromkeys(numbers[: MAX_CHOSEN - len(chosen)]))
        self._chosen = chosen
        self.everything_selected = False
        self._show_chosen()

    @event()
    async def select_everything(self) -> None:
        """Choose all rows that match now, on every page, at most MAX_CHOSEN."""
        ids = await asyncio.to_thread(listing.matching_ids, acting(), type(self).SPEC, self._query())
        self._chosen = dict.fromkeys(ids)
        self.everything_selected = True
        self._show_chosen()

    @event()
    async def clear_selection(self) -> None:
        """Choose nothing."""
        self._chosen = {}
        self.everything_selected = False
        self._show_chosen()

    def _show_chosen(self) -> None:
        spec = type(self).SPEC
        chosen, ids = dict(self._chosen), [row["id"] for row in self.rows]
        selected = [row for row in ids if int(row) in chosen] if chosen else []
        self.selected = selected
        self.selected_count = len(chosen)
        self.all_selected_of_page = bool(ids) and len(selected) == len(ids)
        self.some_selected_of_page = bool(selected) and not self.all_selected_of_page
        if not chosen:
            self.selected_xlsx = self.selected_csv = ""
            return
        query = self._query()
        only = ListQuery(
            tab=spec.tabs[0].key,
            sort=query.sort,
            descending=query.descending,
            month=query.month,
            ids=tuple(chosen),
        )
        self.selected_xlsx = only.address(spec, f"/export/{spec.key}.xlsx")
        self.selected_csv = only.address(spec, f"/export/{spec.key}.csv")


def _same_filters(query: ListQuery, actor: Actor) -> tuple[object, ...]:
    """What a count depends on. The rights stand here so that a changed right counts anew at once."""
    narrowing = replace(query, page=1, size=SIZES[0], sort="", descending=False, tab="")
    return (narrowing, actor.user_id, actor.access_all, actor.permissions, actor.today)


def _row(spec: ListSpec, columns: tuple[Column, ...], row: listing.Row) -> dict[str, str]:
    """A row as the page draws it: texts only."""
    return {
        "id": str(row.id),
        "number": row.number,
        "href": spec.page.format(number=row.number),
        **{column.key: _cell(column, row.values[column.key]) for column in columns},
    }


def _cell(column: Column, value: Any) -> str:
    if value is None:
        return ""
    if column.cell is Cell.GROUPS:
        return ", ".join(value)
    if column.cell is Cell.DATE:
        return str(value.isoformat())
    return grouped(value) if column.cell is Cell.COUNT else str(value)
