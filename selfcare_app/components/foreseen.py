"""What would become of each of many changes, drawn before they are done: its state is a Foreseen."""

from __future__ import annotations

from typing import Any

import reflex as rx

from selfcare_app.components.details import Head, small_table
from selfcare_app.components.group_dialog import lines, problem
from selfcare_app.state.texts import T

TEXTS = "grouping.foreseen"


def foreseen(state: Any, *acts: rx.Component, apply: Any) -> rx.Component:
    """The outcomes with a button, named `apply`, that does what can be done; `acts` stand beside it."""
    some = state.counts["done"].to(int) > 0
    button = rx.el.button(apply, on_click=state.apply(state.fingerprint), type="button", class_name="btn primary")
    return rx.el.div(
        problem(state.problem),
        rx.el.div(
            rx.el.ul(
                *(
                    rx.cond(
                        state.counts[key].to(int) > 0,
                        rx.el.li(T(f"{TEXTS}.{key}", n=state.counts[key]), class_name="tag"),
                    )
                    for key in ("done", "nothing", "refused")
                ),
                class_name="row",
            ),
            role="status",
        ),
        lines(state.sight, "eye", "warning"),
        small_table(
            T(f"{TEXTS}.title"),
            TEXTS,
            state.outcomes,
            Head("label", lambda each: each["label"], "num medium"),
            Head("does", lambda each: T("grouping.does." + each["does"]), "mark"),
            Head("before", lambda each: rx.cond(each["before"] != "", each["before"], "–"), "second", said=True),
            Head("after", lambda each: rx.cond(each["after"] != "", each["after"], "–"), "wraps", said=True),
        ),
        rx.cond(state.hidden > 0, rx.el.p(T(f"{TEXTS}.not_shown", n=state.hidden), class_name="second")),
        rx.el.div(rx.cond(some, button), *acts, class_name="row"),
        class_name="form",
    )
