"""Times and cells of usage files: Swedish clocks, month edges, nights when they are changed."""

from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from selfcare_app.locales import LANGUAGES, text
from selfcare_app.services.feeds import usage_rows
from selfcare_app.services.feeds.cells import CellError

local = datetime.fromisoformat


@pytest.mark.parametrize(
    ("cell", "utc", "month"),
    [
        ("2026-07-31 23:59:59", "2026-07-31 21:59:59.000000", "2026-07-01"),
        ("2026-08-01 00:00", "2026-07-31 22:00:00.000000", "2026-08-01"),
        ("2026-12-31 23:59:59", "2026-12-31 22:59:59.000000", "2026-12-01"),
        ("2027-01-01 00:00:00", "2026-12-31 23:00:00.000000", "2027-01-01"),
        ("2026-12-31T23:30:00Z", "2026-12-31 23:30:00.000000", "2027-01-01"),
        ("2028-02-29 12:00:00", "2028-02-29 11:00:00.000000", "2028-02-01"),
        ("2028-02-29T23:30:00+00:00", "2028-02-29 23:30:00.000000", "2028-03-01"),
        ("2026-11-03 14:32:07.5", "2026-11-03 13:32:07.500000", "2026-11-01"),
        ("2026-11-03 14:32:07,123456 +02", "2026-11-03 12:32:07.123456", "2026-11-01"),
        ("2026-11-03t14:32:07-0330", "2026-11-03 18:02:07.000000", "2026-11-01"),
        # The night summer time begins and the one it ends: 02:00-03:00 doesn't exist, or comes twice.
        ("2026-03-29 01:59:59", "2026-03-29 00:59:59.000000", "2026-03-01"),
        ("2026-03-29 03:00:00", "2026-03-29 01:00:00.000000", "2026-03-01"),
        ("2026-10-25 01:59:59", "2026-10-24 23:59:59.000000", "2026-10-01"),
        ("2026-10-25 02:30:00", "2026-10-25 00:30:00.000000", "2026-10-01"),
        ("2026-10-25T02:30:00+01:00", "2026-10-25 01:30:00.000000", "2026-10-01"),
        ("2026-10-25 03:00:00", "2026-10-25 02:00:00.000000", "2026-10-01"),
    ],
)
def test_times_without_a_zone_are_swedish_and_the_month_is_the_one_in_sweden(cell, utc, month):
    assert usage_rows.moment(cell) == (utc, month)


@pytest.mark.parametrize(
    "cell",
    [
        "2026-11-03", "2026-02-29 10:00", "2026-11-03 24:61", "20261103T101112", "2026-W45-2 10:00:00",
        "03/11/2026 10:00", "2026-11-03 10:00:00 CET", "1899-12-31 23:00", "2026-11-03 10:00:60", "i går",
        "9999-12-31 23:30:00-05:00", "2026-11-03 1:02:03", "2026-11-03 14:32+99:00", "2026-11-03 14:32:0\u0667",
    ],
)  # fmt: skip
def test_what_is_no_point_in_time_is_refused(cell):
    with pytest.raises(CellError) as refused:
        usage_rows.moment(cell)
    assert refused.value.key == "feeds.cell.moment"


def test_a_time_that_does_not_exist_is_refused_saying_why():
    with pytest.raises(CellError) as refused:
        usage_rows.moment("2026-03-29 02:30:00")
    for language in LANGUAGES:
        assert "2026-03-29 02:30:00" in text(language, refused.value.key, **refused.value.values)


@settings(deadline=None)
@given(st.datetimes(local("1980-01-01"), local("2099-12-31")), st.integers(0, 3))
def test_the_quick_way_to_read_a_time_says_what_the_slow_one_does(at, form):
    cell = at.replace(microsecond=0).isoformat(" T"[form % 2])
    for read in (usage_rows._moment, usage_rows.moment):
        try:
            said = read(cell)
        except CellError as error:
            said = error.key
        assert said == slowly(cell)


def slowly(cell):
    try:
        return usage_rows.moment(cell)
    except CellError as error:
        return error.key
