"""/subscriptions/[asked]: one subscription with what belongs to it (O1)."""

from __future__ import annotations

import reflex as rx

from selfcare_app.components.bars import bars
from selfcare_app.components.controls import empty, icon, panel, status
from selfcare_app.components.details import Detail, Head, groups_table, small_table
from selfcare_app.components.frame import page_title
from selfcare_app.components.native import Secrets, link
from selfcare_app.pages.not_found import missing
from selfcare_app.pages.page import Page
from selfcare_app.specs.lists import SUBSCRIPTIONS
from selfcare_app.state.related import RelatedState
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
        detail.fact("type", T("lists.subscription_type." + State.facts["type"])),
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


def _usage() -> rx.Component:
    """What was used month by month, at a glance; the figures are a tab."""
    latest, of = State.facts["usage"], State.facts["usage_of"]
    month = T("pages.month." + State.facts["usage_month"]) + " " + State.facts["usage_year"]
    shown = rx.el.div(
        rx.el.p(
            rx.el.span(latest, " ", T("details.usage.unit." + of), class_name="sum num"),
            rx.el.span(month, class_name="muted small"),
            class_name="total",
        ),
        bars(State.usage_bars, T("details.usage.bars." + of)),
        class_name="panel-body",
    )
    nothing = rx.el.p(T("details.usage.none"), class_name="panel-body second")
    table = link(T("details.usage.as_table"), to=State.tab_hrefs["usage"], stay=True)
    return panel(
        T("details.usage.title"),
        rx.cond(latest != "", shown, nothing),
        key="usage",
        note=rx.cond(latest != "", T("details.usage.of." + of), ""),
        more=rx.cond(latest != "", table, ""),
    )


def _usage_table() -> rx.Component:
    quantity = lambda key: Head(key, lambda each: rx.cond(each[key] != "", each[key], "–"), "r num", said=True)  # noqa: E731
    table = small_table(
        T("details.usage.title"),
        "details.usage",
        State.usage_rows,
        Head("month", lambda each: each["month"], "num"),
        *(quantity(key) for key in ("call", "sms", "data", "roaming")),
        Head("amount", lambda each: each["amount"], "r num medium mark"),
    )
    none = empty("chart-column", T("details.usage.none"), T("details.usage.none_why"))
    return rx.cond(State.usage_rows.length() == 0, none, table)


def draw() -> rx.Component:
    """The page."""
    detail = Detail(State, TEXTS)
    return detail.page(
        rx.el.div(
            _facts(detail),
            rx.cond(
                detail.known & ((State.facts["secrets"] != "") | State.tabs.contains("usage")),
                rx.el.div(
                    rx.cond(State.facts["secrets"] != "", _secrets()),
                    rx.cond(State.tabs.contains("usage"), _usage()),
                    class_name="stack",
                ),
            ),
            class_name="cols main-side level",
        ),
        detail.tabs(
            {
                **detail.lists(SUBSCRIPTIONS.key),
                "usage": _usage_table(),
                "groups": groups_table(State.groups, f"{TEXTS}.no_groups", of_whom=True),
            }
        ),
        crumbs=((f"{SUBSCRIPTIONS.texts}.title", SUBSCRIPTIONS.route),),
        missing=missing(),
        number=State.facts["label"],
        beside=status(State.facts["status"], "lists.status"),
        leads=("show_customer_number", "show_invoices"),
    )


PAGE = Page(
    route=f"{SUBSCRIPTIONS.route}/[asked]",
    title=page_title(f"{TEXTS}.title"),
    draw=draw,
    on_load=[State.load, RelatedState.load],
    on_news=[State.freshen, RelatedState.freshen],
)
