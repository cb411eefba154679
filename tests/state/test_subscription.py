"""What the page shows of a subscription's usage: what it cost, and where that is nothing, what was used."""

from datetime import date
from decimal import Decimal

import pytest

from selfcare_app.services.usage import Usage, UsageSum
from selfcare_app.specs.usage import UsageType, UsageUnit
from selfcare_app.state import subscription

SEPTEMBER, OCTOBER, NOVEMBER = (date(2026, month, 1) for month in (9, 10, 11))
CALL, SMS, DATA, ROAMING = UsageType
UNITS = {CALL: UsageUnit.SECONDS, SMS: UsageUnit.PIECES, DATA: UsageUnit.MEGABYTES, ROAMING: UsageUnit.MEGABYTES}


def usage(*sums: tuple[date, UsageType, str, str]) -> Usage:
    return Usage(
        (SEPTEMBER, OCTOBER, NOVEMBER),
        tuple(
            UsageSum(month, kind, UNITS[kind], 1, Decimal(quantity), Decimal(amount))
            for month, kind, quantity, amount in sums
        ),
    )


def test_what_it_cost_is_shown_with_the_latest_month_that_has_anything():
    used = usage((SEPTEMBER, DATA, "9000", "0"), (OCTOBER, CALL, "60", "12.3450"), (OCTOBER, ROAMING, "5", "1"))
    assert subscription._usage_facts(used) == {
        "usage": "13,35",
        "usage_of": "amount",
        "usage_month": "10",
        "usage_year": "2026",
    }
    bars = subscription._usage_bars(used)
    assert [(bar["month"], bar["share"], bar["now"]) for bar in bars] == [
        ("9", "0.0", ""),
        ("10", "100.0", "1"),
        ("11", "0.0", ""),
    ]


@pytest.mark.parametrize(
    ("kind", "quantity", "text"), [(DATA, "4321", "4\u00a0321"), (CALL, "90", "1,5"), (SMS, "7", "7")]
)
def test_what_is_included_in_the_price_plan_is_shown_by_quantity(kind, quantity, text):
    facts = subscription._usage_facts(usage((SEPTEMBER, kind, quantity, "0")))
    assert (facts["usage"], facts["usage_of"], facts["usage_month"]) == (text, kind.value, "9")


@pytest.mark.parametrize("used", [usage(), None])
def test_nothing_used_is_said_so(used):
    assert subscription._usage_facts(used) == {"usage": ""}


def test_the_table_begins_with_the_latest_month_and_ends_where_usage_began():
    used = usage((OCTOBER, SMS, "3", "1.5"), (OCTOBER, ROAMING, "5", "20"))
    assert subscription._usage_rows(used) == [
        {"month": "2026-11", "call": "", "sms": "", "data": "", "roaming": "", "amount": "0,00"},
        {"month": "2026-10", "call": "", "sms": "3", "data": "", "roaming": "20,00", "amount": "21,50"},
    ]
