"""What is kept goes when its time has come, and not a day before (P6)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlmodel import select

from selfcare_app.models import (
    AuditEntry,
    Invoice,
    InvoiceLine,
    OutgoingMail,
    Payment,
    Session,
    SignIn,
    UsageMonth,
    UsageRecord,
    User,
)
from selfcare_app.services import purging, staff, user_rights
from selfcare_app.services.database import session, writing
from selfcare_app.services.purging import Purged, months_before
from tests import factories as make
from tests.factories import NOW

NOTHING = Purged(0, 0, 0, 0, 0, 0, 0)


def purge(at=NOW):
    return purging.purge(replace(staff.command_line("sv"), at=at))


def left(model):
    with session() as db:
        return db.exec(select(model)).all()


@pytest.mark.parametrize(
    ("day", "months", "first"),
    [
        (date(2026, 11, 24), 14, date(2025, 9, 1)),
        (date(2026, 1, 31), 1, date(2025, 12, 1)),
        (date(2028, 2, 29), 24, date(2026, 2, 1)),
        (date(2026, 12, 31), 12, date(2025, 12, 1)),
    ],
)
def test_months_are_counted_from_the_first(day, months, first):
    assert months_before(day, months) == first


def test_an_empty_portal_has_nothing_to_purge(database):
    assert purge() == NOTHING
    assert left(AuditEntry) == []


def test_usage_goes_by_whole_months_and_its_sums_stay(database):
    with writing() as db:
        company = make.company(db)
        of = make.subscription(db, make.customer_number(db, company, "10023"), "S1")
        for month in (date(2025, 8, 1), date(2025, 9, 1), date(2026, 11, 1)):
            shared = {"company_id": company.id, "subscription_id": of.id, "month": month, "type": "call", "unit": "s"}
            shared |= {"quantity": Decimal(60), "amount": Decimal("0.5")}
            at = datetime(month.year, month.month, 2, tzinfo=UTC)
            db.add(UsageRecord(digest=1, occurrence=1, started_at=at, **shared))
            db.add(UsageMonth(records=1, **shared))
    assert purge().usage_records == 1
    assert {row.month for row in left(UsageRecord)} == {date(2025, 9, 1), date(2026, 11, 1)}
    assert len(left(UsageMonth)) == 3
    assert purge() == NOTHING


def test_the_log_goes_after_two_years_and_says_so(database):
    with writing() as db:
        for at in (datetime(2024, 10, 31, 22, 59, tzinfo=UTC), datetime(2024, 10, 31, 23, 0, tzinfo=UTC)):
            db.add(AuditEntry(at=at, who="x", action="signed_in"))
    assert purge().log_entries == 1
    assert [row.action for row in left(AuditEntry)] == ["signed_in", "purged"]
    assert left(AuditEntry)[1].after == {"log_entries": 1}


def test_the_text_of_sent_mail_goes_and_what_waits_stays(database):
    old = NOW - timedelta(days=91)
    with writing() as db:
        for name, sent, failed in (
            ("old", old, None),
            ("failed", None, old),
            ("new", NOW, None),
            ("waits", None, None),
        ):
            db.add(
                OutgoingMail(
                    message_id=name, kind="reset", recipient="a@b.example", language="sv", subject="s", text="secret",
                    html="<p>", created_at=old, next_attempt_at=old, sent_at=sent, failed_at=failed,
                )
            )  # fmt: skip
    assert purge().mails == 2
    assert {row.message_id for row in left(OutgoingMail) if row.text} == {"new", "waits"}


def test_ended_sessions_and_those_that_ran_out_go(database):
    with writing() as db:
        user = make.user(db, make.company(db), "a@bjorko.example")
        for name, used, ended in (
            ("ended", NOW, NOW - timedelta(days=91)),
            ("ran out", NOW - timedelta(days=92), None),
            ("lately", NOW, NOW - timedelta(days=89)),
            ("open", NOW, None),
        ):
            db.add(Session(token_hash=name, ref=name, sign_in_id=user.sign_in_id, user_id=user.id, created_at=used,
                           last_used_at=used, password_at=used, ended_at=ended))  # fmt: skip
    assert purge().sessions == 2
    assert {row.token_hash for row in left(Session)} == {"lately", "open"}


def test_invoices_go_after_seven_whole_years_with_all_that_is_theirs(database):
    with writing() as db:
        company = make.company(db)
        number = make.customer_number(db, company, "10023")
        for name, issued in (("1", date(2018, 12, 31)), ("2", date(2019, 1, 1))):
            invoice = make.invoice(db, number, name, issued=issued)
            make.payment(db, invoice, "1.00", f"P{name}")
    assert purge().invoices == 1
    assert [row.number for row in left(Invoice)] == ["2"]
    assert len(left(InvoiceLine)) == len(left(Payment)) == 1
    assert purge() == NOTHING


def test_a_removed_users_contact_details_go_and_the_name_stays(database):
    with writing() as db:
        company, other = make.company(db), make.company(db, "Sjövik Vård AB", "5560125790")
        boss = make.user(db, company, "boss@bjorko.example")
        gone = make.user(db, company, "gone@bjorko.example", name="Åsa Borta", phone="+46701740605")
        elsewhere = make.user(db, company, "both@konsult.example", name="Bo Kvar", phone="+46701740608")
        make.user(db, other, "both@konsult.example")
    for user in (gone, elsewhere):
        user_rights.remove(make.actor(boss), user.id)
    assert purge(NOW + timedelta(days=89)).people == 0
    assert purge(NOW + timedelta(days=91)).people == 2
    users = {row.name: row for row in left(User)}
    assert (users["Åsa Borta"].phone, users["Bo Kvar"].phone) == ("", "")
    addresses = {row.email for row in left(SignIn)}
    assert addresses == {"boss@bjorko.example", f"removed-{gone.sign_in_id}@selfcare.invalid", "both@konsult.example"}
    assert purge(NOW + timedelta(days=92)).people == 0
