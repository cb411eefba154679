"""What things cost by month (R7): by customer number, type of cost and group, without VAT, credit notes subtracted.

A cost belongs to the month in which its period starts; in each category to the group its subscription was in that
month, else to its customer number's, else to none. Sums by month are kept (`recount`) in the transaction that feeds
invoices or changes memberships, so that reading them costs the same for any number of lines.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    and_,
    case,
    cast,
    delete,
    exists,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    union_all,
)
from sqlmodel import Session as DatabaseSession
from sqlmodel import col

from selfcare_app.models import (
    CostMonth,
    CustomerNumber,
    Group,
    GroupCostMonth,
    GroupMembership,
    Invoice,
    InvoiceAllowance,
    InvoiceLine,
)
from selfcare_app.services import access
from selfcare_app.services.access import Actor, Forbidden, allowed
from selfcare_app.services.database import lock_company, session
from selfcare_app.specs.invoices import WHOLE_DOCUMENT, InvoiceKind
from selfcare_app.specs.permissions import Permission

CURRENCY = "SEK"
"""What costs are summed in; amounts in other currencies are left out and named (I6)."""
NAMED = 500
"""Customer numbers that a recount names one by one; for more it takes the whole company."""


@dataclass(frozen=True, slots=True)
class GroupCost:
    """What a group cost in a month; `group_id` None: what belonged to no group of the category."""

    month: date
    category_id: int
    group_id: int | None
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Costs:
    """Costs by group, and the currencies of those that were left out."""

    by_group: list[GroupCost]
    left_out: list[str]


@allowed(Permission.INVOICES_READ)
def by_group(actor: Actor, months: Collection[date]) -> Costs:
    """What each group cost in each of the months, as far as the actor sees the lines (U5); SEK without VAT.

    Every category has a row for what belonged to none of its groups; rows of 0 are left out. Refuses with Forbidden
    whoever may not read groups.
    """
    if not actor.may(Permission.GROUPS_READ):
        raise Forbidden(Permission.GROUPS_READ)
    with session() as db:
        totals: dict[date, Decimal] = {}
        left_out: set[str] = set()
        for month, currency, amount in _totals(db, actor, months):
            if currency == CURRENCY:
                totals[month] = totals.get(month, Decimal(0)) + amount
            else:
                left_out.add(currency)
        categories: dict[int, int] = dict(
            db.connection().execute(access.visible(select(col(Group.id), col(Group.category_id)), actor, Group)).all()
        )
        sums, _ = of_groups(db, actor, months)
    rows = [GroupCost(month, categories[group_id], group_id, amount) for (month, group_id), amount in sums.items()]
    for month, total in totals.items():
        for category_id in sorted(set(categories.values())):
            grouped = (row.amount for row in rows if row.month == month and row.category_id == category_id)
            rows.append(GroupCost(month, category_id, None, total - sum(grouped, Decimal(0))))
    return Costs([row for row in rows if row.amount], sorted(left_out))


def of_groups(
    db: DatabaseSession, actor: Actor, months: Collection[date]
) -> tuple[dict[tuple[date, int], Decimal], set[str]]:
    """By month and id of the group, what it cost in SEK; and the other currencies in its costs. For an operation that
    has asked for the rights and reads more in the same transaction."""
    sums: dict[tuple[date, int], Decimal] = {}
    left_out: set[str] = set()
    for month, group_id, currency, amount in _of_groups(db, actor, months):
        if currency == CURRENCY:
            sums[month, group_id] = sums.get((month, group_id), Decimal(0)) + amount
        else:
            left_out.add(currency)
    return sums, left_out


def recount(
    db: DatabaseSession,
    company_id: int,
    months: Iterable[date] | None = None,
    customer_numbers: Iterable[int] | None = None,
) -> None:
    """Sum anew the costs of these months and customer numbers (ids); None: all of them.

    To be called, after the change, in every transaction that stores invoices or changes memberships.
    """
    # Two that change the same sums at once must see each other's rows: the later one counts both.
    lock_company(db, company_id)
    db.flush()
    wanted_months = None if months is None else sorted(set(months))
    wanted_numbers = None if customer_numbers is None else sorted(set(customer_numbers))
    if wanted_numbers is not None and len(wanted_numbers) > NAMED:
        wanted_numbers = None

    def wanted(of: Any, customer_number_id: Any, month: Any) -> ColumnElement[bool]:
        conditions = [col(of.company_id) == company_id]
        if wanted_months is not None:
            conditions.append(month.in_(wanted_months))
        if wanted_numbers is not None:
            conditions.append(customer_number_id.in_(wanted_numbers))
        return and_(*conditions)

    connection = db.connection()
    for table in (GroupCostMonth, CostMonth):
        connection.execute(delete(table).where(wanted(table, col(table.customer_number_id), col(table.month))))
    costs = _costs(
        wanted(InvoiceLine, col(InvoiceLine.customer_number_id), col(InvoiceLine.month)),
        wanted(Invoice, col(Invoice.customer_number_id), col(Invoice.month)),
    ).cte("costs")
    company: Any = literal(company_id)
    summed = select(
        company,
        costs.c.month,
        costs.c.customer_number_id,
        costs.c.currency,
        costs.c.cost_type,
        func.sum(costs.c.amount),
    ).group_by(costs.c.month, costs.c.customer_number_id, costs.c.currency, costs.c.cost_type)
    columns = ["company_id", "month", "customer_number_id", "currency", "cost_type", "amount"]
    connection.execute(insert(CostMonth).from_select(columns, summed))
    by_group = _by_group(costs, company_id).subquery()
    key = (
        by_group.c.month,
        by_group.c.group_id,
        by_group.c.customer_number_id,
        by_group.c.currency,
        by_group.c.cost_type,
    )
    summed = select(company, *key, func.sum(by_group.c.amount)).group_by(*key)
    connection.execute(insert(GroupCostMonth).from_select([columns[0], "month", "group_id", *columns[2:]], summed))


def forget(db: DatabaseSession, company_id: int, groups: Collection[int]) -> None:
    """Drop the sums of groups (ids) that are about to be removed; `recount` follows for their members."""
    of = (col(GroupCostMonth.company_id) == company_id, col(GroupCostMonth.group_id).in_(groups))
    db.connection().execute(delete(GroupCostMonth).where(*of))


# --- reading


def _totals(db: DatabaseSession, actor: Actor, months: Collection[date]) -> Iterable[Any]:
    """Month, currency, amount: of customer numbers the actor sees, then of single subscriptions."""
    kept = select(col(CostMonth.month), col(CostMonth.currency), func.sum(col(CostMonth.amount))).where(
        col(CostMonth.month).in_(months)
    )
    kept = access.visible(kept, actor, CostMonth).group_by(col(CostMonth.month), col(CostMonth.currency))
    yield from db.connection().execute(kept)
    if not actor.access_all:
        costs = _of_single_subscriptions(actor, months).subquery()
        key = (costs.c.month, costs.c.currency)
        yield from db.connection().execute(select(*key, func.sum(costs.c.amount)).group_by(*key))


def _of_groups(db: DatabaseSession, actor: Actor, months: Collection[date]) -> Iterable[Any]:
    """Month, group, currency, amount: of customer numbers the actor sees, then of single subscriptions."""
    key = (col(GroupCostMonth.month), col(GroupCostMonth.group_id), col(GroupCostMonth.currency))
    kept = select(*key, func.sum(col(GroupCostMonth.amount))).where(key[0].in_(months))
    yield from db.connection().execute(access.visible(kept, actor, GroupCostMonth).group_by(*key))
    if not actor.access_all:
        costs = _of_single_subscriptions(actor, months).cte("costs")
        grouped = _by_group(costs, actor.company_id).subquery()
        of = (grouped.c.month, grouped.c.group_id, grouped.c.currency)
        yield from db.connection().execute(select(*of, func.sum(grouped.c.amount)).group_by(*of))


def _of_single_subscriptions(actor: Actor, months: Collection[date]) -> Select[Any]:
    """Lines seen through a subscription alone (U5): those of seen customer numbers stand in the kept sums."""
    seen = access.visible(select(col(CustomerNumber.id)), actor, CustomerNumber)
    return _lines(
        and_(
            access.scope(actor, InvoiceLine),
            col(InvoiceLine.month).in_(months),
            col(InvoiceLine.customer_number_id).not_in(seen),
        )
    )


# --- what a cost is


def _costs(lines: ColumnElement[bool], invoices: ColumnElement[bool]) -> Any:
    """Every cost: lines, and what was taken off or put on whole documents."""
    return union_all(_lines(lines), _whole_documents(invoices))


def _lines(where: ColumnElement[bool]) -> Select[Any]:
    return _summed(
        select(
            col(InvoiceLine.month).label("month"),
            col(InvoiceLine.customer_number_id).label("customer_number_id"),
            col(InvoiceLine.subscription_id).label("subscription_id"),
            col(Invoice.currency).label("currency"),
            col(InvoiceLine.cost_type).label("cost_type"),
            _signed(col(InvoiceLine.net)).label("amount"),
        )
        .join(Invoice, col(Invoice.id) == col(InvoiceLine.invoice_id))
        .where(where)
    )


def _whole_documents(where: ColumnElement[bool]) -> Select[Any]:
    amount = case((col(InvoiceAllowance.charge), col(InvoiceAllowance.amount)), else_=-col(InvoiceAllowance.amount))
    return _summed(
        select(
            col(Invoice.month).label("month"),
            col(Invoice.customer_number_id).label("customer_number_id"),
            cast(null(), Integer).label("subscription_id"),
            col(Invoice.currency).label("currency"),
            literal(WHOLE_DOCUMENT).label("cost_type"),
            _signed(amount).label("amount"),
        )
        .join(Invoice, col(Invoice.id) == col(InvoiceAllowance.invoice_id))
        .where(where)
    )


def _summed(costs: Select[Any]) -> Select[Any]:
    """One row for each subscription and type: what follows looks up its group once."""
    rows = costs.subquery()
    key = (rows.c.month, rows.c.customer_number_id, rows.c.subscription_id, rows.c.currency, rows.c.cost_type)
    return select(*key, func.sum(rows.c.amount).label("amount")).group_by(*key)


def _signed(amount: Any) -> Any:
    """Credit notes are stored as sent, with positive amounts: they take away."""
    return case((col(Invoice.kind) == InvoiceKind.CREDIT_NOTE, -amount), else_=amount)


def _by_group(costs: Any, company_id: int | None) -> Any:
    """The costs with their group in each category: the subscription's in that month, else the customer number's."""
    own = GroupMembership.__table__.alias("own")  # type: ignore[attr-defined]
    has_own = exists().where(
        own.c.company_id == company_id,
        own.c.subscription_id == costs.c.subscription_id,
        own.c.category_id == col(GroupMembership.category_id),
        own.c.start_month <= costs.c.month,
        or_(own.c.end_month.is_(None), own.c.end_month >= costs.c.month),
    )
    members = select(
        costs.c.month,
        col(GroupMembership.group_id).label("group_id"),
        costs.c.customer_number_id,
        costs.c.currency,
        costs.c.cost_type,
        costs.c.amount,
    ).where(col(GroupMembership.company_id) == company_id, access.active_in(costs.c.month))
    return union_all(
        members.join(GroupMembership, col(GroupMembership.subscription_id) == costs.c.subscription_id),
        members.join(
            GroupMembership, and_(col(GroupMembership.customer_number_id) == costs.c.customer_number_id, ~has_own)
        ),
    )
