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
