"""One's own deputies, on one's profile."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any

import reflex as rx

from selfcare_app.locales import text
from selfcare_app.services import deputies
from selfcare_app.services.access import Actor, Refused
from selfcare_app.specs.permissions import Permission
from selfcare_app.state.filling import Filled, put
from selfcare_app.state.frame import FrameState
from selfcare_app.state.gate import acting, event
from selfcare_app.state.numbers import whole


class DeputiesState(Filled, rx.State):
    """Who stands in for the reader, on /profile?tab=deputies."""

    named: list[dict[str, str]] = []
    candidates: list[dict[str, str]] = []
    first_day: str = ""
    adding: bool = False
    problem: str = ""

    @event()
    async def load(self) -> None:
        """Show them; nothing for those who approve nothing."""
        await self._load(adding=False)

    @event()
    async def redraw(self) -> None:
        """Show them to whoever has other rights now; the form stays open as it is."""
        await self._load(adding=self.adding)

    async def _load(self, *, adding: bool) -> None:
        actor = acting()
        if not actor.may(Permission.APPROVE_ORDER):
            put(self, named=[], candidates=[], adding=False, loaded=True)
            return
        with self._filling():
            await self._show(actor)
            put(self, adding=adding, problem=self.problem if adding else "")

    async def _show(self, actor: Actor) -> None:
        found = await asyncio.to_thread(deputies.standing, actor)
        put(
            self,
            named=[
                {
                    "id": str(each.id),
                    "name": each.name,
                    "from": each.starts.isoformat(),
                    "to": each.ends.isoformat(),
                    "state": "unable" if not each.able else "coming" if each.starts > actor.today else "now",
                }
                for each in found.named
            ],
            candidates=[{"id": str(user_id), "name": name} for user_id, name in found.candidates],
            first_day=actor.today.isoformat(),
        )

    @event(Permission.APPROVE_ORDER)
    async def add(self) -> None:
        """Open the form."""
        put(self, adding=True, problem="")

    @event(Permission.APPROVE_ORDER)
    async def cancel(self) -> None:
        """Close it."""
        put(self, adding=False, problem="")

    @event(Permission.APPROVE_ORDER)
    async def save(self, typed: dict[str, Any]) -> None:
        """Name the deputy; a refusal stands by the fields, which keep what was typed."""
        actor = acting()
        typed = typed if isinstance(typed, dict) else {}
        starts, ends = _day(typed.get("starts")), _day(typed.get("ends"))
        if starts is None or ends is None:
            self.problem = text(actor.language, "profile.deputies.refused.days_missing")
            return
        try:
            await asyncio.to_thread(deputies.name_deputy, actor, whole(typed.get("deputy")), starts, ends)
        except Refused as refused:
            self.problem = text(actor.language, refused.key, **refused.values)
            return
        await self._show(actor)
        put(self, adding=False, problem="")
        (await self.get_state(FrameState))._say("profile.deputies.saved")

    @event(Permission.APPROVE_ORDER)
    async def end(self, deputyship: str) -> None:
        """Have somebody stand in no longer."""
        actor = acting()
        frame = await self.get_state(FrameState)
        try:
            await asyncio.to_thread(deputies.end_deputy, actor, whole(deputyship))
        except Refused as refused:
            frame._say_refusal(refused)
        else:
            frame._say("profile.deputies.ended")
        await self._show(actor)


def _day(said: Any) -> date | None:
    try:
        return date.fromisoformat(str(said))
    except ValueError:
        return None
