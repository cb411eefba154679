"""The list of subscriptions."""

from __future__ import annotations

from typing import ClassVar

import reflex as rx

from selfcare_app.specs.lists import SUBSCRIPTIONS, ListSpec
from selfcare_app.state.lists import ListState


class SubscriptionsState(ListState, rx.State):
    """/subscriptions."""

    SPEC: ClassVar[ListSpec] = SUBSCRIPTIONS
