"""The files an operator would feed for the demo companies: the same bytes for the same day."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from selfcare_app.services.demo.content import COMPANIES, FIRST_NAMES, LAST_NAMES, DemoCompany, Place
from selfcare_app.specs.products import CustomerNumberType, SubscriptionType

MIXTURE = (
    (SubscriptionType.MOBILE, 40),
    (SubscriptionType.FIXED, 24),
    (SubscriptionType.EXTENSION, 20),
    (SubscriptionType.BROADBAND, 20),
    (SubscriptionType.M2M, 16),
)
"""120 subscriptions a company, at most 40 of them mobile with voice (data.md)."""

_MOBILE_KINDS = frozenset({SubscriptionType.MOBILE, SubscriptionType.BROADBAND, SubscriptionType.M2M})
_FIXED_KINDS = frozenset({SubscriptionType.FIXED, SubscriptionType.EXTENSION})
BILLED = {
    CustomerNumberType.MOBILE: _MOBILE_KINDS,
    CustomerNumberType.FIXED: _FIXED_KINDS,
    CustomerNumberType.DATA: frozenset(),
    CustomerNumberType.MIXED: _MOBILE_KINDS | _FIXED_KINDS,
}
"""The subscriptions that belong on a customer number of a type."""

ENDED_WITH_PLACE = 5
ENDED = 3


@dataclass(slots=True)
class Line:
    """A subscription."""

    number: str
    place: Place
    type: SubscriptionType
    phone: str
    person: str
    opened: date
    ended: date | None = None


def month_from(today: date, months: int) -> date:
    """The first day of the month so many months from the present one."""
    years, month = divmod(today.year * 12 + today.month - 1 + months, 12)
    return date(years, month + 1, 1)


def files(today: date) -> dict[str, bytes]:
    """CSV by kind of feed, in the order they go in."""
    return {
        "companies": _csv(
            ("organisation number", "name", "address", "e-mail"),
            ((c.organisation_number, c.name, c.address, c.email) for c in COMPANIES),
        ),
        "framework-agreements": _csv(
            ("number", "company", "products", "from", "to"), (row for c in COMPANIES for row in _agreements(c, today))
        ),
        "customer-numbers": _csv(
            ("number", "company", "name", "type", "opened", "closed"),
            (row for c in COMPANIES for row in _customer_numbers(c, today)),
        ),
        "subscriptions": _csv(
            ("id", "customer number", "type", "phone number", "person", "opened", "ended"),
            (
                (line.number, line.place.number, line.type, line.phone, line.person, line.opened, line.ended)
                for c in COMPANIES
                for line in lines(c, today)
            ),
        ),
    }


def lines(company: DemoCompany, today: date) -> list[Line]:
    """The company's subscriptions: a few ended, one ending, one not yet begun."""
    chance = Random(company.first_subscription)  # noqa: S311  the same demo each time is the point
    people = _people(chance)
    phones = {
        SubscriptionType.MOBILE: iter(company.mobile_numbers),
        SubscriptionType.FIXED: iter(company.fixed_numbers),
    }
    closed = next(place for place in company.places if place.closed_month is not None)
    kinds = [kind for kind, many in MIXTURE for _ in range(many)]
    made: list[Line] = []
    for index, kind in enumerate(kinds):
        # The last ones, M2M, were on the customer number that is closed.
        place = closed if index >= len(kinds) - ENDED_WITH_PLACE else _place(company, kind, chance)
        ended = month_from(today, place.closed_month) if place.closed_month is not None else None
        made.append(
            Line(
                number=str(company.first_subscription + index),
                place=place,
                type=kind,
                phone=next(phones[kind]) if kind in phones else "",
                person="" if kind is SubscriptionType.M2M else next(people),
                opened=_opened(place, today, chance),
                ended=ended,
            )
        )
    running = [line for line in made if line.ended is None]
    picked = chance.sample(running, ENDED + 2)
    for line in picked[:ENDED]:
        line.ended = month_from(today, chance.randint(-2, 0))
    picked[ENDED].ended = month_from(today, 2)
    picked[ENDED + 1].opened = month_from(today, 1)
    return made


def _place(company: DemoCompany, kind: SubscriptionType, chance: Random) -> Place:
    fitting = [place for place in company.places if place.share and kind in BILLED[place.type]]
    return chance.choices(fitting, [place.share for place in fitting])[0]


def _opened(place: Place, today: date, chance: Random) -> date:
    """Some day between the customer number's first month and three months before it closed, or before today."""
    last = (place.closed_month if place.closed_month is not None else 0) - 3
    return month_from(today, chance.randint(place.opened_month, last)).replace(day=chance.randint(1, 28))


def _people(chance: Random) -> Iterator[str]:
    names = [f"{first} {last}" for first in FIRST_NAMES for last in LAST_NAMES]
    chance.shuffle(names)
    return iter(names)


def _agreements(company: DemoCompany, today: date) -> Iterator[Sequence[object]]:
    for agreement in company.agreements:
        end = None if agreement.last_month is None else month_from(today, agreement.last_month + 1) - timedelta(days=1)
        products = "|".join(agreement.products)
        start = month_from(today, agreement.first_month)
        yield agreement.number, company.organisation_number, products, start, end


def _customer_numbers(company: DemoCompany, today: date) -> Iterator[Sequence[object]]:
    for place in company.places:
        closed = None if place.closed_month is None else month_from(today, place.closed_month)
        opened = month_from(today, place.opened_month)
        yield place.number, company.organisation_number, place.name, place.type, opened, closed


def _csv(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";")
    writer.writerow(headings)
    writer.writerows(rows)
    return buffer.getvalue().encode()
