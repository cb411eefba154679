"""Many at once by a file (R6): checked row by row, shown, applied all or nothing, undone as a whole."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete
from sqlmodel import col, select

from selfcare_app.config import settings as config_settings
from selfcare_app.models import AuditEntry, Group, GroupCategory, GroupMembership, Upload
from selfcare_app.services import group_writes, purging, staff, workbooks
from selfcare_app.services.access import Forbidden, NotFound, Refused
from selfcare_app.services.database import session, writing
from selfcare_app.services.progress import Progress, Step, watched
from selfcare_app.services.uploads import reading, uploading
from selfcare_app.services.uploads.kind import Outcome, Problem
from selfcare_app.specs.permissions import Permission
from tests import factories as make
from tests.services.counting import statements
from tests.uploads import (
    GROUPS,
    JANUARY,
    MEMBERSHIPS,
    Firm,
    applied,
    cells,
    checked,
    send,
    stored,
    told,
)


@pytest.fixture
def firm(database):
    with writing() as db:
        return Firm(db)


# --- checking


def test_checking_takes_the_same_look_ups_for_any_number_of_rows(database, firm):
    counts = []
    for rows in (1, 1_100):
        numbers = [f"{30_000 + n}" for n in range(rows)]
        upload = send(firm.boss, MEMBERSHIPS, [("", number, "Avdelning", "Ekonomi", "", "", "") for number in numbers])
        with statements(database) as seen:
            assert len(uploading.check(firm.boss, MEMBERSHIPS, upload).plan.problems) == rows
        counts.append(len(seen))
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    ("at", "last", "after"),
    [
        (datetime(2026, 12, 31, 22, 59, tzinfo=UTC), "2027-12", "2028-01"),
        (datetime(2026, 12, 31, 23, 0, tzinfo=UTC), "2028-01", "2028-02"),
        (datetime(2028, 2, 29, 22, 59, tzinfo=UTC), "2029-02", "2029-03"),
        (datetime(2027, 3, 31, 22, 0, tzinfo=UTC), "2028-04", "2028-05"),
        (datetime(2027, 10, 31, 22, 59, tzinfo=UTC), "2028-10", "2028-11"),
    ],
    ids=["last minute of the year", "new year", "29 February", "summer time", "winter time"],
)
def test_the_month_is_stockholms_when_a_file_is_checked(firm, at, last, after):
    boss = replace(firm.boss, at=at)
    member = ("", firm.numbers[1].number, "Avdelning", "Ekonomi")
    assert told(checked(boss, MEMBERSHIPS, [(*member, last, "", "")])[1]) == []
    ((row, column, sentence),) = told(checked(boss, MEMBERSHIPS, [(*member, after, "", "")])[1])
    assert (row, column) == (2, "start")
    assert last in sentence


# --- applying


def test_groups_are_made_described_renamed_and_removed(firm):
    upload, plan = checked(
        firm.boss,
        GROUPS,
        [
            ("Kostnadsställe", "2010", "Lokalkontor", "", ""),
            ("kostnads ställe", "2020", "", "", ""),
            ("Avdelning", "", "", "Division", ""),
            ("Avdelning", "Ekonomi", "Löner", "", ""),
            ("Avdelning", "Försäljning", "", "", "Ta bort"),
        ],
    )
    assert told(plan) == []
    assert plan.counts == {Outcome.CREATED: 2, Outcome.CHANGED: 2, Outcome.REMOVED: 1, Outcome.UNCHANGED: 0}
    assert any("1 medlemskap" in note.sentence("sv") for note in plan.notes)
    before = stored()
    uploading.apply(firm.boss, GROUPS, upload, plan.fingerprint)
    with session() as db:
        groups = db.exec(
            select(GroupCategory.name, Group.name, Group.description)
            .join(Group, col(Group.category_id) == col(GroupCategory.id))
            .where(Group.company_id == firm.boss.company_id)
        ).all()
    assert sorted(groups) == [
        ("Division", "Ekonomi", "Löner"),
        ("Kostnadsställe", "2010", "Lokalkontor"),
        ("Kostnadsställe", "2020", ""),
    ]
    result = cells(uploading.document(firm.boss, GROUPS, upload, "result"))
    assert [row[-1] for row in result] == ["Resultat", "Ny", "Ny", "Ändras", "Ändras", "Tas bort"]
    uploading.undo(firm.boss, GROUPS, upload)
    assert stored() == before
    with pytest.raises(Refused, match="undone_already"):
        uploading.undo(firm.boss, GROUPS, upload)
    actions = [entry.action for entry in _log()]
    assert {"upload_applied", "upload_undone", "group.created", "group_category.changed"} <= set(actions)


def _log():
    with session() as db:
        return db.exec(select(AuditEntry).order_by(AuditEntry.id)).all()


def test_categories_of_a_file_may_change_names_with_each_other(firm):
    applied(firm.boss, GROUPS, [("Plats", "Kiruna", "", "", "")])
    before = stored()
    swapped = [
        ("Avdelning", "", "", "Plats", ""),
        ("Plats", "", "", "Avdelning", ""),
        ("Plats", "Kiruna", "Norr", "", ""),
    ]
    upload = applied(firm.boss, GROUPS, swapped)
    with session() as db:
        groups = db.exec(
            select(GroupCategory.name, Group.name, Group.description)
            .join(Group, col(Group.category_id) == col(GroupCategory.id))
            .where(Group.company_id == firm.boss.company_id)
        ).all()
    assert sorted(groups) == [("Avdelning", "Kiruna", "Norr"), ("Plats", "Ekonomi", ""), ("Plats", "Försäljning", "")]
    uploading.undo(firm.boss, GROUPS, upload)
    assert stored() == before


def test_what_a_file_says_is_repeated_as_it_is_written_and_sentences_begin_with_a_capital():
    unknown = Problem(2, "number", "uploads.rows.unknown_number", {"value": "s1"})
    assert unknown.sentence("en").startswith("s1 is none of")
    assert unknown.sentence("sv").startswith("s1 finns inte")
    for language in ("sv", "en"):
        assert Problem(2, "category", "feeds.cell.required").sentence(language)[0].isupper()


def test_memberships_come_change_and_go_and_what_is_left_out_stays(firm):
    before = stored()
    upload = applied(
        firm.boss,
        MEMBERSHIPS,
        [
            ("", "10021", "Avdelning", "Ekonomi", "", "2026-12", ""),
            ("Kundnummer", "10020", "Avdelning", "Ekonomi", "2026-01", "2026-10", ""),
            ("", "10020", "Avdelning", "Försäljning", "2026-11-01", "", ""),
            ("Abonnemang", "S1", "Avdelning", "Försäljning", "2026-01", "2026-06", "Ta bort"),
        ],
    )
    with session() as db:
        found = db.exec(select(GroupMembership).order_by(col(GroupMembership.start_month))).all()
    spans = [(m.customer_number_id, m.group_id, m.start_month, m.end_month) for m in found]
    first, second, _ = (number.id for number in firm.numbers)
    assert spans == [
        (second, firm.finance.id, date(2020, 1, 1), date(2026, 12, 1)),
        (first, firm.finance.id, JANUARY, date(2026, 10, 1)),
        (first, firm.sales.id, date(2026, 11, 1), None),
    ]
    entry = uploading.history(firm.second, MEMBERSHIPS)[0]
    assert (entry.who, entry.own, entry.undoable) == (firm.boss.name, False, True)
    assert entry.counts == {Outcome.CREATED: 2, Outcome.CHANGED: 1, Outcome.REMOVED: 1, Outcome.UNCHANGED: 0}
    # R6: with the same rights, whoever applied it; its files stay its sender's.
    assert uploading.check(firm.second, MEMBERSHIPS, upload).plan is None
    for which in ("original", "result"):
        with pytest.raises(NotFound):
            uploading.document(firm.second, MEMBERSHIPS, upload, which)
    for stranger, refusal in ((firm.partial, NotFound), (firm.foreign, NotFound), (firm.reader, Forbidden)):
        with pytest.raises(refusal):
            uploading.undo(stranger, MEMBERSHIPS, upload)
    half = replace(firm.second, permissions=firm.second.permissions - {Permission.SUBSCRIPTIONS_READ})
    with pytest.raises(Forbidden):
        uploading.undo(half, MEMBERSHIPS, upload)
    uploading.undo(firm.second, MEMBERSHIPS, upload)
    assert stored() == before


def test_a_file_about_a_group_that_gives_access_takes_and_tells_what_its_page_does(firm):
    """U5: *Hantera användare* too, and who gains or loses sight is shown before; also before it is undone."""
    with writing() as db:
        seer = make.user(db, firm.company, "seer@bjorko.example", access_all=False)
        make.grant(db, seer, firm.sales)
    writer = replace(firm.boss, permissions=firm.boss.permissions - {Permission.MANAGE_USERS})
    row = ("", "10021", "Avdelning", "Försäljning", "2026-11", "", "")
    removal = ("Avdelning", "Försäljning", "", "", "Ta bort")
    for kind, rows in ((MEMBERSHIPS, [row]), (GROUPS, [removal])):
        _, refused = checked(writer, kind, rows)
        assert [(p.row, p.column, p.key) for p in refused.problems] == [(2, "group", "grouping.refused.gives_access")]
        assert refused.notes == []
    before = stored()
    upload, plan = checked(firm.boss, MEMBERSHIPS, [row])
    assert [note.sentence("sv") for note in plan.notes] == ["seer får se 10021 från 2026-11."]
    # What is shown counts: once others see it too, the preview is another.
    with pytest.raises(uploading.Changed):
        uploading.apply(firm.boss, MEMBERSHIPS, upload, "another")
    uploading.apply(firm.boss, MEMBERSHIPS, upload, plan.fingerprint)
    with pytest.raises(Refused, match="gives_access"):
        uploading.undo(writer, MEMBERSHIPS, upload)
    with pytest.raises(uploading.Changed) as shown:
        uploading.undo(firm.second, MEMBERSHIPS, upload)
    assert [note.sentence("sv") for note in shown.value.plan.notes] == ["seer ser inte längre 10021 från 2026-11."]
    uploading.undo(firm.second, MEMBERSHIPS, upload, shown.value.plan.fingerprint)
    assert stored() == before


def test_whoever_waits_can_see_how_many_rows_are_done(firm):
    rows = [
        ("Kundnummer", str(number.number), "Avdelning", "Försäljning", "2027-01", "", "") for number in firm.numbers
    ]
    rows.insert(0, ("Kundnummer", "10020", "Avdelning", "Ekonomi", "2026-01", "2026-12", ""))
    upload, plan = checked(firm.boss, MEMBERSHIPS, rows)
    progress, seen = Progress(), []
    write = group_writes.store

    def store(*args):
        seen.append((progress.step, progress.done, progress.of))
        return write(*args)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(group_writes, "store", store)
        watched(progress, uploading.apply, firm.boss, MEMBERSHIPS, upload, plan.fingerprint)
    assert seen == [(Step.CHECK, 4, 4)]
    assert (progress.step, progress.done, progress.of) == (Step.LOG, 4, 4)


def test_what_is_applied_is_what_was_shown_else_there_is_a_new_preview(firm):
    rows = [("Avdelning", "Ekonomi", "Löner", "", "")]
    upload, plan = checked(firm.boss, GROUPS, rows)
    other = applied(firm.second, GROUPS, [("Avdelning", "Ekonomi", "Bokföring", "", "")])
    boss = replace(firm.boss, at=make.NOW + timedelta(minutes=1))
    with pytest.raises(uploading.Changed) as changed:
        uploading.apply(boss, GROUPS, upload, plan.fingerprint)
    assert changed.value.plan.rows[0].fields[0].before == "Bokföring"
    uploading.apply(boss, GROUPS, upload, changed.value.plan.fingerprint)
    with pytest.raises(Refused, match="applied_already"):
        uploading.apply(boss, GROUPS, upload, changed.value.plan.fingerprint)
    with pytest.raises(Refused, match="not_the_last"):
        uploading.undo(firm.second, GROUPS, other)
    uploading.undo(boss, GROUPS, upload)
    assert ("Ekonomi", "Bokföring") in [group[2:] for group in stored()["groups"]]


def test_what_has_been_hung_on_an_upload_since_is_named_and_keeps_it(firm):
    upload = applied(firm.boss, GROUPS, [("Kostnadsställe", "2010", "", "", "")])
    hung = applied(firm.boss, MEMBERSHIPS, [("", "10021", "Kostnadsställe", "2010", "", "", "")])
    with pytest.raises(Refused) as refused:
        uploading.undo(firm.boss, GROUPS, upload)
    assert refused.value.values == {"label": "Kostnadsställe:2010"}
    uploading.undo(firm.boss, MEMBERSHIPS, hung)
    uploading.undo(firm.boss, GROUPS, upload)


def test_one_upload_after_the_other_can_be_undone_though_they_changed_the_same(firm):
    """Once the last is undone the one before it is the last (R6): what came back is what it was, not another row."""
    as_it_was, group = stored(), firm.finance.id
    uploads = [
        (GROUPS, applied(firm.boss, GROUPS, rows))
        for rows in (
            [("Avdelning", "Ekonomi", "Löner", "Lön", ""), ("Kontor", "Gävle", "", "", "")],
            [("Avdelning", "Lön", "Bokföring", "", ""), ("Kontor", "Gävle", "Norr", "", "")],
            [("Avdelning", "Lön", "", "", "Ta bort"), ("Kontor", "", "", "", "Ta bort")],
        )
    ]
    for kind, upload in reversed(uploads):
        uploading.undo(firm.boss, kind, upload)
    assert stored() == as_it_was
    with session() as db:
        again = db.get(Group, group)
        assert (again.name, again.version > firm.finance.version) == ("Ekonomi", True), "who had it open is told"
        assert db.get(GroupMembership, firm.member.id).group_id == group


def test_uploads_of_others_are_not_found_and_take_the_right(firm):
    upload = send(firm.boss, GROUPS, [("Avdelning", "Ny", "", "", "")])
    for stranger in (firm.second, firm.foreign, firm.partial):
        for operation, more in (
            (uploading.check, ()),
            (uploading.apply, ("x",)),
            (uploading.undo, ()),
            (uploading.discard, ()),
            (uploading.document, ("original",)),
        ):
            with pytest.raises(NotFound):
                operation(stranger, GROUPS, upload, *more)
        assert uploading.history(stranger, GROUPS) == []
    with pytest.raises(NotFound):
        uploading.check(firm.boss, MEMBERSHIPS, upload)
    with pytest.raises(NotFound):
        uploading.history(firm.boss, "orders")
    with pytest.raises(Forbidden):
        uploading.template(firm.reader, GROUPS)
    uploading.discard(firm.boss, GROUPS, upload)
    assert uploading.history(firm.boss, GROUPS) == []


def test_of_two_files_applied_at_once_neither_is_lost_and_none_breaks_a_limit(firm):
    """R1: 50 groups in all. Each file alone fits; the second is shown anew, with what is wrong."""
    waiting = []
    for actor, letter in ((firm.boss, "A"), (firm.second, "B")):
        rows = [("Plats", f"{letter}{n}", "", "", "") for n in range(30)]
        upload, plan = checked(actor, GROUPS, rows)
        waiting.append((actor, upload, plan.fingerprint))
    barrier, outcomes = threading.Barrier(2), []

    def go(actor, upload, fingerprint):
        barrier.wait()
        try:
            uploading.apply(actor, GROUPS, upload, fingerprint)
            outcomes.append("applied")
        except uploading.Changed as changed:
            outcomes.append(len(changed.plan.problems))

    threads = [threading.Thread(target=go, args=each) for each in waiting]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes, key=str) == [12, "applied"]
    assert len(stored()["groups"]) == 33


def test_a_failure_in_the_middle_leaves_nothing_and_the_file_as_it_was(firm, monkeypatch):
    before = stored()
    upload, plan = checked(firm.boss, GROUPS, [("Avdelning", "Ny", "", "", "")])
    write = group_writes.store

    def die(*args):
        write(*args)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(group_writes, "store", die)
        with pytest.raises(KeyboardInterrupt):
            uploading.apply(firm.boss, GROUPS, upload, plan.fingerprint)
    assert stored() == before
    uploading.apply(firm.boss, GROUPS, upload, uploading.check(firm.boss, GROUPS, upload).plan.fingerprint)


def test_only_the_latest_unused_files_of_a_person_are_kept(firm):
    for n in range(uploading.WAITING + 2):
        send(firm.boss, GROUPS, [("Avdelning", f"Ny {n}", "", "", "")])
    assert len(uploading.history(firm.boss, GROUPS)) == uploading.WAITING


# --- whatever the file


NAMES = st.sampled_from(["Ekonomi", "Försäljning", "Ny", "=1+1", "åäö 1"])
MONTHS = st.sampled_from(["", "2026-01", "2026-06", "2026-07", "2027-01"])
ACTIONS = st.sampled_from(["", "", "", "Ta bort"])
CATEGORIES, NUMBERS = st.sampled_from(["Avdelning", "Plats"]), st.sampled_from(["10020", "10021", "S1"])
OF_GROUP = st.tuples(CATEGORIES, NAMES | st.just(""), NAMES, st.just("") | NAMES, ACTIONS)
OF_MEMBER = st.tuples(st.just(""), NUMBERS, st.just("Avdelning"), NAMES, MONTHS, MONTHS, ACTIONS)
FILES = st.one_of(
    st.tuples(st.just(kind), st.lists(row, min_size=1, max_size=4), st.booleans())
    for kind, row in ((GROUPS, OF_GROUP), (MEMBERSHIPS, OF_MEMBER))
)


@given(files=st.lists(FILES, min_size=1, max_size=4))
@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_any_upload_that_is_undone_leaves_everything_as_it_was(firm, files):
    with _put_back():
        for kind, rows, undone in files:
            before = stored()
            upload, plan = checked(firm.boss, kind, rows)
            if plan.problems or plan.counts[Outcome.UNCHANGED] == len(plan.rows):
                continue
            uploading.apply(firm.boss, kind, upload, plan.fingerprint)
            _no_two_at_once()
            if undone:
                uploading.undo(firm.boss, kind, upload)
                assert stored() == before


@contextmanager
def _put_back():
    """Each example begins with the same."""
    models = (GroupCategory, Group, GroupMembership)
    with session() as db:
        rows = [
            model(**row.model_dump()) for model in models for row in db.exec(select(model).order_by(model.id)).all()
        ]
    try:
        yield
    finally:
        with writing() as db:
            for model in (Upload, *reversed(models)):
                db.exec(delete(model))
            for row in rows:
                db.add(row)
                db.flush()


def _no_two_at_once():
    with session() as db:
        found = db.exec(select(GroupMembership).order_by(GroupMembership.id)).all()
    for one in found:
        for other in found:
            if one.id < other.id and (one.customer_number_id, one.subscription_id, one.category_id) == (
                other.customer_number_id,
                other.subscription_id,
                other.category_id,
            ):
                assert (one.end_month or date.max) < other.start_month or (
                    other.end_month or date.max
                ) < one.start_month


def test_files_go_after_their_time_and_what_they_did_stays(firm):
    upload = applied(firm.boss, GROUPS, [("Avdelning", "Ny", "", "", "")])
    send(firm.boss, GROUPS, [("Avdelning", "Nyare", "", "", "")])
    later = make.NOW + timedelta(days=91)
    assert purging.purge(replace(staff.command_line("sv"), at=later)).uploads == 2
    (entry,) = uploading.history(firm.boss, GROUPS)
    assert (entry.kept, entry.undoable, entry.counts[Outcome.CREATED]) == (False, False, 1)
    for which in ("original", "result"):
        with pytest.raises(NotFound):
            uploading.document(firm.boss, GROUPS, upload, which)
    with pytest.raises(Refused, match="cannot_undo"):
        uploading.undo(firm.boss, GROUPS, upload)
    assert workbooks.LIMITS.rows > reading.MOST_ROWS


CHILD = """
import os, signal, sys
from datetime import datetime
from selfcare_app.services.access import Actor
from selfcare_app.services.uploads import uploading
from selfcare_app.specs.permissions import Permission

uploading.DatabaseSession.commit = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
company, user, upload, at = (int(each) for each in sys.argv[1:5])
rights = frozenset(Permission)
actor = Actor(name="killed", at=datetime.fromtimestamp(at).astimezone(), company_id=company, user_id=user,
              permissions=rights, access_all=True)
uploading.apply(actor, "groups", upload, sys.argv[5])
"""


def test_a_process_killed_while_it_applies_leaves_nothing_and_the_file_waiting(firm, database):
    before = stored()
    upload, plan = checked(firm.boss, GROUPS, [("Avdelning", "Ny", "", "", ""), ("Avdelning", "Ekonomi", "x", "", "")])
    who = (firm.boss.company_id, firm.boss.user_id, upload, int(make.NOW.timestamp()), plan.fingerprint)
    done = subprocess.run(
        [sys.executable, "-c", CHILD, *map(str, who)],
        env={
            **os.environ,
            "SELFCARE_DATABASE_URL": database.url.render_as_string(hide_password=False),
            "SELFCARE_DATA_DIR": str(config_settings().data_dir),
        },
        capture_output=True,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    assert stored() == before
    (entry,) = uploading.history(firm.boss, GROUPS)
    assert entry.state == uploading.RECEIVED
    uploading.apply(firm.boss, GROUPS, upload, uploading.check(firm.boss, GROUPS, upload).plan.fingerprint)
    assert stored() != before
