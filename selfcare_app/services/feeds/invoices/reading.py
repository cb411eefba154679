"""Reading an invoice: elements to typed terms, refusing what is missing or no number, date or amount in itself."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from decimal import Decimal

from babel.numbers import is_currency

from selfcare_app.services.feeds.cells import NUMBER_LIMIT, CellError, day
from selfcare_app.services.feeds.invoices import codes
from selfcare_app.services.feeds.invoices.document import (
    PORTAL,
    AllowanceCharge,
    Document,
    Figure,
    Line,
    Named,
    Party,
    Payment,
    Period,
    Reference,
    Tax,
    Totals,
    VatSum,
    broken,
)
from selfcare_app.services.feeds.invoices.pdf import embedded_pdf
from selfcare_app.services.feeds.invoices.xml import Element, Unfit
from selfcare_app.specs.invoices import InvoiceKind

_UBL = "{urn:oasis:names:specification:ubl:schema:xsd:%s-2}%s"
ROOTS = {
    _UBL % ("Invoice", "Invoice"): InvoiceKind.INVOICE,
    _UBL % ("CreditNote", "CreditNote"): InvoiceKind.CREDIT_NOTE,
}
CUSTOMER_NUMBER_PATHS = {
    "buyer-reference": ("BuyerReference",),
    "accounting-cost": ("AccountingCost",),
    "customer-id": ("AccountingCustomerParty", "Party", "PartyIdentification", "ID"),
}
"""Each of `config.CUSTOMER_NUMBER_PLACES` in UBL."""
TEXT_LIMIT = 1_000
NOTE_LIMIT = 10_000
MOST = Decimal(10) ** 12
"""Amounts, prices and quantities must be less: far beyond any bill, and well within what both databases add up."""
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)")
_PROFILE = re.compile(r"urn:fdc:peppol\.eu:2017:poacc:billing:[0-9]{2}:1\.0")
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
"""Control characters, and what turns the reading direction around."""
_NOT_IN_ADDRESSES = re.compile(r"[/\\]|^\.\.?$")
"""What proxies and browsers take for a step in a path, however it is written. All else can be percent-encoded."""


def read_document(root: Element) -> Document:
    """The document. Raises Unfit for another kind of file; everything else that is wrong stands in its `refusals`."""
    kind = ROOTS.get(root.name)
    if kind is None:
        raise Unfit("no_invoice", value=root.name.rpartition("}")[2])
    return _Reader(root, Document(kind=kind, line=root.line)).read()


def plain(text: str, limit: int = TEXT_LIMIT) -> str:
    """A text as it is kept: one line, composed letters, nothing unseen in it, cut at the limit."""
    if not (text.isascii() and text.isprintable()):
        text = unicodedata.normalize("NFC", _UNSEEN.sub("", text))
    return " ".join(text.split())[:limit]


def paragraphs(text: str) -> str:
    """The same for a note, whose lines are kept."""
    return "\n".join(filter(None, map(plain, text.splitlines())))[:NOTE_LIMIT]


class _Reader:
    """Reads one document and gathers what is wrong with it."""

    def __init__(self, root: Element, document: Document) -> None:
        self.root = root
        self.document = document
        self.currency = ""

    def read(self) -> Document:
        root, document = self.root, self.document
        self.specification()
        document.number, document.number_line = self.number(), self.line_of("ID")
        document.issued = self.day(root, "IssueDate", missing="BR-03")
        # A credit note has no due date of its own; its payment means may.
        document.due = self.day(root, "DueDate") or self.payment_due()
        self.currency = document.currency = self.currency_code()
        document.period = self.period(root, "BR-29", "BR-CO-19")
        document.customer_numbers = {
            place: [Named(found.text.strip(), found.line) for found in root.all(*path) if found.text.strip()]
            for place, path in CUSTOMER_NUMBER_PATHS.items()
        }
        document.buyer_reference = plain(root.value("BuyerReference"))
        document.order_reference = plain(root.value("OrderReference", "ID"))
        document.note = "\n".join(filter(None, (paragraphs(note.text) for note in root.all("Note"))))[:NOTE_LIMIT]
        document.payment_terms = paragraphs(root.value("PaymentTerms", "Note"))
        document.seller = self.party("AccountingSupplierParty", "BR-06", "BR-08", "BR-09")
        document.buyer = self.party("AccountingCustomerParty", "BR-07", "BR-10", "BR-11")
        document.representative_vat = bool(self.vat_id(root.one("TaxRepresentativeParty")))
        document.payment = self.payment()
        document.references = list(self.references())
        credit_note = document.kind is InvoiceKind.CREDIT_NOTE
        name, quantity = ("CreditNoteLine", "CreditedQuantity") if credit_note else ("InvoiceLine", "InvoicedQuantity")
        document.lines = [self.invoice_line(line, quantity) for line in root.all(name)]
        if not document.lines:
            self.refuse("BR-16", root.line, "missing", name=name)
        document.allowances = [self.document_allowance(part) for part in root.all("AllowanceCharge")]
        self.tax_totals()
        document.totals = self.totals()
        try:
            document.pdf, document.pdf_name = embedded_pdf(root)
        except Unfit as unfit:
            document.refusals.append(unfit.refusal)
        return document

    # --- what is wrong

    def refuse(self, rule: str, line: int, key: str, **values: object) -> None:
        self.document.refusals.append(broken(rule, line, key, **values))

    # --- single values

    def required(self, rule: str, element: Element, *path: str) -> str:
        text = element.value(*path)
        if not text:
            self.refuse(rule, element.line, "missing", name="/".join(path))
        return text

    def figure(self, element: Element, name: str, missing: str = "") -> Figure | None:
        """A number; None, and refused, when it is missing though it must be there, or is none."""
        found = element.one(name)
        if found is None or not found.text.strip():
            if missing:
                self.refuse(missing, element.line, "missing", name=name)
            return None
        text = found.text.strip()
        if len(text) > NUMBER_LIMIT or not _NUMBER.fullmatch(text):
            self.refuse(PORTAL, found.line, "no_number", name=name, value=text)
            return None
        value = Decimal(text)
        if abs(value) >= MOST:
            self.refuse(PORTAL, found.line, "too_large", name=name, value=text)
            return None
        return Figure(name, value, found.line)

    def amount(self, element: Element, name: str, missing: str = "", decimals: str = "") -> Figure | None:
        """An amount in the document's currency, with two places when a rule asks for them."""
        found = self.figure(element, name, missing)
        if found is not None:
            self.amount_fits(element, found, self.currency, "PEPPOL-EN16931-R051", decimals)
        return found

    def amount_fits(self, element: Element, found: Figure, currency: str, rule: str, decimals: str) -> None:
        written = element.parts[found.name][0]
        given = written.attributes.get("currencyID", "")
        if currency and given != currency:
            self.refuse(rule, found.line, "currency", name=found.name, value=given, currency=currency)
        if decimals and len(written.text.strip().partition(".")[2]) > 2:
            self.refuse(decimals, found.line, "decimals", name=found.name, value=written.text.strip())

    def day(self, element: Element, name: str, missing: str = "") -> date | None:
        found = element.one(name)
        if found is None or not found.text.strip():
            if missing:
                self.refuse(missing, element.line, "missing", name=name)
            return None
        try:
            return day(found.text.strip())
        except CellError:
            self.refuse("PEPPOL-EN16931-F001", found.line, "no_date", name=name, value=found.text.strip())
            return None

    # --- head

    def specification(self) -> None:
        root = self.root
        if self.required("BR-01", root, "CustomizationID") and not root.value("CustomizationID").startswith(
            codes.CUSTOMIZATION
        ):
            value = root.value("CustomizationID")
            self.refuse("PEPPOL-EN16931-R004", self.line_of("CustomizationID"), "specification", value=value)
        if self.required("PEPPOL-EN16931-R001", root, "ProfileID") and not _PROFILE.fullmatch(root.value("ProfileID")):
            self.refuse("PEPPOL-EN16931-R007", self.line_of("ProfileID"), "profile", value=root.value("ProfileID"))
        credit_note = self.document.kind is InvoiceKind.CREDIT_NOTE
        name = "CreditNoteTypeCode" if credit_note else "InvoiceTypeCode"
        known = codes.CREDIT_NOTE_TYPES if credit_note else codes.INVOICE_TYPES
        code = self.required("BR-04", root, name)
        if code and code not in known:
            self.refuse("BR-CL-01", self.line_of(name), "type_code", name=name, value=code)
        if root.value("TaxPointDate") and root.value("InvoicePeriod", "DescriptionCode"):
            self.refuse("BR-CO-03", self.line_of("TaxPointDate"), "tax_point")
        self.day(root, "TaxPointDate")

    def line_of(self, *path: str) -> int:
        found = self.root.one(*path)
        return found.line if found is not None else self.root.line

    def number(self) -> str:
        written = self.required("BR-02", self.root, "ID")
        fits = len(written) <= NUMBER_LIMIT and not _NOT_IN_ADDRESSES.search(written) and plain(written) == written
        if not fits:
            self.refuse(PORTAL, self.line_of("ID"), "number", value=written, most=NUMBER_LIMIT)
        return written

    def currency_code(self) -> str:
        code = self.required("BR-05", self.root, "DocumentCurrencyCode")
        if code and not is_currency(code):
            self.refuse("BR-CL-04", self.line_of("DocumentCurrencyCode"), "currency_code", value=code)
            return ""
        return code

    def period(self, element: Element, order: str, empty: str) -> Period:
        found = element.one("InvoicePeriod")
        if found is None:
            return Period()
        start, end = self.day(found, "StartDate"), self.day(found, "EndDate")
        if not (found.value("StartDate") or found.value("EndDate") or found.value("DescriptionCode")):
            self.refuse(empty, found.line, "empty_period")
        if start is not None and end is not None and end < start:
            self.refuse(order, found.line, "period", start=start.isoformat(), end=end.isoformat())
        return Period(start, end)

    def references(self) -> list[Reference]:
        named = []
        for reference in self.root.all("BillingReference"):
            found = reference.one("InvoiceDocumentReference")
            if found is None or not found.value("ID"):
                self.refuse("BR-55", reference.line, "missing", name="InvoiceDocumentReference/ID")
                continue
            named.append(Reference(plain(found.value("ID")), self.day(found, "IssueDate")))
        return named

    # --- parties and payment

    def party(self, role: str, name: str, address: str, country: str) -> Party:
        holder = self.root.one(role)
        party = holder.one("Party") if holder is not None else None
        if holder is None or party is None:
            self.refuse(name, self.root.line, "missing", name=f"{role}/Party")
            return Party("", "", "", False, False)
        registered = self.required(name, party, "PartyLegalEntity", "RegistrationName")
        where = party.one("PostalAddress")
        if where is None:
            self.refuse(address, party.line, "missing", name="PostalAddress")
        else:
            self.required(country, where, "Country", "IdentificationCode")
        return Party(
            name=plain(registered),
            legal_id=plain(party.value("PartyLegalEntity", "CompanyID")),
            vat_id=self.vat_id(party),
            tax_ids=any(scheme.value("CompanyID") for scheme in party.all("PartyTaxScheme")),
            identified=bool(party.value("PartyIdentification", "ID")),
        )

    def vat_id(self, party: Element | None) -> str:
        """Its VAT number (BR-CO-09: begins with the country)."""
        if party is None:
            return ""
        for scheme in party.all("PartyTaxScheme"):
            number = scheme.value("CompanyID")
            if number and scheme.value("TaxScheme", "ID").upper() == "VAT":
                if number[:2] not in codes.VAT_PREFIXES:
                    self.refuse("BR-CO-09", scheme.line, "vat_prefix", value=number)
                return plain(number)
        return ""

    def payment_due(self) -> date | None:
        for means in self.root.all("PaymentMeans"):
            if found := self.day(means, "PaymentDueDate"):
                return found
        return None

    def payment(self) -> Payment:
        """Of several ways, a credit transfer to an account is what can be shown and paid."""
        ways = [
            Payment(
                means=plain(means.value("PaymentMeansCode")),
                reference=plain(means.value("PaymentID")),
                account=plain(means.value("PayeeFinancialAccount", "ID")),
                branch=plain(means.value("PayeeFinancialAccount", "FinancialInstitutionBranch", "ID")),
            )
            for means in self.root.all("PaymentMeans")
        ]
        return min(ways, key=lambda way: (not way.account, way.means not in codes.CREDIT_TRANSFERS), default=Payment())

    # --- lines, allowances, charges

    def invoice_line(self, line: Element, quantity_name: str) -> Line:
        quantity = self.figure(line, quantity_name, missing="BR-22")
        unit = ""
        if quantity is not None:
            unit = line.parts[quantity_name][0].attributes.get("unitCode", "").strip()
            if not unit:
                self.refuse("BR-23", quantity.line, "missing", name=f"{quantity_name}/@unitCode")
        item = line.one("Item") or Element("Item", line.line)
        price, price_base = self.price(line, unit)
        return Line(
            line=line.line,
            line_id=plain(self.required("BR-21", line, "ID")),
            name=plain(self.required("BR-25", item, "Name")),
            description=paragraphs(item.value("Description")),
            note=paragraphs(line.value("Note")),
            accounting_cost=plain(line.value("AccountingCost")),
            properties={
                found.value("Name").casefold(): plain(found.value("Value"))
                for found in item.all("AdditionalItemProperty")
            },
            quantity=quantity,
            unit=plain(unit),
            net=self.amount(line, "LineExtensionAmount", missing="BR-24", decimals="BR-DEC-23"),
            price=price,
            price_base=price_base,
            allowances=[self.allowance(part, *_OF_LINE) for part in line.all("AllowanceCharge")],
            tax=self.line_tax(line, item),
            period=self.period(line, "BR-30", "BR-CO-20"),
        )

    def line_tax(self, line: Element, item: Element) -> Tax | None:
        given = list(item.all("ClassifiedTaxCategory"))
        if len(given) > 1:
            self.refuse("UBL-SR-48", given[1].line, "one_vat_category")
        return self.tax(item, "ClassifiedTaxCategory", "BR-CO-04", "BR-CL-18", line.line)

    def price(self, line: Element, unit: str) -> tuple[Figure | None, Figure | None]:
        """The price of a unit, and how many units it is for."""
        price = line.one("Price")
        if price is None:
            self.refuse("BR-26", line.line, "missing", name="Price/PriceAmount")
            return None, None
        net = self.amount(price, "PriceAmount", missing="BR-26")
        if net is not None and net.value < 0:
            self.refuse("BR-27", net.line, "negative_price", name=net.name)
        base = self.figure(price, "BaseQuantity")
        if base is not None:
            if base.value <= 0:
                self.refuse("PEPPOL-EN16931-R121", base.line, "base_quantity")
            base_unit = price.parts["BaseQuantity"][0].attributes.get("unitCode", unit).strip()
            if base_unit != unit:
                self.refuse("PEPPOL-EN16931-R130", base.line, "base_unit", value=base_unit)
        self.gross_price(price, net)
        return net, base

    def gross_price(self, price: Element, net: Figure | None) -> None:
        reduction = price.one("AllowanceCharge")
        if reduction is None:
            return
        if reduction.value("ChargeIndicator") != "false":
            self.refuse("PEPPOL-EN16931-R044", reduction.line, "price_charge")
        gross, less = self.amount(reduction, "BaseAmount"), self.amount(reduction, "Amount")
        if gross is not None and gross.value < 0:
            self.refuse("BR-28", gross.line, "negative_price", name=gross.name)
        if gross is not None and less is not None and net is not None and net.value != gross.value - less.value:
            expected = gross.value - less.value
            self.refuse("PEPPOL-EN16931-R046", net.line, "gross_price", found=net.value, expected=expected)

    def document_allowance(self, part: Element) -> AllowanceCharge:
        found = self.allowance(part, *_OF_DOCUMENT)
        tax = self.tax(part, "TaxCategory", "BR-37" if found.charge else "BR-32", "BR-CL-17", part.line)
        return AllowanceCharge(found.line, found.charge, found.amount, found.reason, tax)

    def allowance(self, part: Element, allowance: _Rules, charge: _Rules) -> AllowanceCharge:
        indicator = part.value("ChargeIndicator")
        if indicator not in ("true", "false"):
            self.refuse("PEPPOL-EN16931-R043", part.line, "charge_indicator", value=indicator)
        amount_rule, reason_rule, decimals, base_decimals = charge if indicator == "true" else allowance
        amount = self.amount(part, "Amount", missing=amount_rule, decimals=decimals)
        base = self.amount(part, "BaseAmount", decimals=base_decimals)
        percent = self.figure(part, "MultiplierFactorNumeric")
        if percent is not None and base is None:
            self.refuse("PEPPOL-EN16931-R041", part.line, "missing", name="BaseAmount")
        if base is not None and percent is None:
            self.refuse("PEPPOL-EN16931-R042", part.line, "missing", name="MultiplierFactorNumeric")
        if amount is not None and base is not None and percent is not None:
            expected = base.value * percent.value / 100
            if abs(amount.value - expected) > Decimal("0.02"):
                self.refuse(
                    "PEPPOL-EN16931-R040", amount.line, "percentage", found=amount.value, expected=expected.normalize()
                )
        reason = part.value("AllowanceChargeReason") or part.value("AllowanceChargeReasonCode")
        if not reason:
            self.refuse(reason_rule, part.line, "missing", name="AllowanceChargeReason")
        return AllowanceCharge(part.line, indicator == "true", amount, plain(reason))

    # --- VAT and totals

    def tax(self, holder: Element, name: str, missing: str, unknown: str, line: int) -> Tax | None:
        for found in holder.all(name):
            if found.value("TaxScheme", "ID").upper() != "VAT" or not found.value("ID"):
                continue
            category = found.value("ID")
            if category not in codes.VAT_CATEGORIES:
                self.refuse(unknown, found.line, "vat_category", value=category)
                return None
            rate = self.figure(found, "Percent")
            if rate is not None and rate.value != round(rate.value, 2):
                self.refuse(PORTAL, rate.line, "rate_decimals", value=rate.value)
            return Tax(category, rate.value if rate is not None else None, found.line)
        self.refuse(missing, line, "missing", name=f"{name}/ID")
        return None

    def tax_totals(self) -> None:
        with_sums = [total for total in self.root.all("TaxTotal") if "TaxSubtotal" in total.parts]
        if not with_sums:
            self.refuse("BR-CO-18", self.root.line, "missing", name="TaxTotal/TaxSubtotal")
        if len(with_sums) > 1:
            self.refuse("PEPPOL-EN16931-R053", with_sums[1].line, "one_tax_total")
        for total in with_sums[:1]:
            self.document.vat = [self.vat_sum(part) for part in total.all("TaxSubtotal")]

    def vat_sum(self, part: Element) -> VatSum:
        tax = self.tax(part, "TaxCategory", "BR-47", "BR-CL-17", part.line)
        if tax is not None and tax.rate is None and codes.VAT_CATEGORIES[tax.category].has_rate:
            self.refuse("BR-48", tax.line, "missing", name="Percent")
        category = part.one("TaxCategory") or part
        reason = category.value("TaxExemptionReason")
        code = category.value("TaxExemptionReasonCode")
        return VatSum(
            line=part.line,
            tax=tax,
            taxable=self.amount(part, "TaxableAmount", missing="BR-45", decimals="BR-DEC-19"),
            vat=self.amount(part, "TaxAmount", missing="BR-46", decimals="BR-DEC-20"),
            exemption=plain(reason or code),
            exempted=bool(reason or code),
        )

    def totals(self) -> Totals | None:
        found = self.root.one("LegalMonetaryTotal")
        if found is None:
            self.refuse("BR-12", self.root.line, "missing", name="LegalMonetaryTotal")
            return None
        vat, in_tax_currency = self.vat_totals()
        return Totals(
            line=found.line,
            lines=self.amount(found, "LineExtensionAmount", "BR-12", "BR-DEC-09"),
            allowances=self.amount(found, "AllowanceTotalAmount", decimals="BR-DEC-10"),
            charges=self.amount(found, "ChargeTotalAmount", decimals="BR-DEC-11"),
            net=self.amount(found, "TaxExclusiveAmount", "BR-13", "BR-DEC-12"),
            vat=vat,
            vat_in_tax_currency=in_tax_currency,
            total=self.amount(found, "TaxInclusiveAmount", "BR-14", "BR-DEC-14"),
            prepaid=self.amount(found, "PrepaidAmount", decimals="BR-DEC-16"),
            rounding=self.amount(found, "PayableRoundingAmount", decimals="BR-DEC-17"),
            payable=self.amount(found, "PayableAmount", "BR-15", "BR-DEC-18"),
        )

    def vat_totals(self) -> tuple[Figure | None, Figure | None]:
        """VAT in the document's currency, and in the one that VAT is accounted in when that is another."""
        with_sums = [total for total in self.root.all("TaxTotal") if "TaxSubtotal" in total.parts]
        without = [total for total in self.root.all("TaxTotal") if "TaxSubtotal" not in total.parts]
        vat = self.amount(with_sums[0], "TaxAmount", "BR-CO-14", "BR-DEC-13") if with_sums else None
        code = self.root.value("TaxCurrencyCode")
        if code and code == self.currency:
            self.refuse("PEPPOL-EN16931-R005", self.line_of("TaxCurrencyCode"), "tax_currency", value=code)
        if code and not without:
            self.refuse("BR-53", self.line_of("TaxCurrencyCode"), "missing", name="TaxTotal/TaxAmount")
        for total in without[1 if code else 0 :]:
            self.refuse("PEPPOL-EN16931-R054", total.line, "one_tax_total")
        if not (code and without):
            return vat, None
        other = self.figure(without[0], "TaxAmount", "BR-53")
        if other is not None:
            self.amount_fits(without[0], other, code, "BR-53", "BR-DEC-15")
        return vat, other


_Rules = tuple[str, str, str, str]
"""Those for a missing amount, a missing reason, the decimals of amount and base amount."""
_OF_DOCUMENT: tuple[_Rules, _Rules] = (
    ("BR-31", "BR-33, BR-CO-21", "BR-DEC-01", "BR-DEC-02"),
    ("BR-36", "BR-38, BR-CO-22", "BR-DEC-05", "BR-DEC-06"),
)
_OF_LINE: tuple[_Rules, _Rules] = (
    ("BR-41", "BR-42, BR-CO-23", "BR-DEC-24", "BR-DEC-25"),
    ("BR-43", "BR-44, BR-CO-24", "BR-DEC-27", "BR-DEC-28"),
)
"""Of an allowance, of a charge."""
