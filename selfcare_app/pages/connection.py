"""/connections/[asked]: one connection with what belongs to it (O1)."""

from __future__ import annotations

import reflex as rx

from selfcare_app.components.controls import empty, status
from selfcare_app.components.details import Detail, Head, small_table
from selfcare_app.components.frame import page_title
from selfcare_app.components.native import plain_link
from selfcare_app.pages.not_found import missing
from selfcare_app.pages.page import Page
from selfcare_app.state.connection import ConnectionState as State
from selfcare_app.state.texts import T

TEXTS = "details.connection"


def _sla() -> rx.Component:
    """The level and what it means: when faults are worked on, and how soon they are put right."""
    return rx.fragment(
        T("details.sla." + State.facts["sla"]),
        rx.el.span(T("details.sla_means." + State.facts["sla"]), class_name="means"),
    )


def _contacts() -> rx.Component:
    phone = lambda each: rx.cond(  # noqa: E731
        each["phone"] != "", plain_link(each["phone"], href="tel:" + each["dialled"]), "–"
    )
    table = small_table(
        T(f"{TEXTS}.tabs.contacts"),
        f"{TEXTS}.contact",
        State.contacts,
        Head("name", lambda each: rx.cond(each["name"] != "", each["name"], "–"), "medium"),
        Head("email", lambda each: plain_link(each["email"], href="mailto:" + each["email"])),
        Head("phone", phone, "num"),
    )
    none = empty("user", T(f"{TEXTS}.no_contacts"), T(f"{TEXTS}.no_contacts_why"))
    return rx.cond(State.contacts.length() == 0, none, table)


def draw() -> rx.Component:
    """The page."""
    detail = Detail(State, TEXTS)
    return detail.page(
        detail.facts(
            detail.customer_number(),
            detail.fact("service_type", T("details.service_type." + State.facts["service_type"])),
            detail.fact("capacity", class_name="num"),
            detail.fact("address", width=3),
            detail.fact("city"),
            detail.fact("sla", _sla(), width=3),
            detail.fact("equipment", width=3),
            *detail.span(),
        ),
        detail.tabs({"contacts": _contacts()}),
        crumbs=((f"{TEXTS}.list", "/connections"),),
        missing=missing(),
        number=State.facts["number"],
        beside=status(State.facts["status"], "details.connection.states"),
    )


PAGE = Page(
    route="/connections/[asked]",
    title=page_title(f"{TEXTS}.title"),
    draw=draw,
    on_load=State.load,
)
