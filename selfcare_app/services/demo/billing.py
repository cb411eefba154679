"""The demo's invoices and what was paid: fees by price plan, traffic as the sum of the usage records, VAT."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from random import Random

from selfcare_app.services.demo.bankgiro import payment_reference
from selfcare_app.services.demo.content import DemoCompany, Place
from selfcare_app.services.demo.inventory import Estate, Line, Wire
from selfcare_app.services.demo.months import (
    BILLED_MONTHS,
    Days,
    billed_months,
    days_in,
    days_within,
    due_on,
    issued_on,
    last_day,
)
from selfcare_app.services.demo.offer import PAPER_SPECIFICATION, QUARTERLY_REBATE, SIM_CARD
from selfcare_app.services.demo.usage import Record
from selfcare_app.specs.invoices import CostType, InvoiceKind
from selfcare_app.specs.products import CustomerNumberType
from selfcare_app.specs.usage import UsageType

VAT_PERCENT = 25
NUMBERS_A_MONTH = 46
"""How far the operator's numbers go from one month to the next: it has other customers too."""
CREDIT_NOTE_AFTER = 9
"""Days from the invoice to the credit note, and how far its number lies from its month's first."""
CREDIT_NOTE_NUMBER = 12
PDF_FROM_MONTH = 8
"""From this billed month on the first customer number's invoices carry their PDF."""
_OERE = Decimal("0.01")
_LATEST = BILLED_MONTHS - 1
_SIM_CARDS_LOST = 0.015


@dataclass(frozen=True, slots=True)
class Item:
    """A line of an invoice."""

    name: str
    cost_type: CostType
    days: Days
    net: Decimal
    price: Decimal
    subscription: str = ""
    connection: str = ""
    code: str = ""
    """The price plan's or add-on's."""
    description: str = ""
    quantity: int = 1
    unit: str = "C62"
    """Code of UN/ECE rec 20."""
    base: int = 1
    """How many units the price is for."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is taken off the whole invoice, or put on it."""

    reason: str
    amount: Decimal
    charge: bool = False
    code: str = ""
    """Of UNCL5189."""


@dataclass(frozen=True)
class Bill:
    """An invoice or credit note; its sums follow from its lines (EN 16931)."""

    company: DemoCompany
    place: Place
    number: str
    month: date
    issued: date
    due: date
    items: tuple[Item, ...]
    allowances: tuple[Allowance, ...] = ()
    agreement: str = ""
    """Number of the framework agreement."""
    note: str = ""
    credits: Bill | None = None
    """The invoice that it takes back; None: it is an invoice itself."""
    with_pdf: bool = False

    @property
    def kind(self) -> InvoiceKind:
        """What it is."""
        return InvoiceKind.CREDIT_NOTE if self.credits else InvoiceKind.INVOICE

    @property
    def buyer_name(self) -> str:
        """Whom it is addressed to."""
        return f"{self.company.name}, {self.place.name}"

    @property
    def period(self) -> Days:
        """The month it bills."""
        return Days(self.month, last_day(self.month))

    @property
    def payment_reference(self) -> str:
        """OCR: customer number and invoice number, with length and check digit."""
        return payment_reference(f"{self.place.number}{self.number}")

    @cached_property
    def line_total(self) -> Decimal:
        """Sum of the lines."""
        return sum((item.net for item in self.items), Decimal(0))

    @property
    def allowance_total(self) -> Decimal:
        """What is taken off."""
        return sum((part.amount for part in self.allowances if not part.charge), Decimal(0))

    @property
    def charge_total(self) -> Decimal:
        """What is put on."""
        return sum((part.amount for part in self.allowances if part.charge), Decimal(0))

    @property
    def net(self) -> Decimal:
        """Without VAT."""
        return self.line_total - self.allowance_total + self.charge_total

    @property
    def vat(self) -> Decimal:
        """Rounded on the document, not line by line."""
        return _whole_oere(self.net * VAT_PERCENT / 100)

    @property
    def total(self) -> Decimal:
        """To pay."""
        return self.net + self.vat


@dataclass(frozen=True, slots=True)
class Paid:
    """Money that came in."""

    reference: str
    invoice: str
    day: date
    amount: Decimal


def bills(estate: Estate, records: Iterable[Record]) -> list[Bill]:
    """The company's invoices by month and customer number, and its credit note right after what it credits."""
    company = estate.company
    traffic = _traffic(records)
    credited_place, credited_month, reason = company.credited
    places = sorted(company.places, key=lambda place: place.closed_month is not None)
    made: list[Bill] = []
    for index, month in enumerate(billed_months(estate.today)):
        for position, place in enumerate(places):
            items = tuple(_items(estate, place, month, traffic))
            if not items:
                continue
            bill = Bill(
                company=company,
                place=place,
                number=str(company.first_invoice + NUMBERS_A_MONTH * index + position),
                month=month,
                issued=issued_on(month),
                due=due_on(month),
                items=items,
                allowances=tuple(_allowances(place, index, items)),
                agreement=_agreement(estate, place, month),
                with_pdf=position == 0 and index >= PDF_FROM_MONTH,
            )
            made.append(bill)
            if (place.number, index) == (credited_place, credited_month):
                made.append(_credit_note(bill, reason, company.first_invoice + NUMBERS_A_MONTH * index))
    return made


def payments(estate: Estate, invoiced: Sequence[Bill]) -> Iterator[Paid]:
    """What has come in by the day: everything due but one invoice, and of the latest month some early and one in part.

    So there are paid, part-paid, unpaid, overdue and credited ones on any day (I1).
    """
    company, today = estate.company, estate.today
    months = billed_months(today)
    first = next(place for place in company.places if place.share)
    credited = {bill.credits.number for bill in invoiced if bill.credits}
    for bill in invoiced:
        if bill.credits or bill.number in credited:
            continue
        index = months.index(bill.month)
        chance = Random(f"payment of {bill.number}")  # noqa: S311  the same demo each time is the point
        if index == _LATEST and bill.place.number == company.part_paid:
            yield _paid(bill, 1, min(today, bill.issued + timedelta(days=4)), _whole_oere(bill.total * 2 / 5))
            continue
        if bill.place is first and index >= _LATEST - 1:
            continue
        day = bill.due - timedelta(days=chance.randint(0, 12))
        if index == _LATEST:
            day = bill.issued + timedelta(days=6 + chance.randint(0, 30))
        if (day := _banking_day(day)) > today:
            continue
        if chance.random() < 0.04:
            half = _whole_oere(bill.total / 2)
            yield _paid(bill, 1, _banking_day(day - timedelta(days=3)), half)
            yield _paid(bill, 2, day, bill.total - half)
        else:
            yield _paid(bill, 1, day, bill.total)


def _paid(bill: Bill, part: int, day: date, amount: Decimal) -> Paid:
    return Paid(f"BG-{day:%y%m%d}-{bill.number}-{part}", bill.number, day, amount)


def _banking_day(day: date) -> date:
    """The last working day up to the day: holidays aside, the banks don't move money on Saturdays and Sundays."""
    return day - timedelta(days=max(0, day.weekday() - 4))


_Traffic = Mapping[tuple[str, date, CostType], list[Record]]


def cost_type(record: Record) -> CostType:
    """What kind of line the record is billed on."""
    return CostType.ROAMING if record.type is UsageType.ROAMING else CostType.TRAFFIC


def _traffic(records: Iterable[Record]) -> _Traffic:
    found: dict[tuple[str, date, CostType], list[Record]] = defaultdict(list)
    for record in records:
        if record.amount:
            found[record.subscription, record.started.date().replace(day=1), cost_type(record)].append(record)
    return found


def _items(estate: Estate, place: Place, month: date, traffic: _Traffic) -> Iterator[Item]:
    for wire in estate.wires:
        if wire.place is place and (days := days_within(month, wire.opened, wire.ended)):
            yield from _fees(estate, wire, days)
    for line in estate.lines:
        if line.place is not place or not (days := days_within(month, line.opened, line.ended)):
            continue
        yield from _fees(estate, line, days)
        for kind in (CostType.TRAFFIC, CostType.ROAMING):
            if found := traffic.get((line.number, month, kind)):
                yield _use(line, days, kind, found)
        if line.sim and Random(f"SIM {line.number} {month}").random() < _SIM_CARDS_LOST:  # noqa: S311
            code, name, price = SIM_CARD
            yield Item(name, CostType.ONE_OFF, days, price, price, line.number, code=code)


def _fees(estate: Estate, owner: Line | Wire, days: Days) -> Iterator[Item]:
    """The month's fee of the price plan, what is charged once at the beginning, and the add-ons' fees."""
    line = owner.number if isinstance(owner, Line) else ""
    wire = owner.number if isinstance(owner, Wire) else ""
    plan = owner.plan
    name = owner.title if isinstance(owner, Wire) else plan.name
    fee = _fee(name, plan.monthly, days)
    yield replace(fee, subscription=line, connection=wire, code=plan.code)
    if plan.one_off and owner.opened == days.first:
        first_day = Days(days.first, days.first)
        once = Item(f"Startavgift {plan.name}", CostType.ONE_OFF, first_day, plan.one_off, plan.one_off)
        yield replace(once, subscription=line, connection=wire, code=plan.code)
    for added in estate.added_to.get(owner.number, ()):
        if part := days_within(days.first.replace(day=1), added.first, added.ended):
            fee = _fee(added.extra.name, added.extra.monthly, part)
            yield replace(fee, subscription=line, connection=wire, code=added.extra.code)


def _fee(name: str, monthly: Decimal, days: Days) -> Item:
    """A whole month's fee, or its part by days."""
    if days.whole_month:
        return Item(name, CostType.FEE, days, monthly, monthly, unit="MON")
    of = days_in(days.first)
    net = _whole_oere(days.count * monthly / of)
    text = f"{days.count} av {of} dagar"
    return Item(name, CostType.FEE, days, net, monthly, description=text, quantity=days.count, unit="DAY", base=of)


_TRAFFIC_NAMES = {UsageType.CALL: "samtal", UsageType.SMS: "sms", UsageType.DATA: "data"}


def _use(line: Line, days: Days, kind: CostType, records: list[Record]) -> Item:
    amount = sum((record.amount for record in records), Decimal(0))
    if kind is CostType.ROAMING:
        name = "Roaming utanför EU"
        parts = sorted({record.destination for record in records})
    else:
        name = "Trafik utöver det som ingår"
        parts = [
            f"{_TRAFFIC_NAMES[of]} {sum(record.amount for record in records if record.type is of):.2f}".replace(
                ".", ","
            )
            for of in _TRAFFIC_NAMES
            if any(record.type is of for record in records)
        ]
    return Item(name, kind, days, amount, amount, line.number, description=", ".join(parts))


def _allowances(place: Place, index: int, items: tuple[Item, ...]) -> Iterator[Allowance]:
    if place.type is CustomerNumberType.MOBILE and index % 3 == 2:
        code, reason, share = QUARTERLY_REBATE
        fees = sum((item.net for item in items if item.cost_type is CostType.FEE), Decimal(0))
        yield Allowance(reason, _whole_oere(fees * share), code=code)
    if place.type is CustomerNumberType.FIXED and index % 4 == 1:
        reason, price = PAPER_SPECIFICATION
        yield Allowance(reason, price, charge=True)


def _agreement(estate: Estate, place: Place, month: date) -> str:
    """The framework agreement that covers the customer number's kind of services that month."""
    away = (month.year - estate.today.year) * 12 + month.month - estate.today.month
    for agreement in estate.company.agreements:
        covers = {product.value for product in agreement.products}
        in_force = agreement.first_month <= away and (agreement.last_month is None or away <= agreement.last_month)
        if in_force and (place.type.value in covers or place.type is CustomerNumberType.MIXED):
            return agreement.number
    return ""


def _credit_note(bill: Bill, reason: str, first_number: int) -> Bill:
    """All of the invoice, taken back."""
    issued = bill.issued + timedelta(days=CREDIT_NOTE_AFTER)
    return replace(
        bill,
        number=str(first_number + CREDIT_NOTE_NUMBER),
        issued=issued,
        due=issued,
        note=f"{reason}. Krediterar faktura {bill.number} i sin helhet.",
        credits=bill,
        with_pdf=False,
    )


def _whole_oere(amount: Decimal) -> Decimal:
    return amount.quantize(_OERE, ROUND_HALF_UP)
