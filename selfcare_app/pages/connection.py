"""/connections/[asked]: one connection with what belongs to it (O1)."""

from __future__ import annotations

import reflex as rx

from selfcare_app.components.controls import status
from selfcare_app.components.details import Detail
from selfcare_app.components.frame import page_title
from selfcare_app.pages.not_found import missing
from selfcare_app.pages.page import Page
from selfcare_app.specs.lists import CONNECTIONS
from selfcare_app.state.connection import ConnectionState as State
from selfcare_app.state.related import RelatedState
from selfcare_app.state.texts import T

TEXTS = "details.connection"


def _sla() -> rx.Component:
    """The level and what it means: when faults are worked on, and how soon they are put right."""
    return rx.fragment(
        T("lists.sla." + State.facts["sla"]),
        rx.el.span(T("details.sla_means." + State.facts["sla"]), class_name="means"),
    )


def draw() -> rx.Component:
    """The page."""
    detail = Detail(State, TEXTS)
    return detail.page(
        detail.facts(
            detail.customer_number(),
            detail.fact("service_type", T("lists.service_type." + State.facts["service_type"])),
            detail.fact("capacity", class_name="num"),
            detail.fact("address", width=3),
            detail.fact("city"),
            detail.fact("sla", _sla(), width=3),
            detail.fact("equipment", width=3),
            *detail.span(),
        ),
        detail.tabs(detail.lists(CONNECTIONS.key)),
        crumbs=((f"{CONNECTIONS.texts}.title", CONNECTIONS.route),),
        missing=missing(),
        number=State.facts["number"],
        beside=status(State.facts["status"], "details.connection.states"),
        leads=("show_customer_number", "show_invoices"),
    )


PAGE = Page(
    route=f"{CONNECTIONS.route}/[asked]",
    title=page_title(f"{TEXTS}.title"),
    draw=draw,
    on_load=[State.load, RelatedState.load],
    on_news=[State.freshen, RelatedState.freshen],
)
