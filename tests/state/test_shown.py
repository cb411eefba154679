"""Numbers on screen look Swedish (screens.md), whatever the amount."""

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
