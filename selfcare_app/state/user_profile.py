"""The tab of a user's page with who they are: name, contact number, and the address of an unused invitation (U4)."""

from __future__ import annotations

from typing import Any

import reflex as rx

from selfcare_app.services import user_rights, users
from selfcare_app.services.access import Actor
from selfcare_app.services.users import UserPage
from selfcare_app.specs.permissions import Permission
from selfcare_app.specs.phones import national
from selfcare_app.state.filling import put
from selfcare_app.state.gate import event
from selfcare_app.state.meanwhile import Change, change
from selfcare_app.state.user_tab import UserTabState


class UserProfileState(UserTabState, rx.State):
    """`/users/[id]`."""

    editing: str = ""
    """profile or address; empty: to look at."""
    name: str = ""
    phone: str = ""
    email: str = ""

    def _key(self) -> str:
        return "profile"

    def _read(self, actor: Actor, user_id: int) -> UserPage:
        return users.overview(actor, user_id)

    def _fill(self, actor: Actor, read: UserPage) -> None:
        put(self, editing="", name=read.name, phone=national(read.phone), email=read.email)

    def _differences(self, actor: Actor, read: UserPage) -> list[Change]:
        now = {"name": read.name, "phone": national(read.phone), "email": read.email}
        found = [
            change(label_key=f"users.wizard.{field}", before=getattr(self, field) or "–", after=said or "–")
            for field, said in now.items()
            if said != getattr(self, field)
        ]
        put(self, **now)
        return found

    @event(Permission.MANAGE_USERS)
    async def edit(self, what: str) -> None:
        """Open the fields of the profile, or of the address."""
        put(self, editing="address" if what == "address" else "profile", problem="")

    @event(Permission.MANAGE_USERS)
    async def save_profile(self, written: dict[str, Any]) -> Any:
        """Save name and number; refusals stand by the fields, which keep what was typed."""
        name, phone = (str(written.get(field, "")) for field in ("name", "phone"))
        return await self._save(user_rights.change_profile, name, phone, said="users.profile.saved")

    @event(Permission.MANAGE_USERS)
    async def save_address(self, written: dict[str, Any]) -> Any:
        """Correct the address of an invitation that nobody has used; a new link is mailed there."""
        address = str(written.get("email", "")).strip()
        return await self._save(user_rights.correct_address, address, said="users.profile.address_saved", email=address)
