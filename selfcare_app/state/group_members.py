"""The dialogs over /groups/[id]: putting things into the group, and ending, moving or removing those in it (R2-R4).

What is added is searched for, one page of hits at a time, of what the actor sees; what is changed are rows chosen in
the list of members. Either way what would become of each is shown before it is done.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import reflex as rx

from selfcare_app.locales import text
from selfcare_app.services import group_pages, listing
from selfcare_app.services.access import Actor
from selfcare_app.services.membership_changes import Add, Change, End, Move, Remove, Thing
from selfcare_app.specs.groups import MONTHS_AHEAD
from selfcare_app.specs.lists import CUSTOMER_NUMBERS, SUBSCRIPTIONS, ListSpec
from selfcare_app.specs.lists.groups import END_MEMBER, MOVE_MEMBER, REMOVE_MEMBER
from selfcare_app.specs.months import months_later
from selfcare_app.specs.permissions import Permission
from selfcare_app.specs.queries import MAX_CHOSEN, MAX_SEARCH, month_of, parse
from selfcare_app.state.filling import put
from selfcare_app.state.foreseen import Foreseen
from selfcare_app.state.frame import FrameState
from selfcare_app.state.gate import acting, event
from selfcare_app.state.group import GroupState
from selfcare_app.state.months import Months, free, last_end
from selfcare_app.state.numbers import whole
from selfcare_app.state.pressed import Pressed
from selfcare_app.state.related import RelatedState
from selfcare_app.state.shown import grouped

ADD = "add_member"
ASKED = (ADD, MOVE_MEMBER, END_MEMBER, REMOVE_MEMBER)
PICKED_FROM: dict[str, ListSpec] = {spec.key: spec for spec in (CUSTOMER_NUMBERS, SUBSCRIPTIONS)}
CHIPS_SHOWN = 40
"""So many of what is picked are named; all of it is ticked among the hits."""


class GroupMembersState(Foreseen, Pressed, rx.State):
    """The dialog."""

    asking: str = ""
    """One of ASKED; empty: closed."""
    count: int = 0
    """How many are picked, or chosen in the list."""
    called: str = ""
    """The one that is chosen, by name."""
    kinds: list[str] = []
    kind: str = ""
    """What is searched among."""
    hits: list[dict[str, str]] = []
    hits_text: str = ""
    hits_total: int = 0
    hits_shown: int = 0
    picked: list[dict[str, str]] = []
    """As far as they are named."""
    unnamed: int = 0
    starts: Months = {}
    ends: Months = {}
    groups: list[dict[str, str]] = []
    """The other groups of the category."""
    group: str = ""
    start: str = ""
    end: str = ""
    moving: bool = False

    _sought: str = ""
    """What is typed: it stays when the kind changes."""
    _things: dict[Thing, str] = {}
    """What is picked, with what it is called."""
    _ids: tuple[int, ...] = ()
    """The memberships that are chosen."""

    # --- opening

    @event(Permission.GROUPS_WRITE)
    async def add(self) -> None:
        """Open it to put things into the group."""
        actor = acting()
        self.reset()
        kinds = [key for key, spec in PICKED_FROM.items() if listing.opens(actor, spec)]
        first = await asyncio.to_thread(group_pages.first_month, actor)
        starts, ends = free(first, months_later(actor.month, MONTHS_AHEAD)), free(first, last_end(actor.month))
        put(self, asking=ADD, kinds=kinds, kind=next(iter(kinds), ""), starts=starts, ends=ends)
        await self._search(actor, "")

    @event(Permission.GROUPS_WRITE)
    async def ask(self, doing: str, membership: str) -> None:
        """Open it for a membership by its id; without one, for those chosen in the list."""
        if doing not in (MOVE_MEMBER, END_MEMBER, REMOVE_MEMBER):
            return
        actor, one, listed = acting(), whole(membership), await self.get_state(RelatedState)
        ids = (one,) if one else tuple(listed._chosen)
        row = next((each for each in listed.rows if each["id"] == str(one)), None)
        self.reset()
        if not ids:
            return
        self._ids = ids
        put(self, count=len(ids), called=row["member"] if row else "", start=f"{actor.month:%Y-%m}")
        if doing == END_MEMBER:
            # What ended last month stays in the reports of it: the month before the present one may be the last.
            put(self, ends=free(months_later(actor.month, -1), last_end(actor.month)), end=self.start)
        if doing == MOVE_MEMBER:
            self.starts = free(actor.month, months_later(actor.month, MONTHS_AHEAD))
            made = await asyncio.to_thread(group_pages.structure, actor)
            here = await self._group()
            own = next((each for each in made.groups if each.id == here), None)
            others = [each for each in made.groups if own and each.category_id == own.category_id and each.id != here]
            self.groups = [{"id": str(each.id), "name": each.name} for each in others]
            self.group = self.groups[0]["id"] if self.groups else ""
        self.asking = doing
        if doing == REMOVE_MEMBER:
            await self._foresee(actor, await self._changes())

    async def _group(self) -> int:
        """The group whose page it is."""
        return whole((await self.get_state(GroupState)).facts.get("id", ""))

    @event()
    async def turn(self, is_open: bool) -> None:
        """Close it; nothing is done."""
        if not is_open:
            self.reset()

    # --- picking

    @event(Permission.GROUPS_WRITE)
    async def choose_kind(self, kind: str) -> None:
        """Search among customer numbers or subscriptions."""
        if kind in self.kinds and kind != self.kind:
            self.kind = kind
            await self._search(acting(), self._sought)

    @event(Permission.GROUPS_WRITE)
    async def search(self, search: str) -> None:
        """Search among them."""
        await self._search(acting(), str(search)[:MAX_SEARCH].strip())

    async def _search(self, actor: Actor, search: str) -> None:
        self._sought = search
        if not self.kind:
            return
        spec = PICKED_FROM[self.kind]
        found = await asyncio.to_thread(listing.page, actor, spec, parse(spec, {"q": search}))
        name, who = ("number", "name") if spec is CUSTOMER_NUMBERS else ("subscription", "person")
        hits = [
            {"number": row.number, "name": f"{row.values[name]} {row.values[who] or ''}".strip()} for row in found.rows
        ]
        put(self, hits=hits, hits_total=found.total, hits_text=grouped(found.total), hits_shown=len(hits))
        self._show_picked()

    @event(Permission.GROUPS_WRITE)
    async def pick(self, number: str, picked: bool, press: int) -> None:
        """Pick one of the hits, or no longer."""
        hit = next((each for each in self.hits if each["number"] == str(number)), None)
        if hit is not None:
            self._pick(Thing(self.kind, hit["number"]), hit["name"], picked is True)
        self._answer(press)

    @event(Permission.GROUPS_WRITE)
    async def drop(self, kind: str, number: str) -> None:
        """Take one away again."""
        thing = Thing(str(kind), str(number))
        if thing in self._things:
            self._pick(thing, "", False)

    def _pick(self, thing: Thing, name: str, picked: bool) -> None:
        things = {each: called for each, called in self._things.items() if each != thing}
        if picked and len(things) < MAX_CHOSEN:
            things[thing] = name
        self._things = things
        self._show_picked()

    def _show_picked(self) -> None:
        picked = [{"kind": of.kind, "number": of.number, "name": name} for of, name in self._things.items()]
        put(
            self,
            count=len(picked),
            picked=picked[:CHIPS_SHOWN],
            unnamed=max(len(picked) - CHIPS_SHOWN, 0),
            hits=[
                {**hit, "picked": "1" if Thing(self.kind, hit["number"]) in self._things else ""} for hit in self.hits
            ],
            problem="",
        )

    # --- what would become of each, and doing it

    @event(Permission.GROUPS_WRITE)
    async def preview(self, typed: dict[str, Any]) -> None:
        """Show what would become of each; nothing is changed."""
        actor = acting()
        put(
            self,
            group=str(typed.get("group", "")),
            start=str(typed.get("start", "")),
            end=str(typed.get("end", "")),
            moving=bool(typed.get("moving")),
        )
        if self.asking == ADD and not self._things:
            self.problem = text(actor.language, "grouping.members.nothing_picked")
            return
        await self._foresee(actor, await self._changes())

    async def _changes(self) -> Sequence[Change]:
        start, end = month_of(self.start), month_of(self.end)
        match self.asking:
            case "add_member":
                group = await self._group()
                return [Add(thing=of, group=group, start=start, end=end, moving=self.moving) for of in self._things]
            case "move_member" if start is not None:
                return [Move(membership=id_, group=whole(self.group), month=start) for id_ in self._ids]
            case "end_member" if end is not None:
                return [End(membership=id_, month=end) for id_ in self._ids]
            case "remove_member":
                return [Remove(membership=id_) for id_ in self._ids]
        return []

    @event(Permission.GROUPS_WRITE)
    async def again(self) -> None:
        """Back to the choice."""
        self._forget()

    @event(Permission.GROUPS_WRITE)
    async def apply(self, seen: str) -> Any:
        """Do what was shown, without those that were refused."""
        if not self.asking or not self.outcomes:
            # Pressed twice: it has been done.
            return None
        count = await self._carry_out(acting(), await self._changes(), seen)
        if count is None:
            return None
        (await self.get_state(FrameState))._say(f"grouping.members.done.{self.asking}", n=grouped(count))
        self.reset()
        await (await self.get_state(RelatedState))._choose({})
        return [GroupState.load, RelatedState.load, GroupState.draw_members]
