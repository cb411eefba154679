"""Choosing what somebody may see (U5): all, some, none; and which. Its state is an AccessChoice."""

from __future__ import annotations

from typing import Any

import reflex as rx

from selfcare_app.components.controls import callout, icon
from selfcare_app.components.native import GroupNames, Press
from selfcare_app.services.users import KINDS_GIVEN
from selfcare_app.state.access_choice import ALL, MOST_CHOSEN, NONE, SOME
from selfcare_app.state.shown import grouped
from selfcare_app.state.texts import T

TEXTS = "users.access"
PAUSE = 150
"""Milliseconds without a key after which is searched."""


def access_choice(state: Any) -> rx.Component:
    """The three ways, and for some objects what is chosen and where to find more."""
    return rx.el.div(
        rx.el.fieldset(
            rx.el.legend(T(f"{TEXTS}.legend"), class_name="label"),
            rx.el.div(*(_way(state, each) for each in (ALL, SOME, NONE)), class_name="options three"),
            class_name="plainset",
        ),
        rx.cond(
            state.all_locked,
            rx.el.p(icon("lock", "sm"), T(f"{TEXTS}.all_locked"), class_name="hint locked-note"),
        ),
        rx.cond(state.access == SOME, _some(state)),
        rx.cond(
            state.beyond != "",
            callout("info", "info", T(f"{TEXTS}.beyond", n=state.beyond)),
        ),
        class_name="stack gap4",
    )


def _way(state: Any, way: str) -> rx.Component:
    return rx.el.label(
        Press.create(
            type="radio",
            name="access",
            value=way,
            checked=state.access == way,
            disabled=state.all_locked if way == ALL else state.way_locked,
            answered=state.answered,
            on_change=lambda _, press: state.choose_access(way, press),
            class_name="check",
        ),
        rx.el.span(
            rx.el.span(T(f"{TEXTS}.ways.{way}"), class_name="medium"),
            rx.el.span(T(f"{TEXTS}.ways.{way}_text"), class_name="hint"),
            class_name="two-lines",
        ),
        class_name="option",
    )


def _some(state: Any) -> rx.Component:
    return rx.cond(
        state.kinds.length() > 0,
        rx.el.div(_chosen(state), _search(state), class_name="nested picker"),
        callout("info", "lock", T(f"{TEXTS}.nothing_readable")),
    )


def chosen_names(state: Any, *, removable: bool) -> rx.Component:
    """What is chosen, by name."""
    return rx.el.ul(
        rx.foreach(state.chips, lambda each: _chip(state, each, removable=removable)),
        rx.cond(state.unnamed != "", rx.el.li(T(f"{TEXTS}.unnamed", n=state.unnamed), class_name="muted")),
        class_name="chiplist",
        aria_label=T(f"{TEXTS}.chosen_list"),
    )


def _chip(state: Any, each: Any, *, removable: bool) -> rx.Component:
    remove = rx.el.button(
        icon("x", "sm"),
        on_click=state.drop_object(each["kind"], each["key"]),
        type="button",
        aria_label=T(f"{TEXTS}.remove", name=each["name"]),
    )
    return rx.el.li(
        rx.el.b(T(f"{TEXTS}.kinds_one." + each["kind"])),
        rx.el.span(each["name"]),
        *([remove] if removable else []),
        key=each["kind"] + each["key"],
        class_name="chip" if removable else "chip still",
    )


def _chosen(state: Any) -> rx.Component:
    return rx.el.div(
        rx.el.h3(
            T(f"{TEXTS}.chosen"),
            " ",
            rx.el.span(state.chosen_text, class_name="count num"),
        ),
        rx.cond(
            state.chosen_count > 0,
            chosen_names(state, removable=True),
            rx.el.p(T(f"{TEXTS}.none_chosen"), class_name="second small"),
        ),
        rx.cond(
            state.choice_full,
            rx.el.p(T(f"{TEXTS}.full", most=grouped(MOST_CHOSEN)), class_name="error", role="status"),
        ),
    )


def _search(state: Any) -> rx.Component:
    return rx.el.div(
        rx.el.div(
            *(
                rx.cond(
                    state.kinds.contains(kind),
                    rx.el.button(
                        T(f"{TEXTS}.kinds.{kind}"),
                        on_click=state.choose_kind(kind),
                        type="button",
                        aria_pressed=rx.cond(state.kind == kind, "true", "false"),
                    ),
                )
                for kind in KINDS_GIVEN
            ),
            class_name="seg",
            role="group",
            aria_label=T(f"{TEXTS}.what"),
        ),
        rx.el.div(
            rx.el.label(T(f"{TEXTS}.search." + state.kind), html_for="object-search"),
            rx.el.span(
                icon("search"),
                rx.el.input(
                    id="object-search",
                    key=state.kind,
                    type="search",
                    default_value=state.hits_for,
                    on_change=state.search_objects.debounce(PAUSE),
                    auto_complete="off",
                    placeholder=T(f"{TEXTS}.search_in." + state.kind),
                    class_name="input",
                ),
                class_name="withicon",
            ),
            class_name="field",
        ),
        rx.el.p(T(f"{TEXTS}.hits", n=state.hits_total), class_name="second small num", role="status"),
        rx.cond(
            state.hits.length() > 0,
            rx.el.ul(
                rx.foreach(state.hits, lambda each: _hit(state, each)),
                class_name="hitlist",
                aria_label=T(f"{TEXTS}.kinds." + state.kind),
            ),
            rx.el.p(T(f"{TEXTS}.no_hits"), class_name="second"),
        ),
        rx.cond(state.hits_pages > 1, _pages(state)),
        class_name="stack gap4",
    )


def _hit(state: Any, each: Any) -> rx.Component:
    return rx.el.li(
        rx.el.label(
            Press.create(
                type="checkbox",
                checked=each["chosen"] == "1",
                disabled=state.choice_full & (each["chosen"] == ""),
                answered=state.answered,
                on_change=lambda chosen, press: state.set_object(each["key"], chosen, press),
                class_name="check",
            ),
            rx.el.span(
                rx.cond(state.kind == "groups", GroupNames.create(names=each["name"]), each["name"]), class_name="num"
            ),
            class_name="option",
        ),
        key=state.kind + each["key"],
    )


def _pages(state: Any) -> rx.Component:
    return rx.el.div(
        rx.el.button(
            icon("chevron-left", "sm"),
            T("lists.previous"),
            on_click=state.turn_hits(state.hits_page - 1),
            disabled=state.hits_page <= 1,
            type="button",
            class_name="btn sm",
        ),
        rx.el.span(T(f"{TEXTS}.page", page=state.hits_page, pages=state.hits_pages), class_name="second small num"),
        rx.el.button(
            T("lists.next"),
            icon("chevron-right", "sm"),
            on_click=state.turn_hits(state.hits_page + 1),
            disabled=state.hits_page >= state.hits_pages,
            type="button",
            class_name="btn sm",
        ),
        class_name="row",
    )
