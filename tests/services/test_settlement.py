"""What payments and credit notes make of an invoice, whatever the order they come in."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import permutations
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, select
from sqlmodel import col

from selfcare_app.models import Invoice, InvoiceReference, Payment
from selfcare_app.services import settlement
from selfcare_app.services.database import session, writing
from selfcare_app.specs.invoices import InvoiceStatus, status_expression, status_of
from tests import factories as make

TODAY = date(2026, 12, 2)
ALL_AT_ONCE = settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def document(db, on, number, payable, **values):
    """An invoice or credit note of that amount, with no sums worked out."""
    return make.invoice(db, on, number, lines=(), payable=Decimal(payable), **values)


def names(db, document, *numbers):
    for number in numbers:
        make.add(db, InvoiceReference(company_id=document.company_id, invoice_id=document.id, number=number))


def money_for(db, invoice, amount, reference):
    make.add(
        db,
        Payment(
            company_id=invoice.company_id,
            invoice_id=invoice.id,
            reference=reference,
            amount=Decimal(amount),
            paid_on=date(2026, 11, 20),
        ),
    )


def sums():
    with session() as db:
        rows = db.exec(select(Invoice.number, Invoice.paid, Invoice.credited).order_by(Invoice.number))
        return {number: (paid, credited) for number, paid, credited in rows}


@pytest.fixture
def number(database):
    with writing() as db:
        return make.customer_number(db, make.company(db), "10023")


@pytest.fixture
def other(database):
    with writing() as db:
        return make.customer_number(db, make.company(db, "Sjövik Vård AB", "5560125790"), "20023")


def test_payments_are_summed_those_taken_back_too(number):
    with writing() as db:
        paid, untouched = document(db, number, "F1", 500), document(db, number, "F2", 500)
        for reference, amount in (("B1", "300.50"), ("B2", "100.25"), ("B3", "-0.75")):
            money_for(db, paid, amount, reference)
        money_for(db, untouched, "77", "B4")
        settlement.settle(db, [paid.id])
        assert paid.paid == Decimal("400.00"), "a row that the caller holds tells the new sum"
    assert sums() == {"F1": (Decimal(400), 0), "F2": (0, 0)}


def test_a_payment_that_is_gone_no_longer_counts(number):
    with writing() as db:
        invoice = document(db, number, "F1", 500, paid=Decimal(500), credited=Decimal(20))
        settlement.settle(db, [invoice.id])
    assert sums() == {"F1": (0, 0)}


@pytest.mark.parametrize("order", list(permutations(["F1", "F2", "K1", "K2"])))
def test_sums_do_not_depend_on_the_order_documents_are_fed_in(number, order):
    def feed(db, which):
        if which == "F1":
            return document(db, number, "F1", 100)
        if which == "F2":
            return document(db, number, "F2", 300)
        if which == "K1":
            note = document(db, number, "K1", 150, kind="credit_note", issued=date(2026, 11, 3))
            names(db, note, "F1", "F2")
        else:
            note = document(db, number, "K2", 40, kind="credit_note", issued=date(2026, 11, 2))
            names(db, note, "F1", "F9")
        return note

    for which in order:
        with writing() as db:
            settlement.settle(db, [feed(db, which).id])
    # K2 is the earlier: 40 on F1, of which 60 are left for K1; the other 90 of K1 fall to F2.
    assert sums() == {"F1": (0, 100), "F2": (0, 90), "K1": (0, 0), "K2": (0, 0)}


def test_what_is_left_of_a_credit_note_falls_to_the_last_one_it_names(number):
    with writing() as db:
        for name, payable in (("F1", 100), ("F2", 50)):
            document(db, number, name, payable)
        note = document(db, number, "K1", 180, kind="credit_note")
        names(db, note, "F1", "F2", "F1")
        settlement.settle(db, [note.id])
    assert sums() == {"F1": (0, 100), "F2": (0, 80), "K1": (0, 0)}


def test_a_credit_note_that_names_one_invoice_is_credited_whole(number):
    with writing() as db:
        invoice = document(db, number, "F1", 100)
        names(db, document(db, number, "K1", 130, kind="credit_note"), "F1")
        settlement.settle(db, [invoice.id])
    assert sums()["F1"] == (0, 130)


def test_a_credit_note_of_another_company_or_currency_credits_nothing(number, other):
    with writing() as db:
        invoice = document(db, number, "F1", 100)
        names(db, document(db, other, "K1", 100, kind="credit_note"), "F1")
        names(db, document(db, number, "K2", 100, kind="credit_note", currency="EUR"), "F1")
        settlement.settle(db, [row.id for row in db.exec(select(Invoice).order_by(Invoice.id)).scalars()])
        assert invoice.credited == 0


def test_an_invoice_below_zero_credits_the_one_it_names_and_a_correcting_one_does_not(number):
    with writing() as db:
        invoice = document(db, number, "F1", 100)
        names(db, document(db, number, "F2", -60), "F1")
        names(db, document(db, number, "F3", 90), "F1")
        settlement.settle(db, [invoice.id])
    assert sums() == {"F1": (0, 60), "F2": (0, 0), "F3": (0, 0)}


def test_a_document_that_names_itself_credits_nothing(number):
    with writing() as db:
        invoice = document(db, number, "F1", -60)
        names(db, invoice, "F1")
        settlement.settle(db, [invoice.id])
    assert sums() == {"F1": (0, 0)}


def test_many_documents_cost_few_statements(number, database):
    with writing() as db:
        rows = [document(db, number, f"F{n}", 100) for n in range(40)]
        for n in range(20):
            names(db, document(db, number, f"K{n}", 50, kind="credit_note"), f"F{n}", f"F{n + 1}")
        db.flush()
        statements = []

        def count(_connection, _cursor, statement, *_):
            statements.append(statement)

        event.listen(database, "before_cursor_execute", count)
        try:
            settlement.settle(db, [row.id for row in rows])
        finally:
            event.remove(database, "before_cursor_execute", count)
    assert len(statements) < 10
    assert sum(credited for _, credited in sums().values()) == 20 * 50


# --- Status


def standing(**values):
    return SimpleNamespace(
        **{
            "kind": "invoice",
            "due": date(2026, 12, 1),
            "payable": Decimal(100),
            "paid": Decimal(0),
            "credited": Decimal(0),
            **values,
        }
    )


@pytest.mark.parametrize(
    ("values", "today", "expected"),
    [
        ({}, date(2026, 12, 1), "unpaid"),
        ({}, date(2026, 12, 2), "overdue"),
        ({"due": None}, date(2030, 1, 1), "unpaid"),
        ({"paid": 40}, date(2026, 12, 1), "part_paid"),
        ({"paid": 40}, date(2026, 12, 2), "overdue"),
        ({"paid": 100}, date(2026, 12, 2), "paid"),
        ({"paid": 101}, date(2026, 12, 2), "paid"),
        ({"paid": 60, "credited": 40}, date(2026, 12, 2), "paid"),
        ({"credited": 40}, date(2026, 12, 1), "unpaid"),
        ({"credited": 40, "paid": 20}, date(2026, 12, 1), "part_paid"),
        ({"credited": 100}, date(2026, 12, 2), "credited"),
        ({"credited": 120, "paid": 100}, date(2026, 12, 2), "credited"),
        ({"paid": -5}, date(2026, 12, 1), "unpaid"),
        ({"payable": 0}, date(2026, 12, 2), "paid"),
        ({"payable": -80}, date(2026, 12, 2), "paid"),
        ({"kind": "credit_note"}, date(2026, 12, 2), "credited"),
        ({"kind": "credit_note", "payable": 0}, date(2026, 12, 2), "credited"),
    ],
)
def test_an_invoice_stands_as_payments_credit_notes_and_the_clock_say(values, today, expected):
    assert status_of(standing(**values), today) == expected


CENTS = st.integers(min_value=-300, max_value=300).map(lambda cents: Decimal(cents) / 100)
STANDINGS = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["invoice", "invoice", "invoice", "credit_note"]),
        "due": st.none() | st.integers(-2, 2).map(lambda days: TODAY + timedelta(days)),
        "payable": CENTS,
        "paid": CENTS,
        "credited": CENTS,
    }
)


@given(values=st.lists(STANDINGS, min_size=1, max_size=20))
@ALL_AT_ONCE
def test_the_database_and_python_agree_on_every_status(database, values):
    with writing() as db:
        on = make.customer_number(db, make.company(db), "10023")
        for n, found in enumerate(values):
            document(db, on, str(n), **found)
        rows = db.exec(select(Invoice, status_expression(TODAY)).where(col(Invoice.company_id) == on.company_id)).all()
        assert [status for _, status in rows] == [status_of(row, TODAY) for row, _ in rows]
        db.rollback()
    assert {status.value for status in InvoiceStatus}.issuperset(status for _, status in rows)


EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["payment", "credit note"]), st.integers(1, 15_000).map(lambda cents: Decimal(cents) / 100)
    ),
    max_size=6,
)


@given(events=EVENTS, days=st.integers(-1, 1))
@ALL_AT_ONCE
def test_after_any_payments_and_credit_notes_the_status_is_what_is_left_to_pay(database, events, days):
    today = date(2026, 12, 1) + timedelta(days)
    with writing() as db:
        on = make.customer_number(db, make.company(db), "10023")
        invoice = document(db, on, "F1", 100)
        for n, (what, amount) in enumerate(events):
            if what == "payment":
                money_for(db, invoice, amount, str(n))
                settlement.settle(db, [invoice.id])
            else:
                note = document(db, on, f"K{n}", amount, kind="credit_note")
                names(db, note, "F1")
                settlement.settle(db, [note.id])
        paid = sum((amount for what, amount in events if what == "payment"), Decimal(0))
        credited = sum((amount for what, amount in events if what == "credit note"), Decimal(0))
        assert (invoice.paid, invoice.credited) == (paid, credited)
        found = status_of(invoice, today)
        if credited >= 100:
            assert found == "credited"
        elif paid + credited >= 100:
            assert found == "paid"
        elif days == 1:
            assert found == "overdue"
        else:
            assert found == ("part_paid" if paid else "unpaid")
        before = (invoice.paid, invoice.credited)
        settlement.settle(db, [invoice.id])
        assert (invoice.paid, invoice.credited) == before
        db.rollback()
