"""What another has changed while a form was open: who, when, the difference, and the way on."""

from __future__ import annotations

from typing import Any

import reflex as rx

from selfcare_app.components.controls import callout
from selfcare_app.state.texts import T


def meanwhile(state: Any, way_on: str = "frame.meanwhile.cancel") -> rx.Component:
    """By the form that was to be saved; its state is a `Meanwhile`."""
    return rx.cond(
        state.changed_by != "",
        callout(
            "warning",
            "users",
            rx.el.p(state.changed_by, class_name="medium"),
            rx.cond(state.changes.length() > 0, rx.el.ul(rx.foreach(state.changes, _change), class_name="changes")),
            rx.el.p(T(way_on)),
            role="alert",
        ),
    )


def _said(each: Any, name: str) -> Any:
    return rx.cond(each[f"{name}_key"] != "", T(each[f"{name}_key"]), each[name])


def _change(each: Any) -> rx.Component:
    return rx.el.li(rx.el.b(_said(each, "label")), ": ", _said(each, "before"), " → ", _said(each, "after"))
