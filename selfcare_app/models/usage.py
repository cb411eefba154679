"""What subscriptions were used for: single records, and their totals by month."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Column, Index
from sqlmodel import Field

from selfcare_app.models.base import Exact, Moment, Table


class UsageRecord(Table, table=True):
    """One call, message or session. Known by all it says and, where two say the same, by which of them it is."""

    __tablename__ = "usage_record"
    __table_args__ = (Index(None, "company_id", "subscription_id", "started_at"),)
    company_id: int = Field(primary_key=True, foreign_key="company.id")
    subscription_id: int = Field(primary_key=True, foreign_key="subscription.id")
    digest: str = Field(primary_key=True)
    """Of everything the record says, and its place among those that say the same: feeding it again adds nothing."""
    started_at: datetime = Field(sa_column=Column(Moment, nullable=False))
    month: date
    """First day of the month in Sweden that it began in."""
    type: str
    """Value of `specs.usage.UsageType`."""
    counterpart: str = ""
    """Masked by the operator."""
    destination: str = ""
    quantity: Decimal = Field(sa_column=Column(Exact(3), nullable=False))
    unit: str
    """Value of `specs.usage.UsageUnit`."""
    amount: Decimal = Field(sa_column=Column(Exact(4), nullable=False))
    """SEK without VAT; single records are priced finer than whole öre."""


class UsageMonth(Table, table=True):
    """The totals of a subscription's records of one type in one month, kept in the transaction that feeds them."""

    __tablename__ = "usage_month"
    __table_args__ = (Index(None, "company_id", "subscription_id", "month"),)
    company_id: int = Field(primary_key=True, foreign_key="company.id")
    month: date = Field(primary_key=True)
    type: str = Field(primary_key=True)
    subscription_id: int = Field(primary_key=True, foreign_key="subscription.id")
    unit: str = Field(primary_key=True)
    records: int
    quantity: Decimal = Field(sa_column=Column(Exact(3), nullable=False))
    amount: Decimal = Field(sa_column=Column(Exact(4), nullable=False))
