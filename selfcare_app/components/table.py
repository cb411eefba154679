"""A whole list page drawn from its ListSpec: tabs, search, filters, export, table or cards, pages, selection."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import reflex as rx

from selfcare_app.components import overlays
from selfcare_app.components.controls import bone, callout, empty, failure, hidden_text, icon, status
from selfcare_app.components.filters import chips, filter_buttons, filter_sheet, search_field
from selfcare_app.components.frame import page
from selfcare_app.components.native import GroupNames, RowMenu, TickBox, link, plain_link
from selfcare_app.specs.lists import SIZES, Action, Cell, Column, ListSpec
from selfcare_app.state.texts import T

SKELETON_ROWS = 10
_ALIGNED_RIGHT = frozenset({Cell.COUNT})
_BONES = {Cell.LINK: 2, Cell.TEXT: 3, Cell.CHOICE: 2, Cell.STATUS: 2, Cell.DATE: 2, Cell.COUNT: 1, Cell.GROUPS: 4}


def list_page(spec: ListSpec, state: Any) -> rx.Component:
    """The page of a list."""
    return page(
        f"{spec.texts}.title",
        f"{spec.texts}.help",
        rx.el.section(
            _toolbar(spec, state),
            chips(state),
            _not_found(state),
            _body(spec, state),
            class_name="panel",
            aria_label=T(f"{spec.texts}.title"),
        ),
        rx.cond(state.selected_count > 0, _selection_bar(spec, state)),
        actions=_page_actions(state),
    )


# --- above the table


def _page_actions(state: Any) -> tuple[rx.Component, ...]:
    return (
        overlays.menu(
            overlays.menu_trigger(
                icon("download"), T("lists.export"), _tail("chevron-down"), class_name="btn desk-only"
            ),
            *_export_items(state.export_xlsx, state.export_csv),
            align="end",
        ),
        overlays.menu(
            overlays.menu_trigger(
                icon("ellipsis", "lg"), class_name="iconbtn phone-only", aria_label=T("lists.more_actions")
            ),
            overlays.menu_head(T("lists.export")),
            *_export_items(state.export_xlsx, state.export_csv),
            align="end",
        ),
    )


def _tail(name: str) -> rx.Component:
    return icon(name, "sm tail")


def _export_items(xlsx: Any, csv: Any) -> tuple[rx.Component, ...]:
    return (_download("file-spreadsheet", "lists.export_xlsx", xlsx), _download("file-text", "lists.export_csv", csv))


def _download(symbol: str, text: str, href: Any) -> rx.Component:
    """An entry that fetches a file: a plain link with `download`, which leaves the page and its socket alone."""
    return overlays.menu_item(
        plain_link(icon(symbol), T(text), href=href, custom_attrs={"download": True}, class_name="menu-item")
    )


def _toolbar(spec: ListSpec, state: Any) -> rx.Component:
    return rx.el.div(
        *([_tabs(spec, state)] if len(spec.tabs) > 1 else []),
        search_field(spec, state),
        *filter_buttons(spec, state),
        filter_sheet(spec, state),
        rx.el.span(class_name="desk grow"),
        _columns_menu(spec, state),
        class_name="toolbar",
    )


def _tabs(spec: ListSpec, state: Any) -> rx.Component:
    """The exclusive views of the list: links, since each is an address; counts stand outside the names."""
    return rx.el.nav(
        *(
            link(
                T(f"lists.tabs.{tab.key}"),
                rx.el.span(state.tab_counts[tab.key], class_name="n", aria_hidden="true"),
                to=state.tab_hrefs[tab.key],
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
            _unless_absent(
                state,
                column,
                overlays.menu_check(
                    T(f"lists.columns.{column.key}"),
                    ~state.hidden.contains(column.key),
                    lambda _, key=column.key: state.toggle_column(key),
                ),
            )
            for column in spec.columns[1:]
        ),
        align="end",
    )


def _unless_absent(state: Any, column: Column, drawn: rx.Component) -> rx.Component:
    if column.permission is None:
        return drawn
    return rx.cond(state.absent.contains(column.key), rx.fragment(), drawn)


def _not_found(state: Any) -> rx.Component:
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


# --- the table


def _body(spec: ListSpec, state: Any) -> rx.Component:
    """Skeleton, rows, or why there are none."""
    nothing = state.loaded & (state.rows.length() == 0)
    return rx.cond(
        state.failed,
        failure(state.retry),
        rx.cond(
            state.forbidden,
            empty("lock", T("lists.forbidden.title"), T("lists.forbidden.text")),
            rx.cond(
                nothing,
                _nothing(spec, state),
                rx.fragment(_table(spec, state), _foot(state)),
            ),
        ),
    )


def _nothing(spec: ListSpec, state: Any) -> rx.Component:
    return rx.cond(
        state.filtered,
        empty(
            "search",
            T(f"{spec.texts}.none_match"),
            rx.cond(
                state.search != "",
                T("lists.none_match_search", search=state.search),
                T("lists.none_match_filters"),
            ),
            link(T("lists.clear"), to=state.clear_href, stay=True, class_name="btn"),
        ),
        empty(spec.icon, T(f"{spec.texts}.none"), T(f"{spec.texts}.none_why")),
    )


def _table(spec: ListSpec, state: Any) -> rx.Component:
    ticks = any(action.many for action in spec.actions)
    row = _row(spec, state, ticks, _row_menu(spec))
    return rx.el.table(
        rx.el.caption(_caption(spec, state), class_name="vh"),
        rx.el.thead(_headings(spec, state, ticks), role="rowgroup"),
        rx.cond(
            state.loaded,
            rx.el.tbody(
                rx.foreach(
                    state.rows,
                    lambda each: row(row=each, ticked=state.selected.contains(each["id"]), key=each["id"]),
                ),
                role="rowgroup",
            ),
            rx.el.tbody(*(_skeleton(spec, ticks) for _ in range(SKELETON_ROWS)), role="rowgroup", aria_hidden="true"),
        ),
        role="table",
        aria_busy=rx.cond(state.busy | ~state.loaded, "true", "false"),
        class_name=_table_classes(spec, state),
    )


def _caption(spec: ListSpec, state: Any) -> Any:
    sorted_by = rx.match(
        state.sort_key,
        *((column.key, T(f"lists.columns.{column.key}")) for column in spec.columns if column.sort),
        "",
    )
    return (
        T(f"{spec.texts}.title")
        + ", "
        + T("lists.hits", n=state.total, shown=state.total_text)
        + ", "
        + T("lists.sorted_by." + state.sort_direction, column=sorted_by)
    )


def _table_classes(spec: ListSpec, state: Any) -> Any:
    """Chosen columns are a matter of classes on the table: no row is drawn anew for them."""
    classes = rx.cond(state.busy, "table cards stickyhead stale", "table cards stickyhead")
    for index, column in enumerate(spec.columns[1:], start=1):
        gone = state.hidden.contains(column.key)
        if column.permission is not None:
            gone = gone | state.absent.contains(column.key)
        classes = classes + rx.cond(
            gone, f" no-c{index}", rx.cond(state.shown.contains(column.key), f" yes-c{index}", "")
        )
    return classes


def _classes(index: int, column: Column) -> str:
    classes = [f"c{index}"]
    if column.priority:
        classes.append(f"p{column.priority}")
    if column.cell in _ALIGNED_RIGHT:
        classes.append("r")
    return " ".join(classes)


def _headings(spec: ListSpec, state: Any, ticks: bool) -> rx.Component:
    return rx.el.tr(
        *([_tick_all(state)] if ticks else []),
        *(_heading(index, column, state) for index, column in enumerate(spec.columns)),
        rx.el.th(hidden_text(T("lists.row_actions")), scope="col", role="columnheader", class_name="menucell"),
        role="row",
    )


def _tick_all(state: Any) -> rx.Component:
    return rx.el.th(
        TickBox.create(
            checked=state.all_selected_of_page,
            some=state.some_selected_of_page,
            on_change=state.tick_page,
            class_name=rx.cond(state.some_selected_of_page, "check some", "check"),
            aria_label=T("lists.tick_page"),
        ),
        scope="col",
        role="columnheader",
        class_name="tick",
    )


def _heading(index: int, column: Column, state: Any) -> rx.Component:
    label = T(f"lists.columns.{column.key}")
    if column.sort is None:
        return rx.el.th(label, scope="col", role="columnheader", class_name=_classes(index, column))
    return rx.el.th(
        link(label, icon("chevron-up", "sm"), to=state.sort_hrefs[column.key], stay=True, class_name="sort"),
        scope="col",
        role="columnheader",
        class_name=_classes(index, column),
        aria_sort=rx.cond(state.sort_key == column.key, state.sort_direction, "none"),
    )


def _row(spec: ListSpec, state: Any, ticks: bool, menu: Callable[..., rx.Component]) -> Callable[..., rx.Component]:
    """How one row is drawn: a component of its own, drawn anew only when its row or its tick changes."""

    def row_of_list(row: rx.Var[dict[str, str]], ticked: rx.Var[bool], rest: rx.RestProp) -> rx.Component:
        number = row["number"]
        return rx.el.tr(
            rest,
            *(
                [
                    rx.el.td(
                        rx.el.input(
                            type="checkbox",
                            checked=ticked,
                            on_change=lambda _: state.tick(row["id"]),
                            class_name="check",
                            aria_label=T("lists.tick_row", number=number),
                        ),
                        role="cell",
                        class_name="tick",
                    )
                ]
                if ticks
                else []
            ),
            *(_cell(index, column, row) for index, column in enumerate(spec.columns)),
            rx.el.td(_row_actions(row, menu), role="cell", class_name="menucell"),
            role="row",
            custom_attrs={"data-selected": rx.cond(ticked, "true", "false")},
        )

    row_of_list.__name__ = f"row_of_{spec.key.replace('-', '_')}"
    return rx.memo(row_of_list)


def _cell(index: int, column: Column, row: Any) -> rx.Component:
    value, classes = row[column.key], _classes(index, column)
    match column.cell:
        case Cell.LINK:
            drawn, kind = link(value, to=row["href"]), "num"
        case Cell.STATUS:
            drawn, kind = status(value, column.texts), ""
        case Cell.CHOICE:
            drawn, kind = T(f"{column.texts}." + value), "second"
        case Cell.GROUPS:
            drawn, kind = (
                rx.cond(value != "", GroupNames.create(names=value), rx.el.span("–", class_name="none")),
                "grp",
            )
        case Cell.DATE | Cell.COUNT:
            drawn, kind = rx.cond(value != "", value, "–"), "num"
        case _:
            drawn, kind = rx.cond(value != "", value, "–"), "ell"
    named = {"title": value} if column.cell in (Cell.GROUPS, Cell.TEXT) else {}
    return rx.el.td(drawn, role="cell", class_name=" ".join(filter(None, (classes, kind, column.card))), **named)


def _row_actions(row: Any, menu: Callable[..., rx.Component]) -> rx.Component:
    number = row["number"]
    return rx.fragment(
        link(T("lists.show"), to=row["href"], class_name="see", aria_label=T("lists.show_row", number=number)),
        RowMenu.create(menu(row=row), class_name="iconbtn sm", aria_label=T("lists.choose_action", number=number)),
    )


def _row_menu(spec: ListSpec) -> Callable[..., rx.Component]:
    """The entries of a row's menu: a component of its own, drawn only while the menu is open."""

    def menu_of_list(row: rx.Var[dict[str, str]]) -> rx.Component:
        return rx.fragment(*(item for action in spec.actions if action.one for item in _one(spec, action, row)))

    menu_of_list.__name__ = f"menu_of_{spec.key.replace('-', '_')}"
    return rx.memo(menu_of_list)


def _one(spec: ListSpec, action: Action, row: Any) -> tuple[rx.Component, ...]:
    """What an action is for a single row."""
    if action.key == "show":
        shown = link(icon(action.icon), T(f"{spec.texts}.show"), to=row["href"], class_name="menu-item")
        return (overlays.menu_item(shown),)
    if action.key == "export":
        address = f"/export/{spec.key}"
        return (
            overlays.menu_line(),
            overlays.menu_head(T("lists.export")),
            *_export_items(f"{address}.xlsx?id=" + row["id"], f"{address}.csv?id=" + row["id"]),
        )
    raise LookupError(f"{spec.key}: nobody has drawn the action {action.key}")


def _skeleton(spec: ListSpec, ticks: bool) -> rx.Component:
    return rx.el.tr(
        *([rx.el.td(role="cell", class_name="tick")] if ticks else []),
        *(
            rx.el.td(
                bone(_BONES[column.cell]),
                role="cell",
                class_name=" ".join(filter(None, (_classes(index, column), column.card))),
            )
            for index, column in enumerate(spec.columns)
        ),
        rx.el.td(role="cell", class_name="menucell"),
        role="row",
    )


# --- under the table


def _foot(state: Any) -> rx.Component:
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
    return rx.cond(href != "", link(*inside, to=href), rx.el.span(*inside, class_name="off"))


def _page_link(each: Any) -> rx.Component:
    return rx.cond(
        each["kind"] == "gap",
        rx.el.span("…", aria_hidden="true"),
        link(
            each["label"],
            to=each["href"],
            aria_current=rx.cond(each["kind"] == "current", "page", rx.Var("undefined")),
            aria_label=T("lists.page", number=each["label"]),
        ),
    )


def _selection_bar(spec: ListSpec, state: Any) -> rx.Component:
    """What can be done with the ticked rows, on whichever pages they stand (L3)."""
    return rx.el.section(
        rx.el.span(T("lists.selected", n=state.selected_count), class_name="strong num", role="status"),
        rx.cond(
            state.selected_count < state.total,
            rx.el.button(
                T("lists.select_everything", total=state.total_text),
                on_click=state.select_everything,
                type="button",
                class_name="link",
            ),
        ),
        rx.el.button(T("lists.clear_selection"), on_click=state.clear_selection, type="button", class_name="link"),
        rx.el.div(
            *(item for action in spec.actions if action.many for item in _many(spec, action, state)),
            class_name="acts",
        ),
        class_name="selbar",
        aria_label=T("lists.selection"),
    )


def _many(spec: ListSpec, action: Action, state: Any) -> tuple[rx.Component, ...]:
    """What an action is for the ticked rows."""
    if action.key == "export":
        return (
            overlays.menu(
                overlays.menu_trigger(
                    icon(action.icon), T("lists.export_selected"), _tail("chevron-down"), class_name="btn"
                ),
                *_export_items(state.selected_xlsx, state.selected_csv),
                align="end",
            ),
        )
    raise LookupError(f"{spec.key}: nobody has drawn the action {action.key} for many")
