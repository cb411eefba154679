"""The list of invoices and credit notes, and of their lines."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import case, exists, extract, func
from sqlmodel import col

from selfcare_app.models import CustomerNumber, Invoice, InvoiceLine, Subscription
from selfcare_app.specs.attention import due_soon, overdue
from selfcare_app.specs.invoices import CostType, InvoiceKind, InvoiceStatus, is_open, status_expression
from selfcare_app.specs.lists.common import (
    EXPORT,
    GROUP_FILTER,
    SHOW,
    SHOW_CUSTOMER_NUMBER,
    customer_number_column,
    customer_number_filter,
)
from selfcare_app.specs.lists.shape import (
    Action,
    Cell,
    Column,
    Filter,
    FilterKind,
    Grouped,
    ListSpec,
    Lookup,
    Reference,
    Tab,
    Within,
    by_rank,
    stored,
)
from selfcare_app.specs.permissions import Permission

_BEFORE_ALL = date(1, 1, 1)


def _signed(amount: Any) -> Any:
    """A credit note's amounts are positive as they are sent, and taken away wherever they are summed or shown."""
    return case((col(Invoice.kind) == InvoiceKind.CREDIT_NOTE.value, -amount), else_=amount)


INVOICES = ListSpec(
    key="invoices",
    model=Invoice,
    permission=Permission.INVOICES_READ,
    number=col(Invoice.number),
    page="/invoices/{number}",
    icon="receipt-text",
    search_table="invoice_search",
    lookups=(Lookup(column=col(Invoice.number)),),
    default_sort="-issued",
    groups=Grouped(customer_number=col(Invoice.customer_number_id)),
    joins=((CustomerNumber, col(CustomerNumber.id) == col(Invoice.customer_number_id)),),
    within=(
        Within(
            kind="customer-numbers",
            where=lambda id_: col(Invoice.customer_number_id) == id_,
            without=("customer_number", "group", "show_customer_number"),
        ),
    ),
    columns=(
        Column(
            key="invoice",
            cell=Cell.LINK,
            value=stored(col(Invoice.number)),
            sort=stored(col(Invoice.number_sort)),
            card="first",
        ),
        Column(
            key="buyer_name",
            cell=Cell.TEXT,
            value=stored(col(Invoice.buyer_name)),
            sort=stored(col(Invoice.buyer_name_sort)),
            priority=1,
            card="fact2",
        ),
        customer_number_column(Invoice.customer_number_id, Invoice.customer_number_sort, priority=1),
        Column(
            key="period",
            cell=Cell.PERIOD,
            value=stored(col(Invoice.month)),
            also=stored(col(Invoice.period_end)),
            sort=stored(col(Invoice.month)),
            priority=2,
        ),
        Column(
            key="issued",
            cell=Cell.DATE,
            value=stored(col(Invoice.issued)),
            sort=stored(col(Invoice.issued)),
            priority=2,
        ),
        Column(
            key="due",
            cell=Cell.DATE,
            value=stored(col(Invoice.due)),
            sort=stored(func.coalesce(col(Invoice.due), _BEFORE_ALL)),
            card="fact",
            card_named=True,
        ),
        Column(
            key="amount",
            cell=Cell.MONEY,
            value=stored(_signed(col(Invoice.payable))),
            also=stored(col(Invoice.currency)),
            sort=stored(_signed(col(Invoice.payable))),
            card="fact",
        ),
        Column(
            key="status",
            cell=Cell.STATUS,
            value=status_expression,
            sort=lambda today: by_rank(
                status_expression(today),
                (
                    InvoiceStatus.PAID,
                    InvoiceStatus.PART_PAID,
                    InvoiceStatus.OVERDUE,
                    InvoiceStatus.CREDITED,
                    InvoiceStatus.UNPAID,
                ),
            ),
            texts="lists.invoice_status",
            card="status",
        ),
        Column(key="currency", cell=Cell.TEXT, value=stored(col(Invoice.currency)), optional=True),
        Column(key="groups", cell=Cell.GROUPS, value=stored(None), permission=Permission.GROUPS_READ, optional=True),
    ),
    tabs=(Tab(key="all"), Tab(key="unpaid", where=lambda _: is_open()), Tab(key="overdue", where=overdue)),
    filters=(
        Filter(
            key="status",
            kind=FilterKind.CHOICE,
            column=status_expression,
            values=tuple(InvoiceStatus),
            texts="lists.invoice_status",
        ),
        Filter(
            key="due",
            kind=FilterKind.CONDITION,
            values=("soon",),
            conditions={"soon": due_soon},
            texts="lists.due",
        ),
        Filter(key="period", kind=FilterKind.MONTHS, column=stored(col(Invoice.month))),
        customer_number_filter(Invoice.customer_number_id),
        GROUP_FILTER,
    ),
    actions=(SHOW, SHOW_CUSTOMER_NUMBER, EXPORT),
)

_MOST_LINES = 1_000_000
"""More than an invoice has."""


def _newest_first_as_on_the_invoice(_today: date) -> Any:
    """By month; falling, the lines of one month stand as they do on the invoice."""
    month = col(InvoiceLine.month)
    months = extract("year", month) * 12 + extract("month", month)
    return months * _MOST_LINES + (_MOST_LINES - col(InvoiceLine.position))


def _signed_net(_today: date) -> Any:
    credited = exists().where(
        col(Invoice.id) == col(InvoiceLine.invoice_id), col(Invoice.kind) == InvoiceKind.CREDIT_NOTE.value
    )
    return case((credited.correlate(InvoiceLine), -col(InvoiceLine.net)), else_=col(InvoiceLine.net))


INVOICE_LINES = ListSpec(
    key="invoice-lines",
    model=InvoiceLine,
    permission=Permission.INVOICES_READ,
    number=col(InvoiceLine.line_id),
    icon="receipt-text",
    listed=False,
    searched=False,
    default_sort="-period",
    groups=Grouped(customer_number=col(InvoiceLine.customer_number_id), subscription=col(InvoiceLine.subscription_id)),
    joins=(
        (Invoice, col(Invoice.id) == col(InvoiceLine.invoice_id)),
        (Subscription, col(Subscription.id) == col(InvoiceLine.subscription_id)),
    ),
    within=(
        Within(
            kind="subscriptions",
            where=lambda id_: col(InvoiceLine.subscription_id) == id_,
            without=("subscription", "show_subscription"),
        ),
        Within(
            kind="invoices",
            where=lambda id_: col(InvoiceLine.invoice_id) == id_,
            without=("invoice", "show_invoice"),
        ),
    ),
    columns=(
        Column(
            key="line",
            cell=Cell.LINK,
            value=stored(col(InvoiceLine.name)),
            beneath=("line_allowance", "line_description", "line_note"),
            card="first",
        ),
        Column(
            key="invoice",
            cell=Cell.REFERENCE,
            value=stored(col(Invoice.number)),
            reference=Reference(to="invoices", id=col(InvoiceLine.invoice_id), always=True),
            card="fact2",
        ),
        Column(
            key="subscription",
            cell=Cell.REFERENCE,
            value=stored(col(Subscription.label)),
            reference=Reference(to="subscriptions", id=col(InvoiceLine.subscription_id)),
            permission=Permission.SUBSCRIPTIONS_READ,
            card="fact2",
        ),
        Column(
            key="period",
            cell=Cell.PERIOD,
            value=stored(col(InvoiceLine.month)),
            also=stored(col(InvoiceLine.period_end)),
            sort=_newest_first_as_on_the_invoice,
            card="fact",
        ),
        Column(
            key="cost_type",
            cell=Cell.CHOICE,
            value=stored(col(InvoiceLine.cost_type)),
            sort=lambda _: by_rank(
                col(InvoiceLine.cost_type),
                (CostType.ONE_OFF, CostType.FEE, CostType.ROAMING, CostType.TRAFFIC, CostType.OTHER),
            ),
            texts="lists.cost_type",
            priority=1,
        ),
        Column(key="quantity", cell=Cell.DECIMAL, value=stored(col(InvoiceLine.quantity)), priority=2),
        Column(key="unit", cell=Cell.CODE, value=stored(col(InvoiceLine.unit)), texts="lists.unit", priority=3),
        Column(
            key="unit_price",
            cell=Cell.PRICE,
            value=stored(col(InvoiceLine.price)),
            sort=stored(col(InvoiceLine.price)),
            per="price_base",
            priority=2,
        ),
        Column(key="price_base", cell=Cell.DECIMAL, value=stored(col(InvoiceLine.price_base)), optional=True),
        Column(
            key="line_allowance",
            cell=Cell.MONEY,
            # What quantity times price must be changed by to give the amount; of most lines nothing.
            value=stored(case((col(InvoiceLine.allowance) != 0, _signed(-col(InvoiceLine.allowance))))),
            also=stored(col(Invoice.currency)),
            optional=True,
        ),
        Column(key="vat_rate", cell=Cell.DECIMAL, value=stored(col(InvoiceLine.vat_rate)), priority=2),
        Column(
            key="net",
            cell=Cell.MONEY,
            value=stored(_signed(col(InvoiceLine.net))),
            also=stored(col(Invoice.currency)),
            sort=_signed_net,
            card="fact",
        ),
        Column(key="currency", cell=Cell.TEXT, value=stored(col(Invoice.currency)), optional=True),
        Column(key="line_description", cell=Cell.TEXT, value=stored(col(InvoiceLine.description)), optional=True),
        Column(key="line_note", cell=Cell.TEXT, value=stored(col(InvoiceLine.note)), optional=True),
    ),
    filters=(
        Filter(
            key="cost_type",
            kind=FilterKind.CHOICE,
            column=stored(col(InvoiceLine.cost_type)),
            values=tuple(CostType),
            texts="lists.cost_type",
        ),
        Filter(key="period", kind=FilterKind.MONTHS, column=stored(col(InvoiceLine.month))),
    ),
    actions=(
        Action(key="show_invoice", icon="receipt-text", permission=Permission.INVOICES_READ, reference="invoice"),
        Action(
            key="show_subscription",
            icon="smartphone",
            permission=Permission.SUBSCRIPTIONS_READ,
            reference="subscription",
        ),
        EXPORT,
    ),
)
