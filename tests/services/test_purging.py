"""What is kept goes when its time has come, and not a day before (P6)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import inspect
from sqlmodel import select

from selfcare_app.models import (
    AuditEntry,
    CostMonth,
    GroupCostMonth,
    Invoice,
    InvoiceLine,
    InvoiceReference,
    OutgoingMail,
    Payment,
    Session,
    SignIn,
    UsageMonth,
    UsageRecord,
    User,
)
from selfcare_app.services import audit, costs, invitations, purging, staff, user_rights
from selfcare_app.services.database import session, writing
from selfcare_app.services.invitations import Invitee
from selfcare_app.services.purging import Purged
from selfcare_app.specs.months import months_later
from selfcare_app.specs.permissions import Role
from tests import factories as make
from tests.factories import NOW

NOTHING = Purged()


def purge(at=NOW):
    return purging.purge(replace(staff.command_line("sv"), at=at))


def left(model):
    with session() as db:
        return db.exec(select(model).order_by(*inspect(model).primary_key)).all()


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
    assert months_later(day, -months) == first


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


def test_sums_and_statuses_follow_from_the_invoices_that_remain(database):
    gone, kept = date(2018, 12, 1), date(2019, 2, 1)
    with writing() as db:
        company = make.company(db)
        number, other = make.customer_number(db, company, "10023"), make.customer_number(db, company, "10024")
        group = make.group(db, company, "Avdelning", "Ekonomi")
        for each in (number, other):
            make.member(db, group, each, gone)
        # Issued in 2019 for 2018: its cost stays where an older one goes.
        for name, of, issued, month in (
            ("1", number, date(2018, 12, 31), gone),
            ("2", number, date(2019, 1, 2), gone),
            ("3", other, date(2018, 12, 31), gone),
            ("4", number, date(2019, 3, 1), kept),
        ):
            row = make.invoice(db, of, name, issued=issued, period_start=month)
        make.credit_note(db, row, "K", issued=date(2018, 12, 30), period_start=kept)
        costs.recount(db, company.id)
    assert purge().invoices == 3
    for model in (CostMonth, GroupCostMonth):
        assert {(row.month, row.customer_number_id, row.amount) for row in left(model)} == {
            (gone, number.id, Decimal(100)), (kept, number.id, Decimal(100)),
        }  # fmt: skip
    assert {row.number: row.credited for row in left(Invoice)} == {"2": 0, "4": 0}
    assert left(InvoiceReference) == []


def test_broken_off_it_has_done_whole_parts_and_goes_on_the_next_time(database, monkeypatch):
    old = datetime(2024, 1, 2, tzinfo=UTC)
    with writing() as db:
        for n in range(5):
            db.add(AuditEntry(at=old, who=str(n), action="signed_in"))
    monkeypatch.setattr(purging, "AT_A_TIME", 2)
    deleted = purging._delete

    def dying(db, model, which):
        gone = deleted(db, model, which)
        if model is AuditEntry and len(left(AuditEntry)) < 5:
            raise OSError("no more power")
        return gone

    with monkeypatch.context() as broken:
        broken.setattr(purging, "_delete", dying)
        with pytest.raises(OSError, match="power"):
            purge()
    told = [row.after for row in left(AuditEntry) if row.action == "purged"]
    assert told == [{"log_entries": 2}], "what was committed is told"
    assert purge().log_entries == 3
    assert [row.after for row in left(AuditEntry)] == [{"log_entries": 2}, {"log_entries": 3}]


def test_a_mail_that_was_sent_is_told_of_as_long_as_the_log_is_kept(database):
    with writing() as db:
        for name, sent in (("old", datetime(2024, 10, 30, tzinfo=UTC)), ("new", datetime(2024, 11, 2, tzinfo=UTC))):
            db.add(OutgoingMail(message_id=name, kind="reset", recipient="a@b.example", language="sv", subject="s",
                                text="", created_at=sent, next_attempt_at=sent, sent_at=sent))  # fmt: skip
    assert purge() == Purged(mail_rows=1)
    assert [row.message_id for row in left(OutgoingMail)] == ["new"]


def test_nothing_left_in_the_portal_leads_to_a_removed_user(database):
    with writing() as db:
        company, other = make.company(db), make.company(db, "Sjövik Vård AB", "5560125790")
        boss = make.user(db, company, "boss@bjorko.example", phone="+46701740600")
        elsewhere = make.user(db, company, "Both@konsult.example", name="Bo Kvar")
        # Away from another company too, but not as long: until then the sign-in may be asked for.
        make.user(db, other, "left@konsult.example", name="Leo Nyss", removed_at=NOW + timedelta(days=60))
        leo = make.user(db, company, "left@konsult.example", name="Leo Nyss")
        make.user(db, other, "both@konsult.example", name="Bo Kvar")
    invitee = Invitee(name="Åsa Borta", email="Åsa@Gone.example", phone="+46701740605", role=Role.READER)
    gone = invitations.invite(make.actor(boss), invitee)
    with writing() as db:
        row = db.get(SignIn, db.get(User, gone).sign_in_id)
        me = replace(make.actor(boss), name=row.email, user_id=None, sign_in_id=row.id)
        audit.record_of_sign_in(db, me, "sign_in_failed", label=row.email)
        audit.record(db, me, "address_changed", kind="user", object_id=gone, label="Åsa Borta",
                     before={"email": "asa@gone.example"}, after={"email": row.email})  # fmt: skip
        audit.record(db, make.actor(boss), "user_changed", kind="user", object_id=boss.id, label="boss",
                     before={"phone": ""}, after={"phone": boss.phone})  # fmt: skip
        audit.record(db, make.actor(boss), "user_changed", kind="user", object_id=elsewhere.id, label="Bo Kvar",
                     before={"email": "x@konsult.example"}, after={"email": "Both@konsult.example"})  # fmt: skip
        for name in ("asa@gone.example", "both@konsult.example", "left@konsult.example"):
            db.add(OutgoingMail(message_id=name[:4], kind="reset", recipient=name, language="sv", subject="s", text="",
                                error=f"550 {name}", created_at=NOW, next_attempt_at=NOW, sent_at=NOW))  # fmt: skip
    for user in (gone, elsewhere.id, leo.id):
        user_rights.remove(make.actor(boss), user)
    later = NOW + timedelta(days=91)
    assert purge(later).people == 3
    kept = repr([row.model_dump() for model in (User, SignIn, AuditEntry, OutgoingMail) for row in left(model)])
    assert [each for each in ("gone.example", "46701740605", "x@konsult") if each in kept.lower()] == []
    assert "Åsa Borta" in kept
    assert {row.after.get("phone") for row in left(AuditEntry) if row.object_id == boss.id and row.after} == {
        boss.phone
    }
    failed = next(row for row in left(AuditEntry) if row.action == "sign_in_failed")
    assert (failed.who, failed.object_label) == ("Åsa Borta", "Åsa Borta")
    assert {row.recipient for row in left(OutgoingMail)} >= {"both@konsult.example", "left@konsult.example"}
    assert purge(later + timedelta(days=1)).people == 0, "nobody is forgotten twice"
    assert purge(later + timedelta(days=60)).people == 2, "of both companies"
    assert "left@konsult" not in repr([row.model_dump() for model in (SignIn, OutgoingMail) for row in left(model)])
    assert {row.email for row in left(SignIn)} >= {"Both@konsult.example", "boss@bjorko.example"}


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
