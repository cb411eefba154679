"""Months to choose from in a form, by year; each with what takes it, if anything does."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from selfcare_app.specs.groups import END_MONTHS_AHEAD
from selfcare_app.specs.months import months_from_to, months_later

Months = dict[str, list[dict[str, str]]]
"""By year, each `month` (2026-11) with `off`: empty, or why it can't be chosen."""


def by_year(months: Iterable[tuple[date, str]]) -> Months:
    """The months, each with what takes it or an empty text, in their order."""
    years: Months = {}
    for month, off in months:
        years.setdefault(f"{month:%Y}", []).append({"month": f"{month:%Y-%m}", "off": off})
    return years


def free(first: date, last: date) -> Months:
    """All months from the one to the other: none is taken."""
    return by_year((month, "") for month in months_from_to(first, last))


def last_end(month: date) -> date:
    """The last end month that forms offer in this month; people write down a contract's end, not a century's."""
    return months_later(month, END_MONTHS_AHEAD)
