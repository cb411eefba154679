"""The tab of a user's page on which their access is changed: *Tilldela objekt* (U5)."""

from __future__ import annotations

from typing import Any

import reflex as rx

from selfcare_app.services import user_rights, users
from selfcare_app.services.access import Actor
from selfcare_app.services.users import KINDS_GIVEN, GivenAccess
from selfcare_app.specs.permissions import Permission
from selfcare_app.state.access_choice import ALL, NONE, SOME, AccessChoice
from selfcare_app.state.filling import put
from selfcare_app.state.gate import acting, event
from selfcare_app.state.meanwhile import Change, change
from selfcare_app.state.shown import grouped
from selfcare_app.state.user_tab import UserTabState


class UserAccessState(UserTabState, AccessChoice, rx.State):
    """`/users/[id]?tab=access`."""

    _had: tuple[str, dict[str, dict[str, str]]] = (NONE, {})
    """What the user had when it was read: how much, and what."""

    def _key(self) -> str:
        return "access"

    def _read(self, actor: Actor, user_id: int) -> GivenAccess:
        return users.access_of(actor, user_id)

    def _fill(self, actor: Actor, read: GivenAccess) -> None:
        self._had = (_way(read), read.objects)
        self._offer_access(actor, everything=read.everything)
        put(self, access=_way(read), beyond=grouped(read.beyond) if read.beyond else "", hits=[], hits_for="")
        self._choose_objects(read.objects)

    async def _load_tab(self) -> None:
        """Fill the tab when it is the open one, and the first page to choose from."""
        await super()._load_tab()
        if self.filled_for and self.access == SOME and not self.hits:
            await self._search(acting())

    async def _offer(self, actor: Actor) -> bool:
        kinds = [*self.kinds]
        self._offer_access(actor, everything=self._had[0] == ALL)
        # Otherwise what was chosen may be beyond the reader's sight by now.
        return actor.access_all and self.kinds == kinds

    def _differences(self, actor: Actor, read: GivenAccess) -> list[Change]:
        (way, objects), now = self._had, _way(read)
        self._had = (now, read.objects)
        put(self, beyond=grouped(read.beyond) if read.beyond else "")
        found = []
        if way != now:
            found.append(
                change(
                    label_key="details.tabs.access",
                    before_key=f"users.access.ways.{way}",
                    after_key=f"users.access.ways.{now}",
                )
            )
        held = {True: "users.access.given", False: "users.access.not_given"}
        for kind in KINDS_GIVEN:
            before, after = objects.get(kind, {}), read.objects.get(kind, {})
            found += [
                change(label={**before, **after}[key], before_key=held[key in before], after_key=held[key in after])
                for key in sorted(before.keys() ^ after.keys())
            ]
        return found

    @event(Permission.MANAGE_USERS)
    async def save_access(self) -> Any:
        """Let the user see what is chosen."""
        return await self._save(user_rights.change_access, self._chosen_access(), said="users.access.saved")


def _way(read: GivenAccess) -> str:
    if read.everything:
        return ALL
    return SOME if any(read.objects.values()) or read.beyond else NONE
