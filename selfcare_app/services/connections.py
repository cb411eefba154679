"""One connection with what belongs to it (O1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlmodel import Session as DatabaseSession
from sqlmodel import col

from selfcare_app.models import AddOn, Connection, ConnectionContact, CustomerNumber
from selfcare_app.services import access, related
from selfcare_app.services.access import Actor, allowed
from selfcare_app.services.database import session
from selfcare_app.services.related import Part
from selfcare_app.specs.permissions import Permission
from selfcare_app.specs.products import status_of


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to ask at a connection."""

    name: str
    email: str
    phone: str
    """E.164, or empty."""


@dataclass(frozen=True, slots=True)
class ConnectionOverview:
    """What the page of a connection shows."""

    id: int
    number: str
    """The id from inventory."""
    product: str
    service_type: str
    status: str
    customer_number: str
    customer_number_name: str
    sees_customer_number: bool
    """False: without the right to read customer numbers; then their name is empty."""
    capacity: str
    address: str
    city: str
    sla: str
    equipment: str
    opened: date
    ended: date | None
    """First day it is no longer in use."""
    contacts: list[Contact]
    parts: dict[str, int]
    """How much of each kind belongs to it: add_ons, contacts."""


@allowed(Permission.CONNECTIONS_READ)
def overview(actor: Actor, number: str) -> ConnectionOverview:
    """The connection with this id; NotFound for unknown and foreign alike."""
    with session() as db:
        found = access.fetch(db, actor, Connection, number)
        assert found.id is not None
        # Sight of a connection comes from its customer number's (U5).
        customer_number = db.get_one(CustomerNumber, found.customer_number_id)
        sees_customer_number = actor.may(Permission.CUSTOMER_NUMBERS_READ)
        contacts = _contacts(db, actor, found.id)
        parts = related.count(db, actor, _parts(found.id))
        return ConnectionOverview(
            id=found.id,
            number=found.number,
            product=found.product,
            service_type=found.service_type,
            status=status_of(found.ended, actor.today),
            customer_number=customer_number.number,
            customer_number_name=customer_number.name if sees_customer_number else "",
            sees_customer_number=sees_customer_number,
            capacity=found.capacity,
            address=found.address,
            city=found.city,
            sla=found.sla,
            equipment=found.equipment,
            opened=found.opened,
            ended=found.ended,
            contacts=contacts,
            parts={**parts, "contacts": len(contacts)},
        )


def _contacts(db: DatabaseSession, actor: Actor, connection_id: int) -> list[Contact]:
    found: Any = db.exec(
        access.visible(
            select(col(ConnectionContact.name), col(ConnectionContact.email), col(ConnectionContact.phone)),
            actor,
            ConnectionContact,
        )
        .where(col(ConnectionContact.connection_id) == connection_id)
        .order_by(col(ConnectionContact.name_sort), col(ConnectionContact.email))
    )
    return [Contact(name, email, phone) for name, email, phone in found]


def _parts(connection_id: int) -> tuple[Part, ...]:
    return (Part("add_ons", AddOn, Permission.CONNECTIONS_READ, col(AddOn.connection_id) == connection_id),)
