"""The tab of a user's page with the log: what they did and what was done with them (P4)."""

from __future__ import annotations

import reflex as rx

from selfcare_app.components.details import Detail
from selfcare_app.components.list_page import related_list
from selfcare_app.specs.lists import AUDIT


def draw(_detail: Detail) -> rx.Component:
    """The tab's content."""
    return related_list(AUDIT)
