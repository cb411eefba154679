"""The dialog over a group's page: what is searched for and put into it, and what is ended, moved or removed (R2-R4)."""

from __future__ import annotations

from typing import Any

import reflex as rx

from selfcare_app.components import overlays
from selfcare_app.components.controls import icon
from selfcare_app.components.foreseen import foreseen
from selfcare_app.components.group_dialog import problem
from selfcare_app.components.months import month_options
from selfcare_app.components.native import Press
from selfcare_app.specs.lists.groups import END_MEMBER, MOVE_MEMBER, REMOVE_MEMBER
from selfcare_app.state.group_members import ADD, ASKED, PICKED_FROM
from selfcare_app.state.group_members import GroupMembersState as State
from selfcare_app.state.texts import T

TEXTS = "grouping.members"
PAUSE = 150
"""Milliseconds after which a word is taken as typed."""


def _by_asking(part: str, **values: Any) -> Any:
    return rx.match(State.asking, *((key, T(f"{TEXTS}.{part}.{key}", **values)) for key in ASKED), "")


def members_dialog() -> rx.Component:
    """Drawn once on the page; opened by `GroupMembersState`."""
    back = rx.el.button(T(f"{TEXTS}.again"), on_click=State.again, type="button", class_name="btn")
    shown = foreseen(
        State,
        rx.cond(State.asking != REMOVE_MEMBER, back),
        overlays.sheet_close(rx.el.button(T("grouping.cancel"), type="button", class_name="btn")),
        apply=_by_asking("apply"),
    )
    return overlays.dialog(
        rx.cond(
            State.called != "",
            _by_asking("title_of", name=State.called),
            _by_asking("title", n=State.count),
        ),
        T("grouping.close"),
        rx.cond(State.outcomes.length() > 0, shown, _form()),
        wide=True,
        open=State.asking != "",
        on_open_change=State.turn,
    )


def _form() -> rx.Component:
    fields = rx.match(
        State.asking,
        (ADD, rx.fragment(_picker(), rx.el.div(_start(), _end(), class_name="fields two"), _moving())),
        (MOVE_MEMBER, rx.fragment(rx.el.div(_groups(), _from(), class_name="fields two"), _hint("move_hint"))),
        (END_MEMBER, rx.fragment(_last(), _hint("end_hint"))),
        rx.fragment(),
    )
    return rx.el.form(
        problem(State.problem),
        fields,
        rx.el.div(
            rx.el.button(T(f"{TEXTS}.preview"), type="submit", class_name="btn primary"),
            overlays.sheet_close(rx.el.button(T("grouping.cancel"), type="button", class_name="btn")),
            class_name="row",
        ),
        on_submit=State.preview,
        no_validate=True,
        class_name="form",
    )


def _hint(key: str) -> rx.Component:
    return rx.el.p(T(f"{TEXTS}.{key}"), class_name="hint")


# --- months and groups


def _field(key: str, name: str, value: Any, *options: Any) -> rx.Component:
    control = rx.el.select(
        *options, id=f"member-{name}", name=name, default_value=value, key=name + value, class_name="select"
    )
    return rx.el.div(rx.el.label(T(key), html_for=f"member-{name}"), control, class_name="field")


def _start() -> rx.Component:
    opening = rx.el.option(T("grouping.memberships.from_opening"), value="")
    return _field("grouping.thing.start", "start", State.start, opening, month_options(State.starts))


def _end() -> rx.Component:
    return _field(
        "grouping.thing.end",
        "end",
        State.end,
        rx.el.option(T("pages.until_further"), value=""),
        month_options(State.ends),
    )


def _from() -> rx.Component:
    return _field("grouping.thing.month", "start", State.start, month_options(State.starts))


def _last() -> rx.Component:
    return _field("grouping.thing.end", "end", State.end, month_options(State.ends))


def _groups() -> rx.Component:
    choices = rx.foreach(State.groups, lambda each: rx.el.option(each["name"], value=each["id"], key=each["id"]))
    return _field(f"{TEXTS}.to_group", "group", State.group, choices)


def _moving() -> rx.Component:
    return rx.el.label(
        rx.el.input(type="checkbox", name="moving", default_checked=State.moving, class_name="check"),
        rx.el.span(T("grouping.memberships.moving")),
        class_name="row",
    )


# --- picking


def _picker() -> rx.Component:
    return rx.el.div(_picked(), _search(), class_name="nested picker")


def _picked() -> rx.Component:
    chip = lambda each: rx.el.li(  # noqa: E731
        rx.el.span(each["name"], class_name="num"),
        rx.el.button(
            icon("x", "sm"),
            on_click=State.drop(each["kind"], each["number"]),
            type="button",
            aria_label=T(f"{TEXTS}.drop", name=each["name"]),
        ),
        key=each["kind"] + each["number"],
        class_name="chip",
    )
    return rx.cond(
        State.count > 0,
        rx.el.ul(
            rx.foreach(State.picked, chip),
            rx.cond(State.unnamed > 0, rx.el.li(T(f"{TEXTS}.unnamed", n=State.unnamed), class_name="muted")),
            class_name="chiplist",
            aria_label=T(f"{TEXTS}.picked", n=State.count),
        ),
    )


def _search() -> rx.Component:
    kinds = rx.el.div(
        *(
            rx.cond(
                State.kinds.contains(key),
                rx.el.button(
                    T(f"{spec.texts}.title"),
                    on_click=State.choose_kind(key),
                    type="button",
                    aria_pressed=rx.cond(State.kind == key, "true", "false"),
                ),
            )
            for key, spec in PICKED_FROM.items()
        ),
        class_name="seg",
        role="group",
        aria_label=T(f"{TEXTS}.what"),
    )
    field = rx.el.div(
        rx.el.label(T(f"{TEXTS}.search"), html_for="member-search"),
        rx.el.span(
            icon("search"),
            rx.el.input(
                id="member-search",
                type="search",
                on_change=State.search.debounce(PAUSE),
                auto_complete="off",
                class_name="input",
                placeholder=rx.match(
                    State.kind, *((key, T(f"{spec.texts}.search")) for key, spec in PICKED_FROM.items()), ""
                ),
                custom_attrs={"data-paste-numbers": True},
            ),
            class_name="withicon",
        ),
        class_name="field",
    )
    return rx.el.div(
        kinds,
        field,
        rx.el.p(
            rx.cond(
                State.hits_total > State.hits_shown,
                T(f"{TEXTS}.hits_some", shown=State.hits_shown, total=State.hits_text),
                T("lists.hits", n=State.hits_total, shown=State.hits_text),
            ),
            class_name="second small num",
            role="status",
        ),
        rx.cond(
            State.hits.length() > 0,
            rx.el.ul(rx.foreach(State.hits, _hit), class_name="hitlist", aria_label=T(f"{TEXTS}.hits")),
        ),
        class_name="stack gap4",
    )


def _hit(each: Any) -> rx.Component:
    return rx.el.li(
        rx.el.label(
            Press.create(
                type="checkbox",
                checked=each["picked"] == "1",
                answered=State.answered,
                on_change=lambda picked, press: State.pick(each["number"], picked, press),
                class_name="check",
            ),
            rx.el.span(each["name"], class_name="num"),
            class_name="option",
        ),
        key=State.kind + each["number"],
    )
