"""Open tabs, and how they hear that something has changed (L6).

The gate notes every tab that passes it. News of anything in its company, or of its own user or sign-in, becomes one
event for the tab, `FrameState.hear`, with the kinds of what changed: it passes the gate as every event does, so a tab
whose session has ended is sent away by it, and whatever is shown anew is read under rights of the tab's own.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import logging
import threading
import time
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import reflex as rx
from reflex_base.event import Event

from selfcare_app.models import AuditEntry, Table
from selfcare_app.services import live
from selfcare_app.services.access import Actor
from selfcare_app.services.live import News
from selfcare_app.specs.lists import ListSpec

SOON = 0.25
"""Seconds that news waits for more, so that what belongs together is one event."""
PAUSE = 0.75
"""Seconds from one event to a tab to the next: while others write all the time, it reads no more often."""
ME = "me"
"""Stands among the kinds when the news is about the user who looks: their rights or access."""
GROUPS = frozenset({"group", "group_category", "group_membership"})
MOST_GONE = 64
"""Tabs that are kept at least before anybody looks which of them are gone."""
_KNOWN = frozenset(Table.metadata.tables) | {"list", "portal", "usage"}
_ALSO: Mapping[str, frozenset[str]] = {"invoice": frozenset({"payment"}), "user": frozenset({"sign_in"})}
"""What else a table's rows show something of, beside the tables they are joined with."""

logger = logging.getLogger(__name__)


def concerns(spec: ListSpec, kinds: Collection[str]) -> bool:
    """Whether a list shows something of any of the kinds. A kind nobody has heard of concerns every list; whatever
    is written concerns the log."""
    if spec.model is AuditEntry:
        return True
    shown = {model.__tablename__ for model in (spec.model, *(model for model, _ in spec.joins))}
    shown = {str(each) for each in shown}.union(*(_ALSO.get(str(each), frozenset()) for each in shown))
    if spec.groups is not None:
        shown |= GROUPS
    return any(kind in shown or kind not in _KNOWN for kind in kinds)


def moves_access(actor: Actor, kinds: Collection[str]) -> bool:
    """Whether the actor may see other things than before: their grants have changed, or groups that they have access
    by (U5)."""
    return ME in kinds or (not actor.access_all and any(kind.startswith("group") for kind in kinds))


# --- What pages do about it


@dataclass(frozen=True)
class _Answers:
    rights: Sequence[Any]
    news: Sequence[Any]


_pages: dict[str, _Answers] = {}


def declare(route: str, rights: Any, news: Any) -> None:
    """What a page does when the reader's rights have changed, and when something of certain kinds has: event handlers,
    the latter with the kinds as their argument."""
    _pages[_plain(route)] = _Answers(*(_several(each) for each in (rights, news)))


def answers(route: str, kinds: list[str], *, anew: bool) -> list[Any]:
    """The events that show the page as it is by now: all of it, under the rights of now, when `anew`."""
    found = _pages.get(_plain(route))
    if found is None:
        return []
    return list(found.rights) if anew else [handler(kinds) for handler in found.news]


def _several(handlers: Any) -> Sequence[Any]:
    if handlers is None:
        return ()
    return handlers if isinstance(handlers, list | tuple) else (handlers,)


def _plain(route: str) -> str:
    return "" if route.strip("/") == "index" else route.strip("/")


# --- The tabs of this process


@dataclass(slots=True)
class _Tab:
    """A tab as it last passed the gate."""

    company_id: int | None
    user_id: int | None
    sign_in_id: int | None
    route: dict[str, Any]
    """What the tab says of itself with each event; shared with its state."""
    kinds: set[str] = field(default_factory=set)
    """What has changed and was not told yet."""
    called: bool = False
    told_at: float = 0.0

    def of(self, news: News) -> set[str]:
        """The kinds that the news means to this tab; none when it is no business of it. What reaches a tab also has
        its session looked up anew, whatever the kind."""
        if news.kind == "sign_in" and news.id == self.sign_in_id:
            return {news.kind}
        same = news.company_id is not None and news.company_id == self.company_id
        # Staff see all companies, and what belongs to none is seen by all; but who signs in elsewhere is nobody's
        # business.
        if not same and (news.kind == "sign_in" or None not in (news.company_id, self.company_id)):
            return set()
        mine = news.kind == "user" and news.id in (None, self.user_id)
        return {news.kind, ME} if mine else {news.kind}


class Hall:
    """The open tabs of this process."""

    def __init__(self) -> None:
        self._tabs: dict[str, _Tab] = {}
        self._app: rx.App | None = None
        self._look_at = MOST_GONE

    def enter(self, token: str, actor: Actor, route: dict[str, Any]) -> None:
        """Note a tab that passes the gate, as whoever it is now."""
        tab = self._tabs.get(token)
        if tab is None:
            if len(self._tabs) >= self._look_at:
                self._forget_gone()
            self._tabs[token] = _Tab(actor.company_id, actor.user_id, actor.sign_in_id, route)
        else:
            tab.company_id, tab.user_id, tab.sign_in_id = actor.company_id, actor.user_id, actor.sign_in_id
            tab.route = route

    def leave(self, token: str) -> None:
        """Forget a tab that the gate has turned away."""
        self._tabs.pop(token, None)

    @contextlib.asynccontextmanager
    async def open(self, app: rx.App) -> AsyncIterator[None]:
        """Listen for as long as the app lives."""
        self._app = app
        loop, stop = asyncio.get_running_loop(), threading.Event()
        # News comes from threads that run an event: what is made of it must not belong to that event.
        context = contextvars.copy_context()

        def heard(news: frozenset[News]) -> None:
            if self._tabs:
                with contextlib.suppress(RuntimeError):  # the loop has ended
                    loop.call_soon_threadsafe(self.hear, news, context=context)

        silence = live.listen(heard)
        ears = asyncio.create_task(asyncio.to_thread(live.run, stop))
        try:
            yield
        finally:
            silence()
            stop.set()
            await ears

    def hear(self, news: frozenset[News]) -> None:
        """Call the tabs that the news is the business of, each once for all that comes within a moment."""
        for token, tab in self._tabs.items():
            tab.kinds.update(*(tab.of(each) for each in news))
            if tab.kinds and not tab.called:
                tab.called = True
                wait = max(SOON, tab.told_at + PAUSE - time.monotonic())
                asyncio.get_running_loop().call_later(wait, self._call, token)

    def _call(self, token: str) -> None:
        tab = self._tabs.get(token)
        if tab is None:
            return
        if not self._connected(token):
            del self._tabs[token]
            return
        kinds, tab.kinds = sorted(tab.kinds), set()
        tab.called, tab.told_at = False, time.monotonic()
        task = asyncio.get_running_loop().create_task(self._tell(token, tab.route, kinds))
        _running.add(task)
        task.add_done_callback(_running.discard)

    async def _tell(self, token: str, route: dict[str, Any], kinds: list[str]) -> None:
        from selfcare_app.state.frame import FrameState

        (event,) = Event.from_event_type(FrameState.hear(kinds), router_data=route)
        assert self._app is not None
        try:
            await self._app.event_processor.enqueue(token, event)
        except RuntimeError:  # the app is going down
            logger.info("A tab could not be told of changes")

    def _forget_gone(self) -> None:
        self._tabs = {token: tab for token, tab in self._tabs.items() if self._connected(token)}
        self._look_at = max(MOST_GONE, 2 * len(self._tabs))

    def _connected(self, token: str) -> bool:
        namespace = self._app.event_namespace if self._app is not None else None
        return namespace is not None and token in namespace._token_manager.token_to_socket


_running: set[asyncio.Task[None]] = set()
"""Kept until they are done: a loop holds its tasks weakly."""
HALL = Hall()
