"""The dialog in which group categories and groups are made, changed and removed (R1, R5)."""

from __future__ import annotations

from typing import Any

import reflex as rx

from selfcare_app.components import overlays
from selfcare_app.components.controls import callout
from selfcare_app.components.meanwhile import meanwhile
from selfcare_app.components.months import month_options
from selfcare_app.specs.groups import DESCRIPTION_LENGTH, NAME_LENGTH
from selfcare_app.state.group_dialog import GroupDialogState as State
from selfcare_app.state.texts import T

TEXTS = "grouping"


def problem(said: Any) -> rx.Component:
    """Why it was refused."""
    return rx.cond(said != "", callout("danger", "circle-alert", said, role="alert"))


def lines(said: Any, symbol: str = "info", kind: str = "info") -> rx.Component:
    """What a change would bring, in sentences."""
    listed = rx.el.ul(rx.foreach(said, lambda each: rx.el.li(each)), class_name="plain-list")
    return rx.cond(said.length() > 0, callout(kind, symbol, listed))


def _fields() -> rx.Component:
    return rx.el.form(
        problem(State.problem),
        meanwhile(State),
        rx.el.div(
            rx.el.label(T(f"{TEXTS}.field.name"), " *", html_for="group-name"),
            rx.el.input(
                id="group-name",
                name="name",
                default_value=State.name,
                max_length=NAME_LENGTH,
                required=True,
                auto_focus=True,
                auto_complete="off",
                class_name="input",
            ),
            class_name="field",
        ),
        rx.el.div(
            rx.el.label(T(f"{TEXTS}.field.description"), html_for="group-description"),
            rx.el.textarea(
                id="group-description",
                name="description",
                default_value=State.description,
                max_length=DESCRIPTION_LENGTH,
                rows="2",
                class_name="input",
            ),
            class_name="field",
        ),
        rx.el.div(
            rx.el.button(
                rx.match(
                    State.kind + "_" + State.of,
                    ("add_category", T(f"{TEXTS}.create_category")),
                    ("add_group", T(f"{TEXTS}.create")),
                    T(f"{TEXTS}.save"),
                ),
                type="submit",
                class_name="btn primary",
            ),
            _cancel(),
            class_name="row",
        ),
        on_submit=State.save,
        no_validate=True,
        class_name="form",
    )


def _cancel() -> rx.Component:
    return rx.el.button(T(f"{TEXTS}.cancel"), on_click=State.close(False), type="button", class_name="btn")


def _removal() -> rx.Component:
    """What goes with it, and the way that keeps the history."""
    ending = rx.el.form(
        rx.el.div(
            rx.el.label(T(f"{TEXTS}.end_instead"), html_for="group-end"),
            rx.el.select(
                month_options(State.months),
                id="group-end",
                name="month",
                on_change=State.end_from,
                class_name="select",
            ),
            rx.el.input(type="hidden", name="seen", value=State.ending_seen),
            rx.el.span(T(f"{TEXTS}.end_hint"), class_name="hint"),
            class_name="field",
        ),
        rx.el.div(lines(State.ending), role="status"),
        rx.el.div(rx.el.button(T(f"{TEXTS}.end"), type="submit", class_name="btn"), class_name="row"),
        on_submit=State.end,
        class_name="nested form",
    )
    return rx.el.div(
        problem(State.problem),
        meanwhile(State, f"{TEXTS}.remove_changed"),
        lines(State.effects, "triangle-alert", "warning"),
        lines(State.sight, "eye-off", "warning"),
        rx.cond(State.effects.length() > 0, ending),
        rx.el.div(
            rx.el.button(
                T(f"{TEXTS}.remove"), on_click=State.confirm(State.fingerprint), type="button", class_name="btn danger"
            ),
            _cancel(),
            class_name="row",
        ),
        class_name="form",
    )


def group_dialog() -> rx.Component:
    """The dialog; it stands on each page that opens it."""
    title = rx.match(
        State.kind + "_" + State.of,
        ("add_category", T(f"{TEXTS}.create_category_title")),
        ("add_group", T(f"{TEXTS}.create_group_title")),
        ("change_category", T(f"{TEXTS}.change_of", name=State.called)),
        ("change_group", T(f"{TEXTS}.change_of", name=State.called)),
        T(f"{TEXTS}.remove_of", name=State.called),
    )
    return overlays.dialog(
        title,
        T(f"{TEXTS}.close"),
        rx.cond(State.kind == "remove", _removal(), _fields()),
        open=State.kind != "",
        on_open_change=State.close,
    )
