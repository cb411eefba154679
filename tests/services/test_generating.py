"""Companies made for measuring: as true as fed ones, the same each time, never among real ones unawares."""

from collections import Counter, defaultdict
from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy import select

from selfcare_app.models import (
    AccessGrant,
    AddOn,
    AuditEntry,
    Company,
    Connection,
    CostMonth,
    CustomerNumber,
    GroupMembership,
    Invoice,
    InvoiceLine,
    InvoiceVat,
    OutgoingMail,
    Payment,
    SignIn,
    Subscription,
    UsageRecord,
    User,
)
from selfcare_app.services import listing
from selfcare_app.services.access import Forbidden, Refused
from selfcare_app.services.database import session, writing
from selfcare_app.services.generating import Wanted, generate, making
from selfcare_app.services.passwords import WeakPassword
from selfcare_app.specs.invoices import InvoiceKind
from selfcare_app.specs.lists import SUBSCRIPTIONS
from selfcare_app.specs.permissions import OperatorRole
from selfcare_app.specs.queries import parse
from tests import factories as make
from tests.feeds import OPERATOR, rows, stored
from tests.services.test_usage_sums import agree

TINY = Wanted(subscriptions=3)
SMALL = Wanted(subscriptions=300, companies=2, customer_numbers=24, usage=400, invoices=3, password="measure-measure-9")


def made_by_seed() -> dict[str, list[tuple]]:
    """All rows that follow from the seed, without what is encrypted anew each time."""
    found = {}
    with session() as db:
        for model in (
            CustomerNumber,
            Subscription,
            Connection,
            AddOn,
            GroupMembership,
            Invoice,
            InvoiceLine,
            Payment,
            User,
        ):
            names = [name for name in model.model_fields if name != "puk"]
            found[model.__tablename__] = [
                tuple(getattr(row, name) for name in names)
                for row in db.exec(select(model).order_by(model.id)).scalars()
            ]
    return found


def test_all_of_it_agrees_with_itself(database):
    done = generate(OPERATOR, SMALL)
    counted = [(made.customer_numbers, made.subscriptions) for made in done.companies]
    assert counted == [(12, 150), (12, 150)]
    assert len(rows(CustomerNumber)) == 24
    assert len(rows(Subscription)) == 300
    assert len(stored(UsageRecord)) == done.usage == 400
    assert not rows(OutgoingMail)
    for model in (AddOn, Connection, AccessGrant, GroupMembership, Payment):
        assert len({row.company_id for row in rows(model)}) == 2, model
    the_sums_of_invoices_follow_from_their_lines()
    nothing_is_paid_that_no_payment_paid()
    agree()
    each_thing_belongs_to_its_company()
    found_by_a_person(done.companies[0].superuser)


def the_sums_of_invoices_follow_from_their_lines():
    lines = defaultdict(list)
    for line in rows(InvoiceLine):
        lines[line.invoice_id].append(line)
    vat = {row.invoice_id: row for row in rows(InvoiceVat)}
    by_month: dict[tuple, Decimal] = defaultdict(Decimal)
    for invoice in rows(Invoice):
        of = lines[invoice.id]
        assert invoice.net == invoice.line_total == sum(line.net for line in of)
        assert all(line.net == line.quantity * line.price for line in of)
        assert abs(invoice.vat - invoice.net / 4) <= Decimal("0.005")
        assert invoice.payable == invoice.total == invoice.net + invoice.vat
        assert (vat[invoice.id].taxable, vat[invoice.id].vat) == (invoice.net, invoice.vat)
        sign = -1 if invoice.kind == InvoiceKind.CREDIT_NOTE else 1
        for line in of:
            by_month[invoice.customer_number_id, line.month, line.cost_type] += sign * line.net
    kept = {(row.customer_number_id, row.month, row.cost_type): row.amount for row in stored_costs()}
    assert {key: amount for key, amount in kept.items() if amount} == {
        key: amount for key, amount in by_month.items() if amount
    }


def stored_costs() -> list[CostMonth]:
    with session() as db:
        return list(db.exec(select(CostMonth)).scalars())


def nothing_is_paid_that_no_payment_paid():
    paid: Counter = Counter()
    for payment in rows(Payment):
        paid[payment.invoice_id] += payment.amount
    invoices = [row for row in rows(Invoice) if row.kind == InvoiceKind.INVOICE]
    assert {row.id: row.paid for row in invoices if row.paid} == paid
    assert len(invoices) > 40


def each_thing_belongs_to_its_company():
    companies = {row.id: row.company_id for row in rows(CustomerNumber)}
    for model in (Subscription, Connection, Invoice, InvoiceLine):
        assert all(companies[row.customer_number_id] == row.company_id for row in rows(model)), model
    opened = {row.id: row.opened for row in rows(CustomerNumber)}
    assert all(row.opened >= opened[row.customer_number_id] for row in rows(Subscription))
    assert len({row.phone for row in rows(Subscription) if row.phone}) > 150


def found_by_a_person(email: str):
    """What lists look for is there as after a feed: search, sort keys, labels."""
    user = next(row for row in rows(User) if email in row.search_key)
    actor = make.actor(user)
    first = next(row for row in rows(Subscription) if row.company_id == user.company_id and row.person)
    page = listing.page(actor, SUBSCRIPTIONS, parse(SUBSCRIPTIONS, {"q": first.number}))
    assert [row.id for row in page.rows] == [first.id]


# What the seed decides is not the database's affair: once is enough.
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_same_seed_makes_the_same_companies_and_another_one_others_beside_them(database):
    generate(OPERATOR, SMALL)
    first = made_by_seed()
    with database.connect().execution_options(writes=True) as connection:
        for table in reversed(Company.metadata.sorted_tables):
            connection.execute(table.delete())
        connection.commit()
    generate(OPERATOR, SMALL)
    assert made_by_seed() == first
    generate(OPERATOR, replace(SMALL, seed=2))
    assert len(rows(Company)) == 4
    phones = [row.phone for row in rows(Subscription) if row.phone]
    assert len(set(phones)) == len(phones)


def test_it_is_refused_among_real_companies_unless_told(database):
    with writing() as db:
        make.company(db)
    with pytest.raises(Refused) as refused:
        generate(OPERATOR, TINY)
    assert (refused.value.key, refused.value.values) == ("generating.real", {"company": "Björkö Bygg AB"})
    assert len(rows(Company)) == 1
    generate(OPERATOR, replace(TINY, among_real=True))
    assert len(rows(Company)) == 2


def test_it_is_whole_or_not_at_all(database, monkeypatch):
    def broken(*_):
        raise OSError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(making, "_log", broken)
        with pytest.raises(OSError, match="disk"):
            generate(OPERATOR, TINY)
    assert [rows(model) for model in (Company, SignIn, Subscription, AuditEntry)] == [[]] * 4
    generate(OPERATOR, TINY)
    with pytest.raises(Refused) as refused:
        generate(OPERATOR, TINY)
    assert refused.value.key == "generating.taken"


@pytest.mark.parametrize(
    ("wanted", "key"),
    [
        (Wanted(0), "generating.out_of_bounds"),
        (Wanted(1, companies=2), "generating.out_of_bounds"),
        (Wanted(1, companies=0), "generating.out_of_bounds"),
        (Wanted(1, customer_numbers=-1), "generating.out_of_bounds"),
        (Wanted(1, invoices=121), "generating.out_of_bounds"),
        (Wanted(1, seed=0), "generating.out_of_bounds"),
        (Wanted(1, usage=-1), "generating.too_few"),
    ],
)
def test_figures_out_of_bounds_are_refused(wanted, key):
    with pytest.raises(Refused) as refused:
        generate(OPERATOR, wanted)
    assert refused.value.key == key


def test_only_administrators_of_the_operator_and_no_weak_password():
    with pytest.raises(Forbidden):
        generate(replace(OPERATOR, operator_role=OperatorRole.HANDLER), TINY)
    with pytest.raises(WeakPassword):
        generate(OPERATOR, replace(TINY, password="password1234"))
