"""The page of one invoice or credit note."""

from __future__ import annotations

from decimal import Decimal

import reflex as rx

from selfcare_app.services import invoices
from selfcare_app.services.access import Actor
from selfcare_app.services.invoices import InvoicePage, Related
from selfcare_app.specs.invoices import InvoiceKind, InvoiceStatus
from selfcare_app.specs.lists import CUSTOMER_NUMBERS, INVOICES
from selfcare_app.state.details import DetailState, Shown
from selfcare_app.state.rows import page_of
from selfcare_app.state.shown import NO_BREAK_SPACE, money, percent

Row = dict[str, str]
ACCOUNTS = {"SE:BANKGIRO": "bankgiro", "SE:PLUSGIRO": "plusgiro"}
"""Kinds of account that have a name of their own; anything else is a bank's, known by its BIC."""


class InvoiceState(DetailState, rx.State):
    """/invoices/[number]."""

    sums: list[Row] = []
    """From the lines to what is to be paid: a text's key, what fills it, an amount."""
    payments: list[Row] = []
    related: list[Row] = []
    credits: list[Row] = []
    """Of a credit note: the invoices it credits, each with what is now left to pay of it, or paid too much."""

    def _read(self, actor: Actor, asked: str) -> InvoicePage:
        return invoices.overview(actor, asked)

    def _shown(self, actor: Actor, read: InvoicePage) -> Shown:
        credit_note = read.kind is InvoiceKind.CREDIT_NOTE
        return Shown(
            facts={
                "number": read.number,
                "kind": read.kind.value,
                "status": read.status.value,
                "overdue_days": str(read.overdue_days) if read.overdue_days else "",
                **_to_pay(read),
                **_how_to_pay(read),
                "customer_number": f"{read.customer_number} {read.customer_name}".rstrip(),
                "customer_number_href": page_of(CUSTOMER_NUMBERS, read.customer_number)
                if read.sees_customer_number
                else "",
                "period": _period(read),
                "issued": read.issued.isoformat(),
                "due": read.due.isoformat() if read.due and not credit_note else "",
                "buyer_name": read.buyer_name,
                "seller_name": read.seller_name,
                "buyer_reference": read.buyer_reference,
                "order_reference": read.order_reference,
                "payment_terms": "" if credit_note else read.payment_terms,
                "currency": read.currency,
                "note": read.note,
                "pdf": "1" if read.has_pdf else "",
            },
            more={
                "sums": _sums(read),
                "payments": [
                    {
                        "date": each.paid_on.isoformat(),
                        "amount": money(each.amount, read.currency),
                        "reference": each.reference,
                    }
                    for each in read.payments
                ],
                "credits": [_credits(each) for each in read.names] if credit_note else [],
                "related": [
                    *(_related("names", each) for each in read.names),
                    *(_related("named_by", each) for each in read.named_by),
                ],
            },
        )


def _period(read: InvoicePage) -> str:
    start, end = (each.isoformat() if each else "" for each in (read.period_start, read.period_end))
    return f"{start} – {end}" if start and end else start or end


def _to_pay(read: InvoicePage) -> Row:
    """The one amount, what it is, and by when; what was invoiced, paid and credited."""
    credit_note = read.kind is InvoiceKind.CREDIT_NOTE
    open_ = read.status in (InvoiceStatus.OVERDUE, InvoiceStatus.UNPAID, InvoiceStatus.PART_PAID)
    amount, said = read.left, "left"
    if credit_note:
        amount, said = read.payable, "credit"
    elif read.left < 0:
        amount, said = -read.left, "too_much"
    elif read.left == read.payable:
        said = "payable"
    return {
        "amount": money(amount, read.currency),
        "amount_is": said,
        "open": "1" if open_ else "",
        "payable": "" if credit_note else money(read.payable, read.currency),
        "paid": "" if credit_note else money(read.paid, read.currency),
        "credited": money(read.credited, read.currency) if read.credited else "",
        "left": "" if credit_note else money(read.left, read.currency),
        "to_copy": f"{read.left:.2f}".replace(".", ",") if open_ else "",
    }


def _how_to_pay(read: InvoicePage) -> Row:
    """Account and reference as the invoice states them."""
    kind = ACCOUNTS.get(read.payment_branch, "account")
    return {
        "account": _account(read.payment_account, kind),
        "account_to_copy": read.payment_account,
        "account_is": kind,
        "bic": read.payment_branch if kind == "account" else "",
        "reference": read.payment_reference,
        "reference_is": "ocr" if read.payment_reference.isdigit() else "reference",
    }


def _account(number: str, kind: str) -> str:
    """An account as payment slips write it: 991-2346, 1 23 45-6."""
    if kind == "account" or not number.isdigit() or len(number) < 2:
        return number
    if kind == "bankgiro":
        return f"{number[:-4]}-{number[-4:]}" if len(number) in (7, 8) else number
    pairs, check = number[:-1], number[-1]
    first = len(pairs) % 2
    split = [pairs[:first]] * bool(first) + [pairs[at : at + 2] for at in range(first, len(pairs), 2)]
    return f"{NO_BREAK_SPACE.join(split)}-{check}"


def _sums(read: InvoicePage) -> list[Row]:
    """As the document adds them up (EN 16931, BG-22)."""

    def row(key: str, amount: Decimal, *, strong: bool = False, **values: str) -> Row:
        shown = {"key": key, "amount": money(amount, read.currency), "strong": "1" if strong else ""}
        return {**shown, "reason": "", "rate": "", "taxable": "", **values}

    return [
        row("lines", read.line_total),
        *(
            row(
                "charge" if each.charge else "allowance",
                each.amount if each.charge else -each.amount,
                reason=each.reason,
            )
            for each in read.allowances
        ),
        row("net", read.net, strong=True),
        *(
            row(
                "vat",
                each.vat,
                rate=percent(each.rate),
                taxable=money(each.taxable, read.currency),
                reason=each.exemption,
            )
            for each in read.vat
        ),
        row("total", read.total, strong=True),
        *([row("prepaid", -read.prepaid)] if read.prepaid else []),
        *([row("rounding", read.rounding)] if read.rounding else []),
        row("credit" if read.kind is InvoiceKind.CREDIT_NOTE else "payable", read.payable, strong=True),
    ]


def _credits(each: Related) -> Row:
    """An invoice that is credited; of one that the reader doesn't see only its number."""
    left = each.left
    said = "" if left is None else "too_much" if left < 0 else "left" if left else "settled"
    return {
        "number": each.number,
        "href": page_of(INVOICES, each.number) if each.seen else "",
        "is": said,
        "left": money(abs(left), each.currency) if left else "",
    }


def _related(how: str, each: Related) -> Row:
    kind = each.kind or InvoiceKind.INVOICE.value
    return {
        "how": f"{how}_{kind}",
        "number": each.number,
        "href": page_of(INVOICES, each.number) if each.seen else "",
        "issued": each.issued.isoformat() if each.issued else "",
        "amount": money(each.amount, each.currency) if each.amount is not None else "",
    }
