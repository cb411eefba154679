"""One subscription with what belongs to it (O1), and its SIM and PUK."""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlmodel import Session as DatabaseSession
from sqlmodel import col

from selfcare_app.models import CustomerNumber, PricePlan, Subscription
from selfcare_app.services import access, audit, memberships, narrowing, secrets, throttle
from selfcare_app.services.access import Actor, Refused, allowed
from selfcare_app.services.database import session, writing
from selfcare_app.services.memberships import Membership
from selfcare_app.specs.attention import ENDING_SOON
from selfcare_app.specs.lists import SUBSCRIPTIONS
from selfcare_app.specs.permissions import Permission
from selfcare_app.specs.products import status_of

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a subscription costs and binds to."""

    code: str
    name: str
    one_off_fee: Decimal
    monthly_fee: Decimal
    """SEK without VAT, as is the one-off fee."""
    binding_months: int
    notice_months: int


@dataclass(frozen=True, slots=True)
class SubscriptionOverview:
    """What the page of a subscription shows. Nothing of SIM and PUK but whether there is something to ask for."""

    id: int
    number: str
    """The id from inventory."""
    label: str
    """What people call it: the phone number in national form, else the id."""
    phone: str
    person: str
    type: str
    status: str
    customer_number: str
    customer_number_name: str
    """Both empty when the actor has no sight of the customer number itself (U5)."""
    plan: Plan | None
    cost_centre: str
    opened: date
    ended: date | None
    """First day it is no longer in use."""
    bound_until: date | None
    """Last day of the commitment."""
    binding_ends: bool
    """The commitment ends within ENDING_SOON."""
    has_secrets: bool
    """There is a SIM or PUK, and the actor may ask for them."""
    groups: list[Membership]
    parts: dict[str, int]
    """How much of each kind belongs to it, of what the actor may read: by keys of lists."""


@dataclass(frozen=True, slots=True)
class Secrets:
    """SIM and PUK; each empty when there is none. Never in a log: what is printed of it tells nothing."""

    sim: str = field(repr=False)
    puk: str = field(repr=False)


class SecretsRationed(Refused):
    """The user has read as many as one may in an hour; `seconds` until the next."""

    def __init__(self, seconds: int) -> None:
        super().__init__("refused.secrets_rationed", n=math.ceil(seconds / 60), most=throttle.SECRETS_AN_HOUR)
        self.seconds = seconds


class SecretsUnavailable(Refused):
    """They can't be decrypted: something is wrong with the portal, not with the question."""

    def __init__(self) -> None:
        super().__init__("refused.secrets_unavailable")


@allowed(Permission.SUBSCRIPTIONS_READ)
def overview(actor: Actor, number: str) -> SubscriptionOverview:
    """The subscription with this id; NotFound for unknown and foreign alike. What belongs to it is told only to those
    who may read it (U2), and its customer number to those who see that too (U5)."""
    with session() as db:
        found = access.fetch(db, actor, Subscription, number)
        assert found.id is not None
        customer_number, plan = _surroundings(db, actor, found)
        seen = customer_number.seen and actor.may(Permission.CUSTOMER_NUMBERS_READ)
        groups = memberships.of_subscription(db, actor, found)
        parts = narrowing.parts(db, actor, SUBSCRIPTIONS.key, found.id)
        status = status_of(found.opened, found.ended, actor.today)
        return SubscriptionOverview(
            id=found.id,
            number=found.number,
            label=found.label,
            phone=found.phone,
            person=found.person,
            type=found.type,
            status=status,
            customer_number=customer_number.number if seen else "",
            customer_number_name=customer_number.name if seen else "",
            plan=plan,
            cost_centre=found.cost_centre,
            opened=found.opened,
            ended=found.ended,
            bound_until=found.bound_until,
            binding_ends=status != "inactive" and _ends_soon(found.bound_until, actor.today),
            has_secrets=bool(found.sim or found.puk) and actor.may(Permission.SUBSCRIPTIONS_WRITE),
            groups=groups,
            parts=parts,
        )


@allowed(Permission.SUBSCRIPTIONS_WRITE)
def read_secrets(actor: Actor, number: str) -> Secrets:
    """SIM and PUK of the subscription with this id; that they were read, when and by whom stands in the log (P4).

    NotFound for unknown and foreign alike, SecretsRationed after too many in an hour, SecretsUnavailable when what is
    stored can't be decrypted. A refusal leaves no trace.
    """
    with writing() as db:
        found = access.fetch(db, actor, Subscription, number)
        try:
            throttle.spend(db, throttle.secrets_limit(actor.user_id), actor.at)
        except throttle.Throttled as throttled:
            raise SecretsRationed(throttled.seconds) from None
        try:
            read = Secrets(sim=found.sim, puk=secrets.decrypt(found.puk, found.number))
        except secrets.Unreadable:
            logger.error("The PUK of a subscription can't be decrypted: is SELFCARE_SECRET the one it was fed with?")
            raise SecretsUnavailable from None
        audit.record(
            db, actor, "subscription.secrets_read", kind="subscription", object_id=found.id, label=found.number
        )
        return read


def _surroundings(db: DatabaseSession, actor: Actor, of: Subscription) -> tuple[Any, Plan | None]:
    """Its customer number, with whether the actor sees that, and its price plan."""
    found: Any = db.exec(  # type: ignore[call-overload]
        select(
            col(CustomerNumber.number).label("number"),
            col(CustomerNumber.name).label("name"),
            access.scope(actor, CustomerNumber).label("seen"),
            PricePlan,
        )
        .select_from(CustomerNumber)
        .outerjoin(PricePlan, col(PricePlan.id) == of.price_plan_id)
        .where(col(CustomerNumber.id) == of.customer_number_id)
    ).one()
    plan: PricePlan | None = found.PricePlan
    if plan is None:
        return found, None
    return found, Plan(
        code=plan.code,
        name=plan.name,
        one_off_fee=plan.one_off_fee,
        monthly_fee=plan.monthly_fee,
        binding_months=plan.binding_months,
        notice_months=plan.notice_months,
    )


def _ends_soon(bound_until: date | None, today: date) -> bool:
    return bound_until is not None and today <= bound_until <= today + ENDING_SOON
