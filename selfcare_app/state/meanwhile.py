"""Telling whoever was slower what another has changed meanwhile: who, when, and the difference (house.md)."""

from __future__ import annotations

import reflex as rx

from selfcare_app.locales import text
from selfcare_app.services.access import Actor
from selfcare_app.services.changed import Changed
from selfcare_app.state.filling import put

Change = dict[str, str]
"""What another changed: label, before, after, each as words or as `<name>_key` of a text."""


def change(**said: str) -> Change:
    """One line of what another changed; each part as words or as a text's key."""
    names = ("label", "label_key", "before", "before_key", "after", "after_key")
    return {name: said.get(name, "") for name in names}


class Meanwhile(rx.State, mixin=True):
    """Vars of a form, drawn by `components.meanwhile`."""

    changed_by: str = ""
    """Who was faster, and when; empty: nobody."""
    changes: list[Change] = []

    def _tell_changed(self, actor: Actor, refused: Changed, changes: list[Change]) -> None:
        put(self, changed_by=text(actor.language, refused.key, **refused.values), changes=changes)

    def _forget_changed(self) -> None:
        put(self, changed_by="", changes=[])
