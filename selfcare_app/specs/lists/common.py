"""Parts that several lists have: the customer number's column and filter, groups, tabs, actions."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import and_, case, or_
from sqlmodel import col

from selfcare_app.models import CustomerNumber
from selfcare_app.specs.lists.shape import (
    Action,
    Cell,
    Column,
    Filter,
    FilterKind,
    Offered,
    OnDay,
    Reference,
    Tab,
    stored,
)
from selfcare_app.specs.permissions import Permission

SHOW = Action(key="show", icon="eye", many=False)
EXPORT = Action(key="export", icon="download")
GROUP_FILTER = Filter(key="group", kind=FilterKind.GROUPS, permission=Permission.GROUPS_READ)
GROUPS_COLUMN = Column(
    key="groups", cell=Cell.GROUPS, value=stored(None), permission=Permission.GROUPS_READ, card="fact2"
)


def group_actions(kind: str) -> tuple[Action, ...]:
    """A row's own page of groups, and many rows put into a group at once (R2)."""
    return (
        Action(
            key="edit_groups",
            icon="layers",
            permission=Permission.GROUPS_READ,
            many=False,
            page=f"/group-memberships/{kind}/{{number}}",
        ),
        Action(
            key="add_to_group",
            icon="layers",
            permission=Permission.GROUPS_WRITE,
            one=False,
            page="/group-memberships/many",
        ),
    )


def in_use(ended: Any) -> OnDay:
    """Not ended: the end is the first day it is no longer in use."""
    return lambda today: or_(col(ended).is_(None), col(ended) > today)


def out_of_use(ended: Any) -> OnDay:
    """Ended, written so that an index finds it."""
    return lambda today: and_(col(ended).is_not(None), col(ended) <= today)


def active_tabs(ended: Any) -> tuple[Tab, ...]:
    """Alla, Aktiv, Inaktiv. What begins later is not ended: it stands under Aktiv and says so."""
    return (
        Tab(key="all"),
        Tab(key="active", where=in_use(ended), complement="inactive"),
        Tab(key="inactive", where=out_of_use(ended)),
    )


def status_column(opened: Any, ended: Any) -> Column:
    """Active, coming or inactive on the day it is."""

    def state(today: date, active: Any, coming: Any, inactive: Any) -> Any:
        return case((out_of_use(ended)(today), inactive), (col(opened) > today, coming), else_=active)

    return Column(
        key="status",
        cell=Cell.STATUS,
        value=lambda today: state(today, "active", "coming", "inactive"),
        sort=lambda today: state(today, 0, 2, 1),
        texts="lists.status",
        card="status",
    )


def customer_number_column(id_: Any, sort: Any, **settings: Any) -> Column:
    """Number and name of the row's customer number; `sort` is its sort key as the row keeps it."""
    return Column(
        key="customer_number",
        cell=Cell.REFERENCE,
        value=lambda _: col(CustomerNumber.number).concat(" ").concat(col(CustomerNumber.name)),
        sort=stored(col(sort)),
        reference=Reference(to="customer-numbers", id=col(id_)),
        permission=Permission.CUSTOMER_NUMBERS_READ,
        **settings,
    )


def customer_number_filter(id_: Any) -> Filter:
    """Any of the customer numbers one sees."""
    return Filter(
        key="customer_number",
        kind=FilterKind.REFERENCE,
        column=stored(col(id_)),
        offered=Offered(
            model=CustomerNumber,
            number=col(CustomerNumber.number),
            label=(col(CustomerNumber.number), col(CustomerNumber.name)),
            search=col(CustomerNumber.search_key),
            sort=col(CustomerNumber.number_sort),
        ),
        permission=Permission.CUSTOMER_NUMBERS_READ,
    )


SHOW_CUSTOMER_NUMBER = Action(
    key="show_customer_number", icon="hash", reference="customer_number", permission=Permission.CUSTOMER_NUMBERS_READ
)
