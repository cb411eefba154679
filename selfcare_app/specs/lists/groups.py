"""Group categories, groups, and what is in a group, as lists (R1, R2). They stand on /groups and /groups/[id]."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import String, and_, case, cast, func, literal, or_, select
from sqlmodel import col

from selfcare_app.locales import text
from selfcare_app.models import CustomerNumber, Group, GroupCategory, GroupMembership, Subscription
from selfcare_app.specs.lists.common import EXPORT, SHOW
from selfcare_app.specs.lists.shape import (
    Action,
    Cell,
    Column,
    Filter,
    FilterKind,
    Leads,
    ListSpec,
    Offered,
    OnDay,
    Tab,
    Within,
    stored,
)
from selfcare_app.specs.months import first_of
from selfcare_app.specs.permissions import Permission

CHANGE, REMOVE = "change_group", "remove_group"
MOVE_MEMBER, END_MEMBER, REMOVE_MEMBER = "move_member", "end_member", "remove_member"
_EDITS = (
    Action(key=CHANGE, icon="pencil", permission=Permission.GROUPS_WRITE, many=False, asks=True),
    Action(key=REMOVE, icon="trash-2", permission=Permission.GROUPS_WRITE, many=False, asks=True),
)


def _in_category(value: Any) -> Any:
    """Something of a group's category, for sorting and searching."""
    of = select(value).where(col(GroupCategory.id) == col(Group.category_id))
    return of.correlate(Group).scalar_subquery()


def _groups(_today: date) -> Any:
    counted = select(func.count()).where(
        col(Group.company_id) == col(GroupCategory.company_id), col(Group.category_id) == col(GroupCategory.id)
    )
    return counted.correlate(GroupCategory).scalar_subquery()


GROUP_CATEGORIES = ListSpec(
    key="group-categories",
    model=GroupCategory,
    permission=Permission.GROUPS_READ,
    number=cast(col(GroupCategory.id), String),
    page="/groups?category={number}",
    icon="layers",
    listed=False,
    default_sort="category",
    columns=(
        Column(
            key="category",
            cell=Cell.LINK,
            value=stored(col(GroupCategory.name)),
            sort=stored(col(GroupCategory.name_sort)),
            card="first",
        ),
        Column(
            key="description",
            cell=Cell.TEXT,
            value=stored(col(GroupCategory.description)),
            card="fact2",
        ),
        Column(
            key="group_count",
            cell=Cell.COUNT,
            value=_groups,
            sort=_groups,
            card="fact",
            card_named=True,
        ),
    ),
    actions=(SHOW, *_EDITS, EXPORT),
)
GROUPS = ListSpec(
    key="groups",
    model=Group,
    permission=Permission.GROUPS_READ,
    number=cast(col(Group.id), String),
    page="/groups/{number}",
    icon="layers",
    listed=False,
    default_sort="group",
    search=col(Group.search_key).concat("\n").concat(_in_category(col(GroupCategory.search_key))),
    joins=((GroupCategory, col(GroupCategory.id) == col(Group.category_id)),),
    columns=(
        Column(
            key="group",
            cell=Cell.GROUP,
            value=stored(col(GroupCategory.name).concat(":").concat(col(Group.name))),
            sort=stored(_in_category(col(GroupCategory.name_sort)).concat("\n").concat(col(Group.name_sort))),
            card="first",
        ),
        Column(
            key="category",
            cell=Cell.TEXT,
            value=stored(col(GroupCategory.name)),
            optional=True,
        ),
        Column(key="description", cell=Cell.TEXT, value=stored(col(Group.description)), card="fact2"),
        *(
            Column(
                key=key,
                cell=Cell.IN_GROUP,
                value=stored(col(Group.id)),
                also=stored(literal(kind)),
                permission=right,
                card="fact",
                card_named=True,
            )
            for key, kind, right in (
                ("customer_numbers", "customer-numbers", Permission.CUSTOMER_NUMBERS_READ),
                ("subscriptions", "subscriptions", Permission.SUBSCRIPTIONS_READ),
            )
        ),
    ),
    filters=(
        Filter(
            key="category",
            kind=FilterKind.REFERENCE,
            column=stored(col(Group.category_id)),
            offered=Offered(
                model=GroupCategory,
                number=cast(col(GroupCategory.id), String),
                label=(col(GroupCategory.name),),
                sort=col(GroupCategory.name_sort),
                search=col(GroupCategory.search_key),
            ),
        ),
    ),
    actions=(
        SHOW,
        Action(
            key="show_customer_numbers",
            icon="hash",
            permission=Permission.CUSTOMER_NUMBERS_READ,
            filters=("customer-numbers", "group"),
        ),
        Action(
            key="show_subscriptions",
            icon="smartphone",
            permission=Permission.SUBSCRIPTIONS_READ,
            filters=("subscriptions", "group"),
        ),
        *_EDITS,
        EXPORT,
    ),
)


# --- what is in a group

_OPEN_END = date(9999, 12, 1)
"""Until further notice comes after every month."""


def _of_number(value: Any) -> Any:
    of = select(value).where(col(CustomerNumber.id) == col(GroupMembership.customer_number_id))
    return of.correlate(GroupMembership).scalar_subquery()


def _of_subscription(value: Any) -> Any:
    of = select(value).where(col(Subscription.id) == col(GroupMembership.subscription_id))
    return of.correlate(GroupMembership).scalar_subquery()


def _by_kind(number: Any, subscription: Any) -> Any:
    return case((col(GroupMembership.customer_number_id).is_not(None), number), else_=subscription)


def _past(today: date) -> Any:
    end = col(GroupMembership.end_month)
    return and_(end.is_not(None), end < first_of(today))


def _coming(today: date) -> Any:
    return col(GroupMembership.start_month) > first_of(today)


def _now(today: date) -> Any:
    end = col(GroupMembership.end_month)
    return and_(col(GroupMembership.start_month) <= first_of(today), or_(end.is_(None), end >= first_of(today)))


def _not_past(today: date) -> Any:
    return or_(_now(today), _coming(today))


def _state(active: Any, coming: Any, past: Any) -> OnDay:
    return lambda today: case((_past(today), past), (_coming(today), coming), else_=active)


def _month(language: str, value: Any, _also: Any) -> str:
    return f"{value:%Y-%m}" if value else text(language, "pages.until_further")


GROUP_MEMBERS = ListSpec(
    key="group-members",
    model=GroupMembership,
    permission=Permission.GROUPS_READ,
    number=cast(col(GroupMembership.id), String),
    icon="layers",
    listed=False,
    default_sort="status",
    search=func.coalesce(_of_number(col(CustomerNumber.search_key)), _of_subscription(col(Subscription.search_key))),
    joins=(
        (CustomerNumber, col(CustomerNumber.id) == col(GroupMembership.customer_number_id)),
        (Subscription, col(Subscription.id) == col(GroupMembership.subscription_id)),
    ),
    within=(Within(kind="groups", where=lambda id_: col(GroupMembership.group_id) == id_),),
    columns=(
        Column(
            key="member",
            cell=Cell.OBJECT,
            value=stored(_by_kind(col(CustomerNumber.number), col(Subscription.label))),
            sort=stored(
                func.coalesce(
                    _of_number(col(CustomerNumber.number_sort)), _of_subscription(col(Subscription.label_sort))
                )
            ),
            leads=Leads(
                kind=_by_kind("customer-numbers", "subscriptions"),
                id=func.coalesce(col(GroupMembership.customer_number_id), col(GroupMembership.subscription_id)),
                to={"customer-numbers": "customer-numbers", "subscriptions": "subscriptions"},
            ),
            card="first",
        ),
        Column(
            key="member_name",
            cell=Cell.TEXT,
            value=stored(_by_kind(col(CustomerNumber.name), col(Subscription.person))),
            card="fact",
        ),
        Column(
            key="member_kind",
            cell=Cell.CHOICE,
            value=stored(_by_kind("customer-numbers", "subscriptions")),
            sort=stored(_by_kind(1, 0)),
            texts="lists.member_kind",
            priority=1,
        ),
        Column(
            key="member_from",
            cell=Cell.WORDS,
            value=stored(col(GroupMembership.start_month)),
            sort=stored(col(GroupMembership.start_month)),
            words=_month,
            card="fact",
            card_named=True,
        ),
        Column(
            key="member_to",
            cell=Cell.WORDS,
            value=stored(col(GroupMembership.end_month)),
            sort=stored(func.coalesce(col(GroupMembership.end_month), _OPEN_END)),
            words=_month,
            card="fact2",
            card_named=True,
        ),
        Column(
            key="status",
            cell=Cell.STATUS,
            value=_state("active", "coming", "past"),
            sort=_state(0, 1, 2),
            texts="details.membership.states",
            card="status",
        ),
    ),
    tabs=(
        Tab(key="all"),
        Tab(key="active", where=_now),
        Tab(key="coming", where=_coming),
        Tab(key="past", where=_past),
    ),
    filters=(
        Filter(
            key="member_kind",
            kind=FilterKind.CHOICE,
            column=stored(_by_kind("customer-numbers", "subscriptions")),
            values=("customer-numbers", "subscriptions"),
            texts="lists.member_kind",
        ),
    ),
    actions=(
        SHOW,
        Action(
            key="edit_groups",
            icon="layers",
            many=False,
            page="/group-memberships{member_href}",
        ),
        Action(
            key=MOVE_MEMBER,
            icon="arrow-right-left",
            permission=Permission.GROUPS_WRITE,
            asks=True,
            when=_not_past,
        ),
        Action(
            key=END_MEMBER,
            icon="calendar-off",
            permission=Permission.GROUPS_WRITE,
            asks=True,
            when=_not_past,
        ),
        Action(key=REMOVE_MEMBER, icon="trash-2", permission=Permission.GROUPS_WRITE, asks=True),
        EXPORT,
    ),
)
