"""The page of an invoice and its original (I1, I4, U5): what the document says, for those who may see it."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import event

from selfcare_app.models import InvoiceAllowance, InvoiceReference
from selfcare_app.services import invoices
from selfcare_app.services.access import Forbidden, NotFound
from selfcare_app.services.database import writing
from selfcare_app.specs.invoices import InvoiceKind, InvoiceStatus
from selfcare_app.specs.permissions import EVERYTHING, Permission, Role
from selfcare_app.state.invoice import InvoiceState
from tests import factories as make

TODAY = make.NOW.date()


@pytest.fixture
def company(database):
    with writing() as db:
        made = make.company(db)
        make.customer_number(db, made, "10023")
        return made


@pytest.fixture
def superuser(company):
    with writing() as db:
        return make.actor(make.user(db, company, "asa@bjorko.example"))


def on(db, number="10023"):
    return db.query(make.CustomerNumber).filter_by(number=number).one()


def partial(db, company, *granted):
    user = make.user(db, company, "partial@bjorko.example", Role.READER, access_all=False)
    for each in granted:
        make.grant(db, user, each)
    return make.actor(user)


def test_amounts_stand_as_the_document_states_them(superuser, company):
    with writing() as db:
        invoice = make.invoice(
            db, on(db), "80001", [("100.00", None), ("60.01", None)],
            currency="EUR", payment_account="991-2346", payment_reference="80001000015", buyer_reference="10023",
            order_reference="PO-7", note="Tack!", payment_terms="30 dagar", prepaid=Decimal("10.00"),
            rounding=Decimal("-0.01"), payable=Decimal("190.00"),
        )  # fmt: skip
        for position, (charge, reason, amount) in enumerate(((False, "Rabatt", "5.00"), (True, "Porto", "2.50")), 1):
            db.add(
                InvoiceAllowance(
                    company_id=company.id,
                    invoice_id=invoice.id,
                    position=position,
                    charge=charge,
                    reason=reason,
                    amount=Decimal(amount),
                    vat_rate=Decimal(25),
                )
            )
    page = invoices.overview(superuser, "80001")
    assert (page.kind, page.currency, page.customer_number, page.customer_name) == (
        InvoiceKind.INVOICE, "EUR", "10023", "Huvudkontor",
    )  # fmt: skip
    assert (page.line_total, page.net, page.vat_total, page.total) == tuple(
        map(Decimal, ("160.01", "160.01", "40.00", "200.01"))
    )
    assert [(a.charge, a.reason, a.amount) for a in page.allowances] == [
        (False, "Rabatt", Decimal("5.00")),
        (True, "Porto", Decimal("2.50")),
    ]
    assert [(v.rate, v.taxable, v.vat) for v in page.vat] == [(Decimal(25), Decimal("160.01"), Decimal("40.00"))]
    assert (page.prepaid, page.rounding, page.payable, page.left) == tuple(
        map(Decimal, ("10.00", "-0.01", "190.00", "190.00"))
    )
    assert (page.payment_account, page.payment_reference, page.order_reference) == ("991-2346", "80001000015", "PO-7")
    assert not page.has_pdf


@pytest.mark.parametrize(
    ("paid", "credited", "due_in", "status", "left", "overdue_days"),
    [
        ([], "", 0, InvoiceStatus.UNPAID, "125.00", 0),
        ([], "", -9, InvoiceStatus.OVERDUE, "125.00", 9),
        (["100.00"], "", 5, InvoiceStatus.PART_PAID, "25.00", 0),
        (["100.00"], "", -1, InvoiceStatus.OVERDUE, "25.00", 1),
        (["100.00", "25.00"], "", -30, InvoiceStatus.PAID, "0.00", 0),
        (["130.00"], "", -30, InvoiceStatus.PAID, "-5.00", 0),
        ([], "100.00", -30, InvoiceStatus.CREDITED, "0.00", 0),
    ],
)
def test_how_it_stands_follows_from_what_was_paid_and_credited(
    superuser, paid, credited, due_in, status, left, overdue_days
):
    with writing() as db:
        invoice = make.invoice(db, on(db), "80001", due=TODAY + timedelta(days=due_in))
        for at, amount in enumerate(paid):
            make.payment(db, invoice, amount, f"B{at}", paid_on=TODAY - timedelta(days=10 - at))
        if credited:
            make.credit_note(db, invoice, "90001", [(credited, None)])
    page = invoices.overview(superuser, "80001")
    assert (page.status, page.left, page.overdue_days) == (status, Decimal(left), overdue_days)
    assert [(p.reference, p.amount) for p in page.payments] == [(f"B{at}", Decimal(a)) for at, a in enumerate(paid)]
    assert [related.number for related in page.named_by] == (["90001"] if credited else [])


def test_a_credit_note_says_what_is_left_of_the_invoices_it_credits(superuser):
    with writing() as db:
        for number, paid, credit in (("80001", "", "40.00"), ("80002", "125.00", "40.00"), ("80003", "", "100.00")):
            invoice = make.invoice(db, on(db), number)
            if paid:
                make.payment(db, invoice, paid, f"B{number}")
            make.credit_note(db, invoice, number.replace("8", "9"), [(credit, None)])
        add = db.query(make.Invoice).filter_by(number="90003").one()
        db.add(InvoiceReference(company_id=add.company_id, invoice_id=add.id, number="70000"))
    shown = {}
    for number in ("90001", "90002", "90003"):
        page = InvoiceState._shown(None, superuser, invoices.overview(superuser, number))
        facts = page.facts
        assert (facts["due"], facts["payment_terms"], facts["amount_is"], facts["open"]) == ("", "", "credit", "")
        shown[number] = [(row["number"], row["is"], row["left"]) for row in page.more["credits"]]
    assert shown == {
        "90001": [("80001", "left", "75,00 kr")],
        "90002": [("80002", "too_much", "50,00 kr")],
        "90003": [("80003", "settled", ""), ("70000", "", "")],
    }
    assert InvoiceState._shown(None, superuser, invoices.overview(superuser, "80001")).more["credits"] == []


def test_a_credit_note_and_its_invoice_name_each_other(superuser):
    with writing() as db:
        invoice = make.invoice(db, on(db), "80001")
        note = make.credit_note(db, invoice, "90001", [("40.00", None)])
        db.add(InvoiceReference(company_id=note.company_id, invoice_id=note.id, number="70000"))
    page = invoices.overview(superuser, "80001")
    assert [(r.number, r.kind, r.amount, r.seen) for r in page.named_by] == [
        ("90001", "credit_note", Decimal("50.00"), True)
    ]
    assert (page.names, page.left, page.credited) == ([], Decimal("75.00"), Decimal("50.00"))
    credit = invoices.overview(superuser, "90001")
    assert (credit.kind, credit.status, credit.left) == (InvoiceKind.CREDIT_NOTE, InvoiceStatus.CREDITED, Decimal(0))
    assert [(r.number, r.seen, r.amount) for r in credit.names] == [
        ("80001", True, Decimal("125.00")),
        ("70000", False, None),
    ]


def test_a_document_on_a_customer_number_out_of_sight_is_a_number_or_nothing(company):
    with writing() as db:
        other = make.customer_number(db, company, "10024")
        hidden = make.invoice(db, other, "80002", buyer_name="CANARY")
        seen = make.credit_note(db, hidden, "90001")
        seen.customer_number_id = on(db).id
        invoice = make.invoice(db, on(db), "80001")
        make.credit_note(db, invoice, "90002").customer_number_id = other.id
        actor = partial(db, company, on(db))
    credit = invoices.overview(actor, "90001")
    assert [(r.number, r.seen, r.kind, r.amount) for r in credit.names] == [("80002", False, "", None)]
    assert invoices.overview(actor, "80001").named_by == []
    with pytest.raises(NotFound):
        invoices.overview(actor, "80002")


def test_one_line_of_an_invoice_does_not_show_the_invoice(company):
    """U5: access to a single subscription covers its lines, not the invoice's page, total or PDF."""
    with writing() as db:
        single = make.subscription(db, on(db), "S1")
        make.original(db, make.invoice(db, on(db), "80001", [("10.00", single)]))
        actor = partial(db, company, single)
    for operation in (invoices.overview, invoices.original):
        with pytest.raises(NotFound):
            operation(actor, "80001")


def test_another_companys_invoice_is_not_there(superuser, database):
    with writing() as db:
        other = make.company(db, "Sjövik Vård AB", "5560125790")
        number = make.customer_number(db, other, "20023")
        make.original(db, make.invoice(db, number, "CANARY-1"))
        mine = make.invoice(db, on(db), "80001")
        # It names ours, and one of ours names it.
        note = make.credit_note(db, make.invoice(db, number, "CANARY-2"), "CANARY-3")
        db.add(InvoiceReference(company_id=other.id, invoice_id=note.id, number="80001"))
        db.add(InvoiceReference(company_id=mine.company_id, invoice_id=mine.id, number="CANARY-1"))
    for operation in (invoices.overview, invoices.original):
        for number in ("CANARY-1", "NONE"):
            with pytest.raises(NotFound):
                operation(superuser, number)
    page = invoices.overview(superuser, "80001")
    assert page.named_by == []
    assert [(r.number, r.seen, r.amount) for r in page.names] == [("CANARY-1", False, None)]


@pytest.mark.parametrize("operation", [invoices.overview, invoices.original])
def test_without_the_right_to_read_invoices_none_is_shown(superuser, operation):
    with writing() as db:
        make.original(db, make.invoice(db, on(db), "80001"))
    with pytest.raises(Forbidden):
        operation(replace(superuser, permissions=EVERYTHING - {Permission.INVOICES_READ}), "80001")


def test_the_original_is_given_byte_for_byte_and_only_when_there_is_one(superuser):
    content = b"%PDF-1.7\n\x00\xff\r\n original"
    with writing() as db:
        make.original(db, make.invoice(db, on(db), "80001"), content, "../x.html")
        make.original(db, make.invoice(db, on(db), "80002"), None)
        make.invoice(db, on(db), "80003")
    found = invoices.original(superuser, "80001")
    assert (found.content, found.file_name) == (content, "Faktura 80001.pdf")
    assert [invoices.overview(superuser, n).has_pdf for n in ("80001", "80002", "80003")] == [True, False, False]
    for number in ("80002", "80003"):
        with pytest.raises(NotFound):
            invoices.original(superuser, number)


def test_the_file_is_named_by_us_whatever_the_operator_called_it(superuser):
    with writing() as db:
        invoice = make.invoice(db, on(db), "20/26")
        make.original(db, invoice, name="../../evil.html")
        make.original(db, make.credit_note(db, invoice, "K7"))
    assert invoices.original(superuser, "20/26").file_name == "Faktura 20-26.pdf"
    assert invoices.original(replace(superuser, language="en"), "K7").file_name == "Credit note K7.pdf"


def test_a_page_costs_the_same_statements_however_much_stands_on_the_invoice(superuser, database):
    with writing() as db:
        make.invoice(db, on(db), "80001")
        large = make.invoice(db, on(db), "80002", [("1.00", None)] * 40)
        for at in range(20):
            make.payment(db, large, "1.00", f"B{at}")
        for at in range(5):
            make.credit_note(db, large, f"9{at}", [("1.00", None)])
    counted = []
    event.listen(database, "before_cursor_execute", lambda *_: counted.append(1))
    costs = []
    for number in ("80001", "80002"):
        counted.clear()
        invoices.overview(superuser, number)
        costs.append(len(counted))
    assert costs[0] == costs[1] <= 9


def test_due_today_is_not_overdue(superuser):
    """I1: overdue from the day after the due date, by the date in Sweden."""
    with writing() as db:
        make.invoice(db, on(db), "80001", due=date(2026, 11, 22))
    late = make.NOW.replace(hour=22, minute=59)
    assert invoices.overview(replace(superuser, at=late), "80001").status is InvoiceStatus.UNPAID
    assert invoices.overview(replace(superuser, at=late + timedelta(minutes=1)), "80001").status is (
        InvoiceStatus.OVERDUE
    )
