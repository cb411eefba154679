"""The page of group categories and groups (R1): a tab for each, which are lists."""

from __future__ import annotations

import asyncio
from typing import Any

import reflex as rx

from selfcare_app.services import group_pages
from selfcare_app.services.access import Forbidden
from selfcare_app.specs.groups import MOST_CATEGORIES, MOST_GROUPS
from selfcare_app.specs.lists import GROUP_CATEGORIES
from selfcare_app.specs.lists import GROUPS as GROUP_LIST
from selfcare_app.specs.permissions import Permission
from selfcare_app.specs.queries import Place
from selfcare_app.state.filling import put
from selfcare_app.state.gate import acting, event
from selfcare_app.state.lists import ListState

ROUTE = "/groups"
CATEGORIES, GROUPS = "categories", "groups"
LISTED = {CATEGORIES: GROUP_CATEGORIES, GROUPS: GROUP_LIST}
"""The list under each tab."""


class GroupsState(ListState, rx.State):
    """/groups."""

    at_tab: str = ""
    """The tab that is open."""
    category: str = ""
    """Id of the one category that is chosen; empty: all, or several."""
    categories: list[dict[str, str]] = []
    """Those to choose from."""
    may_write: bool = False
    room_for_category: bool = False
    room_for_group: bool = False
    used: dict[str, str] = {}
    """How many there are, and may be."""

    def _place(self) -> Place | None:
        tab = CATEGORIES if self.router.url.query_parameters.get("tab") == CATEGORIES else GROUPS
        return Place(LISTED[tab], ROUTE, tab=tab, elsewhere=frozenset({"category"}) if tab == GROUPS else frozenset())

    @event()
    async def load(self) -> Any:
        """Show the tab that the address says; nothing of the other is kept."""
        place = self._place()
        tab = place.tab if place else ""
        if tab != self.at_tab:
            self.reset()
            self.at_tab = tab
        further = await self._load()
        await self._show_structure()
        return further

    async def _show_structure(self) -> None:
        """What may be chosen and made beside the list."""
        actor, place = acting(), self._place()
        if place is None or self.forbidden:
            return
        try:
            found = await asyncio.to_thread(group_pages.structure, actor)
        except Forbidden:
            return
        known = {str(each.id) for each in found.categories}
        chosen = place.query(self.router.url.query_parameters).filters.get("category", ())
        put(
            self,
            category=chosen[0] if len(chosen) == 1 and chosen[0] in known else "",
            categories=[{"id": str(each.id), "name": each.name} for each in found.categories],
            may_write=actor.may(Permission.GROUPS_WRITE),
            room_for_category=found.room_for_category,
            room_for_group=found.room_for_group,
            used={
                CATEGORIES: f"{len(found.categories)} / {MOST_CATEGORIES}",
                GROUPS: f"{len(found.groups)} / {MOST_GROUPS}",
            },
        )

    @event()
    async def freshen(self, kinds: list[str]) -> None:
        """As any list; and what stands beside it."""
        await self._freshen(kinds)
        await self._show_structure()

    @event()
    async def choose_category(self, category: str) -> Any:
        """Show the groups of one category, or of all."""
        place = self._place()
        if place is None or place.tab != GROUPS:
            return None
        query = place.query(self.router.url.query_parameters)
        category = str(category)
        chosen = (category,) if category.isascii() and category.isdigit() and len(category) < 19 else ()
        return rx.redirect(place.address(query.with_filter("category", chosen)))
