"""What is fed for the demo companies: bills that follow from price plans and usage, in files that keep the rules."""

import re
from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from stdnum import luhn
from stdnum.se import orgnr, vat

from selfcare_app.services.clock import STOCKHOLM
from selfcare_app.services.demo.bankgiro import payment_reference
from selfcare_app.services.demo.bankgiro import shown as bankgiro_shown
from selfcare_app.services.demo.billing import payments
from selfcare_app.services.demo.content import COMPANIES
from selfcare_app.services.demo.files import Files
from selfcare_app.services.demo.inventory import Wire
from selfcare_app.services.demo.months import BILLED_MONTHS, billed_months, days_within, due_on, issued_on
from selfcare_app.services.demo.offer import PLANS, SELLER
from selfcare_app.services.demo.ubl import document
from selfcare_app.specs.invoices import CostType, InvoiceKind, InvoiceStatus, status_of
from selfcare_app.specs.months import months_later
from selfcare_app.specs.usage import UsageType

DAYS = [date(2026, 11, 24), date(2027, 1, 1), date(2028, 2, 29), date(2026, 3, 31)]
A_DAY = st.dates(min_value=date(2024, 1, 1), max_value=date(2060, 12, 31))
# Each example makes a whole demo: shrinking one would take minutes and tell no more.
FEW = settings(deadline=None, max_examples=8, phases=(Phase.explicit, Phase.generate))
OERE = Decimal("0.01")


@pytest.fixture(scope="module", params=DAYS, ids=str)
def files(request):
    return Files(request.param)


@pytest.fixture(scope="module")
def november():
    return Files(date(2026, 11, 24))


def each(files):
    """Company by company: what it owns, its records, its bills."""
    return zip(files.estates, files.records, files.bills, strict=True)


# --- Months


@given(A_DAY)
def test_on_any_day_fourteen_months_are_billed_and_only_the_last_is_not_due(today):
    months = billed_months(today)
    assert len(months) == BILLED_MONTHS == 14
    assert [months_later(months[0], index) for index in range(14)] == list(months)
    assert issued_on(months[-1]) <= today <= due_on(months[-1])
    assert due_on(months[-2]) < today
    assert issued_on(months_later(months[-1], 1)) > today


def test_days_of_a_month_begin_and_end_with_what_is_billed():
    month = date(2028, 2, 1)
    assert days_within(month, date(2020, 5, 3), None).whole_month
    assert days_within(month, date(2028, 2, 29), None).count == 1
    assert days_within(month, date(2020, 1, 1), date(2028, 2, 11)).count == 10
    assert days_within(month, date(2020, 1, 1), date(2028, 2, 1)) is None
    assert days_within(month, date(2028, 3, 1), None) is None


# --- Payment references


def test_a_payment_reference_has_length_and_check_digit():
    assert payment_reference("123") == "12351"
    assert payment_reference("1002380004417") == "100238000441753"
    assert bankgiro_shown("9912346") == "991-2346"
    assert bankgiro_shown("50501055") == "5050-1055"


@given(st.text("0123456789", min_size=1, max_size=23))
def test_any_payment_reference_passes_its_check_and_tells_its_length(base):
    made = payment_reference(base)
    assert luhn.is_valid(made)
    assert int(made[-2]) == len(made) % 10
    assert made[:-2] == base


@pytest.mark.parametrize("base", ["", "12a", "1" * 24, "-1", "１２"])
def test_what_is_no_base_of_a_payment_reference_is_refused(base):
    with pytest.raises(ValueError, match="payment reference"):
        payment_reference(base)


# --- What is billed


def test_every_open_customer_number_has_an_invoice_a_month_and_each_company_one_credit_note(files):
    months = billed_months(files.today)
    for owned, _, bills in each(files):
        opened = [place for place in owned.company.places if place.closed_month is None]
        assert len(opened) == 6
        for place in opened:
            sent = [bill for bill in bills if bill.place is place and bill.kind is InvoiceKind.INVOICE]
            assert tuple(bill.month for bill in sent) == months
        assert [bill.kind for bill in bills].count(InvoiceKind.CREDIT_NOTE) == 1
        assert all(bill.issued <= files.today for bill in bills)
    assert {len(bills) for bills in files.bills} <= {85, 86, 87, 88, 89, 90, 91}


def test_a_months_traffic_lines_are_the_sums_of_its_records_and_nothing_else(files):
    for _, used, bills in each(files):
        recorded, billed = defaultdict(Decimal), defaultdict(Decimal)
        for record in used:
            kind = CostType.ROAMING if record.type is UsageType.ROAMING else CostType.TRAFFIC
            recorded[record.subscription, record.started.date().replace(day=1), kind] += record.amount
        for bill in bills:
            if bill.kind is InvoiceKind.CREDIT_NOTE:
                continue
            for item in bill.items:
                if item.cost_type in (CostType.TRAFFIC, CostType.ROAMING):
                    key = item.subscription, bill.month, item.cost_type
                    assert key not in billed, "one line for each subscription and cost type"
                    billed[key] = item.net
        assert billed == {key: total for key, total in recorded.items() if total}
        assert {kind for _, _, kind in billed} == {CostType.TRAFFIC, CostType.ROAMING}


def test_fees_are_those_of_the_price_plan_or_their_part_by_days(files):
    plans = {plan.code: plan for plan in PLANS}
    for owned, _, bills in each(files):
        owners = {owner.number: owner for owner in (*owned.lines, *owned.wires)}
        seen = set()
        for bill in bills:
            for item in bill.items:
                if item.cost_type is not CostType.FEE or item.code not in plans:
                    continue
                owner = owners[item.subscription or item.connection]
                assert owner.place is bill.place
                assert item.code == owner.plan.code
                assert item.price == owner.plan.monthly
                in_use = [
                    day
                    for day in (bill.month + timedelta(days=n) for n in range(31))
                    if day.month == bill.month.month
                    and owner.opened <= day
                    and (owner.ended is None or day < owner.ended)
                ]
                assert (item.days.first, item.days.last) == (in_use[0], in_use[-1])
                whole = (months_later(bill.month, 1) - bill.month).days
                part = owner.plan.monthly * len(in_use) / whole
                assert item.net == part.quantize(OERE, ROUND_HALF_UP)
                if bill.kind is InvoiceKind.INVOICE:
                    seen.add((bill.month, owner.number))
        expected = {
            (month, owner.number)
            for month in billed_months(files.today)
            for owner in owners.values()
            if days_within(month, owner.opened, owner.ended)
        }
        assert seen == expected, "each is billed each month it was in use, and once"


def test_a_credit_note_takes_back_all_of_an_earlier_invoice_of_its_company(files):
    for owned, _, bills in each(files):
        (note,) = [bill for bill in bills if bill.credits]
        assert note.credits in bills
        assert note.items == note.credits.items
        assert note.total == note.credits.total > 0
        assert note.issued > note.credits.issued
        assert note.credits.place.number == owned.company.credited[0]


def test_now_and_then_something_is_taken_off_or_put_on_the_whole_invoice(november):
    for bills in november.bills:
        parts = [part for bill in bills for part in bill.allowances]
        assert {part.charge for part in parts} == {True, False}
        assert all(part.amount > 0 for part in parts)
        assert len([bill for bill in bills if bill.allowances]) < len(bills) / 3


def test_there_is_something_to_find_out_in_the_figures(november):
    for owned, used, bills in each(november):
        traveller = max((item for bill in bills for item in bill.items if item.subscription), key=lambda i: i.net)
        assert traveller.cost_type is CostType.ROAMING
        assert traveller.days.first.month == 9
        used_by = {(record.subscription, record.started.date().replace(day=1)) for record in used}
        last_three = billed_months(november.today)[-3:]
        silent = [
            line.number
            for line in owned.lines
            if line.opened < last_three[0]
            and line.ended is None
            and not any((line.number, month) in used_by for month in last_three)
        ]
        assert len(silent) == 1


# --- What is paid


class Standing:
    """A bill as its status is worked out from."""

    def __init__(self, bill, paid, credited):
        self.kind, self.due = bill.kind.value, bill.due
        self.payable, self.paid, self.credited = bill.total, paid, credited


def standings(owned, bills, today):
    paid, credited = defaultdict(Decimal), defaultdict(Decimal)
    for payment in payments(owned, bills):
        paid[payment.invoice] += payment.amount
    for bill in bills:
        if bill.credits:
            credited[bill.credits.number] += bill.total
    return [
        (bill, status_of(Standing(bill, paid[bill.number], credited[bill.number]), today))
        for bill in bills
        if not bill.credits
    ]


def check_standings(files):
    for owned, _, bills in each(files):
        by_status = defaultdict(list)
        for bill, status in standings(owned, bills, files.today):
            by_status[status].append(bill)
        assert set(by_status) == set(InvoiceStatus)
        assert len(by_status[InvoiceStatus.CREDITED]) == 1
        assert len(by_status[InvoiceStatus.OVERDUE]) == 1
        assert len(by_status[InvoiceStatus.PART_PAID]) == 1
        assert len(by_status[InvoiceStatus.PAID]) > 60
        (part,) = by_status[InvoiceStatus.PART_PAID]
        assert part.due >= files.today
        for payment in payments(owned, bills):
            assert payment.amount > 0
            assert payment.day <= files.today


def test_there_is_an_invoice_of_every_status(files):
    check_standings(files)


@FEW
@given(A_DAY)
def test_there_is_an_invoice_of_every_status_on_any_day(today):
    check_standings(Files(today))


def test_nothing_is_paid_before_it_was_billed_and_each_payment_has_its_own_reference(files):
    paid = [(payment, bills) for owned, _, bills in each(files) for payment in payments(owned, bills)]
    references = [payment.reference for payment, _ in paid]
    assert len(set(references)) == len(references)
    for payment, bills in paid:
        (bill,) = [bill for bill in bills if bill.number == payment.invoice]
        assert bill.issued <= payment.day


# --- Usage records


def test_records_lie_within_their_subscription_and_its_billed_months(files):
    months = billed_months(files.today)
    for owned, used, _ in each(files):
        lines = {line.number: line for line in owned.lines}
        assert 3000 <= len(used) <= 6000
        for record in used:
            line, day = lines[record.subscription], record.started.date()
            assert line.opened <= day
            assert line.ended is None or day < line.ended
            assert day.replace(day=1) in months
            assert record.started.tzinfo is STOCKHOLM
            assert record.quantity > 0
            assert record.amount == record.amount.quantize(OERE) >= 0
            assert record.counterpart == "" or record.counterpart.endswith("****")
        assert {record.type for record in used} == set(UsageType)
        assert {record.started.date().replace(day=1) for record in used} == set(months)


@FEW
@given(A_DAY)
def test_on_any_day_the_files_are_the_same_bytes(today):
    one, other = Files(today), Files(today)
    assert one.usage() == other.usage()
    assert one.payments() == other.payments()
    assert [document(bill) for bills in one.bills for bill in bills[-3:]] == [
        document(bill) for bills in other.bills for bill in bills[-3:]
    ]


def test_the_zips_are_the_same_bytes_each_time(november):
    assert november.invoices() == Files(november.today).invoices()


def test_a_moment_of_a_record_exists_once(november):
    for used in november.records:
        for record in used:
            assert isinstance(record.started, datetime)
            assert record.started.astimezone(STOCKHOLM).utcoffset() == record.started.replace(fold=1).utcoffset()


# --- Inventory


def test_each_company_has_eighteen_connections_in_nine_cities_with_equipment_and_people_to_ask(files):
    for owned in files.estates:
        assert len(owned.wires) == 18
        assert len({wire.site.city for wire in owned.wires}) == 9
        assert {wire.site.service for wire in owned.wires} == {"internet", "ip_vpn", "sip", "wifi"}
        assert {wire.site.sla for wire in owned.wires} == {"basic", "plus", "premium"}
        asked = [wire for wire, _ in owned.contacts]
        assert all(wire.equipment and wire in asked for wire in owned.wires)
        assert [wire.ended is not None and wire.ended <= files.today for wire in owned.wires].count(True) == 1
        assert [wire.opened > files.today for wire in owned.wires].count(True) == 1
        assert all(wire.opened >= months_later(files.today, wire.place.opened_month) for wire in owned.wires)


def test_add_ons_lie_within_what_they_are_added_to_and_there_are_past_present_and_coming_ones(files):
    for owned in files.estates:
        seen = set()
        for added in owned.added:
            assert added.owner.opened <= added.first
            assert added.last is None or added.first <= added.last
            if added.owner.ended:
                assert added.ended is not None
                assert added.ended <= added.owner.ended
            when = (
                "coming" if added.first > files.today else "past" if added.last and added.last < files.today else "now"
            )
            seen.add((isinstance(added.owner, Wire), when))
        assert seen >= {(False, "past"), (False, "now"), (False, "coming"), (True, "now")}
        keys = [(added.owner.number, added.extra.code) for added in owned.added]
        assert len(set(keys)) == len(keys)


def test_subscriptions_have_a_price_plan_of_their_type_that_was_sold_when_they_began(files):
    for owned in files.estates:
        for line in owned.lines:
            assert line.plan.type is line.type
            assert months_later(files.today, line.plan.sold_from_month) <= line.opened
            if line.plan.sold_to_month is not None:
                assert line.opened < months_later(files.today, line.plan.sold_to_month + 1)
            assert (line.bound_until is not None) is bool(line.plan.binding)
            assert line.bound_until is None or line.bound_until > line.opened
            assert bool(line.sim) is bool(line.puk) is (line.type in ("mobile", "broadband", "m2m"))
            assert line.sim == "" or (len(line.sim) == 19 and luhn.is_valid(line.sim))
            assert re.fullmatch(r"([0-9]{8})?", line.puk)
            assert line.cost_centre
    sims = [line.sim for owned in files.estates for line in owned.lines if line.sim]
    assert len(set(sims)) == len(sims)


def test_numbers_are_each_used_once(files):
    for numbers in (
        [bill.number for bills in files.bills for bill in bills],
        [bill.payment_reference for bills in files.bills for bill in bills],
        [owner.number for owned in files.estates for owner in (*owned.lines, *owned.wires)],
    ):
        assert len(set(numbers)) == len(numbers)


def test_the_seller_has_numbers_that_pass_their_checks_and_belong_to_no_company_of_the_demo():
    assert orgnr.is_valid(SELLER.organisation_number)
    assert vat.is_valid(SELLER.vat_number)
    assert luhn.is_valid(SELLER.bankgiro)
    assert SELLER.organisation_number not in {c.organisation_number.replace("-", "") for c in COMPANIES}
