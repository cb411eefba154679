"""The tab of a user's page with what they may see (U5)."""

from __future__ import annotations

from typing import Any

import reflex as rx

from selfcare_app.components.details import Detail
from selfcare_app.components.native import GroupNames, link
from selfcare_app.state.texts import T
from selfcare_app.state.user import UserState as State

TEXTS = "details.user"


def _granted(kind: str, rows: Any, *, groups: bool = False) -> rx.Component:
    """What of a kind the user was given: those the reader sees, and how many more."""
    more = State.more[kind]
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


def draw(_detail: Detail) -> rx.Component:
    """The tab's content."""
    some = rx.el.div(
        _granted("customer_numbers", State.customer_numbers),
        _granted("subscriptions", State.subscriptions),
        _granted("groups", State.groups, groups=True),
        class_name="panel-body granted",
    )
    return rx.fragment(
        rx.el.h2(T("details.tabs.access"), class_name="tab-head"),
        rx.match(
            State.facts["access"],
            ("all", rx.el.p(T(f"{TEXTS}.access_all"), class_name="panel-body")),
            ("none", rx.el.p(T(f"{TEXTS}.access_none"), class_name="panel-body")),
            some,
        ),
    )
