"""What payments and credit notes have done to invoices: the sums that their status follows from (I1)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, bindparam, func, or_, select, update
from sqlalchemy.orm import aliased
from sqlmodel import Session as DatabaseSession
from sqlmodel import col

from selfcare_app.models import Invoice, InvoiceReference, Payment
from selfcare_app.services.database import batches
from selfcare_app.specs.invoices import InvoiceKind

NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Naming:
    """A crediting document that names an invoice of the same company and currency."""

    reference_id: int
    """Rises in the order in which the document names."""
    document_id: int
    issued: date
    number: str
    amount: Decimal
    """What the document credits in all."""
    invoice_id: int
    payable: Decimal
    """Of the invoice."""


def settle(db: DatabaseSession, invoice_ids: Collection[int]) -> None:
    """Work out anew what has been paid and credited, inside the caller's writing transaction.

    The ids are those of the documents whose payments, references or existence changed: invoices, credit notes or
    both, in any order, of any company. What else follows is found: a credit note leads to the invoices it names, be
    they fed before it or after. The result follows from what is stored alone, never from the order it came in.
    """
    db.flush()
    for ids in batches(invoice_ids):
        _settle_payments(db, ids)
    namings, touched = _namings(db, invoice_ids)
    credited = allot(namings)
    stored = _stored(db, touched)
    changes = [
        {"row_id": invoice_id, "amount": credited.get(invoice_id, NOTHING)}
        for invoice_id, before in stored.items()
        if before != credited.get(invoice_id, NOTHING)
    ]
    if changes:
        table = Invoice.__table__  # type: ignore[attr-defined]
        db.connection().execute(
            update(table).where(table.c.id == bindparam("row_id")).values(credited=bindparam("amount")), changes
        )
    for row in db.identity_map.values():
        if isinstance(row, Invoice):
            db.expire(row, ["paid", "credited"])


def allot(namings: Iterable[Naming]) -> dict[int, Decimal]:
    """What each invoice is credited.

    Documents count in the order of date and number. One that names several invoices fills them in the order named,
    each up to what it amounts to less what was credited before; the last one takes what is left. Payments make no
    difference: what is credited would otherwise change with the day the money came.
    """
    documents: dict[tuple[date, str, int], list[Naming]] = {}
    for naming in namings:
        documents.setdefault((naming.issued, naming.number, naming.document_id), []).append(naming)
    credited: dict[int, Decimal] = {}
    for key in sorted(documents):
        named: dict[int, Naming] = {}
        for naming in sorted(documents[key], key=lambda naming: naming.reference_id):
            named.setdefault(naming.invoice_id, naming)
        *earlier, last = named.values()
        left = last.amount
        for naming in earlier:
            room = naming.payable - credited.get(naming.invoice_id, NOTHING)
            part = max(NOTHING, min(left, room))
            credited[naming.invoice_id] = credited.get(naming.invoice_id, NOTHING) + part
            left -= part
        credited[last.invoice_id] = credited.get(last.invoice_id, NOTHING) + left
    return credited


def _settle_payments(db: DatabaseSession, ids: Sequence[int]) -> None:
    paid = (
        select(func.coalesce(func.sum(col(Payment.amount)), NOTHING))
        .where(col(Payment.company_id) == col(Invoice.company_id), col(Payment.invoice_id) == col(Invoice.id))
        .scalar_subquery()
    )
    statement = update(Invoice).where(col(Invoice.id).in_(ids), col(Invoice.paid) != paid).values(paid=paid)
    db.exec(statement, execution_options={"synchronize_session": False})


def _namings(db: DatabaseSession, invoice_ids: Collection[int]) -> tuple[list[Naming], set[int]]:
    """Everything that bears on what the documents credit or are credited, and the ids of all documents concerned.

    A credit note that names two invoices ties them together: what the one takes, the other doesn't get.
    """
    found: dict[int, Naming] = {}
    seen: set[int] = set()
    new = set(invoice_ids)
    while new:
        seen |= new
        reached: set[int] = set()
        for ids in batches(sorted(new)):
            for naming in _namings_around(db, ids):
                found[naming.reference_id] = naming
                reached |= {naming.document_id, naming.invoice_id}
        new = reached - seen
    return list(found.values()), seen


def _namings_around(db: DatabaseSession, ids: Sequence[int]) -> list[Naming]:
    """Those where a document of the ids names or is named."""
    document: Any = aliased(Invoice)
    named: Any = aliased(Invoice)
    statement = (
        select(  # type: ignore[call-overload]
            InvoiceReference.id,
            document.id,
            document.issued,
            document.number,
            document.kind,
            document.payable,
            named.id,
            named.payable,
        )
        .join_from(InvoiceReference, document, _same(document, document.id == InvoiceReference.invoice_id))
        .join(named, _same(named, named.number == InvoiceReference.number))
        .where(
            # An invoice below zero corrects an earlier one as a credit note does (Peppol BIS Billing 3.0).
            or_(document.kind == InvoiceKind.CREDIT_NOTE.value, document.payable < 0),
            named.kind == InvoiceKind.INVOICE.value,
            named.currency == document.currency,
            named.id != document.id,
        )
    )
    return [
        Naming(
            reference_id,
            document_id,
            issued,
            number,
            amount if kind == InvoiceKind.CREDIT_NOTE else -amount,
            invoice_id,
            payable,
        )
        for side in (document, named)
        for reference_id, document_id, issued, number, kind, amount, invoice_id, payable in db.exec(
            statement.where(side.id.in_(ids))
        )
    ]


def _same(document: Any, condition: Any) -> Any:
    return and_(document.company_id == col(InvoiceReference.company_id), condition)


def _stored(db: DatabaseSession, ids: Collection[int]) -> dict[int, Decimal]:
    """What the documents are credited as stored."""
    stored: dict[int, Decimal] = {}
    for batch in batches(sorted(ids)):
        stored.update(db.exec(select(Invoice.id, Invoice.credited).where(col(Invoice.id).in_(batch))).all())  # type: ignore[call-overload]
    return stored
