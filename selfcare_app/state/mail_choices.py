"""Which mail one gets, on one's profile (C3)."""

from __future__ import annotations

import asyncio

import reflex as rx

from selfcare_app.locales import text
from selfcare_app.services import mail_choices
from selfcare_app.services.access import Actor, Refused
from selfcare_app.specs.mail import How
from selfcare_app.state.filling import Filled, put
from selfcare_app.state.frame import FrameState
from selfcare_app.state.gate import acting, event
from selfcare_app.state.pressed import Pressed


class MailChoicesState(Filled, Pressed, rx.State):
    """/profile?tab=mail."""

    offered: list[str] = []
    """The kinds that are the reader's to choose."""
    chosen: dict[str, str] = {}
    """How they have each."""

    @event()
    async def load(self) -> None:
        """Show it; there is nothing to choose for staff."""
        actor = acting()
        with self._filling():
            if actor.company_id is None:
                put(self, offered=[], chosen={})
            else:
                await self._show(actor)

    async def _show(self, actor: Actor) -> None:
        standing = await asyncio.to_thread(mail_choices.standing, actor)
        put(self, offered=list(standing), chosen={kind: how.value for kind, how in standing.items()})

    @event()
    async def choose(self, kind: str, how: str, press: int) -> None:
        """Have a kind of mail at once, once a day or never; stored at the press."""
        if how in list(How):
            await self._keep(str(kind), How(how))
        self._answer(press)

    async def _keep(self, kind: str, how: How) -> None:
        actor, frame = acting(), await self.get_state(FrameState)
        try:
            await asyncio.to_thread(mail_choices.choose, actor, kind, how)
        except Refused as refused:
            frame._say_refusal(refused)
        else:
            said = {"mail": f"profile.mail.kinds.{kind}", "how": f"profile.mail.how.{how}"}
            frame._say("profile.mail.saved", **{name: text(frame.lang, key) for name, key in said.items()})
        await self._show(actor)
