"""/groups: tabs for group categories and groups; what is made, changed and removed there is in a dialog (R1, R5)."""

from __future__ import annotations

import reflex as rx

from selfcare_app.components.controls import icon
from selfcare_app.components.frame import page, page_title
from selfcare_app.components.group_dialog import group_dialog
from selfcare_app.components.list_page import list_part
from selfcare_app.components.native import link
from selfcare_app.pages.page import Page
from selfcare_app.specs.lists import GROUP_CATEGORIES
from selfcare_app.specs.lists import GROUPS as GROUP_LIST
from selfcare_app.specs.uploads import GROUPS as UPLOAD
from selfcare_app.state.group_dialog import GroupDialogState
from selfcare_app.state.groups import CATEGORIES, GROUPS, ROUTE
from selfcare_app.state.groups import GroupsState as State
from selfcare_app.state.texts import T

TEXTS = "grouping"


def _add_category() -> rx.Component:
    return rx.cond(
        State.may_write & State.room_for_category,
        rx.el.button(
            icon("plus"),
            T(f"{TEXTS}.create_category"),
            on_click=GroupDialogState.add("category", ""),
            type="button",
            class_name="btn primary",
        ),
    )


def _add_group() -> rx.Component:
    return rx.cond(
        State.may_write & State.room_for_group,
        rx.cond(
            State.category != "",
            rx.el.button(
                icon("plus"),
                T(f"{TEXTS}.create_group"),
                on_click=GroupDialogState.add("group", State.category),
                type="button",
                class_name="btn primary",
            ),
            rx.el.span(T(f"{TEXTS}.choose_category"), class_name="second"),
        ),
    )


def _chooser() -> rx.Component:
    return rx.el.label(
        rx.el.span(T(f"{TEXTS}.category"), class_name="medium"),
        rx.el.select(
            rx.el.option(T(f"{TEXTS}.all_categories"), value=""),
            rx.foreach(State.categories, lambda each: rx.el.option(each["name"], value=each["id"], key=each["id"])),
            value=State.category,
            on_change=State.choose_category,
            class_name="select",
        ),
        class_name="row beside",
    )


def _foot(add: rx.Component, which: str) -> rx.Component:
    return rx.el.div(
        add,
        rx.el.span(T(f"{TEXTS}.used.{which}", used=State.used[which]), class_name="second num"),
        class_name="panel-body row between",
    )


def _tabs() -> rx.Component:
    bar = rx.el.nav(
        *(
            link(
                T(f"{TEXTS}.tabs.{key}"),
                to=to,
                aria_current=rx.cond(State.at_tab == key, "page", rx.Var("undefined")),
            )
            for key, to in ((CATEGORIES, f"{ROUTE}?tab={CATEGORIES}"), (GROUPS, ROUTE))
        ),
        class_name="tabs line",
        aria_label=T(f"{TEXTS}.title"),
    )
    categories = rx.fragment(list_part(GROUP_CATEGORIES, State), _foot(_add_category(), CATEGORIES))
    groups = rx.fragment(list_part(GROUP_LIST, State, lead=_chooser()), _foot(_add_group(), GROUPS))
    return rx.el.section(
        bar,
        rx.match(State.at_tab, (CATEGORIES, categories), (GROUPS, groups), rx.fragment()),
        class_name="panel tabbed",
        aria_label=T(f"{TEXTS}.title"),
    )


def draw() -> rx.Component:
    """The page."""
    return page(
        f"{TEXTS}.title",
        f"{TEXTS}.help",
        _tabs(),
        group_dialog(),
        actions=(
            rx.cond(
                State.may_write,
                rx.fragment(
                    link(icon("file-spreadsheet"), T(f"{TEXTS}.upload"), to=UPLOAD.route, class_name="btn"),
                    link(icon("layers"), T(f"{TEXTS}.memberships.title"), to="/group-memberships", class_name="btn"),
                ),
            ),
        ),
    )


PAGE = Page(route=ROUTE, title=page_title(f"{TEXTS}.title"), draw=draw, on_load=State.load, on_news=State.freshen)
