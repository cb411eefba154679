"""Makes invoices of Peppol BIS Billing 3.0 whose totals add up, worked out here by EN 16931 and nowhere else.

`Bill(...)` says what is billed, `.xml()` gives the file. What isn't said is plain and valid: one line of 100 kronor at
25 % VAT on customer number 10023.
"""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from xml.sax.saxutils import escape

CENT = Decimal("0.01")
UBL = "urn:oasis:names:specification:ubl:schema:xsd"
NO_REASON = {"S", "Z", "L", "M"}
"""VAT categories that must not say why no VAT is charged."""


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


@dataclass(kw_only=True)
class Part:
    """An allowance or charge, on the whole document or a line."""

    amount: str
    charge: bool = False
    reason: str = "Rabatt"
    category: str = "S"
    rate: str | None = "25"

    @property
    def signed(self) -> Decimal:
        return Decimal(self.amount) if self.charge else -Decimal(self.amount)


@dataclass(kw_only=True)
class Line:
    name: str = "Månadsavgift"
    quantity: str = "1"
    price: str = "100.00"
    base: str | None = None
    unit: str = "C62"
    category: str = "S"
    rate: str | None = "25"
    parts: Sequence[Part] = ()
    accounting_cost: str = ""
    properties: dict[str, str] = field(default_factory=dict)
    start: str = ""
    end: str = ""
    note: str = ""
    description: str = ""

    @property
    def net(self) -> Decimal:
        whole = Decimal(self.quantity) * Decimal(self.price) / Decimal(self.base or 1)
        return cents(whole + sum((part.signed for part in self.parts), Decimal(0)))


@dataclass(kw_only=True)
class Bill:
    number: str = "F1001"
    customer_number: str = "10023"
    credit_note: bool = False
    type_code: str = ""
    issued: str = "2026-11-01"
    due: str = "2026-12-01"
    start: str = "2026-10-01"
    end: str = "2026-10-31"
    currency: str = "SEK"
    tax_currency: tuple[str, str] | None = None
    """Code and VAT in it."""
    buyer_id: str = ""
    accounting_cost: str = ""
    order: str = ""
    buyer: str = "Björkö Bygg AB"
    note: str = ""
    terms: str = ""
    ocr: str = "12351"
    account: str = "50501055"
    branch: str = "SE:BANKGIRO"
    means: str = "30"
    lines: Sequence[Line] = field(default_factory=lambda: [Line()])
    parts: Sequence[Part] = ()
    prepaid: str = ""
    rounding: str = ""
    credits: Sequence[str] = ()
    """Numbers of the invoices it names."""
    pdf: bytes | None = None

    # --- sums

    @property
    def line_total(self) -> Decimal:
        return sum((line.net for line in self.lines), Decimal(0))

    def part_total(self, charge: bool) -> Decimal:
        return sum((Decimal(part.amount) for part in self.parts if part.charge is charge), Decimal(0))

    @property
    def net(self) -> Decimal:
        return self.line_total - self.part_total(False) + self.part_total(True)

    def taxable(self) -> dict[tuple[str, str | None], Decimal]:
        sums: dict[tuple[str, str | None], Decimal] = {}
        for line in self.lines:
            sums[line.category, line.rate] = sums.get((line.category, line.rate), Decimal(0)) + line.net
        for part in self.parts:
            sums[part.category, part.rate] = sums.get((part.category, part.rate), Decimal(0)) + part.signed
        return sums

    def vat_of(self, taxable: Decimal, rate: str | None) -> Decimal:
        return cents(taxable * Decimal(rate or 0) / 100)

    @property
    def vat(self) -> Decimal:
        return sum((self.vat_of(amount, rate) for (_, rate), amount in self.taxable().items()), Decimal(0))

    @property
    def total(self) -> Decimal:
        return self.net + self.vat

    @property
    def payable(self) -> Decimal:
        return self.total - Decimal(self.prepaid or 0) + Decimal(self.rounding or 0)

    # --- the file

    @property
    def kind(self) -> str:
        return "CreditNote" if self.credit_note else "Invoice"

    def xml(self) -> bytes:
        namespaces = (
            f'xmlns="{UBL}:{self.kind}-2" xmlns:cac="{UBL}:CommonAggregateComponents-2"'
            f' xmlns:cbc="{UBL}:CommonBasicComponents-2"'
        )
        body = "\n".join(filter(None, self.elements()))
        return f'<?xml version="1.0" encoding="UTF-8"?>\n<{self.kind} {namespaces}>\n{body}\n</{self.kind}>\n'.encode()

    def elements(self) -> list[str]:
        code = self.type_code or ("381" if self.credit_note else "380")
        due = "" if self.credit_note else self.due
        return [
            basic("CustomizationID", "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"),
            basic("ProfileID", "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"),
            basic("ID", self.number),
            basic("IssueDate", self.issued),
            basic("DueDate", due),
            basic(f"{self.kind}TypeCode", code),
            basic("Note", self.note),
            basic("DocumentCurrencyCode", self.currency),
            basic("TaxCurrencyCode", self.tax_currency[0] if self.tax_currency else ""),
            basic("AccountingCost", self.accounting_cost),
            basic("BuyerReference", self.customer_number),
            period(self.start, self.end),
            aggregate("OrderReference", basic("ID", self.order)) if self.order else "",
            *(
                aggregate("BillingReference", aggregate("InvoiceDocumentReference", basic("ID", number)))
                for number in self.credits
            ),
            self.attachment(),
            self.seller_party(),
            self.buyer_party(),
            self.payment(),
            aggregate("PaymentTerms", basic("Note", self.terms)) if self.terms else "",
            *(self.part(part, document=True) for part in self.parts),
            *self.tax(),
            self.totals(),
            *(self.line(number, line) for number, line in enumerate(self.lines, 1)),
        ]

    def money(self, name: str, amount: Decimal | str, currency: str = "") -> str:
        return f'<cbc:{name} currencyID="{currency or self.currency}">{amount}</cbc:{name}>'

    def attachment(self) -> str:
        if self.pdf is None:
            return ""
        content = base64.b64encode(self.pdf).decode()
        held = (
            f'<cbc:EmbeddedDocumentBinaryObject mimeCode="application/pdf" filename="{self.number}.pdf">'
            f"{content}</cbc:EmbeddedDocumentBinaryObject>"
        )
        return aggregate("AdditionalDocumentReference", basic("ID", "1"), aggregate("Attachment", held))

    def seller_party(self) -> str:
        return aggregate(
            "AccountingSupplierParty",
            aggregate(
                "Party",
                '<cbc:EndpointID schemeID="0007">5599980405</cbc:EndpointID>',
                address(),
                scheme("SE559998040501", "VAT"),
                scheme("Godkänd för F-skatt", "TAX"),
                aggregate(
                    "PartyLegalEntity", basic("RegistrationName", "Exempelnät AB"), basic("CompanyID", "5599980405")
                ),
            ),
        )

    def buyer_party(self) -> str:
        return aggregate(
            "AccountingCustomerParty",
            aggregate(
                "Party",
                '<cbc:EndpointID schemeID="0007">5599980017</cbc:EndpointID>',
                aggregate("PartyIdentification", basic("ID", self.buyer_id)) if self.buyer_id else "",
                address(),
                aggregate("PartyLegalEntity", basic("RegistrationName", self.buyer)),
            ),
        )

    def payment(self) -> str:
        if not self.means:
            return ""
        account = aggregate(
            "PayeeFinancialAccount",
            basic("ID", self.account),
            aggregate("FinancialInstitutionBranch", basic("ID", self.branch)) if self.branch else "",
        )
        due = basic("PaymentDueDate", self.due) if self.credit_note else ""
        return aggregate(
            "PaymentMeans",
            basic("PaymentMeansCode", self.means),
            due,
            basic("PaymentID", self.ocr),
            account if self.account else "",
        )

    def part(self, part: Part, document: bool) -> str:
        return aggregate(
            "AllowanceCharge",
            basic("ChargeIndicator", "true" if part.charge else "false"),
            basic("AllowanceChargeReason", part.reason),
            self.money("Amount", part.amount),
            category("TaxCategory", part.category, part.rate) if document else "",
        )

    def tax(self) -> list[str]:
        sums = [
            aggregate(
                "TaxSubtotal",
                self.money("TaxableAmount", amount),
                self.money("TaxAmount", self.vat_of(amount, rate)),
                category("TaxCategory", code, rate, reason="" if code in NO_REASON else "Undantag"),
            )
            for (code, rate), amount in self.taxable().items()
        ]
        totals = [aggregate("TaxTotal", self.money("TaxAmount", self.vat), *sums)]
        if self.tax_currency:
            code, amount = self.tax_currency
            totals.append(aggregate("TaxTotal", self.money("TaxAmount", amount, code)))
        return totals

    def totals(self) -> str:
        allowances, charges = self.part_total(False), self.part_total(True)
        return aggregate(
            "LegalMonetaryTotal",
            self.money("LineExtensionAmount", self.line_total),
            self.money("TaxExclusiveAmount", self.net),
            self.money("TaxInclusiveAmount", self.total),
            self.money("AllowanceTotalAmount", allowances) if any(not part.charge for part in self.parts) else "",
            self.money("ChargeTotalAmount", charges) if any(part.charge for part in self.parts) else "",
            self.money("PrepaidAmount", self.prepaid) if self.prepaid else "",
            self.money("PayableRoundingAmount", self.rounding) if self.rounding else "",
            self.money("PayableAmount", self.payable),
        )

    def line(self, number: int, line: Line) -> str:
        quantity = "CreditedQuantity" if self.credit_note else "InvoicedQuantity"
        base = f'<cbc:BaseQuantity unitCode="{line.unit}">{line.base}</cbc:BaseQuantity>' if line.base else ""
        return aggregate(
            f"{self.kind}Line",
            basic("ID", str(number)),
            basic("Note", line.note),
            f'<cbc:{quantity} unitCode="{line.unit}">{line.quantity}</cbc:{quantity}>',
            self.money("LineExtensionAmount", line.net),
            basic("AccountingCost", line.accounting_cost),
            period(line.start, line.end),
            *(self.part(part, document=False) for part in line.parts),
            aggregate(
                "Item",
                basic("Description", line.description),
                basic("Name", line.name),
                category("ClassifiedTaxCategory", line.category, line.rate),
                *(
                    aggregate("AdditionalItemProperty", basic("Name", name), basic("Value", value))
                    for name, value in line.properties.items()
                ),
            ),
            aggregate("Price", self.money("PriceAmount", line.price), base),
        )


def aggregate(name: str, *parts: str) -> str:
    """An element of parts, each on a line of its own."""
    inner = "\n".join(filter(None, parts))
    return f"<cac:{name}>\n{inner}\n</cac:{name}>"


def basic(name: str, value: str) -> str:
    return f"<cbc:{name}>{escape(value)}</cbc:{name}>" if value else ""


def period(start: str, end: str) -> str:
    return aggregate("InvoicePeriod", basic("StartDate", start), basic("EndDate", end)) if start or end else ""


def address() -> str:
    return aggregate(
        "PostalAddress",
        basic("StreetName", "Varvsgatan 4"),
        basic("CityName", "Stockholm"),
        basic("PostalZone", "117 33"),
        aggregate("Country", basic("IdentificationCode", "SE")),
    )


def scheme(number: str, kind: str) -> str:
    return aggregate("PartyTaxScheme", basic("CompanyID", number), aggregate("TaxScheme", basic("ID", kind)))


def category(name: str, code: str, rate: str | None, reason: str = "") -> str:
    return aggregate(
        name,
        basic("ID", code),
        basic("Percent", rate) if rate is not None else "",
        basic("TaxExemptionReason", reason),
        aggregate("TaxScheme", basic("ID", "VAT")),
    )


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """The files in one zip."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", method) as archive:
        for name, inner in files.items():
            archive.writestr(name, inner)
    return content.getvalue()
