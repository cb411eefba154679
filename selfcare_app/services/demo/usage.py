"""What the demo's subscriptions were used for in a month: single records, priced in whole öre."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random

from selfcare_app.services.clock import STOCKHOLM
from selfcare_app.services.demo.inventory import Estate, Line
from selfcare_app.services.demo.months import Days, billed_months, days_within
from selfcare_app.services.demo.offer import CALLS_ABROAD, FREE, MESSAGE_ABROAD, ROAMING, ROAMING_INCLUDED
from selfcare_app.specs.products import SubscriptionType
from selfcare_app.specs.usage import UsageType, UsageUnit

HOME = "Sverige"
HOLIDAY = 7
"""In July hardly anybody calls."""
SILENT_FROM = 9
"""Billed month, counted from 0, from which one subscription lies unused."""
JOURNEY_AT = 12
"""Billed month in which one subscription was taken to the USA."""
JOURNEY_MEGABYTES = 393
_SEVERAL = {
    SubscriptionType.MOBILE: (3, 7),
    SubscriptionType.FIXED: (2, 4),
    SubscriptionType.EXTENSION: (1, 3),
    SubscriptionType.BROADBAND: (1, 3),
    SubscriptionType.M2M: (1, 1),
}
"""Fewest and most records in a month; enough to look true, few enough to load in seconds."""
_COUNTERPARTS = ("+4670174****", "+4670174****", "+468465****", "+4631390****")
_OERE = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Record:
    """One call, message or session."""

    started: datetime
    """On a clock in Sweden."""
    subscription: str
    type: UsageType
    counterpart: str
    destination: str
    quantity: int
    unit: UsageUnit
    amount: Decimal
    """SEK without VAT."""


def records(estate: Estate) -> Iterator[Record]:
    """All records of the billed months, by month and subscription."""
    silent = _nth_mobile(estate, 1)
    traveller = _nth_mobile(estate, 0)
    for index, month in enumerate(billed_months(estate.today)):
        for line in estate.lines:
            days = days_within(month, line.opened, line.ended)
            if days is None or (line is silent and index >= SILENT_FROM):
                continue
            chance = Random(f"{line.number} {index}")  # noqa: S311  the same demo each time is the point
            yield from _month(line, days, chance)
            if line is traveller and index == JOURNEY_AT:
                country, _, megabyte = ROAMING[-1]
                yield _roaming_data(line, _moment(days, chance), country, JOURNEY_MEGABYTES, megabyte)


def _nth_mobile(estate: Estate, index: int) -> Line:
    """A mobile subscription that has been there all along, of the first customer number."""
    first = next(place for place in estate.company.places if place.share)
    before = billed_months(estate.today)[0]
    return [
        line
        for line in estate.lines
        if line.place is first and line.type is SubscriptionType.MOBILE and line.opened < before and not line.ended
    ][index]


def _month(line: Line, days: Days, chance: Random) -> Iterator[Record]:
    fewest, most = _SEVERAL[line.type]
    many = chance.randint(fewest, most)
    if days.first.month == HOLIDAY:
        many = max(1, many // 2)
    if not days.whole_month:
        many = min(many, days.count)
    made = [_KINDS[line.type](chance)(line, _moment(days, chance), chance) for _ in range(many)]
    yield from sorted(made, key=lambda record: record.started)


def _moment(days: Days, chance: Random) -> datetime:
    """Some time of a working day; never in an hour that comes twice or not at all."""
    day = days.first + timedelta(days=chance.randrange(days.count))
    if day.weekday() > 4:
        day = _earlier_weekday(day, days.first)
    at = time(chance.choice((7, 8, 9, 9, 10, 11, 12, 13, 14, 15, 16, 18)), chance.randrange(60), chance.randrange(60))
    return datetime.combine(day, at, STOCKHOLM)


def _earlier_weekday(day: date, first: date) -> date:
    return max(first, day - timedelta(days=day.weekday() - 4))


_Make = Callable[[Line, datetime, Random], Record]


def _call(line: Line, at: datetime, chance: Random) -> Record:
    seconds = chance.randint(15, 1500)
    if chance.random() < 0.08:
        country, code, minute = chance.choice(CALLS_ABROAD)
        return _record(line, at, UsageType.CALL, f"{code}*******", country, seconds, _by_minute(seconds, minute))
    counterpart = chance.choice(_COUNTERPARTS)
    return _record(line, at, UsageType.CALL, counterpart, HOME, seconds, _by_minute(seconds, line.plan.minute))


def _message(line: Line, at: datetime, chance: Random) -> Record:
    if chance.random() < 0.05:
        country, code, _ = chance.choice(CALLS_ABROAD)
        return _record(line, at, UsageType.SMS, f"{code}*******", country, 1, MESSAGE_ABROAD)
    return _record(line, at, UsageType.SMS, _COUNTERPARTS[0], HOME, 1, line.plan.message)


def _data(line: Line, at: datetime, chance: Random) -> Record:
    if line.type is SubscriptionType.M2M:
        megabytes, beyond = chance.randint(1, 60), 50
    elif line.type is SubscriptionType.BROADBAND:
        megabytes, beyond = chance.randint(800, 42_000), 40_000
    else:
        megabytes, beyond = chance.randint(40, 4_000), 3_700
    amount = _whole_oere(max(0, megabytes - beyond) * line.plan.megabyte)
    return _record(line, at, UsageType.DATA, "", HOME, megabytes, amount)


def _abroad(line: Line, at: datetime, chance: Random) -> Record:
    if chance.random() < 0.6:
        place = chance.choice(ROAMING_INCLUDED)
        return _record(line, at, UsageType.ROAMING, "", place, chance.randint(5, 900), FREE)
    country, minute, megabyte = chance.choice(ROAMING)
    if chance.random() < 0.5:
        seconds = chance.randint(20, 400)
        cost = _by_minute(seconds, minute)
        return _record(line, at, UsageType.ROAMING, _COUNTERPARTS[0], country, seconds, cost, UsageUnit.SECONDS)
    return _roaming_data(line, at, country, chance.randint(1, 25), megabyte)


def _roaming_data(line: Line, at: datetime, country: str, megabytes: int, megabyte: Decimal) -> Record:
    return _record(line, at, UsageType.ROAMING, "", country, megabytes, _whole_oere(megabytes * megabyte))


_UNITS = {
    UsageType.CALL: UsageUnit.SECONDS,
    UsageType.SMS: UsageUnit.PIECES,
    UsageType.DATA: UsageUnit.MEGABYTES,
    UsageType.ROAMING: UsageUnit.MEGABYTES,
}


def _record(
    line: Line,
    at: datetime,
    kind: UsageType,
    counterpart: str,
    destination: str,
    quantity: int,
    amount: Decimal,
    unit: UsageUnit | None = None,
) -> Record:
    return Record(at, line.number, kind, counterpart, destination, quantity, unit or _UNITS[kind], amount)


def _by_minute(seconds: int, minute: Decimal) -> Decimal:
    return _whole_oere(seconds * minute / 60)


def _whole_oere(amount: Decimal) -> Decimal:
    return amount.quantize(_OERE, ROUND_HALF_UP)


def _voice(chance: Random) -> _Make:
    drawn = chance.random()
    return _call if drawn < 0.5 else _message if drawn < 0.72 else _data if drawn < 0.96 else _abroad


_KINDS: dict[SubscriptionType, Callable[[Random], _Make]] = {
    SubscriptionType.MOBILE: _voice,
    SubscriptionType.FIXED: lambda _: _call,
    SubscriptionType.EXTENSION: lambda _: _call,
    SubscriptionType.BROADBAND: lambda _: _data,
    SubscriptionType.M2M: lambda _: _data,
}
"""Which kind of record comes next, by the subscription's type."""
