"""The machinery of all lists on screen: the address is the only source (L5); a list's own state is a few lines over it.

A change (search, filter, tab) only makes a new address; arriving at an address loads it. Typing, reload, back,
bookmark and shortcut are one path.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any, ClassVar

import reflex as rx

from selfcare_app.services import listing, preferences
from selfcare_app.services.access import Actor, Forbidden, Refused
from selfcare_app.specs.lists import SIZES, ListSpec
from selfcare_app.specs.queries import MAX_SEARCH, MAX_VALUES, ListQuery, Place, month_of
from selfcare_app.state import live, rows
from selfcare_app.state.chosen_rows import ChosenRows
from selfcare_app.state.filling import Filled, put
from selfcare_app.state.frame import enter
from selfcare_app.state.gate import acting, event
from selfcare_app.state.known import Known, known
from selfcare_app.state.on_way import OnWay
from selfcare_app.state.shown import grouped, page_links

NEIGHBOURS = 1
"""Page links on each side of the current one."""
FEW_CHOICES = 8
"""So many choices are seen at a glance: more get a search field."""
MOST_TYPED = 200
"""Characters of what is typed into a filter."""


class ListState(ChosenRows, Filled, rx.State, mixin=True):
    """Vars and handlers of a list on screen. A subclass names its SPEC, or says in `_place` which list it shows."""

    SPEC: ClassVar[ListSpec]

    list_key: str = ""
    """Which list the rows are of."""
    rows: list[dict[str, str]] = []
    total: int = 0
    total_text: str = ""
    shown_text: str = ""
    loads: int = 0
    """How often something was loaded: with each, what a press dimmed is bright again."""
    busy: bool = False
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
    more_choices: list[str] = []
    """Filters that have more to choose from than what is offered: the rest is searched for."""
    searchable: list[str] = []
    """Filters whose choices are so many that one may search among them."""
    choice_searches: dict[str, str] = {}
    """What is searched for among the choices of a filter."""
    filter_values: dict[str, str] = {}
    filter_counts: dict[str, int] = {}
    month: str = ""
    hidden: list[str] = []
    shown: list[str] = []
    absent: list[str] = []
    """Columns, filters and actions the actor has no right to, or that would say the same of every row here."""
    export_xlsx: str = ""
    export_csv: str = ""
    not_found: list[str] = []
    news: str = ""
    """What others have done to the list since it was shown: key of lists.news, `more`, `fewer` or `changed`."""
    news_count: int = 0
    news_text: str = ""

    _known: Known | None = None
    """What need not be asked for again."""

    _around: tuple[str, listing.Narrowed] | None = None
    """The first page's address and what was counted, that all but the rows was last shown for."""

    _on_way: OnWay | None = None

    def _place(self) -> Place | None:
        spec = type(self).SPEC
        return Place(spec, spec.route)

    # --- arriving at an address

    @event()
    async def load(self) -> Any:
        """Show what the address says."""
        return await self._load()

    async def _load(self) -> Any:
        actor = await enter(self)
        place = self._place()
        if place is None:
            return None
        spec, query = place.spec, place.query(self.router.url.query_parameters)
        further = self._arrive(actor, place, query)
        forbidden = False
        with self._filling():
            try:
                if not self.loaded:
                    self.hidden, self.shown = await asyncio.to_thread(preferences.hidden_columns, actor, spec)
                without = place.without | rows.hidden(spec, self.get_value("hidden"), self.get_value("shown"))
                before: Known | None = self.get_value("_known")
                counted = before.counts(place, query, actor) if before else None
                beside = before.beside(place, query, actor) if before else None
                offers = before.offers(place, query, actor) if before else None
                page = await asyncio.to_thread(listing.page, actor, spec, query, counted, without, beside, offers)
            except Forbidden:
                forbidden, self.rows = True, []
            else:
                self._known = known(place, query, actor, page, before)
                self._show(place, page, without)
                await self._show_around(actor, place, page)
        put(self, busy=False, forbidden=forbidden, list_key=spec.key, news="")
        self.loads += 1
        return further

    def _arrive(self, actor: Actor, place: Place, query: ListQuery) -> Any:
        """That the address is this now. Where a link was followed while the answer to something else was on its way,
        that answer leads away from it again: what is given leads to both."""
        way = self._under_way(place, actor)
        if way is None or way.to == query:
            self._on_way = None
            self._answer(way.press if way else self.answered)
        elif query in way.past:
            self._on_way = way.passing(query)
        else:
            to = way.with_step(place.spec, query)
            self._on_way = way.further(query, to, actor.at)
            return rx.redirect(place.address(to), replace=True)
        return None

    def _under_way(self, place: Place, actor: Actor) -> OnWay | None:
        way: OnWay | None = self.get_value("_on_way")
        return way if way and way.of == place.spec.key and way.stands(actor.at) else None

    # --- what others change meanwhile (L6)

    @event()
    async def freshen(self, kinds: list[str]) -> None:
        """Somebody has changed something of these kinds: rows on screen are drawn anew where they stand, rows that
        come or go are told of. Where the reader's access has changed the list is shown anew."""
        await self._freshen(kinds)

    async def _freshen(self, kinds: list[str]) -> None:
        place, actor = self._place(), acting()
        if place is None or not self.loaded or self.list_key != place.spec.key or not isinstance(kinds, list):
            return
        if live.moves_access(actor, kinds) or self.forbidden or self.failed:
            await self._anew()
        elif live.concerns(place.spec, kinds):
            await self._redraw(actor, place)

    @event()
    async def show_news(self) -> None:
        """Show the list with the rows that came and without those that went."""
        await self._anew()

    async def _anew(self) -> None:
        self._known = self._around = None
        await self._load()

    async def _redraw(self, actor: Actor, place: Place) -> None:
        spec, query = place.spec, place.query(self.router.url.query_parameters)
        without = place.without | rows.hidden(spec, self.get_value("hidden"), self.get_value("shown"))
        ids = [int(row["id"]) for row in self.rows]
        try:
            again = await asyncio.to_thread(listing.again, actor, spec, query, ids, without)
        except Forbidden:
            await self._anew()
            return
        columns = [column for column in again.columns if column.key not in without]
        now = {row["id"]: row for row in rows.drawn(spec, columns, again.rows, place.without)}
        more = again.total - self.total
        # The next page is counted anew; this one keeps its counts until its rows are shown.
        self._known = None
        put(
            self,
            rows=[now.get(row["id"], row) for row in self.rows],
            news="more" if more > 0 else "fewer" if more < 0 else "" if again.ids == ids else "changed",
            news_count=abs(more),
            news_text=grouped(abs(more)),
        )
        if self._chosen:
            await self._choose(self._chosen, everything=self.everything_selected)

    async def _offers(self, actor: Actor, spec: ListSpec, page: listing.Page) -> dict[str, listing.Offer]:
        """What each filter offers; where somebody searches among it, what that finds."""
        searched = {
            key: await asyncio.to_thread(listing.offer, actor, spec, page.query, key, search)
            for key, search in self.choice_searches.items()
            if search
        }
        return {**page.narrowed.offers, **searched}

    def _show(self, place: Place, page: listing.Page, without: frozenset[str]) -> None:
        """What each page of the list has of its own."""
        query, spec = page.query, place.spec
        first = (query.page - 1) * query.size + 1
        address = place.pages(query)
        put(
            self,
            rows=rows.drawn(spec, [c for c in page.columns if c.key not in without], page.rows, place.without),
            shown_text=f"{grouped(first)}–{grouped(first + len(page.rows) - 1)}" if page.rows else "",
            pages=page_links(query.page, page.pages, NEIGHBOURS, address),
            previous_href=address(query.page - 1) if query.page > 1 else "",
            next_href=address(query.page + 1) if query.page < page.pages else "",
        )
        self._show_chosen(place)

    async def _show_around(self, actor: Actor, place: Place, page: listing.Page) -> None:
        """What stands around the rows, and changes with the filters only: not made anew for each page."""
        spec, query, around = place.spec, page.query, self.get_value("_around")
        address = place.address(query.changed())
        if around is not None and around[0] == address and around[1] is page.narrowed:
            return
        self._around = (address, page.narrowed)
        put(
            self,
            total=page.total,
            total_text=grouped(page.total),
            search=query.search,
            tab=query.tab,
            tab_counts={key: grouped(count) for key, count in page.tab_counts.items()},
            tab_hrefs={tab.key: place.address(query.changed(tab=tab.key)) for tab in spec.tabs},
            sort_key=query.sort,
            sort_direction="descending" if query.descending else "ascending",
            sort_hrefs={
                column.key: place.address(
                    query.changed(sort=column.key, descending=column.key == query.sort and not query.descending)
                )
                for column in page.columns
                if column.sort
            },
            size=str(query.size),
            size_hrefs={str(size): place.address(query.changed(size=size)) for size in SIZES},
            absent=sorted(
                {c.key for c in spec.columns}.difference(c.key for c in page.columns)
                | {f.key for f in spec.filters if not listing.permitted(actor, f.permission)}
                | {a.key for a in spec.actions}.difference(a.key for a in listing.actions_of(actor, spec))
                | place.without
            ),
            export_xlsx=query.changed().address(spec, f"/export/{spec.key}.xlsx"),
            export_csv=query.changed().address(spec, f"/export/{spec.key}.csv"),
            not_found=page.not_found,
        )
        self._show_filters(place, query, await self._offers(actor, spec, page))

    def _show_filters(self, place: Place, query: ListQuery, offers: dict[str, listing.Offer]) -> None:
        spec = place.spec
        put(
            self,
            filtered=query.filtered or query.tab != spec.tabs[0].key,
            clear_href=place.address(replace(query, search="", tab=spec.tabs[0].key, filters={}, month=None, page=1)),
            month=query.month.strftime("%Y-%m") if query.month else "",
            choices={
                key: rows.choices(offer, query.filters.get(key, ()))
                for key, offer in offers.items()
                if key not in place.without
            },
            more_choices=[key for key, offer in offers.items() if offer.more],
            searchable=[
                key
                for key, offer in offers.items()
                if (each := spec.filter(key))
                and each.searched
                and (self.choice_searches.get(key) or len(offer.choices) > FEW_CHOICES)
            ],
            filter_values=rows.texts_of_filters(spec, query),
            filter_counts={f.key: len(query.filters.get(f.key, ())) for f in spec.filters},
            chips=rows.chips(spec, query, offers, place.address),
        )

    # --- changes that make a new address

    def _asked(self) -> tuple[Place, ListQuery] | None:
        """The list at this address and the state it is in, or is about to be: each change is added to the last. None:
        the page has been left."""
        place = self._place()
        if place is None or self.router.url.path.rstrip("/") != place.route:
            return None
        here, way = place.query(self.router.url.query_parameters), self._under_way(place, acting())
        return place, way.to if way and here in way.past else here

    def _go(self, place: Place, query: ListQuery, *, instead: bool = False, press: int = 0) -> Any:
        here, at, way = place.query(self.router.url.query_parameters), acting().at, self._under_way(place, acting())
        if way and here in way.past:
            self._on_way = way.further(here, query, at, press)
        else:
            self._on_way = OnWay(place.spec.key, query, (here,), at, press)
        self.busy = True
        return rx.redirect(place.address(query), replace=instead)

    @event()
    async def search_for(self, search: str) -> Any:
        """Search; typing replaces the address, so that back leaves the search as a whole."""
        if (asked := self._asked()) is None:
            return None
        place, query = asked
        search = str(search)[:MAX_SEARCH].strip()
        return self._go(place, query.changed(search=search), instead=True) if search != query.search else None

    @event()
    async def pick(self, key: str, value: str, picked: bool, press: int) -> Any:
        """Add a value to a filter, or take it away. One that is full takes no more, and says so."""
        if (asked := self._asked()) is not None:
            place, query = asked
            changed = query.with_value(str(key), str(value), picked is True)
            if len(changed.filters.get(str(key), ())) > MAX_VALUES:
                await self._say("lists.filter_full", "danger", most=MAX_VALUES)
            elif place.address(changed) != place.address(query):
                return self._go(place, changed, press=press if isinstance(press, int) else 0)
        self._answer(press)
        return None

    @event()
    async def seek(self, key: str, search: str) -> None:
        """Search among what a filter offers."""
        if (asked := self._asked()) is None:
            return
        place, query = asked
        key, search = str(key), str(search)[:MOST_TYPED].strip()
        if place.spec.filter(key) is None or key in place.without:
            return
        offer = await asyncio.to_thread(listing.offer, acting(), place.spec, query, key, search)
        self.choice_searches = {**self.choice_searches, key: search}
        self.choices = {**self.choices, key: rows.choices(offer, query.filters.get(key, ()))}
        rest = [each for each in self.more_choices if each != key]
        self.more_choices = [*rest, key] if offer.more else rest

    @event()
    async def set_text(self, key: str, value: str) -> Any:
        """Set a text filter; empty: without it."""
        if (asked := self._asked()) is None:
            return None
        place, query = asked
        value = str(value)[:MOST_TYPED].strip()
        if "".join(query.filters.get(str(key), ())) == value:
            return None
        return self._go(place, query.with_filter(str(key), (value,) if value else ()), instead=True)

    @event()
    async def set_period(self, key: str, end: str, said: str) -> Any:
        """Set the first (from) or last (to) month or day of a filter, 2026-11 or 2026-11-24; anything else: open."""
        if (asked := self._asked()) is None:
            return None
        place, query = asked
        return self._go(place, rows.with_end(place.spec, query, str(key), str(end), str(said)))

    @event()
    async def set_month(self, month: str) -> Any:
        """Groups as of this month (2026-11); empty or malformed: the present one."""
        if (asked := self._asked()) is None:
            return None
        place, query = asked
        return self._go(place, query.changed(month=month_of(str(month))))

    @event()
    async def select_everything(self) -> Any:
        """Choose all rows that match, on every page, at most MAX_CHOSEN: those that matched when it was asked. When
        there are more or fewer by now, none is chosen; the list is shown anew and says why."""
        if (asked := self._asked()) is None:
            return None
        place, query = asked
        try:
            ids = await asyncio.to_thread(listing.matching_ids, acting(), place.spec, query, self.total)
        except Refused as refused:
            self._known = None
            await self._say(refused.key, "danger", **refused.values)
            return type(self).load
        await self._choose(dict.fromkeys(ids), everything=True)
        return None

    # --- which columns are shown

    @event()
    async def toggle_column(self, key: str) -> None:
        """Hide a column that is shown, show one that is hidden; remembered for the user."""
        if (place := self._place()) is not None:
            self.hidden, self.shown = await asyncio.to_thread(preferences.toggle_column, acting(), place.spec, str(key))
            await self._load()
