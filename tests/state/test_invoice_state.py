"""What the page of an invoice makes of what the service tells: first amount, how it is paid, how it adds up."""

from datetime import timedelta
from decimal import Decimal

import pytest

from selfcare_app.models import InvoiceAllowance
from selfcare_app.services import invoices
from selfcare_app.services.database import writing
from selfcare_app.state.invoice import InvoiceState
from tests import factories as make

TODAY = make.NOW.date()


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


@pytest.fixture
def shown(database):
    """The page of invoice 80001, made with these values and then paid and credited."""

    def show(*, paid: str = "", credited: str = "", number: str = "80001", **values):
        with writing() as db:
            company = make.company(db)
            on = make.customer_number(db, company, "10023")
            invoice = make.invoice(db, on, "80001", **{"due": TODAY + timedelta(days=5), **values})
            if paid:
                make.payment(db, invoice, paid, "B1")
            if credited:
                make.credit_note(db, invoice, "90001", [(credited, None)])
            actor = make.actor(make.user(db, company, "asa@bjorko.example"))
        return InvoiceState._shown(None, actor, invoices.overview(actor, number))

    return show


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("made", "amount_is", "amount", "open_"),
    [
        ({}, "payable", "125,00 kr", "1"),
        ({"paid": "25.00"}, "left", "100,00 kr", "1"),
        ({"paid": "130.00"}, "too_much", "5,00 kr", ""),
        ({"paid": "125.00"}, "left", "0,00 kr", ""),
        ({"credited": "40.00"}, "left", "75,00 kr", "1"),
        ({"credited": "40.00", "number": "90001"}, "credit", "50,00 kr", ""),
        ({"currency": "EUR"}, "payable", "125,00 EUR", "1"),
    ],
)
def test_the_first_amount_is_what_is_left_to_do(shown, made, amount_is, amount, open_):
    facts = shown(**made).facts
    assert (facts["amount_is"], plain(facts["amount"]), facts["open"]) == (amount_is, amount, open_)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_is_copied_is_what_a_bank_takes(shown):
    facts = shown(payable=Decimal("12345.60"), paid="45.00").facts
    assert (plain(facts["left"]), facts["to_copy"]) == ("12 300,60 kr", "12300,60")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("branch", "reference", "said", "written"),
    [
        ("SE:BANKGIRO", "12351", ("bankgiro", "", "ocr"), "991-2346"),
        ("SE:PLUSGIRO", "12351", ("plusgiro", "", "ocr"), "99\u00a012\u00a034-6"),
        ("ESSESESS", "Faktura 7", ("account", "ESSESESS", "reference"), "9912346"),
        ("", "", ("account", "", "reference"), "9912346"),
    ],
)
def test_the_account_is_called_what_it_is(shown, branch, reference, said, written):
    facts = shown(payment_branch=branch, payment_account="9912346", payment_reference=reference).facts
    assert (facts["account_is"], facts["bic"], facts["reference_is"]) == said
    assert (facts["account_to_copy"], facts["reference"]) == ("9912346", reference)
    assert facts["account"] == written


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_it_adds_up_in_the_documents_own_order(database):
    with writing() as db:
        company = make.company(db)
        invoice = make.invoice(
            db, make.customer_number(db, company, "10023"), "80001",
            prepaid=Decimal("10.00"), rounding=Decimal("-0.40"), payable=Decimal("114.60"),
        )  # fmt: skip
        for position, charge in enumerate((False, True), 1):
            db.add(
                InvoiceAllowance(
                    company_id=company.id,
                    invoice_id=invoice.id,
                    position=position,
                    charge=charge,
                    reason="Rabatt" if not charge else "Porto",
                    amount=Decimal("5.00"),
                    vat_rate=Decimal(25),
                )
            )
        actor = make.actor(make.user(db, company, "asa@bjorko.example"))
    rows = InvoiceState._shown(None, actor, invoices.overview(actor, "80001")).more["sums"]
    assert [(row["key"], plain(row["amount"]), row["reason"]) for row in rows] == [
        ("lines", "100,00 kr", ""),
        ("allowance", "−5,00 kr", "Rabatt"),
        ("charge", "5,00 kr", "Porto"),
        ("net", "100,00 kr", ""),
        ("vat", "25,00 kr", ""),
        ("total", "125,00 kr", ""),
        ("prepaid", "−10,00 kr", ""),
        ("rounding", "−0,40 kr", ""),
        ("payable", "114,60 kr", ""),
    ]
    assert (plain(rows[4]["rate"]), plain(rows[4]["taxable"])) == ("25 %", "100,00 kr")
