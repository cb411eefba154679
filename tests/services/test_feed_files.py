"""Reading fed files: whatever the bytes are, they are read or refused with a sentence."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from selfcare_app.locales import LANGUAGES
from selfcare_app.models import Company, FeedRun
from selfcare_app.services.feeds import table
from selfcare_app.services.feeds.inventory import KINDS, feed
from tests.feeds import COMPANIES, OPERATOR, counts, put, reasons, rows


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("delimiter", [";", ","])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_any_usual_csv_is_read(encoding, delimiter, ending):
    text = COMPANIES.replace(";", delimiter).replace("\n", ending)
    sheet = table.read(text.encode(encoding), kind="companies", headings=KINDS["companies"].accepted, required=[])
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
        ("companies", b"PK\x03\x04" + bytes(100), "file.excel"),
        ("companies", b"\xd0\xcf\x11\xe0" + bytes(100), "file.excel"),
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
            sheet = table.read(prefix + content, kind="x", headings=headings, required=["name"])
        except table.FileError as error:
            said.append(error.refusal.sentence("sv"))
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
