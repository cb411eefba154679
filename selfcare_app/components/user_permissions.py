"""The tab of a user's page with what they may do (U2, U3)."""

from __future__ import annotations

import reflex as rx

from selfcare_app.components.details import Detail
from selfcare_app.components.permissions import permission_tables
from selfcare_app.state.user import UserState as State


def draw(_detail: Detail) -> rx.Component:
    """The tab's content."""
    return permission_tables(State.levels, State.singles)
