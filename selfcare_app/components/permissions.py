"""Permissions drawn from their declaration: kinds of information with their level, and single rights (U2)."""

from __future__ import annotations

from typing import Any

import reflex as rx

from selfcare_app.components.controls import icon, scrolled
from selfcare_app.specs.permissions import KINDS, SINGLE
from selfcare_app.state.texts import T

TEXTS = "permissions.table"


def permission_tables(levels: Any, singles: Any) -> rx.Component:
    """What somebody holds, to look at. `levels`: kind -> level; `singles`: the single rights that are held."""
    return rx.el.div(
        _table(
            "kinds",
            ("kind", "level"),
            [
                (T(f"permissions.kind.{kind}"), T("permissions.level." + levels[kind]), levels[kind] != "none")
                for kind in KINDS
            ],
        ),
        _table(
            "singles",
            ("singles", "level"),
            [
                (
                    T(f"permissions.single.{single.value}"),
                    rx.cond(singles.contains(single.value), T(f"{TEXTS}.has"), T(f"{TEXTS}.has_not")),
                    singles.contains(single.value),
                )
                for single in SINGLE
            ],
        ),
        class_name="two-tables",
    )


def _table(caption: str, heads: tuple[str, ...], rows: list[tuple[Any, Any, Any]]) -> rx.Component:
    return scrolled(
        T(f"{TEXTS}.{caption}"),
        rx.el.table(
            rx.el.caption(T(f"{TEXTS}.{caption}"), class_name="vh"),
            rx.el.thead(rx.el.tr(*(rx.el.th(T(f"{TEXTS}.{head}"), scope="col") for head in heads))),
            rx.el.tbody(
                *(
                    rx.el.tr(
                        rx.el.td(name),
                        rx.el.td(
                            rx.el.span(
                                rx.cond(held, icon("check", "sm"), icon("minus", "sm")),
                                said,
                                class_name=rx.cond(held, "held", "held not"),
                            )
                        ),
                    )
                    for name, said, held in rows
                )
            ),
            class_name="table plain",
        ),
    )
