"""What the tabs of a user's page share: what was refused, what another changed meanwhile, save and undo."""

from __future__ import annotations

from typing import Any

import reflex as rx

from selfcare_app.components.controls import bone, callout
from selfcare_app.components.meanwhile import meanwhile
from selfcare_app.components.native import plain_link
from selfcare_app.state.texts import T
from selfcare_app.state.user import UserState


def filled(state: Any, content: rx.Component) -> rx.Component:
    """The content once it is of the user that the page is about."""
    waiting = rx.el.div(*(rx.el.p(bone(4)) for _ in range(3)), aria_hidden="true")
    return rx.cond(state.filled_for == UserState.user_id, content, waiting)


def refusals(state: Any, tab: str) -> rx.Component:
    """What stood in the way of saving."""
    back = "/confirm-password?next=" + UserState.at + ("" if tab == "profile" else f"%3Ftab%3D{tab}")
    return rx.fragment(
        rx.cond(
            state.problem != "",
            callout(
                "danger",
                "circle-alert",
                state.problem,
                rx.cond(state.password_needed, rx.fragment(" ", plain_link(T("users.confirm_password"), href=back))),
                role="alert",
            ),
        ),
        meanwhile(state, "users.changed.way_on"),
    )


def save_row(state: Any, save: rx.Component) -> rx.Component:
    """Save, or have it as it is."""
    return rx.el.div(
        save,
        rx.el.button(T("users.undo"), on_click=state.undo, type="button", class_name="btn"),
        class_name="row",
    )
