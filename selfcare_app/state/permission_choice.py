"""Choosing what somebody may do: a role, a level for each kind of information, single rights (U2-U4).

A mixin: the wizard and a user's page draw the same choice. What is chosen here is only a wish; the service decides.
"""

from __future__ import annotations

from collections.abc import Collection

import reflex as rx

from selfcare_app.services.access import Actor
from selfcare_app.specs.permissions import (
    KINDS,
    ROLE_PERMISSIONS,
    SINGLE,
    Level,
    Permission,
    Role,
    level,
    levels_of,
    may_give,
    open_levels,
    open_roles,
    permissions_at,
    role_of,
)
from selfcare_app.state.filling import put
from selfcare_app.state.gate import event
from selfcare_app.state.pressed import Pressed


class PermissionChoice(Pressed, rx.State, mixin=True):
    """Vars and handlers of the choice."""

    role: str = ""
    levels: dict[str, str] = {}
    """What may be done with each kind of information."""
    singles: list[str] = []
    open_roles: list[str] = []
    """Roles that the actor may give."""
    locked_levels: list[str] = []
    """Levels beyond the actor's own, as <kind>.<level>."""
    locked_kinds: list[str] = []
    """Kinds whose level can't be changed at all."""
    locked_singles: list[str] = []

    def _offer_permissions(self, actor: Actor, has: Collection[Permission]) -> None:
        """Say what the actor may change of what somebody has: nothing that the actor lacks (U4)."""
        open_to = {kind: open_levels(kind, has, actor.permissions) for kind in KINDS}
        put(
            self,
            open_roles=[each.value for each in open_roles(has, actor.permissions)],
            locked_levels=[f"{kind}.{each}" for kind in KINDS for each in levels_of(kind) if each not in open_to[kind]],
            locked_kinds=[kind for kind in KINDS if len(open_to[kind]) < 2],
            locked_singles=[each.value for each in SINGLE if not may_give(actor.permissions, {each})],
        )

    def _choose_permissions(self, wanted: Collection[Permission], role: Role | None = None) -> None:
        put(
            self,
            role=(role or role_of(wanted)).value,
            levels={kind: level(kind, wanted).value for kind in KINDS},
            singles=[each.value for each in SINGLE if each in wanted],
        )

    def _chosen_permissions(self) -> frozenset[Permission]:
        return permissions_at(self.levels, self.singles)

    def _take_role(self, role: str) -> None:
        if role in self.open_roles:
            chosen = Role(role)
            self._choose_permissions(ROLE_PERMISSIONS.get(chosen, self._chosen_permissions()), chosen)

    @event(Permission.MANAGE_USERS)
    async def choose_role(self, role: str) -> None:
        """Take a role's permissions; Custom keeps what is chosen, to be changed."""
        self._take_role(role)

    @event(Permission.MANAGE_USERS)
    async def choose_level(self, kind: str, wanted: str, press: int) -> None:
        """Choose what may be done with a kind; the role turns to what matches, or to Custom (U3)."""
        if kind in KINDS and wanted in list(Level) and f"{kind}.{wanted}" not in self.locked_levels:
            self._choose_permissions(permissions_at({**self.levels, kind: wanted}, self.singles))
        self._answer(press)

    @event(Permission.MANAGE_USERS)
    async def set_single(self, right: str, given: bool, press: int) -> None:
        """Give a single right, or take it away again."""
        if right not in self.locked_singles:
            singles = {*self.singles} - {str(right)} | ({str(right)} if given is True else set())
            self._choose_permissions(permissions_at(self.levels, singles))
        self._answer(press)
