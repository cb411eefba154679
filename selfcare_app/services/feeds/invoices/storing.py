"""Invoices that passed become rows: many at once, with their sums, their log entries and their original files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlmodel import Session as DatabaseSession

from selfcare_app.models import (
    Invoice,
    InvoiceAllowance,
    InvoiceLine,
    InvoiceOriginal,
    InvoiceReference,
    InvoiceVat,
    Table,
)
from selfcare_app.services import audit, bulk, costs, settlement
from selfcare_app.services.access import Actor
from selfcare_app.services.feeds.invoices.document import AllowanceCharge, Document, Figure, Line, Totals
from selfcare_app.services.feeds.invoices.placing import Account, Sent, subscription_names, subscriptions_of
from selfcare_app.services.feeds.invoices.vat import key_of
from selfcare_app.specs.invoices import CostType
from selfcare_app.specs.text import invoice_search, sort_key

COST_TYPES = {
    "avgift": CostType.FEE,
    "månadsavgift": CostType.FEE,
    "trafik": CostType.TRAFFIC,
    "roaming": CostType.ROAMING,
    "engångsavgift": CostType.ONE_OFF,
    "övrigt": CostType.OTHER,
} | {member.value: member for member in CostType}
"""What the item property `CostType` may say: the stored value or the Swedish word, case ignored."""
_COST_TYPE = "costtype"
_MICRO = Decimal("0.000001")
NOTHING = Decimal(0)
Row = dict[str, Any]


def store(db: DatabaseSession, actor: Actor, files: Sequence[Sent]) -> None:
    """Store new invoices with their audit entries (P4), and keep up what follows from them: settlement and costs."""
    ids = bulk.new_ids(db, Invoice, len(files))
    subscriptions = subscriptions_of(db, files)
    rows: dict[type[Table], list[Row]] = {
        model: [] for model in (Invoice, InvoiceLine, InvoiceVat, InvoiceAllowance, InvoiceReference, InvoiceOriginal)
    }
    entries: list[dict[str, Any]] = []
    months: dict[int, set[date]] = {}
    numbers: dict[int, set[int]] = {}
    for invoice_id, sent in zip(ids, files, strict=True):
        assert sent.document is not None
        assert sent.account is not None
        document, account = sent.document, sent.account
        owner = {"company_id": account.company_id, "invoice_id": invoice_id}
        invoice = _invoice(document, account, invoice_id)
        lines = [
            {**owner, **_line(document, account, line, position, subscriptions)}
            for position, line in enumerate(document.lines, 1)
        ]
        rows[Invoice].append(invoice)
        rows[InvoiceLine] += lines
        rows[InvoiceVat] += [{**owner, **row} for row in _vat(document)]
        rows[InvoiceAllowance] += [{**owner, **row} for row in _allowances(document)]
        rows[InvoiceReference] += [
            {**owner, "number": named.number, "issued": named.issued} for named in document.references
        ]
        rows[InvoiceOriginal].append(
            {**owner, "sha256": sent.sha256, "xml": sent.content, "pdf": document.pdf, "pdf_name": document.pdf_name}
        )
        entries.append(_entry(actor, invoice))
        months.setdefault(account.company_id, set()).update({invoice["month"], *(line["month"] for line in lines)})
        numbers.setdefault(account.company_id, set()).add(account.id)
    for model, found in rows.items():
        if found:
            bulk.insert(db, model, tuple(found[0]), (tuple(row.values()) for row in found))
    audit.record_many(db, entries)
    settlement.settle(db, ids)
    for company_id in sorted(months):
        costs.recount(db, company_id, months[company_id], numbers[company_id])


def _entry(actor: Actor, invoice: Row) -> dict[str, Any]:
    told = ("kind", "issued", "due", "currency", "payable", "buyer_name")
    return audit.entry(
        actor,
        "invoice.created",
        kind="invoice",
        object_id=invoice["id"],
        label=invoice["number"],
        after={name: invoice[name] for name in told},
        company_id=invoice["company_id"],
    )


def month_of(*starts: date | None) -> date:
    """The month a cost belongs to (R7): of the first start there is."""
    return next(start for start in starts if start is not None).replace(day=1)


def _amount(figure: Figure | None) -> Decimal:
    return figure.value if figure is not None else NOTHING


def _exact(figure: Figure | None, otherwise: int) -> Decimal:
    """A price or quantity, to the six places that are kept of it."""
    return figure.value.quantize(_MICRO, ROUND_HALF_UP) if figure is not None else Decimal(otherwise)


def _invoice(document: Document, account: Account, invoice_id: int) -> Row:
    totals: Totals | None = document.totals
    assert totals is not None
    return {
        "id": invoice_id,
        "company_id": account.company_id,
        "customer_number_id": account.id,
        "customer_number_sort": account.number_sort,
        "kind": document.kind.value,
        "number": document.number,
        "number_sort": sort_key(document.number),
        "currency": document.currency,
        "issued": document.issued,
        "due": document.due,
        "period_start": document.period.start,
        "period_end": document.period.end,
        "month": month_of(document.period.start, document.issued),
        "buyer_name": document.buyer.name,
        "buyer_name_sort": sort_key(document.buyer.name),
        "seller_name": document.seller.name,
        "seller_organisation_number": document.seller.legal_id,
        "seller_vat_number": document.seller.vat_id,
        "buyer_reference": document.buyer_reference,
        "order_reference": document.order_reference,
        "note": document.note,
        "payment_terms": document.payment_terms,
        "payment_reference": document.payment.reference,
        "payment_account": document.payment.account,
        "payment_branch": document.payment.branch,
        "payment_means": document.payment.means,
        "line_total": _amount(totals.lines),
        "allowance_total": _amount(totals.allowances),
        "charge_total": _amount(totals.charges),
        "net": _amount(totals.net),
        "vat": _amount(totals.vat),
        "total": _amount(totals.total),
        "prepaid": _amount(totals.prepaid),
        "rounding": _amount(totals.rounding),
        "payable": _amount(totals.payable),
        "paid": NOTHING,
        "credited": NOTHING,
        "search_key": invoice_search(document.number, document.buyer.name, account.company_name),
        "version": 1,
    }


def _line(
    document: Document, account: Account, line: Line, position: int, subscriptions: dict[tuple[int, str], int]
) -> Row:
    assert line.tax is not None
    named = (subscriptions.get((account.company_id, text)) for text in subscription_names(line))
    return {
        "customer_number_id": account.id,
        # One that is unknown, or another company's, leaves the line on the customer number; what was sent is kept.
        "subscription_id": next((found for found in named if found is not None), None),
        "position": position,
        "line_id": line.line_id,
        "name": line.name,
        "description": line.description,
        "note": line.note,
        "cost_type": COST_TYPES.get(line.properties.get(_COST_TYPE, "").casefold(), CostType.OTHER).value,
        "accounting_cost": line.accounting_cost,
        "quantity": _exact(line.quantity, 0),
        "unit": line.unit,
        "price": _exact(line.price, 0),
        "price_base": _exact(line.price_base, 1),
        "allowance": _less(line.allowances),
        "net": _amount(line.net),
        "vat_category": line.tax.category,
        "vat_rate": line.tax.rate or NOTHING,
        "period_start": line.period.start,
        "period_end": line.period.end,
        "month": month_of(line.period.start, document.period.start, document.issued),
    }


def _less(parts: Iterable[AllowanceCharge]) -> Decimal:
    """Allowances less charges."""
    return sum((-_amount(part.amount) if part.charge else _amount(part.amount) for part in parts), NOTHING)


def _vat(document: Document) -> Iterable[Row]:
    for part in document.vat:
        assert part.tax is not None
        category, rate = key_of(part.tax)
        yield {
            "category": category,
            "rate": rate,
            "taxable": _amount(part.taxable),
            "vat": _amount(part.vat),
            "exemption": part.exemption,
        }


def _allowances(document: Document) -> Iterable[Row]:
    for position, part in enumerate(document.allowances, 1):
        assert part.tax is not None
        yield {
            "position": position,
            "charge": part.charge,
            "reason": part.reason,
            "amount": _amount(part.amount),
            "vat_category": part.tax.category,
            "vat_rate": part.tax.rate or NOTHING,
        }
