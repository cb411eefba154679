"""The demo's invoices as files: UBL by Peppol's rules, and the operator's own PDF in some of them."""

import base64
import re
import zipfile
import zlib
from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from io import BytesIO

import pytest
from lxml import etree
from stdnum import luhn
from stdnum.se import orgnr

from selfcare_app.services.demo.content import BJORKO
from selfcare_app.services.demo.files import Files
from selfcare_app.services.demo.offer import SELLER
from selfcare_app.services.demo.pdf import kronor, original
from selfcare_app.services.demo.ubl import document
from selfcare_app.specs.invoices import CostType

OERE = Decimal("0.01")
CBC = "{urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2}"
CAC = "{urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2}"


def prefixed(path):
    """cac/cbc prefixes as lxml writes them: parts of an element begin with a capital, values too, so the name tells."""
    return path.replace("cac:", CAC).replace("cbc:", CBC)


def value(element, path):
    """The text of the one element at the path."""
    return element.findtext(prefixed(path))


def amount(element, path):
    return Decimal(value(element, path))


@pytest.fixture(scope="module")
def november():
    return Files(date(2026, 11, 24))


@pytest.mark.parametrize("today", [date(2027, 1, 1), date(2028, 2, 29), date(2026, 3, 31)], ids=str)
def test_invoices_are_peppol_documents_whose_totals_add_up(today):
    for bills in Files(today).bills:
        for bill in bills[::5] + bills[-6:] + tuple(bill for bill in bills if bill.credits):
            check_document(bill)


def check_document(bill):
    root = etree.fromstring(document(bill))
    kind = "CreditNote" if bill.credits else "Invoice"
    assert root.tag == f"{{urn:oasis:names:specification:ubl:schema:xsd:{kind}-2}}{kind}"
    assert not [element for element in root.iter() if not len(element) and not (element.text or "").strip()]
    assert value(root, "cbc:CustomizationID").startswith("urn:cen.eu:en16931:2017#compliant#")
    assert value(root, "cbc:ProfileID") == "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"
    assert value(root, "cbc:ID") == bill.number
    for path in ("cbc:BuyerReference", "cbc:AccountingCost"):
        assert value(root, path) == bill.place.number
    party = "cac:AccountingCustomerParty/cac:Party/cac:PartyIdentification/cbc:ID"
    assert value(root, party) == bill.place.number
    for party in ("Supplier", "Customer"):
        endpoint = root.find(prefixed(f"cac:Accounting{party}Party/cac:Party/cbc:EndpointID"))
        assert endpoint.get("schemeID") == "0007"
        assert orgnr.is_valid(endpoint.text)
    lines = root.findall(prefixed(f"cac:{kind}Line"))
    assert len(lines) == len(bill.items)
    for line in lines:
        check_line(root, line, "Credited" if bill.credits else "Invoiced")
    allowances = {"true": Decimal(0), "false": Decimal(0)}
    for part in root.findall(prefixed("cac:AllowanceCharge")):
        allowances[value(part, "cbc:ChargeIndicator")] += amount(part, "cbc:Amount")
        assert value(part, "cbc:AllowanceChargeReason")
    net = sum(amount(line, "cbc:LineExtensionAmount") for line in lines)
    total = root.find(prefixed("cac:LegalMonetaryTotal"))
    assert amount(total, "cbc:LineExtensionAmount") == net
    net += allowances["true"] - allowances["false"]
    vat_amount = (net * Decimal("0.25")).quantize(OERE, ROUND_HALF_UP)
    assert amount(total, "cbc:TaxExclusiveAmount") == net
    assert amount(total, "cbc:TaxInclusiveAmount") == amount(total, "cbc:PayableAmount") == net + vat_amount
    assert amount(root, "cac:TaxTotal/cbc:TaxAmount") == vat_amount
    assert amount(root, "cac:TaxTotal/cac:TaxSubtotal/cbc:TaxableAmount") == net
    if not bill.credits:
        means = root.find(prefixed("cac:PaymentMeans"))
        assert value(means, "cbc:PaymentMeansCode") == "30"
        assert luhn.is_valid(value(means, "cbc:PaymentID"))
        account = "cac:PayeeFinancialAccount/cac:FinancialInstitutionBranch/cbc:ID"
        assert value(means, account) == "SE:BANKGIRO"
    else:
        reference = "cac:BillingReference/cac:InvoiceDocumentReference/cbc:ID"
        assert value(root, reference) == bill.credits.number


def check_line(root, line, kind):
    quantity, price = amount(line, f"cbc:{kind}Quantity"), amount(line, "cac:Price/cbc:PriceAmount")
    base = Decimal(value(line, "cac:Price/cbc:BaseQuantity") or 1)
    net = amount(line, "cbc:LineExtensionAmount")
    assert (quantity * price / base).quantize(OERE, ROUND_HALF_UP) == net
    start, end = (value(line, f"cac:InvoicePeriod/cbc:{edge}Date") for edge in ("Start", "End"))
    assert value(root, "cac:InvoicePeriod/cbc:StartDate") <= start <= end
    assert end <= value(root, "cac:InvoicePeriod/cbc:EndDate")
    properties = {
        value(of, "cbc:Name"): value(of, "cbc:Value")
        for of in line.findall(prefixed("cac:Item/cac:AdditionalItemProperty"))
    }
    assert properties["CostType"] in set(CostType) - {CostType.OTHER}
    assert value(line, "cbc:AccountingCost") == properties.get("Subscription")
    assert ("Subscription" in properties) is not ("Connection" in properties)


def test_what_stands_in_names_is_escaped(november):
    bill = november.bills[0][0]
    item = replace(bill.items[0], name="<Fast & fri> \"'")
    root = etree.fromstring(document(replace(bill, items=(item,), note="a & b")))
    assert value(root, "cac:InvoiceLine/cac:Item/cbc:Name") == "<Fast & fri> \"'"
    assert value(root, "cbc:Note") == "a & b"


# --- PDF


def printed(pdf):
    """The text on the pages."""
    streams = re.findall(rb"stream\n?(.*?)endstream", pdf, re.DOTALL)
    pages = b"".join(zlib.decompress(base64.a85decode(stream.strip().removesuffix(b"~>"))) for stream in streams)
    texts = re.findall(rb"\((.*?)(?<!\\)\) Tj", pages)
    return [re.sub(rb"\\([0-7]{3})", lambda found: bytes([int(found[1], 8)]), text).decode("cp1252") for text in texts]


def test_some_invoices_carry_their_original_as_a_pdf_of_one_page(november):
    for name, content in november.invoices().items():
        assert name.endswith(".zip")
        with zipfile.ZipFile(BytesIO(content)) as archive:
            enclosed = [
                root.find(prefixed("cac:AdditionalDocumentReference/cac:Attachment/cbc:EmbeddedDocumentBinaryObject"))
                for root in (etree.fromstring(archive.read(entry)) for entry in archive.namelist())
            ]
        pdfs = [base64.b64decode(element.text) for element in enclosed if element is not None]
        assert 4 <= len(pdfs) < len(enclosed) / 4
        assert all(pdf.startswith(b"%PDF-") and b"/Count 1" in pdf for pdf in pdfs)


def plain(text):
    """A no-break space of the text is any space of the page."""
    return text.replace("\xa0", " ")


def test_the_original_states_what_the_invoice_states():
    (bill,) = [bill for bill in Files(date(2026, 11, 24)).bills[0] if bill.number == "80004417"]
    pdf = original(bill)
    assert pdf == original(bill)
    stated = plain("\n".join(printed(pdf)))
    for words in (
        "Faktura",
        bill.number,
        "Björkö Bygg AB, Huvudkontor",
        BJORKO.organisation_number,
        SELLER.name,
        SELLER.vat_number,
        "Godkänd för F-skatt",
        "2026-09-01",
        "2026-10-15",
        "2026-11-14",
        "991-2346",
        "100238000441753",
        kronor(bill.net),
        kronor(bill.vat),
        kronor(bill.total),
        "Roaming utanför EU",
    ):
        assert plain(words) in stated, words


def test_kronor_are_written_the_swedish_way():
    assert kronor(Decimal("31109.74")) == "31\xa0109,74"
    assert kronor(Decimal("-5")) == "–5,00"
