"""What an invoice is and how it stands, as data. Values are stored or worked out; labels are in locales."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from sqlalchemy import ColumnElement, and_, case, literal_column, or_
from sqlmodel import col

from selfcare_app.models import Invoice


class InvoiceKind(StrEnum):
    """What the document is."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"


class InvoiceStatus(StrEnum):
    """How it stands (I1): worked out from payments, credit notes and the day it is."""

    CREDITED = "credited"
    PAID = "paid"
    PART_PAID = "part_paid"
    UNPAID = "unpaid"
    OVERDUE = "overdue"


class CostType(StrEnum):
    """What a line is a cost of. The line's item property `CostType` says it."""

    FEE = "fee"
    TRAFFIC = "traffic"
    ROAMING = "roaming"
    ONE_OFF = "one_off"
    OTHER = "other"


def is_open() -> ColumnElement[bool]:
    """Something is left to pay: neither credited nor paid. Said in the words of the index of open invoices, without
    values, which the planner couldn't match with it."""
    paid, credited, payable = col(Invoice.paid), col(Invoice.credited), col(Invoice.payable)
    nothing: ColumnElement[int] = literal_column("0")
    return and_(
        col(Invoice.kind) == literal_column(f"'{InvoiceKind.INVOICE.value}'"),
        or_(credited <= nothing, credited < payable),
        payable - paid - credited > nothing,
    )


WHOLE_DOCUMENT = "whole_document"
"""In sums of costs: allowances and charges on a whole invoice, a type of their own on the customer number (R7).
No line has it."""


class Standing(Protocol):
    """What the status of an invoice follows from."""

    kind: str
    due: date | None
    payable: Decimal
    paid: Decimal
    credited: Decimal


def status_of(invoice: Standing, today: date) -> InvoiceStatus:
    """How the invoice stands on the day (I1). `status_expression` says the same in SQL.

    A credit note, and an invoice that credit notes cover whole: credited. Nothing left to pay: paid. Something left
    the day after the due date: overdue, also when a part is paid. A credit note for a part is no payment: the rest
    is unpaid.
    """
    if invoice.kind == InvoiceKind.CREDIT_NOTE or (invoice.credited > 0 and invoice.credited >= invoice.payable):
        return InvoiceStatus.CREDITED
    if invoice.paid + invoice.credited >= invoice.payable:
        return InvoiceStatus.PAID
    if invoice.due is not None and invoice.due < today:
        return InvoiceStatus.OVERDUE
    return InvoiceStatus.PART_PAID if invoice.paid > 0 else InvoiceStatus.UNPAID


def status_expression(today: date) -> ColumnElement[str]:
    """`status_of` in SQL, for lists and counts."""
    paid, credited, payable = col(Invoice.paid), col(Invoice.credited), col(Invoice.payable)
    return case(
        (
            or_(col(Invoice.kind) == InvoiceKind.CREDIT_NOTE.value, and_(credited > 0, credited >= payable)),
            InvoiceStatus.CREDITED.value,
        ),
        (paid + credited >= payable, InvoiceStatus.PAID.value),
        (col(Invoice.due) < today, InvoiceStatus.OVERDUE.value),
        (paid > 0, InvoiceStatus.PART_PAID.value),
        else_=InvoiceStatus.UNPAID.value,
    )
