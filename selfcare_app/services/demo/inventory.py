"""What the demo companies own: subscriptions, connections, add-ons and contacts, made from the plain facts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from random import Random

from stdnum import luhn

from selfcare_app.services.demo.content import FIRST_NAMES, LAST_NAMES, Contact, DemoCompany, Place, Site
from selfcare_app.services.demo.months import bound_until, last_day
from selfcare_app.services.demo.offer import EXTRAS, PLANS, SERVICE_NAMES, Extra, Plan
from selfcare_app.specs.months import months_later
from selfcare_app.specs.products import CustomerNumberType, ServiceType, SubscriptionType

MIXTURE = (
    (SubscriptionType.MOBILE, 40),
    (SubscriptionType.FIXED, 24),
    (SubscriptionType.EXTENSION, 20),
    (SubscriptionType.BROADBAND, 20),
    (SubscriptionType.M2M, 16),
)
"""120 subscriptions a company, at most 40 of them mobile with voice (data.md)."""

MOBILE_KINDS = frozenset({SubscriptionType.MOBILE, SubscriptionType.BROADBAND, SubscriptionType.M2M})
FIXED_KINDS = frozenset({SubscriptionType.FIXED, SubscriptionType.EXTENSION})
BILLED = {
    CustomerNumberType.MOBILE: MOBILE_KINDS,
    CustomerNumberType.FIXED: FIXED_KINDS,
    CustomerNumberType.DATA: frozenset(),
    CustomerNumberType.MIXED: MOBILE_KINDS | FIXED_KINDS,
}
"""The subscriptions that belong on a customer number of a type."""

ENDED_WITH_PLACE = 5
ENDED = 3

_ICCID_START = "894699"
"""Telecom, Sweden, and an issuer that no operator has."""
EQUIPMENT = {
    ServiceType.INTERNET: "Router NX-40, fiberomvandlare FO-2",
    ServiceType.IP_VPN: "Router NX-60",
    ServiceType.SIP: "SIP-gateway GX-30",
    ServiceType.WIFI: "Accesspunkter AX-6, switch SX-24",
}
"""What stands at the address of a connection."""
_ONE_EXTRA, _TWO_EXTRAS = 0.35, 0.45
"""Below the first figure a subscription has one add-on, below the second two."""


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
    plan: Plan = PLANS[0]
    cost_centre: str = ""
    sim: str = ""
    puk: str = ""

    @property
    def bound_until(self) -> date | None:
        """Last day of the commitment; None where the price plan doesn't bind."""
        return bound_until(self.opened, self.plan.binding)


@dataclass(frozen=True, slots=True)
class Wire:
    """A connection."""

    number: str
    site: Site
    place: Place
    plan: Plan
    opened: date
    ended: date | None = None

    @property
    def equipment(self) -> str:
        """What stands at the address."""
        return EQUIPMENT[self.site.service]

    @property
    def title(self) -> str:
        """What an invoice line calls it."""
        return f"{SERVICE_NAMES[self.site.service][1]} {self.site.address}, {self.site.capacity}"


@dataclass(frozen=True, slots=True)
class Added:
    """An add-on of a subscription or connection."""

    owner: Line | Wire
    extra: Extra
    first: date
    last: date | None = None

    @property
    def ended(self) -> date | None:
        """First day it is no longer in force."""
        return None if self.last is None else self.last + timedelta(days=1)


@dataclass(frozen=True)
class Estate:
    """All that a company owns on a day."""

    company: DemoCompany
    today: date
    lines: tuple[Line, ...]
    wires: tuple[Wire, ...]
    added: tuple[Added, ...]

    @cached_property
    def added_to(self) -> Mapping[str, tuple[Added, ...]]:
        """Add-ons by the number of what they were added to."""
        found: dict[str, list[Added]] = {}
        for added in self.added:
            found.setdefault(added.owner.number, []).append(added)
        return {number: tuple(many) for number, many in found.items()}

    @property
    def contacts(self) -> Iterator[tuple[Wire, Contact]]:
        """Whom to ask where: everywhere the one who is always on duty, and whoever looks after the city."""
        for wire in self.wires:
            for contact in self.company.contacts:
                if not contact.cities or wire.site.city in contact.cities:
                    yield wire, contact


def estate(company: DemoCompany, today: date) -> Estate:
    """What the company owns on the day: the same on each call."""
    made = lines(company, today)
    for line in made:
        _equip(line, today)
    wires = tuple(_wires(company, today))
    owners: tuple[Line | Wire, ...] = (*made, *wires)
    added = tuple(found for owner in owners for found in _added(owner, today))
    return Estate(company, today, tuple(made), wires, added)


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
        ended = months_later(today, place.closed_month) if place.closed_month is not None else None
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
        line.ended = months_later(today, chance.randint(-2, 0))
    picked[ENDED].ended = months_later(today, 2)
    picked[ENDED + 1].opened = months_later(today, 1)
    return made


def _place(company: DemoCompany, kind: SubscriptionType, chance: Random) -> Place:
    fitting = [place for place in company.places if place.share and kind in BILLED[place.type]]
    return chance.choices(fitting, [place.share for place in fitting])[0]


def _opened(place: Place, today: date, chance: Random) -> date:
    """Some day between the customer number's first month and three months before it closed, or before today."""
    last = (place.closed_month if place.closed_month is not None else 0) - 3
    return months_later(today, chance.randint(place.opened_month, last)).replace(day=chance.randint(1, 28))


def _people(chance: Random) -> Iterator[str]:
    names = [f"{first} {last}" for first in FIRST_NAMES for last in LAST_NAMES]
    chance.shuffle(names)
    return iter(names)


def _equip(line: Line, today: date) -> None:
    """Give the subscription its price plan, cost centre and, where there is one, SIM card."""
    chance = Random(line.number)  # noqa: S311  the same demo each time is the point
    plans = [
        plan
        for plan in PLANS
        if plan.type is line.type
        and (plan.sold_to_month is None or line.opened <= last_day(months_later(today, plan.sold_to_month)))
    ]
    line.plan = chance.choices(plans, [plan.share for plan in plans])[0]
    line.cost_centre = f"4{line.place.number[-2:]}{chance.randint(1, 3)}"
    if line.type in MOBILE_KINDS:
        line.sim = sim_card(line.number)
        line.puk = f"{chance.randrange(10**8):08}"


def sim_card(digits: str) -> str:
    """A SIM card's number (ICCID) that ends with so many as twelve digits."""
    number = f"{_ICCID_START}{digits:0>12}"
    return number + str(luhn.calc_check_digit(number))


def _wires(company: DemoCompany, today: date) -> Iterator[Wire]:
    places = {place.number: place for place in company.places}
    plans = {plan.code: plan for plan in PLANS}
    for index, site in enumerate(company.sites):
        number = str(company.first_connection + index)
        size = site.capacity.split("/")[0].split()[0]
        opened = months_later(today, site.opened_month)
        if site.opened_month < 0:
            opened = opened.replace(day=Random(number).randint(1, 28))  # noqa: S311
        yield Wire(
            number=number,
            site=site,
            place=places[site.place],
            plan=plans[f"{SERVICE_NAMES[site.service][0]}-{size}"],
            opened=opened,
            ended=None if site.ended_month is None else months_later(today, site.ended_month),
        )


def _added(owner: Line | Wire, today: date) -> Iterator[Added]:
    """The add-ons of one: from its first day or from a later month on, some ended, some not yet begun."""
    chance = Random(f"add-ons of {owner.number}")  # noqa: S311  the same demo each time is the point
    of_wires = isinstance(owner, Wire) and owner.site.service in (ServiceType.INTERNET, ServiceType.IP_VPN)
    fitting = [extra for extra in EXTRAS if (owner.type in extra.types if isinstance(owner, Line) else of_wires)]
    fitting = [extra for extra in fitting if bool(extra.types) is isinstance(owner, Line)]
    drawn = chance.random()
    many = 1 if drawn < _ONE_EXTRA else 2 if drawn < _TWO_EXTRAS else 0
    until = None if owner.ended is None else owner.ended - timedelta(days=1)
    for extra in chance.sample(fitting, min(many, len(fitting))):
        first, last = owner.opened, until
        later = months_later(today, chance.randint(-10, 1))
        if chance.random() < 0.6 and later > first and (last is None or later <= last):
            first = later
        if last is None and chance.random() < 0.15:
            last = last_day(max(first.replace(day=1), months_later(today, chance.randint(-4, -1))))
        yield Added(owner, extra, first, last)
