"""Putting many chosen rows of a list into a group: the form, what would become of each, and doing it (R2, L3)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date
from typing import Any

import reflex as rx

from selfcare_app.locales import text
from selfcare_app.services import group_pages, membership_changes
from selfcare_app.services.access import Actor, Refused
from selfcare_app.services.group_writes import Does, Outcome, Preview, Stale
from selfcare_app.services.membership_changes import Add, Thing
from selfcare_app.specs.groups import MONTHS_AHEAD, shown
from selfcare_app.specs.months import months_from_to, months_later
from selfcare_app.specs.permissions import Permission
from selfcare_app.specs.queries import month_of
from selfcare_app.state.filling import Filled, put
from selfcare_app.state.frame import FrameState, enter
from selfcare_app.state.gate import acting, event
from selfcare_app.state.shown import grouped

SHOWN = 200
"""Outcomes that are shown one by one; those that are refused first."""


class GroupAddingState(Filled, rx.State):
    """/group-memberships/many."""

    forbidden: bool = False
    count: int = 0
    groups: list[dict[str, str]] = []
    months: list[str] = []
    group: str = ""
    start: str = ""
    end: str = ""
    moving: bool = False
    problem: str = ""
    outcomes: list[dict[str, str]] = []
    """What would become of each; empty: not asked yet."""
    counts: dict[str, int] = {}
    """How many would be done, need nothing, are left out."""
    hidden: int = 0
    """Outcomes that aren't shown."""
    sight: list[str] = []
    back: str = ""
    """The list, as it was."""

    _things: tuple[Thing, ...] = ()
    _fingerprint: str = ""

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
            first = months_later(actor.month, -MONTHS_AHEAD)
            ahead = months_from_to(first, months_later(actor.month, MONTHS_AHEAD))
            put(
                self,
                groups=[{"id": str(g.id), "name": shown(g.category, g.name)} for g in found.groups],
                months=[f"{month:%Y-%m}" for month in ahead],
                start=self.start or f"{actor.month:%Y-%m}",
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
        actor = acting()
        changes = self._changes()
        try:
            found = await asyncio.to_thread(membership_changes.preview, actor, changes)
        except Refused as refused:
            put(self, problem=text(actor.language, refused.key, **refused.values), outcomes=[])
            return
        put(self, problem="")
        self._show(actor, found)

    def _changes(self) -> list[Add]:
        group = int(self.group) if self.group.isdigit() and len(self.group) < 19 else 0
        start, end = month_of(self.start), month_of(self.end)
        return [Add(thing=thing, group=group, start=start, end=end, moving=self.moving) for thing in self._things]

    def _show(self, actor: Actor, found: Preview) -> None:
        self._fingerprint = found.fingerprint
        rank = {Does.REFUSED: 0, Does.MOVE: 1, Does.ADD: 2, Does.NOTHING: 3}
        told = sorted(found.outcomes, key=lambda each: rank.get(each.does, 2))
        refused = len(found.refused)
        nothing = sum(each.does is Does.NOTHING for each in found.outcomes)
        put(
            self,
            outcomes=[_row(actor, each) for each in told[:SHOWN]],
            hidden=max(len(told) - SHOWN, 0),
            counts={"done": len(told) - refused - nothing, "nothing": nothing, "refused": refused},
            sight=sight_said(actor, found),
        )

    @event(Permission.GROUPS_WRITE)
    async def apply(self) -> Any:
        """Do what the preview showed, without those that were refused; when it has changed since, show it anew."""
        actor = acting()
        asked = self._changes(), self._fingerprint
        try:
            done = await asyncio.to_thread(membership_changes.apply, actor, *asked, leave_out_refused=True)
        except Refused as refused:
            if isinstance(refused, Stale):
                self._show(actor, refused.preview)
            self.problem = text(actor.language, refused.key, **refused.values)
            return None
        count = sum(each.does not in (Does.REFUSED, Does.NOTHING) for each in done.outcomes)
        (await self.get_state(FrameState))._say("grouping.done.many", n=grouped(count))
        back = self.back
        self.reset()
        return rx.redirect(back or "/group-memberships")

    @event(Permission.GROUPS_WRITE)
    async def again(self) -> None:
        """Back to the form, with what was chosen."""
        put(self, outcomes=[], problem="")


def _row(actor: Actor, outcome: Outcome) -> dict[str, str]:
    refused = outcome.refused
    why = text(actor.language, refused.key, **refused.values) if refused else ""
    return {
        "label": outcome.label,
        "does": outcome.does.value,
        "before": _period(actor, outcome.before),
        "after": why or _period(actor, outcome.after),
    }


def _period(actor: Actor, values: dict[str, Any]) -> str:
    if not values:
        return ""
    end = f"{values['end']:%Y-%m}" if isinstance(values["end"], date) else text(actor.language, "pages.until_further")
    return f"{values['group']} {values['start']:%Y-%m} – {end}"


MOST_TOLD = 20
"""People and things whose sight changes that are named one by one."""


def sight_said(actor: Actor, preview: Preview) -> list[str]:
    """Who gains and loses sight of what (U5), in sentences."""
    lines = []
    for each in preview.sight[:MOST_TOLD]:
        when = "now" if each.month == actor.month else "later"
        key = f"grouping.sight.{'gains' if each.gains else 'loses'}_{when}"
        lines.append(text(actor.language, key, user=each.user, what=each.what, month=f"{each.month:%Y-%m}"))
    if len(preview.sight) > MOST_TOLD:
        lines.append(text(actor.language, "grouping.sight.more", n=len(preview.sight) - MOST_TOLD))
    return lines
