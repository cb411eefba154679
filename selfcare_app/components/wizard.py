"""What every wizard has: its steps across the top, back and on at the bottom."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import reflex as rx

from selfcare_app.components.controls import hidden_text, icon
from selfcare_app.components.native import link
from selfcare_app.state.texts import T


def steps(texts: str, keys: Sequence[str], now: Any, reached: Any, address: Any) -> rx.Component:
    """The steps in order, `<texts>.<key>` each; those that can be opened are links. `address` gives a step's."""
    return rx.el.nav(
        rx.el.ol(*(_step(T(f"{texts}.{key}"), key, at, now, reached, address(key)) for at, key in enumerate(keys, 1))),
        class_name="steps",
        aria_label=T("frame.wizard.steps"),
    )


def _step(title: Any, key: str, at: int, now: Any, reached: Any, href: str) -> rx.Component:
    number = rx.el.span(str(at), class_name="c", aria_hidden="true")
    here, open_ = now == key, reached.contains(key)
    return rx.el.li(
        rx.cond(
            open_ & ~here,
            link(number, rx.el.span(title, class_name="tx"), to=href),
            rx.el.span(
                number,
                rx.el.span(title, class_name="tx"),
                rx.cond(here, hidden_text(T("frame.wizard.here"))),
                aria_current=rx.cond(here, "step", rx.Var("undefined")),
            ),
        ),
        class_name=rx.cond(here, "now", rx.cond(open_, "done", "")),
    )


def foot(back: rx.Component, *on: rx.Component) -> rx.Component:
    """Back to the left, on to the right."""
    return rx.el.div(back, rx.el.div(*on, class_name="row end"), class_name="wizard-foot")


def back_link(href: Any, text: Any = None) -> rx.Component:
    """The way back."""
    return link(
        icon("chevron-left", "sm"), T("frame.wizard.back") if text is None else text, to=href, class_name="btn quiet"
    )


def next_button(**props: Any) -> rx.Component:
    """On to the next step."""
    return rx.el.button(
        T("frame.wizard.next"),
        icon("chevron-right", "sm tail"),
        **{"type": "submit", "class_name": "btn primary", **props},
    )
