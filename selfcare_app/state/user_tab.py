"""The machinery of the tabs of a user's page on which something is changed: every edit names the version it was made
on, and whoever is slower than another manager is shown what that one changed (house.md)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import reflex as rx

from selfcare_app.locales import text
from selfcare_app.services.access import Actor, PasswordNeeded, Refused
from selfcare_app.services.changed import Changed
from selfcare_app.specs.permissions import Permission
from selfcare_app.state.filling import put
from selfcare_app.state.frame import FrameState
from selfcare_app.state.gate import acting, event
from selfcare_app.state.meanwhile import Change, Meanwhile
from selfcare_app.state.user import UserState


class UserTabState(Meanwhile, rx.State, mixin=True):
    """Vars of a tab. A subclass has `_key`, `_fill` and `_differences`, and saves with `_save`."""

    version: int = 0
    """What was read; an edit is made on it."""
    filled_for: int = 0
    """Whose values these are; 0: nobody's yet."""
    problem: str = ""
    password_needed: bool = False

    def _key(self) -> str:
        """The tab's key."""
        raise NotImplementedError

    def _read(self, actor: Actor, user_id: int) -> Any:
        """Ask the service; runs in a thread. What it gives has a `version`."""
        raise NotImplementedError

    def _fill(self, actor: Actor, read: Any) -> None:
        """Show what was read, ready to be changed."""
        raise NotImplementedError

    def _differences(self, actor: Actor, read: Any) -> list[Change]:
        """What another changed between what was filled and what was read now; that is what an edit starts from
        afterwards, while the wish stays."""
        raise NotImplementedError

    @event()
    async def load(self) -> None:
        """Fill the tab when it is the open one."""
        await self._load_tab()

    @event()
    async def redraw(self) -> None:
        """Show the tab to a reader who has other rights now: what is offered follows them, and what is typed or chosen
        stays where they may still see all of it."""
        page, actor = await self.get_state(UserState), acting()
        open_now = page.found and page.tab == self._key() and page.user_id == self.filled_for
        if not open_now or not await self._offer(actor):
            await self._load_tab()

    async def _offer(self, actor: Actor) -> bool:
        """Offer what the actor may do by now; False: it is to be filled anew."""
        return True

    async def _load_tab(self) -> None:
        page = await self.get_state(UserState)
        if page.found and page.tab == self._key():
            await self._begin(acting(), page.user_id)

    async def _begin(self, actor: Actor, user_id: int) -> None:
        put(self, problem="", password_needed=False)
        self._forget_changed()
        try:
            read = await asyncio.to_thread(self._read, actor, user_id)
        except Refused as refused:
            self.problem = text(actor.language, refused.key, **refused.values)
            return
        self._fill(actor, read)
        put(self, version=read.version, filled_for=user_id)

    @event(Permission.MANAGE_USERS)
    async def undo(self) -> None:
        """Show it as it is, without what was chosen."""
        await self._begin(acting(), self.filled_for)

    async def _save(self, operation: Callable[..., Any], *wanted: Any, said: str, **named: str) -> Any:
        """Have the service do it. Refusals stand on the tab; what another changed meanwhile is shown first."""
        actor = acting()
        put(self, problem="", password_needed=False)
        self._forget_changed()
        try:
            try:
                await asyncio.to_thread(operation, actor, self.filled_for, self.version, *wanted)
            except Changed as changed:
                read = await asyncio.to_thread(self._read, actor, self.filled_for)
                found = self._differences(actor, read)
                self.version = read.version
                if found:
                    self._tell_changed(actor, changed, found)
                    return None
                # Something else of the user was changed: that stands in nobody's way.
                await asyncio.to_thread(operation, actor, self.filled_for, self.version, *wanted)
        except Refused as refused:
            put(
                self,
                problem=text(actor.language, refused.key, **refused.values),
                password_needed=isinstance(refused, PasswordNeeded),
            )
            return None
        (await self.get_state(FrameState))._say(said, **named)
        return [UserState.load, type(self).load]
