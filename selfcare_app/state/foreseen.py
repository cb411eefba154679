"""What changes of memberships would bring, shown before they are done (L3, R6, U5): for one thing or many."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date
from typing import Any

import reflex as rx

from selfcare_app.locales import text
from selfcare_app.services import membership_changes
from selfcare_app.services.access import Actor, Refused
from selfcare_app.services.group_writes import Does, Outcome, Preview, Stale
from selfcare_app.services.membership_changes import Change
from selfcare_app.state.filling import put

SHOWN = 200
"""Outcomes that are shown one by one; those that are refused first."""


class Foreseen(rx.State, mixin=True):
    """What would become of each, until it is done or forgotten."""

    problem: str = ""
    outcomes: list[dict[str, str]] = []
    """What would become of each; empty: not asked yet."""
    counts: dict[str, int] = {}
    """How many would be done, need nothing, are left out."""
    hidden: int = 0
    """Outcomes that aren't shown."""
    sight: list[str] = []
    fingerprint: str = ""
    """Of what is shown. A press says on which it was made: the second of two is not about what comes of the first."""

    def _forget(self) -> None:
        """Nothing has been asked."""
        put(self, outcomes=[], counts={}, hidden=0, sight=[], problem="", fingerprint="")

    async def _foresee(self, actor: Actor, changes: Sequence[Change]) -> None:
        """Show what would become of each; nothing is changed."""
        try:
            found = await asyncio.to_thread(membership_changes.preview, actor, changes)
        except Refused as refused:
            self._forget()
            self.problem = text(actor.language, refused.key, **refused.values)
            return
        self.problem = ""
        self._show(actor, found)

    def _show(self, actor: Actor, found: Preview) -> None:
        rank = {Does.REFUSED: 0, Does.MOVE: 1, Does.ADD: 2, Does.NOTHING: 3}
        told = sorted(found.outcomes, key=lambda each: rank.get(each.does, 2))
        refused = len(found.refused)
        nothing = sum(each.does is Does.NOTHING for each in found.outcomes)
        put(
            self,
            outcomes=[_row(actor, each) for each in told[:SHOWN]],
            hidden=max(len(told) - SHOWN, 0),
            counts={"done": len(told) - refused - nothing, "nothing": nothing, "refused": refused},
            sight=sight_said(actor, found),
            fingerprint=found.fingerprint,
        )

    async def _carry_out(self, actor: Actor, changes: Sequence[Change], seen: str) -> int | None:
        """Do what was shown with the fingerprint `seen`, without those that were refused, and say how many were done;
        None when it wasn't: when something has changed since, it is shown anew."""
        try:
            done = await asyncio.to_thread(membership_changes.apply, actor, changes, str(seen), leave_out_refused=True)
        except Refused as refused:
            if isinstance(refused, Stale):
                self._show(actor, refused.preview)
            self.problem = text(actor.language, refused.key, **refused.values)
            return None
        return sum(each.does not in (Does.REFUSED, Does.NOTHING) for each in done.outcomes)


def _row(actor: Actor, outcome: Outcome) -> dict[str, str]:
    refused = outcome.refused
    why = text(actor.language, refused.key, **refused.values) if refused else ""
    return {
        "label": outcome.label,
        "does": outcome.does.value,
        "before": _period(actor, outcome.before),
        "after": why or _period(actor, outcome.after),
    }


def _period(actor: Actor, values: dict[str, Any]) -> str:
    if not values:
        return ""
    end = f"{values['end']:%Y-%m}" if isinstance(values["end"], date) else text(actor.language, "pages.until_further")
    return f"{values['group']} {values['start']:%Y-%m} – {end}"


MOST_TOLD = 20
"""People and things whose sight changes that are named one by one."""


def sight_said(actor: Actor, preview: Preview) -> list[str]:
    """Who gains and loses sight of what (U5), in sentences."""
    lines = []
    for each in preview.sight[:MOST_TOLD]:
        when = "now" if each.month == actor.month else "later"
        key = f"grouping.sight.{'gains' if each.gains else 'loses'}_{when}"
        lines.append(text(actor.language, key, user=each.user, what=each.what, month=f"{each.month:%Y-%m}"))
    if len(preview.sight) > MOST_TOLD:
        lines.append(text(actor.language, "grouping.sight.more", n=len(preview.sight) - MOST_TOLD))
    return lines
