"""What was used: by month and type, for all the actor sees, a customer number or a subscription (I7).

Reads the totals that `services.feeds.usage` keeps with the records, so that any number of records reads alike.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, func, insert, select
from sqlmodel import Session as DatabaseSession
from sqlmodel import col

from selfcare_app.models import CompanyUsage, CustomerNumber, Subscription, UsageMonth, UsageTotal
from selfcare_app.services import access
from selfcare_app.services.access import Actor, allowed
from selfcare_app.services.database import batches, session
from selfcare_app.specs.months import latest_months
from selfcare_app.specs.permissions import Permission
from selfcare_app.specs.usage import UsageType, UsageUnit

MONTHS = 14
"""As long as single records are kept (P6)."""
NOTHING = Decimal("0.0000")


@dataclass(frozen=True, slots=True)
class UsageSum:
    """What was used of one type in one month, counted in one unit."""

    month: date
    type: UsageType
    unit: UsageUnit
    records: int
    quantity: Decimal
    amount: Decimal
    """SEK without VAT; of four places, as single records are priced."""


@dataclass(frozen=True, slots=True)
class MonthTotal:
    """What was used in one month; quantities of different types can't be added up."""

    month: date
    records: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Usage:
    """Usage in a period."""

    months: tuple[date, ...]
    """Every month of the period, the oldest first, those without usage too."""
    sums: tuple[UsageSum, ...]
    """By month, type in order of declaration, and unit; none for what wasn't used."""

    @property
    def by_month(self) -> tuple[MonthTotal, ...]:
        """The total of every month of the period."""
        rows: dict[date, list[UsageSum]] = {month: [] for month in self.months}
        for row in self.sums:
            rows[row.month].append(row)
        return tuple(
            MonthTotal(month, sum(row.records for row in of), sum((row.amount for row in of), NOTHING))
            for month, of in rows.items()
        )

    @property
    def amount(self) -> Decimal:
        """The period's total, SEK without VAT."""
        return sum((row.amount for row in self.sums), NOTHING)


@allowed(Permission.USAGE_READ)
def by_month(
    actor: Actor,
    *,
    subscription_number: str | None = None,
    customer_number: str | None = None,
    months: int = MONTHS,
    last: date | None = None,
) -> Usage:
    """Usage by month and type, as far as the actor sees it (U5): of one subscription, or of the subscriptions that are
    now on one customer number, or of all when neither is given.

    The period is so many months up to and including the month of `last`, by default the present one. Raises NotFound
    for a subscription or customer number that the actor doesn't see.
    """
    period = latest_months(last or actor.month, months)
    found: dict[tuple[date, str, str], tuple[int, Decimal, Decimal]] = {}
    with session() as db:
        for statement in _sums(db, actor, subscription_number, customer_number, period):
            for month, kind, unit, *sums in db.connection().execute(statement):
                so_far = found.get((month, kind, unit), (0, Decimal("0.000"), NOTHING))
                records, quantity, amount = (one + other for one, other in zip(so_far, sums, strict=True))
                found[month, kind, unit] = (int(records), quantity, amount)
    return Usage(
        period,
        tuple(
            UsageSum(month, kind, unit, *found[month, kind, unit])
            for month in period
            for kind in UsageType
            for unit in UsageUnit
            if (month, kind, unit) in found
        ),
    )


def _sums(
    db: DatabaseSession,
    actor: Actor,
    subscription_number: str | None,
    customer_number: str | None,
    period: Collection[date],
) -> Iterator[Select[Any]]:
    """The statements whose rows together are what was asked for."""
    if subscription_number is not None:
        one = access.fetch(db, actor, Subscription, subscription_number)
        yield _summed(
            UsageMonth, period, col(UsageMonth.company_id) == one.company_id, col(UsageMonth.subscription_id) == one.id
        )
    elif customer_number is not None:
        on = access.fetch(db, actor, CustomerNumber, customer_number)
        yield _summed(
            UsageTotal, period, col(UsageTotal.company_id) == on.company_id, col(UsageTotal.customer_number_id) == on.id
        )
    elif actor.access_all:
        yield _summed(CompanyUsage, period, access.scope(actor, CompanyUsage))
    else:
        yield _summed(UsageTotal, period, access.scope(actor, UsageTotal))
        yield _summed(
            UsageMonth,
            period,
            col(UsageMonth.company_id) == actor.company_id,
            col(UsageMonth.subscription_id).in_(access.seen_singly(actor)),
        )


def _summed(
    table: type[UsageMonth] | type[UsageTotal] | type[CompanyUsage],
    period: Collection[date],
    *where: ColumnElement[bool],
) -> Select[Any]:
    names = ("month", "type", "unit", "records", "quantity", "amount")
    rows = select(*(getattr(table, name) for name in names)).where(col(table.month).in_(period), *where)
    # Found first and grouped then: to save a sort SQLite would read a whole company in the order of the key, for
    # somebody who sees three customer numbers.
    found = rows.cte("found").prefix_with("MATERIALIZED").c
    key = [found[name] for name in names[:3]]
    return select(*key, *(func.sum(found[name]) for name in names[3:])).group_by(*key)


def recount(db: DatabaseSession, company_id: int, customer_numbers: Iterable[int]) -> None:
    """Sum anew the totals of these customer numbers (ids): subscriptions have moved to or from them. The company's stay
    as they are, since nothing moves to another one.

    To be called, after the change, in the transaction that moves subscriptions.
    """
    columns = ["company_id", "month", "customer_number_id", "type", "unit", "records", "quantity", "amount"]
    key = (
        col(UsageMonth.company_id),
        col(UsageMonth.month),
        col(Subscription.customer_number_id),
        col(UsageMonth.type),
        col(UsageMonth.unit),
    )
    sums = (func.sum(col(UsageMonth.records)), func.sum(col(UsageMonth.quantity)), func.sum(col(UsageMonth.amount)))
    for numbers in batches(sorted(set(customer_numbers))):
        db.connection().execute(
            delete(UsageTotal).where(
                col(UsageTotal.company_id) == company_id, col(UsageTotal.customer_number_id).in_(numbers)
            )
        )
        summed = (
            select(*key, *sums)
            .join(Subscription, col(Subscription.id) == col(UsageMonth.subscription_id))
            .where(
                col(Subscription.company_id) == company_id,
                col(Subscription.customer_number_id).in_(numbers),
                col(UsageMonth.company_id) == company_id,
            )
            .group_by(*key)
        )
        db.connection().execute(insert(UsageTotal).from_select(columns, summed))
