"""Companies and the framework agreements they buy on."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import JSON, Column, UniqueConstraint
from sqlmodel import Field

from selfcare_app.models.base import Moment, SortText, Table


class Company(Table, table=True):
    """A customer of the operator; the wall that nothing crosses."""

    __tablename__ = "company"
    id: int | None = Field(default=None, primary_key=True)
    organisation_number: str = Field(unique=True, max_length=10)
    """Ten digits, no hyphen."""
    name: str
    name_sort: str = Field(sa_column=Column(SortText, nullable=False, index=True))
    address: str = ""
    email: str = ""
    created_at: datetime = Field(sa_column=Column(Moment, nullable=False))
    disabled_at: datetime | None = Field(default=None, sa_column=Column(Moment))
    version: int = 1


class FrameworkAgreement(Table, table=True):
    """The terms a company orders on (C8)."""

    __tablename__ = "framework_agreement"
    __table_args__ = (UniqueConstraint("company_id", "number"), UniqueConstraint("number"))
    id: int | None = Field(default=None, primary_key=True)
    company_id: int = Field(foreign_key="company.id")
    number: str
    products: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    """Values of `specs.products.Product`."""
    valid_from: date
    valid_to: date | None = None
    version: int = 1


class CompanyProfile(Table, table=True):
    """What the company itself decides (C2). A company without a row has these defaults."""

    __tablename__ = "company_profile"
    company_id: int = Field(primary_key=True, foreign_key="company.id")
    email_notification: bool = True
    """C3: each change of status is mailed to its creator and the contact persons given."""
    delivery_address: str = ""
    """Ordinary address of deliveries, as many lines as it needs."""
    require_second_factor: bool = False
    """S2: all its users need a second factor."""
    remind_after: int = 2
    """Working days after which a waiting approver is reminded (C6)."""
    escalate_after: int = 5
    """Working days after which the superusers may decide in that person's place (C6)."""
    version: int = 1


class ApproverChain(Table, table=True):
    """The chain of order approvers of one product (C2, C4); `version` counts its changes, so that an edit of a chain
    that has changed since it was read is refused."""

    __tablename__ = "approver_chain"
    company_id: int = Field(primary_key=True, foreign_key="company.id")
    product: str = Field(primary_key=True)
    """Value of `specs.products.Product`."""
    version: int = 1


class Approver(Table, table=True):
    """One person in a chain; each at most once, at most five (C4)."""

    __tablename__ = "approver"
    __table_args__ = (UniqueConstraint("company_id", "product", "user_id"),)
    company_id: int = Field(primary_key=True, foreign_key="company.id")
    product: str = Field(primary_key=True)
    position: int = Field(primary_key=True)
    """1 decides first."""
    user_id: int = Field(foreign_key="user.id")
    lapsed: bool = False
    """They were removed from the company. The place is passed over (C6), also when they are invited again, until a
    superuser gives it to somebody, the same person included (C4)."""
