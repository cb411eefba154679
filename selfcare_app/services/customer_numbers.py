"""One customer number with what belongs to it (O1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlmodel import col

from selfcare_app.models import Connection, CustomerNumber, Invoice, Subscription
from selfcare_app.services import access, memberships, related
from selfcare_app.services.access import Actor, allowed
from selfcare_app.services.database import session
from selfcare_app.services.memberships import Membership
from selfcare_app.services.related import Part
from selfcare_app.specs.permissions import Permission
from selfcare_app.specs.products import status_of


@dataclass(frozen=True, slots=True)
class CustomerNumberOverview:
    """What the page of a customer number shows."""

    id: int
    number: str
    name: str
    type: str
    status: str
    opened: date
    closed: date | None
    """First day it is no longer in use."""
    company: str
    groups: list[Membership]
    parts: dict[str, int]
    """How much of each kind belongs to it, of what the actor may read: subscriptions, connections, invoices, groups."""


@allowed(Permission.CUSTOMER_NUMBERS_READ)
def overview(actor: Actor, number: str) -> CustomerNumberOverview:
    """The customer number; NotFound for unknown and foreign alike. What belongs to it is told only to those who may
    read it (U2)."""
    with session() as db:
        found = access.fetch(db, actor, CustomerNumber, number)
        assert found.id is not None
        groups = memberships.of_customer_number(db, actor, found)
        parts = related.count(db, actor, _parts(found.id))
        if actor.may(Permission.GROUPS_READ):
            parts["groups"] = len(groups)
        return CustomerNumberOverview(
            id=found.id,
            number=found.number,
            name=found.name,
            type=found.type,
            status=status_of(found.closed, actor.today),
            opened=found.opened,
            closed=found.closed,
            company=actor.company_name,
            groups=groups,
            parts=parts,
        )


def _parts(customer_number_id: int) -> tuple[Part, ...]:
    return (
        Part(
            "subscriptions",
            Subscription,
            Permission.SUBSCRIPTIONS_READ,
            col(Subscription.customer_number_id) == customer_number_id,
        ),
        Part(
            "connections",
            Connection,
            Permission.CONNECTIONS_READ,
            col(Connection.customer_number_id) == customer_number_id,
        ),
        Part("invoices", Invoice, Permission.INVOICES_READ, col(Invoice.customer_number_id) == customer_number_id),
    )
