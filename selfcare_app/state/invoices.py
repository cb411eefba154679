"""The list of invoices."""

from __future__ import annotations

from typing import ClassVar

import reflex as rx

from selfcare_app.specs.lists import INVOICES, ListSpec
from selfcare_app.state.lists import ListState


class InvoicesState(ListState, rx.State):
    """/invoices."""

    SPEC: ClassVar[ListSpec] = INVOICES
