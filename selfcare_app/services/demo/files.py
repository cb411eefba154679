"""The files an operator would feed for the demo companies: the same bytes for the same day."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from selfcare_app.services.demo.billing import Bill, bills, payments
from selfcare_app.services.demo.content import COMPANIES, DemoCompany
from selfcare_app.services.demo.inventory import Estate, estate
from selfcare_app.services.demo.months import last_day
from selfcare_app.services.demo.offer import PLANS
from selfcare_app.services.demo.pdf import original
from selfcare_app.services.demo.ubl import document
from selfcare_app.services.demo.usage import Record, records
from selfcare_app.specs.months import months_later


@dataclass(frozen=True)
class Files:
    """Everything that is fed for both companies as of a day."""

    today: date

    @cached_property
    def estates(self) -> tuple[Estate, ...]:
        """What each company owns."""
        return tuple(estate(company, self.today) for company in COMPANIES)

    @cached_property
    def records(self) -> tuple[tuple[Record, ...], ...]:
        """Each company's usage."""
        return tuple(tuple(records(owned)) for owned in self.estates)

    @cached_property
    def bills(self) -> tuple[tuple[Bill, ...], ...]:
        """Each company's invoices and credit notes, in the order of their months."""
        return tuple(tuple(bills(owned, used)) for owned, used in zip(self.estates, self.records, strict=True))

    def inventory(self) -> dict[str, bytes]:
        """CSV by kind, in the order they go in: all but payments, which need the invoices first."""
        return {kind: _csv(headings, rows) for kind, headings, rows in self._inventory()}

    def invoices(self) -> dict[str, bytes]:
        """Each company's invoices as a zip, by the file's name."""
        return {
            _name("invoices", owned.company, "zip"): _zip(sent)
            for owned, sent in zip(self.estates, self.bills, strict=True)
        }

    def usage(self) -> dict[str, bytes]:
        """Each company's usage records, by the file's name."""
        return {
            _name("usage", owned.company, "csv"): _csv(_USAGE, map(_used, used))
            for owned, used in zip(self.estates, self.records, strict=True)
        }

    def payments(self) -> bytes:
        """What has been paid, both companies in one file."""
        paid = (found for owned, sent in zip(self.estates, self.bills, strict=True) for found in payments(owned, sent))
        return _csv(
            ("reference", "invoice number", "date", "amount"),
            ((row.reference, row.invoice, row.day, row.amount) for row in paid),
        )

    def _inventory(self) -> Iterator[tuple[str, Sequence[str], Iterable[Sequence[object]]]]:
        yield (
            "companies",
            ("organisation number", "name", "address", "e-mail"),
            ((c.organisation_number, c.name, c.address, c.email) for c in COMPANIES),
        )
        yield (
            "framework-agreements",
            ("number", "company", "products", "from", "to"),
            (row for c in COMPANIES for row in _agreements(c, self.today)),
        )
        yield (
            "customer-numbers",
            ("number", "company", "name", "type", "opened", "closed"),
            (row for c in COMPANIES for row in _customer_numbers(c, self.today)),
        )
        yield "price-plans", _PRICE_PLANS, _price_plans(self.today)
        yield "subscriptions", _SUBSCRIPTIONS, (row for owned in self.estates for row in _subscriptions(owned))
        yield "connections", _CONNECTIONS, (row for owned in self.estates for row in _connections(owned))
        yield (
            "add-ons",
            ("subscription or connection id", "code", "name", "monthly fee", "from", "to"),
            (
                (a.owner.number, a.extra.code, a.extra.name, a.extra.monthly, a.first, a.last)
                for owned in self.estates
                for a in owned.added
            ),
        )
        yield (
            "contacts",
            ("connection id", "e-mail", "name", "phone"),
            (
                (wire.number, contact.email, contact.name, contact.phone)
                for owned in self.estates
                for wire, contact in owned.contacts
            ),
        )


def _agreements(company: DemoCompany, today: date) -> Iterator[Sequence[object]]:
    for agreement in company.agreements:
        end = None if agreement.last_month is None else last_day(months_later(today, agreement.last_month))
        products = "|".join(agreement.products)
        start = months_later(today, agreement.first_month)
        yield agreement.number, company.organisation_number, products, start, end


def _customer_numbers(company: DemoCompany, today: date) -> Iterator[Sequence[object]]:
    for place in company.places:
        closed = None if place.closed_month is None else months_later(today, place.closed_month)
        opened = months_later(today, place.opened_month)
        yield place.number, company.organisation_number, place.name, place.type, opened, closed


_PRICE_PLANS = (
    "code",
    "product",
    "name",
    "one-off fee",
    "monthly fee",
    "sold from",
    "sold to",
    "binding months",
    "notice months",
)


def _price_plans(today: date) -> Iterator[Sequence[object]]:
    for plan in PLANS:
        sold_to = None if plan.sold_to_month is None else last_day(months_later(today, plan.sold_to_month))
        sold_from = months_later(today, plan.sold_from_month)
        fees = (plan.one_off, plan.monthly)
        yield plan.code, plan.product, plan.name, *fees, sold_from, sold_to, plan.binding, plan.notice


_SUBSCRIPTIONS = (
    "id",
    "customer number",
    "type",
    "phone number",
    "person",
    "cost centre",
    "price plan",
    "opened",
    "ended",
    "bound until",
    "SIM",
    "PUK",
)


def _subscriptions(owned: Estate) -> Iterator[Sequence[object]]:
    for line in owned.lines:
        who = (line.type, line.phone, line.person, line.cost_centre)
        dates = (line.opened, line.ended, line.bound_until)
        yield line.number, line.place.number, *who, line.plan.code, *dates, line.sim, line.puk


_CONNECTIONS = (
    "id",
    "customer number",
    "product",
    "service type",
    "capacity",
    "address",
    "city",
    "SLA level",
    "equipment",
    "opened",
    "ended",
)


def _connections(owned: Estate) -> Iterator[Sequence[object]]:
    for wire in owned.wires:
        site = wire.site
        what = (wire.plan.product, site.service, site.capacity, site.address, site.city, site.sla, wire.equipment)
        yield wire.number, wire.place.number, *what, wire.opened, wire.ended


_USAGE = (
    "start time",
    "subscription",
    "type",
    "counterpart",
    "destination",
    "quantity",
    "unit",
    "amount",
)


def _used(record: Record) -> Sequence[object]:
    return (
        record.started.isoformat(),
        record.subscription,
        record.type,
        record.counterpart,
        record.destination,
        record.quantity,
        record.unit,
        record.amount,
    )


def _zip(sent: Iterable[Bill]) -> bytes:
    """A file for each; stored as they are, for the zip lives a second."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for bill in sent:
            name = f"{bill.kind.value}-{bill.number}.xml"
            # A date of its own would make other bytes of the same invoices.
            archive.writestr(zipfile.ZipInfo(name), document(bill, original(bill) if bill.with_pdf else None))
    return buffer.getvalue()


def _name(what: str, company: DemoCompany, ending: str) -> str:
    domain = company.email.partition("@")[2].partition(".")[0]
    return f"demo-{what}-{domain}.{ending}"


def _csv(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";")
    writer.writerow(headings)
    writer.writerows(rows)
    return buffer.getvalue().encode()
