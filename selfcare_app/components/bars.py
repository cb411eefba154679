"""Amounts by month as bars in plain HTML: a list whose every item says its month and value in words."""

from __future__ import annotations

from typing import Any

import reflex as rx

from selfcare_app.components.controls import hidden_text
from selfcare_app.state.texts import T


def bars(months: Any, label: Any) -> rx.Component:
    """Bars for rows made by `state.shown.bar_rows`, the oldest first."""
    bar = lambda each: rx.el.li(  # noqa: E731
        hidden_text(T("pages.month." + each["month"]) + " " + each["year"] + ": " + each["amount"]),
        rx.el.svg(
            rx.el.svg.rect(
                y=rx.Var(f"(100 - Number({each['share']!s})) + '%'").to(str),
                width="100%",
                height=each["share"] + "%",
                rx="3",
                class_name="bar",
            ),
            aria_hidden="true",
        ),
        rx.el.span(T("pages.month_short." + each["month"]), class_name="m", aria_hidden="true"),
        class_name=rx.cond(each["now"] != "", "now", ""),
        title=each["amount"],
    )
    return rx.el.ol(rx.foreach(months, bar), class_name="bars", aria_label=label)
