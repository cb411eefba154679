"""One connection with what belongs to it (O1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from selfcare_app.models import Connection, CustomerNumber
from selfcare_app.services import access, narrowing
from selfcare_app.services.access import Actor, allowed
from selfcare_app.services.database import session
from selfcare_app.specs.lists import CONNECTIONS
from selfcare_app.specs.permissions import Permission
from selfcare_app.specs.products import status_of


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
    """Both empty without the right to read customer numbers."""
    capacity: str
    address: str
    city: str
    sla: str
    equipment: str
    opened: date
    ended: date | None
    """First day it is no longer in use."""
    parts: dict[str, int]
    """How much of each kind belongs to it, by keys of lists."""


@allowed(Permission.CONNECTIONS_READ)
def overview(actor: Actor, number: str) -> ConnectionOverview:
    """The connection with this id; NotFound for unknown and foreign alike."""
    with session() as db:
        found = access.fetch(db, actor, Connection, number)
        assert found.id is not None
        # Sight of a connection comes from its customer number's (U5).
        customer_number = db.get_one(CustomerNumber, found.customer_number_id)
        seen = actor.may(Permission.CUSTOMER_NUMBERS_READ)
        return ConnectionOverview(
            id=found.id,
            number=found.number,
            product=found.product,
            service_type=found.service_type,
            status=status_of(found.opened, found.ended, actor.today),
            customer_number=customer_number.number if seen else "",
            customer_number_name=customer_number.name if seen else "",
            capacity=found.capacity,
            address=found.address,
            city=found.city,
            sla=found.sla,
            equipment=found.equipment,
            opened=found.opened,
            ended=found.ended,
            parts=narrowing.parts(db, actor, CONNECTIONS.key, found.id),
        )
