"""Months: each is the first day of it; pure arithmetic, the clock is always an argument."""

from __future__ import annotations

from datetime import date


def first_of(day: date) -> date:
    """The month of the day."""
    return day if day.day == 1 else day.replace(day=1)


def months_later(month: date, months: int) -> date:
    """The month so many months after the day's own; before it for a negative number."""
    years, place = divmod(month.year * 12 + month.month - 1 + months, 12)
    return date(years, place + 1, 1)


def latest_months(last: date, months: int) -> tuple[date, ...]:
    """So many months, the oldest first, the last being that of `last`."""
    return tuple(months_later(last, -ago) for ago in reversed(range(months)))


def months_from_to(first: date, last: date) -> tuple[date, ...]:
    """All months from the one to the other, both included."""
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    return tuple(months_later(first, ahead) for ahead in range(max(count, 0)))
