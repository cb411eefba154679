"""The list of connections."""

from __future__ import annotations

from typing import ClassVar

import reflex as rx

from selfcare_app.specs.lists import CONNECTIONS, ListSpec
from selfcare_app.state.lists import ListState


class ConnectionsState(ListState, rx.State):
    """/connections."""

    SPEC: ClassVar[ListSpec] = CONNECTIONS
