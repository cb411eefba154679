"""/groups/[asked]: one group with its members by month and what it costs (R1, R7)."""

from __future__ import annotations

import reflex as rx

from selfcare_app.components.bars import bars
from selfcare_app.components.controls import icon, panel
from selfcare_app.components.details import Detail
from selfcare_app.components.frame import page_title
from selfcare_app.components.group_dialog import group_dialog
from selfcare_app.components.group_members import members_dialog
from selfcare_app.components.list_page import related_list
from selfcare_app.components.membership_picture import picture
from selfcare_app.components.native import link
from selfcare_app.pages.not_found import missing
from selfcare_app.pages.page import Page
from selfcare_app.specs.lists import GROUP_MEMBERS
from selfcare_app.state.group import GroupState as State
from selfcare_app.state.group_dialog import GroupDialogState
from selfcare_app.state.group_members import GroupMembersState
from selfcare_app.state.related import RelatedState
from selfcare_app.state.texts import T

TEXTS = "grouping.group"


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


def _members() -> rx.Component:
    """The list of what is in it, and its page by month."""
    add = rx.cond(
        State.may_write,
        rx.el.button(
            icon("plus"), T(f"{TEXTS}.add"), on_click=GroupMembersState.add, type="button", class_name="btn primary"
        ),
    )
    by_month = rx.cond(
        State.members.length() > 0,
        rx.el.div(
            rx.el.h3(T("grouping.thing.picture")),
            picture(State.members, State.months, lambda each: each["label"], lambda each: each["name"]),
            class_name="panel-body",
        ),
    )
    return panel(
        T(f"{TEXTS}.members"), related_list(GROUP_MEMBERS, State.draw_members), by_month, key="members", more=add
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
        members_dialog(),
        crumbs=(("grouping.title", "/groups"),),
        missing=missing(),
        number=State.facts["name"],
        primary=_acts(),
    )


PAGE = Page(
    route="/groups/[asked]",
    title=page_title(f"{TEXTS}.title"),
    draw=draw,
    on_load=[State.load, RelatedState.load, State.draw_members],
    on_news=[State.freshen, RelatedState.freshen, State.freshen_members],
)
