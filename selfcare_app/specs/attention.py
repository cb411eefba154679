"""What counts as needing a person soon (V1): the overview counts by it, and lists filter by it."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import col

from selfcare_app.models import Invoice, Subscription
from selfcare_app.specs.invoices import is_open

DUE_SOON = timedelta(days=7)
"""Unpaid invoices due today or so soon are pointed out."""
ENDING_SOON = timedelta(days=60)
"""Agreements and commitments that end today or so soon are pointed out."""


def overdue(today: date) -> ColumnElement[bool]:
    """Invoices with something left to pay after their due date: those of status overdue (I1)."""
    return and_(is_open(), col(Invoice.due) < today)


def due_soon(today: date) -> ColumnElement[bool]:
    """Invoices with something left to pay today or within DUE_SOON."""
    return and_(is_open(), col(Invoice.due) >= today, col(Invoice.due) <= today + DUE_SOON)


def binding_ends_soon(today: date) -> ColumnElement[bool]:
    """Subscriptions in use whose commitment ends today or within ENDING_SOON."""
    return and_(
        col(Subscription.bound_until) >= today,
        col(Subscription.bound_until) <= today + ENDING_SOON,
        or_(col(Subscription.ended).is_(None), col(Subscription.ended) > today),
    )
