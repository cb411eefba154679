"""Feeding inventory (P2, data.md): upsert by key, all or nothing, every refusal with its row and reason."""

import threading
from datetime import UTC, date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, func, select
from stdnum import luhn

from selfcare_app.locales import LANGUAGES
from selfcare_app.models import AuditEntry, Company, CustomerNumber, FeedRun, FrameworkAgreement, Subscription
from selfcare_app.services.access import Actor, Forbidden
from selfcare_app.services.database import session
from selfcare_app.services.feeds import cells, table
from selfcare_app.services.feeds.inventory import KINDS, feed
from selfcare_app.specs.permissions import OperatorRole
from selfcare_app.specs.text import search_key
from tests import factories as make

OPERATOR = Actor(name="selfcare feed", at=make.NOW, operator_role=OperatorRole.ADMINISTRATOR)
COMPANIES = (
    "organisation number;name;address;e-mail\n"
    "559998-0017;Björkö Bygg AB;Varvsgatan 4;kontoret@bjorko.example\n"
    "559998-0413;Sjövik Vård AB;;\n"
)
CUSTOMER_NUMBERS = (
    "number;company;name;type;opened;closed\n"
    "10023;559998-0017;Huvudkontor;Blandat;2020-01-01;\n"
    "10024;559998-0017;Mark;mobile;2021-05-01;2025-01-01\n"
    "20023;559998-0413;Kansli;Datanät;2020-01-01;\n"
)
SUBSCRIPTIONS = (
    "id;customer number;type;phone number;person;opened;ended\n"
    "S1;10023;Mobil;070-174 06 05;Åsa Lindström;2020-02-01;\n"
    "S2;10024;m2m;;;2021-06-01;2024-12-31\n"
    "S9;20023;Växelanknytning;;Omar Haddad;2020-02-01;\n"
)


def put(kind, text, encoding="utf-8"):
    return feed(OPERATOR, kind, f"{kind}.csv", text.encode(encoding))


def rows(model):
    with session() as db:
        return list(db.exec(select(model).order_by(model.id)).scalars())


def counts(report):
    return report.created, report.changed, report.unchanged, report.refused


def reasons(report):
    return [(refusal.row, refusal.heading, refusal.key.split(".", 1)[1]) for refusal in report.refusals]


@pytest.fixture
def fed(database):
    """Two companies with customer numbers and subscriptions."""
    for kind, text in (
        ("companies", COMPANIES),
        ("customer-numbers", CUSTOMER_NUMBERS),
        ("subscriptions", SUBSCRIPTIONS),
    ):
        assert put(kind, text).applied
    return database


def test_every_kind_goes_in_with_all_its_columns(fed):
    report = put(
        "framework-agreements",
        "number;company;products;from;to\nRA 7/2026;5599980017;Fast telefoni|mobile;2026-01-01;2027-12-31\n",
    )
    assert counts(report) == (1, 0, 0, 0)
    company = rows(Company)[0]
    assert (company.organisation_number, company.name, company.address, company.email) == (
        "5599980017",
        "Björkö Bygg AB",
        "Varvsgatan 4",
        "kontoret@bjorko.example",
    )
    assert company.created_at == make.NOW
    agreement = rows(FrameworkAgreement)[0]
    assert (agreement.number, agreement.products) == ("RA 7/2026", ["mobile", "fixed"])
    assert (agreement.valid_from, agreement.valid_to) == (date(2026, 1, 1), date(2027, 12, 31))
    number = rows(CustomerNumber)[1]
    assert (number.number, number.name, number.type) == ("10024", "Mark", "mobile")
    assert (number.opened, number.closed) == (date(2021, 5, 1), date(2025, 1, 1))
    assert number.search_key == search_key("10024", "Mark", "Björkö Bygg AB")
    subscription = rows(Subscription)[0]
    assert (subscription.phone, subscription.person, subscription.type) == ("+46701740605", "Åsa Lindström", "mobile")
    assert [row.type for row in rows(Subscription)] == ["mobile", "m2m", "extension"]


def test_the_same_file_again_changes_nothing_and_writes_only_the_run(fed):
    def everything():
        return {model: [row.model_dump() for row in rows(model)] for model in (Company, CustomerNumber, Subscription)}

    before, entries, runs = everything(), len(rows(AuditEntry)), len(rows(FeedRun))
    for kind, text in (
        ("companies", COMPANIES),
        ("customer-numbers", CUSTOMER_NUMBERS),
        ("subscriptions", SUBSCRIPTIONS),
    ):
        report = put(kind, text)
        assert counts(report) == (0, 0, text.count("\n") - 1, 0)
    assert everything() == before
    assert len(rows(AuditEntry)) == entries
    assert len(rows(FeedRun)) == runs + 3


def test_a_changed_row_gets_a_new_version_and_the_others_are_left_alone(fed):
    report = put(
        "customer-numbers",
        "number;company;name;type;opened;closed\n"
        "10023;559998-0017;Kontoret;Blandat;2020-01-01;\n"
        "10025;559998-0017;Service;mobile;2022-01-01;\n",
    )
    assert counts(report) == (1, 1, 0, 0)
    changed, untouched, _, new = rows(CustomerNumber)
    assert (changed.name, changed.version, changed.name_sort, changed.name_search) == (
        "Kontoret",
        2,
        "kontoret",
        "kontoret",
    )
    assert "kontoret" in changed.search_key
    assert (untouched.name, untouched.version) == ("Mark", 1)
    assert (new.number, new.version) == ("10025", 1)
    run = rows(FeedRun)[-1]
    assert (run.kind, run.who, run.created, run.changed, run.unchanged) == (
        "customer-numbers",
        "selfcare feed",
        1,
        1,
        0,
    )


def test_each_row_written_is_logged_with_its_company_and_what_differed(fed):
    put("customer-numbers", "number;company;name;type;opened\n10023;559998-0017;Kontoret;mixed;2020-01-01\n")
    company, number = rows(Company)[0], rows(CustomerNumber)[0]
    entry = rows(AuditEntry)[-1]
    assert (entry.action, entry.object_kind, entry.object_id, entry.object_label) == (
        "customer_number.changed",
        "customer_number",
        number.id,
        "10023",
    )
    assert (entry.company_id, entry.who, entry.at) == (company.id, "selfcare feed", make.NOW)
    assert (entry.before, entry.after) == ({"name": "Huvudkontor"}, {"name": "Kontoret"})
    created = [row for row in rows(AuditEntry) if row.action == "company.created"]
    assert [row.company_id for row in created] == [row.id for row in rows(Company)]


def test_a_column_that_is_not_in_the_file_leaves_what_is_stored(fed):
    report = put("customer-numbers", "number;company;name;type;opened\n10024;559998-0017;Mark;mobile;2021-05-01\n")
    assert counts(report) == (0, 0, 1, 0)
    assert rows(CustomerNumber)[1].closed == date(2025, 1, 1)
    put("customer-numbers", "number;company;name;type;opened;closed\n10024;559998-0017;Mark;mobile;2021-05-01;\n")
    assert rows(CustomerNumber)[1].closed is None


def test_a_renamed_company_is_found_by_its_new_name_through_its_customer_numbers(fed):
    report = put("companies", "organisation number;name\n5599980017;Björkö Mark AB\n")
    assert counts(report) == (0, 1, 0, 0)
    keys = [row.search_key for row in rows(CustomerNumber)]
    assert ["mark ab" in key for key in keys] == [True, True, False]
    assert rows(Company)[0].address == "Varvsgatan 4"


def test_one_bad_row_refuses_the_whole_file(fed):
    entries, runs = len(rows(AuditEntry)), len(rows(FeedRun))
    report = put(
        "customer-numbers",
        "number;company;name;type;opened\n10030;559998-0017;Ny;mobile;2024-01-01\n10031;559998-0017;Ny;mobil;igår\n",
    )
    assert not report.applied
    assert counts(report) == (0, 0, 0, 1)
    assert reasons(report) == [(3, "type", "cell.choice"), (3, "opened", "cell.date")]
    assert {row.number for row in rows(CustomerNumber)} == {"10023", "10024", "20023"}
    assert (len(rows(AuditEntry)), len(rows(FeedRun))) == (entries, runs)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (";559998-0017;A;mobile;2024-01-01;", ("number", "cell.required")),
        ("1 2;559998-0017;A;mobile;2024-01-01;", ("number", "cell.number")),
        ("../x;559998-0017;A;mobile;2024-01-01;", ("number", "cell.number")),
        (f"{'1' * 51};559998-0017;A;mobile;2024-01-01;", ("number", "cell.too_long")),
        ("1;559998-0018;A;mobile;2024-01-01;", ("company", "cell.organisation_number")),
        ("1;559997-0422;A;mobile;2024-01-01;", ("company", "row.unknown_company")),
        ("1;559998-0017;;mobile;2024-01-01;", ("name", "cell.required")),
        (f"1;559998-0017;{'å' * 201};mobile;2024-01-01;", ("name", "cell.too_long")),
        ("1;559998-0017;A\x07;mobile;2024-01-01;", ("name", "cell.control")),
        ('1;559998-0017;"A\nB";mobile;2024-01-01;', ("name", "cell.control")),
        ("1;559998-0017;A\u202eB;mobile;2024-01-01;", ("name", "cell.control")),
        ("1;559998-0017;A;M2M;2024-01-01;", ("type", "cell.choice")),
        ("1;559998-0017;A;mobile;2024-02-30;", ("opened", "cell.date")),
        ("1;559998-0017;A;mobile;20240101;", ("opened", "cell.date")),
        ("1;559998-0017;A;mobile;2024-01-02;2024-01-01", ("closed", "row.ends_before_start")),
        ("1;559998-0017;A;mobile;2024-01-01;;x", ("", "row.too_many_cells")),
        ('1;559998-0017;"A"B;mobile;2024-01-01;', ("", "row.malformed")),
        ('1;559998-0017;"A;mobile;2024-01-01;', ("", "row.malformed")),
        ("20023;559998-0017;Kansli;data;2020-01-01;", ("number", "row.other_company")),
    ],
)
def test_a_refusal_names_row_column_and_reason_in_both_languages(fed, line, expected):
    good = "10023;559998-0017;Huvudkontor;Blandat;2020-01-01;\n"
    report = put("customer-numbers", f"number;company;name;type;opened;closed\n{good}\n{line}\n")
    assert reasons(report) == [(4, *expected)]
    for language, word in zip(LANGUAGES, ("Rad 4", "Row 4"), strict=True):
        (sentence,) = report.sentences(language)
        assert sentence.startswith(word)
        assert "{" not in sentence
        assert sentence.isprintable()
        assert "{" not in report.summary(language)


def test_a_number_of_another_company_is_refused_without_saying_whose_it_is(fed):
    for kind, text in (
        ("customer-numbers", "number;company;name;type;opened\n20023;559998-0017;Kansli;data;2020-01-01\n"),
        ("subscriptions", "id;customer number;type;opened\nS9;10023;mobile;2020-02-01\n"),
    ):
        report = put(kind, text)
        assert [reason[2] for reason in reasons(report)] == ["row.other_company"]
        said = " ".join(report.sentences("sv") + report.sentences("en"))
        assert "Sjövik" not in said
        assert "5599980413" not in said
    assert rows(CustomerNumber)[2].company_id == rows(Company)[1].id
    assert rows(Subscription)[2].company_id == rows(Company)[1].id


def test_an_agreement_never_moves_to_another_company(fed):
    head = "number;company;products;from;to\n"
    put("framework-agreements", head + "RA1;559998-0413;data;2026-01-01;\n")
    report = put(
        "framework-agreements", head + "RA1;559998-0017;data;2026-01-01;\nRA2;559998-0017;data;2026-02-01;2026-01-31\n"
    )
    assert reasons(report) == [(2, "number", "row.other_company"), (3, "to", "row.ends_before_start")]


def test_a_subscription_moves_between_customer_numbers_of_its_company(fed):
    report = put(
        "subscriptions", "id;customer number;type;opened\nS1;10024;mobile;2020-02-01\nS3;99999;mobile;2020-02-01\n"
    )
    assert reasons(report) == [(3, "customer number", "row.unknown_customer_number")]
    report = put("subscriptions", "id;customer number;type;opened\nS1;10024;mobile;2020-02-01\n")
    assert counts(report) == (0, 1, 0, 0)
    assert rows(Subscription)[0].customer_number_id == rows(CustomerNumber)[1].id


def test_an_end_that_is_stored_counts_when_the_file_moves_the_beginning(fed):
    report = put("customer-numbers", "number;company;name;type;opened\n10024;559998-0017;Mark;mobile;2025-01-02\n")
    assert reasons(report) == [(2, "closed", "row.ends_before_start")]


def test_a_key_twice_with_other_content_is_refused_naming_both_rows(fed):
    head = "number;company;name;type;opened\n"
    one, other = "10023;559998-0017;A;mobile;2020-01-01\n", "10023;559998-0017;B;mobile;2020-01-01\n"
    report = put("customer-numbers", head + one + other)
    assert reasons(report) == [(3, "number", "row.twice")]
    assert "Rad 3" in report.sentences("sv")[0]
    assert "rad 2" in report.sentences("sv")[0]
    assert counts(put("customer-numbers", head + one + one)) == (0, 1, 1, 0)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("delimiter", [";", ","])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_any_usual_csv_is_read(encoding, delimiter, ending):
    text = COMPANIES.replace(";", delimiter).replace("\n", ending)
    sheet = table.read(
        text.encode(encoding),
        kind="companies",
        headings=["organisation number", "name", "address", "e-mail"],
        required=[],
    )
    assert [(row, cells["name"]) for row, cells in sheet.rows] == [(2, "Björkö Bygg AB"), (3, "Sjövik Vård AB")]


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
        ("subscriptions", b"id;customer number;type;opened;PUK\n1;2;3;4;5\n", "file.unknown_heading"),
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
    report = feed(OPERATOR, "subscriptions", "fil.csv", b"id;customer number;type;opened;PUK\n1;2;3;4;5\n")
    assert "PUK" in report.sentences("sv")[0]


def test_a_file_that_is_too_big_is_refused_unread(database, monkeypatch):
    monkeypatch.setattr(table, "MAX_BYTES", 10)
    assert reasons(feed(OPERATOR, "companies", "fil.csv", b"a" * 11)) == [(0, "", "file.too_big")]


def test_only_the_operators_administrators_feed(database):
    with pytest.raises(Forbidden):
        feed(Actor(name="H", at=make.NOW, operator_role=OperatorRole.HANDLER), "companies", "f", COMPANIES.encode())
    with pytest.raises(Forbidden):
        feed(Actor(name="U", at=make.NOW, company_id=1, access_all=True), "companies", "f", COMPANIES.encode())
    assert rows(Company) == []


def test_many_rows_cost_few_statements(fed):
    lines = "".join(f"{n};559998-0017;Plats {n};mobile;2020-01-01;\n" for n in range(30000, 30500))
    text = CUSTOMER_NUMBERS + lines
    put("customer-numbers", text)
    selects = []

    def count(_connection, _cursor, statement, *_):
        selects.append(statement)

    event.listen(fed, "before_cursor_execute", count)
    try:
        assert counts(put("customer-numbers", text)) == (0, 0, 503, 0)
    finally:
        event.remove(fed, "before_cursor_execute", count)
    assert len(selects) < 12


def test_two_feeds_of_the_same_new_rows_at_once_make_them_once(database):
    reports, start = [], threading.Barrier(2)

    def run():
        start.wait()
        reports.append(put("companies", COMPANIES))

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(counts(report) for report in reports) == [(0, 0, 2, 0), (2, 0, 0, 0)]


def test_the_kinds_are_those_of_the_specification_with_the_key_first():
    assert {key: [column.heading for column in kind.columns] for key, kind in KINDS.items()} == {
        "companies": ["organisation number", "name", "address", "e-mail"],
        "framework-agreements": ["number", "company", "products", "from", "to"],
        "customer-numbers": ["number", "company", "name", "type", "opened", "closed"],
        "subscriptions": ["id", "customer number", "type", "phone number", "person", "opened", "ended"],
    }
    assert all(kind.identity.required for kind in KINDS.values())


@pytest.mark.parametrize(
    ("parse", "cell", "value"),
    [
        (cells.organisation_number, "559998-0017", "5599980017"),
        (cells.organisation_number, "811218-9876", "8112189876"),
        (cells.organisation_number, "19811218-9876", "8112189876"),
        (cells.phone, "0046 70 174 06 05", "+46701740605"),
        (cells.phone, "08-465 004 00", "+46846500400"),
        (cells.phone, "+45 32 12 34 56", "+4532123456"),
        (cells.email, "Kontoret@Bjorko.Example", "Kontoret@bjorko.example"),
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


@given(st.binary(max_size=300))
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_bytes_are_more_than_read_or_refused(content):
    said = []
    for prefix in (b"", b"name;number\n"):
        try:
            sheet = table.read(prefix + content, kind="x", headings=["name", "number"], required=["name"])
        except table.FileError as error:
            said.append(error.refusal.sentence("sv"))
        else:
            said.extend(refusal.sentence("sv") for refusal in sheet.refusals)
            assert all(set(texts) <= {"name", "number"} for _, texts in sheet.rows)
    assert all(said)


def test_the_run_remembers_when_and_which_bytes(database):
    moment = datetime(2026, 3, 29, 0, 59, tzinfo=UTC)
    feed(Actor(name="E", at=moment, operator_role=OperatorRole.ADMINISTRATOR), "companies", "a.csv", COMPANIES.encode())
    (run,) = rows(FeedRun)
    assert (run.at, run.file_name, len(run.sha256)) == (moment, "a.csv", 64)
    with session() as db:
        assert db.exec(select(func.count()).select_from(Company)).scalar_one() == 2


def test_a_file_name_that_is_not_utf_8_does_no_harm(database):
    report = feed(OPERATOR, "companies", "bj\udcf6rk\udcf6.csv", COMPANIES.encode())
    assert report.applied
    assert report.summary("sv").isprintable()
    assert rows(FeedRun)[0].file_name == "bj?rk?.csv"


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
