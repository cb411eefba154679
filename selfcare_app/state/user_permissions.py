"""The tab of a user's page on which their permissions are changed (U2-U4)."""

from __future__ import annotations

from typing import Any

import reflex as rx

from selfcare_app.services import user_rights, users
from selfcare_app.services.access import Actor
from selfcare_app.services.users import UserPage
from selfcare_app.specs.permissions import KINDS, SINGLE, Permission, Role, level
from selfcare_app.state.gate import event
from selfcare_app.state.meanwhile import Change, change
from selfcare_app.state.permission_choice import PermissionChoice
from selfcare_app.state.user_tab import UserTabState


class UserPermissionsState(UserTabState, PermissionChoice, rx.State):
    """`/users/[id]?tab=permissions`."""

    _has: frozenset[Permission] = frozenset()
    """What the user had when it was read."""

    def _key(self) -> str:
        return "permissions"

    def _read(self, actor: Actor, user_id: int) -> UserPage:
        return users.overview(actor, user_id)

    def _fill(self, actor: Actor, read: UserPage) -> None:
        self._has = read.permissions
        self._offer_permissions(actor, read.permissions)
        self._choose_permissions(read.permissions, Role(read.role))

    async def _offer(self, actor: Actor) -> bool:
        self._offer_permissions(actor, self._has)
        return True

    def _differences(self, actor: Actor, read: UserPage) -> list[Change]:
        before, now = self._has, read.permissions
        self._has = now
        self._offer_permissions(actor, now)
        kinds = [
            change(
                label_key=f"permissions.kind.{kind}",
                before_key=f"permissions.level.{level(kind, before)}",
                after_key=f"permissions.level.{level(kind, now)}",
            )
            for kind in KINDS
            if level(kind, before) != level(kind, now)
        ]
        held = {True: "permissions.table.has", False: "permissions.table.has_not"}
        singles = [
            change(
                label_key=f"permissions.single.{each.value}",
                before_key=held[each in before],
                after_key=held[each in now],
            )
            for each in SINGLE
            if (each in before) != (each in now)
        ]
        return kinds + singles

    @event(Permission.MANAGE_USERS)
    async def save_permissions(self) -> Any:
        """Give the user what is chosen."""
        role = Role(self.role) if self.role in list(Role) else Role.CUSTOM
        return await self._save(
            user_rights.change_permissions, role, self._chosen_permissions(), said="users.permissions.saved"
        )
