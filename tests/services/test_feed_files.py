"""Reading fed files: whatever the bytes are, they are read or refused with a sentence."""

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from selfcare_app.locales import LANGUAGES
from selfcare_app.models import Company, FeedRun, Subscription
from selfcare_app.services.access import Forbidden, Refused
from selfcare_app.services.feeds import table
from selfcare_app.services.feeds.feeding import FEEDERS, feed_file
from selfcare_app.services.feeds.inventory import feed
from selfcare_app.services.feeds.kinds import KINDS
from selfcare_app.services.feeds.report import Refusal
from selfcare_app.specs.permissions import OperatorRole
from tests.feeds import (
    ADD_ONS,
    COMPANIES,
    CONNECTIONS,
    CONTACTS,
    CUSTOMER_NUMBERS,
    FULL_SUBSCRIPTIONS,
    OPERATOR,
    PRICE_PLANS,
    counts,
    put,
    reasons,
    rows,
)
from tests.workbooks import book, packed


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("delimiter", [";", ","])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_any_usual_csv_is_read(encoding, delimiter, ending):
    text = COMPANIES.replace(";", delimiter).replace("\n", ending)
    sheet = table.read(
        "f.csv", text.encode(encoding), kind="companies", headings=KINDS["companies"].accepted, required=[]
    )
    assert sheet.rows == [2, 3]
    assert sheet.columns["name"] == ("Björkö Bygg AB", "Sjövik Vård AB")


def test_headings_match_whatever_their_case_order_and_separators(database):
    report = put("companies", "E_Mail; NAME ;Organisation-Number;;\na@bjorko.example; Björkö  ;559998 0017;;\n;;;;\n")
    assert counts(report) == (1, 0, 0, 0)
    assert rows(Company)[0].name == "Björkö"


@pytest.mark.parametrize(
    ("kind", "content", "expected"),
    [
        ("companies", b"", "file.empty"),
        ("companies", b"\xef\xbb\xbf \r\n\n", "file.empty"),
        ("companies", b"organisation number;name\n\n;\n", "file.no_rows"),
        ("companies", b";;\n1;2;3\n", "file.no_headings"),
        ("companies", b'"organisation number;name\n', "file.no_headings"),
        ("companies", b"organisation number;name\n5599980017;A\0\n", "file.not_text"),
        ("companies", "organisation number;name\n5599980017;Å\n".encode("utf-16"), "file.not_text"),
        ("companies", b"\xef\xbb\xbforganisation number;name\n5599980017;\xc5\n", "file.not_text"),
        ("companies", b"organisation number;name\n5599980017;\x81\xff\n", "file.not_text"),
        ("companies", b"organisation number;nam\n1;2\n", "file.unknown_heading"),
        ("companies", b"organisation number\n1\n", "file.missing_heading"),
        ("companies", b"organisation number;name;Name\n1;2;3\n", "file.duplicate_heading"),
        ("subscriptions", b"id;customer number;type;opened;PIN\n1;2;3;4;5\n", "file.unknown_heading"),
        ("invoices", b"x\n1\n", "file.unknown_kind"),
        ("companies", b"organisation number;name\n5599980017;" + b"a" * 200_000 + b"\n", "cell.too_long"),
        ("companies", b'organisation number;name\n5599980017;"A"B\n', "row.malformed"),
    ],
)
def test_what_is_no_such_file_is_refused_with_one_sentence(database, kind, content, expected):
    report = feed(OPERATOR, kind, "fil.csv", content)
    assert [reason[2] for reason in reasons(report)] == [expected]
    for language in LANGUAGES:
        assert "{" not in report.sentences(language)[0]
    assert rows(FeedRun) == []


def test_an_unknown_heading_is_named(database):
    report = feed(OPERATOR, "subscriptions", "fil.csv", b"id;customer number;type;opened;PIN\n1;2;3;4;5\n")
    assert "PIN" in report.sentences("sv")[0]


def test_a_file_that_is_too_big_is_refused_unread(database, monkeypatch):
    monkeypatch.setattr(table, "MAX_BYTES", 10)
    assert reasons(feed(OPERATOR, "companies", "fil.csv", b"a" * 11)) == [(0, "", "file.too_big")]


@given(st.binary(max_size=300))
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_bytes_are_more_than_read_or_refused(content):
    said = []
    for prefix in (b"", b"name;number\n"):
        try:
            headings = {"name": "name", "number": "number"}
            sheet = table.read("f", prefix + content, kind="x", headings=headings, required=["name"])
        except Refused as error:
            said.append(Refusal(0, "", error.key, error.values).sentence("sv"))
        else:
            said.extend(refusal.sentence("sv") for refusal in sheet.refusals)
            assert set(sheet.columns) <= {"name", "number"}
            assert all(len(texts) == len(sheet.rows) for texts in sheet.columns.values())
    assert all(said)


@pytest.mark.parametrize("column", range(4))
def test_a_very_long_cell_is_refused_as_too_long_whatever_its_column(database, column):
    before = table.csv.field_size_limit()
    headings = ["organisation number", "name", "address", "e-mail"]
    row = ["5599980017", "Björkö Bygg AB", "", ""]
    row[column] = "5" * 200_000
    report = put("companies", ";".join(headings) + "\n" + ";".join(row) + "\n5599980413;Sjövik Vård AB;;\n")
    assert reasons(report) == [(2, headings[column], "cell.too_long")]
    assert all(len(sentence) < 200 for sentence in report.sentences("sv"))
    assert table.csv.field_size_limit() == before


def test_a_very_long_heading_is_not_repeated_in_full(database):
    report = put("companies", "organisation number;name;" + "x" * 200_000 + "\n5599980017;Björkö Bygg AB;\n")
    assert reasons(report) == [(0, "", "file.unknown_heading")]
    assert len(report.sentences("sv")[0]) < 400


def as_typed(cell):
    """The cell as a person types it into a spreadsheet: dates and numbers are no texts."""
    if re.fullmatch(r"\d{4}-\d\d-\d\d", cell):
        return date.fromisoformat(cell)
    if re.fullmatch(r"-?(0|[1-9]\d{0,14})", cell):
        return int(cell)
    if re.fullmatch(r"-?\d+[.,]\d+", cell):
        return float(cell.replace(",", "."))
    return cell or None


FILES = {
    "companies": COMPANIES,
    "customer-numbers": CUSTOMER_NUMBERS,
    "price-plans": PRICE_PLANS,
    "subscriptions": FULL_SUBSCRIPTIONS,
    "connections": CONNECTIONS,
    "add-ons": ADD_ONS,
    "contacts": CONTACTS,
}


def test_every_kind_of_inventory_goes_in_from_a_workbook_and_means_the_same_as_the_csv(database):
    for kind, csv in FILES.items():
        lines = [line.split(";") for line in csv.splitlines()]
        content = book([lines[0], *([as_typed(cell) for cell in line] for line in lines[1:])])
        report = feed(OPERATOR, kind, f"{kind}.XLSX", content)
        assert (report.applied, report.created) == (True, len(lines) - 1), report.sentences("en")
        assert counts(put(kind, csv)) == (0, 0, len(lines) - 1, 0)
        assert counts(feed(OPERATOR, kind, kind, content)) == (0, 0, len(lines) - 1, 0)
    assert rows(Subscription)[0].opened == date(2020, 2, 1)


def test_a_refused_workbook_names_the_sheets_own_rows(database):
    content = book([["organisation number", "name"], [], ["559998-0017", "A"], ["12", "B"], [5599980413, None]])
    report = feed(OPERATOR, "companies", "a.xlsx", content)
    assert reasons(report) == [
        (4, "organisation number", "cell.organisation_number"),
        (5, "name", "cell.required"),
    ]
    assert rows(Company) == []


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.csv", packed(), "wrong_name"),
        ("a.TXT", packed(), "wrong_name"),
        ("a.xlsx", COMPANIES.encode(), "not_a_workbook"),
        ("a.xls", b"<html><table></table></html>", "not_a_workbook"),
        ("a.ods", COMPANIES.encode(), "not_a_workbook"),
        ("a.xlsx", b"%PDF-1.7", "not_a_workbook"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old_or_encrypted"),
        ("a.xlsm", packed(but={"xl/vbaProject.bin": b"x"}), "macros"),
    ],
)
def test_what_a_file_is_its_content_tells_and_a_name_that_says_otherwise_is_refused(database, name, content, expected):
    report = feed(OPERATOR, "companies", name, content)
    assert reasons(report) == [(0, "", expected)]
    for language in LANGUAGES:
        assert report.sentences(language)[0].endswith(".")
    assert rows(FeedRun) == []
    assert feed(OPERATOR, "companies", "a", COMPANIES.encode()).applied


def test_a_file_is_limited_while_it_is_read(database):
    (report,) = feed_file(OPERATOR, "companies", Path("/dev/zero"))
    assert reasons(report) == [(0, "", "file.too_big")]


@pytest.mark.parametrize(("name", "expected"), [("nope.csv", "file.missing"), (".", "file.unreadable")])
def test_a_file_that_can_not_be_read_is_a_refusal(database, monkeypatch, tmp_path, name, expected):
    (report,) = feed_file(OPERATOR, "companies", tmp_path / name)
    assert reasons(report) == [(0, "", expected)]


def test_one_door_feeds_every_kind_and_knows_no_other(database, tmp_path):
    path = tmp_path / "companies.csv"
    path.write_text(COMPANIES, encoding="utf-8")
    (report,) = feed_file(OPERATOR, "companies", path)
    assert counts(report) == (2, 0, 0, 0)
    (report,) = feed_file(OPERATOR, "weather", path)
    assert reasons(report) == [(0, "", "file.unknown_kind")]
    assert all(kind in report.sentences("sv")[0] for kind in FEEDERS)
    with pytest.raises(Forbidden):
        feed_file(replace(OPERATOR, operator_role=OperatorRole.HANDLER), "companies", path)
