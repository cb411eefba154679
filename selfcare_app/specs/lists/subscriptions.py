"""The list of subscriptions. Never a SIM or PUK in it (O1)."""

from __future__ import annotations

from sqlalchemy import exists
from sqlmodel import col

from selfcare_app.models import CustomerNumber, InvoiceLine, PricePlan, Subscription
from selfcare_app.specs.attention import binding_ends_soon
from selfcare_app.specs.lists.common import (
    EXPORT,
    GROUP_FILTER,
    GROUPS_COLUMN,
    SHOW,
    SHOW_CUSTOMER_NUMBER,
    active_tabs,
    customer_number_column,
    customer_number_filter,
    group_actions,
    status_column,
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
    Offered,
    Within,
    by_rank,
    stored,
)
from selfcare_app.specs.permissions import Permission
from selfcare_app.specs.products import SubscriptionType
from selfcare_app.specs.text import phone_lookup

SUBSCRIPTIONS = ListSpec(
    key="subscriptions",
    model=Subscription,
    permission=Permission.SUBSCRIPTIONS_READ,
    number=col(Subscription.number),
    page="/subscriptions/{number}",
    icon="smartphone",
    search_table="subscription_search",
    lookups=(
        Lookup(column=col(Subscription.number)),
        Lookup(column=col(Subscription.label_sort), keys=phone_lookup, where=col(Subscription.phone) != ""),
    ),
    default_sort="subscription",
    groups=Grouped(customer_number=col(Subscription.customer_number_id), subscription=col(Subscription.id)),
    joins=(
        (CustomerNumber, col(CustomerNumber.id) == col(Subscription.customer_number_id)),
        (PricePlan, col(PricePlan.id) == col(Subscription.price_plan_id)),
    ),
    within=(
        Within(
            kind="customer-numbers",
            where=lambda id_: col(Subscription.customer_number_id) == id_,
            without=("customer_number", "show_customer_number"),
        ),
    ),
    columns=(
        Column(
            key="subscription",
            cell=Cell.LINK,
            value=stored(col(Subscription.label)),
            sort=stored(col(Subscription.label_sort)),
            card="first",
        ),
        Column(
            key="person",
            cell=Cell.TEXT,
            value=stored(col(Subscription.person)),
            sort=stored(col(Subscription.person_sort)),
            card="fact",
        ),
        customer_number_column(Subscription.customer_number_id, Subscription.customer_number_sort, priority=1),
        Column(
            key="type",
            cell=Cell.CHOICE,
            value=stored(col(Subscription.type)),
            sort=lambda _: by_rank(
                col(Subscription.type),
                (
                    SubscriptionType.FIXED,
                    SubscriptionType.M2M,
                    SubscriptionType.MOBILE,
                    SubscriptionType.BROADBAND,
                    SubscriptionType.EXTENSION,
                ),
            ),
            texts="lists.subscription_type",
            priority=2,
        ),
        Column(
            key="price_plan",
            cell=Cell.TEXT,
            value=stored(col(PricePlan.name)),
            sort=stored(col(Subscription.price_plan_sort)),
            priority=1,
            card="fact",
        ),
        status_column(Subscription.opened, Subscription.ended),
        GROUPS_COLUMN,
        Column(key="subscription_id", cell=Cell.TEXT, value=stored(col(Subscription.number)), optional=True),
        Column(key="cost_centre", cell=Cell.TEXT, value=stored(col(Subscription.cost_centre)), optional=True),
        Column(key="opened", cell=Cell.DATE, value=stored(col(Subscription.opened)), optional=True),
        Column(key="ended", cell=Cell.DATE, value=stored(col(Subscription.ended)), optional=True),
        Column(key="bound_until", cell=Cell.DATE, value=stored(col(Subscription.bound_until)), optional=True),
    ),
    tabs=active_tabs(Subscription.ended),
    filters=(
        Filter(
            key="type",
            kind=FilterKind.CHOICE,
            column=stored(col(Subscription.type)),
            values=tuple(SubscriptionType),
            texts="lists.subscription_type",
        ),
        customer_number_filter(Subscription.customer_number_id),
        Filter(
            key="price_plan",
            kind=FilterKind.REFERENCE,
            column=stored(col(Subscription.price_plan_id)),
            offered=Offered(
                model=PricePlan,
                number=col(PricePlan.code),
                label=(col(PricePlan.name),),
                sort=col(PricePlan.name_sort),
                in_use=True,
            ),
        ),
        Filter(
            key="binding",
            kind=FilterKind.CONDITION,
            values=("soon",),
            conditions={"soon": binding_ends_soon},
            texts="lists.binding",
        ),
        GROUP_FILTER,
    ),
    actions=(
        SHOW,
        SHOW_CUSTOMER_NUMBER,
        Action(
            key="show_invoice_lines",
            icon="receipt-text",
            permission=Permission.INVOICES_READ,
            many=False,
            tab="invoice-lines",
            when=lambda _: exists().where(
                col(InvoiceLine.company_id) == col(Subscription.company_id),
                col(InvoiceLine.subscription_id) == col(Subscription.id),
            ),
        ),
        *group_actions("subscriptions"),
        EXPORT,
    ),
)
