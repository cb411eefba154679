"""Invoices and credit notes: the page of one as the document states it, the original (I1, I4); the latest ones, and
sums by month."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, func, select
from sqlmodel import Session as DatabaseSession
from sqlmodel import col

from selfcare_app.locales import text
from selfcare_app.models import (
    CustomerNumber,
    Invoice,
    InvoiceAllowance,
    InvoiceOriginal,
    InvoiceReference,
    InvoiceVat,
    Payment,
)
from selfcare_app.services import access
from selfcare_app.services.access import Actor, NotFound, allowed
from selfcare_app.services.database import session
from selfcare_app.specs.invoices import InvoiceKind, InvoiceStatus, status_of
from selfcare_app.specs.months import latest_months
from selfcare_app.specs.permissions import Permission

MONTHS = 12
"""Of sums by month."""
SUMMED = "SEK"
"""The currency of sums; others are left out and named (I6)."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """An allowance (taken off) or charge (put on) on the whole document."""

    charge: bool
    reason: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Vat:
    """VAT of one category and rate, as the document states it."""

    category: str
    rate: Decimal
    taxable: Decimal
    vat: Decimal
    exemption: str


@dataclass(frozen=True, slots=True)
class Related:
    """Another document that this one names, or that names this one. One the actor doesn't see, or that was never fed,
    is a number without a link and without more."""

    number: str
    issued: date | None
    kind: str = ""
    amount: Decimal | None = None
    currency: str = ""
    left: Decimal | None = None
    """What remains to be paid of an invoice; negative when too much was paid."""
    seen: bool = False


@dataclass(frozen=True, slots=True)
class Paid:
    """Money that came in; negative when it was taken back."""

    paid_on: date
    amount: Decimal
    reference: str


@dataclass(frozen=True, slots=True)
class InvoicePage:
    """What the page of an invoice shows. Amounts are in the document's own currency (I6)."""

    id: int
    number: str
    kind: InvoiceKind
    status: InvoiceStatus
    overdue_days: int
    """Whole days after the due date; 0 when it isn't overdue."""
    currency: str
    customer_number: str
    customer_name: str
    sees_customer_number: bool
    """Whether the actor may open its page."""
    buyer_name: str
    seller_name: str
    period_start: date | None
    period_end: date | None
    issued: date
    due: date | None
    buyer_reference: str
    order_reference: str
    note: str
    payment_terms: str
    payment_account: str
    payment_branch: str
    """What kind of account: SE:BANKGIRO, SE:PLUSGIRO, or a bank's BIC."""
    payment_reference: str
    line_total: Decimal
    allowances: list[Allowance]
    net: Decimal
    vat: list[Vat]
    vat_total: Decimal
    total: Decimal
    prepaid: Decimal
    rounding: Decimal
    payable: Decimal
    paid: Decimal
    credited: Decimal
    left: Decimal
    """What remains to be paid; negative when too much was paid, 0 for a credit note."""
    payments: list[Paid]
    names: list[Related]
    """Earlier invoices that it credits or corrects (BG-3)."""
    named_by: list[Related]
    """Credit notes and correcting invoices that name it."""
    has_pdf: bool


@dataclass(frozen=True, slots=True)
class Original:
    """The PDF that the operator supplied, unchanged."""

    file_name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Latest:
    """An invoice or credit note as the overview names it."""

    number: str
    kind: str
    customer_number: str
    customer_name: str
    issued: date
    due: date | None
    payable: Decimal
    currency: str
    status: InvoiceStatus


@dataclass(frozen=True, slots=True)
class Invoiced:
    """What was invoiced lately, as far as the actor sees it."""

    latest: list[Latest]
    months: list[tuple[date, Decimal]]
    """The twelve calendar months up to the latest invoiced one, with what was invoiced in SEK: amounts to pay, credit
    notes subtracted, by date of issue; 0 for a month without. Empty when there is no invoice."""
    left_out: list[str]
    """Other currencies in these months (I6)."""


@allowed(Permission.INVOICES_READ)
def overview(actor: Actor, number: str) -> InvoicePage:
    """The invoice; NotFound for unknown and foreign alike, also for whoever sees single lines of it only (U5)."""
    with session() as db:
        invoice = access.fetch(db, actor, Invoice, number)
        on = db.get_one(CustomerNumber, invoice.customer_number_id)
        assert invoice.id is not None
        status = status_of(invoice, actor.today)
        credit_note = invoice.kind == InvoiceKind.CREDIT_NOTE
        overdue = status is InvoiceStatus.OVERDUE and invoice.due is not None
        return InvoicePage(
            id=invoice.id,
            number=invoice.number,
            kind=InvoiceKind(invoice.kind),
            status=status,
            overdue_days=(actor.today - invoice.due).days if overdue and invoice.due else 0,
            currency=invoice.currency,
            customer_number=on.number,
            customer_name=on.name,
            sees_customer_number=actor.may(Permission.CUSTOMER_NUMBERS_READ),
            buyer_name=invoice.buyer_name,
            seller_name=invoice.seller_name,
            period_start=invoice.period_start,
            period_end=invoice.period_end,
            issued=invoice.issued,
            due=invoice.due,
            buyer_reference=invoice.buyer_reference,
            order_reference=invoice.order_reference,
            note=invoice.note,
            payment_terms=invoice.payment_terms,
            payment_account=invoice.payment_account,
            payment_branch=invoice.payment_branch,
            payment_reference=invoice.payment_reference,
            line_total=invoice.line_total,
            allowances=[Allowance(a.charge, a.reason, a.amount) for a in _allowances(db, invoice)],
            net=invoice.net,
            vat=[Vat(v.category, v.rate, v.taxable, v.vat, v.exemption) for v in _vat(db, invoice)],
            vat_total=invoice.vat,
            total=invoice.total,
            prepaid=invoice.prepaid,
            rounding=invoice.rounding,
            payable=invoice.payable,
            paid=invoice.paid,
            credited=invoice.credited,
            left=Decimal(0) if credit_note else invoice.payable - invoice.paid - invoice.credited,
            payments=[Paid(p.paid_on, p.amount, p.reference) for p in _payments(db, invoice)],
            names=_names(db, actor, invoice),
            named_by=_named_by(db, actor, invoice),
            has_pdf=_has_pdf(db, invoice),
        )


@allowed(Permission.INVOICES_READ)
def original(actor: Actor, number: str) -> Original:
    """The PDF as the operator supplied it, byte for byte (I4). NotFound when the invoice isn't there for the actor, or
    came without one."""
    with session() as db:
        invoice = access.fetch(db, actor, Invoice, number)
        content = db.exec(_of(select(col(InvoiceOriginal.pdf)), InvoiceOriginal, invoice)).scalar_one_or_none()
        if not content:
            raise NotFound
        name = text(actor.language, f"details.invoice.named.{invoice.kind}", number=invoice.number)
        return Original(f"{name.replace('/', '-')}.pdf", content)


def _of(statement: Any, model: Any, invoice: Invoice) -> Any:
    return statement.where(col(model.company_id) == invoice.company_id, col(model.invoice_id) == invoice.id)


def _allowances(db: DatabaseSession, invoice: Invoice) -> Any:
    found = _of(select(InvoiceAllowance), InvoiceAllowance, invoice).order_by(col(InvoiceAllowance.position))
    return db.exec(found).scalars()


def _vat(db: DatabaseSession, invoice: Invoice) -> Any:
    """The highest rate first."""
    found = _of(select(InvoiceVat), InvoiceVat, invoice)
    return db.exec(found.order_by(col(InvoiceVat.rate).desc(), col(InvoiceVat.category))).scalars()


def _payments(db: DatabaseSession, invoice: Invoice) -> Any:
    found = _of(select(Payment), Payment, invoice)
    return db.exec(found.order_by(col(Payment.paid_on), col(Payment.id))).scalars()


def _has_pdf(db: DatabaseSession, invoice: Invoice) -> bool:
    found = _of(select(col(InvoiceOriginal.pdf).is_not(None)), InvoiceOriginal, invoice)
    return bool(db.exec(found).scalar_one_or_none())


def _names(db: DatabaseSession, actor: Actor, invoice: Invoice) -> list[Related]:
    """In the order they are named; an earlier invoice may never have been fed."""
    statement = (
        select(
            col(InvoiceReference.number),
            col(InvoiceReference.issued),
            col(Invoice.issued),
            col(Invoice.kind),
            col(Invoice.payable),
            col(Invoice.paid),
            col(Invoice.credited),
            col(Invoice.currency),
        )
        .outerjoin(Invoice, and_(access.scope(actor, Invoice), col(Invoice.number) == col(InvoiceReference.number)))
        .order_by(col(InvoiceReference.id))
    )
    found = db.exec(_of(statement, InvoiceReference, invoice)).all()
    return [
        Related(
            number,
            issued or said,
            kind or "",
            amount,
            currency or "",
            left=amount - paid - credited if kind == InvoiceKind.INVOICE else None,
            seen=kind is not None,
        )
        for number, said, issued, kind, amount, paid, credited, currency in found
    ]


def _named_by(db: DatabaseSession, actor: Actor, invoice: Invoice) -> list[Related]:
    """Those the actor sees: a credit note may be on another customer number."""
    statement: Any = (
        select(col(Invoice.number), col(Invoice.issued), col(Invoice.kind), col(Invoice.payable), col(Invoice.currency))
        .join(InvoiceReference, col(InvoiceReference.invoice_id) == col(Invoice.id))
        .where(
            col(InvoiceReference.company_id) == invoice.company_id,
            col(InvoiceReference.number) == invoice.number,
            col(Invoice.id) != invoice.id,
        )
        .distinct()
        .order_by(col(Invoice.issued), col(Invoice.number))
    )
    found = db.exec(access.visible(statement, actor, Invoice)).all()
    return [
        Related(number, issued, kind, amount, currency, seen=True) for number, issued, kind, amount, currency in found
    ]


def invoiced(db: DatabaseSession, actor: Actor, shown: int) -> Invoiced:
    """The `shown` latest invoices and credit notes, and sums by month; for an operation that has asked for the right
    to read invoices."""
    latest = _latest(db, actor, shown)
    if not latest:
        return Invoiced([], [], [])
    months = latest_months(latest[0].issued, MONTHS)
    statement = (
        select(col(Invoice.issued), col(Invoice.kind), col(Invoice.currency), func.sum(col(Invoice.payable)))
        .where(col(Invoice.issued) >= months[0])
        .group_by(col(Invoice.issued), col(Invoice.kind), col(Invoice.currency))
    )
    sums = dict.fromkeys(months, Decimal(0))
    left_out = set()
    for issued, kind, currency, amount in db.exec(access.visible(statement, actor, Invoice)).all():
        if currency == SUMMED:
            sums[issued.replace(day=1)] += -amount if kind == InvoiceKind.CREDIT_NOTE else amount
        else:
            left_out.add(currency)
    return Invoiced(latest, list(sums.items()), sorted(left_out))


def _latest(db: DatabaseSession, actor: Actor, shown: int) -> list[Latest]:
    statement = (
        select(Invoice, col(CustomerNumber.number), col(CustomerNumber.name))
        .join(CustomerNumber, col(CustomerNumber.id) == col(Invoice.customer_number_id))
        .order_by(col(Invoice.issued).desc(), col(Invoice.id).desc())
        .limit(shown)
    )
    return [
        Latest(
            number=invoice.number,
            kind=invoice.kind,
            customer_number=number,
            customer_name=name,
            issued=invoice.issued,
            due=invoice.due,
            payable=invoice.payable,
            currency=invoice.currency,
            status=status_of(invoice, actor.today),
        )
        for invoice, number, name in db.exec(access.visible(statement, actor, Invoice)).all()
    ]
