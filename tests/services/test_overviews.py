"""The overview (V1): how much there is, what needs a person, what was invoiced; only of what the reader may read and
sees, on both databases."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import event, select

from selfcare_app.models import FrameworkAgreement, Invoice
from selfcare_app.services import access, attention, overviews
from selfcare_app.services.database import session, writing
from selfcare_app.specs.invoices import InvoiceStatus, status_expression
from selfcare_app.specs.permissions import READ, Permission, Role
from tests import factories as make

TODAY = make.NOW.date()


def days(n):
    return TODAY + timedelta(days=n)


@pytest.fixture
def company(database):
    """Two customer numbers with subscriptions, connections and invoices; another company with its own of each."""
    with writing() as db:
        other = make.company(db, "Sjövik Vård AB", "5560125790")
        foreign = make.customer_number(db, other, "20023")
        make.subscription(db, foreign, "CANARY-S", bound_until=days(1))
        make.connection(db, foreign, "CANARY-C", city="Canary")
        make.invoice(db, foreign, "CANARY-F", due=days(-1))
        make.user(db, other, "canary@sjovik.example", name="Canary")
        db.add(FrameworkAgreement(company_id=other.id, number="CANARY", valid_from=days(-9), valid_to=days(9)))
        mine = make.company(db)
        main, closed = make.customer_number(db, mine, "10023"), make.customer_number(db, mine, "10024", closed=days(0))
        make.subscription(db, main, "S1")
        make.subscription(db, main, "S2", ended=days(0))
        make.subscription(db, closed, "S3", ended=days(1))
        for number, city in (("C1", "Gävle"), ("C2", "Umeå"), ("C3", "Gävle"), ("C4", "")):
            make.connection(db, main, number, city=city)
        return mine


@pytest.fixture
def superuser(company):
    with writing() as db:
        return make.actor(make.user(db, company, "asa@bjorko.example", name="Åsa"))


def number(db, key="10023"):
    return db.query(make.CustomerNumber).filter_by(number=key).one()


def partial(db, company, *granted):
    user = make.user(db, company, "partial@bjorko.example", Role.READER, access_all=False)
    for each in granted:
        make.grant(db, user, each)
    return make.actor(user)


# --- counts


def test_everything_that_may_be_read_is_counted(superuser, company):
    with writing() as db:
        make.invoice(db, number(db), "80001", due=days(-1))
        make.invoice(db, number(db), "80002", due=days(0))
        make.payment(db, make.invoice(db, number(db), "80003"), "125.00")
        make.credit_note(db, make.invoice(db, number(db), "80004"), "90001")
        make.user(db, company, "omar@bjorko.example", activated_at=None)
        make.user(db, company, "gone@bjorko.example", removed_at=make.NOW, disabled_at=make.NOW)
    assert overviews.of_company(superuser).counts == {
        "customer_numbers": 2, "customer_numbers_inactive": 1, "subscriptions": 3, "subscriptions_inactive": 1,
        "connections": 4, "cities": 2, "invoices": 5, "invoices_unpaid": 2, "invoices_overdue": 1,
        "users": 2, "users_invited": 1,
    }  # fmt: skip


COUNTED = {
    Permission.CUSTOMER_NUMBERS_READ: {"customer_numbers", "customer_numbers_inactive"},
    Permission.SUBSCRIPTIONS_READ: {"subscriptions", "subscriptions_inactive"},
    Permission.CONNECTIONS_READ: {"connections", "cities"},
    Permission.INVOICES_READ: {"invoices", "invoices_unpaid", "invoices_overdue"},
}


@pytest.mark.parametrize("missing", [*COUNTED, None])
def test_what_may_not_be_read_is_not_counted(superuser, missing):
    rights = READ - {missing} if missing else frozenset()
    shown = overviews.of_company(replace(superuser, permissions=rights))
    assert set(shown.counts) == set().union(*(keys for right, keys in COUNTED.items() if right in rights))
    assert (shown.invoiced is None) == (Permission.INVOICES_READ not in rights)


def test_partial_access_counts_its_own(company):
    with writing() as db:
        make.invoice(db, number(db), "80001")
        single = db.query(make.Subscription).filter_by(number="S1").one()
        make.invoice(db, number(db, "10024"), "80002", due=days(-1))
        actor = partial(db, company, number(db, "10024"), single)
    counts = overviews.of_company(actor).counts
    assert (counts["customer_numbers"], counts["subscriptions"], counts["connections"]) == (1, 2, 0)
    assert (counts["invoices"], counts["invoices_overdue"]) == (1, 1)


def test_whoever_sees_one_subscription_sees_no_invoice_and_no_sum(company):
    with writing() as db:
        single = db.query(make.Subscription).filter_by(number="S1").one()
        make.invoice(db, number(db), "80001", [("10.00", single)], due=days(-1))
        actor = partial(db, company, single)
    shown = overviews.of_company(actor)
    assert (shown.counts["subscriptions"], shown.counts["invoices"]) == (1, 0)
    assert (shown.invoiced.latest, shown.invoiced.months, shown.attention.overdue) == ([], [], [])


# --- what needs a person


def test_overdue_invoices_and_those_due_within_a_week_need_a_person(superuser):
    with writing() as db:
        on = number(db)
        for key, due in (("late", -9), ("later", -1), ("today", 0), ("week", 7), ("next", 8)):
            make.invoice(db, on, key, due=days(due))
        make.payment(db, make.invoice(db, on, "part", due=days(3)), "25.00")
        make.payment(db, make.invoice(db, on, "paid", due=days(-3)), "125.00")
        make.credit_note(db, make.invoice(db, on, "credited", due=days(-3)), "note", due=days(-3))
        make.invoice(db, on, "undated", due=None)
    found = overviews.of_company(superuser).attention
    assert [(i.number, i.left) for i in found.overdue] == [("late", Decimal(125)), ("later", Decimal(125))]
    assert [(i.number, i.left) for i in found.soon] == [
        ("today", Decimal(125)), ("part", Decimal(100)), ("week", Decimal(125)),
    ]  # fmt: skip
    assert (found.overdue_count, found.soon_count) == (2, 3)
    assert (found.overdue[0].customer_number, found.overdue[0].customer_name) == ("10023", "Huvudkontor")


def test_a_handful_is_named_and_all_are_counted(superuser):
    with writing() as db:
        for at in range(attention.INVOICES_SHOWN + 2):
            make.invoice(db, number(db), f"8000{at}", due=days(-at - 1))
    found = overviews.of_company(superuser).attention
    assert len(found.overdue) == attention.INVOICES_SHOWN
    assert found.overdue_count == attention.INVOICES_SHOWN + 2
    assert found.overdue[0].due == min(invoice.due for invoice in found.overdue)


def test_overdue_here_is_overdue_in_the_list(superuser):
    """The index of open invoices and the status say the same of every combination of amounts and dates."""
    amounts = ("-50", "0", "50", "100", "150")
    with writing() as db:
        at = 0
        for kind in ("invoice", "credit_note"):
            for payable in ("-100", "0", "100"):
                for paid in amounts:
                    for credited in amounts:
                        for due in (None, days(-1), days(0)):
                            at += 1
                            invoice = make.invoice(
                                db, number(db), f"{at:04}", kind=kind, due=due, payable=Decimal(payable)
                            )
                            invoice.paid, invoice.credited = Decimal(paid), Decimal(credited)
    with session() as db:
        statement = select(Invoice.number, status_expression(TODAY))
        by_status = db.exec(access.visible(statement, superuser, Invoice)).all()
    counts = overviews.of_company(superuser).counts
    said = [status for _, status in by_status]
    assert counts["invoices_overdue"] == said.count(InvoiceStatus.OVERDUE) > 0
    waiting = {InvoiceStatus.OVERDUE, InvoiceStatus.UNPAID, InvoiceStatus.PART_PAID}
    assert counts["invoices_unpaid"] == sum(status in waiting for status in said) > 0


def test_bindings_and_agreements_that_end_within_sixty_days_need_a_person(superuser, company):
    with writing() as db:
        for key, bound, ended in (
            ("past", -1, None), ("today", 0, None), ("last", 60, None), ("beyond", 61, None), ("gone", 5, 0),
        ):  # fmt: skip
            make.subscription(
                db, number(db), key, bound_until=days(bound), ended=None if ended is None else days(ended)
            )
        for key, end in (("RA-1", -1), ("RA-2", 0), ("RA-3", 60), ("RA-4", 61), ("RA-5", None)):
            db.add(
                FrameworkAgreement(
                    company_id=company.id, number=key, valid_from=days(-900),
                    valid_to=None if end is None else days(end),
                )
            )  # fmt: skip
    shown = overviews.of_company(superuser)
    assert (shown.attention.bindings_ending, shown.attention.first_binding) == (2, days(0))
    assert [(a.number, a.ending) for a in shown.agreements] == [
        ("RA-2", True), ("RA-3", True), ("RA-4", False), ("RA-5", False),
    ]  # fmt: skip
    without = overviews.of_company(
        replace(superuser, permissions=READ - {Permission.SUBSCRIPTIONS_READ, Permission.COMPANY_READ})
    )
    assert (without.attention.bindings_ending, without.agreements) == (0, [])


# --- what was invoiced


def test_sums_of_twelve_months_up_to_the_latest_invoiced_one(superuser):
    with writing() as db:
        on = number(db)
        make.invoice(db, on, "old", issued=date(2025, 9, 30))
        first = make.invoice(db, on, "first", issued=date(2025, 10, 1))
        make.invoice(db, on, "second", issued=date(2025, 10, 31), payable=Decimal("0.40"))
        make.credit_note(db, first, "note", [("40.00", None)], issued=date(2026, 1, 15))
        make.invoice(db, on, "euro", issued=date(2026, 2, 1), currency="EUR")
        make.invoice(db, on, "last", issued=date(2026, 9, 2))
    shown = overviews.of_company(superuser).invoiced
    assert [month for month, _ in shown.months] == [
        *(date(2025, m, 1) for m in (10, 11, 12)), *(date(2026, m, 1) for m in range(1, 10)),
    ]  # fmt: skip
    assert {month: amount for month, amount in shown.months if amount} == {
        date(2025, 10, 1): Decimal("125.40"),
        date(2026, 1, 1): Decimal("-50.00"),
        date(2026, 9, 1): Decimal("125.00"),
    }
    assert shown.left_out == ["EUR"]
    assert [invoice.number for invoice in shown.latest] == ["last", "euro", "note", "second"]


def test_the_latest_invoices_say_how_they_stand(superuser):
    with writing() as db:
        on = number(db)
        make.payment(db, make.invoice(db, on, "paid", issued=days(-3)), "125.00")
        make.invoice(db, on, "late", issued=days(-2), due=days(-1))
        make.credit_note(db, make.invoice(db, on, "credited", issued=days(-1)), "note", issued=days(0))
    shown = overviews.of_company(superuser).invoiced
    assert [(each.number, each.status.value) for each in shown.latest] == [
        ("note", "credited"), ("credited", "credited"), ("late", "overdue"), ("paid", "paid"),
    ]  # fmt: skip


# --- people, cost


def test_active_superusers_are_named_to_everyone(superuser, company):
    with writing() as db:
        make.user(db, company, "b@bjorko.example", name="Borttagen", removed_at=make.NOW)
        make.user(db, company, "i@bjorko.example", name="Inbjuden", activated_at=None)
        make.user(db, company, "o@bjorko.example", name="Omar")
        make.user(db, company, "l@bjorko.example", Role.READER, name="Läsare")
    assert overviews.of_company(replace(superuser, permissions=frozenset())).superusers == ["Omar", "Åsa"]


def test_the_overview_costs_few_statements_however_much_there_is(superuser, database):
    def invoices(first, last):
        with writing() as db:
            for at in range(first, last):
                make.invoice(db, number(db), f"8{at:03}", due=days(at % 2 - 1))

    counted = []
    event.listen(database, "before_cursor_execute", lambda *call: counted.append(call[2]))
    costs = []
    for first, last in ((0, 2), (2, 40)):
        invoices(first, last)
        counted.clear()
        overviews.of_company(superuser)
        costs.append(sum(statement.startswith("SELECT") for statement in counted))
    assert costs[0] == costs[1] <= 9


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_open_invoices_are_found_by_their_own_index(superuser, database):
    """Else the overview reads every invoice the company ever had."""
    asked = []
    event.listen(database, "before_cursor_execute", lambda *call: asked.append((call[2], call[3])))
    with writing() as db:
        make.invoice(db, number(db), "80001", due=days(-1))
    asked.clear()
    overviews.of_company(superuser)
    plans = ""
    with database.connect() as connection:
        for statement, values in [call for call in asked if "invoice.due" in call[0]]:
            plans += repr(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all())
    assert "ix_invoice_open" in plans
    assert "SCAN invoice" not in plans
