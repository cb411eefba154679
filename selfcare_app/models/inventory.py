"""What a company has from the operator: customer numbers, subscriptions, connections, add-ons; price plans."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, Column, Index, UniqueConstraint
from sqlmodel import Field

from selfcare_app.models.base import Money, SortText, Table

# The indexes called `…_counted` hold whatever a list is narrowed by: how many rows match is counted from them alone,
# and a search of any length reads a third of what the rows are.


class CustomerNumber(Table, table=True):
    """An account of the company in the operator's billing; what invoices are addressed to."""

    __tablename__ = "customer_number"
    __table_args__ = (
        UniqueConstraint("company_id", "number"),
        # A key never moves to another company (data.md).
        UniqueConstraint("number"),
        Index(None, "company_id", "number_sort", "id"),
        Index(None, "company_id", "name_sort", "id"),
        Index(None, "company_id", "opened", "id"),
        Index(None, "company_id", "type", "number_sort", "id"),
        Index(None, "company_id", "closed", "number_sort", "id"),
        Index(
            "ix_customer_number_counted",
            *("company_id", "type", "id", "search_key", "closed", "opened", "name_search", "number"),
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    company_id: int = Field(foreign_key="company.id")
    number: str
    number_sort: str = Field(sa_column=Column(SortText, nullable=False))
    name: str
    name_sort: str = Field(sa_column=Column(SortText, nullable=False))
    type: str
    """Value of `specs.products.CustomerNumberType`."""
    opened: date
    closed: date | None = None
    """First day it is no longer in use."""
    search_key: str = ""
    """Made by `specs.text.search_key` from number, name and company."""
    name_search: str = ""
    """The same of the name alone, for the name filter."""
    version: int = 1


class PricePlan(Table, table=True):
    """What a subscription costs and binds to; the operator's, the same for all companies."""

    __tablename__ = "price_plan"
    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True)
    product: str
    """Value of `specs.products.Product`."""
    name: str
    name_sort: str = Field(sa_column=Column(SortText, nullable=False))
    one_off_fee: Decimal = Field(sa_column=Column(Money, nullable=False))
    monthly_fee: Decimal = Field(sa_column=Column(Money, nullable=False))
    sold_from: date
    sold_to: date | None = None
    """Last day it can be ordered."""
    binding_months: int = 0
    notice_months: int = 0
    version: int = 1


class Subscription(Table, table=True):
    """One service with an id from inventory (O4); its phone number is a property."""

    __tablename__ = "subscription"
    __table_args__ = (
        UniqueConstraint("company_id", "number"),
        UniqueConstraint("number"),
        Index(None, "company_id", "label_sort", "id"),
        Index(None, "company_id", "person_sort", "id"),
        Index(None, "company_id", "customer_number_sort", "id"),
        Index(None, "company_id", "price_plan_sort", "id"),
        Index(None, "company_id", "type", "label_sort", "id"),
        # Only phones have a person: by person, those of one type would stand behind thousands that have none.
        Index(None, "company_id", "type", "person_sort", "id"),
        Index(None, "company_id", "ended", "label_sort", "id"),
        Index(None, "company_id", "customer_number_id", "label_sort", "id"),
        Index(None, "company_id", "price_plan_id", "label_sort", "id"),
        Index(None, "company_id", "bound_until", "ended", "customer_number_id", "id"),
        Index(
            "ix_subscription_counted",
            *("company_id", "type", "id", "search_key", "ended", "opened", "price_plan_id", "customer_number_id"),
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    company_id: int = Field(foreign_key="company.id")
    number: str
    """The id from inventory."""
    customer_number_id: int = Field(foreign_key="customer_number.id")
    customer_number_sort: str = Field(default="", sa_column=Column(SortText, nullable=False))
    """The customer number's own sort key, kept here so that an index can sort by it."""
    type: str
    """Value of `specs.products.SubscriptionType`."""
    phone: str = ""
    """E.164, or empty."""
    label: str = ""
    """What people call it: the phone number in national form, else the id."""
    label_sort: str = Field(default="", sa_column=Column(SortText, nullable=False))
    person: str = ""
    person_sort: str = Field(default="", sa_column=Column(SortText, nullable=False))
    cost_centre: str = ""
    price_plan_id: int | None = Field(default=None, foreign_key="price_plan.id")
    price_plan_sort: str = Field(default="", sa_column=Column(SortText, nullable=False))
    """The price plan's own sort key, kept here so that an index can sort by it."""
    opened: date
    ended: date | None = None
    """First day it is no longer in use."""
    bound_until: date | None = None
    """Last day of the commitment."""
    sim: str = ""
    """Number of the SIM card (ICCID). Shown on a click only (O1)."""
    puk: str = ""
    """Encrypted by `services.secrets`. Shown on a click only, and that is logged (O1)."""
    search_key: str = ""
    """Made by `specs.text.search_key` from id, person, phone number in both forms and company (L8)."""
    version: int = 1


class Connection(Table, table=True):
    """A fixed-line or data connection to an address."""

    __tablename__ = "connection"
    __table_args__ = (
        UniqueConstraint("company_id", "number"),
        UniqueConstraint("number"),
        Index(None, "company_id", "number_sort", "id"),
        Index(None, "company_id", "city_sort", "id"),
        Index(None, "company_id", "address_sort", "id"),
        Index(None, "company_id", "customer_number_id", "number_sort", "id"),
        Index(None, "company_id", "customer_number_sort", "id"),
        Index(None, "company_id", "ended", "number_sort", "id"),
        Index(
            "ix_connection_counted",
            *("company_id", "service_type", "id", "search_key", "ended", "opened", "city", "capacity"),
            "customer_number_id",
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    company_id: int = Field(foreign_key="company.id")
    number: str
    """The id from inventory."""
    number_sort: str = Field(sa_column=Column(SortText, nullable=False))
    customer_number_id: int = Field(foreign_key="customer_number.id")
    customer_number_sort: str = Field(default="", sa_column=Column(SortText, nullable=False))
    product: str
    """Value of `specs.products.Product`: fixed or data."""
    service_type: str
    """Value of `specs.products.ServiceType`."""
    capacity: str = ""
    """As the inventory writes it, such as 100/100."""
    capacity_sort: str = Field(default="", sa_column=Column(SortText, nullable=False))
    address: str = ""
    address_sort: str = Field(default="", sa_column=Column(SortText, nullable=False))
    city: str = ""
    city_sort: str = Field(default="", sa_column=Column(SortText, nullable=False))
    sla: str
    """Value of `specs.products.SlaLevel`."""
    equipment: str = ""
    """What stands at the address, as the inventory writes it."""
    opened: date
    ended: date | None = None
    """First day it is no longer in use."""
    search_key: str = ""
    """Made by `specs.text.search_key` from id, address, city and company (L8)."""
    version: int = 1


class ConnectionContact(Table, table=True):
    """Whom to ask at a connection; known by connection and e-mail address."""

    __tablename__ = "connection_contact"
    __table_args__ = (UniqueConstraint("company_id", "connection_id", "email"),)
    id: int | None = Field(default=None, primary_key=True)
    company_id: int = Field(foreign_key="company.id")
    connection_id: int = Field(foreign_key="connection.id")
    email: str
    name: str = ""
    name_sort: str = Field(default="", sa_column=Column(SortText, nullable=False))
    phone: str = ""
    """E.164, or empty."""
    version: int = 1


class AddOn(Table, table=True):
    """A service added to a subscription or a connection; known by that and its code."""

    __tablename__ = "add_on"
    __table_args__ = (
        UniqueConstraint("company_id", "subscription_id", "code"),
        UniqueConstraint("company_id", "connection_id", "code"),
        CheckConstraint("(subscription_id IS NULL) <> (connection_id IS NULL)", name="one_owner"),
    )
    id: int | None = Field(default=None, primary_key=True)
    company_id: int = Field(foreign_key="company.id")
    subscription_id: int | None = Field(default=None, foreign_key="subscription.id")
    connection_id: int | None = Field(default=None, foreign_key="connection.id")
    code: str
    name: str
    name_sort: str = Field(sa_column=Column(SortText, nullable=False))
    monthly_fee: Decimal = Field(sa_column=Column(Money, nullable=False))
    valid_from: date
    valid_to: date | None = None
    """Last day it is in force."""
    search_key: str = ""
    """Made by `specs.text.search_key` from name, code and what it is added to."""
    version: int = 1
