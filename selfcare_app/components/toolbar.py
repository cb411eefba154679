"""What stands around a list's table: tabs, search, filters, columns, export above it; size and pages below."""

from __future__ import annotations

from typing import Any

import reflex as rx

from selfcare_app.components import overlays
from selfcare_app.components.actions import export_items
from selfcare_app.components.controls import callout, icon
from selfcare_app.components.filters import filter_buttons, filter_sheet, search_field
from selfcare_app.components.native import link
from selfcare_app.specs.lists import SIZES, Column, ListSpec
from selfcare_app.state.texts import T


def toolbar(spec: ListSpec, state: Any, *more: rx.Component, lead: rx.Component | None = None) -> rx.Component:
    """All of it above the table. `lead`: what the page itself has there, before all else."""
    return rx.el.div(
        *([lead] if lead is not None else []),
        *([_tabs(spec, state)] if len(spec.tabs) > 1 else []),
        *([search_field(spec, state)] if spec.searched else []),
        *filter_buttons(spec, state),
        *([filter_sheet(spec, state)] if spec.filters else []),
        rx.el.span(class_name="desk grow"),
        _columns_menu(spec, state),
        *more,
        class_name="toolbar",
    )


def page_export(state: Any) -> tuple[rx.Component, ...]:
    """A list page as a file: a button of the page, on phones an entry of its further actions."""
    phone = overlays.menu_trigger(
        icon("ellipsis", "lg"), class_name="iconbtn phone-only", aria_label=T("lists.more_actions")
    )
    return _export_button(state), _export_menu(state, phone, overlays.menu_head(T("lists.export")))


def part_export(state: Any) -> tuple[rx.Component, ...]:
    """A list that is a part of a page as a file: a button of its tool bar, on phones its icon alone."""
    phone = overlays.menu_trigger(icon("download"), class_name="iconbtn phone-only", aria_label=T("lists.export"))
    return _export_button(state), _export_menu(state, phone)


def _export_button(state: Any) -> rx.Component:
    desk = overlays.menu_trigger(
        icon("download"), T("lists.export"), icon("chevron-down", "sm tail"), class_name="btn desk-only"
    )
    return _export_menu(state, desk)


def _export_menu(state: Any, trigger: rx.Component, *head: rx.Component) -> rx.Component:
    return overlays.menu(trigger, *head, *export_items(state.export_xlsx, state.export_csv), align="end")


def _tabs(spec: ListSpec, state: Any) -> rx.Component:
    """The exclusive views of the list: links, since each is an address; counts stand outside the names."""
    return rx.el.nav(
        *(
            link(
                T(f"lists.tabs.{tab.key}"),
                rx.el.span(state.tab_counts[tab.key], class_name="n", aria_hidden="true"),
                to=state.tab_hrefs[tab.key],
                sets="tab view",
                stay=True,
                aria_current=rx.cond(
                    (state.tab == tab.key) | ((state.tab == "") & (tab.key == spec.tabs[0].key)),
                    "page",
                    rx.Var("undefined"),
                ),
            )
            for tab in spec.tabs
        ),
        class_name="seg",
        aria_label=T("lists.views"),
    )


def _columns_menu(spec: ListSpec, state: Any) -> rx.Component:
    return overlays.menu(
        overlays.menu_trigger(icon("columns-3"), T("lists.columns_button"), class_name="filter desk bare"),
        overlays.menu_head(T("lists.columns_shown")),
        *(
            rx.cond(
                state.absent.contains(column.key),
                rx.fragment(),
                overlays.menu_check(
                    T(f"lists.columns.{column.key}"),
                    ~is_hidden(column, state),
                    lambda _, key=column.key: state.toggle_column(key),
                ),
            )
            for column in spec.columns[1:]
        ),
        align="end",
    )


def is_hidden(column: Column, state: Any) -> Any:
    """Whether a column is hidden by the user's own choice, or by none when it is optional."""
    return ~state.shown.contains(column.key) if column.optional else state.hidden.contains(column.key)


def not_found(state: Any) -> rx.Component:
    """Pasted numbers that gave no row."""
    return rx.cond(
        state.not_found.length() > 0,
        callout(
            "info",
            "info",
            T("lists.not_found", n=state.not_found.length()),
            " ",
            rx.el.span(state.not_found.join(", "), class_name="second"),
            role="status",
            custom_attrs={"data-note": "not-found"},
        ),
    )


# --- under the table


def foot(state: Any) -> rx.Component:
    """How many rows, of how many, on which page."""
    return rx.el.div(
        overlays.menu(
            overlays.menu_trigger(
                T("lists.per_page", size=state.size), icon("chevron-down", "sm"), class_name="btn sm"
            ),
            *(
                overlays.menu_item(
                    link(
                        T("lists.per_page", size=str(size)),
                        to=state.size_hrefs[str(size)],
                        sets="size",
                        stay=True,
                        class_name="menu-item num",
                        aria_current=rx.cond(state.size == str(size), "true", rx.Var("undefined")),
                    )
                )
                for size in SIZES
            ),
        ),
        rx.el.span(
            rx.cond(state.loaded, T("lists.shown", shown=state.shown_text, total=state.total_text), ""),
            class_name="num",
        ),
        rx.el.nav(
            rx.el.ul(
                rx.el.li(_step(state.previous_href, "lists.previous", before=True)),
                rx.foreach(
                    state.pages,
                    lambda each: rx.el.li(_page_link(each), class_name=rx.cond(each["kind"] == "gap", "far", "")),
                ),
                rx.el.li(_step(state.next_href, "lists.next", before=False)),
            ),
            class_name="pages",
            aria_label=T("lists.pages"),
        ),
        class_name="tablefoot",
    )


def _step(href: Any, text: str, *, before: bool) -> rx.Component:
    inside = (icon("chevron-left", "sm"), T(text)) if before else (T(text), icon("chevron-right", "sm"))
    return rx.cond(href != "", link(*inside, to=href, sets="page"), rx.el.span(*inside, class_name="off"))


def _page_link(each: Any) -> rx.Component:
    return rx.cond(
        each["kind"] == "gap",
        rx.el.span("…", aria_hidden="true"),
        link(
            each["label"],
            to=each["href"],
            sets="page",
            aria_current=rx.cond(each["kind"] == "current", "page", rx.Var("undefined")),
            aria_label=T("lists.page", number=each["label"]),
        ),
    )
