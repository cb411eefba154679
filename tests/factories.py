"""Plain makers of rows and actors for tests. Each takes an open writing session and returns the stored row."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from sqlmodel import Session as DatabaseSession

from selfcare_app.models import (
    AccessGrant,
    Company,
    CustomerNumber,
    Group,
    GroupCategory,
    GroupMembership,
    SignIn,
    Subscription,
    User,
)
from selfcare_app.services.access import Actor
from selfcare_app.specs.permissions import Role, permissions_of
from selfcare_app.specs.text import (
    email_key,
    label_sort,
    search_key,
    sort_key,
    subscription_label,
    subscription_search,
    user_search,
)

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
ORGANISATION_NUMBERS = ("5566778899", "5560360793", "5560125790", "5562626922")


def add(db: DatabaseSession, row: Any) -> Any:
    """Store and return the row, with its id."""
    db.add(row)
    db.flush()
    return row


def company(db: DatabaseSession, name: str = "Björkö Bygg AB", number: str = "5560360793") -> Company:
    return add(db, Company(organisation_number=number, name=name, name_sort=sort_key(name), created_at=NOW))


def customer_number(
    db: DatabaseSession, of: Company, number: str, name: str = "Huvudkontor", **values: Any
) -> CustomerNumber:
    values = {"type": "mobile", "opened": date(2020, 1, 1), **values}
    return add(
        db,
        CustomerNumber(
            company_id=of.id,
            number=number,
            number_sort=sort_key(number),
            name=name,
            name_sort=sort_key(name),
            search_key=search_key(number, name, of.name),
            name_search=search_key(name),
            **values,
        ),
    )


def subscription(db: DatabaseSession, of: CustomerNumber, number: str, **values: Any) -> Subscription:
    values = {"type": "mobile", "opened": of.opened, "phone": "", "person": "", **values}
    label = subscription_label(number, values["phone"])
    owner = db.get(Company, of.company_id)
    return add(
        db,
        Subscription(
            company_id=of.company_id,
            customer_number_id=of.id,
            customer_number_sort=of.number_sort,
            number=number,
            label=label,
            label_sort=label_sort(label),
            person_sort=sort_key(values["person"]),
            search_key=subscription_search(number, values["phone"], values["person"], owner.name),
            **values,
        ),
    )


def group(db: DatabaseSession, of: Company, category: str, name: str) -> Group:
    """The group in its category; the category is made when it doesn't exist."""
    found = next(
        (c for c in db.query(GroupCategory).filter_by(company_id=of.id, name=category)),
        None,
    ) or add(db, GroupCategory(company_id=of.id, name=category, name_sort=sort_key(category)))
    return add(db, Group(company_id=of.id, category_id=found.id, name=name, name_sort=sort_key(name)))


def member(
    db: DatabaseSession, of: Group, what: CustomerNumber | Subscription, start: date, end: date | None = None
) -> GroupMembership:
    kind = "customer_number_id" if isinstance(what, CustomerNumber) else "subscription_id"
    return add(
        db,
        GroupMembership(
            company_id=of.company_id,
            category_id=of.category_id,
            group_id=of.id,
            start_month=start,
            end_month=end,
            **{kind: what.id},
        ),
    )


def sign_in(db: DatabaseSession, email: str, password_hash: str = "") -> SignIn:
    return add(db, SignIn(email=email, email_key=email_key(email), password_hash=password_hash, created_at=NOW))


def user(
    db: DatabaseSession,
    of: Company,
    email: str,
    role: Role = Role.SUPERUSER,
    access_all: bool = True,
    **values: Any,
) -> User:
    """An active user with a sign-in of its own (or the one with that address)."""
    found = db.query(SignIn).filter_by(email_key=email_key(email)).first() or sign_in(db, email)
    values = {"name": email.split("@")[0], "activated_at": NOW, **values}
    return add(
        db,
        User(
            company_id=of.id,
            sign_in_id=found.id,
            name_sort=sort_key(values["name"]),
            role=role,
            access_all=access_all,
            created_at=NOW,
            search_key=user_search(values["name"], email, values.get("phone", "")),
            **values,
        ),
    )


def grant(db: DatabaseSession, to: User, what: CustomerNumber | Subscription | Group) -> AccessGrant:
    kind = {
        CustomerNumber: "customer_number_id",
        Subscription: "subscription_id",
        Group: "group_id",
    }[type(what)]
    return add(db, AccessGrant(company_id=to.company_id, user_id=to.id, **{kind: what.id}))


def actor(of: User, at: datetime = NOW, **values: Any) -> Actor:
    """The user as services see whoever calls."""
    return Actor(
        name=of.name,
        at=at,
        company_id=of.company_id,
        user_id=of.id,
        sign_in_id=of.sign_in_id,
        permissions=permissions_of(of.role, of.permissions),
        access_all=of.access_all,
        role=of.role,
        source="127.0.0.1",
        **values,
    )
