"""The template of an upload, and what of a file can be taken (R6; quality.md, Safety 10)."""

from __future__ import annotations

import io

import openpyxl
import pytest
from sqlmodel import select

from selfcare_app.models import Group, Upload, User
from selfcare_app.services.access import Refused
from selfcare_app.services.database import session, writing
from selfcare_app.services.uploads import reading, uploading
from selfcare_app.services.uploads.kind import Outcome
from selfcare_app.specs.uploads import UPLOADS
from tests import factories as make
from tests.uploads import (
    GROUPS,
    MEMBERSHIPS,
    OF_GROUPS,
    Firm,
    cells,
    checked,
    stored,
    told,
)
from tests.workbooks import book, packed


@pytest.fixture
def firm(database):
    with writing() as db:
        return Firm(db)


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
            ("", "S1", "Avdelning", "Ekonomi", "2026-01", "2026-06", ""),
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
        (13, "group"),
    ]
    sentences = {row: sentence for row, _, sentence in found}
    assert sentences[4] == "20020 finns inte bland de kundnummer och abonnemang som du ser."
    assert "Avdelning:Ekonomi 2026-01" in sentences[7] or "Avdelning:Ekonomi från 2026-01" in sentences[7]
    # Only the group was written anew: whether it changes or was wrong has to be said.
    assert "Hör redan till Avdelning:Försäljning från samma månad." in sentences[13]
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
        assert db.exec(select(Upload).order_by(Upload.id)).all() == []
