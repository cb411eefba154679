"""What needs a person at the company (V1): invoices to pay, commitments and agreements that soon end."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import func, or_, select
from sqlmodel import Session as DatabaseSession
from sqlmodel import col

from selfcare_app.models import CustomerNumber, FrameworkAgreement, Invoice, Subscription
from selfcare_app.services import access
from selfcare_app.services.access import Actor
from selfcare_app.specs.attention import ENDING_SOON, binding_ends_soon, due_soon, overdue
from selfcare_app.specs.permissions import Permission

INVOICES_SHOWN = 5
"""Overdue invoices that are named one by one, and as many of those due soon; the list has them all."""


@dataclass(frozen=True, slots=True)
class DueInvoice:
    """An invoice with something left to pay."""

    number: str
    customer_number: str
    customer_name: str
    due: date
    left: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Agreement:
    """A framework agreement that is or will be in force, and whether it soon ends."""

    number: str
    products: list[str]
    valid_from: date
    valid_to: date | None
    ending: bool


@dataclass(frozen=True, slots=True)
class Attention:
    """What needs a person, as far as the actor may read it."""

    overdue: list[DueInvoice] = field(default_factory=list)
    """The oldest due date first, at most INVOICES_SHOWN."""
    overdue_count: int = 0
    soon: list[DueInvoice] = field(default_factory=list)
    """Due today or within DUE_SOON."""
    soon_count: int = 0
    bindings_ending: int = 0
    """Subscriptions in use whose commitment ends within ENDING_SOON."""
    first_binding: date | None = None
    """The first of those days."""


def found(db: DatabaseSession, actor: Actor) -> Attention:
    """What needs a person. Each part is empty for whoever may not read it."""
    overdue, soon, counts = _invoices(db, actor) if actor.may(Permission.INVOICES_READ) else ([], [], (0, 0))
    bindings = _bindings(db, actor) if actor.may(Permission.SUBSCRIPTIONS_READ) else (0, None)
    return Attention(overdue, counts[0], soon, counts[1], *bindings)


def agreements(db: DatabaseSession, actor: Actor) -> list[Agreement]:
    """Framework agreements that haven't ended, by number; none for whoever may not read the company profile (C8)."""
    if not actor.may(Permission.COMPANY_READ):
        return []
    today = actor.today
    valid = access.visible(select(FrameworkAgreement), actor, FrameworkAgreement).where(
        or_(col(FrameworkAgreement.valid_to).is_(None), col(FrameworkAgreement.valid_to) >= today)
    )
    return [
        Agreement(
            number=each.number,
            products=list(each.products),
            valid_from=each.valid_from,
            valid_to=each.valid_to,
            ending=each.valid_to is not None and each.valid_to - today <= ENDING_SOON,
        )
        for each in db.exec(valid.order_by(col(FrameworkAgreement.number))).scalars()
    ]


def _invoices(db: DatabaseSession, actor: Actor) -> tuple[list[DueInvoice], list[DueInvoice], tuple[int, int]]:
    """Overdue ones, those due soon, and how many there are of each."""
    wanted = (overdue(actor.today), due_soon(actor.today))
    counted = (
        access.visible(select(func.count()).select_from(Invoice).where(when), actor, Invoice).scalar_subquery()
        for when in wanted
    )
    late_count, soon_count = db.exec(select(*counted)).one()  # type: ignore[call-overload]
    late, soon = (
        _due(db, actor, when) if count else [] for when, count in zip(wanted, (late_count, soon_count), strict=True)
    )
    return late, soon, (late_count, soon_count)


def _due(db: DatabaseSession, actor: Actor, when: Any) -> list[DueInvoice]:
    statement = (
        select(Invoice, col(CustomerNumber.number), col(CustomerNumber.name))
        .join(CustomerNumber, col(CustomerNumber.id) == col(Invoice.customer_number_id))
        .where(when)
        .order_by(col(Invoice.due), col(Invoice.id))
        .limit(INVOICES_SHOWN)
    )
    return [
        DueInvoice(
            number=invoice.number,
            customer_number=number,
            customer_name=name,
            due=invoice.due,
            left=invoice.payable - invoice.paid - invoice.credited,
            currency=invoice.currency,
        )
        for invoice, number, name in db.exec(access.visible(statement, actor, Invoice)).all()
    ]


def _bindings(db: DatabaseSession, actor: Actor) -> tuple[int, date | None]:
    statement = select(func.count(), func.min(col(Subscription.bound_until))).where(binding_ends_soon(actor.today))
    count, first = db.exec(access.visible(statement, actor, Subscription)).one()
    return count, first
