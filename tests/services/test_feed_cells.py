"""Single cells of fed files: what is taken, what is refused, and that a refusal tells no secret."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum import luhn

from selfcare_app.locales import LANGUAGES, text
from selfcare_app.services.feeds import cells
from selfcare_app.services.feeds.kinds import KINDS


@pytest.mark.parametrize(
    ("parse", "cell", "value"),
    [
        (cells.organisation_number, "559998-0017", "5599980017"),
        (cells.organisation_number, "811218-9876", "8112189876"),
        (cells.organisation_number, "19811218-9876", "8112189876"),
        (cells.phone, "0046 70 174 06 05", "+46701740605"),
        (cells.phone, "08-465 004 00", "+46846500400"),
        (cells.phone, "+45 32 12 34 56", "+4532123456"),
        (cells.phone, "701740605", "+46701740605"),
        (cells.phone, "46701740605", "+46701740605"),
        (cells.phone, "+46 (0)70-174 06 05", "+46701740605"),
        (cells.email, "Kontoret@Bjorko.Example", "Kontoret@bjorko.example"),
        (cells.amount, "1234,5", Decimal("1234.50")),
        (cells.amount, "1 234 567.05", Decimal("1234567.05")),
        (cells.amount, "1\N{NO-BREAK SPACE}234", Decimal("1234.00")),
        (cells.amount, "-0,10", Decimal("-0.10")),
        (cells.amount, "\N{MINUS SIGN}99", Decimal("-99.00")),
        (cells.amount, "-0", Decimal("0.00")),
        (cells.amount, "999999999.99", Decimal("999999999.99")),
        (cells.fee, "0", Decimal("0.00")),
        (cells.paid, "-1", Decimal("-1.00")),
        (cells.months, "024", 24),
        (cells.sim, "8946 2038 0000 0010 243", "8946203800000010243"),
        (cells.sim, "89462038000000102435", "89462038000000102435"),
        (cells.puk, "0123 4567", "01234567"),
        (cells.code, "Företag Flex+ 10 GB", "Företag Flex+ 10 GB"),
        (KINDS["connections"].column("service type").parse, "ip-vpn", "ip_vpn"),
        (KINDS["connections"].column("service type").parse, "IP_VPN", "ip_vpn"),
        (KINDS["connections"].column("SLA level").parse, "bas", "basic"),
        (KINDS["connections"].column("product").parse, "Datanät", "data"),
        (KINDS["subscriptions"].column("type").parse, "MOBILT BREDBAND", "broadband"),
        (KINDS["subscriptions"].column("type").parse, "Broadband", "broadband"),
        (KINDS["customer-numbers"].column("type").parse, "fast telefoni", "fixed"),
        (KINDS["framework-agreements"].column("products").parse, "datanät, Mobiltelefoni|data", ["mobile", "data"]),
    ],
)
def test_a_cell_becomes_its_stored_value(parse, cell, value):
    assert parse(cell) == value


@pytest.mark.parametrize(
    ("parse", "cell"),
    [
        (cells.organisation_number, "551998-0017"),
        (cells.organisation_number, "8112189871"),
        (cells.organisation_number, "811318-9875"),
        (cells.organisation_number, "165599980017"),
        (cells.phone, "070-174"),
        (cells.phone, "08-465 004 00 ext 12"),
        (cells.email, "kontoret@"),
        (cells.amount, "1,234.50"),
        (cells.amount, "12 34"),
        (cells.amount, "1.005"),
        (cells.amount, "1e3"),
        (cells.amount, "100 kr"),
        (cells.amount, "--1"),
        (cells.amount, "1000000000"),
        (cells.amount, "\N{ARABIC-INDIC DIGIT ONE}"),
        (cells.fee, "-0,01"),
        (cells.paid, "0,00"),
        (cells.months, "1000"),
        (cells.months, "-1"),
        (cells.months, "1.5"),
        (cells.sim, "7946203800000010249"),
        (cells.sim, "89462038000000102"),
        (cells.sim, "1946203800000010240"),
        (cells.sim, "8.94620380000001E+18"),
        (cells.puk, "1234567"),
        (cells.puk, "123456789"),
        (cells.puk, "1234567a"),
        (cells.clean, "#N/A"),
        (cells.clean, "#REF!"),
        (KINDS["connections"].column("product").parse, "mobile"),
        (KINDS["framework-agreements"].column("products").parse, "|,"),
        (KINDS["framework-agreements"].column("products").parse, "mobile|mixed"),
    ],
)
def test_a_cell_that_does_not_fit_is_refused(parse, cell):
    with pytest.raises(cells.CellError):
        parse(cell)


@settings(deadline=None)
@given(st.integers(min_value=0, max_value=999_999_999))
def test_organisation_numbers_are_those_with_a_right_check_digit_and_no_month_in_front(number):
    digits = f"{number:09}"
    right = digits + luhn.calc_check_digit(digits)
    wrong = digits + str((int(right[-1]) + 1) % 10)
    if digits[2] >= "2":
        assert cells.organisation_number(f"{right[:6]}-{right[6:]}") == right
    with pytest.raises(cells.CellError):
        cells.organisation_number(wrong)


@settings(deadline=None)
@given(st.text(min_size=1, max_size=60))
def test_no_text_in_a_cell_is_more_than_taken_or_refused_and_what_is_taken_stays(cell):
    for kind in KINDS.values():
        for column in kind.columns:
            try:
                once = column.parse(cells.clean(cell)) if cell.strip() else None
            except cells.CellError:
                continue
            if isinstance(once, str):
                assert column.parse(cells.clean(once)) == once


@pytest.mark.parametrize(("parse", "cell"), [(cells.sim, "7946203800000010249"), (cells.puk, "1234567")])
def test_a_refused_secret_is_not_repeated(parse, cell):
    with pytest.raises(cells.CellError) as refused:
        parse(cell)
    for language in LANGUAGES:
        assert cell not in text(language, refused.value.key, **refused.value.values)


@given(st.decimals(min_value=-999_999_999, max_value=999_999_999, places=2), st.sampled_from(".,"))
def test_every_amount_with_two_places_is_read_as_it_is_written(amount, point):
    assert cells.amount(f"{amount:f}".replace(".", point)) == amount


@given(st.text(alphabet="0123456789-+., \N{NO-BREAK SPACE}eE", min_size=1, max_size=15))
def test_an_amount_is_read_exactly_or_refused(cell):
    try:
        read = cells.amount(cell)
    except cells.CellError:
        return
    assert read == read.quantize(Decimal("0.01"))
    assert Decimal(cell.replace(",", ".").replace(" ", "").replace("\N{NO-BREAK SPACE}", "")) == read


@pytest.mark.parametrize(
    "digits", ["894600000000000001", "8946080000000000001", "8946 0800 0000 0000 0012", "89" + "1" * 20]
)
def test_a_sim_card_is_known_by_how_it_begins_and_its_length(digits):
    assert cells.sim(digits) == digits.replace(" ", "")


@pytest.mark.parametrize(
    "cell", ["8,94601E+18", "89460", "7946080000000000001", "89" + "1" * 21, "894608000000000000A"]
)
def test_what_is_no_sim_card_is_refused_without_being_repeated(cell):
    with pytest.raises(cells.CellError) as refused:
        cells.sim(cell)
    assert refused.value.values == {}


@pytest.mark.parametrize(
    ("labels", "word", "value"),
    [
        (cells.PRODUCTS, "Fixed line", "fixed"),
        (cells.CUSTOMER_NUMBER_TYPES, "data network", "data"),
        (cells.SUBSCRIPTION_TYPES, "Mobile broadband", "broadband"),
        (cells.SERVICE_TYPES, "IP-VPN", "ip_vpn"),
    ],
)
def test_english_words_name_values_too(labels, word, value):
    assert cells.choice(labels)(word) == value
