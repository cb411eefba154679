"""Many at once by a file (R6): checked row by row, shown, applied all or nothing, undone as a whole."""

from __future__ import annotations

import csv
import io
import os
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import date, timedelta

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import col, select

from selfcare_app.config import settings as config_settings
from selfcare_app.models import AuditEntry, Group, GroupCategory, GroupMembership, Upload, User
from selfcare_app.services import group_writes, purging, staff, workbooks
from selfcare_app.services.access import Forbidden, NotFound, Refused
from selfcare_app.services.database import session, writing
from selfcare_app.services.uploads import reading, uploading
from selfcare_app.services.uploads.kind import Outcome
from selfcare_app.specs.permissions import Role
from selfcare_app.specs.uploads import UPLOADS
from tests import factories as make
from tests.workbooks import book, packed

GROUPS, MEMBERSHIPS = "groups", "group-memberships"
OF_GROUPS = ("Kategori", "Grupp", "Beskrivning", "Nytt namn", "Åtgärd")
OF_MEMBERSHIPS = ("Gäller", "Nummer", "Kategori", "Grupp", "Startmånad", "Slutmånad", "Åtgärd")
JANUARY, JUNE = date(2026, 1, 1), date(2026, 6, 1)


class Firm:
    """A company with two groups of one category, three numbers and a subscription, and people of several kinds."""

    def __init__(self, db):
        company, other = make.company(db), make.company(db, "Sjövik Vård AB", "5560125790")
        self.numbers = [make.customer_number(db, company, str(10020 + n)) for n in range(3)]
        make.customer_number(db, other, "20020")
        self.subscription = make.subscription(db, self.numbers[2], "S1")
        self.finance = make.group(db, company, "Avdelning", "Ekonomi")
        self.sales = make.group(db, company, "Avdelning", "Försäljning")
        make.group(db, other, "Hemligt", "KANARIE")
        self.member = make.member(db, self.finance, self.numbers[0], JANUARY)
        make.member(db, self.sales, self.subscription, JANUARY, JUNE)
        people = {
            "boss": (company, "boss@bjorko.example", Role.SUPERUSER, True),
            "second": (company, "second@bjorko.example", Role.SUPERUSER, True),
            "reader": (company, "reader@bjorko.example", Role.READER, True),
            "partial": (company, "partial@bjorko.example", Role.FINANCE, False),
            "foreign": (other, "boss@sjovik.example", Role.SUPERUSER, True),
        }
        for name, (of, email, role, access_all) in people.items():
            setattr(self, name, make.actor(make.user(db, of, email, role, access_all=access_all)))


@pytest.fixture
def firm(database):
    with writing() as db:
        return Firm(db)


def send(actor, kind, rows):
    """As CSV, which takes a twentieth of the time that a workbook takes."""
    headings = OF_GROUPS if kind == GROUPS else OF_MEMBERSHIPS
    made = io.StringIO()
    csv.writer(made, delimiter=";").writerows([headings, *rows])
    return uploading.receive(actor, kind, "fil.csv", made.getvalue().encode())


def checked(actor, kind, rows):
    upload = send(actor, kind, rows)
    return upload, uploading.check(actor, kind, upload).plan


def applied(actor, kind, rows):
    upload, plan = checked(actor, kind, rows)
    assert not plan.problems, told(plan)
    uploading.apply(actor, kind, upload, plan.fingerprint)
    return upload


def told(plan, language="sv"):
    return [(problem.row, problem.column, problem.sentence(language)) for problem in plan.problems]


def stored():
    """What there is, by name: what is undone comes back under another id."""
    with session() as db:
        categories = {row.id: row for row in db.exec(select(GroupCategory)).all()}
        groups = {row.id: (categories[row.category_id].name, row.name, row) for row in db.exec(select(Group)).all()}
        return {
            "categories": sorted((row.company_id, row.name, row.description) for row in categories.values()),
            "groups": sorted((row.company_id, *name, row.description) for *name, row in groups.values()),
            "memberships": sorted(
                str(
                    (
                        groups[row.group_id][:2],
                        row.customer_number_id,
                        row.subscription_id,
                        row.start_month,
                        row.end_month,
                    )
                )
                for row in db.exec(select(GroupMembership)).all()
            ),
        }


def cells(file):
    sheet = openpyxl.load_workbook(io.BytesIO(file.content)).worksheets[0]
    return [[cell or "" for cell in row] for row in sheet.iter_rows(values_only=True)]


# --- the template


@pytest.mark.parametrize("kind", UPLOADS)
def test_the_template_sent_in_unchanged_changes_nothing(firm, kind):
    template = uploading.template(firm.boss, kind)
    upload = uploading.receive(firm.boss, kind, template.name, template.content)
    plan = uploading.check(firm.boss, kind, upload).plan
    assert not plan.problems
    assert plan.counts[Outcome.UNCHANGED] == len(plan.rows) > 1
    with pytest.raises(Refused, match="nothing_to_do"):
        uploading.apply(firm.boss, kind, upload, plan.fingerprint)


def test_the_template_has_lists_to_choose_from_instructions_and_no_formula(firm):
    with writing() as db:
        db.get(Group, firm.sales.id).description = "=1+1"
    of_groups = openpyxl.load_workbook(io.BytesIO(uploading.template(firm.boss, GROUPS).content))
    assert [cell.value for cell in of_groups["Grupper"][4]][:3] == ["Avdelning", "Försäljning", "=1+1"]
    assert of_groups["Grupper"]["C4"].data_type == "s"
    made = openpyxl.load_workbook(io.BytesIO(uploading.template(firm.boss, MEMBERSHIPS).content))
    assert made.sheetnames == ["Medlemskap", "Listor", "Så här gör du"]
    assert made["Listor"].sheet_state == "hidden"
    rules = {str(rule.sqref): rule.formula1 for rule in made["Medlemskap"].data_validations.dataValidation}
    lists = made["Listor"]
    offered = {
        place[0]: [lists.cell(row + 1, at + 1).value for row in range(int(formula.rpartition("$")[2]))]
        for at, (place, formula) in enumerate(rules.items())
    }
    assert offered == {
        "A": ["Kundnummer", "Abonnemang"],
        "C": ["Avdelning"],
        "D": ["Ekonomi", "Försäljning"],
        "G": ["Ta bort"],
    }
    assert [row[0].value for row in made["Så här gör du"]][-1] == "Åtgärd: Ta bort, eller tom."


def test_a_template_holds_only_what_its_reader_sees(firm):
    with writing() as db:
        make.grant(db, db.get(User, firm.partial.user_id), firm.numbers[2])
    rows = cells(uploading.template(firm.partial, MEMBERSHIPS))[1:]
    assert rows == [["Abonnemang", "S1", "Avdelning", "Försäljning", "2026-01", "2026-06", ""]]


# --- checking


def test_every_problem_is_told_at_once_by_the_files_own_rows_and_headings(firm):
    _, plan = checked(
        firm.boss,
        MEMBERSHIPS,
        [
            ("", "10021", "Avdelning", "Ekonomi", "2026-02", "", ""),
            (),
            ("", "20020", "Avdelning", "Ekonomi", "", "", ""),
            ("", "10021", "Avdelning", "Ekonomi", "februari", "2026-13", ""),
            ("", "10021", "Hemligt", "KANARIE", "", "", ""),
            ("", "10020", "avdelning", "FÖRSÄLJNING", "2026-03", "", ""),
            ("Abonnemang", "10021", "Avdelning", "", "2026-03", "", "Radera"),
            ("", "10022", "Avdelning", "Ekonomi", "2019-12", "", ""),
            ("", "10022", "Avdelning", "Försäljning", "2026-05", "2026-04", ""),
            ("", "10021", "Avdelning", "Ekonomi", "2026-02", "2026-03", ""),
            ("", "S1", "Avdelning", "Ekonomi", "2026-07", "", "ta bort"),
        ],
    )
    found = told(plan)
    assert [(row, column) for row, column, _ in found] == [
        (4, "number"),
        (5, "start"),
        (6, "group"),
        (7, "start"),
        (8, "action"),
        (9, "start"),
        (10, "end"),
        (11, ""),
        (12, "start"),
    ]
    sentences = {row: sentence for row, _, sentence in found}
    assert sentences[4] == "20020 finns inte bland de kundnummer och abonnemang som du ser."
    assert "Avdelning:Ekonomi 2026-01" in sentences[7] or "Avdelning:Ekonomi från 2026-01" in sentences[7]
    assert sentences[11] == "Samma sak står också på rad 2. Ta bort den ena."
    assert all(sentence.endswith(".") for sentence in sentences.values())
    assert not set(told(plan, "en")) & set(found)


def test_the_file_comes_back_with_its_problems_and_can_be_sent_in_again(firm):
    before = stored()
    rows = [("Avdelning", "Ny", "", "", "Radera"), (), ("", "Utan", "", "", ""), ("Avdelning", "Bra", "", "", "")]
    upload, plan = checked(firm.boss, GROUPS, rows)
    back = uploading.document(firm.boss, GROUPS, upload, "problems")
    made = cells(back)
    assert made[0] == [*OF_GROUPS, "Fel"]
    assert made[1][-1].startswith("Åtgärd: ”Radera” finns inte")
    assert made[2] == [""] * 6
    assert made[3][-1] == "Kategori: Ett värde måste anges."
    assert made[4][-1] == ""
    with pytest.raises(uploading.Changed):
        uploading.apply(firm.boss, GROUPS, upload, plan.fingerprint)
    assert stored() == before
    again = uploading.receive(firm.boss, GROUPS, back.name, back.content)
    assert told(uploading.check(firm.boss, GROUPS, again).plan) == told(plan)


HOSTILE = {
    "text": (b"\0\1\2", "file.not_text"),
    "a pdf by another name": (b"%PDF-1.7\n%\xff\xff\n", "not_a_workbook"),
    "an old or encrypted workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4096), "old_or_encrypted"),
    "half a workbook": (packed()[:600], "damaged"),
    "macros": (packed(but={"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0"}), "macros"),
    "a bomb": (packed(" " * 20_000_000), "bomb"),
    "a document type": (packed(but={"xl/styles.xml": "<!DOCTYPE x [<!ENTITY a 'b'>]><x/>"}), "dtd"),
    "a cell far away": (packed('<row r="1"><c r="XFD1048576"><v>1</v></c></row>'), "far_cell"),
    "other headings": (book([("Namn", "Ort"), ("a", "b")]), "unknown_heading"),
    "headings alone": (book([OF_GROUPS]), "no_rows"),
    "too much": (bytes(reading.MAX_BYTES + 1), "too_big"),
}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_hostile_files_are_refused_with_a_sentence_and_nothing_is_kept(firm):
    for what, (content, key) in HOSTILE.items():
        name = "fil.csv" if what == "text" else "fil.xlsx"
        with pytest.raises(Refused) as refused:
            uploading.receive(firm.boss, GROUPS, name, content)
        assert refused.value.key.endswith(key), (what, refused.value.key)
    with session() as db:
        assert db.exec(select(Upload)).all() == []


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
        return db.exec(select(AuditEntry)).all()


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
    assert (entry.who, entry.own, entry.undoable) == (firm.boss.name, False, False)
    assert entry.counts == {Outcome.CREATED: 2, Outcome.CHANGED: 1, Outcome.REMOVED: 1, Outcome.UNCHANGED: 0}
    uploading.undo(firm.boss, MEMBERSHIPS, upload)
    assert stored() == before


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


@given(data=st.data())
@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_any_upload_that_is_undone_leaves_everything_as_it_was(firm, data):
    names = st.sampled_from(["Ekonomi", "Försäljning", "Ny", "=1+1", "åäö 1"])
    months = st.sampled_from(["", "2026-01", "2026-06", "2026-07", "2027-01"])
    action = st.sampled_from(["", "", "", "Ta bort"])
    category, number = st.sampled_from(["Avdelning", "Plats"]), st.sampled_from(["10020", "10021", "S1"])
    of_group = st.tuples(category, names | st.just(""), names, st.just("") | names, action)
    of_member = st.tuples(st.just(""), number, category, names, months, months, action)
    for _ in range(data.draw(st.integers(1, 4))):
        kind, row = data.draw(st.sampled_from([(GROUPS, of_group), (MEMBERSHIPS, of_member)]))
        before = stored()
        upload, plan = checked(firm.boss, kind, data.draw(st.lists(row, min_size=1, max_size=4)))
        if plan.problems or plan.counts[Outcome.UNCHANGED] == len(plan.rows):
            continue
        uploading.apply(firm.boss, kind, upload, plan.fingerprint)
        _no_two_at_once()
        if data.draw(st.booleans()):
            uploading.undo(firm.boss, kind, upload)
            assert stored() == before


def _no_two_at_once():
    with session() as db:
        found = db.exec(select(GroupMembership)).all()
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
