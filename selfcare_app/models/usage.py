"""What subscriptions were used for: single records, and their totals by month. Only `services.feeds.usage` and
`services.usage` write here."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import BigInteger, Column, Index
from sqlmodel import Field

from selfcare_app.models.base import Exact, Moment, Table

CLUSTERED = {"sqlite_with_rowid": False}
"""SQLite keeps the rows in the order of their key, without a second tree for it: there are many, and they are read as
ranges of it."""


class UsageRecord(Table, table=True):
    """One call, message or session.

    The operator's files give a record no key: it is known by all it says and, where several of one file say the same,
    by which of them it is. So a file that comes again adds nothing, and one that overlaps an earlier one adds what
    is new.

    Its keys are not checked by the database, which would double the time of a feed: they are looked up in the statement
    that stores it.
    """

    __tablename__ = "usage_record"
    __table_args__ = (CLUSTERED,)
    company_id: int = Field(primary_key=True)
    subscription_id: int = Field(primary_key=True)
    started_at: datetime = Field(sa_column=Column(Moment, primary_key=True))
    digest: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    """64 bits of a hash of all that the record says besides."""
    occurrence: int = Field(primary_key=True)
    """1, or which of those that say the same it is."""
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
    """SEK without VAT; single records are priced finer than whole öre. Negative for what was taken back."""


class UsageMonth(Table, table=True):
    """The totals of a subscription's records of one type in one month, kept in the transaction that feeds them."""

    __tablename__ = "usage_month"
    __table_args__ = (CLUSTERED,)
    company_id: int = Field(primary_key=True)
    subscription_id: int = Field(primary_key=True, foreign_key="subscription.id")
    month: date = Field(primary_key=True)
    type: str = Field(primary_key=True)
    unit: str = Field(primary_key=True)
    """Roaming may be calls, messages or data: what is counted in different units is never added up."""
    records: int
    quantity: Decimal = Field(sa_column=Column(Exact(3), nullable=False))
    amount: Decimal = Field(sa_column=Column(Exact(4), nullable=False))


class UsageTotal(Table, table=True):
    """The totals of all subscriptions on a customer number, kept with those of the subscriptions: so that what
    somebody sees is summed from few rows. A subscription that moves takes its usage along."""

    __tablename__ = "usage_total"
    __table_args__ = (Index(None, "company_id", "customer_number_id", "month"), CLUSTERED)
    company_id: int = Field(primary_key=True)
    month: date = Field(primary_key=True)
    type: str = Field(primary_key=True)
    unit: str = Field(primary_key=True)
    customer_number_id: int = Field(primary_key=True, foreign_key="customer_number.id")
    records: int
    quantity: Decimal = Field(sa_column=Column(Exact(3), nullable=False))
    amount: Decimal = Field(sa_column=Column(Exact(4), nullable=False))


class CompanyUsage(Table, table=True):
    """The totals of a whole company, kept with the others: what those who see all of it ask for most, in some hundred
    rows however much it has."""

    __tablename__ = "company_usage"
    __table_args__ = (CLUSTERED,)
    company_id: int = Field(primary_key=True, foreign_key="company.id")
    month: date = Field(primary_key=True)
    type: str = Field(primary_key=True)
    unit: str = Field(primary_key=True)
    records: int
    quantity: Decimal = Field(sa_column=Column(Exact(3), nullable=False))
    amount: Decimal = Field(sa_column=Column(Exact(4), nullable=False))
