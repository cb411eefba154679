"""Where an invoice belongs, in how many shapes its parts come, and the official examples."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from selfcare_app import config
from selfcare_app.config import PROJECT, SettingsError, read_settings
from selfcare_app.models import (
    Invoice,
    InvoiceAllowance,
    InvoiceLine,
    InvoiceOriginal,
    InvoiceVat,
)
from selfcare_app.services.database import session, writing
from tests import factories as make
from tests.feeding import companies, fed, feed, refused, rows
from tests.ubl import Bill, Line

EXAMPLES = PROJECT.parent / "shared" / "reference" / "peppol"


@pytest.fixture
def owned(database):
    companies()
    return database


# --- Where it belongs


@pytest.mark.parametrize(
    ("bill", "expected"),
    [
        (Bill(customer_number="10023", accounting_cost="10024", buyer_id="10024"), "10023"),
        (Bill(customer_number="Anna Berg", accounting_cost="10024", buyer_id="10023"), "10024"),
        (Bill(customer_number="", accounting_cost="konto 5", buyer_id="10024"), "10024"),
        (Bill(customer_number=" 10024 "), "10024"),
    ],
)
def test_the_customer_number_is_the_first_that_is_known(owned, bill, expected):
    invoice = fed(bill)
    with session() as db:
        assert db.get(make.CustomerNumber, invoice.customer_number_id).number == expected


def test_where_the_customer_number_stands_is_a_setting(owned, monkeypatch):
    monkeypatch.setenv("SELFCARE_INVOICE_CUSTOMER_NUMBER_FROM", "customer-id, accounting-cost")
    config.settings.cache_clear()
    invoice = fed(Bill(customer_number="10023", accounting_cost="10023", buyer_id="10024"))
    assert rows(make.CustomerNumber)[1].id == invoice.customer_number_id
    assert refused(Bill(number="F2", customer_number="10023").xml()) == ["no_customer_number"]
    for wrong in ("buyer", "customer-id,customer-id", ","):
        monkeypatch.setenv("SELFCARE_INVOICE_CUSTOMER_NUMBER_FROM", wrong)
        with pytest.raises(SettingsError, match="SELFCARE_INVOICE_CUSTOMER_NUMBER_FROM: must name"):
            read_settings()


def test_an_unknown_customer_number_is_refused_naming_it_and_its_line(owned):
    xml = Bill(customer_number="99999").xml()
    (report,) = feed(xml)
    (refusal,) = report.refusals
    assert refusal.key == "invoice_rules.unknown_customer_number"
    assert b"BuyerReference" in xml.splitlines()[refusal.row - 1]
    assert "99999" in report.sentences("sv")[0]
    assert refused(Bill(customer_number="", order="PO").xml()) == ["no_customer_number"]


def test_what_is_wrong_is_told_all_at_once_in_the_order_of_the_lines(owned):
    xml = Bill(customer_number="99999", start="2026-10-31", end="2026-10-01").xml()
    (report,) = feed(xml.replace(b">125.00</cbc:PayableAmount>", b">126.00</cbc:PayableAmount>"))
    assert [refusal.key.partition(".")[2] for refusal in report.refusals] == [
        "unknown_customer_number",
        "period",
        "sums.br-co-16",
    ]
    assert [refusal.row for refusal in report.refusals] == sorted(refusal.row for refusal in report.refusals)


@pytest.mark.parametrize(
    ("cost", "properties", "expected"),
    [
        ("S1", {}, 1),
        ("S1", {"Subscription": "S2"}, 1),
        ("", {"Subscription": "S2"}, 2),
        ("Kostnadsställe 4", {"SUBSCRIPTION": "S2"}, 2),
        ("S9", {}, None),
        ("S404", {}, None),
    ],
)
def test_a_line_is_of_the_subscription_it_names_if_that_is_the_companys_own(owned, cost, properties, expected):
    invoice = fed(Bill(lines=[Line(accounting_cost=cost, properties=properties)]))
    (line,) = rows(InvoiceLine)
    assert (line.subscription_id, line.accounting_cost, line.customer_number_id) == (
        expected,
        cost,
        invoice.customer_number_id,
    )


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("fee", "fee"),
        ("MÅNADSAVGIFT", "fee"),
        ("Trafik", "traffic"),
        ("roaming", "roaming"),
        ("Engångsavgift", "one_off"),
        ("övrigt", "other"),
        ("annat", "other"),
        ("", "other"),
    ],
)
def test_a_line_says_what_it_is_a_cost_of(owned, said, expected):
    fed(Bill(lines=[Line(properties={"CostType": said} if said else {})]))
    assert rows(InvoiceLine)[0].cost_type == expected


@pytest.mark.parametrize(
    ("line", "bill", "expected"),
    [
        (("2026-08-15", "2026-09-14"), ("2026-10-01", "2026-10-31"), (8, 10)),
        (("", ""), ("2026-10-15", "2026-11-14"), (10, 10)),
        (("", ""), ("", ""), (11, 11)),
        (("2026-09-30", ""), ("", ""), (9, 11)),
        (("", "2026-09-30"), ("", "2026-10-31"), (11, 11)),
    ],
)
def test_a_cost_belongs_to_the_month_its_period_starts_in(owned, line, bill, expected):
    invoice = fed(Bill(start=bill[0], end=bill[1], lines=[Line(start=line[0], end=line[1])]))
    found = (rows(InvoiceLine)[0].month, invoice.month)
    assert found == (date(2026, expected[0], 1), date(2026, expected[1], 1))


# --- Parts of an invoice that come in many shapes


def test_of_several_ways_to_pay_a_credit_transfer_is_kept(owned):
    way = b"<cac:PaymentMeans>\n<cbc:PaymentMeansCode>49</cbc:PaymentMeansCode>\n</cac:PaymentMeans>\n"
    xml = Bill(number="F1").xml().replace(b"<cac:PaymentMeans>", way + b"<cac:PaymentMeans>")
    assert feed(xml)[0].applied
    assert (rows(Invoice)[0].payment_means, rows(Invoice)[0].payment_account) == ("30", "50501055")
    assert fed(Bill(number="F2", means="", terms="Netto")).payment_means == ""


def test_texts_are_kept_without_what_nobody_sees(owned):
    bill = Bill(note="Rad\u202e ett\n\n  två\u0085", lines=[Line(name="A\n  B\u200f")])
    invoice = fed(bill)
    assert invoice.note == "Rad ett\ntvå"
    assert rows(InvoiceLine)[0].name == "A B"


def test_prices_and_quantities_are_kept_to_six_places(owned):
    fed(Bill(lines=[Line(quantity="1234.5678911", price="0.0000015")]))
    (line,) = rows(InvoiceLine)
    assert (line.quantity, line.price) == (Decimal("1234.567891"), Decimal("0.000002"))


@pytest.mark.parametrize("name", ["2026-10:5", "F 17", "ÅÄÖ.1", "100%", "A?b#c&d", "..."])
def test_numbers_that_an_address_can_hold_go_in(owned, name):
    assert fed(Bill(number=name)).number == name


@pytest.mark.parametrize("name", ["A/1", "A\\1", ".", "..", "9" * 51, "A\u202e1", "A\n1", "A\u00851"])
def test_numbers_that_no_address_holds_are_refused(owned, name):
    assert refused(Bill(number=name).xml()) == ["number"]


# --- The official examples


@pytest.mark.skipif(
    not EXAMPLES.is_dir(), reason="the reference material lies beside the project only where it is made"
)
@pytest.mark.parametrize(
    ("name", "customer_number", "currency", "payable"),
    [
        ("base-example.xml", "0150abc", "EUR", "1656.25"),
        ("base-creditnote-correction.xml", "0150abc", "EUR", "1656.25"),
        ("Allowance-example.xml", "4025:123:4343", "EUR", "6125.00"),
        ("Vat-category-S.xml", "FR23342", "EUR", "8550.00"),
        ("vat-category-E.xml", "test reference", "GBP", "1200.00"),
    ],
)
def test_the_official_examples_go_in_in_their_own_currency(database, name, customer_number, currency, payable):
    with writing() as db:
        make.customer_number(db, make.company(db), customer_number)
    content = (EXAMPLES / name).read_bytes()
    (report,) = feed(content, name)
    assert report.applied, report.sentences("en")
    (invoice,) = rows(Invoice)
    assert (invoice.currency, invoice.payable) == (currency, Decimal(payable))
    lines, allowances, vat = rows(InvoiceLine), rows(InvoiceAllowance), rows(InvoiceVat)
    assert sum(line.net for line in lines) == invoice.line_total
    signed = sum((part.amount if part.charge else -part.amount for part in allowances), Decimal(0))
    assert invoice.line_total + signed == invoice.net
    assert sum(part.taxable for part in vat) == invoice.net
    assert sum(part.vat for part in vat) == invoice.vat
    assert invoice.net + invoice.vat == invoice.total
    assert invoice.total - invoice.prepaid + invoice.rounding == invoice.payable
    assert rows(InvoiceOriginal)[0].xml == content
    assert [(report.created, report.unchanged) for report in feed(content, name)] == [(0, 1)]
