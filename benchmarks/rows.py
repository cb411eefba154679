"""A database large enough to measure on: 100,000 customer numbers in two companies, 60,000 of them in the first."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import insert
from sqlmodel import Session as DatabaseSession

from selfcare_app.models import Company, CustomerNumber, Group, GroupCategory, GroupMembership, SignIn, User
from selfcare_app.services.database import writing
from selfcare_app.services.passwords import hash_password
from selfcare_app.specs.permissions import Role
from selfcare_app.specs.products import CustomerNumberType
from selfcare_app.specs.text import email_key, search_key, sort_key

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
FIRST, SECOND = 60_000, 40_000
EMAIL, PASSWORD = "measure@bench.example", "measure-measure-measure"
_PLACES = ("Huvudkontor", "Lager", "Verkstad", "Åkeri", "Ängsvägen", "Östra hamnen", "Projekt", "Service")
_TOWNS = ("Umeå", "Gävle", "Ystad", "Örebro", "Luleå", "Kalmar", "Sala", "Borås", "Åmål", "Växjö")
_CHUNK = 5_000


def fill() -> None:
    """Fill the empty database of the settings; the same rows every time."""
    random_ = random.Random(1)
    with writing() as db:
        for at, (name, organisation, count) in enumerate(
            (("Mätbolaget AB", "5561234567", FIRST), ("Andra Bolaget AB", "5567654321", SECOND))
        ):
            company = Company(organisation_number=organisation, name=name, name_sort=sort_key(name), created_at=NOW)
            db.add(company)
            db.flush()
            _customer_numbers(db, random_, company, 1_000_000 * (at + 1), count)
            if at == 0:
                _groups(db, random_, company)
                _user(db, company)


def _customer_numbers(db: DatabaseSession, random_: random.Random, company: Company, first: int, count: int) -> None:
    rows: list[dict[str, Any]] = []
    for at in range(count):
        number = str(first + at)
        name = f"{random_.choice(_PLACES)} {random_.choice(_TOWNS)} {random_.randrange(10_000)}"
        rows.append(
            {
                "company_id": company.id,
                "number": number,
                "number_sort": sort_key(number),
                "name": name,
                "name_sort": sort_key(name),
                "type": random_.choice(list(CustomerNumberType)).value,
                "opened": date(2015, 1, 1) + timedelta(days=random_.randrange(4_000)),
                "closed": date(2026, 1, 1) if random_.random() < 0.1 else None,
                "search_key": search_key(number, name, company.name),
                "name_search": search_key(name),
                "version": 1,
            }
        )
        if len(rows) == _CHUNK:
            db.connection().execute(insert(CustomerNumber), rows)
            rows = []
    if rows:
        db.connection().execute(insert(CustomerNumber), rows)


def _groups(db: DatabaseSession, random_: random.Random, company: Company) -> None:
    category = GroupCategory(company_id=company.id, name="Kostnadsställe", name_sort=sort_key("Kostnadsställe"))
    db.add(category)
    db.flush()
    groups = [
        Group(company_id=company.id, category_id=category.id, name=str(n), name_sort=sort_key(str(n)))
        for n in range(2000, 2050)
    ]
    db.add_all(groups)
    db.flush()
    ids = (
        db.connection()
        .exec_driver_sql(f"SELECT id FROM customer_number WHERE company_id = {company.id} ORDER BY id")
        .scalars()
        .all()
    )
    db.connection().execute(
        insert(GroupMembership),
        [
            {
                "company_id": company.id,
                "category_id": category.id,
                "group_id": random_.choice(groups).id,
                "customer_number_id": each,
                "start_month": date(2020, 1, 1),
                "version": 1,
            }
            for each in ids[: FIRST // 2]
        ],
    )


def _user(db: DatabaseSession, company: Company) -> None:
    sign_in = SignIn(email=EMAIL, email_key=email_key(EMAIL), password_hash=hash_password(PASSWORD), created_at=NOW)
    db.add(sign_in)
    db.flush()
    db.add(
        User(
            company_id=company.id,
            sign_in_id=sign_in.id,
            name="Mia Mätare",
            name_sort=sort_key("Mia Mätare"),
            role=Role.SUPERUSER,
            access_all=True,
            created_at=NOW,
            activated_at=NOW,
        )
    )
