"""Invoices of a generated company and what was paid of them: sums follow from lines, and each status is there (I1)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import Any

from sqlmodel import Session as DatabaseSession

from selfcare_app.models import Invoice, InvoiceLine, InvoiceReference, InvoiceVat
from selfcare_app.services import costs, settlement
from selfcare_app.services.access import Actor
from selfcare_app.services.demo.bankgiro import payment_reference
from selfcare_app.services.demo.months import billed_months, due_on, issued_on, last_day
from selfcare_app.services.demo.offer import SELLER
from selfcare_app.services.feeds import kinds
from selfcare_app.services.generating.estates import Estate, Numbered, Owned, Told, in_use, new, write
from selfcare_app.services.generating.rows import Row, put
from selfcare_app.specs.invoices import CostType, InvoiceKind
from selfcare_app.specs.months import months_later
from selfcare_app.specs.text import invoice_search, sort_key

VAT_PERCENT = Decimal(25)
NOTHING = Decimal(0)
_OERE = Decimal("0.01")
_WITH_TRAFFIC, _CREDITED = 0.3, 0.01
_PAID_LATE, _PAID_IN_PART = 0.05, 0.08
"""Below the first figure an invoice that is due is unpaid, below the second paid in part."""
_PAID_EARLY = 0.4


@dataclass(slots=True)
class _Month:
    """What is billed in a month, to be written at once."""

    invoices: list[Row] = field(default_factory=list)
    lines: list[list[Row]] = field(default_factory=list)
    """Of each invoice."""
    credited: list[tuple[int, int]] = field(default_factory=list)
    """Places of a credit note and of the invoice it takes back."""


def bill(db: DatabaseSession, actor: Actor, estate: Estate, months: int, told: Told) -> int:
    """Make an invoice for each customer number and each of the latest billed months, and payments; gives how many
    documents. A month in which nothing was in use isn't billed."""
    if not months:
        return 0
    chance = Random(f"billing {estate.keys.start}")  # noqa: S311  the same rows each time are the point
    on: dict[int, list[Owned]] = defaultdict(list)
    for owned in (*estate.subscriptions, *estate.connections):
        on[owned.on.id].append(owned)
    count = 0
    for month in billed_months(actor.today, months):
        made = _Month()
        for number in estate.numbers:
            _document(made, estate, number, on[number.id], month, count, chance)
        ids = _write(db, estate, made)
        _pay(db, actor, estate, made, ids, chance)
        count += len(ids)
        told("invoices", count)
    costs.recount(db, estate.company_id)
    return count


def _document(
    made: _Month, estate: Estate, number: Numbered, owned: list[Owned], month: date, count: int, chance: Random
) -> None:
    used = in_use(owned, month, months_later(month, 1))
    lines = [line for one in used for line in _lines(estate, number, one, month, chance)]
    if not lines:
        return
    at = len(made.invoices)
    made.invoices.append(_invoice(estate, number, month, lines, InvoiceKind.INVOICE, count + at))
    made.lines.append(lines)
    if chance.random() < _CREDITED:
        made.invoices.append(_invoice(estate, number, month, lines, InvoiceKind.CREDIT_NOTE, count + at + 1))
        made.lines.append(lines)
        made.credited.append((at + 1, at))


def _lines(estate: Estate, number: Numbered, owned: Owned, month: date, chance: Random) -> Iterator[Row]:
    """The month's fee and, of some, traffic."""
    yield _line(estate, number, owned, month, owned.plan.name, CostType.FEE, owned.plan.monthly)
    if owned.subscription_id and chance.random() < _WITH_TRAFFIC:
        amount = Decimal(chance.randrange(100, 20_000)).scaleb(-2)
        kind = CostType.ROAMING if chance.random() < 0.1 else CostType.TRAFFIC
        yield _line(estate, number, owned, month, "Trafik utöver det som ingår", kind, amount)


def _line(estate: Estate, number: Numbered, owned: Owned, month: date, name: str, kind: CostType, net: Decimal) -> Row:
    return {
        "company_id": estate.company_id,
        "customer_number_id": number.id,
        "subscription_id": owned.subscription_id,
        "name": name,
        "cost_type": kind.value,
        "accounting_cost": owned.number,
        "quantity": 1,
        "unit": "MON" if kind is CostType.FEE else "C62",
        "price": net,
        "net": net,
        "vat_rate": VAT_PERCENT,
        "period_start": month,
        "period_end": last_day(month),
        "month": month,
    }


def _invoice(estate: Estate, number: Numbered, month: date, lines: list[Row], kind: InvoiceKind, count: int) -> Row:
    invoice_number = estate.keys.invoice(count)
    buyer = f"{estate.name}, {number.name}"
    net = sum((line["net"] for line in lines), NOTHING)
    vat = (net * VAT_PERCENT / 100).quantize(_OERE, ROUND_HALF_UP)
    is_invoice = kind is InvoiceKind.INVOICE
    return {
        "company_id": estate.company_id,
        "customer_number_id": number.id,
        "customer_number_sort": number.number_sort,
        "kind": kind.value,
        "number": invoice_number,
        "number_sort": sort_key(invoice_number),
        "issued": issued_on(month),
        "due": due_on(month) if is_invoice else None,
        "period_start": month,
        "period_end": last_day(month),
        "month": month,
        "buyer_name": buyer,
        "buyer_name_sort": sort_key(buyer),
        "seller_name": SELLER.name,
        "seller_organisation_number": SELLER.organisation_number,
        "seller_vat_number": SELLER.vat_number,
        "buyer_reference": number.key,
        "payment_reference": payment_reference(invoice_number) if is_invoice else "",
        "payment_account": SELLER.bankgiro if is_invoice else "",
        "payment_branch": "SE:BANKGIRO" if is_invoice else "",
        "payment_means": "30" if is_invoice else "",
        "line_total": net,
        "allowance_total": NOTHING,
        "charge_total": NOTHING,
        "net": net,
        "vat": vat,
        "total": net + vat,
        "prepaid": NOTHING,
        "rounding": NOTHING,
        "payable": net + vat,
        "search_key": invoice_search(invoice_number, buyer, estate.name),
    }


def _write(db: DatabaseSession, estate: Estate, made: _Month) -> list[int]:
    ids = put(db, Invoice, made.invoices)
    rows: list[Row] = []
    for invoice_id, lines in zip(ids, made.lines, strict=True):
        rows += [
            {"invoice_id": invoice_id, "position": position, "line_id": str(position), **line}
            for position, line in enumerate(lines, 1)
        ]
    put(db, InvoiceLine, rows)
    vat = [
        {
            "company_id": estate.company_id,
            "invoice_id": invoice_id,
            "category": "S",
            "rate": VAT_PERCENT,
            "taxable": invoice["net"],
            "vat": invoice["vat"],
        }
        for invoice_id, invoice in zip(ids, made.invoices, strict=True)
    ]
    put(db, InvoiceVat, vat)
    references = [
        {
            "company_id": estate.company_id,
            "invoice_id": ids[note],
            "number": made.invoices[of]["number"],
            "issued": made.invoices[of]["issued"],
        }
        for note, of in made.credited
    ]
    put(db, InvoiceReference, references)
    settlement.settle(db, [ids[at] for pair in made.credited for at in pair])
    return ids


def _pay(db: DatabaseSession, actor: Actor, estate: Estate, made: _Month, ids: list[int], chance: Random) -> None:
    """All that is due but some, and some of what isn't: as feeds of payments do it."""
    passed_over = {at for pair in made.credited for at in pair}
    changes = []
    for at, (invoice_id, invoice) in enumerate(zip(ids, made.invoices, strict=True)):
        amount = _paid(invoice, actor.today, chance)
        if at in passed_over or not amount:
            continue
        reference = f"BG-{invoice['number']}"
        day = min(actor.today, invoice["issued"] + timedelta(days=chance.randint(3, 28)))
        values: dict[str, Any] = {
            "reference": reference,
            "invoice_id": invoice_id,
            "paid_on": day,
            "amount": amount,
        }
        changes.append(new(reference, estate.company_id, values))
    for _ in write(db, actor, kinds.PAYMENTS, changes):
        pass


def _paid(invoice: Row, today: date, chance: Random) -> Decimal:
    drawn, payable = chance.random(), invoice["payable"]
    part: Decimal = (payable / 3).quantize(_OERE, ROUND_HALF_UP)
    if invoice["due"] is None or (invoice["due"] >= today and drawn > _PAID_EARLY):
        return NOTHING
    if drawn < _PAID_LATE:
        return NOTHING
    return part if drawn < _PAID_IN_PART else Decimal(payable)
