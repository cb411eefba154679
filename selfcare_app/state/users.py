"""The list of users."""

from __future__ import annotations

from typing import ClassVar

import reflex as rx

from selfcare_app.specs.lists import USERS, ListSpec
from selfcare_app.state.lists import ListState


class UsersState(ListState, rx.State):
    """/users."""

    SPEC: ClassVar[ListSpec] = USERS
