"""What an invoice says, typed: the terms of EN 16931 that are checked and kept, with the lines they stand in."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from selfcare_app.services.feeds.report import Refusal
from selfcare_app.specs.invoices import InvoiceKind

PORTAL = "Selfcare"
"""Names the rules that are the portal's own."""


def broken(rule: str, line: int, key: str, **values: object) -> Refusal:
    """The refusal of a document that breaks a rule in that line. Numbers are told plainly, never as 1E+2."""
    told = {name: f"{value:f}" if isinstance(value, Decimal) else value for name, value in values.items()}
    return Refusal(line, "", f"invoice_rules.{key}", told, rule)


@dataclass(frozen=True, slots=True)
class Figure:
    """A number, its element's name and where it stands."""

    name: str
    value: Decimal
    line: int


@dataclass(frozen=True, slots=True)
class Period:
    """Both days are part of it; either may be missing."""

    start: date | None = None
    end: date | None = None


@dataclass(frozen=True, slots=True)
class Tax:
    """VAT category and rate of a line, an allowance, a charge or a sum."""

    category: str
    rate: Decimal | None
    """Percent; None: not given."""
    line: int


@dataclass(frozen=True, slots=True)
class AllowanceCharge:
    """Taken off or put on: the document (BG-20, BG-21) or a line (BG-27, BG-28)."""

    line: int
    charge: bool
    amount: Figure | None
    reason: str
    tax: Tax | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """BG-25."""

    line: int
    line_id: str
    name: str
    description: str
    note: str
    accounting_cost: str
    properties: dict[str, str]
    """Item properties by name, case ignored."""
    quantity: Figure | None
    unit: str
    net: Figure | None
    price: Figure | None
    price_base: Figure | None
    allowances: list[AllowanceCharge]
    tax: Tax | None
    period: Period


@dataclass(frozen=True, slots=True)
class VatSum:
    """BG-23."""

    line: int
    tax: Tax | None
    taxable: Figure | None
    vat: Figure | None
    exemption: str
    exempted: bool
    """Whether a reason or its code is given."""


@dataclass(frozen=True, slots=True)
class Totals:
    """BG-22. What isn't given is None."""

    line: int
    lines: Figure | None
    allowances: Figure | None
    charges: Figure | None
    net: Figure | None
    vat: Figure | None
    vat_in_tax_currency: Figure | None
    total: Figure | None
    prepaid: Figure | None
    rounding: Figure | None
    payable: Figure | None


@dataclass(frozen=True, slots=True)
class Party:
    """Seller or buyer."""

    name: str
    legal_id: str
    vat_id: str
    tax_ids: bool
    """Whether it has any tax number."""
    identified: bool
    """Whether it has any other number."""


@dataclass(frozen=True, slots=True)
class Payment:
    """How the seller wants to be paid (BG-16)."""

    means: str = ""
    reference: str = ""
    account: str = ""
    branch: str = ""
    """SE:BANKGIRO, SE:PLUSGIRO or a BIC."""


@dataclass(frozen=True, slots=True)
class Named:
    """A text and where it stands."""

    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Reference:
    """An earlier invoice that is named (BG-3)."""

    number: str
    issued: date | None


@dataclass(slots=True)
class Document:
    """An invoice or credit note. Where something couldn't be read, `refusals` says so and the value is empty."""

    kind: InvoiceKind
    line: int
    number: str = ""
    number_line: int = 0
    issued: date | None = None
    due: date | None = None
    currency: str = ""
    period: Period = Period()
    customer_numbers: dict[str, list[Named]] = field(default_factory=dict)
    """What may be its customer number, by the place it stands in (`config.CUSTOMER_NUMBER_PLACES`)."""
    buyer_reference: str = ""
    order_reference: str = ""
    note: str = ""
    payment_terms: str = ""
    seller: Party = Party("", "", "", False, False)
    buyer: Party = Party("", "", "", False, False)
    representative_vat: bool = False
    """Whether a tax representative's VAT number is given."""
    payment: Payment = Payment()
    references: list[Reference] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    allowances: list[AllowanceCharge] = field(default_factory=list)
    vat: list[VatSum] = field(default_factory=list)
    totals: Totals | None = None
    pdf: bytes | None = None
    pdf_name: str = ""
    refusals: list[Refusal] = field(default_factory=list)
