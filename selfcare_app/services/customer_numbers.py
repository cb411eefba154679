"""One customer number with what belongs to it (O1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from selfcare_app.models import CustomerNumber
from selfcare_app.services import access, memberships, narrowing
from selfcare_app.services.access import Actor, allowed
from selfcare_app.services.database import session
from selfcare_app.services.memberships import Membership
from selfcare_app.specs.lists import CUSTOMER_NUMBERS
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
    """How much of each kind belongs to it, of what the actor may read: by keys of lists."""


@allowed(Permission.CUSTOMER_NUMBERS_READ)
def overview(actor: Actor, number: str) -> CustomerNumberOverview:
    """The customer number; NotFound for unknown and foreign alike. What belongs to it is told only to those who may
    read it (U2)."""
    with session() as db:
        found = access.fetch(db, actor, CustomerNumber, number)
        assert found.id is not None
        groups = memberships.of_customer_number(db, actor, found)
        parts = narrowing.parts(db, actor, CUSTOMER_NUMBERS.key, found.id)
        return CustomerNumberOverview(
            id=found.id,
            number=found.number,
            name=found.name,
            type=found.type,
            status=status_of(found.opened, found.closed, actor.today),
            opened=found.opened,
            closed=found.closed,
            company=actor.company_name,
            groups=groups,
            parts=parts,
        )
