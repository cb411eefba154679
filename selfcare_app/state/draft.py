"""What is typed into an open form, kept in the tab's state until it is saved or given up: a reload loses nothing."""

from __future__ import annotations

from typing import Any

import reflex as rx

from selfcare_app.services.access import Actor
from selfcare_app.state.filling import put
from selfcare_app.state.gate import acting, event

MOST_TYPED = 2_000
"""Characters of a field that are kept; none of these forms takes more."""
PAUSE_MS = 300
"""How long a pause in typing is, after which what is typed is kept."""


class Draft(rx.State, mixin=True):
    """A form that is opened on a page. Its fields begin with what `draft` holds, and tell `keep` what is written."""

    editing: bool = False
    draft: dict[str, str] = {}
    """What stands in each field."""

    _drafted_by: tuple[int | None, int | None] = (None, None)

    def _open(self, **fields: str) -> None:
        actor = acting()
        self._drafted_by = (actor.company_id, actor.user_id)
        put(self, editing=True, draft=fields)

    def _close(self) -> None:
        put(self, editing=False, draft={})

    def _still_open(self, actor: Actor) -> bool:
        """Whether the actor has it open: with another company chosen it is another's form."""
        return self.editing and self._drafted_by == (actor.company_id, actor.user_id)

    def _written(self, typed: dict[str, Any]) -> None:
        kept: dict[str, str] = self.get_value("draft")
        put(self, draft={key: str(typed.get(key, was))[:MOST_TYPED] for key, was in kept.items()})

    @event()
    async def keep(self, field: str, written: str) -> None:
        """Keep what is written in a field."""
        if self.editing and field in self.draft:
            self._written({field: written})
