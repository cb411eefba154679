"""The list of add-on services: of a subscription, a connection, or all of a customer number."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import and_, case, or_, select
from sqlmodel import col

from selfcare_app.models import AddOn, Connection, Subscription
from selfcare_app.specs.lists.common import EXPORT
from selfcare_app.specs.lists.shape import Action, Cell, Column, ListSpec, Reference, Tab, Within, stored
from selfcare_app.specs.permissions import Permission


def _in_force(today: date) -> Any:
    """The last day it is in force is one of them."""
    return or_(col(AddOn.valid_to).is_(None), col(AddOn.valid_to) >= today)


def _over(today: date) -> Any:
    return and_(col(AddOn.valid_to).is_not(None), col(AddOn.valid_to) < today)


def _status(active: Any, coming: Any, inactive: Any) -> Any:
    return lambda today: case((_over(today), inactive), (col(AddOn.valid_from) > today, coming), else_=active)


def _of_customer_number(id_: int) -> Any:
    return or_(
        col(AddOn.subscription_id).in_(select(col(Subscription.id)).where(col(Subscription.customer_number_id) == id_)),
        col(AddOn.connection_id).in_(select(col(Connection.id)).where(col(Connection.customer_number_id) == id_)),
    )


ADD_ONS = ListSpec(
    key="add-ons",
    model=AddOn,
    permission=Permission.SUBSCRIPTIONS_READ,
    rights=(
        (Permission.SUBSCRIPTIONS_READ, col(AddOn.subscription_id).is_not(None)),
        (Permission.CONNECTIONS_READ, col(AddOn.connection_id).is_not(None)),
    ),
    number=col(AddOn.code),
    icon="package-plus",
    listed=False,
    default_sort="add_on",
    joins=(
        (Subscription, col(Subscription.id) == col(AddOn.subscription_id)),
        (Connection, col(Connection.id) == col(AddOn.connection_id)),
    ),
    within=(
        Within(kind="customer-numbers", where=_of_customer_number),
        Within(
            kind="subscriptions",
            where=lambda id_: col(AddOn.subscription_id) == id_,
            without=("subscription", "connection", "show_subscription", "show_connection"),
        ),
        Within(
            kind="connections",
            where=lambda id_: col(AddOn.connection_id) == id_,
            without=("subscription", "connection", "show_subscription", "show_connection"),
        ),
    ),
    columns=(
        Column(
            key="add_on",
            cell=Cell.LINK,
            value=stored(col(AddOn.name)),
            sort=stored(col(AddOn.name_sort)),
            card="first",
        ),
        Column(
            key="subscription",
            cell=Cell.REFERENCE,
            value=stored(col(Subscription.label)),
            reference=Reference(to="subscriptions", id=col(AddOn.subscription_id)),
            permission=Permission.SUBSCRIPTIONS_READ,
            card="fact2",
        ),
        Column(
            key="connection",
            cell=Cell.REFERENCE,
            value=stored(col(Connection.number)),
            reference=Reference(to="connections", id=col(AddOn.connection_id)),
            permission=Permission.CONNECTIONS_READ,
            card="fact2",
        ),
        Column(
            key="status",
            cell=Cell.STATUS,
            value=_status("active", "coming", "inactive"),
            sort=_status(0, 2, 1),
            texts="lists.status",
            card="status",
        ),
        Column(
            key="valid_from",
            cell=Cell.DATE,
            value=stored(col(AddOn.valid_from)),
            sort=stored(col(AddOn.valid_from)),
            card="fact",
            card_named=True,
        ),
        Column(key="valid_to", cell=Cell.DATE, value=stored(col(AddOn.valid_to)), priority=1),
        Column(
            key="monthly_fee",
            cell=Cell.MONEY,
            value=stored(col(AddOn.monthly_fee)),
            sort=stored(col(AddOn.monthly_fee)),
            card="fact",
        ),
        Column(key="code", cell=Cell.TEXT, value=stored(col(AddOn.code)), optional=True),
    ),
    tabs=(
        Tab(key="all"),
        Tab(key="active", where=_in_force, complement="inactive"),
        Tab(key="inactive", where=_over),
    ),
    actions=(
        Action(
            key="show_subscription",
            icon="smartphone",
            permission=Permission.SUBSCRIPTIONS_READ,
            reference="subscription",
        ),
        Action(key="show_connection", icon="network", permission=Permission.CONNECTIONS_READ, reference="connection"),
        EXPORT,
    ),
)
