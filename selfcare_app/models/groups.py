"""Group categories, groups, and who belongs to them from which month to which."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, Column, Index, UniqueConstraint, text
from sqlmodel import Field

from selfcare_app.models.base import SortText, Table


class GroupCategory(Table, table=True):
    """A way of dividing what the company has, such as Avdelning."""

    __tablename__ = "group_category"
    __table_args__ = (
        UniqueConstraint("company_id", "name_sort"),
        Index(None, "company_id", "name_key", unique=True),
    )
    id: int | None = Field(default=None, primary_key=True)
    company_id: int = Field(foreign_key="company.id")
    name: str
    name_key: str
    """Made by `specs.groups.name_key`: no two categories of a company have the same (R1)."""
    name_sort: str = Field(sa_column=Column(SortText, nullable=False))
    """Made by `specs.groups.name_sort`."""
    description: str = ""
    search_key: str = ""
    """Of name and description, made by `specs.groups.name_fields`."""
    version: int = 1


class Group(Table, table=True):
    """One part of a category; shown as Kategori:Grupp (R1)."""

    __tablename__ = "group"
    __table_args__ = (
        UniqueConstraint("company_id", "category_id", "name_sort"),
        Index(None, "company_id", "category_id", "name_key", unique=True),
    )
    id: int | None = Field(default=None, primary_key=True)
    company_id: int = Field(foreign_key="company.id")
    category_id: int = Field(foreign_key="group_category.id")
    name: str
    name_key: str
    """Made by `specs.groups.name_key`: no two groups of a category have the same (R1)."""
    name_sort: str = Field(sa_column=Column(SortText, nullable=False))
    """Made by `specs.groups.name_sort`."""
    description: str = ""
    search_key: str = ""
    """Of name and description, made by `specs.groups.name_fields`."""
    version: int = 1


class GroupMembership(Table, table=True):
    """A customer number or a subscription in a group, from a month to a month or until further notice (R2).

    No two of a member overlap within a category: `services.membership_changes` checks it with the company held, and on
    PostgreSQL an exclusion constraint does too (migration "no two at once").
    """

    __tablename__ = "group_membership"
    __table_args__ = (
        # All that is asked of a group's members, or of a member's groups, stands in an index: there may be as many as
        # subscriptions. One for each kind of member, of no other rows: an index of both begins with thousands that have
        # none, and SQLite takes every member for one of as many.
        Index(
            "ix_group_membership_of_group",
            *("company_id", "group_id", "start_month", "end_month", "subscription_id", "customer_number_id"),
        ),
        *(
            Index(
                f"ix_group_membership_of_{member}",
                *("company_id", f"{member}_id", "start_month", "end_month", "category_id", "group_id"),
                sqlite_where=text(f"{member}_id IS NOT NULL"),
                postgresql_where=text(f"{member}_id IS NOT NULL"),
            )
            for member in ("customer_number", "subscription")
        ),
        CheckConstraint("(customer_number_id IS NULL) <> (subscription_id IS NULL)", name="one_member"),
        CheckConstraint("end_month IS NULL OR end_month >= start_month", name="ends_after_start"),
    )
    id: int | None = Field(default=None, primary_key=True)
    company_id: int = Field(foreign_key="company.id")
    category_id: int = Field(foreign_key="group_category.id")
    group_id: int = Field(foreign_key="group.id")
    customer_number_id: int | None = Field(default=None, foreign_key="customer_number.id")
    subscription_id: int | None = Field(default=None, foreign_key="subscription.id")
    start_month: date
    """First day of the first month."""
    end_month: date | None = None
    """First day of the last month that is included."""
    version: int = 1
