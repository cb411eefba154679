"""The dialog that asks before something is done to users (L3), and the menu of a user's page that opens it."""

from __future__ import annotations

from typing import Any

import reflex as rx

from selfcare_app.components import overlays
from selfcare_app.components.access_choice import access_choice
from selfcare_app.components.controls import callout, icon, scrolled
from selfcare_app.components.native import plain_link
from selfcare_app.components.permission_choice import permission_choice, role_field
from selfcare_app.specs.lists import USERS
from selfcare_app.specs.user_doings import Doing
from selfcare_app.state.texts import T
from selfcare_app.state.user import UserState
from selfcare_app.state.user_doings import CHOOSING
from selfcare_app.state.user_doings import UserDoingsState as State

TEXTS = "users.doings"
ASKED = tuple(action for action in USERS.actions if action.asks)
TAKES_AWAY = (Doing.RESET_FACTOR, Doing.DISABLE, Doing.REMOVE)


def _by_doing(part: str, **values: Any) -> Any:
    return rx.match(
        State.doing,
        *((action.key, T(f"{TEXTS}.{action.key}.{part}", **values)) for action in ASKED),
        "",
    )


def doing_dialog() -> rx.Component:
    """Drawn once on a page; opened by `UserDoingsState.ask`."""
    return overlays.dialog(
        _by_doing("title"),
        T("frame.close"),
        rx.cond(
            State.problem != "",
            callout(
                "danger",
                "circle-alert",
                State.problem,
                rx.cond(
                    State.password_next != "",
                    rx.fragment(
                        " ",
                        plain_link(T("users.confirm_password"), href="/confirm-password?next=" + State.password_next),
                    ),
                ),
                role="alert",
            ),
        ),
        rx.cond(State.stage == CHOOSING, _choice(), _preview()),
        wide=True,
        open=State.is_open,
        on_open_change=State.turn,
    )


def _choice() -> rx.Component:
    """What is given to all of them."""
    permissions = rx.fragment(
        rx.el.div(role_field(State, State.choose_role), class_name="fields two"), permission_choice(State)
    )
    return rx.fragment(
        rx.el.p(_by_doing("what"), class_name="second"),
        rx.cond(State.doing == Doing.CHANGE_PERMISSIONS, permissions, access_choice(State)),
        _acts(
            rx.el.button(
                T(f"{TEXTS}.go_on"),
                icon("chevron-right", "sm tail"),
                on_click=State.go_on,
                type="button",
                class_name="btn primary",
            )
        ),
    )


def _preview() -> rx.Component:
    """What will happen to each, and who is left out."""
    gives = (State.doing == Doing.CHANGE_PERMISSIONS) | (State.doing == Doing.CHANGE_ACCESS)
    dangerous = rx.match(State.doing, *((each.value, "btn danger") for each in TAKES_AWAY), "btn primary")
    return rx.fragment(
        rx.cond(gives, rx.fragment(), rx.el.p(_by_doing("what"), class_name="second")),
        rx.cond(
            State.left_out > 0,
            callout("warning", "triangle-alert", T(f"{TEXTS}.left_out", n=State.left_out), role="status"),
        ),
        rx.cond(State.rows.length() > 0, scrolled(T(f"{TEXTS}.happens"), _table())),
        rx.cond(State.unnamed_rows != "", rx.el.p(T(f"{TEXTS}.more_rows", n=State.unnamed_rows), class_name="muted")),
        _acts(
            rx.cond(
                State.count > 0,
                rx.el.button(
                    _by_doing("confirm", n=State.count), on_click=State.confirm, type="button", class_name=dangerous
                ),
            ),
            back=gives,
        ),
    )


def _acts(*on: rx.Component, back: Any = None) -> rx.Component:
    return rx.el.div(
        overlays.sheet_close(rx.el.button(T("users.cancel"), type="button", class_name="btn")),
        *(
            [
                rx.cond(
                    back, rx.el.button(T("frame.wizard.back"), on_click=State.go_back, type="button", class_name="btn")
                )
            ]
            if back is not None
            else []
        ),
        *on,
        class_name="acts",
    )


def _table() -> rx.Component:
    return rx.el.table(
        rx.el.caption(T(f"{TEXTS}.happens"), class_name="vh"),
        rx.el.thead(
            rx.el.tr(
                rx.el.th(T("lists.columns.name"), scope="col"),
                rx.el.th(T(f"{TEXTS}.now"), scope="col"),
                rx.el.th(T(f"{TEXTS}.then"), scope="col"),
            )
        ),
        rx.el.tbody(rx.foreach(State.rows, _row)),
        class_name="table plain",
    )


def _row(each: Any) -> rx.Component:
    return rx.el.tr(
        rx.el.td(each["name"], class_name="medium"),
        rx.el.td(T(each["before"])),
        rx.el.td(
            rx.cond(
                each["refused"] != "",
                rx.el.span(T(f"{TEXTS}.is_left_out"), " ", each["refused"], class_name="left-out"),
                T(each["after"]),
            )
        ),
        key=each["id"],
    )


def doing_menu() -> rx.Component:
    """On a user's page: what can be done to them besides what its tabs are for."""
    entries = [action for action in ASKED if not action.tab]

    def entry(action: Any) -> rx.Component:
        pressed = rx.el.button(
            icon(action.icon),
            T(f"lists.actions.{action.key}"),
            on_click=State.ask(action.key, UserState.user_id.to_string()),
            type="button",
            class_name="menu-item danger" if action.key == Doing.REMOVE else "menu-item",
        )
        return rx.cond(UserState.doings.contains(action.key), overlays.menu_item(pressed))

    return rx.cond(
        UserState.doings.length() > 0,
        overlays.menu(
            overlays.menu_trigger(T("details.choose_action"), icon("chevron-down", "sm tail"), class_name="btn"),
            *(entry(action) for action in entries),
            align="end",
        ),
    )
