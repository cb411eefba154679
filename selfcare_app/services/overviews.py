"""The first page after signing in (V1): how much there is, what needs a person, what was invoiced, whom to ask."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, distinct, func, select
from sqlmodel import Session as DatabaseSession
from sqlmodel import col

from selfcare_app.models import Company, Connection, CustomerNumber, FeedRun, Invoice, Subscription, Table, User
from selfcare_app.services import access, attention, invoices
from selfcare_app.services.access import Actor, allowed, for_operator
from selfcare_app.services.attention import Agreement, Attention
from selfcare_app.services.database import session
from selfcare_app.services.invoices import Invoiced
from selfcare_app.specs.attention import overdue
from selfcare_app.specs.invoices import is_open
from selfcare_app.specs.permissions import Permission, Role

LATEST = 4
"""Invoices named as the latest."""
FEEDS_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Count:
    """One of the figures: how many rows of the model that the actor sees."""

    key: str
    permission: Permission
    model: type[Table]
    where: ColumnElement[bool] | None = None
    what: Any = None
    """What is counted; None: rows."""


def _figures(today: date) -> tuple[Count, ...]:
    invited = and_(col(User.activated_at).is_(None), col(User.disabled_at).is_(None), col(User.removed_at).is_(None))
    cities = func.count(distinct(col(Connection.city_sort)))
    return (
        Count("customer_numbers", Permission.CUSTOMER_NUMBERS_READ, CustomerNumber),
        Count(
            "customer_numbers_inactive",
            Permission.CUSTOMER_NUMBERS_READ,
            CustomerNumber,
            col(CustomerNumber.closed) <= today,
        ),
        Count("subscriptions", Permission.SUBSCRIPTIONS_READ, Subscription),
        Count("subscriptions_inactive", Permission.SUBSCRIPTIONS_READ, Subscription, col(Subscription.ended) <= today),
        Count("connections", Permission.CONNECTIONS_READ, Connection),
        Count("cities", Permission.CONNECTIONS_READ, Connection, col(Connection.city_sort) != "", cities),
        Count("invoices", Permission.INVOICES_READ, Invoice),
        Count("invoices_unpaid", Permission.INVOICES_READ, Invoice, is_open()),
        Count("invoices_overdue", Permission.INVOICES_READ, Invoice, overdue(today)),
        Count("users", Permission.MANAGE_USERS, User, col(User.removed_at).is_(None)),
        Count("users_invited", Permission.MANAGE_USERS, User, invited),
    )


@dataclass(frozen=True, slots=True)
class CompanyOverview:
    """What a company's user sees first, apart from the groups (`groups.overview`)."""

    counts: dict[str, int]
    """By the keys of `_figures`; those the actor may not read are left out."""
    attention: Attention
    agreements: list[Agreement] = field(default_factory=list)
    invoiced: Invoiced | None = None
    """None without the right to read invoices."""
    superusers: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Fed:
    """A file that was fed in."""

    kind: str
    file_name: str
    at: datetime
    created: int
    changed: int
    unchanged: int


@dataclass(frozen=True, slots=True)
class OperatorOverview:
    """What operator staff sees first."""

    companies: int
    feeds: list[Fed]


@allowed(None)
def of_company(actor: Actor) -> CompanyOverview:
    """The actor's company as far as they see it."""
    with session() as db:
        return CompanyOverview(
            counts=_counts(db, actor),
            attention=attention.found(db, actor),
            agreements=attention.agreements(db, actor),
            invoiced=invoices.invoiced(db, actor, LATEST) if actor.may(Permission.INVOICES_READ) else None,
            superusers=_superusers(db, actor),
        )


@for_operator
def of_operator(actor: Actor) -> OperatorOverview:
    """How many companies there are, and what was fed in last."""
    with session() as db:
        companies: int = db.exec(select(func.count()).select_from(Company)).scalar_one()  # type: ignore[call-overload]
        runs = db.exec(  # type: ignore[call-overload]
            select(FeedRun).order_by(col(FeedRun.id).desc()).limit(FEEDS_SHOWN)
        ).scalars()
        return OperatorOverview(
            companies=companies,
            feeds=[Fed(r.kind, r.file_name, r.at, r.created, r.changed, r.unchanged) for r in runs],
        )


def _counts(db: DatabaseSession, actor: Actor) -> dict[str, int]:
    """The figures the actor may read: all by one statement, from indexes alone where the whole company is seen."""
    figures = [figure for figure in _figures(actor.today) if actor.may(figure.permission)]
    if not figures:
        return {}
    found = db.exec(select(*(_counted(actor, figure) for figure in figures))).one()  # type: ignore[call-overload]
    return dict(zip((figure.key for figure in figures), found, strict=True))


def _counted(actor: Actor, figure: Count) -> Any:
    what = func.count() if figure.what is None else figure.what
    statement = access.visible(select(what).select_from(figure.model), actor, figure.model)
    return (statement if figure.where is None else statement.where(figure.where)).scalar_subquery()


def _superusers(db: DatabaseSession, actor: Actor) -> list[str]:
    """Their names are shown to all, so that one knows whom to ask (U2)."""
    return list(
        db.exec(  # type: ignore[call-overload]
            select(col(User.name))
            .where(
                col(User.company_id) == actor.company_id,
                col(User.role) == Role.SUPERUSER,
                col(User.activated_at).is_not(None),
                col(User.disabled_at).is_(None),
                col(User.removed_at).is_(None),
            )
            .order_by(col(User.name_sort))
        ).scalars()
    )
