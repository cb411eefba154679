"""Who stands in for an approver: those named, and a form for one more (C6)."""

from __future__ import annotations

from typing import Any

import reflex as rx

from selfcare_app.components.controls import callout, empty, failure, icon, panel
from selfcare_app.state.deputies import DeputiesState as State
from selfcare_app.state.texts import T

TEXTS = "profile.deputies"


def _named(each: Any) -> rx.Component:
    return rx.el.li(
        icon("user-round-check"),
        rx.el.div(
            rx.el.div(each["name"], class_name="medium"),
            rx.el.div(
                rx.el.span(each["from"] + " – " + each["to"], class_name="num"),
                ", ",
                T(f"{TEXTS}.state." + each["state"]),
                class_name=rx.cond(each["state"] == "unable", "small warn", "second small"),
            ),
            class_name="grow",
        ),
        rx.el.div(
            rx.el.button(
                T(f"{TEXTS}.end"),
                on_click=State.end(each["id"]),
                type="button",
                class_name="btn sm",
                aria_label=T(f"{TEXTS}.end_of", name=each["name"]),
            ),
            class_name="row end",
        ),
        key=each["id"],
    )


def _day(key: str) -> rx.Component:
    return rx.el.div(
        rx.el.label(T(f"{TEXTS}.{key}"), rx.el.span("*", class_name="req", aria_hidden="true"), html_for=key),
        rx.el.input(
            id=key,
            name=key,
            type="date",
            min=State.first_day,
            default_value=State.first_day if key == "starts" else "",
            required=True,
            class_name="input num",
        ),
        class_name="field",
    )


def _form() -> rx.Component:
    return rx.el.form(
        rx.cond(State.problem != "", callout("danger", "circle-alert", State.problem, role="alert")),
        rx.el.div(
            rx.el.div(
                rx.el.label(
                    T(f"{TEXTS}.deputy"), rx.el.span("*", class_name="req", aria_hidden="true"), html_for="deputy"
                ),
                rx.el.select(
                    rx.foreach(
                        State.candidates, lambda each: rx.el.option(each["name"], value=each["id"], key=each["id"])
                    ),
                    id="deputy",
                    name="deputy",
                    auto_focus=True,
                    class_name="select",
                ),
                class_name="field",
            ),
            _day("starts"),
            _day("ends"),
            class_name="fields",
        ),
        rx.el.div(
            rx.el.button(T(f"{TEXTS}.save"), type="submit", class_name="btn primary"),
            rx.el.button(T("profile.person.cancel"), on_click=State.cancel, type="button", class_name="btn"),
            class_name="row",
        ),
        on_submit=State.save,
        no_validate=True,
        class_name="panel-body form",
    )


def deputies() -> rx.Component:
    """The section of the profile."""
    nobody = rx.cond(
        State.candidates.length() > 0,
        empty("user-round-check", T(f"{TEXTS}.none"), T(f"{TEXTS}.none_why")),
        empty("user-round-check", T(f"{TEXTS}.nobody"), T(f"{TEXTS}.nobody_why")),
    )
    shown = rx.cond(
        State.named.length() > 0,
        rx.el.ul(rx.foreach(State.named, _named), class_name="rows two"),
        rx.cond(State.loaded & ~State.adding, nobody),
    )
    return panel(
        T("profile.tabs.deputies"),
        rx.cond(State.failed, failure(State.retry), rx.fragment(rx.cond(State.adding, _form()), shown)),
        key="deputies",
        note=T(f"{TEXTS}.note"),
        more=rx.cond(
            State.loaded & ~State.adding & (State.candidates.length() > 0),
            rx.el.button(icon("plus", "sm"), T(f"{TEXTS}.add"), on_click=State.add, type="button", class_name="btn sm"),
        ),
    )
