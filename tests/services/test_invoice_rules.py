"""The rules of EN 16931 and Peppol BIS Billing 3.0, each broken once; and what they let pass."""

from __future__ import annotations

import re

import pytest

from selfcare_app.locales import LANGUAGES
from selfcare_app.services.feeds.invoices.files import File
from selfcare_app.services.feeds.invoices.placing import examine
from tests.ubl import Bill, Line, Part
from tests.ubl_edits import (
    amount,
    both,
    edited,
    everywhere,
    inserted,
    line_category,
    money,
    percentage,
    price_reduced,
    sum_category,
    twice,
    without,
)


def problems(xml: bytes):
    return examine(File("fil.xml", xml)).refusals


def one_line(category: str, rate: str | None = "0", **values) -> Bill:
    return Bill(lines=[Line(category=category, rate=rate)], **values)


WITH_PARTS = Bill(
    lines=[Line(parts=[Part(amount="10.00"), Part(amount="4.00", charge=True)]), Line(rate="12", price="50.00")],
    parts=[Part(amount="20.00"), Part(amount="5.00", charge=True)],
    prepaid="10.00",
    rounding="0.25",
)
CREDIT = Bill(credit_note=True, credits=["F1"])
CHARGED = Bill(parts=[Part(amount="1.00", charge=True)])
REDUCED = Bill(parts=[Part(amount="10.00")])
LINE_CHARGED = Bill(lines=[Line(parts=[Part(amount="1.00", charge=True)])])
LINE_REDUCED = Bill(lines=[Line(parts=[Part(amount="1.00")])])
TWO_CURRENCIES = Bill(currency="EUR", tax_currency=("SEK", "275.00"))
OUTSIDE = one_line("O", None)
BASED = Bill(lines=[Line(base="1")])
TAX_POINT = inserted("<cbc:DocumentCurrencyCode>", "<cbc:TaxPointDate>2026-11-01</cbc:TaxPointDate>")
NO_TAX_NUMBER = without("PartyTaxScheme", "PartyTaxScheme")
NO_VAT_NUMBER = edited("<cac:TaxScheme>\n<cbc:ID>VAT<", "<cac:TaxScheme>\n<cbc:ID>TAX<")
AMOUNTS = (
    "Amount", "TaxAmount", "TaxableAmount", "LineExtensionAmount", "TaxExclusiveAmount", "TaxInclusiveAmount",
    "AllowanceTotalAmount", "ChargeTotalAmount", "PrepaidAmount", "PayableRoundingAmount", "PayableAmount",
    "PriceAmount",
)  # fmt: skip

BROKEN = [
    # What must be there
    ("BR-01", Bill(), without("CustomizationID")),
    ("BR-02", Bill(), without("ID")),
    ("BR-02", Bill(), amount("ID", "  ")),
    ("BR-03", Bill(), without("IssueDate")),
    ("BR-04", Bill(), without("InvoiceTypeCode")),
    ("BR-04", CREDIT, without("CreditNoteTypeCode")),
    ("BR-05", Bill(), without("DocumentCurrencyCode")),
    ("BR-06", Bill(), without("RegistrationName")),
    ("BR-06", Bill(), without("AccountingSupplierParty")),
    ("BR-07", Bill(), without("RegistrationName", last=True)),
    ("BR-07", Bill(), without("AccountingCustomerParty")),
    ("BR-08", Bill(), without("PostalAddress")),
    ("BR-09", Bill(), without("IdentificationCode")),
    ("BR-10", Bill(), without("PostalAddress", last=True)),
    ("BR-11", Bill(), without("IdentificationCode", last=True)),
    ("BR-12", Bill(), without("LineExtensionAmount")),
    ("BR-12", Bill(), without("LegalMonetaryTotal")),
    ("BR-13", Bill(), without("TaxExclusiveAmount")),
    ("BR-14", Bill(), without("TaxInclusiveAmount")),
    ("BR-15", Bill(), without("PayableAmount")),
    ("BR-16", Bill(), without("InvoiceLine")),
    ("BR-16", CREDIT, without("CreditNoteLine")),
    ("BR-21", Bill(), edited("<cac:InvoiceLine>\n<cbc:ID>1<", "<cac:InvoiceLine>\n<cbc:ID><")),
    ("BR-22", Bill(), without("InvoicedQuantity")),
    ("BR-23", Bill(), edited(' unitCode="C62"', "")),
    ("BR-24", Bill(), without("LineExtensionAmount", last=True)),
    ("BR-25", Bill(), without("Name", last=True)),
    ("BR-26", Bill(), without("PriceAmount")),
    ("BR-26", Bill(), without("Price")),
    ("BR-31", REDUCED, without("Amount")),
    ("BR-32", REDUCED, without("TaxCategory")),
    ("BR-33", REDUCED, without("AllowanceChargeReason")),
    ("BR-CO-21", REDUCED, without("AllowanceChargeReason")),
    ("BR-36", CHARGED, without("Amount")),
    ("BR-37", CHARGED, without("TaxCategory")),
    ("BR-38", CHARGED, without("AllowanceChargeReason")),
    ("BR-CO-22", CHARGED, without("AllowanceChargeReason")),
    ("BR-41", LINE_REDUCED, without("Amount")),
    ("BR-42", LINE_REDUCED, without("AllowanceChargeReason")),
    ("BR-CO-23", LINE_REDUCED, without("AllowanceChargeReason")),
    ("BR-43", LINE_CHARGED, without("Amount")),
    ("BR-44", LINE_CHARGED, without("AllowanceChargeReason")),
    ("BR-CO-24", LINE_CHARGED, without("AllowanceChargeReason")),
    ("BR-45", Bill(), without("TaxableAmount")),
    ("BR-46", Bill(), without("TaxAmount", last=True)),
    ("BR-47", Bill(), without("TaxCategory")),
    ("BR-48", Bill(), without("Percent")),
    ("BR-53", TWO_CURRENCIES, without("TaxTotal", last=True)),
    ("BR-55", CREDIT, edited("<cbc:ID>F1</cbc:ID>", "")),
    ("BR-CO-04", Bill(), without("ClassifiedTaxCategory")),
    ("BR-CO-18", Bill(), without("TaxTotal")),
    ("BR-CO-18", Bill(), without("TaxSubtotal")),
    ("BR-CO-25", Bill(due=""), None),
    ("BR-CO-26", Bill(), both(NO_VAT_NUMBER, without("CompanyID", last=True))),
    ("PEPPOL-EN16931-R001", Bill(), without("ProfileID")),
    # Codes, dates, periods, currencies
    ("BR-CL-01", Bill(type_code="381"), None),
    ("BR-CL-01", Bill(type_code="999"), None),
    ("BR-CL-01", Bill(credit_note=True, type_code="380"), None),
    ("BR-CL-04", Bill(currency="AAA"), None),
    ("BR-CL-04", Bill(currency="sek"), None),
    ("BR-CL-17", Bill(), sum_category("X")),
    ("BR-CL-18", Bill(), line_category("B")),
    ("BR-CO-03", Bill(), both(TAX_POINT, inserted("<cbc:StartDate>", "<cbc:DescriptionCode>35</cbc:DescriptionCode>"))),
    ("BR-CO-09", Bill(), edited("SE559998040501", "559998040501")),
    ("BR-29", Bill(start="2026-10-02", end="2026-10-01"), None),
    ("BR-30", Bill(lines=[Line(start="2026-10-02", end="2026-10-01")]), None),
    ("BR-CO-19", Bill(), without("StartDate", "EndDate")),
    ("BR-CO-20", Bill(start="", end="", lines=[Line(start="2026-10-01")]), without("StartDate")),
    ("PEPPOL-EN16931-F001", Bill(issued="2026-02-30"), None),
    ("PEPPOL-EN16931-F001", Bill(due="20261201"), None),
    ("PEPPOL-EN16931-F001", Bill(lines=[Line(start="i går")]), None),
    ("PEPPOL-EN16931-R004", Bill(), edited("#compliant#", "#conformant#")),
    ("PEPPOL-EN16931-R007", Bill(), edited("billing:01:1.0</cbc:ProfileID>", "billing:01:2.0</cbc:ProfileID>")),
    ("PEPPOL-EN16931-R005", Bill(tax_currency=("SEK", "25.00")), None),
    *[
        ("PEPPOL-EN16931-R051", WITH_PARTS, edited(f'<cbc:{name} currencyID="SEK"', f'<cbc:{name} currencyID="EUR"'))
        for name in AMOUNTS
    ],
    ("PEPPOL-EN16931-R051", Bill(), edited(' currencyID="SEK"', "")),
    # Sums
    ("BR-CO-10", Bill(), amount("LineExtensionAmount", "100.01")),
    ("BR-CO-11", WITH_PARTS, amount("AllowanceTotalAmount", "20.01")),
    ("BR-CO-11", WITH_PARTS, without("AllowanceTotalAmount")),
    ("BR-CO-11", Bill(), inserted("<cbc:Payable", money("AllowanceTotalAmount", "1.00"))),
    ("BR-CO-12", WITH_PARTS, amount("ChargeTotalAmount", "5.01")),
    ("BR-CO-12", WITH_PARTS, without("ChargeTotalAmount")),
    ("BR-CO-13", WITH_PARTS, amount("TaxExclusiveAmount", "129.01")),
    ("BR-CO-14", Bill(), amount("TaxAmount", "25.01")),
    ("BR-CO-14", Bill(), without("TaxAmount")),
    ("BR-CO-15", Bill(), amount("TaxInclusiveAmount", "125.01")),
    ("BR-CO-16", Bill(), amount("PayableAmount", "125.01")),
    ("BR-CO-16", WITH_PARTS, without("PrepaidAmount")),
    ("BR-CO-16", WITH_PARTS, without("PayableRoundingAmount")),
    ("BR-CO-17", Bill(), both(everywhere("25.00", "26.00"), everywhere("125.00", "126.00"))),
    ("BR-S-09", Bill(), both(everywhere("25.00", "24.00"), everywhere("125.00", "124.00"))),
    ("PEPPOL-EN16931-R053", Bill(), twice("TaxTotal")),
    ("PEPPOL-EN16931-R054", TWO_CURRENCIES, without("TaxCurrencyCode")),
    ("PEPPOL-EN16931-R055", TWO_CURRENCIES, amount("TaxAmount", "-275.00", last=True)),
    # Lines, prices, allowances
    ("BR-27", Bill(), amount("PriceAmount", "-100.00")),
    ("BR-28", Bill(), price_reduced("-200.00", "-100.00")),
    ("PEPPOL-EN16931-R040", Bill(parts=[Part(amount="10.03")]), percentage("10", "100.00")),
    ("PEPPOL-EN16931-R041", REDUCED, percentage("10", "")),
    ("PEPPOL-EN16931-R042", REDUCED, percentage("", "100.00")),
    ("PEPPOL-EN16931-R043", CHARGED, edited("<cbc:ChargeIndicator>true", "<cbc:ChargeIndicator>1")),
    ("PEPPOL-EN16931-R044", Bill(), price_reduced("1.00", "", charge="true")),
    ("PEPPOL-EN16931-R046", Bill(), price_reduced("10.00", "111.00")),
    ("PEPPOL-EN16931-R120", Bill(), amount("PriceAmount", "100.03")),
    ("PEPPOL-EN16931-R120", LINE_REDUCED, without("AllowanceCharge")),
    ("PEPPOL-EN16931-R121", BASED, amount("BaseQuantity", "0")),
    ("PEPPOL-EN16931-R130", BASED, edited('BaseQuantity unitCode="C62"', 'BaseQuantity unitCode="MIN"')),
    # Two places
    ("BR-DEC-01", REDUCED, amount("Amount", "10.000")),
    ("BR-DEC-02", REDUCED, percentage("10", "100.000")),
    ("BR-DEC-05", CHARGED, amount("Amount", "1.000")),
    ("BR-DEC-06", CHARGED, percentage("1", "100.000")),
    ("BR-DEC-09", Bill(), amount("LineExtensionAmount", "100.000")),
    ("BR-DEC-10", WITH_PARTS, amount("AllowanceTotalAmount", "20.000")),
    ("BR-DEC-11", WITH_PARTS, amount("ChargeTotalAmount", "5.000")),
    ("BR-DEC-12", Bill(), amount("TaxExclusiveAmount", "100.000")),
    ("BR-DEC-13", Bill(), amount("TaxAmount", "25.000")),
    ("BR-DEC-14", Bill(), amount("TaxInclusiveAmount", "125.000")),
    ("BR-DEC-15", TWO_CURRENCIES, amount("TaxAmount", "275.005", last=True)),
    ("BR-DEC-16", WITH_PARTS, amount("PrepaidAmount", "10.000")),
    ("BR-DEC-17", WITH_PARTS, amount("PayableRoundingAmount", "0.250")),
    ("BR-DEC-18", Bill(), amount("PayableAmount", "125.000")),
    ("BR-DEC-19", Bill(), amount("TaxableAmount", "100.000")),
    ("BR-DEC-20", Bill(), amount("TaxAmount", "25.000", last=True)),
    ("BR-DEC-23", Bill(), amount("LineExtensionAmount", "100.001", last=True)),
    ("BR-DEC-24", LINE_REDUCED, amount("Amount", "1.000")),
    ("BR-DEC-25", LINE_REDUCED, percentage("1", "100.000")),
    ("BR-DEC-27", LINE_CHARGED, amount("Amount", "1.000")),
    ("BR-DEC-28", LINE_CHARGED, percentage("1", "100.000")),
    # VAT by category
    ("BR-S-01", Bill(), line_category("L")),
    ("BR-AF-01", Bill(), line_category("L")),
    ("BR-S-02", Bill(), NO_TAX_NUMBER),
    ("BR-S-03", one_line("Z", parts=[Part(amount="1.00")]), NO_TAX_NUMBER),
    ("BR-S-04", one_line("Z", parts=[Part(amount="1.00", charge=True)]), NO_TAX_NUMBER),
    ("BR-S-05", one_line("S", "0"), None),
    ("BR-S-05", Bill(), without("Percent", last=True)),
    ("BR-S-06", Bill(parts=[Part(amount="1.00", rate="0")]), None),
    ("BR-S-07", Bill(parts=[Part(amount="1.00", rate="0", charge=True)]), None),
    ("BR-S-08", Bill(), amount("TaxableAmount", "101.00")),
    ("BR-S-08", Bill(), amount("Percent", "12")),
    ("BR-S-08", WITH_PARTS, without("TaxSubtotal", last=True)),
    ("BR-S-08", Bill(), twice("TaxSubtotal")),
    ("BR-S-10", Bill(), inserted("<cac:TaxScheme>\n<cbc:ID>VAT</cbc:ID>\n</cac:TaxScheme>\n</cac:TaxCategory>",
        "<cbc:TaxExemptionReason>Nej</cbc:TaxExemptionReason>")),
    *[
        (f"BR-{rules}-{number:02}", one_line(category), edit)
        for category, rules in (("E", "E"), ("AE", "AE"), ("K", "IC"), ("G", "G"), ("Z", "Z"))
        for number, edit in (
            (1, twice("TaxSubtotal")),
            (2, NO_TAX_NUMBER),
            (5, amount("Percent", "25", last=True)),
            (8, amount("TaxableAmount", "100.01")),
            (9, amount("TaxAmount", "0.01", last=True)),
        )
    ],
    *[(f"BR-{rules}-10", one_line(category), without("TaxExemptionReason"))
        for category, rules in (("E", "E"), ("AE", "AE"), ("K", "IC"), ("G", "G"), ("O", "O"))],
    ("BR-AE-02", one_line("AE"), None),
    ("BR-IC-02", one_line("K"), None),
    ("BR-E-01", Bill(lines=[Line(), Line(category="E", rate="0")]), without("TaxSubtotal", last=True)),
    ("BR-E-06", Bill(parts=[Part(amount="1.00", category="E", rate="6")]), None),
    ("BR-E-07", Bill(parts=[Part(amount="1.00", category="E", rate="6", charge=True)]), None),
    ("BR-Z-10", one_line("Z"), inserted("<cac:TaxScheme>\n<cbc:ID>VAT</cbc:ID>\n</cac:TaxScheme>\n</cac:TaxCategory>",
        "<cbc:TaxExemptionReasonCode>VATEX-EU-79-C</cbc:TaxExemptionReasonCode>")),
    ("BR-AF-05", one_line("L", "-1"), None),
    ("BR-AG-09", one_line("M", "4"), both(everywhere("4.00", "5.00"), everywhere("104.00", "105.00"))),
    ("BR-O-02", OUTSIDE, None),
    ("BR-O-05", one_line("O", "0"), None),
    ("BR-O-11", Bill(lines=[Line(category="O", rate=None), Line()]), None),
    ("BR-O-12", Bill(lines=[Line(category="O", rate=None), Line()]), None),
    ("BR-O-13", one_line("O", None, parts=[Part(amount="1.00")]), None),
    ("BR-O-14", one_line("O", None, parts=[Part(amount="1.00", charge=True)]), None),
    ("UBL-SR-48", Bill(), twice("ClassifiedTaxCategory")),
    # What the portal can't take
    ("Selfcare", one_line("S", "12.345"), None),
    ("Selfcare", Bill(), amount("PayableAmount", "1e3")),
    ("Selfcare", Bill(), amount("PayableAmount", "NaN")),
    ("Selfcare", Bill(), amount("PayableAmount", "1 250,00")),
    ("Selfcare", Bill(), amount("PayableAmount", "٣")),
    ("Selfcare", Bill(), amount("PayableAmount", "0." + "0" * 99 + "1")),
    ("Selfcare", Bill(), amount("PriceAmount", "1000000000000")),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "bill", "edit"), BROKEN, ids=[f"{n}-{rule}" for n, (rule, *_) in enumerate(BROKEN)])
def test_a_rule_that_is_broken_is_named_with_its_line(rule, bill, edit):
    xml = edit(bill.xml()) if edit else bill.xml()
    found = [refusal for refusal in problems(xml) if rule in refusal.rule.split(", ")]
    assert found, [refusal.sentence("en") for refusal in problems(xml)]
    for refusal in found:
        assert 1 <= refusal.row <= xml.count(b"\n")
        for language, word in zip(LANGUAGES, ("Rad", "Line"), strict=True):
            sentence = refusal.sentence(language)
            assert re.match(rf"{word} [0-9]+, (regel|rule) {refusal.rule}: ", sentence)
            assert sentence.endswith(".")
            assert not re.search(r"[{}]|Decimal|None", sentence)


def test_a_refusal_points_at_the_element_it_is_about():
    xml = amount("TaxInclusiveAmount", "126.00")(Bill().xml())
    found = {refusal.rule: xml.splitlines()[refusal.row - 1] for refusal in problems(xml)}
    assert b"<cbc:TaxInclusiveAmount" in found["BR-CO-15"]
    assert b"<cbc:PayableAmount" in found["BR-CO-16"]
    assert "126.00 men summan utan moms plus momsen blir 125.00" in problems(xml)[0].sentence("sv")


@pytest.mark.parametrize(
    ("bill", "edit"),
    [
        (Bill(), None),
        (WITH_PARTS, None),
        (CREDIT, None),
        (TWO_CURRENCIES, None),
        (one_line("E"), None),
        (one_line("Z"), None),
        (one_line("G"), None),
        (one_line("L", "0"), None),
        (OUTSIDE, NO_VAT_NUMBER),
        (Bill(lines=[Line(quantity="-2")]), None),
        # Tolerances of the official rules: what a line comes to, a percentage, VAT, and what it is charged on.
        (Bill(), amount("PriceAmount", "100.02")),
        (Bill(parts=[Part(amount="10.02")]), percentage("10", "100.00")),
        (Bill(), both(everywhere("25.00", "25.99"), everywhere("125.00", "125.99"))),
        (Bill(), amount("TaxableAmount", "100.99")),
        # When to pay is said in words, or there is nothing to pay.
        (Bill(due="", terms="30 dagar"), None),
        (Bill(due="", lines=[Line(quantity="-1")]), None),
        # Numbers may be written in more than one way.
        (Bill(), amount("PriceAmount", "100")),
        (Bill(), amount("PriceAmount", "+100.0000000")),
        (Bill(), amount("PriceAmount", "\n  100.\n")),
        (Bill(), inserted("<cbc:Payable", money("AllowanceTotalAmount", "0"))),
        (Bill(), price_reduced("10.00", "110.00")),
        (Bill(), TAX_POINT),
        (Bill(type_code="384"), None),
        (Bill(type_code="393"), None),
        (Bill(type_code="751"), None),
        (Bill(), edited("<cbc:CustomizationID>", "<cbc:CustomizationID>\n  ")),
        (Bill(), edited("billing:3.0</cbc:CustomizationID>", "billing:3.0#conformant#urn:x</cbc:CustomizationID>")),
        (Bill(), edited("<cbc:IssueDate>", "<!-- a note --><?and an instruction?><cbc:IssueDate>")),
        (Bill(), edited("100.00", "1<!-- in the middle -->00.00")),
    ],
)
def test_what_the_official_rules_let_pass_goes_in(bill, edit):
    assert [refusal.sentence("en") for refusal in problems(edit(bill.xml()) if edit else bill.xml())] == []
