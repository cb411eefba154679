"""The demo's people: users with their sign-ins and access, groups and who belongs to them, the operator's staff."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Any

import phonenumbers
from sqlalchemy import select
from sqlmodel import Session as DatabaseSession
from sqlmodel import col

from selfcare_app.models import (
    AccessGrant,
    Approver,
    ApproverChain,
    Company,
    CustomerNumber,
    Group,
    GroupCategory,
    GroupMembership,
    OperatorUser,
    SignIn,
    Subscription,
    User,
)
from selfcare_app.services import audit, costs
from selfcare_app.services.access import Actor
from selfcare_app.services.demo.content import COMPANIES, STAFF, DemoCompany, Person
from selfcare_app.services.demo.inventory import lines
from selfcare_app.services.passwords import hash_password
from selfcare_app.specs.demo import DEMO_PASSWORD
from selfcare_app.specs.groups import name_fields
from selfcare_app.specs.months import months_later
from selfcare_app.specs.permissions import OperatorRole
from selfcare_app.specs.text import email_key, sort_key, user_search

MEMBERS = 60
"""Subscriptions of a company that are in groups of their own."""
REGISTERED = timedelta(days=200)
"""How long ago the users came."""


def settle_in(db: DatabaseSession, actor: Actor) -> None:
    """Make groups, users and sign-ins of the companies that have been fed, inside the caller's transaction."""
    password_hash = hash_password(DEMO_PASSWORD)
    for content in COMPANIES:
        _groups(db, actor, content)
        for person in content.people:
            _user(db, actor, content, person, password_hash)
        _chains(db, actor, content)
    _staff(db, actor, password_hash)


def _groups(db: DatabaseSession, actor: Actor, content: DemoCompany) -> None:
    company_id = _company_id(db, content)
    groups: dict[tuple[str, str], Any] = {}
    for category, names in content.groups.items():
        row = GroupCategory(company_id=company_id, **name_fields(category))
        category_id = _add(db, actor, row, category).id
        for name in names:
            group = Group(company_id=company_id, category_id=category_id, **name_fields(name))
            groups[category, name] = _add(db, actor, group, f"{category}:{name}")
    customer_numbers = _ids(db, CustomerNumber, company_id)
    subscriptions = _ids(db, Subscription, company_id)
    for number, category, name, start, end in memberships(content, actor.today):
        group = groups[category, name]
        member = (
            {"customer_number_id": customer_numbers[number]}
            if number in customer_numbers
            else {"subscription_id": subscriptions[number]}
        )
        membership = GroupMembership(
            company_id=company_id,
            category_id=group.category_id,
            group_id=group.id,
            start_month=months_later(actor.today, start),
            end_month=None if end is None else months_later(actor.today, end),
            **member,
        )
        _add(db, actor, membership, f"{number} {category}:{name}")
    costs.recount(db, company_id)


def memberships(content: DemoCompany, today: date) -> Iterator[tuple[str, str, str, int, int | None]]:
    """Number, category, group, first and last month: at most one group per category in any month (R2)."""
    for stay in content.stays:
        yield stay.number, stay.category, stay.group, stay.start, stay.end
    chance = Random(content.first_subscription + 1)  # noqa: S311  the same demo each time is the point
    running = [line for line in lines(content, today) if line.ended is None]
    for index, line in enumerate(sorted(chance.sample(running, MEMBERS), key=lambda line: line.number)):
        for category in chance.sample(list(content.groups), 1 if index % 3 else 2):
            first, second = chance.sample(content.groups[category], 2)
            earliest = max(line.place.opened_month, -20)
            if index % 8 == 0:
                yield line.number, category, first, chance.randint(1, 4), None
            elif index % 3 == 0:
                change = chance.randint(-6, 3)
                yield line.number, category, first, chance.randint(earliest, change - 2), change - 1
                yield line.number, category, second, change, None if index % 2 else change + chance.randint(2, 8)
            else:
                yield line.number, category, first, chance.randint(earliest, -1), None


def _user(db: DatabaseSession, actor: Actor, content: DemoCompany, person: Person, password_hash: str) -> None:
    company_id = _company_id(db, content)
    since = actor.at - REGISTERED
    sign_in = _sign_in(db, actor, person.email, "" if person.invited else password_hash)
    user = User(
        company_id=company_id,
        sign_in_id=sign_in.id,
        name=person.name,
        name_sort=sort_key(person.name),
        phone=_e164(person.phone),
        search_key=user_search(person.name, person.email, person.phone),
        role=person.role,
        permissions=[permission.value for permission in person.permissions],
        access_all=not person.only,
        created_at=actor.at if person.invited else since,
        activated_at=None if person.invited else since,
    )
    user_id = _add(db, actor, user, person.name).id
    customer_numbers = _ids(db, CustomerNumber, company_id)
    for number in person.only:
        grant = AccessGrant(company_id=company_id, user_id=user_id, customer_number_id=customer_numbers[number])
        _add(db, actor, grant, f"{person.name} {number}")


def _chains(db: DatabaseSession, actor: Actor, content: DemoCompany) -> None:
    """The order approvers of each product (C4)."""
    company_id = _company_id(db, content)
    named = select(col(SignIn.email), col(User.id), col(User.name)).join(SignIn, col(SignIn.id) == col(User.sign_in_id))
    users: dict[str, tuple[Any, str]] = {
        email: (id_, name)
        for email, id_, name in db.connection().execute(named.where(col(User.company_id) == company_id))
    }
    for product, emails in content.chains.items():
        db.add(ApproverChain(company_id=company_id, product=product))
        for position, email in enumerate(emails, start=1):
            db.add(Approver(company_id=company_id, product=product, position=position, user_id=users[email][0]))
        audit.record(
            db,
            actor,
            "approvers_changed",
            kind="company",
            object_id=company_id,
            label=content.name,
            before={f"approvers_{product}": []},
            after={f"approvers_{product}": [users[email][1] for email in emails]},
            company_id=company_id,
        )


def _staff(db: DatabaseSession, actor: Actor, password_hash: str) -> None:
    email, name = STAFF
    sign_in = _sign_in(db, actor, email, password_hash)
    row = OperatorUser(sign_in_id=sign_in.id, name=name, role=OperatorRole.ADMINISTRATOR, created_at=actor.at)
    _add(db, actor, row, email)


def _sign_in(db: DatabaseSession, actor: Actor, email: str, password_hash: str) -> Any:
    """The sign-in of the address: one, in however many companies (S5)."""
    key = email_key(email)
    found = db.exec(select(SignIn).where(SignIn.email_key == key)).scalar_one_or_none()  # type: ignore[arg-type,call-overload]
    if found is not None:
        return found
    row = SignIn(email=email, email_key=key, password_hash=password_hash, created_at=actor.at - REGISTERED)
    return _add(db, actor, row, email)


def _company_id(db: DatabaseSession, content: DemoCompany) -> int:
    number = content.organisation_number.replace("-", "")
    return int(db.exec(select(Company.id).where(Company.organisation_number == number)).scalar_one())  # type: ignore[call-overload]


def _ids(db: DatabaseSession, model: type[Any], company_id: int) -> dict[str, int]:
    """Ids of the company's rows by number."""
    rows = db.exec(select(model).where(model.company_id == company_id)).scalars()  # type: ignore[call-overload]
    return {row.number: row.id for row in rows}


def _add(db: DatabaseSession, actor: Actor, row: Any, label: str) -> Any:
    """Store the row with its audit entry; gives it back with its id."""
    db.add(row)
    db.flush()
    after = {name: value for name, value in row.model_dump().items() if not name.endswith(("_sort", "_key"))}
    kind = str(row.__tablename__)
    company_id = getattr(row, "company_id", None)
    audit.record(
        db, actor, f"{kind}.created", kind=kind, object_id=row.id, label=label, after=after, company_id=company_id
    )
    return row


def _e164(phone: str) -> str:
    if not phone:
        return ""
    found = phonenumbers.parse(phone, "SE")
    return str(phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164))
