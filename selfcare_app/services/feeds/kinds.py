"""The kinds of inventory files (data.md): their columns, and what a row becomes. The rest is derived from this."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from selfcare_app.models import Company, CustomerNumber, FrameworkAgreement, Subscription, Table
from selfcare_app.services.feeds import cells
from selfcare_app.specs.products import CustomerNumberType, Product, SubscriptionType
from selfcare_app.specs.text import search_key, sort_key

Values = dict[str, Any]
"""What a row says, by the model's fields."""


@dataclass(frozen=True, kw_only=True)
class Reference:
    """A column that names another row by its key; that row tells which company the fed row belongs to."""

    model: type[Table]
    key: str
    unknown: str
    """Text in locales for a key that doesn't exist."""

    def company_id(self, target: Any) -> int:
        """The company of the row referred to."""
        return int(target.id if self.model is Company else target.company_id)


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of a file. A required one must stand in every file and row; another, when it doesn't stand in a
    file, leaves what is stored alone."""

    heading: str
    field: str
    parse: cells.Parse
    required: bool = False
    empty: object = None
    """What an empty cell means."""
    refers: Reference | None = None


def _nothing(_values: Values, _target: Any) -> Values:
    return {}


@dataclass(frozen=True, kw_only=True)
class FeedKind:
    """One kind of file. The first column is the key."""

    key: str
    model: type[Table]
    columns: tuple[Column, ...]
    period: tuple[str, str] | None = None
    """Headings of the date it begins and the date it ends; the end may not lie before the beginning."""
    derive: Callable[[Values, Any], Values] = _nothing
    """Fields worked out from the row's values and the row it refers to."""

    @property
    def identity(self) -> Column:
        """The column a row is known by."""
        return self.columns[0]

    @property
    def reference(self) -> Column | None:
        """The column that leads to the row's company; none for companies themselves."""
        return next((column for column in self.columns if column.refers), None)

    @property
    def object_kind(self) -> str:
        """What the audit log calls a row."""
        return str(self.model.__tablename__)

    def column(self, heading: str) -> Column:
        """The column with the heading."""
        return next(column for column in self.columns if column.heading == heading)


_COMPANY = Reference(model=Company, key="organisation_number", unknown="feeds.row.unknown_company")
_CUSTOMER_NUMBER = Reference(model=CustomerNumber, key="number", unknown="feeds.row.unknown_customer_number")


def _of_company(values: Values, _target: Any) -> Values:
    return {"name_sort": sort_key(values["name"])}


def _of_customer_number(values: Values, company: Company) -> Values:
    return {
        "number_sort": sort_key(values["number"]),
        "name_sort": sort_key(values["name"]),
        "name_search": search_key(values["name"]),
        "search_key": customer_number_search(values["number"], values["name"], company.name),
    }


def customer_number_search(number: str, name: str, company_name: str) -> str:
    """What a customer number is found by (L8): number, name and company."""
    return search_key(number, name, company_name)


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
    derive=_of_company,
)

FRAMEWORK_AGREEMENTS = FeedKind(
    key="framework-agreements",
    model=FrameworkAgreement,
    columns=(
        Column(heading="number", field="number", parse=cells.agreement_number, required=True),
        Column(heading="company", field="company_id", parse=cells.organisation_number, required=True, refers=_COMPANY),
        Column(heading="products", field="products", parse=cells.choices(Product, cells.PRODUCTS), required=True),
        Column(heading="from", field="valid_from", parse=cells.day, required=True),
        Column(heading="to", field="valid_to", parse=cells.day),
    ),
    period=("from", "to"),
)

CUSTOMER_NUMBERS = FeedKind(
    key="customer-numbers",
    model=CustomerNumber,
    columns=(
        Column(heading="number", field="number", parse=cells.number, required=True),
        Column(heading="company", field="company_id", parse=cells.organisation_number, required=True, refers=_COMPANY),
        Column(heading="name", field="name", parse=cells.words, required=True),
        Column(
            heading="type",
            field="type",
            parse=cells.choice(CustomerNumberType, cells.CUSTOMER_NUMBER_TYPES),
            required=True,
        ),
        Column(heading="opened", field="opened", parse=cells.day, required=True),
        Column(heading="closed", field="closed", parse=cells.day),
    ),
    period=("opened", "closed"),
    derive=_of_customer_number,
)

SUBSCRIPTIONS = FeedKind(
    key="subscriptions",
    model=Subscription,
    columns=(
        Column(heading="id", field="number", parse=cells.number, required=True),
        Column(
            heading="customer number",
            field="customer_number_id",
            parse=cells.number,
            required=True,
            refers=_CUSTOMER_NUMBER,
        ),
        Column(
            heading="type",
            field="type",
            parse=cells.choice(SubscriptionType, cells.SUBSCRIPTION_TYPES),
            required=True,
        ),
        Column(heading="phone number", field="phone", parse=cells.phone, empty=""),
        Column(heading="person", field="person", parse=cells.words, empty=""),
        Column(heading="opened", field="opened", parse=cells.day, required=True),
        Column(heading="ended", field="ended", parse=cells.day),
    ),
    period=("opened", "ended"),
)

KINDS: dict[str, FeedKind] = {
    kind.key: kind for kind in (COMPANIES, FRAMEWORK_AGREEMENTS, CUSTOMER_NUMBERS, SUBSCRIPTIONS)
}
"""Every kind by its key, in the order in which a new company's files go in."""
