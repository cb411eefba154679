"""Feeding inventory (P2, data.md): upsert by key, all or nothing, every refusal with its row and reason."""

import threading
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import event, func, select

from selfcare_app.locales import LANGUAGES
from selfcare_app.models import AuditEntry, Company, CustomerNumber, FeedRun, FrameworkAgreement, Subscription
from selfcare_app.services.access import Actor, Forbidden
from selfcare_app.services.database import session, writing
from selfcare_app.services.feeds import inventory
from selfcare_app.services.feeds.inventory import feed
from selfcare_app.specs.permissions import OperatorRole
from selfcare_app.specs.text import search_key
from tests import factories as make
from tests.feeds import COMPANIES, CUSTOMER_NUMBERS, OPERATOR, SUBSCRIPTIONS, counts, feed_basics, put, reasons, rows


@pytest.fixture
def fed(database):
    """Two companies with customer numbers and subscriptions."""
    feed_basics()
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


def test_nobody_who_writes_waits_while_a_file_is_read(fed, monkeypatch):
    read, written = inventory.read, []

    def another_writes_meanwhile(*args, **kwargs):
        with writing() as db:
            written.append(make.company(db, "Mellan AB", "5560001712").id)
        return read(*args, **kwargs)

    monkeypatch.setattr(inventory, "read", another_writes_meanwhile)
    assert counts(put("companies", COMPANIES)) == (0, 0, 2, 0)
    assert len(written) == 1


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
