"""The demo's invoices as the operator sends them: UBL 2.1 by Peppol BIS Billing 3.0 and its Swedish rules.

Written as text from the inside out: some hundred thousand elements are made while somebody waits for the first start.
"""

from __future__ import annotations

import base64
from datetime import date
from decimal import Decimal
from html import escape

from selfcare_app.services.demo.billing import VAT_PERCENT, Allowance, Bill, Item
from selfcare_app.services.demo.content import DemoCompany
from selfcare_app.services.demo.offer import SELLER

_UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
_CUSTOMIZATION = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
_PROFILE = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"
_ORGANISATION_NUMBER = {"schemeID": "0007"}
_CREDIT_TRANSFER = "30"
_INVOICE, _CREDIT_NOTE = "380", "381"
_CURRENCY = "SEK"


def document(bill: Bill, pdf: bytes | None = None) -> bytes:
    """The invoice or credit note as one file, with its PDF in it when there is one."""
    kind = "CreditNote" if bill.credits else "Invoice"
    parts = (
        *_head(bill),
        *_references(bill, pdf),
        _of("AccountingSupplierParty", _seller()),
        _of("AccountingCustomerParty", _buyer(bill)),
        *_payment(bill),
        *map(_allowance, bill.allowances),
        *_totals(bill),
        *(_line(bill, position, item) for position, item in enumerate(bill.items, 1)),
    )
    names = {"": f"{kind}-2", ":cac": "CommonAggregateComponents-2", ":cbc": "CommonBasicComponents-2"}
    namespaces = "".join(f' xmlns{prefix}="{_UBL}{name}"' for prefix, name in names.items())
    # One element of the first level a line: a person who opens the file finds their way.
    body = "\n".join(part for part in parts if part)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{kind}{namespaces}>\n{body}\n</{kind}>\n'.encode()


def address_parts(company: DemoCompany) -> tuple[str, str, str]:
    """Street, postal code and city of 'Varvsgatan 4, 117 33 Stockholm'."""
    street, _, rest = company.address.partition(", ")
    return street, rest[:6], rest[7:]


def _of(name: str, *parts: str) -> str:
    """An element that has parts, in the order the schema wants them."""
    return f"<cac:{name}>{''.join(parts)}</cac:{name}>"


def _is(name: str, value: object, **attributes: str) -> str:
    """An element that has a value."""
    more = "".join(f' {key}="{escape(text)}"' for key, text in attributes.items())
    return f"<cbc:{name}{more}>{escape(str(value))}</cbc:{name}>"


def _if(name: str, value: object) -> str:
    """The same, or nothing: empty elements are not allowed."""
    return _is(name, value) if value else ""


def _money(name: str, amount: Decimal) -> str:
    return _is(name, f"{amount:.2f}", currencyID=_CURRENCY)


def _head(bill: Bill) -> tuple[str, ...]:
    return (
        _is("CustomizationID", _CUSTOMIZATION),
        _is("ProfileID", _PROFILE),
        _is("ID", bill.number),
        _is("IssueDate", bill.issued),
        "" if bill.credits else _is("DueDate", bill.due),
        _is("CreditNoteTypeCode", _CREDIT_NOTE) if bill.credits else _is("InvoiceTypeCode", _INVOICE),
        _if("Note", bill.note),
        _is("DocumentCurrencyCode", _CURRENCY),
        # The customer number stands wherever the settings may look for it.
        _is("AccountingCost", bill.place.number),
        _is("BuyerReference", bill.place.number),
        _period(bill.period.first, bill.period.last),
    )


def _references(bill: Bill, pdf: bytes | None) -> tuple[str, ...]:
    earlier, contract, enclosed = "", "", ""
    if bill.credits:
        number = _is("ID", bill.credits.number) + _is("IssueDate", bill.credits.issued)
        earlier = _of("BillingReference", _of("InvoiceDocumentReference", number))
    if bill.agreement:
        contract = _of("ContractDocumentReference", _is("ID", bill.agreement))
    if pdf is not None:
        name = f"faktura-{bill.number}.pdf"
        content = base64.b64encode(pdf).decode()
        enclosed = _of(
            "AdditionalDocumentReference",
            _is("ID", name),
            _is("DocumentDescription", "Faktura i PDF"),
            _of("Attachment", _is("EmbeddedDocumentBinaryObject", content, mimeCode="application/pdf", filename=name)),
        )
    return earlier, contract, enclosed


def _period(first: date, last: date) -> str:
    return _of("InvoicePeriod", _is("StartDate", first), _is("EndDate", last))


def _seller() -> str:
    return _of(
        "Party",
        _is("EndpointID", SELLER.organisation_number, **_ORGANISATION_NUMBER),
        _of("PartyName", _is("Name", SELLER.name)),
        _address(SELLER.street, SELLER.postal_code, SELLER.city),
        _tax(SELLER.vat_number, "VAT"),
        _tax("Godkänd för F-skatt", "TAX"),
        _of(
            "PartyLegalEntity",
            _is("RegistrationName", SELLER.name),
            _is("CompanyID", SELLER.organisation_number, **_ORGANISATION_NUMBER),
            _is("CompanyLegalForm", f"Säte: {SELLER.city}"),
        ),
        _of(
            "Contact",
            _is("Name", "Kundservice Företag"),
            _is("Telephone", SELLER.phone),
            _is("ElectronicMail", SELLER.email),
        ),
    )


def _buyer(bill: Bill) -> str:
    company = bill.company
    number = company.organisation_number.replace("-", "")
    return _of(
        "Party",
        _is("EndpointID", number, **_ORGANISATION_NUMBER),
        _of("PartyIdentification", _is("ID", bill.place.number)),
        _of("PartyName", _is("Name", company.name)),
        _address(*address_parts(company)),
        _tax(f"SE{number}01", "VAT"),
        _of(
            "PartyLegalEntity",
            # What the portal calls the invoice's name (L8): it tells the six bills of a month apart.
            _is("RegistrationName", bill.buyer_name),
            _is("CompanyID", number, **_ORGANISATION_NUMBER),
        ),
    )


def _address(street: str, postal_code: str, city: str) -> str:
    return _of(
        "PostalAddress",
        _is("StreetName", street),
        _is("CityName", city),
        _is("PostalZone", postal_code),
        _of("Country", _is("IdentificationCode", "SE")),
    )


def _tax(number: str, scheme: str) -> str:
    return _of("PartyTaxScheme", _is("CompanyID", number), _of("TaxScheme", _is("ID", scheme)))


def _payment(bill: Bill) -> tuple[str, ...]:
    if bill.credits:
        return ()
    branch = _of("FinancialInstitutionBranch", _is("ID", "SE:BANKGIRO"))
    terms = f"Betalas senast {bill.due}. Därefter dröjsmålsränta enligt räntelagen."
    return (
        _of(
            "PaymentMeans",
            _is("PaymentMeansCode", _CREDIT_TRANSFER),
            _is("PaymentID", bill.payment_reference),
            _of("PayeeFinancialAccount", _is("ID", SELLER.bankgiro), branch),
        ),
        _of("PaymentTerms", _is("Note", terms)),
    )


def _allowance(part: Allowance) -> str:
    return _of(
        "AllowanceCharge",
        _is("ChargeIndicator", "true" if part.charge else "false"),
        _if("AllowanceChargeReasonCode", part.code),
        _is("AllowanceChargeReason", part.reason),
        _money("Amount", part.amount),
        _vat("TaxCategory"),
    )


def _totals(bill: Bill) -> tuple[str, ...]:
    taxed = _money("TaxableAmount", bill.net) + _money("TaxAmount", bill.vat)
    return (
        _of("TaxTotal", _money("TaxAmount", bill.vat), _of("TaxSubtotal", taxed, _vat("TaxCategory"))),
        _of(
            "LegalMonetaryTotal",
            _money("LineExtensionAmount", bill.line_total),
            _money("TaxExclusiveAmount", bill.net),
            _money("TaxInclusiveAmount", bill.total),
            _money("AllowanceTotalAmount", bill.allowance_total) if bill.allowance_total else "",
            _money("ChargeTotalAmount", bill.charge_total) if bill.charge_total else "",
            _money("PayableAmount", bill.total),
        ),
    )


def _vat(name: str) -> str:
    return _of(name, _is("ID", "S"), _is("Percent", VAT_PERCENT), _of("TaxScheme", _is("ID", "VAT")))


def _line(bill: Bill, position: int, item: Item) -> str:
    kind, quantity = ("CreditNoteLine", "CreditedQuantity") if bill.credits else ("InvoiceLine", "InvoicedQuantity")
    named = {"Subscription": item.subscription, "Connection": item.connection, "CostType": item.cost_type.value}
    properties = (
        _of("AdditionalItemProperty", _is("Name", name), _is("Value", value)) for name, value in named.items() if value
    )
    return _of(
        kind,
        _is("ID", position),
        _is(quantity, item.quantity, unitCode=item.unit),
        _money("LineExtensionAmount", item.net),
        _if("AccountingCost", item.subscription),
        _period(item.days.first, item.days.last),
        _of(
            "Item",
            _if("Description", item.description),
            _is("Name", item.name),
            _of("SellersItemIdentification", _is("ID", item.code)) if item.code else "",
            _vat("ClassifiedTaxCategory"),
            *properties,
        ),
        _of(
            "Price",
            _money("PriceAmount", item.price),
            _is("BaseQuantity", item.base, unitCode=item.unit) if item.base != 1 else "",
        ),
    )
