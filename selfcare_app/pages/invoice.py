"""/invoices/[asked]: one invoice or credit note, as the document states it (I1)."""

from __future__ import annotations

from typing import Any

import reflex as rx

from selfcare_app.components.controls import bone, icon, panel, status
from selfcare_app.components.details import Detail, Head, small_table
from selfcare_app.components.frame import page_title
from selfcare_app.components.list_page import related_list
from selfcare_app.components.native import Copyable, link, plain_link
from selfcare_app.config import settings
from selfcare_app.pages.not_found import missing
from selfcare_app.pages.page import Page
from selfcare_app.specs.invoices import InvoiceKind
from selfcare_app.specs.lists import INVOICE_LINES, INVOICES
from selfcare_app.state.invoice import InvoiceState as State
from selfcare_app.state.related import RelatedState
from selfcare_app.state.texts import T

TEXTS = "details.invoice"
CREDIT_NOTE = InvoiceKind.CREDIT_NOTE.value


# --- what most people come for


def _badge() -> rx.Component:
    days = State.facts["overdue_days"]
    stands = T("lists.invoice_status." + State.facts["status"])
    return status(
        State.facts["status"],
        "lists.invoice_status",
        rx.cond(days != "", T(f"{TEXTS}.overdue_since", n=days), stands),
    )


def _pdf() -> rx.Component:
    """The original: a plain link with `download`, which leaves the page and its socket alone."""
    return rx.cond(
        State.facts["pdf"] != "",
        plain_link(
            icon("download"),
            T(f"{TEXTS}.pdf"),
            href=State.at + "/original.pdf",
            custom_attrs={"download": True},
            class_name="btn primary",
        ),
    )


def _amount(detail: Detail) -> rx.Component:
    facts = State.facts
    due = rx.cond(
        facts["due"] != "",
        rx.el.p(
            rx.cond(
                facts["overdue_days"] != "",
                T(f"{TEXTS}.was_due", date=facts["due"]),
                T(f"{TEXTS}.to_be_paid", date=facts["due"]),
            ),
            class_name=rx.cond(facts["overdue_days"] != "", "late medium num", "num"),
        ),
    )
    return rx.el.div(
        rx.el.h2(rx.cond(detail.known, T(f"{TEXTS}.amount." + facts["amount_is"]), bone()), class_name="label"),
        rx.el.div(rx.cond(detail.known, facts["amount"], bone(4)), class_name="amount num"),
        rx.cond(detail.known & (facts["open"] != ""), due),
        rx.cond(
            detail.known & (facts["payable"] != ""),
            rx.el.dl(
                detail.fact("payable", class_name="num"),
                detail.fact("paid", class_name="num"),
                detail.fact("credited", class_name="num", optional=True),
                detail.fact("left", class_name="num"),
                class_name="pairs few",
            ),
        ),
        rx.cond(
            detail.known & (facts["open"] != ""),
            rx.el.p(T(f"{TEXTS}.paid_already", operator=settings().operator_name), class_name="second small"),
        ),
    )


def _how_to_pay(detail: Detail) -> rx.Component:
    """Account, reference and amount to copy into the bank."""
    facts = State.facts

    def copied(name: Any, value: Any, copy: Any = None) -> rx.Component:
        texts = {"copy": T("details.secrets.copy"), "copied": T("details.secrets.copied"), "none": "–"}
        more = {} if copy is None else {"copy": copy}
        return rx.cond(value != "", Copyable.create(name=name, value=value, texts=texts, **more))

    return rx.el.div(
        rx.el.h2(T(f"{TEXTS}.pay"), class_name="label"),
        rx.cond(
            detail.known,
            rx.cond(
                (facts["account"] != "") | (facts["reference"] != ""),
                rx.el.dl(
                    copied(T(f"{TEXTS}.account." + facts["account_is"]), facts["account"], facts["account_to_copy"]),
                    copied(T(f"{TEXTS}.bic"), facts["bic"]),
                    copied(T(f"{TEXTS}.reference." + facts["reference_is"]), facts["reference"]),
                    rx.cond(
                        facts["to_copy"] != "", copied(T(f"{TEXTS}.payments.amount"), facts["left"], facts["to_copy"])
                    ),
                    class_name="pairs",
                ),
                rx.el.p(T(f"{TEXTS}.pay_unsaid"), class_name="second"),
            ),
            bone(4),
        ),
    )


def _credited() -> rx.Component:
    """On a credit note, in place of how to pay: what it credits, and what that leaves."""
    texts = f"{TEXTS}.credits"
    each_named = lambda each: rx.el.div(  # noqa: E731
        rx.el.dt(
            rx.cond(
                each["href"] != "",
                link(each["number"], to=each["href"], class_name="num medium"),
                rx.el.span(each["number"], class_name="num medium"),
            )
        ),
        rx.el.dd(
            rx.cond(each["is"] != "", T(f"{texts}." + each["is"], amount=each["left"]), "–"),
            class_name="num",
        ),
    )
    return rx.el.div(
        rx.el.h2(T(f"{texts}.title"), class_name="label"),
        rx.cond(
            State.credits.length() > 0,
            rx.el.dl(rx.foreach(State.credits, each_named), class_name="pairs"),
            rx.el.p(T(f"{texts}.none"), class_name="second"),
        ),
        rx.el.p(T(f"{texts}.nothing_to_pay"), class_name="second small"),
    )


def _facts(detail: Detail) -> rx.Component:
    return rx.el.div(
        rx.el.h2(T(f"{TEXTS}.facts"), class_name="label"),
        rx.el.dl(
            detail.customer_number(),
            detail.fact("buyer_name"),
            detail.fact("period", class_name="num"),
            detail.fact("issued", class_name="num"),
            rx.cond(State.facts["kind"] == CREDIT_NOTE, rx.fragment(), detail.fact("due", class_name="num")),
            detail.fact("buyer_reference", optional=True),
            detail.fact("order_reference", optional=True),
            detail.fact("payment_terms", optional=True),
            detail.fact("seller_name", optional=True),
            detail.fact("currency"),
            class_name="pairs",
        ),
    )


def _head(detail: Detail) -> rx.Component:
    return rx.el.section(
        _amount(detail),
        rx.cond(detail.known & (State.facts["kind"] == CREDIT_NOTE), _credited(), _how_to_pay(detail)),
        _facts(detail),
        class_name="panel threefold",
        aria_label=T(f"{TEXTS}.in_short"),
    )


# --- how it adds up, what came of it


def _sum(each: Any) -> rx.Component:
    said = T(f"{TEXTS}.sums." + each["key"], rate=each["rate"], taxable=each["taxable"])
    return rx.el.tr(
        rx.el.th(
            said,
            rx.cond(each["reason"] != "", rx.el.span(each["reason"], class_name="muted small reason")),
            scope="row",
        ),
        rx.el.td(each["amount"], class_name="r num"),
        class_name=rx.cond(each["strong"] != "", "strong", ""),
    )


def _sums(detail: Detail) -> rx.Component:
    table = rx.el.table(
        rx.el.caption(T(f"{TEXTS}.sums.title"), class_name="vh"),
        rx.el.tbody(rx.foreach(State.sums, _sum)),
        class_name="table plain sums",
    )
    return panel(
        T(f"{TEXTS}.sums.title"), rx.cond(detail.known, table, rx.el.p(bone(4), class_name="panel-body")), key="sums"
    )


def _payments() -> rx.Component:
    texts = f"{TEXTS}.payments"
    table = small_table(
        T(f"{texts}.title"),
        texts,
        State.payments,
        Head("date", lambda each: each["date"], "num"),
        Head("reference", lambda each: each["reference"], "second num"),
        Head("amount", lambda each: each["amount"], "r num mark"),
    )
    none = rx.el.p(T(f"{texts}.none"), class_name="panel-body second")
    return panel(T(f"{texts}.title"), rx.cond(State.payments.length() > 0, table, none), key="payments")


def _related() -> rx.Component:
    """Credit notes and the invoices they name; one that the reader doesn't see is a number."""
    row = lambda each: rx.el.li(  # noqa: E731
        rx.el.div(
            rx.el.div(T(f"{TEXTS}.related." + each["how"]), class_name="muted small"),
            rx.cond(
                each["href"] != "",
                link(each["number"], to=each["href"], class_name="num medium"),
                rx.el.span(each["number"], class_name="num medium"),
            ),
            class_name="grow",
        ),
        rx.el.div(
            rx.el.div(each["amount"], class_name="num"),
            rx.el.div(each["issued"], class_name="muted small num"),
            class_name="end",
        ),
    )
    return panel(
        T(f"{TEXTS}.related.title"), rx.el.ul(rx.foreach(State.related, row), class_name="rows two"), key="related"
    )


def _lines() -> rx.Component:
    return panel(T(f"{INVOICE_LINES.texts}.title"), related_list(INVOICE_LINES), key="lines")


def draw() -> rx.Component:
    """The page."""
    detail = Detail(State, TEXTS)
    invoice = State.facts["kind"] == "invoice"
    return detail.page(
        _head(detail),
        rx.cond(
            detail.known & (State.facts["note"] != ""),
            panel(T(f"{TEXTS}.note"), rx.el.p(State.facts["note"], class_name="panel-body lines"), key="note"),
        ),
        rx.el.div(
            _sums(detail),
            rx.el.div(
                rx.cond(detail.known & (State.related.length() > 0), _related()),
                rx.cond(~detail.known | invoice | (State.payments.length() > 0), _payments()),
                class_name="stack",
            ),
            class_name="cols halves",
        ),
        _lines(),
        crumbs=((f"{INVOICES.texts}.title", INVOICES.route),),
        missing=missing(),
        number=State.facts["number"],
        named=f"{TEXTS}.named." + State.facts["kind"],
        beside=_badge(),
        lead=State.facts["buyer_name"],
        primary=_pdf(),
    )


PAGE = Page(
    route=f"{INVOICES.route}/[asked]",
    title=page_title(f"{TEXTS}.title"),
    draw=draw,
    on_load=[State.load, RelatedState.load],
    on_news=[State.freshen, RelatedState.freshen],
)
