"""The machinery of pages about one thing: its facts, and tabs with what belongs to it.

The address names the thing (last part of its path) and the open tab (`?tab=`), so that reload, back and a shared link
are one path. A page's own state is two methods over this.
"""

from __future__ import annotations

import asyncio
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import quote, unquote, urlencode

import reflex as rx

from selfcare_app.services.access import Actor, Refused
from selfcare_app.services.memberships import IN_FORCE, Membership
from selfcare_app.specs.lists import CUSTOMER_NUMBERS, INVOICES, LISTS
from selfcare_app.specs.permissions import Permission
from selfcare_app.state.filling import Filled, put
from selfcare_app.state.frame import enter
from selfcare_app.state.gate import event
from selfcare_app.state.shown import grouped

FACTS_STAND = timedelta(seconds=10)
"""How long facts may stand while one moves about on the same page: typing in a list asks for the list alone."""


_ELSEWHERE = frozenset({"sign_in", "list", "portal"})
"""Kinds of changes that no page about one thing shows."""


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What a page about one thing shows."""

    facts: Mapping[str, str]
    """Texts by the names the page gives them; empty: there is none."""
    tabs: Mapping[str, int | None] = field(default_factory=dict)
    """The tabs the reader may open, in order, with how much is in each; None: that can't be counted."""
    leads: Mapping[str, str] = field(default_factory=dict)
    """Addresses that the page's actions lead to, by key of lists.actions; those that aren't there for the reader are
    left out."""
    more: Mapping[str, Any] = field(default_factory=dict)
    """Values of the page's own vars."""


@dataclass(frozen=True)
class _Kept:
    """What was shown, when and to whom."""

    path: str
    query: str
    rights: tuple[object, ...]
    at: datetime
    tabs: Mapping[str, int | None]

    def stands(self, actor: Actor, path: str, query: str) -> bool:
        """Whether it may stand: somebody types in a list below, or turns to another tab of the same page. The same
        address asked for again is asked for anew."""
        fresh = timedelta() <= actor.at - self.at < FACTS_STAND
        return fresh and (path, _rights(actor)) == (self.path, self.rights) and query != self.query


def _rights(actor: Actor) -> tuple[object, ...]:
    return (actor.user_id, actor.access_all, actor.permissions, actor.today)


class DetailState(Filled, rx.State, mixin=True):
    """Vars and handlers of a page about one thing. A subclass has `_read` and `_shown`."""

    found: bool = False
    at: str = ""
    """The path it was filled for: facts of the thing looked at before never stand under another's address."""
    facts: dict[str, str] = {}
    tab: str = ""
    tabs: list[str] = []
    tab_counts: dict[str, str] = {}
    tab_hrefs: dict[str, str] = {}
    leads: dict[str, str] = {}

    _kept: _Kept | None = None

    def _read(self, actor: Actor, asked: str) -> Any:
        """Ask the service for the thing; runs in a thread."""
        raise NotImplementedError

    def _shown(self, actor: Actor, read: Any) -> Shown:
        """What the page shows of it."""
        raise NotImplementedError

    @event()
    async def load(self) -> None:
        """Show what the address names; unknown, foreign and not permitted alike give the page that says so."""
        actor = await enter(self)
        path, query = self.router.url.path.rstrip("/"), self.router.url.query
        kept, self._kept = self._kept, None
        with self._filling():
            if kept is not None and kept.stands(actor, path, query):
                self._show_tabs(path, kept.tabs)
                self._kept = replace(kept, query=query)
                return
            try:
                read = await asyncio.to_thread(self._read, actor, unquote(path.rpartition("/")[2]))
            except Refused:
                self.reset()
                self.at = path
                return
            shown = self._shown(actor, read)
            self._show_tabs(path, shown.tabs)
            put(self, found=True, at=path, facts=dict(shown.facts), leads=dict(shown.leads), **shown.more)
            self._kept = _Kept(path, query, _rights(actor), actor.at, shown.tabs)

    @event()
    async def freshen(self, kinds: list[str]) -> Any:
        """Somebody has changed something: what is shown is read anew, and only what differs is sent."""
        self._kept = None
        return type(self).load if self.loaded and isinstance(kinds, list) and set(kinds) - _ELSEWHERE else None

    def _show_tabs(self, path: str, tabs: Mapping[str, int | None]) -> None:
        first = next(iter(tabs), "")
        asked = str(self.router.url.query_parameters.get("tab", ""))
        put(
            self,
            tabs=list(tabs),
            tab=asked if asked in tabs else first,
            tab_counts={key: "" if count is None else grouped(count) for key, count in tabs.items()},
            tab_hrefs={key: path if key == first else f"{path}?tab={key}" for key in tabs},
        )


# --- facts that several things have


def span_facts(opened: date, ended: date | None, status: str) -> dict[str, str]:
    """Since when it is in use, and until when: `ends` while that is to come, `ended` afterwards."""
    end = ended.isoformat() if ended else ""
    over = status == "inactive"
    return {"opened": opened.isoformat(), "ends": "" if over else end, "ended": end if over else ""}


def customer_number_facts(number: str, name: str) -> dict[str, str]:
    """The customer number it is on; nothing for those who don't see that (U5)."""
    return {"customer_number": f"{number} {name}".strip(), "customer_number_href": _page(number) if number else ""}


def _page(customer_number: str) -> str:
    return CUSTOMER_NUMBERS.page.format(number=quote(customer_number, safe=""))


def list_leads(actor: Actor, customer_number: str, lists: Container[str]) -> dict[str, str]:
    """Where one sees what belongs to the customer number in lists of their own, of the lists with these keys."""
    return {
        action.key: f"{LISTS[action.filters[0]].route}?{urlencode({action.filters[1]: customer_number})}"
        for action in CUSTOMER_NUMBERS.actions
        if action.filters and action.filters[0] in lists and customer_number and actor.may(action.permission)
    }


def customer_number_leads(actor: Actor, customer_number: str) -> dict[str, str]:
    """From something on a customer number to that, and to its invoices."""
    if not customer_number:
        return {}
    return {"show_customer_number": _page(customer_number), **list_leads(actor, customer_number, {INVOICES.key})}


def group_facts(groups: Sequence[Membership]) -> dict[str, str]:
    """Whether it is in any group this month."""
    return {"groups": "1" if any(each.state == IN_FORCE for each in groups) else ""}


def groups_tab(actor: Actor, groups: Sequence[Membership]) -> dict[str, int]:
    """The tab of its groups, for those who may read them."""
    return {"groups": len(groups)} if actor.may(Permission.GROUPS_READ) else {}


def membership_rows(groups: Sequence[Membership]) -> list[dict[str, str]]:
    """Memberships as the page draws them."""
    return [
        {
            "name": each.name,
            "by": "customer_number" if each.inherited else "own",
            "from": each.start.strftime("%Y-%m"),
            "to": each.end.strftime("%Y-%m") if each.end else "",
            "state": each.state,
        }
        for each in groups
    ]
