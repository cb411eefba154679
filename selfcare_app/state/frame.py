"""What surrounds every page: who is signed in, the language, the menu, the notice."""

from __future__ import annotations

import asyncio
from typing import Any

import reflex as rx

from selfcare_app.locales import DEFAULT, LANGUAGES, text
from selfcare_app.services import sessions
from selfcare_app.services.access import Actor, Refused
from selfcare_app.specs.navigation import NAVIGATION
from selfcare_app.state import live
from selfcare_app.state.filling import put
from selfcare_app.state.gate import acting, event


class FrameState(rx.State):
    """One per tab. Nothing here decides anything: rights are looked up at every event."""

    lang: str = DEFAULT
    ready: bool = False
    user_name: str = ""
    initials: str = ""
    email: str = ""
    role: str = ""
    company_name: str = ""
    has_companies: bool = False
    operator: bool = False
    menu: list[str] = []
    notice: str = ""
    notice_kind: str = ""

    _rights: tuple[Any, ...] | None = None
    """What the reader might do when what is shown was drawn."""

    @event()
    async def arrive(self) -> None:
        """Show who is signed in, on a page that has nothing else to load."""
        self._enter(acting())

    @event()
    async def set_language(self, language: str) -> None:
        """Switch the language and remember it for the sign-in; anything but a language of ours changes nothing."""
        if language not in LANGUAGES:
            return
        await asyncio.to_thread(sessions.set_language, acting(), language)
        self.lang = language

    @event()
    async def dismiss_notice(self) -> None:
        """Take the notice away."""
        self.notice = ""

    @event()
    async def say_forbidden(self) -> None:
        """Tell that a right is missing (the gate's answer to an event beyond the actor's rights)."""
        self._say("refused.permission", "danger")

    @event()
    async def say_failed(self) -> None:
        """Tell that an event could not be carried out. The gate lets it through when nobody can be looked up."""
        self._say("refused.failed", "danger")

    @event()
    async def hear(self, kinds: list[str]) -> Any:
        """Something of these kinds has changed: the page shows it. Where the reader's rights are others than before,
        the whole page is drawn by the new ones."""
        kinds = [str(kind) for kind in kinds] if isinstance(kinds, list) else []
        before, actor = self._rights, acting()
        self._enter(actor)
        anew = before is not None and before != self._rights
        if anew:
            self._say("frame.rights_changed")
        return live.answers(str(self.router_data.get("pathname", "")), kinds, anew=anew)

    def _say(self, key: str, kind: str = "", **values: Any) -> None:
        """Show a notice in the actor's language."""
        self.notice = text(self.lang, key, **values)
        self.notice_kind = kind

    def _say_refusal(self, refused: Refused) -> None:
        self._say(refused.key, "danger", **refused.values)

    def _enter(self, actor: Actor) -> None:
        """Show who is signed in; called first by every page's own load."""
        self._rights = (actor.user_id, actor.role, actor.permissions, actor.access_all, actor.operator_role)
        put(
            self,
            lang=actor.language,
            user_name=actor.name,
            initials=_initials(actor.name),
            email=actor.email,
            role=actor.role,
            company_name=actor.company_name,
            has_companies=actor.companies > 1,
            operator=actor.operator_role is not None,
            menu=[entry.key for entry in NAVIGATION if entry.permission is None or actor.may(entry.permission)],
            ready=True,
        )


def _initials(name: str) -> str:
    words = name.split()
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()


async def enter(state: rx.State) -> Actor:
    """The acting user, shown in the frame: the first line of every page's load."""
    frame = await state.get_state(FrameState)
    actor = acting()
    frame._enter(actor)
    return actor
