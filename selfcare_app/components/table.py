"""The table of a list: skeleton, rows or cards, or why there are none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import reflex as rx

from selfcare_app.components.actions import has_menu, has_ticks, row_actions, row_menu
from selfcare_app.components.cells import BONES, cell, classes
from selfcare_app.components.controls import bone, empty, failure, hidden_text, icon
from selfcare_app.components.native import Press, link
from selfcare_app.components.toolbar import foot, is_hidden
from selfcare_app.specs.lists import Column, ListSpec
from selfcare_app.state.texts import T

SKELETON_ROWS = 10


def body(spec: ListSpec, state: Any, first: str = "") -> rx.Component:
    """Skeleton, rows, or why there are none. `first`: the action that stands in place of Visa."""
    nothing = ready(spec, state) & (state.rows.length() == 0)
    return rx.cond(
        state.failed,
        failure(state.retry),
        rx.cond(
            state.forbidden,
            empty("lock", T("lists.forbidden.title"), T("lists.forbidden.text")),
            rx.cond(
                nothing,
                _nothing(spec, state),
                rx.fragment(_table(spec, state, first), foot(state)),
            ),
        ),
    )


def ready(spec: ListSpec, state: Any) -> Any:
    """Whether the rows of this list are there, and not yet those of the tab before."""
    return state.loaded & (state.list_key == spec.key)


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


def _table(spec: ListSpec, state: Any, first: str) -> rx.Component:
    row = _row(spec, state, row_menu(spec), first)
    here = ready(spec, state)
    return rx.el.table(
        rx.el.caption(_caption(spec, state), class_name="vh"),
        rx.el.thead(_headings(spec, state), role="rowgroup"),
        rx.cond(
            here,
            rx.el.tbody(
                rx.foreach(
                    state.rows,
                    lambda each: row(row=each, ticked=state.selected.contains(each["id"]), key=each["id"]),
                ),
                role="rowgroup",
            ),
            rx.el.tbody(*(_skeleton(spec) for _ in range(SKELETON_ROWS)), role="rowgroup", aria_hidden="true"),
        ),
        role="table",
        aria_busy=rx.cond(state.busy | ~here, "true", "false"),
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
    found = rx.cond(state.busy, "table cards stickyhead stale", "table cards stickyhead")
    for index, column in enumerate(spec.columns[1:], start=1):
        gone = is_hidden(column, state) | state.absent.contains(column.key)
        chosen = state.shown.contains(column.key)
        found = found + rx.cond(gone, f" no-c{index}", rx.cond(chosen, f" yes-c{index}", ""))
    return found


def _headings(spec: ListSpec, state: Any) -> rx.Component:
    actions = rx.el.th(hidden_text(T("lists.row_actions")), scope="col", role="columnheader", class_name="menucell")
    return rx.el.tr(
        *([_tick_all(state)] if has_ticks(spec) else []),
        *(_heading(index, column, state) for index, column in enumerate(spec.columns)),
        *([actions] if has_menu(spec) else []),
        role="row",
    )


def _tick_all(state: Any) -> rx.Component:
    return rx.el.th(
        Press.create(
            type="checkbox",
            checked=state.all_selected_of_page,
            some=state.some_selected_of_page,
            answered=state.answered,
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
        return rx.el.th(label, scope="col", role="columnheader", class_name=classes(index, column))
    return rx.el.th(
        link(
            label, icon("chevron-up", "sm"), to=state.sort_hrefs[column.key], sets="sort", stay=True, class_name="sort"
        ),
        scope="col",
        role="columnheader",
        class_name=classes(index, column),
        aria_sort=rx.cond(state.sort_key == column.key, state.sort_direction, "none"),
    )


def _row(spec: ListSpec, state: Any, menu: Callable[..., rx.Component], first: str) -> Callable[..., rx.Component]:
    """How one row is drawn: a component of its own, drawn anew only when its row or its tick changes."""

    def row_of_list(row: rx.Var[dict[str, str]], ticked: rx.Var[bool], rest: rx.RestProp) -> rx.Component:
        return rx.el.tr(
            rest,
            *([_tick(spec, state, row, ticked)] if has_ticks(spec) else []),
            *(cell(spec, index, column, row) for index, column in enumerate(spec.columns)),
            *(
                [rx.el.td(row_actions(spec, row, menu, first), role="cell", class_name="menucell")]
                if has_menu(spec)
                else []
            ),
            role="row",
            custom_attrs={"data-selected": rx.cond(ticked, "true", "false")},
        )

    # Two states may show the same list: each draws rows of its own, which know whom to tell of a tick.
    row_of_list.__name__ = f"row_of_{spec.key.replace('-', '_')}_in_{state.get_name()}"
    return rx.memo(row_of_list)


def _tick(spec: ListSpec, state: Any, row: Any, ticked: Any) -> rx.Component:
    return rx.el.td(
        # Its number isn't given to each row: then all of them would be drawn anew at each press.
        Press.create(
            type="checkbox",
            checked=ticked,
            answers=state.get_name(),
            on_change=lambda picked, press: state.tick(row["id"], picked, press),
            class_name="check",
            aria_label=T("lists.tick_row", number=row[spec.columns[0].key]),
        ),
        role="cell",
        class_name="tick",
    )


def _skeleton(spec: ListSpec) -> rx.Component:
    return rx.el.tr(
        *([rx.el.td(role="cell", class_name="tick")] if has_ticks(spec) else []),
        *(
            rx.el.td(
                bone(BONES[column.cell]),
                role="cell",
                class_name=" ".join(filter(None, (classes(index, column), column.card))),
            )
            for index, column in enumerate(spec.columns)
        ),
        *([rx.el.td(role="cell", class_name="menucell")] if has_menu(spec) else []),
        role="row",
    )
