"""/groups/[asked]: one group with its members by month and what it costs (R1, R7)."""

from __future__ import annotations

from typing import Any

import reflex as rx

from selfcare_app.components.bars import bars
from selfcare_app.components.controls import empty, icon, panel, status
from selfcare_app.components.details import Detail, Head, small_table
from selfcare_app.components.frame import page_title
from selfcare_app.components.group_dialog import group_dialog
from selfcare_app.components.membership_picture import picture
from selfcare_app.components.native import link
from selfcare_app.pages.not_found import missing
from selfcare_app.pages.page import Page
from selfcare_app.state.group import GroupState as State
from selfcare_app.state.group_dialog import GroupDialogState
from selfcare_app.state.texts import T

TEXTS = "grouping.group"
MEMBERSHIP = "details.membership"


def _acts() -> rx.Component:
    return rx.fragment(
        rx.cond(
            State.may_write,
            rx.el.div(
                *(
                    rx.el.button(
                        icon(symbol), T(f"grouping.{key}"), on_click=does("group", State.facts["id"]), type="button",
                        class_name="btn",
                    )
                    for key, symbol, does in (
                        ("change", "pencil", GroupDialogState.change), ("remove", "trash-2", GroupDialogState.remove),
                    )
                ),
                class_name="row",
            ),
        ),
        group_dialog(),
    )  # fmt: skip


def _edit(each: Any) -> rx.Component:
    return rx.cond(
        State.may_write,
        link(
            T("grouping.change"),
            to=each["edit"],
            class_name="btn sm",
            aria_label=T("grouping.change_of", name=each["label"]),
        ),
    )


def _members() -> rx.Component:
    table = small_table(
        T(f"{TEXTS}.members"),
        MEMBERSHIP,
        State.members,
        Head("member", lambda each: link(each["label"], to=each["href"], class_name="num"), "medium"),
        Head("who", lambda each: each["name"], "second"),
        Head("from", lambda each: each["from"], "num"),
        Head("to", lambda each: rx.cond(each["to"] != "", each["to"], T("pages.until_further")), "num until"),
        Head("state", lambda each: status(each["state"], f"{MEMBERSHIP}.states"), ""),
        Head("acts", _edit, "mark"),
    )
    add = rx.cond(
        State.may_write,
        link(icon("plus"), T(f"{TEXTS}.add"), to="/group-memberships", class_name="btn primary"),
    )
    return panel(
        T(f"{TEXTS}.members"),
        rx.cond(
            State.members.length() == 0,
            empty("layers", T(f"{TEXTS}.none"), T(f"{TEXTS}.none_why")),
            rx.fragment(
                rx.el.div(
                    picture(State.members, State.months, lambda each: each["label"], lambda each: each["name"]),
                    class_name="panel-body",
                ),
                table,
                rx.cond(
                    State.more,
                    rx.el.p(T(f"{TEXTS}.more", total=State.total), class_name="panel-body second"),
                ),
            ),
        ),
        key="members",
        more=add,
    )


def draw() -> rx.Component:
    """The page."""
    detail = Detail(State, TEXTS)
    numbers = link(State.facts["customer_numbers"], to="/customer-numbers?group=" + State.facts["id"], class_name="num")
    subscriptions = link(State.facts["subscriptions"], to="/subscriptions?group=" + State.facts["id"], class_name="num")
    return detail.page(
        detail.facts(
            detail.fact("category", width=3),
            detail.fact("description", width=4, optional=True),
            detail.fact("customer_numbers", numbers),
            detail.fact("subscriptions", subscriptions),
        ),
        rx.cond(
            detail.known & (State.costs.length() > 0),
            panel(
                T(f"{TEXTS}.costs"),
                rx.el.div(bars(State.costs, T(f"{TEXTS}.costs")), class_name="panel-body"),
                key="costs",
                note=T(f"{TEXTS}.costs_note"),
            ),
        ),
        rx.cond(detail.known, _members()),
        crumbs=(("grouping.title", "/groups"),),
        missing=missing(),
        number=State.facts["name"],
        primary=_acts(),
    )


PAGE = Page(route="/groups/[asked]", title=page_title(f"{TEXTS}.title"), draw=draw, on_load=State.load)
