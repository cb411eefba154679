"""The tab of a user's page with what they see: lists as far as the manager sees them, why an object shows (U5)."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import urlencode

import reflex as rx

from selfcare_app.services import insight
from selfcare_app.services.access import Actor, NotFound
from selfcare_app.services.insight import Explanation, Grant, Preview
from selfcare_app.specs.lists import LISTS
from selfcare_app.specs.permissions import Permission
from selfcare_app.state.filling import Filled, put
from selfcare_app.state.frame import enter
from selfcare_app.state.gate import acting, event
from selfcare_app.state.rows import page_of
from selfcare_app.state.shown import grouped
from selfcare_app.state.user import user_at

TAB = "sees"
MOST_TYPED = 200


class UserSeesState(Filled, rx.State):
    """/users/[id]?tab=sees&object=subscriptions:720119."""

    lists: list[dict[str, str]] = []
    search: str = ""
    searched: bool = False
    found: list[dict[str, str]] = []
    asked: dict[str, str] = {}
    """The object that is asked about: kind, name, href; empty: none."""
    answer: str = ""
    """seen, unseen, unpermitted or missing; empty: nothing was asked."""
    grants: list[dict[str, str]] = []

    @event(Permission.MANAGE_USERS)
    async def load(self) -> None:
        """Show what the user sees, when that tab is open, and why they see the object that the address names."""
        actor = await enter(self)
        parameters = self.router.url.query_parameters
        self.reset()
        if str(parameters.get("tab", "")) != TAB:
            return
        with self._filling():
            try:
                read = await asyncio.to_thread(insight.preview, actor, user_at(self.router.url.path))
            except NotFound:
                # The page itself says that there is no such user.
                return
            put(self, lists=[_list(each) for each in read])
            await self._explain(actor, str(parameters.get("object", ""))[:MOST_TYPED])

    async def _explain(self, actor: Actor, said: str) -> None:
        kind, _, number = said.partition(":")
        if not number:
            return
        try:
            read = await asyncio.to_thread(insight.explain, actor, user_at(self.router.url.path), kind, number)
        except NotFound:
            put(self, answer="missing", asked={}, grants=[])
            return
        put(
            self,
            answer="seen" if read.seen else "unseen" if read.permitted else "unpermitted",
            asked=_asked(read),
            grants=[_grant(each) for each in read.grants],
        )

    @event(Permission.MANAGE_USERS)
    async def look_for(self, search: str) -> None:
        """Offer the objects that match what is typed."""
        search = str(search)[:MOST_TYPED].strip()
        found = await asyncio.to_thread(insight.find, acting(), search)
        path = self.router.url.path
        put(
            self,
            search=search,
            searched=bool(search),
            found=[
                {
                    "kind": each.kind,
                    "name": each.name,
                    "href": f"{path}?{urlencode({'tab': TAB, 'object': f'{each.kind}:{each.number}'})}",
                }
                for each in found
            ],
        )


def _list(each: Preview) -> dict[str, str]:
    return {
        "key": each.key,
        "permitted": "1" if each.permitted else "",
        "count": grouped(each.count),
        "of": grouped(each.of),
        "first": ", ".join(name for _, name in each.first) + (" …" if each.count > len(each.first) else ""),
    }


def _asked(read: Explanation) -> dict[str, str]:
    return {"kind": read.kind, "name": read.name, "href": page_of(LISTS[read.kind], read.number)}


def _grant(each: Grant) -> dict[str, Any]:
    return {
        "reason": each.reason.value,
        "name": each.name,
        "since": f"{each.since:%Y-%m}" if each.since else "",
        "until": f"{each.until:%Y-%m}" if each.until else "",
        "inherited": "1" if each.inherited else "",
    }
