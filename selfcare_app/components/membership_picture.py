"""Memberships as bars by month around the present one: what is active is filled, what is to come is dashed."""

from __future__ import annotations

from typing import Any

import reflex as rx

from selfcare_app.components.controls import icon
from selfcare_app.state.texts import T


def picture(rows: Any, months: Any, title: Any, name: Any) -> rx.Component:
    """A picture of rows that have `from_column` and `to_column`; `title` makes what stands before a row's bar, `name`
    what stands in it. The table beside it says the same in words."""
    head = lambda each: rx.el.span(  # noqa: E731
        T("pages.month_short." + each["month"]),
        rx.cond(each["first"] != "", rx.el.span(" ", each["year"], class_name="year")),
        class_name=rx.cond(each["now"] != "", "now", ""),
    )
    row = lambda each: rx.cond(  # noqa: E731
        each["from_column"] != "",
        rx.el.li(
            rx.el.span(title(each), class_name="who"),
            rx.el.span(
                rx.el.span(
                    rx.el.span(name(each), class_name="called"),
                    rx.cond(each["goes_on"] != "", icon("chevron-right", "sm")),
                    class_name="span is-" + each["state"],
                    style={"gridColumn": each["from_column"] + " / " + each["to_column"]},
                ),
                class_name="lane",
            ),
        ),
    )
    return rx.el.div(
        rx.el.div(
            rx.el.span(class_name="who"), rx.el.span(rx.foreach(months, head), class_name="lane"), class_name="h"
        ),
        rx.el.ol(rx.foreach(rows, row)),
        class_name="picture",
        aria_hidden="true",
    )
