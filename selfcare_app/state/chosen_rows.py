"""The rows of a list that are chosen, on whichever pages they stand, and where that leads (L3)."""

from __future__ import annotations

import asyncio
from typing import Any

import reflex as rx

from selfcare_app.services import listing
from selfcare_app.services.access import Refused
from selfcare_app.specs.queries import MAX_CHOSEN, MAX_VALUES, ListQuery, Place
from selfcare_app.state import rows
from selfcare_app.state.filling import put
from selfcare_app.state.frame import FrameState
from selfcare_app.state.gate import acting, event
from selfcare_app.state.group_adding import GroupAddingState
from selfcare_app.state.pressed import Pressed
from selfcare_app.state.shown import grouped


class ChosenRows(Pressed, rx.State, mixin=True):
    """Vars and handlers of chosen rows; the list that this is a part of has the `rows` of the page."""

    selected: list[str] = []
    """Ids of the rows of this page that are chosen."""
    all_selected_of_page: bool = False
    some_selected_of_page: bool = False
    selected_count: int = 0
    everything_selected: bool = False
    fitting: list[str] = []
    """Actions that fit all chosen rows."""
    selected_xlsx: str = ""
    selected_csv: str = ""

    _chosen: dict[int, None] = {}
    """Ids chosen on any page, in order; the row's rights are asked again when something is done with them."""

    def _place(self) -> Place | None:
        """Which list is shown where; None: none at this address."""
        raise NotImplementedError

    @event()
    async def tick(self, row: str, picked: bool, press: int) -> None:
        """Choose a row of this page, or no longer."""
        await self._pick([r["id"] for r in self.get_value("rows") if r["id"] == str(row)], picked is True)
        self._answer(press)

    @event()
    async def tick_page(self, picked: bool, press: int) -> None:
        """Choose all rows of this page, or none of them."""
        await self._pick([r["id"] for r in self.get_value("rows")], picked is True)
        self._answer(press)

    async def _pick(self, ids: list[str], picked: bool) -> None:
        numbers = dict.fromkeys(int(each) for each in ids)
        others = {each: None for each in self._chosen if each not in numbers}
        room = MAX_CHOSEN - len(others)
        await self._choose({**self._chosen, **dict.fromkeys(list(numbers)[:room])} if picked else others)

    @event()
    async def clear_selection(self) -> None:
        """Choose nothing."""
        await self._choose({})

    async def _choose(self, chosen: dict[int, None], *, everything: bool = False) -> None:
        if (place := self._place()) is None:
            return
        self._chosen, self.everything_selected = chosen, everything
        only = self._only_chosen(place)
        fitting = await asyncio.to_thread(listing.fitting, acting(), place.spec, only) if chosen else []
        self.fitting = [key for key in fitting if key not in place.without]
        self._show_chosen(place)

    def _only_chosen(self, place: Place) -> ListQuery:
        """The chosen rows, whatever the filters leave now, in the list's order."""
        query = place.query(self.router.url.query_parameters)
        return ListQuery(
            tab=place.spec.tabs[0].key,
            sort=query.sort,
            descending=query.descending,
            month=query.month,
            ids=tuple(self._chosen),
        )

    def _show_chosen(self, place: Place) -> None:
        chosen, ids = self.get_value("_chosen"), [row["id"] for row in self.get_value("rows")]
        selected = [row for row in ids if int(row) in chosen] if chosen else []
        spec = place.spec
        only = self._only_chosen(place) if chosen else ListQuery()
        put(
            self,
            selected=selected,
            selected_count=len(chosen),
            all_selected_of_page=bool(ids) and len(selected) == len(ids),
            some_selected_of_page=bool(selected) and len(selected) < len(ids),
            selected_xlsx=only.address(spec, f"/export/{spec.key}.xlsx") if chosen else "",
            selected_csv=only.address(spec, f"/export/{spec.key}.csv") if chosen else "",
        )

    @event()
    async def follow(self, action: str) -> Any:
        """Go where an action leads from the chosen rows. More than an address holds are refused."""
        place, chosen = self._place(), self._chosen
        if place is None or not chosen:
            return None
        asked = place.spec, self._only_chosen(place), str(action)
        try:
            numbers = await asyncio.to_thread(listing.followed, acting(), *asked)
        except Refused as refused:
            return await self._say(refused.key, "danger", **refused.values)
        led = place.spec.action(str(action))
        if led is None or not numbers:
            return await self._say("lists.leads_nowhere")
        if led.page:
            adding = await self.get_state(GroupAddingState)
            adding._take(place.spec.key, numbers, place.address(place.query(self.router.url.query_parameters)))
            return rx.redirect(led.page)
        if len(numbers) > MAX_VALUES:
            return await self._say("lists.too_many", "danger", n=grouped(len(numbers)), most=MAX_VALUES)
        return rx.redirect(rows.leads_to(place.spec, led, numbers))

    async def _say(self, key: str, kind: str = "", **values: Any) -> None:
        frame = await self.get_state(FrameState)
        frame._say(key, kind, **values)
