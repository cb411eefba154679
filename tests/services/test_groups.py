"""Groups with what is in them and what they cost (R1, R7), on both databases."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from selfcare_app.services import costs, groups
from selfcare_app.services.access import Forbidden
from selfcare_app.services.database import writing
from selfcare_app.specs.permissions import EVERYTHING, READ, Permission, Role
from tests import factories as make
from tests.services.test_costs import CATEGORIES, companies, store

MONTH, BEFORE = date(2026, 11, 1), date(2026, 10, 1)


@pytest.fixture
def superuser(database):
    """With a customer number in one group, of whose three subscriptions one is in another of the category."""
    with writing() as db:
        company = make.company(db)
        on = make.customer_number(db, company, "10023")
        economy, service = (make.group(db, company, "Avdelning", name) for name in ("Ekonomi", "Service"))
        make.group(db, company, "Region", "Mitt")
        first, *_ = (make.subscription(db, on, number) for number in ("S1", "S2", "S3"))
        make.member(db, economy, on, MONTH)
        make.member(db, service, first, BEFORE)
        make.invoice(db, on, "80001", [("10.00", first), ("7.00", None)], period_start=BEFORE)
        costs.recount(db, company.id)
        return make.actor(make.user(db, company, "asa@bjorko.example"))


def figures(shown):
    return [(g.category, g.name, g.customer_numbers, g.subscriptions, g.cost) for g in shown.groups]


def test_a_subscription_without_a_group_of_its_own_counts_to_its_customer_numbers(superuser):
    shown = groups.overview(superuser)
    # In October, of which the costs are, the customer number was in no group yet.
    assert figures(shown) == [
        ("Avdelning", "Ekonomi", 1, 2, Decimal(0)),
        ("Avdelning", "Service", 0, 1, Decimal("10.00")),
        ("Region", "Mitt", 0, 0, Decimal(0)),
    ]
    assert shown.cost_month == BEFORE


@pytest.mark.parametrize(
    ("missing", "counts"),
    [
        (Permission.SUBSCRIPTIONS_READ, (1, 0, Decimal(0))),
        (Permission.CUSTOMER_NUMBERS_READ, (0, 2, Decimal(0))),
        (Permission.INVOICES_READ, (1, 2, None)),
    ],
)
def test_only_what_may_be_read_is_counted(superuser, missing, counts):
    first = groups.overview(replace(superuser, permissions=READ - {missing})).groups[0]
    assert (first.customer_numbers, first.subscriptions, first.cost) == counts


def test_without_the_right_to_groups_there_are_none(superuser):
    with pytest.raises(Forbidden):
        groups.overview(replace(superuser, permissions=EVERYTHING - {Permission.GROUPS_READ}))


def test_while_the_last_month_is_not_invoiced_the_one_before_it_is_shown(superuser):
    december = replace(superuser, at=make.NOW.replace(month=12))
    assert groups.overview(december).cost_month == BEFORE
    assert groups.overview(replace(superuser, at=make.NOW.replace(year=2027))).cost_month is None


def test_a_user_with_one_subscription_sees_its_group_and_its_cost(superuser):
    with writing() as db:
        user = make.user(db, db.query(make.Company).one(), "p@bjorko.example", Role.READER, access_all=False)
        make.grant(db, user, db.query(make.Subscription).filter_by(number="S1").one())
        actor = make.actor(user)
    assert figures(groups.overview(actor)) == [("Avdelning", "Service", 0, 1, Decimal("10.00"))]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(made=companies(), at=st.integers(0, 2))
def test_what_is_in_groups_is_what_a_plain_count_says(database, made, at):
    superuser, partial, *_ = store(made)

    def group_of(category, stays):
        return next(
            (s.group for s in stays if s.category == category and s.start <= at and (s.end is None or at <= s.end)),
            None,
        )

    def counted(numbers, subscriptions):
        sums = {}
        for category in CATEGORIES:
            for number in numbers:
                group = group_of(category, made.number_stays[number])
                sums.setdefault((category, group), [0, 0])[0] += 1
            for each in subscriptions:
                group = group_of(category, made.subscription_stays[each]) or group_of(
                    category, made.number_stays[made.subscriptions[each]]
                )
                sums.setdefault((category, group), [0, 0])[1] += 1
        return {key: tuple(count) for key, count in sums.items() if key[1]}

    everything = (range(len(made.number_stays)), range(len(made.subscriptions)))
    seen = [
        s for s, number in enumerate(made.subscriptions) if s in made.seen_subscriptions or number in made.seen_numbers
    ]
    moment = make.NOW.replace(month=8 + at)
    for actor, expected in ((superuser, everything), (partial, (made.seen_numbers, seen))):
        shown = groups.overview(replace(actor, at=moment)).groups
        found = {
            (g.category, g.name): (g.customer_numbers, g.subscriptions)
            for g in shown
            if g.customer_numbers or g.subscriptions
        }
        assert found == counted(*expected)
