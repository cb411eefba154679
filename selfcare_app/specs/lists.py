"""The lists of the portal, as data. From a `ListSpec` come the query, scope, count, page, address, export, menu entry,
table, filter bar and the tests every list inherits.

Texts are named by keys: lists.<key>.title, .help, .search; lists.columns.<column>; lists.filters.<filter>.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import and_, case, func, or_, select
from sqlmodel import col

from selfcare_app.models import CustomerNumber, Subscription, Table
from selfcare_app.specs.permissions import Permission
from selfcare_app.specs.products import CustomerNumberType


class Cell(StrEnum):
    """How a column's value is shown, exported and aligned."""

    LINK = "link"
    """The row's own number: the link to its page."""
    TEXT = "text"
    CHOICE = "choice"
    """A stored value with a text in locales."""
    STATUS = "status"
    DATE = "date"
    COUNT = "count"
    GROUPS = "groups"


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column. `value` makes what is selected, given the day it is; `sort` is what its heading sorts by."""

    key: str
    cell: Cell
    value: Callable[[date], Any]
    sort: Callable[[date], Any] | None = None
    texts: str = ""
    """For CHOICE and STATUS: where the texts of its values stand, e.g. lists.customer_number_type."""
    priority: int = 0
    """0 always fits; 3, 2, 1 leave first on narrow screens (design: 1420, 1220, 980 px)."""
    permission: Permission | None = None
    """Left out for whoever lacks it, in exports too."""
    card: str = ""
    """Place on a phone's card: first, status, fact, fact2; empty: not on the card."""


class FilterKind(StrEnum):
    """How a filter is chosen."""

    CHOICE = "choice"
    """Any of a fixed set of values."""
    TEXT = "text"
    """Contains; the column holds a search_key, so that marks and case count for nothing on either database."""
    GROUPS = "groups"
    """Any within a category, all between categories, as of a month (R7)."""


@dataclass(frozen=True, kw_only=True)
class Filter:
    """One filter; its key is its name in the address."""

    key: str
    kind: FilterKind
    column: Any = None
    values: tuple[str, ...] = ()
    texts: str = ""
    permission: Permission | None = None


@dataclass(frozen=True, kw_only=True)
class Tab:
    """One of the exclusive views of a list; `where` given the day it is. Texts: lists.tabs.<key>."""

    key: str
    where: Callable[[date], Any] | None = None
    complement: str = ""
    """The tab that holds all the other rows: then this one is counted by taking away, not by looking."""


@dataclass(frozen=True, kw_only=True)
class Action:
    """Something to do with rows: on one, on many, or both. Texts: lists.actions.<key>."""

    key: str
    icon: str
    permission: Permission | None = None
    one: bool = True
    many: bool = True


@dataclass(frozen=True, kw_only=True)
class ListSpec:
    """One list of the portal."""

    key: str
    """Last part of its address and of its export's; `title` etc. are found by it with _ for -."""
    model: type[Table]
    permission: Permission
    number: Any
    """The column its rows are named by, and that pasted numbers are looked up in."""
    page: str
    """Address of a row's page, `{number}` filled in."""
    columns: tuple[Column, ...]
    tabs: tuple[Tab, ...]
    filters: tuple[Filter, ...]
    default_sort: str
    icon: str
    actions: tuple[Action, ...] = ()
    search_table: str = ""
    """The FTS5 table on SQLite; its rowid is the model's id."""
    group_member: str = ""
    """For the groups filter and column: the column of GroupMembership that names this model's row."""

    @property
    def route(self) -> str:
        """Address of the list."""
        return f"/{self.key}"

    @property
    def texts(self) -> str:
        """Prefix of the list's own texts."""
        return f"lists.{self.key.replace('-', '_')}"

    def column(self, key: str) -> Column | None:
        """The column with the key."""
        return next((column for column in self.columns if column.key == key), None)


SIZES = (25, 50, 100)
"""Rows on a page (L4)."""


def _customer_number_open(today: date) -> Any:
    return or_(col(CustomerNumber.closed).is_(None), col(CustomerNumber.closed) > today)


def _subscriptions_of_customer_number(_today: date) -> Any:
    return (
        select(func.count())
        .where(
            col(Subscription.company_id) == col(CustomerNumber.company_id),
            col(Subscription.customer_number_id) == col(CustomerNumber.id),
        )
        .correlate(CustomerNumber)
        .scalar_subquery()
    )


def _by_rank(column: Any, ranked: tuple[StrEnum, ...]) -> Any:
    """Sort stored values as their Swedish texts sort."""
    return case({value.value: rank for rank, value in enumerate(ranked)}, value=column, else_=len(ranked))


CUSTOMER_NUMBERS = ListSpec(
    key="customer-numbers",
    model=CustomerNumber,
    permission=Permission.CUSTOMER_NUMBERS_READ,
    number=col(CustomerNumber.number),
    page="/customer-numbers/{number}",
    icon="hash",
    search_table="customer_number_search",
    default_sort="number",
    group_member="customer_number_id",
    columns=(
        Column(
            key="number",
            cell=Cell.LINK,
            value=lambda _: col(CustomerNumber.number),
            sort=lambda _: col(CustomerNumber.number_sort),
            card="first",
        ),
        Column(
            key="name",
            cell=Cell.TEXT,
            value=lambda _: col(CustomerNumber.name),
            sort=lambda _: col(CustomerNumber.name_sort),
            card="fact",
        ),
        Column(
            key="type",
            cell=Cell.CHOICE,
            value=lambda _: col(CustomerNumber.type),
            sort=lambda _: _by_rank(
                col(CustomerNumber.type),
                (
                    CustomerNumberType.MIXED,
                    CustomerNumberType.DATA,
                    CustomerNumberType.FIXED,
                    CustomerNumberType.MOBILE,
                ),
            ),
            texts="lists.customer_number_type",
            priority=1,
            card="fact",
        ),
        Column(
            key="status",
            cell=Cell.STATUS,
            value=lambda today: case((_customer_number_open(today), "active"), else_="inactive"),
            sort=lambda today: case((_customer_number_open(today), 0), else_=1),
            texts="lists.status",
            card="status",
        ),
        Column(
            key="opened",
            cell=Cell.DATE,
            value=lambda _: col(CustomerNumber.opened),
            sort=lambda _: col(CustomerNumber.opened),
            priority=2,
        ),
        Column(
            key="subscriptions",
            cell=Cell.COUNT,
            value=_subscriptions_of_customer_number,
            sort=_subscriptions_of_customer_number,
            permission=Permission.SUBSCRIPTIONS_READ,
            priority=1,
        ),
        Column(
            key="groups",
            cell=Cell.GROUPS,
            value=lambda _: col(CustomerNumber.id),
            permission=Permission.GROUPS_READ,
            card="fact2",
        ),
    ),
    tabs=(
        Tab(key="all"),
        Tab(key="active", where=_customer_number_open, complement="inactive"),
        Tab(
            key="inactive",
            where=lambda today: and_(col(CustomerNumber.closed).is_not(None), col(CustomerNumber.closed) <= today),
        ),
    ),
    filters=(
        Filter(
            key="type",
            kind=FilterKind.CHOICE,
            column=col(CustomerNumber.type),
            values=tuple(CustomerNumberType),
            texts="lists.customer_number_type",
        ),
        Filter(key="number", kind=FilterKind.TEXT, column=func.lower(col(CustomerNumber.number))),
        Filter(key="name", kind=FilterKind.TEXT, column=col(CustomerNumber.name_search)),
        Filter(key="group", kind=FilterKind.GROUPS, permission=Permission.GROUPS_READ),
    ),
    actions=(
        Action(key="show", icon="eye", many=False),
        Action(key="export", icon="download"),
    ),
)

LISTS: dict[str, ListSpec] = {spec.key: spec for spec in (CUSTOMER_NUMBERS,)}
"""Every list of the portal by its key."""
