"""What a generated company owns: customer numbers, subscriptions, connections and the rest; stored as feeds do it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from random import Random
from types import SimpleNamespace
from typing import Any

from sqlmodel import Session as DatabaseSession

from selfcare_app.services.access import Actor
from selfcare_app.services.demo.inventory import BILLED, EQUIPMENT, FIXED_KINDS, MIXTURE, MOBILE_KINDS, sim_card
from selfcare_app.services.demo.months import bound_until
from selfcare_app.services.demo.offer import EXTRAS, PLANS, SERVICE_NAMES, Extra, Plan
from selfcare_app.services.feeds import kinds
from selfcare_app.services.feeds.kind import Change, FeedKind, Values
from selfcare_app.services.feeds.storing import store
from selfcare_app.services.generating import names
from selfcare_app.services.generating.names import Keys
from selfcare_app.specs.months import months_later
from selfcare_app.specs.products import CustomerNumberType, Product, ServiceType, SlaLevel, SubscriptionType

SUBSCRIPTIONS_PER_CONNECTION = 50
AT_ONCE = 5_000
"""Rows that are in memory before they are written."""
_TYPES = (
    (CustomerNumberType.MIXED, 30),
    (CustomerNumberType.MOBILE, 50),
    (CustomerNumberType.FIXED, 12),
    (CustomerNumberType.DATA, 8),
)
_SERVICES = tuple(ServiceType)
_OLDEST, _YOUNGEST = 120, 1
"""Months ago."""
_ENDED, _ADDED_TO = 0.08, 0.25
Told = Callable[[str, int], object]
"""Is told now and then how many of what have been made."""


@dataclass(frozen=True, slots=True)
class Plans:
    """The price plans of a run, with the rows they were stored as."""

    of_subscriptions: dict[SubscriptionType, list[tuple[Plan, Any]]]
    of_connections: dict[ServiceType, list[tuple[Plan, Any]]]


@dataclass(frozen=True, slots=True)
class Numbered:
    """A customer number that was made; it is what `derived` looks at too."""

    id: int
    key: str
    number_sort: str
    company_name: str
    type: CustomerNumberType
    opened: date
    name: str


@dataclass(frozen=True, slots=True)
class Owned:
    """A subscription or connection that was made, as invoices and usage see it."""

    id: int
    number: str
    on: Numbered
    type: SubscriptionType | ServiceType
    opened: date
    ended: date | None
    plan: Plan

    @property
    def subscription_id(self) -> int | None:
        """Its id when it is a subscription."""
        return self.id if isinstance(self.type, SubscriptionType) else None


@dataclass(frozen=True, slots=True)
class Estate:
    """All that a company got."""

    company_id: int
    keys: Keys
    name: str
    numbers: list[Numbered]
    subscriptions: list[Owned]
    connections: list[Owned]


def put_on_sale(db: DatabaseSession, actor: Actor, seed: int) -> Plans:
    """The price plans of a run: the demo's, each under a code of its own."""
    made = Plans({}, {})
    changes = []
    for plan in PLANS:
        values: Values = {
            "code": f"{plan.code}-{seed}",
            "product": plan.product.value,
            "name": plan.name,
            "one_off_fee": plan.one_off,
            "monthly_fee": plan.monthly,
            "sold_from": months_later(actor.today, -_OLDEST - 12),
            "sold_to": None,
            "binding_months": plan.binding,
            "notice_months": plan.notice,
        }
        changes.append(new(values["code"], None, values))
    store(db, actor, kinds.PRICE_PLANS, changes)
    for plan, change in zip(PLANS, changes, strict=True):
        row = SimpleNamespace(id=change.id, name_sort=kinds.PRICE_PLANS.derive(change.after, {})["name_sort"])
        if plan.type is not None:
            made.of_subscriptions.setdefault(plan.type, []).append((plan, row))
        else:
            service = next(service for service, (code, _) in SERVICE_NAMES.items() if plan.code.startswith(code))
            made.of_connections.setdefault(service, []).append((plan, row))
    return made


def settle(
    db: DatabaseSession,
    actor: Actor,
    keys: Keys,
    customer_numbers: int,
    subscriptions: int,
    plans: Plans,
    told: Told,
) -> Estate:
    """Make the company with so many customer numbers and subscriptions, and all that goes with them."""
    chance = Random(f"company {keys.start}")  # noqa: S311  the same rows each time are the point
    name = names.company_name(chance)
    company = {
        "organisation_number": keys.organisation_number,
        "name": name,
        "address": f"{names.address(chance)}, {chance.choice(names.TOWNS)}",
        "email": f"kontoret@{keys.domain}",
    }
    (made,) = write(db, actor, kinds.COMPANIES, [new(keys.organisation_number, None, company)])
    company_id = made.id
    _agreement(db, actor, company_id, keys)
    numbers = _numbers(db, actor, company_id, name, keys, customer_numbers, chance)
    estate = Estate(company_id, keys, name, numbers, [], [])
    estate.subscriptions.extend(_subscriptions(db, actor, estate, subscriptions, plans, chance, told))
    connections = -(-subscriptions // SUBSCRIPTIONS_PER_CONNECTION)
    estate.connections.extend(_connections(db, actor, estate, connections, plans, chance))
    _add_ons(db, actor, estate, chance)
    _contacts(db, actor, estate, chance)
    return estate


def new(label: str, company_id: int | None, values: Values, targets: dict[str, Any] | None = None) -> Change:
    """A new row, as if a file had said it; `targets` are what it refers to, by field."""
    return Change(
        row=0, label=label, id=0, company_id=company_id, before=None, after=values, targets=targets or {}, sealed={}
    )


def write(db: DatabaseSession, actor: Actor, kind: FeedKind, changes: Iterable[Change]) -> Iterator[Change]:
    """Write the rows piece by piece; gives each with its id."""
    remaining = iter(changes)
    while piece := list(islice(remaining, AT_ONCE)):
        store(db, actor, kind, piece)
        yield from piece


def _agreement(db: DatabaseSession, actor: Actor, company_id: int, keys: Keys) -> None:
    number = f"RA-{keys.start}"
    values = {
        "number": number,
        "company_id": company_id,
        "products": [product.value for product in Product],
        "valid_from": months_later(actor.today, -24),
        "valid_to": months_later(actor.today, 13) - timedelta(days=1),
    }
    store(db, actor, kinds.FRAMEWORK_AGREEMENTS, [new(number, company_id, values)])


def _numbers(
    db: DatabaseSession, actor: Actor, company_id: int, name: str, keys: Keys, count: int, chance: Random
) -> list[Numbered]:
    types = [kind for kind, _ in _TYPES]
    weights = [share for _, share in _TYPES]
    company = SimpleNamespace(company_name=name)

    def changes() -> Iterator[Change]:
        for at in range(count):
            number = keys.customer_number(at)
            values = {
                "number": number,
                "company_id": company_id,
                "name": names.site(chance),
                # The first ones take anything.
                "type": (chance.choices(types, weights)[0] if at > 1 else CustomerNumberType.MIXED).value,
                "opened": _day(actor.today, -_OLDEST, -_OLDEST // 2, chance),
                "closed": None,
            }
            yield new(number, company_id, values, {"company_id": company})

    return [
        Numbered(
            id=made.id,
            key=made.label,
            number_sort=kinds.CUSTOMER_NUMBERS.derive(made.after, made.targets)["number_sort"],
            company_name=name,
            type=CustomerNumberType(made.after["type"]),
            opened=made.after["opened"],
            name=made.after["name"],
        )
        for made in write(db, actor, kinds.CUSTOMER_NUMBERS, changes())
    ]


def _day(today: date, first: int, last: int, chance: Random) -> date:
    """Some day from one month to another, counted from the present one."""
    return months_later(today, chance.randint(first, last)).replace(day=chance.randint(1, 28))


def _in_use(on: Numbered, today: date, chance: Random) -> tuple[date, date | None]:
    """First day, and first day no longer in use."""
    opened = max(on.opened, _day(today, -_OLDEST, -_YOUNGEST, chance))
    ended = opened + timedelta(days=chance.randint(60, 1500))
    return opened, ended if chance.random() < _ENDED and ended < today else None


def _subscriptions(
    db: DatabaseSession, actor: Actor, estate: Estate, count: int, plans: Plans, chance: Random, told: Told
) -> Iterator[Owned]:
    keys, today = estate.keys, actor.today
    types = [kind for kind, _ in MIXTURE]
    weights = [share for _, share in MIXTURE]
    fitting = {kind: [number for number in estate.numbers if kind in BILLED[number.type]] for kind in types}
    of_plans = {kind: [plan.share for plan, _ in found] for kind, found in plans.of_subscriptions.items()}
    chosen: list[tuple[Numbered, Plan]] = []
    first_phone = (keys.place - 1) * count

    def changes() -> Iterator[Change]:
        for at in range(count):
            kind = chance.choices(types, weights)[0]
            on = chance.choice(fitting[kind])
            plan, row = chance.choices(plans.of_subscriptions[kind], of_plans[kind])[0]
            opened, ended = _in_use(on, today, chance)
            number = keys.subscription(at)
            mobile = kind in MOBILE_KINDS
            chosen.append((on, plan))
            values = {
                "number": number,
                "customer_number_id": on.id,
                "type": kind.value,
                "phone": _phone(kind, keys.seed, first_phone + at),
                "person": "" if kind is SubscriptionType.M2M else names.person(chance),
                "cost_centre": str(chance.randrange(4000, 4100)),
                "price_plan_id": row.id,
                "opened": opened,
                "ended": ended,
                "bound_until": bound_until(opened, plan.binding),
                "sim": sim_card(number[1:]) if mobile else "",
                "puk": f"{chance.randrange(10**8):08}" if mobile else "",
            }
            yield new(number, estate.company_id, values, {"customer_number_id": on, "price_plan_id": row})

    for at, made in enumerate(write(db, actor, kinds.SUBSCRIPTIONS, changes()), 1):
        on, plan = chosen[at - 1]
        after = made.after
        yield Owned(made.id, made.label, on, SubscriptionType(after["type"]), after["opened"], after["ended"], plan)
        if at % AT_ONCE == 0:
            told("subscriptions", at)


def _phone(kind: SubscriptionType, seed: int, at: int) -> str:
    if kind is SubscriptionType.MOBILE:
        return names.mobile_number(seed, at)
    return names.fixed_number(seed, at) if kind in FIXED_KINDS else ""


def _connections(
    db: DatabaseSession, actor: Actor, estate: Estate, count: int, plans: Plans, chance: Random
) -> Iterator[Owned]:
    fitting = [on for on in estate.numbers if on.type in (CustomerNumberType.DATA, CustomerNumberType.MIXED)]
    levels = [level.value for level in SlaLevel]
    chosen: list[tuple[Numbered, Plan, ServiceType]] = []

    def changes() -> Iterator[Change]:
        for at in range(count):
            service = chance.choice(_SERVICES)
            on = chance.choice(fitting)
            plan, _ = chance.choice(plans.of_connections[service])
            opened, ended = _in_use(on, actor.today, chance)
            number = estate.keys.connection(at)
            chosen.append((on, plan, service))
            values = {
                "number": number,
                "customer_number_id": on.id,
                "product": plan.product.value,
                "service_type": service.value,
                "capacity": plan.name.split(" ", 1)[1],
                "address": names.address(chance),
                "city": chance.choice(names.TOWNS),
                "sla": chance.choice(levels),
                "equipment": EQUIPMENT[service],
                "opened": opened,
                "ended": ended,
            }
            yield new(number, estate.company_id, values, {"customer_number_id": on})

    for made, (on, plan, service) in zip(write(db, actor, kinds.CONNECTIONS, changes()), chosen, strict=False):
        yield Owned(made.id, made.label, on, service, made.after["opened"], made.after["ended"], plan)


def _add_ons(db: DatabaseSession, actor: Actor, estate: Estate, chance: Random) -> None:
    of_wires = [extra for extra in EXTRAS if not extra.types]
    fitting: dict[Any, list[Extra]] = {
        kind: [extra for extra in EXTRAS if kind in extra.types] for kind in SubscriptionType
    }

    def changes() -> Iterator[Change]:
        for field, owners in (("subscription_id", estate.subscriptions), ("connection_id", estate.connections)):
            for owner in owners:
                if chance.random() < _ADDED_TO:
                    yield _add_on(owner, field, chance.choice(fitting.get(owner.type, of_wires)), estate.company_id)

    for _ in write(db, actor, kinds.ADD_ONS, changes()):
        pass


def _add_on(owner: Owned, field: str, extra: Extra, company_id: int) -> Change:
    values: Values = {
        "subscription_id": None,
        "connection_id": None,
        "code": extra.code,
        "name": extra.name,
        "monthly_fee": extra.monthly,
        "valid_from": owner.opened,
        "valid_to": None if owner.ended is None else owner.ended - timedelta(days=1),
    }
    values[field] = owner.id
    targets: dict[str, Any] = {"subscription_id": None, "connection_id": None}
    targets[field] = SimpleNamespace(key=owner.number)
    return new(f"{owner.number} {extra.code}", company_id, values, targets)


def _contacts(db: DatabaseSession, actor: Actor, estate: Estate, chance: Random) -> None:
    staff = [
        (f"drift{at}@{estate.keys.domain}", names.person(chance), names.fixed_number(estate.keys.seed, at))
        for at in range(10)
    ]

    def changes() -> Iterator[Change]:
        for owner in estate.connections:
            for email, name, phone in chance.sample(staff, chance.randint(1, 2)):
                values = {"connection_id": owner.id, "email": email, "name": name, "phone": phone}
                yield new(f"{owner.number} {email}", estate.company_id, values)

    for _ in write(db, actor, kinds.CONTACTS, changes()):
        pass


def in_use(owned: Sequence[Owned], month: date, after: date) -> Iterator[Owned]:
    """Those in use on some day from the first of `month` and before `after`."""
    return (one for one in owned if one.opened < after and (one.ended is None or one.ended > month))
