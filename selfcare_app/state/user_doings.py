"""Asking before something is done to one user or many: what will happen to each, who is left out and why, then the
doing (L3). Drawn as a dialog on the list of users and on a user's page."""

from __future__ import annotations

import asyncio
from typing import Any

import reflex as rx

from selfcare_app.locales import text
from selfcare_app.services import user_doings
from selfcare_app.services.access import NotFound, PasswordNeeded, Refused
from selfcare_app.services.user_doings import Told, Wish
from selfcare_app.specs.lists import USERS
from selfcare_app.specs.permissions import Permission, Role
from selfcare_app.specs.user_doings import Doing
from selfcare_app.state.access_choice import SOME, AccessChoice
from selfcare_app.state.filling import put
from selfcare_app.state.frame import FrameState
from selfcare_app.state.gate import acting, event
from selfcare_app.state.numbers import whole
from selfcare_app.state.permission_choice import PermissionChoice
from selfcare_app.state.shown import grouped
from selfcare_app.state.user import UserState
from selfcare_app.state.user_profile import UserProfileState
from selfcare_app.state.users import UsersState

CHOOSING, SHOWING = "choosing", "showing"
ROWS_SHOWN = 100
"""Users that the dialog names one by one, those who are left out first."""
GIVES = (Doing.CHANGE_PERMISSIONS, Doing.CHANGE_ACCESS)


class UserDoingsState(PermissionChoice, AccessChoice, rx.State):
    """The dialog."""

    is_open: bool = False
    doing: str = ""
    stage: str = ""
    """choosing what is given, or showing what will happen."""
    rows: list[dict[str, str]] = []
    unnamed_rows: str = ""
    count: int = 0
    """To how many it will be done."""
    left_out: int = 0
    problem: str = ""
    password_next: str = ""
    """Where to come back to after one's password was asked for again; empty: it isn't asked for."""

    _ids: tuple[int, ...] = ()
    _shown: tuple[int, ...] = ()
    """Whom the preview names as those it is done to."""

    @event(Permission.MANAGE_USERS)
    async def ask(self, doing: str, user: str) -> Any:
        """Open the dialog for a user by id; without one, for those chosen in the list."""
        if doing not in list(Doing):
            return
        actor, chosen = acting(), (await self.get_state(UsersState))._chosen
        ids = tuple(chosen) if user == "" else (whole(user),)
        self.reset()
        self._ids, self.doing = ids, doing
        if Doing(doing) in GIVES:
            self._offer_permissions(actor, frozenset())
            self._choose_permissions(frozenset(), Role.CUSTOM)
            self.role = ""
            self._offer_access(actor)
            put(self, stage=CHOOSING, is_open=True)
        else:
            await self._show()
            self.is_open = True

    @event(Permission.MANAGE_USERS)
    async def go_on(self) -> None:
        """From the choice to what will happen."""
        language = acting().language
        if self.doing == Doing.CHANGE_PERMISSIONS and not self.role:
            self.problem = text(language, "users.wizard.role_missing")
        elif self.doing == Doing.CHANGE_ACCESS and (not self.access or (self.access == SOME and not self.chosen_count)):
            self.problem = text(language, f"users.wizard.{'objects' if self.access else 'access'}_missing")
        else:
            await self._show()

    @event(Permission.MANAGE_USERS)
    async def go_back(self) -> None:
        """Back to the choice."""
        put(self, stage=CHOOSING, problem="")

    async def _show(self) -> None:
        """Ask the service what would happen."""
        actor = acting()
        try:
            told = await asyncio.to_thread(user_doings.preview, actor, Doing(self.doing), self._ids, self._wish())
        except PasswordNeeded as refused:
            back = f"{USERS.route}/{self._ids[0]}" if len(self._ids) == 1 else USERS.route
            said = text(actor.language, refused.key, **refused.values)
            put(self, stage=SHOWING, rows=[], count=0, left_out=0, problem=said, password_next=back)
            return
        left_out = [each for each in told if each.refused is not None]
        done = [each for each in told if each.refused is None]
        self._shown = tuple(each.id for each in done)
        rows = [_row(actor.language, each) for each in (*left_out, *done)]
        put(
            self,
            stage=SHOWING,
            rows=rows[:ROWS_SHOWN],
            unnamed_rows=grouped(len(rows) - ROWS_SHOWN) if len(rows) > ROWS_SHOWN else "",
            count=len(done),
            left_out=len(left_out),
            # Nobody: they have been removed meanwhile, or never were.
            problem="" if told else text(actor.language, NotFound().key),
            password_next="",
        )

    def _wish(self) -> Wish:
        return Wish(
            role=Role(self.role) if self.role in list(Role) else Role.CUSTOM,
            permissions=self._chosen_permissions(),
            access=self._chosen_access(),
        )

    @event(Permission.MANAGE_USERS)
    async def confirm(self) -> Any:
        """Do what was shown. When that has changed meanwhile, show it anew."""
        if not self.is_open or self.stage != SHOWING or not self._shown:
            return None
        doing, actor = Doing(self.doing), acting()
        try:
            await asyncio.to_thread(user_doings.apply, actor, doing, self._ids, self._shown, self._wish())
        except Refused as refused:
            await self._show()
            if self.password_next:
                return None
            self.problem = text(actor.language, refused.key, **refused.values)
            return None
        count = len(self._shown)
        (await self.get_state(FrameState))._say(f"users.doings.{doing}.done", n=count)
        self.reset()
        return await self._refresh(doing)

    async def _refresh(self, doing: Doing) -> Any:
        """Show how it is now, where one is."""
        if self.router.url.path.rstrip("/") == USERS.route:
            await (await self.get_state(UsersState))._choose({})
            return UsersState.load
        return rx.redirect(USERS.route) if doing is Doing.REMOVE else [UserState.load, UserProfileState.load]

    @event(Permission.MANAGE_USERS)
    async def turn(self, is_open: bool) -> None:
        """Close the dialog; nothing has happened."""
        if not is_open:
            self.reset()


def _row(language: str, told: Told) -> dict[str, str]:
    refused = told.refused
    return {
        "id": str(told.id),
        "name": told.name,
        "before": told.before,
        "after": told.after,
        "refused": text(language, refused.key, **refused.values) if refused else "",
    }
