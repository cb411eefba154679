"""The tab of a user's page with what they see, and why an object shows: Varför syns detta? (U5)."""

from __future__ import annotations

from typing import Any

import reflex as rx

from selfcare_app.components.controls import bone, icon
from selfcare_app.components.details import Detail, Head, small_table
from selfcare_app.components.filters import TYPING_MS
from selfcare_app.components.native import FollowingInput, GroupNames, link
from selfcare_app.specs.lists import LISTS
from selfcare_app.state.texts import T
from selfcare_app.state.user_sees import UserSeesState as State

TEXTS = "details.user.sees"


def _title(key: Any) -> rx.Component:
    """The title of a list whose key is known on screen only."""
    return rx.match(key, *((spec.key, T(f"{spec.texts}.title")) for spec in LISTS.values() if spec.listed), key)


def _preview() -> rx.Component:
    table = small_table(
        T(f"{TEXTS}.preview"),
        TEXTS,
        State.lists,
        Head("list", lambda each: _title(each["key"])),
        Head(
            "count",
            lambda each: rx.cond(
                each["permitted"] == "1",
                T(f"{TEXTS}.count_of", count=each["count"], of=each["of"]),
                rx.el.span(T(f"{TEXTS}.no_permission"), class_name="muted"),
            ),
            "num",
        ),
        Head("first", lambda each: rx.cond(each["first"] != "", each["first"], "–"), "second"),
    )
    return rx.fragment(
        rx.el.h2(T(f"{TEXTS}.preview"), class_name="tab-head"),
        rx.el.p(T(f"{TEXTS}.preview_help"), class_name="panel-body muted small"),
        rx.cond(State.lists.length() > 0, table, rx.el.p(bone(4), class_name="panel-body")),
    )


def _search() -> rx.Component:
    return rx.el.label(
        rx.el.span(T(f"{TEXTS}.search"), class_name="label"),
        rx.el.span(
            icon("search"),
            FollowingInput.create(
                value=State.search,
                on_change=State.look_for.debounce(TYPING_MS),
                type="search",
                auto_complete="off",
                class_name="input",
            ),
            class_name="withicon search",
        ),
        class_name="field",
    )


def _offered(each: Any) -> rx.Component:
    return rx.el.li(
        link(rx.el.span(_title(each["kind"]), ": ", class_name="muted"), each["name"], to=each["href"], stay=True),
        key=each["href"],
    )


def _found() -> rx.Component:
    return rx.el.div(
        rx.cond(
            State.found.length() > 0,
            rx.el.ul(rx.foreach(State.found, _offered), class_name="offered"),
            rx.cond(State.searched, rx.el.p(T(f"{TEXTS}.nothing_found"), class_name="muted small")),
        ),
        role="status",
    )


def _grant(each: Any) -> rx.Component:
    """One reason, with what was granted where the manager sees that."""
    reason, named = each["reason"], each["name"] != ""
    months = rx.cond(
        each["since"] != "",
        rx.el.span(
            " (", each["since"], " – ", rx.cond(each["until"] != "", each["until"], T("pages.until_further")), ")",
            class_name="num muted",
        ),
    )  # fmt: skip
    name = rx.cond(reason == "group", GroupNames.create(names=each["name"]), rx.el.span(each["name"], class_name="num"))
    return rx.el.li(
        T(f"{TEXTS}.reasons." + reason),
        rx.cond(named, rx.fragment(": ", name), rx.cond(reason != "all", T(f"{TEXTS}.hidden"), "")),
        months,
        rx.cond(
            (reason == "group") & (each["inherited"] == "1"), rx.el.span(T(f"{TEXTS}.inherited"), class_name="muted")
        ),
    )


def _answer() -> rx.Component:
    named = rx.el.p(
        rx.match(
            State.answer,
            ("seen", T(f"{TEXTS}.seen")),
            ("unpermitted", T(f"{TEXTS}.unpermitted")),
            T(f"{TEXTS}.unseen"),
        ),
        class_name="medium",
    )
    about = rx.el.h3(
        _title(State.asked["kind"]), ": ", link(State.asked["name"], to=State.asked["href"], class_name="num")
    )
    return rx.cond(
        State.answer != "",
        rx.el.section(
            rx.cond(
                State.answer == "missing",
                rx.el.p(T(f"{TEXTS}.missing"), class_name="medium"),
                rx.fragment(
                    about,
                    named,
                    rx.cond(
                        State.grants.length() > 0, rx.el.ul(rx.foreach(State.grants, _grant), class_name="reasons")
                    ),
                ),
            ),
            class_name="nested answer",
            aria_label=T(f"{TEXTS}.why"),
        ),
    )


def draw(_detail: Detail) -> rx.Component:
    """The tab's content."""
    return rx.fragment(
        rx.el.h2(T(f"{TEXTS}.why"), class_name="tab-head"),
        rx.el.div(
            rx.el.p(T(f"{TEXTS}.why_help"), class_name="muted small"),
            _search(),
            _found(),
            _answer(),
            class_name="panel-body why",
        ),
        _preview(),
    )
