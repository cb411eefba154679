"""/users/[asked]: one user with role, permissions and access, to look at (U2-U5)."""

from __future__ import annotations

from typing import Any

import reflex as rx

from selfcare_app.components.controls import bone, panel, status
from selfcare_app.components.details import Detail
from selfcare_app.components.frame import page_title
from selfcare_app.components.native import GroupNames, link
from selfcare_app.components.permissions import permission_tables
from selfcare_app.pages.not_found import missing
from selfcare_app.pages.page import Page
from selfcare_app.specs.lists import USERS
from selfcare_app.state.texts import T
from selfcare_app.state.user import UserState as State

TEXTS = "details.user"


def _facts(detail: Detail) -> rx.Component:
    return detail.facts(
        detail.fact("email", width=3),
        detail.fact("phone", class_name="num"),
        detail.fact("role", T("permissions.role." + State.facts["role"])),
        detail.fact("created", class_name="num"),
        detail.fact("activated", class_name="num"),
        detail.fact("disabled", class_name="num", optional=True),
        detail.fact("last_sign_in", class_name="num"),
    )


def _permissions(detail: Detail) -> rx.Component:
    return panel(
        T(f"{TEXTS}.permissions"),
        rx.cond(
            detail.known,
            permission_tables(State.levels, State.singles),
            rx.el.p(bone(4), class_name="panel-body"),
        ),
        key="permissions",
    )


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


def _access(detail: Detail) -> rx.Component:
    some = rx.el.div(
        _granted("customer_numbers", State.customer_numbers),
        _granted("subscriptions", State.subscriptions),
        _granted("groups", State.groups, groups=True),
        class_name="panel-body granted",
    )
    return panel(
        T(f"{TEXTS}.access"),
        rx.cond(
            detail.known,
            rx.match(
                State.facts["access"],
                ("all", rx.el.p(T(f"{TEXTS}.access_all"), class_name="panel-body")),
                ("none", rx.el.p(T(f"{TEXTS}.access_none"), class_name="panel-body")),
                some,
            ),
            rx.el.p(bone(4), class_name="panel-body"),
        ),
        key="access",
    )


def draw() -> rx.Component:
    """The page."""
    detail = Detail(State, TEXTS)
    return detail.page(
        _facts(detail),
        rx.el.div(_permissions(detail), _access(detail), class_name="cols main-side"),
        crumbs=((f"{USERS.texts}.title", USERS.route),),
        missing=missing(),
        number=State.facts["name"],
        beside=status(State.facts["status"], "lists.user_status"),
    )


PAGE = Page(
    route=f"{USERS.route}/[asked]",
    title=page_title(f"{TEXTS}.title"),
    draw=draw,
    on_load=State.load,
)
