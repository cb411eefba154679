"""A list's address: read without errors whatever it says, written so that reading gives the same back."""

from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from selfcare_app.specs.lists import CUSTOMER_NUMBERS, LISTS, FilterKind
from selfcare_app.specs.queries import MAX_CHOSEN, NO_ROW, ListQuery, Parent, Place, parse, span_of, span_said

OF_EVERY_LIST = ["q", "tab", "page", "size", "sort", "month", "id", "within"]
NAMES = st.sampled_from(OF_EVERY_LIST + sorted({each.key for spec in LISTS.values() for each in spec.filters}))
SAID = st.one_of(
    st.text(max_size=30),
    st.sampled_from(["2026-01..2026-06", "2026-03..", "..2026-03", "a,b%2C,%25", "customer-numbers:10023", "-issued"]),
)


# The first text that is drawn takes a second on a busy machine.
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.dictionaries(NAMES, SAID))
def test_any_address_is_understood_and_says_the_same_when_written_again(parameters):
    for spec in LISTS.values():
        query = parse(spec, parameters)
        again = parse(spec, dict(parse_qsl(urlsplit(query.address(spec)).query)))
        assert again == query


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.dictionaries(NAMES, SAID))
def test_a_list_within_a_page_says_the_same_in_that_pages_address(parameters):
    for spec in LISTS.values():
        for within in spec.within:
            place = Place(spec, f"/{within.kind}/10023", Parent(within.kind, "10023"), spec.key)
            query = place.query({**parameters, "view": parameters.get("tab", "")})
            address = urlsplit(place.address(query))
            said = dict(parse_qsl(address.query))
            assert said["tab"] == spec.key, "the tab is the page's"
            assert address.path == f"/{within.kind}/10023"
            assert place.query(said) == query
            export = dict(parse_qsl(urlsplit(query.address(spec, "/export")).query))
            assert parse(spec, export) == query, "the file holds what the page shows"


def test_no_filter_is_named_like_something_else_in_an_address():
    for spec in LISTS.values():
        names = [*OF_EVERY_LIST, "view", *(each.key for each in spec.filters)]
        assert len(names) == len(set(names)), spec.key


@pytest.mark.parametrize("said", ["2026-01..2026-06", "2026-03", "2026-03..", "..2026-03"])
@pytest.mark.parametrize(("kind", "day"), [(FilterKind.MONTHS, ""), (FilterKind.DAYS, "-28")])
def test_a_period_is_from_a_month_or_a_day_to_another_or_open(kind, day, said):
    said = "..".join(end and end + day for end in said.split(".."))
    first, last = span_of(kind, said)
    assert span_said(kind, first, last) == said
    assert span_of(FilterKind.MONTHS if day else FilterKind.DAYS, said) is None, "months are no days"


@pytest.mark.parametrize("said", ["", "..", "2026-13", "2026-01..x", "x..2026-01", "2026-01...2026-02", "20260-1"])
def test_what_is_no_period_is_none(said):
    assert span_of(FilterKind.MONTHS, said) is None


@pytest.mark.parametrize("said", ["", "..", "2026-02-29", "20260101", "1999-01-01", "2026-W01-1", "2026-01-01..x"])
def test_what_is_no_span_of_days_is_none(said):
    assert span_of(FilterKind.DAYS, said) is None


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


@pytest.mark.parametrize(
    ("said", "ids", "again"),
    [
        ("3,1,2,9", (1, 2, 3, 9), "1-3,9"),
        ("7-9,8-10", (7, 8, 9, 10), "7-10"),
        ("5-5", (5,), "5"),
        ("9-7", NO_ROW, "0"),
        ("x,-1,0", NO_ROW, "0"),
        ("4-", (4,), "4"),
        ("1-99999999999", tuple(range(1, MAX_CHOSEN + 1)), f"1-{MAX_CHOSEN}"),
    ],
)
def test_chosen_rows_are_named_one_by_one_or_from_to(said, ids, again):
    query = parse(CUSTOMER_NUMBERS, {"id": said})
    assert query.ids == ids
    assert query.parameters(CUSTOMER_NUMBERS) == {"id": again}


def test_thousands_of_chosen_rows_are_a_short_address():
    every_other_missing = ListQuery(tab="all", sort="number", ids=tuple(n for n in range(1, 6000) if n % 100))
    assert len(every_other_missing.address(CUSTOMER_NUMBERS)) < 1000


def test_narrowing_goes_back_to_the_first_page():
    query = ListQuery(tab="all", sort="number", page=7)
    assert query.toggled("type", "mobile").page == 1
    assert query.toggled("type", "mobile").toggled("type", "mobile").filters == {}
    assert query.changed(page=3).page == 3
