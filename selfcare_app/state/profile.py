"""One's own profile."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any, cast

import reflex as rx

from selfcare_app.locales import text
from selfcare_app.services import clock, profile, second_factor
from selfcare_app.services.access import Actor, Refused
from selfcare_app.services.changed import Changed
from selfcare_app.specs.permissions import KINDS, SINGLE, Permission, level
from selfcare_app.specs.phones import national
from selfcare_app.state.draft import Draft
from selfcare_app.state.filling import Filled, put
from selfcare_app.state.frame import FrameState, enter
from selfcare_app.state.gate import acting, event
from selfcare_app.state.meanwhile import Change, Meanwhile, change
from selfcare_app.state.numbers import whole
from selfcare_app.state.shown import device_name

TABS = ("person", "permissions", "deputies", "mail", "security")
OF_USERS = frozenset({"permissions", "mail"})
"""Tabs that only users of a company have."""
PROBLEM_AT = {
    "auth.profile.name_missing": "name",
    "auth.profile.name_too_long": "name",
    "auth.profile.bad_phone": "phone",
}
"""Which field a refusal is about."""


class ProfileState(Draft, Filled, Meanwhile, rx.State):
    """/profile."""

    tab: str = TABS[0]
    name: str = ""
    phone: str = ""
    version: int = 0
    in_company: bool = False
    """Operator staff have no user of a company to edit."""
    approves: bool = False
    """May approve orders, and so have deputies."""
    problem: str = ""
    """What is wrong with what was typed, as a sentence."""
    problem_field: str = ""
    levels: dict[str, str] = {}
    singles: list[str] = []
    factor_since: str = ""
    factor_required: bool = False
    recovery_codes_left: int = 0
    sessions: list[dict[str, str]] = []

    @event()
    async def load(self) -> None:
        """Show who one is; a form that is open stays so with what is typed, over a reload and when rights change."""
        actor = await enter(self)
        editing = self._still_open(actor)
        asked = str(self.router.url.query_parameters.get("tab", ""))
        approves = actor.may(Permission.APPROVE_ORDER)
        hidden = frozenset[str]() if actor.company_id is not None else OF_USERS
        hidden |= frozenset[str]() if approves else {"deputies"}
        there = asked in TABS and asked not in hidden
        put(self, tab=asked if there else TABS[0], approves=approves)
        with self._filling():
            if actor.company_id is not None:
                if not editing:
                    # What an open form began with stays: whoever was faster is told of when it is saved.
                    self._show_person(await asyncio.to_thread(profile.person, actor))
                put(
                    self,
                    levels={kind: level(kind, actor.permissions).value for kind in KINDS},
                    singles=[p.value for p in SINGLE if p in actor.permissions],
                )
            else:
                put(self, name=actor.name)
            put(self, in_company=actor.company_id is not None)
            if not editing:
                self._close()
                put(self, problem="", problem_field="")
            await self._show_security(actor)

    def _show_person(self, person: profile.Person) -> None:
        put(self, name=person.name, phone=national(person.phone), version=person.version)

    async def _show_security(self, actor: Actor) -> None:
        standing = await asyncio.to_thread(second_factor.standing, actor)
        own = await asyncio.to_thread(profile.own_sessions, actor)
        put(
            self,
            factor_since=clock.day(standing.since).isoformat() if standing.since else "",
            factor_required=standing.required,
            recovery_codes_left=standing.recovery_codes_left,
            sessions=[
                {
                    "id": str(each.id),
                    "device": device_name(each.device),
                    "source": each.source,
                    "signed_in": clock.show(each.signed_in_at),
                    "last_used": clock.show(each.last_used_at),
                    "current": "1" if each.current else "",
                }
                for each in own
            ],
        )

    def _differences(self, now: profile.Person) -> list[Change]:
        """What another changed; that is what an edit starts from afterwards, while what is typed stays."""
        had = (("name", self.name, now.name), ("phone", self.phone, national(now.phone)))
        self._show_person(now)
        return [
            change(label_key=f"profile.person.{field}", before=before or "–", after=after or "–")
            for field, before, after in had
            if before != after
        ]

    @event()
    async def edit(self) -> None:
        """Open the fields."""
        self._open(name=self.name, phone=self.phone)
        put(self, problem="", problem_field="")
        self._forget_changed()

    @event()
    async def cancel(self) -> None:
        """Close them as they were."""
        self._close()
        self.problem = ""

    @event()
    async def save(self, typed: dict[str, Any]) -> None:
        """Save name and number. What is wrong is said by the fields, which keep what was typed."""
        actor = acting()
        self._written(typed)
        name, phone = (str(typed.get(key, "")) for key in ("name", "phone"))
        frame = await self.get_state(FrameState)
        self._forget_changed()
        try:
            try:
                person = await asyncio.to_thread(profile.change_person, actor, self.version, name, phone)
            except Changed as changed:
                if found := self._differences(cast(profile.Person, changed.now)):
                    self._tell_changed(actor, changed, found)
                    put(self, problem="", problem_field="")
                    return
                # Something else was changed, like one's rights: that stands in nobody's way.
                person = await asyncio.to_thread(profile.change_person, actor, self.version, name, phone)
        except Refused as refused:
            self.problem = text(actor.language, refused.key, **refused.values)
            self.problem_field = PROBLEM_AT.get(refused.key, "")
            return
        self._show_person(person)
        self._forget_changed()
        self._close()
        put(self, problem="", problem_field="")
        frame._enter(replace(actor, name=person.name))
        frame._say("profile.saved")

    @event()
    async def end_session(self, session: str) -> None:
        """Sign a browser of one's own out."""
        actor = acting()
        frame = await self.get_state(FrameState)
        try:
            await asyncio.to_thread(profile.end_session, actor, whole(session))
        except Refused as refused:
            frame._say_refusal(refused)
        else:
            frame._say("profile.session_ended")
        await self._show_security(actor)

    @event()
    async def end_other_sessions(self) -> None:
        """Sign out everywhere but here."""
        actor = acting()
        await asyncio.to_thread(profile.end_other_sessions, actor)
        (await self.get_state(FrameState))._say("profile.others_ended")
        await self._show_security(actor)
