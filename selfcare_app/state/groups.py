"""The page of group categories and groups (R1)."""

from __future__ import annotations

import asyncio
from typing import Any

import reflex as rx

from selfcare_app.services import group_pages
from selfcare_app.services.access import Actor
from selfcare_app.services.group_pages import Structure
from selfcare_app.specs.groups import MOST_CATEGORIES, MOST_GROUPS, shown
from selfcare_app.specs.permissions import Permission
from selfcare_app.state.filling import Filled, put
from selfcare_app.state.frame import enter
from selfcare_app.state.gate import event
from selfcare_app.state.shown import grouped

CATEGORIES, GROUPS = "categories", "groups"


class GroupsState(Filled, rx.State):
    """/groups."""

    forbidden: bool = False
    at: str = ""
    """What of the address it was filled for: rows of the category looked at before never stand under another."""
    tab: str = GROUPS
    category: str = ""
    """Id of the category that is chosen; empty: all."""
    categories: list[dict[str, str]] = []
    groups: list[dict[str, str]] = []
    may_write: bool = False
    room_for_category: bool = False
    room_for_group: bool = False
    used: dict[str, str] = {}
    """How many there are, and may be."""

    @event()
    async def load(self) -> None:
        """Show what the address says; whoever may not read groups is told so."""
        actor = await enter(self)
        put(self, forbidden=not actor.may(Permission.GROUPS_READ))
        if self.forbidden:
            return
        with self._filling():
            self._show(actor, await asyncio.to_thread(group_pages.structure, actor))

    def _show(self, actor: Actor, found: Structure) -> None:
        asked = self.router.url.query_parameters
        known = {str(each.id) for each in found.categories}
        category = str(asked.get("category", ""))
        category = category if category in known else ""
        put(
            self,
            at=f"?{self.router.url.query}" if self.router.url.query else "",
            tab=CATEGORIES if asked.get("tab") == CATEGORIES else GROUPS,
            category=category,
            categories=[
                {
                    "id": str(each.id),
                    "name": each.name,
                    "description": each.description,
                    "groups": grouped(each.groups),
                }
                for each in found.categories
            ],
            groups=[
                {
                    "id": str(each.id),
                    "name": shown(each.category, each.name),
                    "description": each.description,
                    "customer_numbers": grouped(each.customer_numbers),
                    "subscriptions": grouped(each.subscriptions),
                }
                for each in found.groups
                if category in ("", str(each.category_id))
            ],
            may_write=actor.may(Permission.GROUPS_WRITE),
            room_for_category=found.room_for_category,
            room_for_group=found.room_for_group,
            used={
                "categories": f"{len(found.categories)} / {MOST_CATEGORIES}",
                "groups": f"{len(found.groups)} / {MOST_GROUPS}",
            },
        )

    @event()
    async def choose_category(self, category: str) -> Any:
        """Show the groups of one category, or of all."""
        category = str(category)
        return rx.redirect(f"/groups?category={category}" if category.isdigit() else "/groups")
