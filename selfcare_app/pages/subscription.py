"""/subscriptions/[asked]: one subscription with what belongs to it (O1)."""

from __future__ import annotations

import reflex as rx

from selfcare_app.components.controls import icon, panel, status
from selfcare_app.components.details import Detail, groups_table
from selfcare_app.components.frame import page_title
from selfcare_app.components.native import Secrets
from selfcare_app.pages.not_found import missing
from selfcare_app.pages.page import Page
from selfcare_app.state.subscription import SubscriptionState as State
from selfcare_app.state.texts import T

TEXTS = "details.subscription"
SECRETS_SHOWN = 30
"""Seconds that SIM and PUK stay on screen."""


def _facts(detail: Detail) -> rx.Component:
    months = lambda key: T(f"{TEXTS}.{key}_months", n=State.facts[key])  # noqa: E731
    return detail.facts(
        detail.fact("person", width=3),
        detail.customer_number(),
        detail.fact("type", T("pages.subscription_type." + State.facts["type"])),
        detail.fact("number", class_name="num"),
        detail.fact("plan", width=3),
        detail.fact("monthly_fee", class_name="num"),
        detail.fact("binding", rx.cond(State.facts["binding"] == "0", T(f"{TEXTS}.binding_none"), months("binding"))),
        detail.fact("notice", rx.cond(State.facts["notice"] == "0", T(f"{TEXTS}.notice_none"), months("notice"))),
        *detail.span(),
        detail.fact("bound_until", _bound_until(), class_name="num"),
        detail.fact("cost_centre", class_name="num"),
        detail.groups_now(),
    )


def _bound_until() -> rx.Component:
    days = State.facts["binding_days"]
    return rx.fragment(
        State.facts["bound_until"],
        rx.cond(
            days != "",
            rx.el.span(
                icon("clock", "sm"),
                rx.cond(days == "0", T(f"{TEXTS}.binding_ends_today"), T(f"{TEXTS}.binding_ends", n=days)),
                class_name="badge is-warning loud after",
            ),
        ),
    )


def _secrets() -> rx.Component:
    """SIM and PUK on a click; they go from the server to this part of the page and no other way."""
    said = ("show", "hide", "sim", "puk", "none", "copy", "copied", "logged", "failed")
    texts = {key: T(f"details.secrets.{key}") for key in said}
    return panel(
        T("details.secrets.title"),
        rx.el.div(
            Secrets.create(
                of=State.facts["number"],
                seconds=SECRETS_SHOWN,
                texts={**texts, "shown": T("details.secrets.shown", seconds=SECRETS_SHOWN)},
            ),
            class_name="panel-body",
        ),
        key="secrets",
    )


def draw() -> rx.Component:
    """The page."""
    detail = Detail(State, TEXTS)
    return detail.page(
        rx.el.div(
            _facts(detail),
            rx.cond(detail.known & (State.facts["secrets"] != ""), _secrets()),
            class_name="cols main-side",
        ),
        detail.tabs({"groups": groups_table(State.groups, f"{TEXTS}.no_groups", of_whom=True)}),
        crumbs=((f"{TEXTS}.list", "/subscriptions"),),
        missing=missing(),
        number=State.facts["label"],
        beside=status(State.facts["status"], "lists.status"),
    )


PAGE = Page(
    route="/subscriptions/[asked]",
    title=page_title(f"{TEXTS}.title"),
    draw=draw,
    on_load=State.load,
)
