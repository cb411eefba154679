"""The list of customer numbers."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import case, exists, func, select
from sqlmodel import col

from selfcare_app.models import Connection, CustomerNumber, Invoice, Subscription
from selfcare_app.specs.lists.common import (
    EXPORT,
    GROUP_FILTER,
    GROUPS_COLUMN,
    SHOW,
    active_tabs,
    group_actions,
    in_use,
)
from selfcare_app.specs.lists.shape import (
    Action,
    Cell,
    Column,
    Filter,
    FilterKind,
    Grouped,
    ListSpec,
    Lookup,
    OnDay,
    by_rank,
    stored,
)
from selfcare_app.specs.permissions import Permission
from selfcare_app.specs.products import CustomerNumberType

_OPEN = in_use(CustomerNumber.closed)


def _belongs(model: Any) -> tuple[Any, Any]:
    return (
        col(model.company_id) == col(CustomerNumber.company_id),
        col(model.customer_number_id) == col(CustomerNumber.id),
    )


def _subscriptions(_today: date) -> Any:
    return select(func.count()).where(*_belongs(Subscription)).correlate(CustomerNumber).scalar_subquery()


def _has(model: Any) -> OnDay:
    return lambda _today: exists().where(*_belongs(model)).correlate(CustomerNumber)


CUSTOMER_NUMBERS = ListSpec(
    key="customer-numbers",
    model=CustomerNumber,
    permission=Permission.CUSTOMER_NUMBERS_READ,
    number=col(CustomerNumber.number),
    page="/customer-numbers/{number}",
    icon="hash",
    search_table="customer_number_search",
    lookups=(Lookup(column=col(CustomerNumber.number)),),
    default_sort="number",
    groups=Grouped(customer_number=col(CustomerNumber.id)),
    columns=(
        Column(
            key="number",
            cell=Cell.LINK,
            value=stored(col(CustomerNumber.number)),
            sort=stored(col(CustomerNumber.number_sort)),
            card="first",
        ),
        Column(
            key="name",
            cell=Cell.TEXT,
            value=stored(col(CustomerNumber.name)),
            sort=stored(col(CustomerNumber.name_sort)),
            card="fact",
        ),
        Column(
            key="type",
            cell=Cell.CHOICE,
            value=stored(col(CustomerNumber.type)),
            sort=lambda _: by_rank(
                col(CustomerNumber.type),
                (
                    CustomerNumberType.MIXED,
                    CustomerNumberType.DATA,
                    CustomerNumberType.FIXED,
                    CustomerNumberType.MOBILE,
                ),
            ),
            texts="lists.customer_number_type",
            priority=1,
            card="fact",
        ),
        Column(
            key="status",
            cell=Cell.STATUS,
            value=lambda today: case((_OPEN(today), "active"), else_="inactive"),
            sort=lambda today: case((_OPEN(today), 0), else_=1),
            texts="lists.status",
            card="status",
        ),
        Column(
            key="opened",
            cell=Cell.DATE,
            value=stored(col(CustomerNumber.opened)),
            sort=stored(col(CustomerNumber.opened)),
            priority=2,
        ),
        Column(
            key="subscriptions",
            cell=Cell.COUNT,
            value=_subscriptions,
            sort=_subscriptions,
            permission=Permission.SUBSCRIPTIONS_READ,
            priority=1,
        ),
        GROUPS_COLUMN,
    ),
    tabs=active_tabs(CustomerNumber.closed),
    filters=(
        Filter(
            key="type",
            kind=FilterKind.CHOICE,
            column=stored(col(CustomerNumber.type)),
            values=tuple(CustomerNumberType),
            texts="lists.customer_number_type",
        ),
        Filter(key="number", kind=FilterKind.TEXT, column=stored(func.lower(col(CustomerNumber.number)))),
        Filter(key="name", kind=FilterKind.TEXT, column=stored(col(CustomerNumber.name_search))),
        GROUP_FILTER,
    ),
    actions=(
        SHOW,
        Action(
            key="show_subscriptions",
            icon="smartphone",
            permission=Permission.SUBSCRIPTIONS_READ,
            filters=("subscriptions", "customer_number"),
            when=_has(Subscription),
        ),
        Action(
            key="show_connections",
            icon="network",
            permission=Permission.CONNECTIONS_READ,
            filters=("connections", "customer_number"),
            when=_has(Connection),
        ),
        Action(
            key="show_invoices",
            icon="receipt-text",
            permission=Permission.INVOICES_READ,
            filters=("invoices", "customer_number"),
            when=_has(Invoice),
        ),
        *group_actions("customer-numbers"),
        EXPORT,
    ),
)
