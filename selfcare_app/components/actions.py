"""What can be done with rows: the menu of each, and the bar of those that are ticked (L3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import reflex as rx

from selfcare_app.components import overlays
from selfcare_app.components.controls import icon
from selfcare_app.components.native import RowMenu, link, plain_link
from selfcare_app.specs.lists import GROUP_CATEGORIES, GROUP_MEMBERS, GROUPS, LISTS, USERS, Action, ListSpec
from selfcare_app.specs.queries import MAX_CHOSEN
from selfcare_app.state.group_dialog import GroupDialogState
from selfcare_app.state.group_members import GroupMembersState
from selfcare_app.state.shown import grouped
from selfcare_app.state.texts import T
from selfcare_app.state.user_doings import UserDoingsState

SHOW, EXPORT = "show", "export"
"""Keys of the actions that are not declared by where they lead."""
ASKS: dict[str, Any] = {
    USERS.key: UserDoingsState.ask,
    GROUP_CATEGORIES.key: GroupDialogState.ask_category,
    GROUPS.key: GroupDialogState.ask_group,
    GROUP_MEMBERS.key: GroupMembersState.ask,
}
"""By list, what opens the dialog that asks before something is done: given the action, and a row's id, or none for all
that are chosen."""


def export_items(xlsx: Any, csv: Any) -> tuple[rx.Component, ...]:
    """The two kinds of file."""
    return (_download("file-spreadsheet", "lists.export_xlsx", xlsx), _download("file-text", "lists.export_csv", csv))


def _download(symbol: str, text: str, href: Any) -> rx.Component:
    """An entry that fetches a file: a plain link with `download`, which leaves the page and its socket alone."""
    return overlays.menu_item(
        plain_link(icon(symbol), T(text), href=href, custom_attrs={"download": True}, class_name="menu-item")
    )


def has_ticks(spec: ListSpec) -> bool:
    """Whether rows can be ticked."""
    return any(action.many for action in spec.actions)


def has_menu(spec: ListSpec) -> bool:
    """Whether something can be done with a single row."""
    return any(action.one for action in spec.actions)


# --- one row


_MENUS: dict[str, Callable[..., rx.Component]] = {}


def row_menu(spec: ListSpec) -> Callable[..., rx.Component]:
    """The entries of a row's menu: a component of its own, drawn only while the menu is open; the same wherever the
    list stands."""
    if spec.key not in _MENUS:
        _MENUS[spec.key] = _row_menu(spec)
    return _MENUS[spec.key]


def _row_menu(spec: ListSpec) -> Callable[..., rx.Component]:
    def menu_of_list(row: rx.Var[dict[str, str]]) -> rx.Component:
        return rx.fragment(*(item for action in spec.actions if action.one for item in _one(spec, action, row)))

    menu_of_list.__name__ = f"menu_of_{spec.key.replace('-', '_')}"
    return rx.memo(menu_of_list)


def row_actions(spec: ListSpec, row: Any, menu: Callable[..., rx.Component], first: str = "") -> rx.Component:
    """Visa and Välj åtgärd, both named by what the row is called. `first`: the action that stands in place of Visa."""
    called, page = row[spec.columns[0].key], _page_of(spec, row)
    see = link(T("lists.show"), to=page, class_name="see", aria_label=T("lists.show_row", number=called))
    if (action := spec.action(first)) is not None:
        said = T(f"lists.actions.{first}")
        see = link(said, to=_leads(spec, action, row), class_name="see", aria_label=said + " " + called)
    return rx.fragment(
        *([rx.cond(page != "", see)] if _has_page(spec) else []),
        RowMenu.create(menu(row=row), class_name="iconbtn sm", aria_label=T("lists.choose_action", number=called)),
    )


def _has_page(spec: ListSpec) -> bool:
    """Whether its rows have a page: their own, or that of what their first column names."""
    return bool(spec.page or spec.columns[0].leads)


def _page_of(spec: ListSpec, row: Any) -> Any:
    return row["href"] if spec.page else row[f"{spec.columns[0].key}_href"] if spec.columns[0].leads else ""


def _one(spec: ListSpec, action: Action, row: Any) -> tuple[rx.Component, ...]:
    """What an action is for a single row."""
    if action.key == SHOW:
        page = _page_of(spec, row)
        shown = overlays.menu_item(link(icon(action.icon), T(f"{spec.texts}.show"), to=page, class_name="menu-item"))
        return (rx.cond(page != "", shown),)
    if action.key == EXPORT:
        address = f"/export/{spec.key}"
        return (
            overlays.menu_line(),
            overlays.menu_head(T("lists.export")),
            *export_items(f"{address}.xlsx?id=" + row["id"], f"{address}.csv?id=" + row["id"]),
        )
    if action.asks and not action.tab:
        asked = rx.el.button(
            icon(action.icon),
            T(f"lists.actions.{action.key}"),
            on_click=ASKS[spec.key](action.key, row["id"]),
            type="button",
            class_name="menu-item",
        )
        return (rx.cond(row["fits"].contains(f" {action.key} "), overlays.menu_item(asked)),)
    led = link(
        icon(action.icon), T(f"lists.actions.{action.key}"), to=_leads(spec, action, row), class_name="menu-item"
    )
    return (rx.cond(row["fits"].contains(f" {action.key} "), overlays.menu_item(led)),)


def _leads(spec: ListSpec, action: Action, row: Any) -> Any:
    """Where an action leads from a single row."""
    if action.filters:
        to, key = LISTS[action.filters[0]], action.filters[1]
        return f"{to.route}?{key}=" + row["at"]
    if action.page:
        before, _, rest = action.page.partition("{")
        value, _, after = rest.partition("}")
        return before + row["at" if value == "number" else value] + after
    if action.tab:
        return row["href"] + f"?tab={action.tab}"
    if action.reference:
        return row[f"{action.reference}_href"]
    raise LookupError(f"{spec.key}: nobody has drawn the action {action.key}")


# --- the ticked rows


def selection_bar(spec: ListSpec, state: Any) -> rx.Component:
    """What can be done with the ticked rows, on whichever pages they stand."""
    others = [action for action in spec.actions if action.many and action.key != EXPORT]
    exports = [action for action in spec.actions if action.many and action.key == EXPORT]
    return rx.el.section(
        rx.el.span(T("lists.selected", n=state.selected_count), class_name="strong num", role="status"),
        rx.cond(
            state.selected_count < state.total,
            rx.el.button(
                rx.cond(
                    state.total > MAX_CHOSEN,
                    T("lists.select_first", most=grouped(MAX_CHOSEN)),
                    T("lists.select_everything", total=state.total_text),
                ),
                on_click=state.select_everything,
                type="button",
                class_name="link",
            ),
        ),
        rx.el.button(T("lists.clear_selection"), on_click=state.clear_selection, type="button", class_name="link"),
        rx.el.div(
            *(_button(spec, action, state) for action in others),
            *(_export(action, state) for action in exports),
            *([_more(spec, others, state)] if others else []),
            class_name="acts",
        ),
        class_name="selbar",
        aria_label=T("lists.selection"),
    )


def _follow(spec: ListSpec, action: Action, state: Any, class_name: str) -> rx.Component:
    return rx.el.button(
        icon(action.icon),
        T(f"lists.actions.{action.key}"),
        on_click=ASKS[spec.key](action.key, "") if action.asks else state.follow(action.key),
        type="button",
        class_name=class_name,
    )


def _button(spec: ListSpec, action: Action, state: Any) -> rx.Component:
    return rx.cond(state.fitting.contains(action.key), _follow(spec, action, state, "btn desk-only"))


def _more(spec: ListSpec, actions: list[Action], state: Any) -> rx.Component:
    """On phones, all but the export."""
    return rx.cond(
        _any([state.fitting.contains(action.key) for action in actions]),
        overlays.menu(
            overlays.menu_trigger(
                icon("ellipsis", "lg"), class_name="btn phone-only", aria_label=T("lists.more_actions")
            ),
            *(
                rx.cond(
                    state.fitting.contains(action.key), overlays.menu_item(_follow(spec, action, state, "menu-item"))
                )
                for action in actions
            ),
            align="end",
        ),
    )


def _any(conditions: list[Any]) -> Any:
    first, *rest = conditions
    for condition in rest:
        first = first | condition
    return first


def _export(action: Action, state: Any) -> rx.Component:
    return overlays.menu(
        overlays.menu_trigger(
            icon(action.icon), T("lists.export_selected"), icon("chevron-down", "sm tail"), class_name="btn"
        ),
        *export_items(state.selected_xlsx, state.selected_csv),
        align="end",
    )
