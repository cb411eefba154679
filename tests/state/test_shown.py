"""Numbers on screen look Swedish (screens.md), whatever the amount."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfcare_app.state import shown


@pytest.mark.parametrize(
    ("value", "currency", "text"),
    [
        ("1234.5", "SEK", "1 234,50 kr"),
        ("0", "SEK", "0,00 kr"),
        ("-1234567.89", "SEK", "−1 234 567,89 kr"),
        ("12.3", "EUR", "12,30 EUR"),
    ],
)
def test_an_amount_has_two_places_no_break_spaces_and_its_currency(value, currency, text):
    assert shown.money(Decimal(value), currency) == text.replace(" ", "\u00a0")


@given(st.decimals(-(10**11), 10**11, places=2))
def test_an_amount_can_be_read_back(value):
    read = shown.amount(value).replace("\u00a0", "").replace(",", ".").replace("−", "-")
    assert Decimal(read) == value


def test_prices_and_quantities_keep_their_places():
    assert shown.price(Decimal("0.123456")) == "0,123456"
    assert shown.price(Decimal("229")) == "229,00"
    assert shown.quantity(Decimal("1000.500000")) == "1\u00a0000,5"
    assert shown.quantity(Decimal("3.000000")) == "3"
    assert shown.percent(Decimal("25.00")) == "25\u00a0%"


def test_sums_of_finer_prices_are_rounded_once_and_half_up():
    assert shown.sum_of_parts(Decimal("0.0050")) == "0,01"
    assert shown.sum_of_parts(Decimal("1234.4949")) == "1\u00a0234,49"


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        ("90", "s", "1,5"),
        ("12345", "MB", "12\u00a0345"),
        ("0.04", "MB", "<\u00a00,1"),
        ("4", "pcs", "4"),
        ("0", "s", ""),
    ],
)
def test_what_was_used_has_one_place_at_most_and_nothing_is_nothing(value, unit, text):
    assert shown.used(Decimal(value), unit) == text


def test_bars_are_shares_of_the_largest_month():
    months = [
        (date(2026, 9, 1), Decimal("-3")),
        (date(2026, 10, 1), Decimal("50")),
        (date(2026, 11, 1), Decimal("200.005")),
    ]
    rows = shown.bar_rows(months, date(2026, 11, 1), shown.sum_of_parts)
    assert [row["share"] for row in rows] == ["0.0", "25.0", "100.0"]
    assert [row["now"] for row in rows] == ["", "", "1"]
    assert (rows[2]["month"], rows[2]["year"], rows[2]["amount"]) == ("11", "2026", "200,01")


def test_months_without_anything_are_flat():
    rows = shown.bar_rows([(date(2026, 11, 1), Decimal(0))], None, shown.amount)
    assert (rows[0]["share"], rows[0]["now"]) == ("0", "")
    assert shown.bar_rows([], None, shown.amount) == []
