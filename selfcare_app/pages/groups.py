"""/groups: tabs for group categories and groups; what is made, changed and removed there is in a dialog (R1, R5)."""

from __future__ import annotations

from typing import Any

import reflex as rx

from selfcare_app.components.controls import bone, empty, icon, unless_refused
from selfcare_app.components.details import Head, small_table
from selfcare_app.components.frame import page, page_title
from selfcare_app.components.group_dialog import group_dialog
from selfcare_app.components.native import GroupNames, link
from selfcare_app.pages.page import Page
from selfcare_app.specs.uploads import GROUPS as UPLOAD
from selfcare_app.state.group_dialog import GroupDialogState
from selfcare_app.state.groups import CATEGORIES, GROUPS
from selfcare_app.state.groups import GroupsState as State
from selfcare_app.state.texts import T

TEXTS = "grouping"
_HERE = rx.Var('(typeof window === "undefined" ? "" : window.location.search)').to(str)
"""What the browser's address says; the server's copy of it comes a moment later."""


def _acts(of: str, each: Any) -> rx.Component:
    """Change and remove, for those who may."""
    return rx.cond(
        State.may_write,
        rx.el.div(
            rx.el.button(
                T(f"{TEXTS}.change"),
                on_click=GroupDialogState.change(of, each["id"]),
                type="button",
                class_name="btn sm",
                aria_label=T(f"{TEXTS}.change_of", name=each["name"]),
            ),
            rx.el.button(
                T(f"{TEXTS}.remove"),
                on_click=GroupDialogState.remove(of, each["id"]),
                type="button",
                class_name="btn sm",
                aria_label=T(f"{TEXTS}.remove_of", name=each["name"]),
            ),
            class_name="row end",
        ),
    )


def _categories() -> rx.Component:
    add = rx.cond(
        State.may_write & State.room_for_category,
        rx.el.button(
            icon("plus"),
            T(f"{TEXTS}.create_category"),
            on_click=GroupDialogState.add("category", ""),
            type="button",
            class_name="btn primary",
        ),
    )
    table = small_table(
        T(f"{TEXTS}.tabs.categories"),
        f"{TEXTS}.columns",
        State.categories,
        Head("category", lambda each: link(each["name"], to="/groups?category=" + each["id"]), "medium"),
        Head("description", lambda each: each["description"], "second"),
        Head("groups", lambda each: each["groups"], "r num", said=True),
        Head("acts", lambda each: _acts("category", each), "mark"),
    )
    return rx.fragment(
        rx.cond(
            State.categories.length() == 0,
            empty("layers", T(f"{TEXTS}.no_categories"), T(f"{TEXTS}.no_categories_why"), add),
            rx.fragment(table, _foot(add, "categories")),
        ),
    )


def _groups() -> rx.Component:
    chooser = rx.el.div(
        rx.el.label(T(f"{TEXTS}.category"), html_for="category"),
        rx.el.select(
            rx.el.option(T(f"{TEXTS}.all_categories"), value=""),
            rx.foreach(State.categories, lambda each: rx.el.option(each["name"], value=each["id"], key=each["id"])),
            id="category",
            value=State.category,
            on_change=State.choose_category,
            class_name="select",
        ),
        class_name="field short",
    )
    add = rx.cond(
        State.may_write & State.room_for_group & (State.category != ""),
        rx.el.button(
            icon("plus"),
            T(f"{TEXTS}.create_group"),
            on_click=GroupDialogState.add("group", State.category),
            type="button",
            class_name="btn primary",
        ),
    )
    table = small_table(
        T(f"{TEXTS}.tabs.groups"),
        f"{TEXTS}.columns",
        State.groups,
        Head(
            "group",
            lambda each: link(GroupNames.create(names=each["name"]), to="/groups/" + each["id"]),
            "groupname",
        ),
        Head("description", lambda each: each["description"], "second"),
        Head(
            "customer_numbers",
            lambda each: link(
                each["customer_numbers"],
                to="/customer-numbers?group=" + each["id"],
                aria_label=T(f"{TEXTS}.numbers_in", n=each["customer_numbers"], name=each["name"]),
            ),
            "r num",
            said=True,
        ),
        Head(
            "subscriptions",
            lambda each: link(
                each["subscriptions"],
                to="/subscriptions?group=" + each["id"],
                aria_label=T(f"{TEXTS}.subscriptions_in", n=each["subscriptions"], name=each["name"]),
            ),
            "r num",
            said=True,
        ),
        Head("acts", lambda each: _acts("group", each), "mark"),
    )
    none = empty("layers", T(f"{TEXTS}.no_groups"), T(f"{TEXTS}.no_groups_why"), add)
    return rx.fragment(
        rx.el.div(chooser, class_name="panel-body"),
        rx.cond(State.groups.length() == 0, none, rx.fragment(table, _foot(add, "groups"))),
    )


def _foot(add: rx.Component, which: str) -> rx.Component:
    return rx.el.div(
        add,
        rx.el.span(T(f"{TEXTS}.used.{which}", used=State.used[which]), class_name="second num"),
        class_name="panel-body row spread",
    )


def _tabs() -> rx.Component:
    bar = rx.el.nav(
        *(
            link(
                T(f"{TEXTS}.tabs.{key}"),
                to=to,
                aria_current=rx.cond(State.tab == key, "page", rx.Var("undefined")),
            )
            for key, to in ((CATEGORIES, f"/groups?tab={CATEGORIES}"), (GROUPS, "/groups"))
        ),
        class_name="tabs line",
        aria_label=T(f"{TEXTS}.title"),
    )
    waiting = rx.el.ul(*(rx.el.li(bone(4)) for _ in range(4)), class_name="rows", aria_hidden="true")
    return rx.el.section(
        bar,
        rx.cond(
            State.loaded & (State.at == _HERE), rx.cond(State.tab == CATEGORIES, _categories(), _groups()), waiting
        ),
        class_name="panel tabbed",
        aria_label=T(f"{TEXTS}.title"),
    )


def draw() -> rx.Component:
    """The page."""
    return page(
        f"{TEXTS}.title",
        f"{TEXTS}.help",
        unless_refused(State, _tabs()),
        group_dialog(),
        actions=(
            rx.cond(
                State.loaded & State.may_write,
                rx.fragment(
                    link(icon("file-spreadsheet"), T(f"{TEXTS}.upload"), to=UPLOAD.route, class_name="btn"),
                    link(icon("layers"), T(f"{TEXTS}.memberships.title"), to="/group-memberships", class_name="btn"),
                ),
            ),
        ),
    )


PAGE = Page(route="/groups", title=page_title(f"{TEXTS}.title"), draw=draw, on_load=State.load)
