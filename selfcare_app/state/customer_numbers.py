"""The list of customer numbers."""

from __future__ import annotations

from typing import ClassVar

import reflex as rx

from selfcare_app.specs.lists import CUSTOMER_NUMBERS, ListSpec
from selfcare_app.state.lists import ListState


class CustomerNumbersState(ListState, rx.State):
    """/customer-numbers."""

    SPEC: ClassVar[ListSpec] = CUSTOMER_NUMBERS
