"""The list of connections, and of whom to contact at one."""

from __future__ import annotations

from sqlmodel import col

from selfcare_app.models import Connection, ConnectionContact, CustomerNumber
from selfcare_app.specs.lists.common import (
    EXPORT,
    GROUP_FILTER,
    SHOW,
    SHOW_CUSTOMER_NUMBER,
    active_tabs,
    customer_number_column,
    customer_number_filter,
    status_column,
)
from selfcare_app.specs.lists.shape import (
    Cell,
    Column,
    Filter,
    FilterKind,
    Grouped,
    ListSpec,
    Lookup,
    Within,
    by_rank,
    stored,
)
from selfcare_app.specs.permissions import Permission
from selfcare_app.specs.products import ServiceType, SlaLevel

CONNECTIONS = ListSpec(
    key="connections",
    model=Connection,
    permission=Permission.CONNECTIONS_READ,
    number=col(Connection.number),
    page="/connections/{number}",
    icon="network",
    search_table="connection_search",
    lookups=(Lookup(column=col(Connection.number)),),
    default_sort="connection",
    groups=Grouped(customer_number=col(Connection.customer_number_id)),
    joins=((CustomerNumber, col(CustomerNumber.id) == col(Connection.customer_number_id)),),
    within=(
        Within(
            kind="customer-numbers",
            where=lambda id_: col(Connection.customer_number_id) == id_,
            without=("customer_number", "group", "show_customer_number"),
        ),
    ),
    columns=(
        Column(
            key="connection",
            cell=Cell.LINK,
            value=stored(col(Connection.number)),
            sort=stored(col(Connection.number_sort)),
            card="first",
        ),
        Column(
            key="city",
            cell=Cell.TEXT,
            value=stored(col(Connection.city)),
            sort=stored(col(Connection.city_sort)),
            card="fact",
        ),
        Column(
            key="address",
            cell=Cell.TEXT,
            value=stored(col(Connection.address)),
            sort=stored(col(Connection.address_sort)),
            card="fact2",
        ),
        Column(
            key="service_type",
            cell=Cell.CHOICE,
            value=stored(col(Connection.service_type)),
            sort=lambda _: by_rank(
                col(Connection.service_type),
                (ServiceType.INTERNET, ServiceType.IP_VPN, ServiceType.SIP, ServiceType.WIFI),
            ),
            texts="lists.service_type",
            priority=1,
            card="fact",
        ),
        Column(
            key="capacity",
            cell=Cell.TEXT,
            value=stored(col(Connection.capacity)),
            sort=stored(col(Connection.capacity_sort)),
            priority=2,
        ),
        Column(
            key="sla",
            cell=Cell.CHOICE,
            value=stored(col(Connection.sla)),
            sort=lambda _: by_rank(col(Connection.sla), (SlaLevel.BASIC, SlaLevel.PLUS, SlaLevel.PREMIUM)),
            texts="lists.sla",
            priority=2,
        ),
        status_column(Connection.opened, Connection.ended),
        customer_number_column(Connection.customer_number_id, Connection.customer_number_sort, priority=1),
        Column(key="equipment", cell=Cell.TEXT, value=stored(col(Connection.equipment)), optional=True),
        Column(key="opened", cell=Cell.DATE, value=stored(col(Connection.opened)), optional=True),
        Column(key="ended", cell=Cell.DATE, value=stored(col(Connection.ended)), optional=True),
    ),
    tabs=active_tabs(Connection.ended),
    filters=(
        Filter(key="city", kind=FilterKind.DISTINCT, column=stored(col(Connection.city))),
        Filter(
            key="service_type",
            kind=FilterKind.CHOICE,
            column=stored(col(Connection.service_type)),
            values=tuple(ServiceType),
            texts="lists.service_type",
        ),
        Filter(key="capacity", kind=FilterKind.DISTINCT, column=stored(col(Connection.capacity))),
        customer_number_filter(Connection.customer_number_id),
        GROUP_FILTER,
    ),
    actions=(SHOW, SHOW_CUSTOMER_NUMBER, EXPORT),
)

CONTACTS = ListSpec(
    key="contacts",
    model=ConnectionContact,
    permission=Permission.CONNECTIONS_READ,
    number=col(ConnectionContact.email),
    icon="contact",
    listed=False,
    searched=False,
    default_sort="contact",
    within=(Within(kind="connections", where=lambda id_: col(ConnectionContact.connection_id) == id_),),
    columns=(
        Column(
            key="contact",
            cell=Cell.LINK,
            value=stored(col(ConnectionContact.name)),
            sort=stored(col(ConnectionContact.name_sort)),
            card="first",
        ),
        Column(key="email", cell=Cell.EMAIL, value=stored(col(ConnectionContact.email)), card="fact2"),
        Column(key="phone", cell=Cell.PHONE, value=stored(col(ConnectionContact.phone)), card="fact"),
    ),
)
