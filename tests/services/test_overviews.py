"""Counts on the overview: only of what the reader may read (U2), on both databases."""

from dataclasses import replace
from datetime import date

import pytest

from selfcare_app.services import overviews
from selfcare_app.services.database import writing
from selfcare_app.specs.permissions import READ, Permission
from tests import factories as make

MONTH = date(2026, 11, 1)


@pytest.fixture
def superuser(database):
    """In a company with one customer number, two subscriptions of which one has ended, and a group of all three."""
    with writing() as db:
        company = make.company(db)
        number = make.customer_number(db, company, "10023")
        group = make.group(db, company, "Avdelning", "Ekonomi")
        make.member(db, group, number, MONTH)
        for subscription in (
            make.subscription(db, number, "S1"),
            make.subscription(db, number, "S2", type="m2m", ended=date(2025, 1, 1)),
        ):
            make.member(db, group, subscription, MONTH)
        return make.actor(make.user(db, company, "asa@bjorko.example"))


def without(actor, *rights):
    return replace(actor, permissions=READ - set(rights))


@pytest.mark.parametrize(
    ("missing", "counts"),
    [
        ((), (1, 2)),
        ((Permission.SUBSCRIPTIONS_READ,), (1, 0)),
        ((Permission.CUSTOMER_NUMBERS_READ,), (0, 2)),
        ((Permission.CUSTOMER_NUMBERS_READ, Permission.SUBSCRIPTIONS_READ), (0, 0)),
    ],
)
def test_what_is_in_a_group_is_counted_for_those_who_may_read_it(superuser, missing, counts):
    groups = overviews.of_company(without(superuser, *missing)).groups
    assert [(g.name, g.customer_numbers, g.subscriptions) for g in groups] == [("Ekonomi", *counts)]
