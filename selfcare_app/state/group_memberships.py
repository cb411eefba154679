"""Searching for what is to be put into a group, and one thing's own page of groups (R2-R4)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from itertools import takewhile
from typing import Any

import reflex as rx

from selfcare_app.locales import text
from selfcare_app.services import group_pages, listing, membership_changes
from selfcare_app.services.access import Actor, Refused
from selfcare_app.services.changed import Changed
from selfcare_app.services.group_pages import ThingsGroups, ThingsMembership
from selfcare_app.services.group_writes import Stale
from selfcare_app.services.membership_changes import Add, Change, ChangeMonths, Move, Remove, Thing
from selfcare_app.services.membership_plan import Spell
from selfcare_app.specs.groups import shown
from selfcare_app.specs.lists import CUSTOMER_NUMBERS, LISTS, SUBSCRIPTIONS
from selfcare_app.specs.months import months_from_to
from selfcare_app.specs.permissions import Permission
from selfcare_app.specs.queries import Place, month_of
from selfcare_app.state.details import DetailState, Shown
from selfcare_app.state.filling import put
from selfcare_app.state.foreseen import sight_said
from selfcare_app.state.frame import FrameState
from selfcare_app.state.gate import acting, event
from selfcare_app.state.group import month_heads, picture_months, span_in
from selfcare_app.state.lists import ListState
from selfcare_app.state.meanwhile import Meanwhile
from selfcare_app.state.meanwhile import change as difference
from selfcare_app.state.months import Months, by_year, last_end
from selfcare_app.state.numbers import whole

ROUTE = "/group-memberships"
SEARCHED = (CUSTOMER_NUMBERS, SUBSCRIPTIONS)


class GroupSearchState(ListState, rx.State):
    """/group-memberships: a tab for each kind of thing that can be in a group."""

    kind: str = ""
    back: str = ROUTE
    """The search as it was last."""

    def _place(self) -> Place | None:
        asked = str(self.router.url.query_parameters.get("tab", ""))
        lists = {spec.key: spec for spec in SEARCHED if listing.opens(acting(), spec)}
        spec = lists.get(asked) or next(iter(lists.values()), None)
        return Place(spec, ROUTE, tab=spec.key) if spec else None

    @event()
    async def load(self) -> Any:
        """Show the search that the address says; nothing of the other tab is kept."""
        place = self._place()
        kind = place.tab if place else ""
        if kind != self.kind:
            self.reset()
            self.kind = kind
        url = self.router.url
        self.back = ROUTE + (f"?{url.query}" if url.query else "")
        return await self._load()


class ThingsGroupsState(DetailState, Meanwhile, rx.State):
    """/group-memberships/[kind]/[number], and the dialog in which its memberships are changed."""

    rows: list[dict[str, str]] = []
    """All of them, the active ones first."""
    active: list[dict[str, str]] = []
    later: list[dict[str, str]] = []
    """Coming and past."""
    months: list[dict[str, str]] = []
    """Of the picture."""
    may_write: bool = False
    has_groups: bool = False
    """There are groups to choose from at all."""

    asking: str = ""
    """add, months, move, remove; empty: the dialog is closed."""
    called: str = ""
    """The group of the membership that is changed."""
    history: bool = False
    """Removing it changes months that have passed."""
    categories: list[dict[str, str]] = []
    category: str = ""
    choices: list[dict[str, str]] = []
    """Groups of the category."""
    group: str = ""
    start: str = ""
    end: str = ""
    starts: Months = {}
    """Months that may be chosen; `off`: taken by another group of the category, which `off` names."""
    ends: Months = {}
    open_ended: bool = False
    """Whether it may stay until further notice: no other group of the category follows."""
    problem: str = ""
    sight: list[str] = []
    fingerprint: str = ""

    _read_: ThingsGroups | None = None
    _membership: ThingsMembership | None = None

    def _read(self, actor: Actor, asked: str) -> ThingsGroups:
        return group_pages.thing(actor, self._kind(), asked)

    def _kind(self) -> str:
        parts = self.router.url.path.strip("/").split("/")
        return parts[1] if len(parts) == 3 else ""

    def _shown(self, actor: Actor, read: ThingsGroups) -> Shown:
        self._read_ = read
        months = picture_months(actor.month)
        rows = [_row(each, months) for each in read.memberships]
        return Shown(
            facts={
                "number": read.label,
                "name": read.name,
                "kind": read.kind,
                "opened": f"{read.opened:%Y-%m}",
                "page": LISTS[read.kind].page.replace("{number}", self.router.url.path.rpartition("/")[2]),
            },
            more={
                "rows": rows,
                "active": [row for row in rows if row["state"] == "active"],
                "later": [row for row in rows if row["state"] != "active"],
                "months": month_heads(months, actor.month),
                "may_write": actor.may(Permission.GROUPS_WRITE),
                "has_groups": bool(read.structure.groups),
            },
        )

    # --- the dialog

    @event(Permission.GROUPS_WRITE)
    async def add(self) -> None:
        """Open it to put the thing into a group."""
        if (read := self._read_) is None:
            return
        self._close()
        made = read.structure
        with_groups = {each.category_id for each in made.groups}
        self.categories = [{"id": str(c.id), "name": c.name} for c in made.categories if c.id in with_groups]
        put(self, asking="add", start=f"{read.opened:%Y-%m}", end="")
        self._choose_category(self.categories[0]["id"] if self.categories else "")

    @event(Permission.GROUPS_WRITE)
    async def change(self, asking: str, id_: str) -> None:
        """Open it for one membership: other months, another group from a month, or its removal."""
        read = self._read_
        found = next((m for m in read.memberships if str(m.id) == str(id_)), None) if read else None
        if read is None or found is None or asking not in ("months", "move", "remove"):
            return
        self._close()
        self._membership = found
        actor = acting()
        put(
            self,
            asking=asking,
            called=shown(found.category, found.group),
            start=f"{found.start:%Y-%m}",
            end=f"{found.end:%Y-%m}" if found.end else "",
            history=found.start < actor.month,
        )
        if asking == "move":
            self.start = f"{max(found.start, actor.month if found.covers(actor.month) else found.start):%Y-%m}"
        self._choose_category(str(found.category_id))
        if asking == "remove":
            await self._foresee(actor)

    async def _foresee(self, actor: Actor) -> None:
        found = await asyncio.to_thread(membership_changes.preview, actor, self._changes())
        refused = found.outcomes[0].refused
        if isinstance(refused, Changed):
            self._take_over(actor, refused)
            return
        put(
            self,
            sight=sight_said(actor, found),
            fingerprint=found.fingerprint,
            problem=text(actor.language, refused.key, **refused.values) if refused else "",
        )

    def _take_over(self, actor: Actor, refused: Changed) -> None:
        """Tell what another has changed meanwhile. What is chosen stays, and the next press is about how it is now."""
        was, now = self._membership, refused.now
        assert was is not None
        assert isinstance(now, Spell)
        months = (("start", was.start, now.start), ("end", was.end, now.end))
        differences = [
            difference(
                label_key=f"grouping.field.{field}",
                **{
                    side if month else f"{side}_key": f"{month:%Y-%m}" if month else "pages.until_further"
                    for side, month in (("before", old), ("after", new))
                },
            )
            for field, old, new in months
            if old != new
        ]
        self._membership = replace(was, start=now.start, end=now.end, version=now.version)
        put(self, problem="", sight=[], fingerprint="")
        self._tell_changed(actor, refused, differences)

    @event()
    async def close(self, _open: bool) -> None:
        """Close it; nothing is done."""
        self._close()

    def _close(self) -> None:
        self._membership = None
        self._forget_changed()
        put(self, asking="", called="", category="", choices=[], group="", problem="", sight=[], fingerprint="")

    @event(Permission.GROUPS_WRITE)
    async def choose_category(self, category: str) -> None:
        """Offer the category's groups, and the months that are free in it."""
        self._forget()
        self._choose_category(str(category))

    @event(Permission.GROUPS_WRITE)
    async def choose_group(self, group: str) -> None:
        """Choose the group."""
        self._forget()
        self.group = str(group)

    @event(Permission.GROUPS_WRITE)
    async def choose_start(self, month: str) -> None:
        """Choose the first month, or the month of a move; the last must follow it."""
        self._forget()
        self.start = str(month)
        self._offer_ends()

    @event(Permission.GROUPS_WRITE)
    async def choose_end(self, month: str) -> None:
        """Choose the last month; empty: until further notice."""
        self._forget()
        self.end = str(month)

    def _forget(self) -> None:
        """What was foreseen was of other choices."""
        self._forget_changed()
        put(self, problem="", sight=[], fingerprint="")

    def _choose_category(self, category: str) -> None:
        if (read := self._read_) is None:
            return
        own, moving = self._membership, self.asking == "move"
        groups = [g for g in read.structure.groups if str(g.category_id) == category]
        groups = [g for g in groups if not (moving and own is not None and g.id == own.group_id)]
        put(
            self,
            category=category,
            choices=[{"id": str(g.id), "name": g.name} for g in groups],
            group=str(groups[0].id) if groups else "",
        )
        until = own.end if own is not None and own.end and moving else read.last
        free = list(self._free(read.opened, min(until, read.last)))
        self.starts = by_year(free)
        allowed = [f"{month:%Y-%m}" for month, off in free if not off]
        if self.start not in allowed and self.asking != "months":
            self.start = allowed[0] if allowed else ""
        self._offer_ends()

    def _free(self, first: date, last: date) -> Iterable[tuple[date, str]]:
        """The months, each with what takes it in the category."""
        read, own = self._read_, self._membership
        assert read is not None
        others = [
            m for m in read.memberships if str(m.category_id) == self.category and (own is None or m.id != own.id)
        ]
        for month in months_from_to(first, last):
            yield month, next((shown(m.category, m.group) for m in others if m.covers(month)), "")

    def _offer_ends(self) -> None:
        """Months from the first one until another group of the category begins; without an end when none does."""
        start, own = month_of(self.start), self._membership
        last = last_end(acting().month)
        if own is not None and own.end is not None:
            last = max(last, own.end)
        months = list(self._free(start, last)) if start is not None else []
        free = list(takewhile(lambda each: not each[1], months))
        put(self, ends=by_year(free), open_ended=len(free) == len(months))
        latest = f"{free[-1][0]:%Y-%m}" if free else ""
        if not self.open_ended and (not self.end or self.end > latest):
            self.end = latest
        elif self.end and self.end < self.start:
            self.end = ""

    def _changes(self) -> list[Change]:
        own, read = self._membership, self._read_
        group = whole(self.group)
        start, end = month_of(self.start), month_of(self.end)
        if own is None or read is None:
            assert read is not None
            return [Add(thing=Thing(read.kind, read.number), group=group, start=start, end=end)]
        known: dict[str, Any] = {"membership": own.id, "version": own.version}
        if self.asking == "remove":
            return [Remove(**known)]
        if self.asking == "move":
            return [Move(**known, group=group, month=start or own.start)]
        return [ChangeMonths(**known, start=start or own.start, end=end)]

    @event(Permission.GROUPS_WRITE)
    async def save(self, seen: str) -> Any:
        """Do what the dialog says. When somebody gains or loses sight of something by it, say so first (U5): `seen` is
        the fingerprint of what stood above the button that was pressed, so a double press doesn't go past it."""
        if self._read_ is None or not self.asking:
            return None
        actor, changes = acting(), self._changes()
        self._forget_changed()
        if not seen:
            await self._foresee(actor)
            if self.problem or self.sight or self.changed_by:
                return None
        try:
            await asyncio.to_thread(membership_changes.apply, actor, changes, str(seen) or self.fingerprint)
        except Refused as refused:
            problem = text(actor.language, refused.key, **refused.values)
            if isinstance(refused, Stale):
                await self._foresee(actor)
            self.problem = self.problem or ("" if self.changed_by else problem)
            return None
        asked = self.asking
        self._close()
        (await self.get_state(FrameState))._say(f"grouping.done.membership.{asked}")
        return ThingsGroupsState.load


def _row(each: ThingsMembership, months: tuple[date, ...]) -> dict[str, str]:
    return {
        "id": str(each.id),
        "name": shown(each.category, each.group),
        "href": f"/groups/{each.group_id}",
        "from": f"{each.start:%Y-%m}",
        "to": f"{each.end:%Y-%m}" if each.end else "",
        "state": each.state,
        **span_in(months, each.start, each.end),
    }
