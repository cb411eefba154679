"""The dialog over /groups and /groups/[id], in which categories and groups are made, changed and removed (R1, R5)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import reflex as rx

from selfcare_app.locales import text
from selfcare_app.services import group_changes, group_pages
from selfcare_app.services.access import Actor, Refused
from selfcare_app.services.changed import Changed
from selfcare_app.services.group_changes import (
    AddCategory,
    AddGroup,
    Change,
    ChangeCategory,
    ChangeGroup,
    EndCategory,
    EndGroup,
    RemoveCategory,
    RemoveGroup,
)
from selfcare_app.services.group_writes import Preview, Stale
from selfcare_app.specs.groups import shown
from selfcare_app.specs.lists.groups import CHANGE, REMOVE
from selfcare_app.specs.permissions import Permission
from selfcare_app.specs.queries import month_of
from selfcare_app.state.filling import put
from selfcare_app.state.foreseen import sight_said
from selfcare_app.state.frame import FrameState
from selfcare_app.state.gate import acting, event
from selfcare_app.state.group import GroupState
from selfcare_app.state.groups import GroupsState
from selfcare_app.state.meanwhile import Meanwhile
from selfcare_app.state.meanwhile import change as difference
from selfcare_app.state.months import Months, free, last_end
from selfcare_app.state.numbers import whole


class GroupDialogState(Meanwhile, rx.State):
    """The dialog over /groups and /groups/[id]: make, change, remove or end a category or group."""

    kind: str = ""
    """add, change, remove; empty: closed."""
    of: str = ""
    """category or group."""
    called: str = ""
    name: str = ""
    description: str = ""
    problem: str = ""
    effects: list[str] = []
    """What removing would take with it, in sentences."""
    sight: list[str] = []
    """Who would see less by it (U5)."""
    months: Months = {}
    """The months from which it can be ended instead."""
    fingerprint: str = ""
    """Of what removing would do, as it is told."""
    ending: list[str] = []
    """What ending it from the chosen month would do instead, and who would see less by it, in sentences."""
    ending_seen: str = ""
    """Of what ending would do, as it is told."""

    _id: int = 0
    _version: int = 0
    _said: dict[str, str] = {}
    """Name and description as they were read."""

    @event(Permission.GROUPS_WRITE)
    async def add(self, of: str, category: str) -> None:
        """Open it for a new category, or a new group of the category."""
        self.reset()
        self._id = whole(category)
        put(self, kind="add", of="group" if of == "group" else "category")

    @event(Permission.GROUPS_WRITE)
    async def ask_category(self, doing: str, id_: str) -> Any:
        """Open it for what is asked of a row of categories."""
        return await self._ask("category", doing, id_)

    @event(Permission.GROUPS_WRITE)
    async def ask_group(self, doing: str, id_: str) -> Any:
        """Open it for what is asked of a row of groups."""
        return await self._ask("group", doing, id_)

    async def _ask(self, of: str, doing: str, id_: str) -> Any:
        if doing == CHANGE:
            await self._open("change", of, id_)
        elif doing == REMOVE:
            await self._removal(of, id_)

    @event(Permission.GROUPS_WRITE)
    async def change(self, of: str, id_: str) -> None:
        """Open it for a name and a description."""
        await self._open("change", of, id_)

    @event(Permission.GROUPS_WRITE)
    async def remove(self, of: str, id_: str) -> None:
        """Open it to tell what removing would take with it."""
        await self._removal(of, id_)

    async def _removal(self, of: str, id_: str) -> None:
        if not await self._open("remove", of, id_):
            return
        actor = acting()
        self._tell(actor, await asyncio.to_thread(group_changes.preview, actor, [self._remove()]))
        self.months = free(actor.month, last_end(actor.month))
        await self._foresee(actor, actor.month)

    @event(Permission.GROUPS_WRITE)
    async def end_from(self, month: str) -> None:
        """Tell what ending it from that month would do."""
        if self.kind == "remove" and (wanted := month_of(str(month))) is not None:
            await self._foresee(acting(), wanted)

    async def _foresee(self, actor: Actor, month: date) -> None:
        try:
            found = await asyncio.to_thread(group_changes.preview, actor, [self._end(month)])
        except Refused:
            # Whatever stands in its way is told when it is asked for.
            put(self, ending=[], ending_seen="")
            return
        self._tell_ending(actor, found)

    def _tell_ending(self, actor: Actor, found: Preview) -> None:
        (outcome,) = found.outcomes
        ended = outcome.takes_memberships
        told = [text(actor.language, "grouping.effects.ended", n=ended)] if ended else []
        put(self, ending=[*told, *sight_said(actor, found)], ending_seen=found.fingerprint)

    async def _open(self, kind: str, of: str, id_: str) -> bool:
        self.reset()
        found = await asyncio.to_thread(group_pages.structure, acting())
        rows: Sequence[Any] = found.groups if of == "group" else found.categories
        row = next((each for each in rows if each.id == whole(id_)), None)
        if row is None:
            (await self.get_state(FrameState))._say("refused.not_found", "danger")
            return False
        self._id, self._version = row.id, row.version
        self._said = {"name": row.name, "description": row.description}
        called = shown(row.category, row.name) if of == "group" else row.name
        of = "group" if of == "group" else "category"
        put(self, kind=kind, of=of, called=called, name=row.name, description=row.description)
        return True

    def _remove(self) -> Change:
        return (RemoveGroup if self.of == "group" else RemoveCategory)(**self._named())

    def _end(self, month: date) -> Change:
        return (EndGroup if self.of == "group" else EndCategory)(**self._named(), month=month)

    def _named(self) -> dict[str, Any]:
        return {self.of: self._id, "version": self._version}

    def _tell(self, actor: Actor, preview: Preview) -> None:
        (outcome,) = preview.outcomes
        refused = outcome.refused
        put(
            self,
            problem=text(actor.language, refused.key, **refused.values) if refused else "",
            fingerprint=preview.fingerprint,
            effects=list(_effects(actor, preview)),
            sight=sight_said(actor, preview),
        )

    @event()
    async def close(self, _open: bool) -> None:
        """Close it; nothing is done."""
        self.reset()

    @event(Permission.GROUPS_WRITE)
    async def save(self, typed: dict[str, Any]) -> Any:
        """Make or change it; a refusal stands by the fields, which keep what was typed."""
        if self.kind not in ("add", "change"):
            # Pressed twice: it has been done.
            return None
        name, description = str(typed.get("name", "")), str(typed.get("description", ""))
        put(self, name=name, description=description)
        said: dict[str, Any] = {"name": name, "description": description}
        wanted: Change
        if self.kind == "add":
            wanted = AddGroup(category=self._id, **said) if self.of == "group" else AddCategory(**said)
        else:
            wanted = (ChangeGroup if self.of == "group" else ChangeCategory)(**self._named(), **said)
        return await self._apply([wanted], None)

    @event(Permission.GROUPS_WRITE)
    async def confirm(self, seen: str) -> Any:
        """Remove what the dialog asks about; when something has changed since it was asked, it asks anew. `seen` is the
        fingerprint of what stood above the button that was pressed."""
        if self.kind != "remove":
            # Pressed twice: it has been done.
            return None
        return await self._apply([self._remove()], str(seen))

    @event(Permission.GROUPS_WRITE)
    async def end(self, typed: dict[str, Any]) -> Any:
        """Empty it from a month on instead; its history stays. Asks anew as `confirm` does."""
        if self.kind != "remove" or (month := month_of(str(typed.get("month", "")))) is None:
            return None
        return await self._apply([self._end(month)], str(typed.get("seen", "")), ended=True)

    async def _apply(self, changes: list[Change], expected: str | None, *, ended: bool = False) -> Any:
        actor = acting()
        self._forget_changed()
        try:
            await asyncio.to_thread(group_changes.apply, actor, changes, expected)
        except Refused as refused:
            if isinstance(refused, Stale):
                (self._tell_ending if ended else self._tell)(actor, refused.preview)
                refused = refused.preview.outcomes[0].refused or refused
            if isinstance(refused, Changed):
                await self._take_over(actor, refused)
                return None
            self.problem = text(actor.language, refused.key, **refused.values)
            return None
        (await self.get_state(FrameState))._say(f"grouping.done.{'end' if ended else self.kind}")
        gone = self.kind == "remove" and not ended
        self.reset()
        if self.router.url.path.startswith("/groups/"):
            return rx.redirect("/groups") if gone else GroupState.load
        return GroupsState.load

    async def _take_over(self, actor: Actor, refused: Changed) -> None:
        """Tell what another has changed meanwhile. What is typed stays, and the next press is about how it is now."""
        now, was = refused.now, self._said
        assert isinstance(now, dict)
        fields = {field: now[field] for field in was}
        differences = [
            difference(label_key=f"grouping.field.{field}", before=was[field] or "–", after=said or "–")
            for field, said in fields.items()
            if said != was[field]
        ]
        self._version, self._said = now["version"], fields
        if self.kind == "remove":
            self._tell(actor, await asyncio.to_thread(group_changes.preview, actor, [self._remove()]))
            await self._foresee(actor, actor.month)
        self.problem = ""
        self._tell_changed(actor, refused, differences)


def _effects(actor: Actor, preview: Preview) -> Iterator[str]:
    (outcome,) = preview.outcomes
    said = lambda key, **values: text(actor.language, f"grouping.{key}", **values)  # noqa: E731
    if outcome.takes_groups:
        yield said("effects.groups", n=outcome.takes_groups)
    if outcome.takes_memberships:
        yield said("effects.memberships", n=outcome.takes_memberships)
    if outcome.history:
        yield said("effects.history")
    if not outcome.takes_groups and not outcome.takes_memberships and outcome.refused is None:
        yield said("effects.empty")
