"""Feeding usage (P2, data.md): a stream of any size, all or nothing, and the same record is never counted twice."""

import io
import random
import tracemalloc
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import delete, select

from selfcare_app.locales import LANGUAGES
from selfcare_app.models import AuditEntry, CompanyUsage, FeedRun, Subscription, UsageMonth, UsageRecord, UsageTotal
from selfcare_app.services.access import Forbidden
from selfcare_app.services.database import session, take_write_lock, writing
from selfcare_app.services.feeds import report as reports
from selfcare_app.services.feeds import stream, usage, usage_rows
from selfcare_app.services.feeds.feeding import feed_file
from selfcare_app.services.feeds.usage import feed_usage
from selfcare_app.services.purging import purge
from selfcare_app.specs.permissions import OperatorRole
from tests.feeds import CALL, OPERATOR, USAGE_HEADINGS, feed_basics, put, put_usage, reasons, stored

SMS = "2026-11-03 15:00:00;S1;sms;07XXXX124;Sverige;1;st;0.25\n"
DATA = "2026-11-04T00:10:00;S9;data;;;12,345;MB;0\n"


def counted(report):
    return report.created, report.changed, report.unchanged


@pytest.fixture
def fed(database):
    feed_basics()
    return database


# --- what is stored


def test_a_row_becomes_a_record_and_its_totals(fed):
    assert counted(put_usage(USAGE_HEADINGS + CALL + SMS + DATA)) == (3, 0, 0)
    call = stored(UsageRecord)[0]
    assert call["started_at"] == datetime(2026, 11, 3, 13, 32, 7, tzinfo=UTC)
    del call["started_at"], call["digest"]
    with session() as db:
        ids = {row.number: row for row in db.exec(select(Subscription).order_by(Subscription.id)).scalars()}
    assert call == {
        "company_id": ids["S1"].company_id,
        "subscription_id": ids["S1"].id,
        "occurrence": 1,
        "month": date(2026, 11, 1),
        "type": "call",
        "counterpart": "07XXXX123",
        "destination": "Sverige",
        "quantity": Decimal("61.000"),
        "unit": "s",
        "amount": Decimal("0.4900"),
    }
    shared = {"company_id": ids["S9"].company_id, "month": date(2026, 11, 1), "type": "data", "unit": "MB"}
    sums = {"records": 1, "quantity": Decimal("12.345"), "amount": Decimal("0.0000")}
    assert {**shared, "subscription_id": ids["S9"].id, **sums} in stored(UsageMonth)
    assert {**shared, "customer_number_id": ids["S9"].customer_number_id, **sums} in stored(UsageTotal)
    assert {**shared, **sums} in stored(CompanyUsage)


def test_the_same_file_again_changes_nothing_and_writes_only_the_run(fed):
    content = USAGE_HEADINGS + CALL + CALL + SMS + DATA
    assert counted(put_usage(content)) == (4, 0, 0)
    before = {model: stored(model) for model in (UsageRecord, UsageMonth, UsageTotal, CompanyUsage, AuditEntry)}
    assert counted(put_usage(content)) == (0, 0, 4)
    assert {model: stored(model) for model in before} == before
    assert [(run["kind"], run["created"], run["unchanged"]) for run in stored(FeedRun)[-2:]] == [
        ("usage", 4, 0),
        ("usage", 0, 4),
    ]


def test_records_that_say_the_same_are_as_many_as_one_file_has_of_them(fed):
    assert counted(put_usage(USAGE_HEADINGS + CALL + CALL)) == (2, 0, 0)
    assert counted(put_usage(USAGE_HEADINGS + CALL)) == (0, 0, 1)
    assert counted(put_usage(USAGE_HEADINGS + CALL + SMS + CALL + CALL)) == (2, 0, 2)
    assert [row["occurrence"] for row in stored(UsageRecord) if row["type"] == "call"] == [1, 2, 3]
    assert [(row["type"], row["records"]) for row in stored(UsageMonth)] == [("call", 3), ("sms", 1)]


def test_a_file_that_overlaps_an_earlier_one_adds_what_is_new(fed):
    put_usage(USAGE_HEADINGS + CALL + SMS)
    assert counted(put_usage(USAGE_HEADINGS + SMS + DATA)) == (1, 0, 1)
    assert len(stored(UsageRecord)) == 3


@pytest.mark.parametrize(
    "other",
    [
        CALL.replace("14:32:07", "14:32:08"),
        CALL.replace("Samtal", "Roaming"),
        CALL.replace("123", "125"),
        CALL.replace("Sverige", "Norge"),
        CALL.replace("61;s", "62;s"),
        CALL.replace(";s;", ";pcs;"),
        CALL.replace("0,4900", "0,4901"),
        CALL.replace("S1", "S2"),
        CALL.replace("0,4900", "-0,4900"),
    ],
)
def test_a_record_that_differs_in_anything_is_another(fed, other):
    put_usage(USAGE_HEADINGS + CALL)
    assert counted(put_usage(USAGE_HEADINGS + other)) == (1, 0, 0)


@pytest.mark.parametrize(
    "same",
    [
        CALL.replace("2026-11-03 14:32:07", "2026-11-03T13:32:07Z"),
        CALL.replace("2026-11-03 14:32:07", "2026-11-03T14:32:07.000+01:00"),
        CALL.replace("Samtal", "CALL"),
        CALL.replace("61;", "61.000;"),
        CALL.replace("0,4900", "0.49"),
        CALL.replace("Sverige", " Sverige  "),
    ],
)
def test_a_record_written_in_another_way_is_the_same(fed, same):
    put_usage(USAGE_HEADINGS + CALL)
    assert counted(put_usage(USAGE_HEADINGS + same)) == (0, 0, 1)


def test_each_company_is_told_once_in_its_log_how_much_came(fed):
    put_usage(USAGE_HEADINGS + CALL + SMS.replace("2026-11", "2026-10") + DATA)
    entries = [row for row in stored(AuditEntry) if row["action"] == "usage.fed"]
    assert [(row["object_label"], row["after"]["records"], row["who"]) for row in entries] == [
        ("2026-10 – 2026-11", 2, OPERATOR.name),
        ("2026-11", 1, OPERATOR.name),
    ]
    assert entries[0]["company_id"] != entries[1]["company_id"]


def test_a_subscription_that_moves_takes_its_usage_along(fed):
    put_usage(USAGE_HEADINGS + CALL + SMS + CALL.replace("S1", "S2"))
    head = "id;customer number;type;opened\n"
    assert put("subscriptions", head + "S1;10024;Mobil;2020-02-01\n").applied
    with session() as db:
        moved = db.exec(select(Subscription).where(Subscription.number == "S1")).scalar_one()
    totals = stored(UsageTotal)
    assert [(row["customer_number_id"], row["type"], row["records"]) for row in totals] == [
        (moved.customer_number_id, "call", 2),
        (moved.customer_number_id, "sms", 1),
    ]
    put_usage(USAGE_HEADINGS + DATA.replace("S9", "S1"))
    assert {row["customer_number_id"] for row in stored(UsageTotal)} == {moved.customer_number_id}


# --- cells


@pytest.mark.parametrize(
    ("cells", "kept"),
    [
        ("1;s", ("1.000", "s")),
        ("0;pcs", ("0.000", "pcs")),
        ("1,5;ST", ("1.500", "pcs")),
        ("12.345;mb", ("12.345", "MB")),
        ("1,234567;GB", ("1234.567", "MB")),
        ("0.5000000000;GB", ("500.000", "MB")),
        ("1024;kB", ("1.024", "MB")),
        ("7.000;kb", ("0.007", "MB")),
    ],
)
def test_quantities_are_stored_in_seconds_pieces_or_megabytes(fed, cells, kept):
    assert put_usage(USAGE_HEADINGS + f"2026-11-03 14:32:07;S1;roaming;;;{cells};0\n").applied
    (record,) = stored(UsageRecord)
    assert (str(record["quantity"]), record["unit"]) == kept


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (CALL.replace("S1", "S77"), [("subscription", "row.unknown_subscription")]),
        (CALL.replace("S1", ""), [("subscription", "cell.required")]),
        (CALL.replace("S1", "S 1"), [("subscription", "cell.number")]),
        (CALL.replace("Samtal", "Fax"), [("type", "cell.choice")]),
        (CALL.replace(";s;", ";min;"), [("unit", "cell.choice")]),
        (CALL.replace("61", "-1"), [("quantity", "cell.quantity")]),
        (CALL.replace("61", "1e3"), [("quantity", "cell.quantity")]),
        (CALL.replace("61", "1 000"), [("quantity", "cell.quantity")]),
        (CALL.replace("61", "1.2345"), [("quantity", "cell.more_places")]),
        (CALL.replace("61;s", "1.2345678;GB"), [("quantity", "cell.more_places")]),
        (CALL.replace("61;s", "0.5;kB"), [("quantity", "cell.no_places")]),
        (CALL.replace("61;s", "1000000;GB"), [("quantity", "cell.too_much")]),
        (CALL.replace("61", "9" * 40), [("quantity", "cell.too_much")]),
        (CALL.replace("61", "٣"), [("quantity", "cell.quantity")]),
        (CALL.replace("61", ""), [("quantity", "cell.required")]),
        (CALL.replace("0,4900", "gratis"), [("amount", "cell.amount_fine")]),
        (CALL.replace("0,4900", "0,49005"), [("amount", "cell.more_places")]),
        (CALL.replace("0,4900", "100000000"), [("amount", "cell.too_much")]),
        (CALL.replace("0,4900", "NaN"), [("amount", "cell.amount_fine")]),
        (CALL.replace("Sverige", "å" * 201), [("destination", "cell.too_long")]),
        (CALL.replace("07XXXX123", "a\x07"), [("counterpart", "cell.control")]),
        (CALL.replace("Sverige", '"a\nb"'), [("destination", "cell.control")]),
        (CALL.replace("Sverige", "x" * 200_000), [("", "row.malformed")]),
        (CALL[:-1] + ";x\n", [("", "row.too_many_cells")]),
        (CALL.replace("Sverige", '"S"x'), [("", "row.malformed")]),
        (CALL.replace("Sverige", '"S'), [("", "row.malformed")]),
        (
            "igår;S77;fax;;;x;y;z\n",
            [
                ("start time", "cell.moment"),
                ("type", "cell.choice"),
                ("quantity", "cell.quantity"),
                ("unit", "cell.choice"),
                ("amount", "cell.amount_fine"),
                ("subscription", "row.unknown_subscription"),
            ],
        ),
    ],
)
def test_a_refusal_names_row_column_and_reason_in_both_languages(fed, line, expected):
    report = put_usage(f"{USAGE_HEADINGS}{SMS}\n{line}")
    assert reasons(report) == [(4, *each) for each in expected]
    for language, word in zip(LANGUAGES, ("Rad 4", "Row 4"), strict=True):
        assert len(report.sentences(language)) == len(expected)
        for sentence in report.sentences(language):
            assert sentence.startswith(word)
            assert "{" not in sentence
            assert sentence.isprintable()
            assert len(sentence) < 300
    assert stored(UsageRecord) == stored(UsageMonth) == stored(UsageTotal) == stored(CompanyUsage) == []
    assert [run for run in stored(FeedRun) if run["kind"] == "usage"] == []


def test_a_refused_file_leaves_nothing_in_the_way_of_the_next(fed):
    for bad in (USAGE_HEADINGS, USAGE_HEADINGS + CALL.replace("S1", "S77"), "start;x\n", USAGE_HEADINGS + "x\n"):
        assert not put_usage(bad).applied
        assert counted(put_usage(USAGE_HEADINGS + CALL))[1] == 0


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("delimiter", [";", ","])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_any_usual_csv_is_read(fed, encoding, delimiter, ending):
    content = USAGE_HEADINGS + CALL.replace("0,4900", "0.49").replace("Sverige", "Åland")
    put_usage(content.replace(";", delimiter).replace("\n", ending).encode(encoding))
    assert [row["destination"] for row in stored(UsageRecord)] == ["Åland"]


def test_headings_match_in_swedish_in_any_order_and_without_what_may_be_left_out(fed):
    content = "Belopp;ENHET;Start-Tid;typ;Abonnemang;mängd;;\n0,1;s;2026-11-03 14:32;samtal;S1;9;;\n;;;;;;;\n"
    assert counted(put_usage(content)) == (1, 0, 0)
    assert counted(put_usage(content.replace("Belopp", "Amount (excl. VAT)"))) == (0, 0, 1)
    (record,) = stored(UsageRecord)
    assert (record["counterpart"], record["destination"]) == ("", "")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "file.empty"),
        (b"\xef\xbb\xbf \r\n\n", "file.empty"),
        (USAGE_HEADINGS.encode() + b"\n;;\n", "file.no_rows"),
        (b";;\n1;2;3\n", "file.no_headings"),
        (b'"start time;x\n', "file.no_headings"),
        (b"PK\x03\x04" + bytes(100), "file.only_csv"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), "file.only_csv"),
        (USAGE_HEADINGS.encode() + b"A\0\n", "file.not_text"),
        ((USAGE_HEADINGS + CALL).encode("utf-16"), "file.not_text"),
        (b"\xef\xbb\xbf" + USAGE_HEADINGS.encode() + b"\xc5\n", "file.not_text"),
        (USAGE_HEADINGS.encode() + b"\x81\xff\n", "file.not_text"),
        (USAGE_HEADINGS.encode() + "å".encode()[:1], "row.malformed"),
        (USAGE_HEADINGS.replace("unit", "price").encode(), "file.unknown_heading"),
        (USAGE_HEADINGS.replace(";unit", "").encode(), "file.missing_heading"),
        (USAGE_HEADINGS.replace("unit", "unit;Enhet").encode(), "file.duplicate_heading"),
    ],
)
def test_what_is_no_such_file_is_refused_with_one_sentence(fed, content, expected):
    report = put_usage(content)
    if expected == "row.malformed":  # Windows-1252 has that byte: it is read, and its row isn't whole
        assert {key for _, _, key in reasons(report)} == {"cell.moment", "cell.required"}
        return
    assert [key for _, _, key in reasons(report)] == [expected]
    for language in LANGUAGES:
        assert "{" not in report.sentences(language)[0]


def test_a_letter_that_two_pieces_of_the_file_share_is_read(fed, monkeypatch):
    for size in range(1, 6):
        monkeypatch.setattr(stream, "PIECE", size)
        found = stream.look(io.BytesIO("aåäö€".encode()))
        assert found.encoding == "utf-8-sig"
        assert stream.look(io.BytesIO("aåäö€".encode("cp1252"))).encoding == "cp1252"


@pytest.mark.parametrize(
    "endless",
    [
        CALL.replace("Sverige", '"' + "a;b\n" * 2000),
        '"' + '";"'.join(["\n"] * 2000) + '"',
        "x" * 20_000,
        ";" * 20_000,
    ],
)
def test_a_row_without_end_is_refused_without_being_read_to_its_end(fed, monkeypatch, endless):
    monkeypatch.setattr(stream, "MOST_CHARACTERS", 5_000)
    file = io.BytesIO((USAGE_HEADINGS + SMS + endless + "x" * 1_000_000).encode())
    assert reasons(feed_usage(OPERATOR, "usage.csv", file)) == [(3, "", "row.endless")]
    assert file.tell() < 50_000
    report = put_usage(endless.encode())
    assert not report.applied


def test_only_the_first_thousand_reasons_are_named_and_the_others_counted(fed, monkeypatch):
    monkeypatch.setattr(reports, "MOST_REFUSALS", 10)
    monkeypatch.setattr(usage, "MOST_REFUSALS", 10)
    unknown = "".join(CALL.replace("S1", f"U{n}") for n in range(15))
    report = put_usage(USAGE_HEADINGS + unknown + CALL.replace("61", "x") * 15)
    assert len(report.refusals) == 10
    assert report.more == 20
    assert report.refusals[-1].row == 11
    for language, number in (("sv", "20"), ("en", "20")):
        assert number in report.sentences(language)[-1]
        assert "30" in report.summary(language)
    assert put_usage(USAGE_HEADINGS + CALL.replace("S1", "U1")).more == 0


# --- streaming, and who is in the way of whom


def test_a_stream_that_can_be_read_only_once_is_taken(fed):
    class Pipe(io.RawIOBase):
        def __init__(self, content):
            self.content = io.BytesIO(content)

        def readable(self):
            return True

        def readinto(self, buffer):
            return self.content.readinto(buffer)

    content = (USAGE_HEADINGS + CALL).encode()
    assert counted(feed_usage(OPERATOR, "usage.csv", io.BufferedReader(Pipe(content)))) == (1, 0, 0)


def test_the_callers_stream_stays_open(fed):
    for content in (USAGE_HEADINGS + CALL, USAGE_HEADINGS, "x\n"):
        file = io.BytesIO(content.encode())
        feed_usage(OPERATOR, "usage.csv", file)
        assert not file.closed


def test_progress_is_told(fed, monkeypatch):
    monkeypatch.setattr(usage, "STAGED_AT_ONCE", 2)
    told = []
    feed_usage(OPERATOR, "usage.csv", io.BytesIO((USAGE_HEADINGS + CALL + SMS + DATA).encode()), told.append)
    assert told == [2, 3]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_others_write_while_a_file_is_read(fed):
    wrote = []

    def meanwhile(_rows):
        with writing() as db:
            wrote.append(db.exec(delete(FeedRun).where(FeedRun.id == -1)).rowcount)

    report = feed_usage(OPERATOR, "usage.csv", io.BytesIO((USAGE_HEADINGS + CALL).encode()), meanwhile)
    assert report.applied
    assert wrote == [0]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_write_lock_taken_later_is_the_same_lock(fed):
    with writing(at_once=False) as db:
        take_write_lock(db)
        with fed.connect() as other:
            other.exec_driver_sql("PRAGMA busy_timeout = 0")
            with pytest.raises(Exception, match="locked"):
                other.exec_driver_sql("UPDATE company SET id = id")


def test_a_caller_may_feed_several_files_in_its_own_transaction(fed):
    with writing() as db:
        for content in (CALL, CALL, SMS.replace("S1", "S77"), DATA):
            usage.feed_usage_within(db, OPERATOR, "usage.csv", io.BytesIO((USAGE_HEADINGS + content).encode()))
    assert len(stored(UsageRecord)) == 2


def test_a_failure_on_the_way_leaves_nothing(fed, monkeypatch):
    def fail(*_):
        raise RuntimeError("pulled the plug")

    monkeypatch.setattr(usage, "_log", fail)
    with pytest.raises(RuntimeError):
        put_usage(USAGE_HEADINGS + CALL)
    assert stored(UsageRecord) == stored(UsageMonth) == stored(UsageTotal) == stored(CompanyUsage) == []
    monkeypatch.undo()
    monkeypatch.setattr("selfcare_app.services.database.engine", lambda: fed)
    assert put_usage(USAGE_HEADINGS + CALL).applied


def test_only_the_operators_administrators_feed(fed):
    for actor in (replace(OPERATOR, operator_role=OperatorRole.HANDLER), replace(OPERATOR, operator_role=None)):
        with pytest.raises(Forbidden):
            feed_usage(actor, "usage.csv", io.BytesIO((USAGE_HEADINGS + CALL).encode()))


def test_usage_is_a_kind_like_the_others_for_the_command(fed, tmp_path):
    path = tmp_path / "usage.csv"
    path.write_text(USAGE_HEADINGS + CALL, encoding="utf-8")
    (report,) = feed_file(OPERATOR, "usage", path)
    assert (report.kind, report.file_name, report.created) == ("usage", "usage.csv", 1)


def test_usage_of_a_month_whose_records_were_deleted_is_not_counted_again(fed):
    old = CALL.replace("2026-11", "2024-02")
    assert counted(put_usage(USAGE_HEADINGS + old)) == (1, 0, 0)
    assert purge(OPERATOR).usage_records == 1
    report = put_usage(USAGE_HEADINGS + CALL + old)
    assert reasons(report) == [(3, "start time", "row.usage_deleted")]
    assert "2024-02" in report.sentences("sv")[0]
    assert [row["records"] for row in stored(UsageMonth)] == [1]
    assert counted(put_usage(USAGE_HEADINGS + old.replace("S1", "S2"))) == (1, 0, 0)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_memory_does_not_grow_with_the_file(fed, monkeypatch):
    monkeypatch.setattr(stream, "PIECE", 4096)
    monkeypatch.setattr(usage, "STAGED_AT_ONCE", 500)
    monkeypatch.setattr(usage_rows, "REMEMBERED", 500)

    def peak(rows):
        chance = random.Random(1)
        content = USAGE_HEADINGS + "".join(
            f"2026-11-{chance.randint(1, 28):02} 14:{chance.randint(10, 59)}:07;S1;Samtal;07{n:08};;{n % 977};s;0,1\n"
            for n in range(rows)
        )
        file = io.BytesIO(content.encode())
        tracemalloc.start()
        assert feed_usage(OPERATOR, "usage.csv", file).applied
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(1_000)  # what is made once and kept is made now
    assert peak(12_000) < 1.2 * peak(3_000)
