"""Months counted from the present one, and the months that the demo's operator has billed by today."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from selfcare_app.specs.months import latest_months, months_later

BILLED_MONTHS = 14
BILL_DAY = 15
"""A month is billed on this day of the next one and due the day before the next bill: so on any day exactly one
month's invoices are billed and not yet due."""


def days_in(month: date) -> int:
    """How many days the month has."""
    return monthrange(month.year, month.month)[1]


def last_day(month: date) -> date:
    """The last day of the month."""
    return month.replace(day=days_in(month))


def bound_until(opened: date, binding: int) -> date | None:
    """Last day of a commitment of so many months; None for none."""
    if not binding:
        return None
    month = months_later(opened, binding)
    return month.replace(day=min(opened.day, days_in(month))) - timedelta(days=1)


def billed_months(today: date, months: int = BILLED_MONTHS) -> tuple[date, ...]:
    """The first days of the latest months that have been billed, the latest last."""
    latest = -1 if today.day >= BILL_DAY else -2
    return latest_months(months_later(today, latest), months)


def issued_on(month: date) -> date:
    """When the month is billed."""
    return months_later(month, 1).replace(day=BILL_DAY)


def due_on(month: date) -> date:
    """Last day to pay its invoices."""
    return months_later(month, 2).replace(day=BILL_DAY - 1)


@dataclass(frozen=True, slots=True)
class Days:
    """Days of one month, the last included."""

    first: date
    last: date

    @property
    def count(self) -> int:
        """How many."""
        return (self.last - self.first).days + 1

    @property
    def whole_month(self) -> bool:
        """Whether no day of the month is missing."""
        return self.count == days_in(self.first)


def days_within(month: date, first: date, ended: date | None) -> Days | None:
    """The days of the month from `first` and before `ended`; None when there are none."""
    start = max(month, first)
    end = last_day(month) if ended is None else min(last_day(month), ended - timedelta(days=1))
    return Days(start, end) if start <= end else None
