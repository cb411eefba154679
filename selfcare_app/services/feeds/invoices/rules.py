"""Whether an invoice's figures agree: the calculations of EN 16931 and Peppol BIS Billing 3.0.

Names and tolerances are those of the official rules. What couldn't be read was refused before, and is passed over.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal

from selfcare_app.services.feeds.invoices.document import AllowanceCharge, Document, Figure, Line, Totals, broken
from selfcare_app.services.feeds.invoices.vat import vat_problems
from selfcare_app.services.feeds.report import Refusal
from selfcare_app.specs.invoices import InvoiceKind

LINE_TOLERANCE = Decimal("0.02")
CENT = Decimal("0.01")
NOTHING = Decimal(0)


def problems(document: Document) -> list[Refusal]:
    """Everything that is wrong with the document, in the order of its lines; empty when it may go in."""
    found = [*document.refusals, *_parties(document), *_lines(document), *vat_problems(document)]
    if document.totals is not None:
        found += _totals(document, document.totals)
    return sorted(found, key=lambda refusal: refusal.row)


def _parties(document: Document) -> Iterator[Refusal]:
    seller = document.seller
    if seller.name and not (seller.vat_id or seller.identified or seller.legal_id):
        yield broken("BR-CO-26", document.line, "seller_unnamed")


def _lines(document: Document) -> Iterator[Refusal]:
    for line in document.lines:
        expected = line_net(line)
        if expected is not None and line.net is not None and abs(line.net.value - expected) > LINE_TOLERANCE:
            yield broken(
                "PEPPOL-EN16931-R120", line.net.line, "line_net", found=line.net.value, expected=rounded(expected)
            )


def line_net(line: Line) -> Decimal | None:
    """What quantity, price, allowances and charges come to, not rounded; None when one of them couldn't be read."""
    if line.quantity is None or line.price is None or any(part.amount is None for part in line.allowances):
        return None
    base = line.price_base.value if line.price_base is not None and line.price_base.value > 0 else Decimal(1)
    return line.quantity.value * line.price.value / base + _sum(line.allowances, charge=True) - _sum(line.allowances)


def rounded(amount: Decimal) -> Decimal:
    """To two places, halves away from zero (EN 16931, 6.5.2)."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def _sum(parts: list[AllowanceCharge], charge: bool = False) -> Decimal:
    amounts = (part.amount.value for part in parts if part.charge is charge and part.amount is not None)
    return sum(amounts, NOTHING)


def _value(figure: Figure | None) -> Decimal:
    return figure.value if figure is not None else NOTHING


def _totals(document: Document, totals: Totals) -> Iterator[Refusal]:
    whole = all(part.amount is not None for part in document.allowances)
    if totals.lines is not None and all(line.net is not None for line in document.lines):
        yield from _differs("BR-CO-10", totals.lines, sum((_value(line.net) for line in document.lines), NOTHING))
    if whole:
        for rule, figure, name, charge in (
            ("BR-CO-11", totals.allowances, "AllowanceTotalAmount", False),
            ("BR-CO-12", totals.charges, "ChargeTotalAmount", True),
        ):
            expected = _sum(document.allowances, charge)
            if figure is not None:
                yield from _differs(rule, figure, expected)
            elif any(part.charge is charge for part in document.allowances):
                yield broken(rule, totals.line, "missing", name=name)
    if totals.net is not None and totals.lines is not None:
        expected = totals.lines.value - _value(totals.allowances) + _value(totals.charges)
        yield from _differs("BR-CO-13", totals.net, expected)
    if totals.vat is not None and all(part.vat is not None for part in document.vat):
        yield from _differs("BR-CO-14", totals.vat, sum((_value(part.vat) for part in document.vat), NOTHING))
    if totals.total is not None and totals.net is not None and totals.vat is not None:
        yield from _differs("BR-CO-15", totals.total, totals.net.value + totals.vat.value)
    if totals.payable is not None and totals.total is not None:
        expected = totals.total.value - _value(totals.prepaid) + _value(totals.rounding)
        yield from _differs("BR-CO-16", totals.payable, expected)
    yield from _due(document, totals)
    other = totals.vat_in_tax_currency
    if other is not None and totals.vat is not None and other.value * totals.vat.value < 0:
        yield broken("PEPPOL-EN16931-R055", other.line, "tax_currency_sign", found=other.value, vat=totals.vat.value)


def _due(document: Document, totals: Totals) -> Iterator[Refusal]:
    """Something to pay, and nothing that says when."""
    if document.kind is InvoiceKind.CREDIT_NOTE or totals.payable is None or totals.payable.value <= 0:
        return
    unread = any(refusal.rule == "PEPPOL-EN16931-F001" for refusal in document.refusals)
    if document.due is None and not document.payment_terms and not unread:
        yield broken("BR-CO-25", totals.payable.line, "no_due_date")


def _differs(rule: str, figure: Figure, expected: Decimal) -> Iterator[Refusal]:
    if figure.value != expected:
        key = f"sums.{rule.lower()}"
        yield broken(rule, figure.line, key, name=figure.name, found=figure.value, expected=rounded(expected))
