"""The tab of a user's page with where they are signed in (S4, U4)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import reflex as rx

from selfcare_app.services import clock, user_rights, user_sessions
from selfcare_app.services.access import Actor, Refused
from selfcare_app.services.user_sessions import UserSessions
from selfcare_app.specs.permissions import Permission
from selfcare_app.state.filling import Filled, put
from selfcare_app.state.frame import FrameState, enter
from selfcare_app.state.gate import acting, event
from selfcare_app.state.numbers import whole
from selfcare_app.state.shown import device_name
from selfcare_app.state.user import user_at

TAB = "sessions"


class UserSessionsState(Filled, rx.State):
    """/users/[id]?tab=sessions."""

    sessions: list[dict[str, str]] = []
    may_end: bool = False

    @event(Permission.MANAGE_USERS)
    async def load(self) -> None:
        """Show where the user is signed in, when that tab is open; nothing of a user looked at before stays."""
        actor = await enter(self)
        self.reset()
        if str(self.router.url.query_parameters.get("tab", "")) != TAB:
            return
        with self._filling():
            await self._show(actor)

    @event(Permission.MANAGE_USERS)
    async def freshen(self, kinds: list[str]) -> None:
        """Somebody has signed in or out, or was signed out: the open tab shows it."""
        there = str(self.router.url.query_parameters.get("tab", "")) == TAB
        if there and self.loaded and isinstance(kinds, list) and {"user", "sign_in"} & set(map(str, kinds)):
            await self._show(acting())

    async def _show(self, actor: Actor) -> None:
        try:
            read = await asyncio.to_thread(user_sessions.of_user, actor, user_at(self.router.url.path))
        except Refused:
            # The page itself says that there is no such user.
            read = UserSessions([], may_end=False)
        put(
            self,
            may_end=read.may_end,
            sessions=[
                {
                    "id": str(each.id),
                    "device": device_name(each.device),
                    "source": each.source,
                    "signed_in": clock.show(each.signed_in_at),
                    "last_used": clock.show(each.last_used_at),
                }
                for each in read.sessions
            ],
        )

    @event(Permission.MANAGE_USERS)
    async def end(self, number: str) -> None:
        """Sign the user out of one browser."""
        await self._end("details.user.session_ended", user_rights.end_session, whole(number))

    @event(Permission.MANAGE_USERS)
    async def end_all(self) -> None:
        """Sign the user out everywhere in this company."""
        await self._end("details.user.all_ended", user_rights.end_sessions)

    async def _end(self, said: str, operation: Callable[..., None], *more: Any) -> None:
        actor = acting()
        frame = await self.get_state(FrameState)
        try:
            await asyncio.to_thread(operation, actor, user_at(self.router.url.path), *more)
        except Refused as refused:
            frame._say_refusal(refused)
        else:
            frame._say(said)
        await self._show(actor)
