"""Costs by month and group (R7): for any company, what a plain calculation says, on both databases."""

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from selfcare_app.models import InvoiceAllowance
from selfcare_app.services import costs
from selfcare_app.services.access import Forbidden
from selfcare_app.services.costs import GroupCost
from selfcare_app.services.database import writing
from selfcare_app.specs.permissions import EVERYTHING, Permission, Role
from tests import factories as make

MONTHS = (date(2026, 8, 1), date(2026, 9, 1), date(2026, 10, 1))
CATEGORIES = {"Avdelning": ("Ekonomi", "Service"), "Region": ("Mitt",)}
COMPANIES = count(1)


@dataclass(frozen=True)
class Stay:
    """A group one is in, from a month to a month (None: until further notice), by place in MONTHS."""

    category: str
    group: str
    start: int
    end: int | None


@dataclass(frozen=True)
class Line:
    """A line: which of the subscriptions (None: the customer number's own), in which month, how much."""

    subscription: int | None
    month: int
    net: Decimal


@dataclass(frozen=True)
class Document:
    """An invoice or credit note on a customer number."""

    customer_number: int
    month: int
    credit: bool
    currency: str
    lines: list[Line]
    allowances: list[tuple[bool, Decimal]]


@dataclass(frozen=True)
class Made:
    """A company as generated: who is in which groups, what was invoiced, what a partial user was given."""

    subscriptions: list[int]
    """The customer number of each."""
    number_stays: list[list[Stay]]
    subscription_stays: list[list[Stay]]
    documents: list[Document]
    seen_numbers: set[int] = field(default_factory=set)
    seen_subscriptions: set[int] = field(default_factory=set)


amounts = st.decimals(Decimal("0.01"), Decimal("999.99"), places=2)


@st.composite
def stays(draw):
    """At most one group of a category in any month (R2)."""
    found = []
    for category, groups in CATEGORIES.items():
        at = 0
        while at < len(MONTHS) and draw(st.booleans()):
            start = draw(st.integers(at, len(MONTHS) - 1))
            end = draw(st.none() | st.integers(start, len(MONTHS) - 1))
            found.append(Stay(category, draw(st.sampled_from(groups)), start, end))
            at = len(MONTHS) if end is None else end + 1
    return found


@st.composite
def companies(draw):
    numbers = draw(st.integers(1, 3))
    subscriptions = draw(st.lists(st.integers(0, numbers - 1), max_size=4))
    months = st.integers(0, len(MONTHS) - 1)
    documents = []
    for _ in range(draw(st.integers(0, 4))):
        on = draw(st.integers(0, numbers - 1))
        # A line may be of a subscription that has moved from another customer number since.
        of = st.none() | st.integers(0, len(subscriptions) - 1) if subscriptions else st.none()
        documents.append(
            Document(
                customer_number=on,
                month=draw(months),
                credit=draw(st.booleans()),
                currency=draw(st.sampled_from(("SEK", "SEK", "SEK", "EUR"))),
                lines=draw(st.lists(st.builds(Line, of, months, amounts), max_size=3)),
                allowances=draw(st.lists(st.tuples(st.booleans(), amounts), max_size=2)),
            )
        )
    return Made(
        subscriptions=subscriptions,
        number_stays=[draw(stays()) for _ in range(numbers)],
        subscription_stays=[draw(stays()) for _ in subscriptions],
        documents=documents,
        seen_numbers=draw(st.sets(st.integers(0, numbers - 1))),
        seen_subscriptions=draw(st.sets(st.sampled_from(range(len(subscriptions))))) if subscriptions else set(),
    )


def calculated(made, sees_line, sees_number):
    """What R7 says, one cost at a time: by month, category, group; and the currencies left out."""
    sums = defaultdict(Decimal)
    left_out = set()

    def group_of(category, customer_number, subscription, month):
        for of in (made.subscription_stays[subscription] if subscription is not None else [],
                   made.number_stays[customer_number]):  # fmt: skip
            for stay in of:
                if stay.category == category and stay.start <= month and (stay.end is None or month <= stay.end):
                    return stay.group
        return None

    def add(document, subscription, month, amount):
        if document.currency != "SEK":
            left_out.add(document.currency)
            return
        for category in CATEGORIES:
            group = group_of(category, document.customer_number, subscription, month)
            sums[MONTHS[month], category, group] += -amount if document.credit else amount

    for document in made.documents:
        for line in document.lines:
            if sees_line(document.customer_number, line.subscription):
                add(document, line.subscription, line.month, line.net)
        for charge, amount in document.allowances:
            if sees_number(document.customer_number):
                add(document, None, document.month, amount if charge else -amount)
    return {key: amount for key, amount in sums.items() if amount}, sorted(left_out)


def store(made):
    """The company in the database; gives a superuser, a partial user, and names of categories and groups by id."""
    at = next(COMPANIES)
    with writing() as db:
        company = make.company(db, f"Bolag {at}", f"55{at:08}")
        groups = {
            (category, name): make.group(db, company, category, name)
            for category, names in CATEGORIES.items()
            for name in names
        }
        numbers = [make.customer_number(db, company, f"{at}-{n}") for n in range(len(made.number_stays))]
        subscriptions = [make.subscription(db, numbers[on], f"{at}-S{n}") for n, on in enumerate(made.subscriptions)]
        for objects, all_stays in ((numbers, made.number_stays), (subscriptions, made.subscription_stays)):
            for one, its in zip(objects, all_stays, strict=True):
                for stay in its:
                    end = None if stay.end is None else MONTHS[stay.end]
                    make.member(db, groups[stay.category, stay.group], one, MONTHS[stay.start], end)
        for n, document in enumerate(made.documents):
            month = MONTHS[document.month]
            invoice = make.invoice(
                db,
                numbers[document.customer_number],
                f"{at}-F{n}",
                (),
                kind="credit_note" if document.credit else "invoice",
                currency=document.currency,
                period_start=month,
            )
            for position, line in enumerate(document.lines, 1):
                of = None if line.subscription is None else subscriptions[line.subscription]
                make.invoice_line(db, invoice, str(line.net), of, position=position, month=MONTHS[line.month])
            for position, (charge, amount) in enumerate(document.allowances, 1):
                db.add(
                    InvoiceAllowance(
                        company_id=company.id,
                        invoice_id=invoice.id,
                        position=position,
                        charge=charge,
                        amount=amount,
                        vat_rate=Decimal(25),
                    )
                )
        partial = make.user(db, company, f"partial{at}@x.example", Role.READER, access_all=False)
        for seen in (*(numbers[n] for n in made.seen_numbers), *(subscriptions[s] for s in made.seen_subscriptions)):
            make.grant(db, partial, seen)
        costs.recount(db, company.id)
        superuser = make.user(db, company, f"super{at}@x.example")
        names = {group.id: key for key, group in groups.items()}
        categories = {group.category_id: key[0] for key, group in groups.items()}
        return make.actor(superuser), make.actor(partial), names, categories, [n.id for n in numbers]


def told(actor, names, categories, months=MONTHS):
    found = costs.by_group(actor, months)
    rows = {
        (row.month, categories[row.category_id], names[row.group_id][1] if row.group_id else None): row.amount
        for row in found.by_group
    }
    assert len(rows) == len(found.by_group), "each once"
    return rows, found.left_out


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(made=companies())
def test_costs_by_group_are_what_a_plain_calculation_says(database, made):
    superuser, partial, names, categories, _ = store(made)
    assert told(superuser, names, categories) == calculated(made, lambda *_: True, lambda _: True)

    def sees_line(customer_number, subscription):
        if customer_number in made.seen_numbers or subscription in made.seen_subscriptions:
            return True
        return subscription is not None and made.subscriptions[subscription] in made.seen_numbers

    assert told(partial, names, categories) == calculated(made, sees_line, lambda n: n in made.seen_numbers)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(made=companies(), data=st.data())
def test_counting_only_what_changed_comes_to_the_same(database, made, data):
    superuser, _, names, categories, numbers = store(made)
    whole = told(superuser, names, categories)
    with writing() as db:
        costs.recount(
            db,
            superuser.company_id,
            data.draw(st.none() | st.sets(st.sampled_from(MONTHS))),
            data.draw(st.none() | st.sets(st.sampled_from(numbers))),
        )
    assert told(superuser, names, categories) == whole


def test_a_change_of_group_moves_the_cost_from_its_month_on(database):
    with writing() as db:
        company = make.company(db)
        number = make.customer_number(db, company, "10023")
        subscription = make.subscription(db, number, "S1")
        first, second = (make.group(db, company, "Avdelning", name) for name in ("Ekonomi", "Service"))
        for month in MONTHS:
            make.invoice(
                db, number, f"F{month}", [("10.00", subscription), ("7.00", None)],
                period_start=month, period_end=None,
            )  # fmt: skip
        make.member(db, first, number, MONTHS[0])
        make.member(db, second, subscription, MONTHS[1])
        costs.recount(db, company.id, MONTHS, [number.id])
        actor = make.actor(make.user(db, company, "asa@bjorko.example"))
        category, first_id, second_id = first.category_id, first.id, second.id
    assert sorted(costs.by_group(actor, MONTHS[:2]).by_group, key=lambda row: (row.month, row.group_id)) == [
        GroupCost(MONTHS[0], category, first_id, Decimal("17.00")),
        GroupCost(MONTHS[1], category, first_id, Decimal("7.00")),
        GroupCost(MONTHS[1], category, second_id, Decimal("10.00")),
    ]


@pytest.mark.parametrize("missing", [Permission.INVOICES_READ, Permission.GROUPS_READ])
def test_costs_by_group_need_the_right_to_both(database, missing):
    with writing() as db:
        actor = make.actor(make.user(db, make.company(db), "asa@bjorko.example"))
    with pytest.raises(Forbidden):
        costs.by_group(replace(actor, permissions=EVERYTHING - {missing}), MONTHS)
