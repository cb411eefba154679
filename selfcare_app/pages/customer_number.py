"""/customer-numbers/[asked]: one customer number with what belongs to it (O1)."""

from __future__ import annotations

import reflex as rx

from selfcare_app.components.controls import status
from selfcare_app.components.details import Detail, groups_table
from selfcare_app.components.frame import page_title
from selfcare_app.pages.not_found import missing
from selfcare_app.pages.page import Page
from selfcare_app.specs.lists import CUSTOMER_NUMBERS
from selfcare_app.state.customer_number import CustomerNumberState as State
from selfcare_app.state.related import RelatedState
from selfcare_app.state.texts import T

TEXTS = "details.customer_number"


def draw() -> rx.Component:
    """The page."""
    detail = Detail(State, TEXTS)
    return detail.page(
        detail.facts(
            detail.fact("name", width=3),
            detail.fact("type", T("lists.customer_number_type." + State.facts["type"])),
            *detail.span(),
            detail.fact("company", width=3),
            detail.groups_now(),
        ),
        detail.tabs(
            {
                **detail.lists(CUSTOMER_NUMBERS.key),
                "groups": groups_table(State.groups, f"{TEXTS}.no_groups"),
            }
        ),
        crumbs=((f"{CUSTOMER_NUMBERS.texts}.title", CUSTOMER_NUMBERS.route),),
        missing=missing(),
        number=State.facts["number"],
        beside=status(State.facts["status"], "lists.status"),
        leads=[action.key for action in CUSTOMER_NUMBERS.actions if action.filters],
    )


PAGE = Page(
    route=f"{CUSTOMER_NUMBERS.route}/[asked]",
    title=page_title(f"{TEXTS}.title"),
    draw=draw,
    on_load=[State.load, RelatedState.load],
    on_news=[State.freshen, RelatedState.freshen],
)
