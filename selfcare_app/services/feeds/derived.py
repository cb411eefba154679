"""What feeds keep up though no file says it: search and sort keys, labels, and sums of invoices."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import select, update
from sqlmodel import Session as DatabaseSession
from sqlmodel import col

from selfcare_app.models import Connection, CustomerNumber, Invoice, Subscription, Table
from selfcare_app.services import bulk, usage
from selfcare_app.services.database import batches
from selfcare_app.services.feeds.kind import Change, Targets, Unfit, Values
from selfcare_app.services.settlement import settle
from selfcare_app.specs.products import Product, SubscriptionType
from selfcare_app.specs.text import (
    add_on_search,
    connection_search,
    customer_number_search,
    invoice_search,
    label_sort,
    search_key,
    sort_key,
    subscription_label,
    subscription_search,
)

PLAN_PRODUCTS = {
    SubscriptionType.MOBILE.value: Product.MOBILE.value,
    SubscriptionType.BROADBAND.value: Product.MOBILE.value,
    SubscriptionType.M2M.value: Product.MOBILE.value,
    SubscriptionType.FIXED.value: Product.FIXED.value,
    SubscriptionType.EXTENSION.value: Product.FIXED.value,
}
"""The product of the price plans that a type of subscription may have."""


def of_named(values: Values, _targets: Targets) -> Values:
    """Companies and price plans are sorted by name."""
    return {"name_sort": sort_key(values["name"])}


def of_customer_number(values: Values, targets: Targets) -> Values:
    """How a customer number is sorted and found."""
    number, name = values["number"], values["name"]
    return {
        "number_sort": sort_key(number),
        "name_sort": sort_key(name),
        "name_search": search_key(name),
        "search_key": customer_number_search(number, name, targets["company_id"].company_name),
    }


def of_subscription(values: Values, targets: Targets) -> Values:
    """What a subscription is called, and how it is sorted and found."""
    number, phone, person = values["number"], values["phone"], values["person"]
    customer_number, price_plan = targets["customer_number_id"], targets["price_plan_id"]
    label = subscription_label(number, phone)
    return {
        "label": label,
        "label_sort": label_sort(label),
        "person_sort": sort_key(person),
        "customer_number_sort": customer_number.number_sort,
        "price_plan_sort": price_plan.name_sort if price_plan else "",
        "search_key": subscription_search(number, phone, person, customer_number.company_name),
    }


def of_connection(values: Values, targets: Targets) -> Values:
    """How a connection is sorted and found."""
    number, address, city = values["number"], values["address"], values["city"]
    customer_number = targets["customer_number_id"]
    return {
        "number_sort": sort_key(number),
        "capacity_sort": sort_key(values["capacity"]),
        "address_sort": sort_key(address),
        "city_sort": sort_key(city),
        "customer_number_sort": customer_number.number_sort,
        "search_key": connection_search(number, address, city, customer_number.company_name),
    }


def of_add_on(values: Values, targets: Targets) -> Values:
    """How an add-on is sorted and found."""
    owner = targets["subscription_id"] or targets["connection_id"]
    name = values["name"]
    return {"name_sort": sort_key(name), "search_key": add_on_search(name, values["code"], owner.key)}


def plan_fits(values: Values, targets: Targets) -> Unfit | None:
    """A subscription's price plan is one of its product."""
    price_plan = targets["price_plan_id"]
    if price_plan is None or price_plan.product == PLAN_PRODUCTS[values["type"]]:
        return None
    return Unfit("price plan", "feeds.row.plan_of_other_product", {"value": price_plan.key})


def plans_in_use_keep_their_product(db: DatabaseSession, changes: Sequence[Change]) -> list[tuple[Change, Unfit]]:
    """A price plan changes to another product only while no subscription has it."""
    moved = [change for change in changes if change.says_anew("product")]
    used: set[int] = set()
    for ids in batches(change.id for change in moved):
        statement = select(Subscription.price_plan_id).where(col(Subscription.price_plan_id).in_(ids)).distinct()  # type: ignore[call-overload]
        used.update(db.connection().execute(statement).scalars())
    return [
        (change, Unfit("product", "feeds.row.plan_in_use", {"value": change.label}))
        for change in moved
        if change.id in used
    ]


_FOUND_BY_COMPANY: tuple[tuple[type[Table], tuple[Any, ...], Callable[..., str]], ...] = (
    (CustomerNumber, (CustomerNumber.number, CustomerNumber.name), customer_number_search),
    (Subscription, (Subscription.number, Subscription.phone, Subscription.person), subscription_search),
    (Connection, (Connection.number, Connection.address, Connection.city), connection_search),
    (Invoice, (Invoice.number, Invoice.buyer_name), invoice_search),
)
"""What is found by its company's name too (L8), and what else it is found by."""


def follow_companies(db: DatabaseSession, changes: Sequence[Change]) -> None:
    """What belongs to a company that has been renamed is found by the new name."""
    for change in changes:
        if change.says_anew("name"):
            for model, columns, search in _FOUND_BY_COMPANY:
                _search_anew(db, change, model, columns, search)


def _search_anew(
    db: DatabaseSession, company: Change, model: Any, columns: tuple[Any, ...], search: Callable[..., str]
) -> None:
    found = db.connection().execute(select(model.id, *columns).where(model.company_id == company.id)).all()
    made = ((row[0], search(*row[1:], company.after["name"])) for row in found)
    bulk.update(db, model, ("search_key",), made, new_version=False)


def follow_price_plans(db: DatabaseSession, changes: Sequence[Change]) -> None:
    """Subscriptions sort by the new name of a price plan that has been renamed."""
    for change in changes:
        if change.says_anew("name"):
            statement = update(Subscription).where(col(Subscription.price_plan_id) == change.id)
            db.connection().execute(statement.values(price_plan_sort=sort_key(change.after["name"])))


def follow_subscriptions(db: DatabaseSession, changes: Sequence[Change]) -> None:
    """A subscription that moves to another customer number takes its usage along."""
    touched: dict[int, set[int]] = {}
    for change in changes:
        if change.before is not None and change.company_id is not None and change.says_anew("customer_number_id"):
            stood, stands = change.before["customer_number_id"], change.after["customer_number_id"]
            touched.setdefault(change.company_id, set()).update((stood, stands))
    for company_id, customer_numbers in touched.items():
        usage.recount(db, company_id, customer_numbers)


def follow_payments(db: DatabaseSession, changes: Sequence[Change]) -> None:
    """Invoices know what is paid of them, also those a payment was taken from."""
    stood = {change.before["invoice_id"] for change in changes if change.before}
    settle(db, stood | {change.after["invoice_id"] for change in changes})
