"""The tab of a user's page with what they may do, and the choice that changes it (U2-U4)."""

from __future__ import annotations

import reflex as rx

from selfcare_app.components.controls import callout
from selfcare_app.components.details import Detail
from selfcare_app.components.permission_choice import permission_choice, role_field
from selfcare_app.components.permissions import permission_tables
from selfcare_app.components.user_tab import filled, refusals, save_row
from selfcare_app.state.texts import T
from selfcare_app.state.user import UserState
from selfcare_app.state.user_permissions import UserPermissionsState as State


def draw(_detail: Detail) -> rx.Component:
    """The tab's content. One's own permissions are there to look at."""
    own = rx.fragment(
        rx.el.div(callout("info", "lock", T("users.own_permissions")), class_name="panel-body"),
        permission_tables(UserState.levels, UserState.singles),
    )
    choice = rx.el.div(
        refusals(State, "permissions"),
        rx.el.div(role_field(State, State.choose_role), class_name="fields two"),
        permission_choice(State),
        save_row(
            State,
            rx.el.button(
                T("users.permissions.save"), on_click=State.save_permissions, type="button", class_name="btn primary"
            ),
        ),
        class_name="panel-body form",
    )
    return rx.cond(UserState.own, own, filled(State, choice))
