"""/customer-numbers/[asked]: one customer number with what belongs to it."""

from __future__ import annotations

from typing import Any

import reflex as rx

from selfcare_app.components.controls import bone, failure, panel, scrolled, status
from selfcare_app.components.frame import page, page_title
from selfcare_app.pages.not_found import missing
from selfcare_app.pages.page import Page
from selfcare_app.specs.lists import CUSTOMER_NUMBERS
from selfcare_app.state.customer_numbers import CustomerNumberState as State
from selfcare_app.state.texts import T

TEXTS = "pages.customer_number"


def _fact(key: str, value: Any, width: int = 2, class_name: str = "") -> rx.Component:
    """One fact; a grey place for it until it is known."""
    return rx.el.div(
        rx.el.dt(T(f"{TEXTS}.{key}")),
        rx.el.dd(rx.cond(State.loaded, value, bone(width)), class_name=class_name),
    )


def _facts() -> rx.Component:
    return panel(
        T(f"{TEXTS}.facts"),
        rx.el.hr(class_name="rule"),
        rx.el.dl(
            _fact("name", State.name, 3),
            _fact("type", T("lists.customer_number_type." + State.type)),
            _fact("opened", State.opened, class_name="num"),
            rx.cond(State.closed != "", _fact("closed", State.closed, class_name="num")),
            _fact("company", State.company, 3),
            class_name="facts",
        ),
        key="facts",
    )


def _subscriptions() -> rx.Component:
    """Counts by type, the whole in the last row."""
    heads = rx.el.tr(
        rx.el.th(T(f"{TEXTS}.subscription_type"), scope="col"),
        rx.el.th(T(f"{TEXTS}.subscription_count"), scope="col", class_name="r"),
    )
    table = rx.el.table(
        rx.el.caption(T(f"{TEXTS}.subscriptions"), class_name="vh"),
        rx.el.thead(heads),
        rx.el.tbody(
            rx.foreach(
                State.subscriptions_by_type,
                lambda each: rx.el.tr(
                    rx.el.td(T("pages.subscription_type." + each["type"])),
                    rx.el.td(each["count"], class_name="r num"),
                ),
            )
        ),
        rx.el.tfoot(
            rx.el.tr(
                rx.el.td(T(f"{TEXTS}.group_total")),
                rx.el.td(State.subscriptions_total, class_name="r num"),
            )
        ),
        class_name="table plain",
    )
    return panel(
        T(f"{TEXTS}.subscriptions"),
        rx.cond(
            State.loaded & (State.subscriptions_total == 0),
            _none("no_subscriptions"),
            rx.cond(State.loaded, table, _bones()),
        ),
        key="subscriptions",
        note=rx.cond(
            State.loaded & (State.subscriptions_total > 0),
            T(
                f"{TEXTS}.subscriptions_note",
                active=State.subscriptions_active,
                total=State.subscriptions_total,
            ),
            "",
        ),
    )


def _groups() -> rx.Component:
    """Memberships, those in force first; coming and past ones say so."""
    heads = ("group", "from", "to", "state")
    table = scrolled(
        T(f"{TEXTS}.groups"),
        rx.el.table(
            rx.el.caption(T(f"{TEXTS}.groups"), class_name="vh"),
            rx.el.thead(rx.el.tr(*(rx.el.th(T(f"{TEXTS}.{head}"), scope="col") for head in heads))),
            rx.el.tbody(
                rx.foreach(
                    State.groups,
                    lambda each: rx.el.tr(
                        rx.el.td(each["name"]),
                        rx.el.td(each["from"], class_name="num"),
                        rx.el.td(rx.cond(each["to"] != "", each["to"], T("pages.until_further")), class_name="num"),
                        rx.el.td(status(each["state"], f"{TEXTS}.group_state")),
                    ),
                )
            ),
            class_name="table plain",
        ),
    )
    return panel(
        T(f"{TEXTS}.groups"),
        rx.cond(
            State.loaded & (State.groups.length() == 0), _none("no_groups"), rx.cond(State.loaded, table, _bones())
        ),
        key="groups",
    )


def _none(key: str) -> rx.Component:
    return rx.el.p(T(f"{TEXTS}.{key}"), class_name="panel-body second")


def _bones() -> rx.Component:
    return rx.el.ul(*(rx.el.li(bone(4)) for _ in range(3)), class_name="rows", aria_hidden="true")


def _content() -> rx.Component:
    return rx.el.div(
        _facts(),
        rx.el.div(
            rx.cond(~State.loaded | State.may_see_groups, _groups()),
            rx.cond(~State.loaded | State.may_see_subscriptions, _subscriptions()),
            class_name="cols main-side",
        ),
        class_name="stack",
    )


def draw() -> rx.Component:
    """The page."""
    gone = State.loaded & ~State.found & ~State.failed
    return page(
        f"{TEXTS}.title",
        f"{TEXTS}.help",
        rx.cond(
            State.failed, rx.el.section(failure(State.retry), class_name="panel"), rx.cond(gone, missing(), _content())
        ),
        crumbs=(("navigation.overview", "/"), (f"{CUSTOMER_NUMBERS.texts}.title", CUSTOMER_NUMBERS.route)),
        title=rx.cond(
            gone,
            T("pages.not_found.title"),
            rx.cond(State.found, T(f"{TEXTS}.named", number=State.number), T(f"{TEXTS}.title")),
        ),
        beside=rx.cond(State.found, status(State.status, "lists.status")),
        lead=rx.cond(State.found, State.name, ""),
    )


PAGE = Page(
    route=f"{CUSTOMER_NUMBERS.route}/[asked]",
    title=page_title(f"{TEXTS}.title"),
    draw=draw,
    on_load=State.load,
)
