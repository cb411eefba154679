"""What a company has from the operator: customer numbers and their subscriptions."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Column, Index, UniqueConstraint
from sqlmodel import Field

from selfcare_app.models.base import SortText, Table


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


class Subscription(Table, table=True):
    """One service with an id from inventory (O4); its phone number is a property."""

    __tablename__ = "subscription"
    __table_args__ = (
        UniqueConstraint("company_id", "number"),
        UniqueConstraint("number"),
        Index(None, "company_id", "customer_number_id", "id"),
    )
    id: int | None = Field(default=None, primary_key=True)
    company_id: int = Field(foreign_key="company.id")
    number: str
    """The id from inventory."""
    customer_number_id: int = Field(foreign_key="customer_number.id")
    type: str
    """Value of `specs.products.SubscriptionType`."""
    phone: str = ""
    """E.164, or empty."""
    person: str = ""
    opened: date
    ended: date | None = None
    version: int = 1
