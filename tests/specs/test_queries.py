"""A list's address: read without errors whatever it says, written so that reading gives the same back."""

from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfcare_app.specs.lists import CUSTOMER_NUMBERS, LISTS
from selfcare_app.specs.queries import ListQuery, parse

NAMES = st.sampled_from(["q", "tab", "page", "size", "sort", "month", "id", "type", "number", "name", "group"])


@given(st.dictionaries(NAMES, st.text(max_size=30)))
def test_any_address_is_understood_and_says_the_same_when_written_again(parameters):
    for spec in LISTS.values():
        query = parse(spec, parameters)
        again = parse(spec, dict(parse_qsl(urlsplit(query.address(spec)).query)))
        assert again == query


def test_the_plain_list_has_a_plain_address():
    assert parse(CUSTOMER_NUMBERS, {}).address(CUSTOMER_NUMBERS) == "/customer-numbers"


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"page": "0"}, {"page": 1}),
        ({"page": "-3"}, {"page": 1}),
        ({"page": "٣"}, {"page": 1}),
        ({"page": "9" * 400}, {"page": 1}),
        ({"size": "1000000"}, {"size": 25}),
        ({"size": "50"}, {"size": 50}),
        ({"sort": "password"}, {"sort": "number", "descending": False}),
        ({"sort": "-name"}, {"sort": "name", "descending": True}),
        ({"sort": "groups"}, {"sort": "number"}),
        ({"tab": "nope"}, {"tab": "all"}),
        ({"type": "mobile,bogus,mobile"}, {"filters": {"type": ("mobile",)}}),
        ({"group": "1,x,-2"}, {"filters": {"group": ("1",)}}),
        ({"month": "2026-13"}, {"month": None}),
        ({"q": ["a"]}, {"search": ""}),
    ],
)
def test_what_an_address_may_not_say_counts_as_not_said(parameters, expected):
    query = parse(CUSTOMER_NUMBERS, parameters)
    assert {key: getattr(query, key) for key in expected} == expected


def test_narrowing_goes_back_to_the_first_page():
    query = ListQuery(tab="all", sort="number", page=7)
    assert query.toggled("type", "mobile").page == 1
    assert query.toggled("type", "mobile").toggled("type", "mobile").filters == {}
    assert query.changed(page=3).page == 3
