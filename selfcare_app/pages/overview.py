"""/: what one has, and what to know; for operator staff, what was fed in."""

from __future__ import annotations

from typing import Any

import reflex as rx

from selfcare_app.components.controls import bone, failure, icon, panel, scrolled
from selfcare_app.components.frame import page, page_title
from selfcare_app.components.native import link, plain_link
from selfcare_app.config import settings
from selfcare_app.pages.page import Page
from selfcare_app.specs.lists import CUSTOMER_NUMBERS
from selfcare_app.state.frame import FrameState
from selfcare_app.state.overview import OverviewState as State
from selfcare_app.state.texts import T

TEXTS = "pages.overview"


# --- what needs a person


def _attention() -> rx.Component:
    """Agreements that soon end."""
    return panel(
        T(f"{TEXTS}.attention"),
        rx.el.ul(
            rx.foreach(
                State.agreements,
                lambda each: rx.cond(
                    each["ending"] == "1",
                    rx.el.li(
                        rx.el.span(icon("file-text"), class_name="ic"),
                        rx.el.div(
                            rx.el.div(T(f"{TEXTS}.agreement_ends", number=each["number"]), class_name="t"),
                            rx.el.div(T(f"{TEXTS}.agreement_ends_on", date=each["to"]), class_name="d"),
                        ),
                        class_name="is-warning",
                    ),
                ),
            ),
            class_name="attn",
        ),
        key="attention",
    )


# --- counts


def _count(symbol: str, text: str, total: Any, note: Any, href: str = "", all_text: str = "") -> rx.Component:
    return rx.el.div(
        rx.el.span(icon(symbol), T(text), class_name="k"),
        rx.el.span(rx.cond(State.loaded, total, bone(1)), class_name="n"),
        *([rx.el.span(rx.cond(State.loaded, note, ""), class_name="s")] if note is not None else []),
        *([link(T(all_text), to=href, class_name="all")] if href else []),
    )


def _active_inactive(active: Any, inactive: Any) -> Any:
    return rx.cond(
        inactive == 0,
        rx.cond(active == 0, "", T(f"{TEXTS}.all_active")),
        T(f"{TEXTS}.active_inactive", active=active, inactive=inactive),
    )


def _counts() -> rx.Component:
    return rx.el.section(
        rx.cond(
            ~State.loaded | State.sees_customer_numbers,
            _count(
                CUSTOMER_NUMBERS.icon,
                f"{TEXTS}.customer_numbers",
                State.customer_numbers_total,
                _active_inactive(State.customer_numbers_active, State.customer_numbers_inactive),
                CUSTOMER_NUMBERS.route,
                f"{TEXTS}.show_all_customer_numbers",
            ),
        ),
        rx.cond(
            ~State.loaded | State.sees_subscriptions,
            _count(
                "smartphone",
                f"{TEXTS}.subscriptions",
                State.subscriptions_total,
                _active_inactive(State.subscriptions_active, State.subscriptions_total - State.subscriptions_active),
            ),
        ),
        class_name="panel stats",
        aria_label=T(f"{TEXTS}.counts"),
    )


# --- groups


def _group(each: Any) -> rx.Component:
    counts = rx.el.span(
        rx.el.span(
            icon(CUSTOMER_NUMBERS.icon, "sm"),
            rx.el.span(each["customer_numbers"], aria_hidden="true"),
            rx.el.span(T(f"{TEXTS}.group_customer_numbers", n=each["customer_numbers"]), class_name="vh"),
        ),
        rx.el.span(
            icon("smartphone", "sm"),
            rx.el.span(each["subscriptions"], aria_hidden="true"),
            rx.el.span(T(f"{TEXTS}.group_subscriptions", n=each["subscriptions"]), class_name="vh"),
        ),
        class_name="c num muted",
    )
    name = rx.el.span(each["group"], class_name="g")
    return rx.el.li(
        rx.cond(
            each["href"] != "",
            link(name, counts, to=each["href"], class_name="line"),
            rx.el.span(name, counts, class_name="line"),
        ),
        rx.el.svg(
            rx.el.svg.rect(width="100%", height="4", class_name="ground"),
            rx.el.svg.rect(width=each["share"] + "%", height="4", class_name="part"),
            class_name="meter",
            aria_hidden="true",
        ),
    )


def _groups() -> rx.Component:
    return panel(
        T(f"{TEXTS}.groups"),
        rx.el.div(
            rx.foreach(
                State.groups,
                lambda category: rx.el.div(
                    rx.el.h3(category[0]),
                    rx.el.ul(rx.foreach(category[1], _group), class_name="gmini"),
                ),
            ),
            class_name="panel-body gcols",
        ),
        key="groups",
        note=T(f"{TEXTS}.groups_note"),
    )


# --- agreements


def _agreements() -> rx.Component:
    heads = ("agreement_number", "agreement_for", "agreement_from", "agreement_to")
    return panel(
        T(f"{TEXTS}.agreements"),
        scrolled(
            T(f"{TEXTS}.agreements"),
            rx.el.table(
                rx.el.caption(T(f"{TEXTS}.agreements"), class_name="vh"),
                rx.el.thead(rx.el.tr(*(rx.el.th(T(f"{TEXTS}.{head}"), scope="col") for head in heads))),
                rx.el.tbody(
                    rx.foreach(
                        State.agreements,
                        lambda each: rx.el.tr(
                            rx.el.td(each["number"], class_name="medium num"),
                            rx.el.td(
                                rx.foreach(
                                    State.agreement_products[each["number"]],
                                    lambda product, index: rx.fragment(
                                        rx.cond(index > 0, ", ", ""), T("pages.product." + product)
                                    ),
                                ),
                            ),
                            rx.el.td(each["from"], class_name="num"),
                            rx.el.td(rx.cond(each["to"] != "", each["to"], T("pages.until_further")), class_name="num"),
                        ),
                    )
                ),
                class_name="table plain",
            ),
        ),
        key="agreements",
    )


# --- people and help


def _superusers() -> rx.Component:
    return panel(
        T(f"{TEXTS}.superusers"),
        rx.el.ul(
            rx.foreach(State.superusers, lambda name: rx.el.li(icon("user"), rx.el.span(name, class_name="grow"))),
            class_name="rows",
        ),
        key="superusers",
        note=T(f"{TEXTS}.superusers_note"),
    )


def _service() -> rx.Component:
    known = settings()
    rows = [
        rx.el.li(
            icon("phone"),
            rx.el.span(
                T(f"{TEXTS}.service_phone"),
                " ",
                rx.el.span(known.service_phone, class_name="num medium"),
                class_name="grow",
            ),
            rx.el.span(T("frame.weekdays", hours=known.service_hours), class_name="muted small num"),
        )
    ]
    if known.service_email:
        rows.append(
            rx.el.li(
                icon("mail"), plain_link(known.service_email, href=f"mailto:{known.service_email}", class_name="grow")
            )
        )
    return panel(T(f"{TEXTS}.service"), rx.el.ul(*rows, class_name="rows"), key="service")


# --- operator staff


def _operator() -> rx.Component:
    heads = ("kind", "file", "at", "created", "changed", "unchanged")
    numbers = frozenset({"created", "changed", "unchanged"})
    table = scrolled(
        T(f"{TEXTS}.feeds"),
        rx.el.table(
            rx.el.caption(T(f"{TEXTS}.feeds"), class_name="vh"),
            rx.el.thead(
                rx.el.tr(
                    *(
                        rx.el.th(T(f"pages.feed.{head}"), scope="col", class_name="r" if head in numbers else "")
                        for head in heads
                    )
                )
            ),
            rx.el.tbody(
                rx.foreach(
                    State.feeds,
                    lambda each: rx.el.tr(
                        rx.el.td(T("pages.feed.kinds." + each["kind"]), class_name="medium"),
                        rx.el.td(each["file"], class_name="second ell"),
                        rx.el.td(each["at"], class_name="num"),
                        *(rx.el.td(each[key], class_name="r num") for key in ("created", "changed", "unchanged")),
                    ),
                )
            ),
            class_name="table plain",
        ),
    )
    return rx.el.div(
        rx.el.section(
            _count("building-2", f"{TEXTS}.companies", State.operator_companies, None),
            class_name="panel stats",
            aria_label=T(f"{TEXTS}.counts"),
        ),
        panel(
            T(f"{TEXTS}.feeds"),
            rx.cond(State.feeds.length() > 0, table, rx.el.p(T(f"{TEXTS}.no_feeds"), class_name="panel-body second")),
            key="feeds",
            note=T(f"{TEXTS}.feeds_note"),
        ),
        class_name="stack",
    )


# --- the page


def _bones(rows: int = 4) -> rx.Component:
    return rx.el.section(
        rx.el.ul(*(rx.el.li(bone(4)) for _ in range(rows)), class_name="rows"), class_name="panel", aria_hidden="true"
    )


def _company() -> rx.Component:
    return rx.el.div(
        rx.el.div(
            rx.cond(State.attention, _attention()),
            rx.cond(~State.loaded | State.sees_customer_numbers | State.sees_subscriptions, _counts()),
            rx.cond(State.groups.length() > 0, _groups()),
            rx.cond(State.agreements.length() > 0, _agreements()),
            rx.cond(~State.loaded, _bones()),
            class_name="stack",
        ),
        rx.el.div(
            rx.cond(~State.loaded, _bones(2)),
            rx.cond(State.superusers.length() > 0, _superusers()),
            _service(),
            class_name="stack",
        ),
        class_name="cols main-side",
    )


def draw() -> rx.Component:
    """The page."""
    return page(
        f"{TEXTS}.title",
        f"{TEXTS}.help",
        rx.cond(
            State.failed,
            rx.el.section(failure(State.retry), class_name="panel"),
            rx.cond(State.loaded & FrameState.operator, _operator(), _company()),
        ),
        crumbs=(),
        lead=rx.cond(
            State.loaded,
            rx.fragment(
                rx.cond(State.company_name != "", State.company_name + " · ", ""),
                rx.el.span(
                    T(f"{TEXTS}.weekday." + State.weekday),
                    " ",
                    rx.el.span(State.today, class_name="num"),
                    class_name="muted",
                ),
            ),
            bone(4),
        ),
    )


PAGE = Page(route="/", title=page_title(f"{TEXTS}.title"), draw=draw, on_load=State.load)
