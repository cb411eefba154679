"""/audit/[asked]: one event of the log, with what was there before and after (P4)."""

from __future__ import annotations

from typing import Any

import reflex as rx

from selfcare_app.components.cells import in_words
from selfcare_app.components.controls import bone, empty, panel
from selfcare_app.components.details import Detail, Head, small_table
from selfcare_app.components.frame import page_title
from selfcare_app.components.native import link
from selfcare_app.pages.not_found import missing
from selfcare_app.pages.page import Page
from selfcare_app.specs.lists import AUDIT
from selfcare_app.state.audit import AuditEntryState as State
from selfcare_app.state.texts import T

TEXTS = "details.audit"


def _led(text: Any, key: str) -> rx.Component:
    href = State.facts[f"{key}_href"]
    return rx.cond(href != "", link(text, to=href), text)


def _changes(detail: Detail) -> rx.Component:
    either = lambda key: lambda each: rx.cond(each[key] != "", in_words(each, key), "–")  # noqa: E731
    table = small_table(
        T(f"{TEXTS}.changes"),
        TEXTS,
        State.changes,
        Head("field", lambda each: in_words(each, "field")),
        Head("before", either("before"), said=True),
        Head("after", either("after"), said=True),
    )
    return panel(
        T(f"{TEXTS}.changes"),
        rx.cond(
            detail.known,
            rx.cond(State.changes.length() == 0, empty(AUDIT.icon, T(f"{TEXTS}.none"), T(f"{TEXTS}.none_why")), table),
            rx.el.p(bone(4), class_name="panel-body"),
        ),
        key="changes",
    )


def draw() -> rx.Component:
    """The page."""
    detail = Detail(State, TEXTS)
    return detail.page(
        detail.facts(
            detail.fact("at", class_name="num"),
            detail.fact("who", _led(State.facts["who"], "who")),
            detail.fact("source", in_words(State.facts, "source"), class_name="num"),
            detail.fact("object_kind", T("lists.audit_object." + State.facts["object_kind"])),
            detail.fact("object", _led(in_words(State.facts, "object"), "object")),
        ),
        _changes(detail),
        crumbs=((f"{AUDIT.texts}.title", AUDIT.route),),
        missing=missing(),
        number=in_words(State.facts, "action"),
    )


PAGE = Page(
    route=f"{AUDIT.route}/[asked]",
    title=page_title(f"{TEXTS}.title"),
    draw=draw,
    on_load=State.load,
)
