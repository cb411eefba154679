"""The tab of a user's page with what they may see, and the choice that changes it: *Tilldela objekt* (U5)."""

from __future__ import annotations

from typing import Any

import reflex as rx

from selfcare_app.components.access_choice import access_choice
from selfcare_app.components.controls import callout
from selfcare_app.components.details import Detail
from selfcare_app.components.native import GroupNames, link
from selfcare_app.components.user_tab import filled, refusals, save_row
from selfcare_app.state.texts import T
from selfcare_app.state.user import UserState
from selfcare_app.state.user_access import UserAccessState as State

TEXTS = "details.user"


def draw(_detail: Detail) -> rx.Component:
    """The tab's content. One's own access is there to look at."""
    own = rx.fragment(
        rx.el.div(callout("info", "lock", T("users.own_access")), class_name="panel-body"),
        _to_look_at(),
    )
    choice = rx.el.div(
        refusals(State, "access"),
        access_choice(State),
        save_row(
            State,
            rx.el.button(T("users.access.save"), on_click=State.save_access, type="button", class_name="btn primary"),
        ),
        class_name="panel-body form",
    )
    return rx.fragment(
        rx.el.h2(T("details.tabs.access"), class_name="tab-head"), rx.cond(UserState.own, own, filled(State, choice))
    )


def _granted(kind: str, rows: Any, *, groups: bool = False) -> rx.Component:
    """What of a kind the user was given: those the reader sees, and how many more."""
    more = UserState.more[kind]
    shown = lambda each: (  # noqa: E731
        rx.el.li(GroupNames.create(names=each["text"]), class_name="groupname")
        if groups
        else rx.el.li(link(each["text"], to=each["href"], class_name="num"))
    )
    return rx.cond(
        (rows.length() > 0) | (more != ""),
        rx.el.div(
            rx.el.h3(T(f"{TEXTS}.granted.{kind}")),
            rx.el.ul(
                rx.foreach(rows, shown),
                rx.cond(more != "", rx.el.li(T(f"{TEXTS}.granted.more", n=more), class_name="muted")),
            ),
        ),
    )


def _to_look_at() -> rx.Component:
    some = rx.el.div(
        _granted("customer_numbers", UserState.customer_numbers),
        _granted("subscriptions", UserState.subscriptions),
        _granted("groups", UserState.groups, groups=True),
        class_name="panel-body granted",
    )
    return rx.match(
        UserState.facts["access"],
        ("all", rx.el.p(T(f"{TEXTS}.access_all"), class_name="panel-body")),
        ("none", rx.el.p(T(f"{TEXTS}.access_none"), class_name="panel-body")),
        some,
    )
