"""/: what one has, and what to know; for operator staff, what was fed in."""

from __future__ import annotations

from typing import Any

import reflex as rx

from selfcare_app.components.agreements import agreements_table
from selfcare_app.components.bars import bars
from selfcare_app.components.controls import bone, failure, icon, panel, scrolled, status
from selfcare_app.components.frame import page, page_title
from selfcare_app.components.native import link, plain_link
from selfcare_app.config import settings
from selfcare_app.pages.page import Page
from selfcare_app.specs.lists import CONNECTIONS, CUSTOMER_NUMBERS, INVOICES, SUBSCRIPTIONS, USERS
from selfcare_app.state.frame import FrameState
from selfcare_app.state.overview import OverviewState as State
from selfcare_app.state.texts import T

TEXTS = "pages.overview"


# --- what needs a person

_INVOICE, _LATE, _SOON = INVOICES.icon, "is-danger", "is-warning"
_NEEDS: dict[str, tuple[str, str]] = {
    "overdue": (_INVOICE, _LATE),
    "more_overdue": (_INVOICE, _LATE),
    "due": (_INVOICE, _SOON),
    "more_due": (_INVOICE, _SOON),
    "agreement": ("file-text", _SOON),
    "bindings": ("calendar-clock", _SOON),
}
"""Icon and tone of each kind of thing that needs a person."""


def _need(each: Any) -> rx.Component:
    """What, why, value, one button."""

    def row(symbol: str, tone: str) -> rx.Component:
        texts, values = f"{TEXTS}.needs.", {key: each[key] for key in ("number", "n", "date")}
        return rx.el.li(
            rx.el.span(icon(symbol), class_name="ic"),
            rx.el.div(
                rx.el.div(T(texts + each["kind"] + ".title", **values), class_name="t"),
                rx.el.div(
                    rx.cond(each["of"] != "", each["of"] + " · ", ""),
                    T(texts + each["why"] + ".why", **values),
                    class_name="d",
                ),
            ),
            rx.el.div(each["value"], class_name="v num medium"),
            link(
                T(texts + each["kind"] + ".button", **values),
                to=each["href"],
                class_name="btn act",
                aria_label=T(texts + each["kind"] + ".label", **values),
            ),
            class_name=tone,
        )

    return rx.match(each["kind"], *((kind, row(*looks)) for kind, looks in _NEEDS.items()), rx.fragment())


def _attention() -> rx.Component:
    """What needs a person; nothing moves when it turns out that there is nothing."""
    return panel(
        T(f"{TEXTS}.attention"),
        rx.cond(
            State.loaded,
            rx.cond(
                State.attention.length() > 0,
                rx.el.ul(rx.foreach(State.attention, _need), class_name="attn"),
                rx.el.p(T(f"{TEXTS}.no_attention"), class_name="panel-body second"),
            ),
            rx.el.p(bone(4), class_name="panel-body"),
        ),
        key="attention",
        note=rx.cond(
            State.attention_count != "",
            rx.el.span(
                State.attention_count,
                class_name=rx.cond(_of("invoices_overdue") == "0", "dotn is-warning", "dotn is-danger"),
                aria_hidden="true",
            ),
        ),
    )


# --- counts


def _count(symbol: str, text: str, total: Any, note: Any, href: str = "", all_text: str = "") -> rx.Component:
    return rx.el.div(
        rx.el.span(icon(symbol), T(text), class_name="k"),
        rx.el.span(rx.cond(State.loaded, total, bone(1)), class_name="n"),
        *([rx.el.span(rx.cond(State.loaded, note, ""), class_name="s")] if note is not None else []),
        *([link(T(all_text), to=href, class_name="all")] if href else []),
    )


def _of(key: str) -> Any:
    return State.counts[key]


def _inactive(of: str) -> Any:
    return rx.cond(
        _of(f"{of}_inactive") == "0", T(f"{TEXTS}.{of}_all"), T(f"{TEXTS}.{of}_some", n=_of(f"{of}_inactive"))
    )


def _unpaid() -> rx.Component:
    unpaid, overdue = _of("invoices_unpaid"), _of("invoices_overdue")
    return rx.cond(
        unpaid == "0",
        T(f"{TEXTS}.all_paid"),
        rx.fragment(
            T(f"{TEXTS}.invoices_unpaid", n=unpaid),
            rx.cond(
                overdue != "0",
                rx.fragment(", ", rx.el.span(T(f"{TEXTS}.invoices_overdue", n=overdue), class_name="late")),
            ),
        ),
    )


def _counts() -> rx.Component:
    """How much there is, each figure a link; only what the reader may read."""
    some = lambda total, note: rx.cond(total == "0", "", note)  # noqa: E731
    kinds = (
        (CUSTOMER_NUMBERS, _inactive("customer_numbers")),
        (SUBSCRIPTIONS, _inactive("subscriptions")),
        (CONNECTIONS, T(f"{TEXTS}.cities", n=_of("cities"))),
        (INVOICES, _unpaid()),
        (USERS, rx.cond(_of("users_invited") == "0", "", T(f"{TEXTS}.users_invited", n=_of("users_invited")))),
    )
    return rx.el.section(
        *(
            rx.cond(
                ~State.loaded | State.counts.contains(key),
                _count(
                    spec.icon, f"{TEXTS}.{key}", _of(key), some(_of(key), note), spec.route, f"{TEXTS}.show_all_{key}"
                ),
            )
            for spec, note in kinds
            for key in (spec.key.replace("-", "_"),)
        ),
        class_name="panel stats",
        aria_label=T(f"{TEXTS}.counts"),
    )


# --- groups


def _group(each: Any) -> rx.Component:
    def members(kind: str) -> rx.Component:
        href = each[f"{kind}_href"]
        return rx.cond(href != "", link(T(f"{TEXTS}.group_{kind}", n=each[kind]), to=href))

    both = (each["customer_numbers_href"] != "") & (each["subscriptions_href"] != "")
    return rx.el.li(
        rx.el.div(
            link(each["group"], to=each["href"], class_name="g"),
            rx.el.span(each["cost"], class_name="num"),
            class_name="line",
        ),
        rx.el.div(
            members("customer_numbers"),
            rx.cond(both, " · ", ""),
            members("subscriptions"),
            class_name="c small num muted",
        ),
        rx.el.svg(
            rx.el.svg.rect(width="100%", height="4", class_name="ground"),
            rx.el.svg.rect(width=each["share"] + "%", height="4", class_name="part"),
            class_name="meter",
            aria_hidden="true",
        ),
    )


def _groups() -> rx.Component:
    month, left_out = State.group_costs["month"], State.group_costs["left_out"]
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
        rx.cond(
            left_out != "", rx.el.p(T(f"{TEXTS}.left_out", currencies=left_out), class_name="panel-body muted small")
        ),
        key="groups",
        more=link(T(f"{TEXTS}.show_all_groups"), to="/groups"),
        note=rx.cond(
            month != "", T(f"{TEXTS}.groups_note_cost", month=T("pages.month." + month)), T(f"{TEXTS}.groups_note")
        ),
    )


# --- invoices


def _latest(each: Any) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            link(each["number"], to=each["href"], class_name="num medium"),
            rx.el.div(each["of"], class_name="muted small ell"),
            class_name="grow",
        ),
        rx.el.div(
            rx.el.div(each["amount"], class_name="num"),
            rx.cond(
                each["due"] != "",
                rx.el.div(T(f"{TEXTS}.due", date=each["due"]), class_name="muted small num"),
                status(each["status"], "lists.invoice_status"),
            ),
            class_name="end",
        ),
    )


def _invoiced() -> rx.Component:
    seen = State.invoiced
    change = rx.cond(
        seen["change"] != "",
        T(f"{TEXTS}.change", change=seen["change"], month=T("pages.month." + seen["before"])),
        "",
    )
    return panel(
        T(f"{TEXTS}.invoices"),
        rx.cond(
            seen.contains("amount"),
            rx.fragment(
                rx.el.div(
                    rx.el.div(
                        rx.el.span(seen["amount"], class_name="sum num"),
                        rx.el.span(T("pages.month." + seen["month"]), change, class_name="muted small num"),
                        class_name="total",
                    ),
                    bars(State.months, T(f"{TEXTS}.months")),
                    rx.cond(
                        seen["left_out"] != "",
                        rx.el.p(T(f"{TEXTS}.left_out", currencies=seen["left_out"]), class_name="muted small"),
                    ),
                    class_name="panel-body",
                ),
                rx.el.ul(rx.foreach(State.latest, _latest), class_name="rows two"),
            ),
            rx.el.p(T(f"{TEXTS}.no_invoices"), class_name="panel-body second"),
        ),
        key="invoiced",
        note=T(f"{TEXTS}.invoices_note"),
    )


# --- agreements


def _agreements() -> rx.Component:
    return panel(T(f"{TEXTS}.agreements"), agreements_table(State), key="agreements")


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
    """On a phone in this order too: what needs a person, how much there is, money, the rest."""
    return rx.el.div(
        rx.el.div(
            _attention(),
            rx.cond(~State.loaded | (State.counts.length() > 0), _counts()),
            rx.cond(State.groups.length() > 0, rx.el.div(_groups(), class_name="o1")),
            rx.cond(State.agreements.length() > 0, rx.el.div(_agreements(), class_name="o1")),
            rx.cond(~State.loaded, _bones()),
            class_name="stack",
        ),
        rx.el.div(
            rx.cond(~State.loaded, _bones(2), rx.cond(State.counts.contains("invoices"), _invoiced())),
            rx.cond(State.superusers.length() > 0, rx.el.div(_superusers(), class_name="o2")),
            rx.el.div(_service(), class_name="o2"),
            class_name="stack",
        ),
        class_name="cols main-side overview",
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
