"""A database large enough to measure on: 100,000 customer numbers and as many subscriptions in two companies, 60,000
of each in the first; the same rows every time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from sqlmodel import Session as DatabaseSession

from selfcare_app.models import (
    Company,
    CustomerNumber,
    Group,
    GroupCategory,
    GroupMembership,
    PricePlan,
    SignIn,
    Subscription,
    Table,
    User,
)
from selfcare_app.services import bulk
from selfcare_app.services.database import after_commit, take_stock, writing
from selfcare_app.services.passwords import hash_password
from selfcare_app.specs.permissions import Role
from selfcare_app.specs.products import CustomerNumberType, Product, SubscriptionType
from selfcare_app.specs.text import (
    customer_number_search,
    email_key,
    label_sort,
    search_key,
    sort_key,
    subscription_label,
    subscription_search,
    user_search,
)

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
FIRST, SECOND = 60_000, 40_000
COMPANIES = (("Mätbolaget AB", "5561234567", FIRST), ("Andra Bolaget AB", "5567654321", SECOND))
EMAIL, PASSWORD = "measure@bench.example", "measure-measure-measure"
GROUPS = range(2000, 2050)
_PLACES = ("Huvudkontor", "Lager", "Verkstad", "Åkeri", "Ängsvägen", "Östra hamnen", "Projekt", "Service")
_TOWNS = ("Umeå", "Gävle", "Ystad", "Örebro", "Luleå", "Kalmar", "Sala", "Borås", "Åmål", "Växjö")
_FIRST_NAMES = ("Åsa", "Anna", "Lars", "Maria", "Erik", "Ömer", "Karin", "Johan", "Fatima", "Nils", "Åke", "Märta")
_LAST_NAMES = ("Lindström", "Åkerblom", "Nilsson", "Öberg", "Haddad", "Ängström", "Berg", "Sjögren", "Novák", "Ekman")
_PLANS = tuple(f"Plan {name} {size}" for name in ("Bas", "Plus", "Fri", "Data") for size in (5, 10, 20, 50, 100))
_EVERY_OTHER = 2


def fill() -> None:
    """Fill the empty database of the settings."""
    random = Random(1)
    with writing() as db:
        after_commit(db, take_stock)
        plans = _plans(db)
        for at, (name, organisation, count) in enumerate(COMPANIES):
            company = Company(organisation_number=organisation, name=name, name_sort=sort_key(name), created_at=NOW)
            _put(db, company)
            numbers = _customer_numbers(db, random, company, 1_000_000 * (at + 1), count)
            subscriptions = _subscriptions(db, random, company, at, numbers, plans)
            if at == 0:
                _groups(db, random, company, [id_ for id_, *_ in numbers], subscriptions)
                _user(db, company)


def _put(db: DatabaseSession, row: Table) -> Any:
    db.add(row)
    db.flush()
    return row


def _insert(db: DatabaseSession, model: type[Table], rows: Iterator[dict[str, Any]], count: int) -> list[int]:
    """Insert so many rows in bulk; gives their ids."""
    ids = list(bulk.new_ids(db, model, count))
    first = next(rows)
    fields = ("id", *first)

    def values() -> Iterator[tuple[Any, ...]]:
        yield (ids[0], *first.values())
        for id_, row in zip(ids[1:], rows, strict=True):
            yield (id_, *row.values())

    bulk.insert(db, model, fields, values())
    return ids


def _plans(db: DatabaseSession) -> list[tuple[int, str]]:
    plans = []
    for at, name in enumerate(_PLANS):
        plan = _put(
            db,
            PricePlan(
                code=f"P{at}",
                product=Product.MOBILE.value,
                name=name,
                name_sort=sort_key(name),
                one_off_fee=0,
                monthly_fee=100 + at,
                sold_from=date(2015, 1, 1),
            ),
        )
        plans.append((plan.id, plan.name_sort))
    return plans


def _opened_and_ended(random: Random) -> tuple[date, date | None]:
    opened = date(2015, 1, 1) + timedelta(days=random.randrange(4_000))
    return opened, date(2026, 1, 1) if random.random() < 0.1 else None


def _customer_numbers(
    db: DatabaseSession, random: Random, company: Company, first: int, count: int
) -> list[tuple[int, str]]:
    """Ids and sort keys of what was made."""
    sorts = []

    def rows() -> Iterator[dict[str, Any]]:
        for number in map(str, range(first, first + count)):
            name = f"{random.choice(_PLACES)} {random.choice(_TOWNS)} {random.randrange(10_000)}"
            opened, closed = _opened_and_ended(random)
            sorts.append(sort_key(number))
            yield {
                "company_id": company.id,
                "number": number,
                "number_sort": sorts[-1],
                "name": name,
                "name_sort": sort_key(name),
                "type": random.choice(list(CustomerNumberType)).value,
                "opened": opened,
                "closed": closed,
                "search_key": customer_number_search(number, name, company.name),
                "name_search": search_key(name),
                "version": 1,
            }

    ids = _insert(db, CustomerNumber, rows(), count)
    return list(zip(ids, sorts, strict=True))


def _subscriptions(
    db: DatabaseSession,
    random: Random,
    company: Company,
    at: int,
    numbers: list[tuple[int, str]],
    plans: list[tuple[int, str]],
) -> list[int]:
    def rows() -> Iterator[dict[str, Any]]:
        for serial in range(len(numbers)):
            customer_number, customer_number_sort = random.choice(numbers)
            plan, plan_sort = random.choice(plans)
            phone = f"+467{at}{serial:07d}"
            number = f"S{at}{serial:07d}"
            person = f"{random.choice(_FIRST_NAMES)} {random.choice(_LAST_NAMES)}"
            label = subscription_label(number, phone)
            opened, ended = _opened_and_ended(random)
            yield {
                "company_id": company.id,
                "number": number,
                "customer_number_id": customer_number,
                "customer_number_sort": customer_number_sort,
                "type": random.choice(list(SubscriptionType)).value,
                "phone": phone,
                "label": label,
                "label_sort": label_sort(label),
                "person": person,
                "person_sort": sort_key(person),
                "cost_centre": str(random.randrange(1000, 1100)),
                "price_plan_id": plan,
                "price_plan_sort": plan_sort,
                "opened": opened,
                "ended": ended,
                "bound_until": None,
                "sim": f"8946{random.randrange(10**15):015d}",
                "puk": "",
                "search_key": subscription_search(number, phone, person, company.name),
                "version": 1,
            }

    return _insert(db, Subscription, rows(), len(numbers))


def _groups(
    db: DatabaseSession, random: Random, company: Company, numbers: list[int], subscriptions: list[int]
) -> None:
    """Every other customer number is in a group, and every tenth subscription in one of its own."""
    category = _put(
        db,
        GroupCategory(company_id=company.id, name="Kostnadsställe", name_sort=sort_key("Kostnadsställe")),
    )
    groups = [
        _put(
            db,
            Group(company_id=company.id, category_id=category.id, name=str(name), name_sort=sort_key(str(name))),
        ).id
        for name in GROUPS
    ]
    members = [(id_, None) for id_ in numbers[::_EVERY_OTHER]] + [(None, id_) for id_ in subscriptions[::10]]
    bulk.insert(
        db,
        GroupMembership,
        (
            "company_id",
            "category_id",
            "group_id",
            "customer_number_id",
            "subscription_id",
            "start_month",
            "version",
        ),
        (
            (company.id, category.id, random.choice(groups), number, subscription, date(2020, 1, 1), 1)
            for number, subscription in members
        ),
    )


def _user(db: DatabaseSession, company: Company) -> None:
    sign_in = _put(
        db, SignIn(email=EMAIL, email_key=email_key(EMAIL), password_hash=hash_password(PASSWORD), created_at=NOW)
    )
    name = "Mia Mätare"
    _put(
        db,
        User(
            company_id=company.id,
            sign_in_id=sign_in.id,
            name=name,
            name_sort=sort_key(name),
            search_key=user_search(name, EMAIL, ""),
            role=Role.SUPERUSER,
            access_all=True,
            created_at=NOW,
            activated_at=NOW,
        ),
    )
