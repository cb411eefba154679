"""Costs by month, summed (R7). Only `services.costs` writes here, in the transaction that changes what is summed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import Column, Index
from sqlmodel import Field

from selfcare_app.models.base import Money, Table


class CostMonth(Table, table=True):
    """What a customer number cost in a month, by type of cost; without VAT, credit notes subtracted."""

    __tablename__ = "cost_month"
    __table_args__ = (Index(None, "company_id", "customer_number_id", "month"),)
    company_id: int = Field(primary_key=True, foreign_key="company.id")
    month: date = Field(primary_key=True)
    customer_number_id: int = Field(primary_key=True, foreign_key="customer_number.id")
    currency: str = Field(primary_key=True)
    cost_type: str = Field(primary_key=True)
    """Value of `specs.invoices.CostType`, or `specs.invoices.WHOLE_DOCUMENT`."""
    amount: Decimal = Field(sa_column=Column(Money, nullable=False))


class GroupCostMonth(Table, table=True):
    """The part of a customer number's costs in a month that belongs to a group: through its subscriptions, else
    through itself (R7). What belongs to no group of a category is what is left of `CostMonth`."""

    __tablename__ = "group_cost_month"
    __table_args__ = (
        Index(None, "company_id", "customer_number_id", "month"),
        # Sums by group are read from the index alone.
        Index(
            "ix_group_cost_month_sums", "company_id", "month", "group_id", "currency", "amount", "customer_number_id"
        ),
    )
    company_id: int = Field(primary_key=True, foreign_key="company.id")
    month: date = Field(primary_key=True)
    group_id: int = Field(primary_key=True, foreign_key="group.id")
    customer_number_id: int = Field(primary_key=True, foreign_key="customer_number.id")
    currency: str = Field(primary_key=True)
    cost_type: str = Field(primary_key=True)
    amount: Decimal = Field(sa_column=Column(Money, nullable=False))
