"""Amounts by month as bars in plain HTML: a list whose every item says its month and value in words."""

from __future__ import annotations

from typing import Any

import reflex as rx

from selfcare_app.components.controls import hidden_text
from selfcare_app.state.texts import T


def _month(each: Any) -> Any:
    return T("details.month_short." + each["month"])


def _bar(each: Any) -> rx.Component:
    """`rest` and `share` are percent of the height; the part above is left open."""
    return rx.el.li(
        rx.el.svg(
            rx.el.svg.rect(width="100%", height=each["share"] + "%", y=each["rest"] + "%", class_name="part"),
            aria_hidden="true",
        ),
        hidden_text(T("details.month." + each["month"]) + " " + each["year"] + ": " + each["value"]),
        class_name=rx.cond(each["now"] != "", "now", ""),
    )


def _label(each: Any) -> rx.Component:
    return rx.el.span(_month(each), class_name=rx.cond(each["now"] != "", "now", ""))


def bars(months: Any, label: Any) -> rx.Component:
    """Bars for rows made by `state.shown.bar_rows`, the oldest first."""
    return rx.el.div(
        rx.el.ol(rx.foreach(months, _bar), class_name="bars", aria_label=label),
        rx.el.div(rx.foreach(months, _label), class_name="barlabels", aria_hidden="true"),
    )
