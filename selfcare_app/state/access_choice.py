"""Choosing what somebody may see: everything, nothing, or customer numbers, subscriptions and groups (U5).

A mixin: the wizard and a user's page draw the same choice. Objects are searched for where they are many: one page of
hits at a time, of what the actor sees. What is chosen here is only a wish; the service decides.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import reflex as rx

from selfcare_app.services import listing, users
from selfcare_app.services.access import Actor
from selfcare_app.services.grants import Access
from selfcare_app.services.users import KINDS_GIVEN
from selfcare_app.specs.lists import CUSTOMER_NUMBERS, SUBSCRIPTIONS
from selfcare_app.specs.permissions import Permission
from selfcare_app.specs.queries import MAX_SEARCH, parse
from selfcare_app.specs.text import search_key
from selfcare_app.state.filling import put
from selfcare_app.state.gate import acting, event
from selfcare_app.state.pressed import Pressed
from selfcare_app.state.shown import grouped

ALL, SOME, NONE = "all", "some", "none"
READS = {
    "customer_numbers": Permission.CUSTOMER_NUMBERS_READ,
    "subscriptions": Permission.SUBSCRIPTIONS_READ,
    "groups": Permission.GROUPS_READ,
}
CHIPS_SHOWN = 60
"""So many of what is chosen are named; all of it is ticked among the hits."""
MOST_CHOSEN = 2_000
"""Objects that may be named one by one: whoever is given more is better given a group, or everything."""
Hit = dict[str, str]


class AccessChoice(Pressed, rx.State, mixin=True):
    """Vars and handlers of the choice."""

    access: str = ""
    """all, some, none; empty: nothing has been chosen yet."""
    all_locked: bool = False
    """Whether all access can neither be given nor taken away: the actor lacks it."""
    way_locked: bool = False
    """Whether nothing of it can be changed: somebody has all access, and the actor lacks it."""
    kinds: list[str] = []
    """What the actor may search among."""
    kind: str = ""
    """What is searched among."""
    hits: list[Hit] = []
    """One page of what was found: key, name, chosen."""
    hits_total: str = ""
    hits_page: int = 1
    hits_pages: int = 1
    hits_for: str = ""
    """What was searched for."""
    chips: list[Hit] = []
    """What is chosen, as far as it is named: kind, key, name."""
    chosen_count: int = 0
    chosen_text: str = ""
    unnamed: str = ""
    """How many chosen ones are not among the chips."""
    beyond: str = ""
    """How many objects somebody has that the actor can't see: these stay."""
    choice_full: bool = False

    _objects: dict[str, dict[str, str]] = {}
    """All that is chosen: by kind, names by key."""

    def _offer_access(self, actor: Actor, *, everything: bool = False) -> None:
        """Say what the actor may choose from. `everything`: what somebody has now."""
        kinds = [kind for kind in KINDS_GIVEN if actor.may(READS[kind])]
        put(
            self,
            all_locked=not actor.access_all,
            way_locked=everything and not actor.access_all,
            kinds=kinds,
            kind=self.kind if self.kind in kinds else next(iter(kinds), ""),
        )

    def _choose_objects(self, objects: Mapping[str, Mapping[str, str]]) -> None:
        """What is chosen from now on."""
        self._objects = {kind: dict(objects.get(kind, {})) for kind in KINDS_GIVEN}
        chips = [
            {"kind": kind, "key": key, "name": name}
            for kind, each in self._objects.items()
            for key, name in each.items()
        ]
        left = len(chips) - CHIPS_SHOWN
        put(
            self,
            chips=chips[:CHIPS_SHOWN],
            chosen_count=len(chips),
            chosen_text=grouped(len(chips)),
            unnamed=grouped(left) if left > 0 else "",
            choice_full=len(chips) >= MOST_CHOSEN,
            hits=[{**hit, "chosen": self._is_chosen(self.kind, hit["key"])} for hit in self.hits],
        )

    def _is_chosen(self, kind: str, key: str) -> str:
        return "1" if key in self._objects.get(kind, {}) else ""

    def _chosen_access(self) -> Access:
        """The wish, as the service takes it."""
        if self.access != SOME:
            return Access(everything=self.access == ALL)
        chosen = self._objects
        return Access(
            customer_numbers=frozenset(chosen.get("customer_numbers", ())),
            subscriptions=frozenset(chosen.get("subscriptions", ())),
            groups=frozenset(int(key) for key in chosen.get("groups", ())),
        )

    async def _search(self, actor: Actor, search: str = "", page: int = 1) -> None:
        """Fill one page of hits."""
        kind = self.kind
        if not kind:
            return
        named, total, page, pages = await asyncio.to_thread(_found, actor, kind, search, page)
        put(
            self,
            hits=[{"key": key, "name": name, "chosen": self._is_chosen(kind, key)} for key, name in named],
            hits_total=grouped(total),
            hits_page=page,
            hits_pages=pages,
            hits_for=search,
        )

    @event(Permission.MANAGE_USERS)
    async def choose_access(self, access: str, press: int) -> None:
        """All, some or none."""
        if access in (ALL, SOME, NONE) and not self.way_locked and not (self.all_locked and access == ALL):
            self.access = access
            if access == SOME and not self.hits:
                await self._search(acting())
        self._answer(press)

    @event(Permission.MANAGE_USERS)
    async def choose_kind(self, kind: str) -> None:
        """Search among customer numbers, subscriptions or groups."""
        if kind in self.kinds and kind != self.kind:
            self.kind = kind
            await self._search(acting())

    @event(Permission.MANAGE_USERS)
    async def search_objects(self, search: str) -> None:
        """Search among them."""
        await self._search(acting(), str(search)[:MAX_SEARCH].strip())

    @event(Permission.MANAGE_USERS)
    async def turn_hits(self, page: int) -> None:
        """Another page of what was found."""
        asked = str(page)
        await self._search(acting(), self.hits_for, int(asked) if asked.isdecimal() and len(asked) < 7 else 1)

    @event(Permission.MANAGE_USERS)
    async def set_object(self, key: str, chosen: bool, press: int) -> None:
        """Choose one of the hits, or no longer."""
        hit = next((each for each in self.hits if each["key"] == str(key)), None)
        of_kind = dict(self._objects.get(self.kind, {}))
        if hit is not None and chosen is not True:
            of_kind.pop(hit["key"], None)
        elif hit is not None and not self.choice_full:
            of_kind[hit["key"]] = hit["name"]
        self._choose_objects({**self._objects, self.kind: of_kind})
        self._answer(press)

    @event(Permission.MANAGE_USERS)
    async def drop_object(self, kind: str, key: str) -> None:
        """Take something chosen away."""
        of_kind = {each: name for each, name in self._objects.get(str(kind), {}).items() if each != str(key)}
        if str(kind) in KINDS_GIVEN:
            self._choose_objects({**self._objects, str(kind): of_kind})


def _found(actor: Actor, kind: str, search: str, page: int) -> tuple[list[tuple[str, str]], int, int, int]:
    """One page of what the actor may give, of a kind: key and name of each; how many there are; which page of how
    many. A group is one of fifty at most: they stand on one page."""
    if kind == "groups":
        words = search_key(search).split()
        groups = users.groups_to_give(actor).items()
        named = [(key, name) for key, name in groups if all(word in search_key(name) for word in words)]
        return named, len(named), 1, 1
    spec = CUSTOMER_NUMBERS if kind == "customer_numbers" else SUBSCRIPTIONS
    found = listing.page(actor, spec, parse(spec, {"q": search, "page": str(page)}))
    shown = ("number", "name") if spec is CUSTOMER_NUMBERS else ("subscription", "person")
    named = [(row.number, " ".join(str(row.values[each] or "") for each in shown).strip()) for row in found.rows]
    return named, found.total, found.query.page, found.pages
