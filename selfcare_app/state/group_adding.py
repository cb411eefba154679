"""Putting many chosen rows of a list into a group: the form, what would become of each, and doing it (R2, L3)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import reflex as rx

from selfcare_app.services import group_pages
from selfcare_app.services.membership_changes import Add, Thing
from selfcare_app.specs.groups import MONTHS_AHEAD, shown
from selfcare_app.specs.months import months_later
from selfcare_app.specs.permissions import Permission
from selfcare_app.specs.queries import month_of
from selfcare_app.state.filling import Filled, put
from selfcare_app.state.foreseen import Foreseen
from selfcare_app.state.frame import FrameState, enter
from selfcare_app.state.gate import acting, event
from selfcare_app.state.months import Months, free, last_end
from selfcare_app.state.numbers import whole
from selfcare_app.state.shown import grouped


class GroupAddingState(Foreseen, Filled, rx.State):
    """/group-memberships/many."""

    forbidden: bool = False
    count: int = 0
    groups: list[dict[str, str]] = []
    starts: Months = {}
    ends: Months = {}
    group: str = ""
    start: str = ""
    end: str = ""
    moving: bool = False
    back: str = ""
    """The list, as it was."""

    _things: tuple[Thing, ...] = ()

    def _take(self, kind: str, numbers: Sequence[str], back: str) -> None:
        """Begin with rows chosen in a list; whether the actor sees them is asked when something is done with them."""
        self.reset()
        self._things = tuple(Thing(kind, number) for number in numbers)
        put(self, count=len(self._things), back=back)

    @event()
    async def load(self) -> None:
        """Show the groups and months there are to choose from."""
        actor = await enter(self)
        put(self, forbidden=not actor.may(Permission.GROUPS_WRITE))
        if self.forbidden:
            return
        with self._filling():
            found = await asyncio.to_thread(group_pages.structure, actor)
            first = await asyncio.to_thread(group_pages.first_month, actor)
            put(
                self,
                groups=[{"id": str(g.id), "name": shown(g.category, g.name)} for g in found.groups],
                starts=free(first, months_later(actor.month, MONTHS_AHEAD)),
                ends=free(first, last_end(actor.month)),
            )

    @event(Permission.GROUPS_WRITE)
    async def preview(self, typed: dict[str, Any]) -> None:
        """Show what would become of each; nothing is changed."""
        put(
            self,
            group=str(typed.get("group", "")),
            start=str(typed.get("start", "")),
            end=str(typed.get("end", "")),
            moving=bool(typed.get("moving")),
        )
        await self._foresee(acting(), self._changes())

    def _changes(self) -> list[Add]:
        start, end = month_of(self.start), month_of(self.end)
        return [
            Add(thing=thing, group=whole(self.group), start=start, end=end, moving=self.moving)
            for thing in self._things
        ]

    @event(Permission.GROUPS_WRITE)
    async def apply(self, seen: str) -> Any:
        """Do what the preview showed, without those that were refused; when it has changed since, show it anew."""
        if not self.outcomes:
            # Pressed twice: it has been done.
            return None
        if (count := await self._carry_out(acting(), self._changes(), seen)) is None:
            return None
        (await self.get_state(FrameState))._say("grouping.done.many", n=grouped(count))
        back = self.back
        self.reset()
        return rx.redirect(back or "/group-memberships")

    @event(Permission.GROUPS_WRITE)
    async def again(self) -> None:
        """Back to the form, with what was chosen."""
        self._forget()
