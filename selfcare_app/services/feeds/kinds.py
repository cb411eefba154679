"""The kinds of inventory files (data.md): their columns, and what a row becomes. The rest is derived from this."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlmodel import col

from selfcare_app.models import (
    AddOn,
    Company,
    Connection,
    ConnectionContact,
    CustomerNumber,
    FrameworkAgreement,
    Invoice,
    Payment,
    PricePlan,
    Subscription,
)
from selfcare_app.services.feeds import cells, derived
from selfcare_app.services.feeds.kind import Column, FeedKind, Reference, Target
from selfcare_app.specs.products import SlaLevel
from selfcare_app.specs.text import email_key


def _target(model: Any, field: str, key: Any, *needed: Any) -> Target:
    """Rows of a company's table: `needed` are the columns that checks and derived fields look at."""
    columns = [model.id, col(key).label("key"), model.company_id, *needed]
    return Target(model=model, field=field, key=key, statement=select(*columns))


_COMPANY_NAME: Any = col(Company.name).label("company_name")
_COMPANY = Target(
    model=Company,
    field="company_id",
    key=Company.organisation_number,
    statement=select(
        col(Company.id),
        col(Company.organisation_number).label("key"),
        col(Company.id).label("company_id"),
        _COMPANY_NAME,
    ),
)
_numbered = _target(
    CustomerNumber, "customer_number_id", CustomerNumber.number, CustomerNumber.number_sort, _COMPANY_NAME
)
_CUSTOMER_NUMBER = Target(
    model=CustomerNumber,
    field=_numbered.field,
    key=_numbered.key,
    statement=_numbered.statement.join(Company, col(Company.id) == col(CustomerNumber.company_id)),
)
_PRICE_PLAN = Target(
    model=PricePlan,
    field="price_plan_id",
    key=PricePlan.code,
    statement=select(
        col(PricePlan.id), col(PricePlan.code).label("key"), col(PricePlan.product), col(PricePlan.name_sort)
    ),
)
_SUBSCRIPTION = _target(Subscription, "subscription_id", Subscription.number)
_CONNECTION = _target(Connection, "connection_id", Connection.number)
_INVOICE = _target(Invoice, "invoice_id", Invoice.number)

_OF_COMPANY = Reference(targets=(_COMPANY,), unknown="feeds.row.unknown_company")
_OF_CUSTOMER_NUMBER = Reference(targets=(_CUSTOMER_NUMBER,), unknown="feeds.row.unknown_customer_number")
_OF_PRICE_PLAN = Reference(targets=(_PRICE_PLAN,), unknown="feeds.row.unknown_price_plan", gives_company=False)
_OF_OWNER = Reference(targets=(_SUBSCRIPTION, _CONNECTION), unknown="feeds.row.unknown_owner")
_OF_CONNECTION = Reference(targets=(_CONNECTION,), unknown="feeds.row.unknown_connection")
_OF_INVOICE = Reference(targets=(_INVOICE,), unknown="feeds.row.unknown_invoice")

COMPANIES = FeedKind(
    key="companies",
    model=Company,
    columns=(
        Column(
            heading="organisation number", field="organisation_number", parse=cells.organisation_number, required=True
        ),
        Column(heading="name", field="name", parse=cells.words, required=True),
        Column(heading="address", field="address", parse=cells.words, empty=""),
        Column(heading="e-mail", field="email", parse=cells.email, empty=""),
    ),
    derive=derived.of_named,
    after=derived.follow_companies,
)

FRAMEWORK_AGREEMENTS = FeedKind(
    key="framework-agreements",
    model=FrameworkAgreement,
    columns=(
        Column(heading="number", field="number", parse=cells.code, required=True),
        Column(
            heading="company", field="company_id", parse=cells.organisation_number, required=True, refers=_OF_COMPANY
        ),
        Column(heading="products", field="products", parse=cells.choices(cells.PRODUCTS), required=True),
        Column(heading="from", field="valid_from", parse=cells.day, required=True),
        Column(heading="to", field="valid_to", parse=cells.day),
    ),
    periods=(("from", "to"),),
)

CUSTOMER_NUMBERS = FeedKind(
    key="customer-numbers",
    model=CustomerNumber,
    columns=(
        Column(heading="number", field="number", parse=cells.number, required=True),
        Column(
            heading="company", field="company_id", parse=cells.organisation_number, required=True, refers=_OF_COMPANY
        ),
        Column(heading="name", field="name", parse=cells.words, required=True),
        Column(heading="type", field="type", parse=cells.choice(cells.CUSTOMER_NUMBER_TYPES), required=True),
        Column(heading="opened", field="opened", parse=cells.day, required=True),
        Column(heading="closed", field="closed", parse=cells.day),
    ),
    periods=(("opened", "closed"),),
    derive=derived.of_customer_number,
)

PRICE_PLANS = FeedKind(
    key="price-plans",
    model=PricePlan,
    columns=(
        Column(heading="code", field="code", parse=cells.code, required=True),
        Column(heading="product", field="product", parse=cells.choice(cells.PRODUCTS), required=True),
        Column(heading="name", field="name", parse=cells.words, required=True),
        Column(heading="one-off fee", field="one_off_fee", parse=cells.fee, empty=cells.NOTHING),
        Column(heading="monthly fee", field="monthly_fee", parse=cells.fee, required=True),
        Column(heading="sold from", field="sold_from", parse=cells.day, required=True),
        Column(heading="sold to", field="sold_to", parse=cells.day),
        Column(heading="binding months", field="binding_months", parse=cells.months, empty=0),
        Column(heading="notice months", field="notice_months", parse=cells.months, empty=0),
    ),
    periods=(("sold from", "sold to"),),
    derive=derived.of_named,
    check_all=derived.plans_in_use_keep_their_product,
    after=derived.follow_price_plans,
)

SUBSCRIPTIONS = FeedKind(
    key="subscriptions",
    model=Subscription,
    columns=(
        Column(heading="id", field="number", parse=cells.number, also=("subscription id",), required=True),
        Column(
            heading="customer number",
            field="customer_number_id",
            parse=cells.number,
            required=True,
            refers=_OF_CUSTOMER_NUMBER,
        ),
        Column(heading="type", field="type", parse=cells.choice(cells.SUBSCRIPTION_TYPES), required=True),
        Column(heading="phone number", field="phone", parse=cells.phone, also=("phone",), empty=""),
        Column(heading="person", field="person", parse=cells.words, empty=""),
        Column(heading="cost centre", field="cost_centre", parse=cells.words, also=("cost center",), empty=""),
        Column(heading="price plan", field="price_plan_id", parse=cells.code, refers=_OF_PRICE_PLAN),
        Column(heading="opened", field="opened", parse=cells.day, required=True),
        Column(heading="ended", field="ended", parse=cells.day),
        Column(heading="bound until", field="bound_until", parse=cells.day),
        Column(heading="SIM", field="sim", parse=cells.sim, empty=""),
        Column(heading="PUK", field="puk", parse=cells.puk, empty="", encrypted=True),
    ),
    periods=(("opened", "ended"), ("opened", "bound until")),
    checks=(derived.plan_fits,),
    derive=derived.of_subscription,
    after=derived.follow_subscriptions,
)

CONNECTIONS = FeedKind(
    key="connections",
    model=Connection,
    columns=(
        Column(heading="id", field="number", parse=cells.number, also=("connection id",), required=True),
        Column(
            heading="customer number",
            field="customer_number_id",
            parse=cells.number,
            required=True,
            refers=_OF_CUSTOMER_NUMBER,
        ),
        Column(heading="product", field="product", parse=cells.choice(cells.CONNECTION_PRODUCTS), required=True),
        Column(heading="service type", field="service_type", parse=cells.choice(cells.SERVICE_TYPES), required=True),
        Column(heading="capacity", field="capacity", parse=cells.words, empty=""),
        Column(heading="address", field="address", parse=cells.words, empty=""),
        Column(heading="city", field="city", parse=cells.words, empty=""),
        Column(
            heading="SLA level",
            field="sla",
            parse=cells.choice(cells.SLA_LEVELS),
            also=("SLA",),
            empty=SlaLevel.BASIC.value,
        ),
        Column(heading="equipment", field="equipment", parse=cells.words, empty=""),
        Column(heading="opened", field="opened", parse=cells.day, required=True),
        Column(heading="ended", field="ended", parse=cells.day),
    ),
    periods=(("opened", "ended"),),
    derive=derived.of_connection,
)

ADD_ONS = FeedKind(
    key="add-ons",
    model=AddOn,
    columns=(
        Column(
            heading="subscription or connection id",
            field="owner",
            parse=cells.number,
            also=("subscription or connection", "id"),
            only={
                "subscription id": Subscription,
                "subscription": Subscription,
                "connection id": Connection,
                "connection": Connection,
            },
            required=True,
            refers=_OF_OWNER,
        ),
        Column(heading="code", field="code", parse=cells.code, required=True),
        Column(heading="name", field="name", parse=cells.words, required=True),
        Column(heading="monthly fee", field="monthly_fee", parse=cells.fee, required=True),
        Column(heading="from", field="valid_from", parse=cells.day, required=True),
        Column(heading="to", field="valid_to", parse=cells.day),
    ),
    keys=2,
    periods=(("from", "to"),),
    derive=derived.of_add_on,
)

CONTACTS = FeedKind(
    key="contacts",
    model=ConnectionContact,
    columns=(
        Column(
            heading="connection id",
            field="connection_id",
            parse=cells.number,
            also=("connection",),
            required=True,
            refers=_OF_CONNECTION,
        ),
        Column(heading="e-mail", field="email", parse=cells.email, key_of=email_key, required=True),
        Column(heading="name", field="name", parse=cells.words, empty=""),
        Column(heading="phone", field="phone", parse=cells.phone, also=("phone number",), empty=""),
    ),
    keys=2,
    derive=derived.of_named,
)

PAYMENTS = FeedKind(
    key="payments",
    model=Payment,
    columns=(
        Column(heading="reference", field="reference", parse=cells.code, required=True),
        Column(heading="invoice number", field="invoice_id", parse=cells.words, required=True, refers=_OF_INVOICE),
        Column(heading="date", field="paid_on", parse=cells.day, required=True),
        Column(heading="amount", field="amount", parse=cells.paid, required=True),
    ),
    after=derived.follow_payments,
)

KINDS: dict[str, FeedKind] = {
    kind.key: kind
    for kind in (
        COMPANIES,
        FRAMEWORK_AGREEMENTS,
        CUSTOMER_NUMBERS,
        PRICE_PLANS,
        SUBSCRIPTIONS,
        CONNECTIONS,
        ADD_ONS,
        CONTACTS,
        PAYMENTS,
    )
}
"""Every kind by its key, in the order in which a new company's files go in."""
