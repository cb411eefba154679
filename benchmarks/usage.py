"""Usage by month and type, from totals that are kept; beside summing the records."""

from __future__ import annotations

from benchmarks.measuring import BOTH, P50, Beside, Figures, Must, Work, once, repeated
from benchmarks.places import Place
from selfcare_app.services import usage

_SUMS = "month, type, unit, sum({records}), sum(quantity), sum(amount)"
_GROUPED = "WHERE company_id = {company} GROUP BY month, type, unit"


def by_month(who: str, place: Place) -> Figures:
    """As the page asks."""
    assert place.usage_file
    assert place.usage_took is None or place.usage_took > 0
    actor = place.actor(who)
    found = usage.by_month(actor)
    assert who == "partial" or sum(row.records for row in found.sums) == place.size.usage
    return repeated(lambda: usage.by_month(actor), place.size.runs)


def from_totals(place: Place) -> Figures:
    """The same sums in plain SQL."""
    statement = _statement("usage_total", "records", place)
    with place.plain() as driver:
        return repeated(lambda: driver.execute(statement).fetchall(), place.size.runs)


def from_records(place: Place) -> Figures:
    """Every record read."""
    statement = _statement("usage_record", "1", place)
    with place.plain() as driver:
        (seconds,) = once(lambda: driver.execute(statement).fetchall()).values()
    return {P50: seconds * 1000}


def _statement(table: str, records: str, place: Place) -> str:
    grouped = _GROUPED.format(company=place.companies[0])
    return f"SELECT {_SUMS.format(records=records)} FROM {table} {grouped}"


WORKS = (
    Work(
        "usage.months",
        "by month and type, {size.usage:,} records",
        lambda place: by_month("superuser", place),
        must=(Must(P50, 30),),
        floor=Beside("plain SQL on the totals", from_totals, BOTH),
        peers=(Beside("plain SQL on the records", from_records, BOTH),),
    ),
    Work(
        "usage.part",
        "the same, for a user who sees a part",
        lambda place: by_month("partial", place),
        must=(Must(P50, 30),),
    ),
)
