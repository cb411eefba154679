"""The log, and the page of one of its entries (P4)."""

from __future__ import annotations

from typing import ClassVar

import reflex as rx

from selfcare_app.locales import DEFAULT
from selfcare_app.services import audit_entries, clock
from selfcare_app.services.access import Actor, NotFound
from selfcare_app.services.showing import Row, led_to
from selfcare_app.specs.audit import Change, action_words, field_words, label_words, source_words, values_words
from selfcare_app.specs.lists import AUDIT, ListSpec
from selfcare_app.state.details import DetailState, Shown
from selfcare_app.state.lists import ListState
from selfcare_app.state.rows import OTHER, page_of

_MOST_DIGITS = 18


class AuditState(ListState, rx.State):
    """/audit."""

    SPEC: ClassVar[ListSpec] = AUDIT


class AuditEntryState(DetailState, rx.State):
    """/audit/[id]."""

    changes: list[dict[str, str]] = []
    """Field, before and after, in both languages."""

    def _read(self, actor: Actor, asked: str) -> Row:
        if not (asked.isascii() and asked.isdigit()) or len(asked) > _MOST_DIGITS:
            raise NotFound
        return audit_entries.overview(actor, int(asked))

    def _shown(self, actor: Actor, read: Row) -> Shown:
        values = read.values
        return Shown(
            facts={
                "at": clock.local(values["at"]).strftime("%Y-%m-%d %H:%M:%S"),
                "who": values["who"],
                "who_href": _page(read.also["who"]),
                "source": source_words(DEFAULT, values["source"]),
                f"source_{OTHER}": source_words(OTHER, values["source"]),
                "action": action_words(DEFAULT, values["action"]),
                f"action_{OTHER}": action_words(OTHER, values["action"]),
                "object_kind": values["object_kind"],
                "object": label_words(DEFAULT, values["object"]),
                f"object_{OTHER}": label_words(OTHER, values["object"]),
                "object_href": _page(read.also["object"]),
            },
            more={"changes": [_drawn(each) for each in values["change"]]},
        )


def _page(also: str | None) -> str:
    found = led_to(also)
    return page_of(*found) if found else ""


def _drawn(change: Change) -> dict[str, str]:
    texts: dict[str, str] = {}
    for language, suffix in ((DEFAULT, ""), (OTHER, f"_{OTHER}")):
        before, after = values_words(language, change)
        said = {"field": field_words(language, change.field), "before": before, "after": after}
        texts |= {f"{key}{suffix}": text for key, text in said.items()}
    return texts
