"""The totals of usage agree with its records, whatever is fed and in whatever files (P2); and what they answer (I7)."""

from collections import Counter
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, text

from selfcare_app.models import Company, CompanyUsage, CustomerNumber, Subscription, UsageMonth, UsageRecord, UsageTotal
from selfcare_app.services import clock, usage
from selfcare_app.services.access import Forbidden, NotFound
from selfcare_app.services.database import session, writing
from selfcare_app.specs.permissions import Role
from selfcare_app.specs.usage import UsageType, UsageUnit
from tests import factories as make
from tests.feeds import CALL, USAGE_HEADINGS, feed_basics, put, put_usage, stored

local = datetime.fromisoformat


@pytest.fixture
def fed(database):
    feed_basics()
    return database


LINES = st.builds(
    lambda at, number, kind, counterpart, quantity, amount: (
        f"{at.isoformat(' ')};{number};{kind[0]};{counterpart};;{quantity};{kind[1]};{amount}\n"
    ),
    st.one_of(
        st.datetimes(local("2026-10-31 20:00:00"), local("2026-11-01 04:00:00")),
        st.datetimes(local("2025-12-31 22:00:00"), local("2026-01-01 02:00:00")),
        st.datetimes(local("2028-02-28 22:00:00"), local("2028-03-01 02:00:00")),
        st.datetimes(local("2026-10-25 01:00:00"), local("2026-10-25 04:00:00")),
        st.just(local("2026-11-03 14:32:07")),
    ),
    st.sampled_from(["S1", "S2", "S9"]),
    st.sampled_from([("Samtal", "s"), ("sms", "st"), ("data", "MB"), ("data", "GB"), ("roaming", "s")]),
    st.sampled_from(["", "07XX1"]),
    st.decimals(0, 3, places=3) | st.integers(0, 2),
    st.decimals(-1, 3, places=4) | st.integers(0, 1),
)


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lines=st.lists(LINES, max_size=12).flatmap(
        # Some twice or more, in the same file or in others.
        lambda lines: (
            st.lists(st.sampled_from(lines), max_size=20).map(lambda more: [*lines, *more]) if lines else st.just(lines)
        )
    ),
    data=st.data(),
)
def test_totals_agree_with_the_records_however_they_are_split_ordered_and_repeated(fed, lines, data):
    with writing() as db:
        for model in (UsageRecord, UsageMonth, UsageTotal, CompanyUsage):
            db.exec(delete(model))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(lines)), max_size=3)))
    files = [lines[start:end] for start, end in zip([0, *cuts], [*cuts, len(lines)], strict=True)]
    again = data.draw(st.lists(st.sampled_from(range(len(files))), max_size=3))
    for at in data.draw(st.permutations([*range(len(files)), *again])):
        shuffled = data.draw(st.permutations(files[at]))
        put_usage(USAGE_HEADINGS + "".join(shuffled))
    agree()
    kept = Counter(
        (row["subscription_id"], row["started_at"], *(row[name] for name in SAID)) for row in stored(UsageRecord)
    )
    most: Counter = Counter()
    for file in files:
        most |= Counter(said(line) for line in file)
    assert sorted(kept.values()) == sorted(most.values())


SAID = ("type", "counterpart", "destination", "quantity", "unit", "amount")


def said(line):
    at, number, kind, counterpart, _, quantity, unit, amount = line.strip().split(";")
    exact = Decimal(quantity) * (1000 if unit == "GB" else 1)
    return at, number, kind, counterpart, exact, unit.replace("GB", "MB"), Decimal(amount)


def agree():
    """The totals are what summing the records gives, by the month they began in, in Sweden."""
    with session() as db:
        owners = dict(db.connection().execute(select(Subscription.id, Subscription.customer_number_id)).all())
    by_subscription, by_number, by_company = {}, {}, {}
    for row in stored(UsageRecord):
        local = row["started_at"].astimezone(clock.STOCKHOLM)
        assert row["month"] == local.date().replace(day=1)
        kind = (row["company_id"], row["month"], row["type"], row["unit"])
        for sums, key in (
            (by_subscription, (*kind, row["subscription_id"])),
            (by_number, (*kind, owners[row["subscription_id"]])),
            (by_company, (*kind, row["company_id"])),
        ):
            records, quantity, amount = sums.get(key, (0, 0, 0))
            sums[key] = (records + 1, quantity + row["quantity"], amount + row["amount"])
    for model, owner, sums in (
        (UsageMonth, "subscription_id", by_subscription),
        (UsageTotal, "customer_number_id", by_number),
        (CompanyUsage, "company_id", by_company),
    ):
        assert sums == {
            (row["company_id"], row["month"], row["type"], row["unit"], row[owner]): (
                row["records"],
                row["quantity"],
                row["amount"],
            )
            for row in stored(model)
        }


def test_the_agreement_is_checked_against_something(fed):
    put_usage(USAGE_HEADINGS + CALL)
    agree()
    for table in ("usage_month", "usage_total", "company_usage"):
        with writing() as db:
            db.exec(text(f"UPDATE {table} SET amount = amount + 1"))
        with pytest.raises(AssertionError):
            agree()
        with writing() as db:
            db.exec(text(f"UPDATE {table} SET amount = amount - 1"))
    agree()


# --- what the totals answer


NOVEMBER = date(2026, 11, 1)


def record(at="2026-11-03 14:32:07", number="S1", kind="Samtal", quantity="60", unit="s", amount="0.5"):
    return f"{at};{number};{kind};;;{quantity};{unit};{amount}\n"


@pytest.fixture
def people(fed):
    """Users of the first company by name: who sees all, one customer number, single subscriptions, a group, nothing."""
    with writing() as db:
        found = {row.number: row for row in db.query(CustomerNumber).order_by(CustomerNumber.id)} | {
            row.number: row for row in db.query(Subscription)
        }
        company = db.get(Company, found["10023"].company_id)
        third = make.subscription(db, found["10023"], "S3")
        given = {
            "all": None,
            "number": [found["10024"]],
            "singly": [found["S1"]],
            "both": [found["10023"], found["S1"], found["S2"]],
            "nothing": [],
        }
        users = {
            name: make.user(db, company, f"{name}@bjorko.example", Role.READER, access_all=grants is None)
            for name, grants in given.items()
        }
        for name, grants in given.items():
            for what in grants or ():
                make.grant(db, users[name], what)
        users["group"] = make.user(db, company, "group@bjorko.example", Role.READER, access_all=False)
        group = make.group(db, company, "Avdelning", "Mark")
        make.member(db, group, third, NOVEMBER, NOVEMBER)
        make.grant(db, users["group"], group)
        return {name: make.actor(row) for name, row in users.items()}


def used(actor, **which):
    """Records by subscription's share: each was fed with an amount of its own."""
    return usage.by_month(actor, **which).amount


FED = USAGE_HEADINGS + "".join(
    record(number=number, amount=amount) for number, amount in (("S1", 1), ("S2", 20), ("S3", 300), ("S9", 4000))
)


@pytest.mark.parametrize(
    ("who", "amount"),
    [("all", 321), ("number", 20), ("singly", 1), ("both", 321), ("group", 300), ("nothing", 0)],
)
def test_everyone_is_told_the_usage_of_what_they_see_and_each_record_once(people, who, amount):
    put_usage(FED)
    assert used(people[who]) == amount


def test_of_one_subscription_or_customer_number_only_to_whoever_sees_it(people):
    put_usage(FED)
    assert used(people["all"], customer_number="10023") == 301
    assert used(people["all"], customer_number="10024") == 20
    assert used(people["number"], subscription_number="S2") == 20
    assert used(people["singly"], subscription_number="S1") == 1
    for who, which in (
        ("all", {"subscription_number": "S9"}),
        ("all", {"customer_number": "20023"}),
        ("all", {"subscription_number": "S77"}),
        ("number", {"subscription_number": "S1"}),
        ("singly", {"customer_number": "10023"}),
        ("nothing", {"subscription_number": "S1"}),
    ):
        with pytest.raises(NotFound):
            usage.by_month(people[who], **which)


def test_it_comes_by_month_and_type_with_every_month_of_the_period(people):
    put_usage(
        USAGE_HEADINGS
        + record("2026-11-03 10:00", kind="data", quantity="1,5", unit="GB", amount="0.0001")
        + record("2026-11-03 11:00", kind="data", quantity="500", unit="MB", amount="0.0002")
        + record("2026-11-04 11:00", kind="roaming", quantity="2", unit="st")
        + record("2026-11-04 11:00", kind="roaming", quantity="3", unit="s")
        + record("2026-10-31 23:59:59", number="S2", amount="-1.25")
        + record("2025-09-30 12:00")
        + record("2026-12-01 00:00")
    )
    found = usage.by_month(people["all"], months=3)
    assert found.months == (date(2026, 9, 1), date(2026, 10, 1), NOVEMBER)
    one = Decimal("0.5000")
    assert found.sums == (
        usage.UsageSum(date(2026, 10, 1), UsageType.CALL, UsageUnit.SECONDS, 1, Decimal(60), Decimal("-1.25")),
        usage.UsageSum(NOVEMBER, UsageType.DATA, UsageUnit.MEGABYTES, 2, Decimal(2000), Decimal("0.0003")),
        usage.UsageSum(NOVEMBER, UsageType.ROAMING, UsageUnit.SECONDS, 1, Decimal(3), one),
        usage.UsageSum(NOVEMBER, UsageType.ROAMING, UsageUnit.PIECES, 1, Decimal(2), one),
    )
    assert found.by_month == (
        usage.MonthTotal(date(2026, 9, 1), 0, Decimal(0)),
        usage.MonthTotal(date(2026, 10, 1), 1, Decimal("-1.25")),
        usage.MonthTotal(NOVEMBER, 4, Decimal("1.0003")),
    )
    assert found.amount == Decimal("-0.2497")
    assert len(usage.by_month(people["all"]).months) == 14
    assert usage.by_month(people["all"], months=2, last=date(2025, 10, 31)).by_month[0].records == 1
    assert usage.by_month(people["all"], months=1, last=date(2026, 12, 24)).amount == one


def test_whoever_may_not_read_usage_is_refused(people):
    with pytest.raises(Forbidden):
        usage.by_month(replace(people["all"], permissions=frozenset()))


@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=st.lists(LINES, max_size=15), moves=st.lists(st.sampled_from(["10023", "10024"]), max_size=2))
def test_answers_are_sums_of_the_records_in_sight_wherever_subscriptions_move(people, lines, moves):
    with writing() as db:
        for model in (UsageRecord, UsageMonth, UsageTotal, CompanyUsage):
            db.exec(delete(model))
    half = len(lines) // 2
    put_usage(USAGE_HEADINGS + "".join(lines[:half]))
    for to in moves:
        assert put("subscriptions", f"id;customer number;type;opened\nS1;{to};Mobil;2020-02-01\n").applied
    put_usage(USAGE_HEADINGS + "".join(lines[half:]))
    agree()
    with session() as db:
        rows = db.exec(
            select(UsageRecord.month, UsageRecord.amount, Subscription.number, CustomerNumber.number)
            .join(Subscription, Subscription.id == UsageRecord.subscription_id)
            .join(CustomerNumber, CustomerNumber.id == Subscription.customer_number_id)
        ).all()
    sight = {
        "all": lambda number, on: number != "S9",
        "number": lambda number, on: on == "10024",
        "singly": lambda number, on: number == "S1",
        "both": lambda number, on: on == "10023" or number in ("S1", "S2"),
        "nothing": lambda number, on: False,
    }
    for who, sees in sight.items():
        for month in (NOVEMBER, date(2026, 10, 1), date(2028, 2, 1)):
            expected = sum(row[1] for row in rows if row[0] == month and sees(row[2], row[3]))
            assert usage.by_month(people[who], months=1, last=month).amount == expected
