"""/customer-numbers: the list."""

from __future__ import annotations

import reflex as rx

from selfcare_app.components.frame import page_title
from selfcare_app.components.table import list_page
from selfcare_app.pages.page import Page
from selfcare_app.specs.lists import CUSTOMER_NUMBERS
from selfcare_app.state.customer_numbers import CustomerNumbersState


def draw() -> rx.Component:
    """The page."""
    return list_page(CUSTOMER_NUMBERS, CustomerNumbersState)


PAGE = Page(
    route=CUSTOMER_NUMBERS.route,
    title=page_title(f"{CUSTOMER_NUMBERS.texts}.title"),
    draw=draw,
    on_load=CustomerNumbersState.load,
)
