"""The tab of a user's page with who they are (U10)."""

from __future__ import annotations

import reflex as rx

from selfcare_app.components.details import Detail
from selfcare_app.state.texts import T
from selfcare_app.state.user import UserState as State


def draw(detail: Detail) -> rx.Component:
    """The tab's content."""
    return rx.el.dl(
        detail.fact("email", width=3),
        detail.fact("phone", class_name="num"),
        detail.fact("role", T("permissions.role." + State.facts["role"])),
        detail.fact("created", class_name="num"),
        detail.fact("activated", class_name="num"),
        detail.fact("disabled", class_name="num", optional=True),
        detail.fact("last_sign_in", class_name="num"),
        class_name="facts",
    )
