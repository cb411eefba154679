"""Workbooks nobody trusts: read as plain texts or refused with one sentence, and the process lives (quality.md,
Safety 10)."""

import os
import struct
import threading
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from selfcare_app.locales import LANGUAGES, text
from selfcare_app.services import workbook_child, workbooks
from selfcare_app.services.workbooks import Limits, WorkbookError, read
from tests.workbooks import BOOK, HEADINGS, MAIN, RELATIONS, TYPES, archive, book, packed, saved, sheet
from tests.workbooks import text_cell as cell

MEGABYTE = 1_000_000
DOCTYPE = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "lol">{}]>'
LAUGHS = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
MANY_CELLS = "".join(
    f'<row r="{n}">' + "".join(f'<c r="{column}{n}" t="s"><v>0</v></c>' for column in "ABCDEFGHIJ") + "</row>"
    for n in range(1, 10_001)
)


def renamed(content: bytes, old: bytes, new: bytes) -> bytes:
    """The archive with a part's name written over, in its directory and before the part."""
    assert len(old) == len(new)
    return content.replace(old, new)


def encrypted_part() -> bytes:
    """The flag that says that parts are encrypted."""
    content = bytearray(packed())
    for mark, place in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        at = -1
        while (at := content.find(mark, at + 1)) >= 0:
            content[at + place] |= 1
    return bytes(content)


def liar() -> bytes:
    """A directory that says of a part of 5 MB that it has 10 bytes."""
    part = os.urandom(5 * MEGABYTE)
    content = bytearray(packed(but={"xl/media/image1.png": part}))
    size = struct.pack("<I", len(part))
    while (at := content.find(size)) >= 0:
        content[at : at + 4] = struct.pack("<I", 10)
    return bytes(content)


def several_sheets(hidden: bool = False) -> bytes:
    made = openpyxl.Workbook()
    made.active.append(["a", "b"])
    other = made.create_sheet("Val")
    other.append(["x"])
    made.create_sheet("Tomt")
    other.sheet_state = "hidden" if hidden else "visible"
    return saved(made)


def unusual(part: str) -> bytes:
    return packed(but={"xl/worksheets/sheet1.xml": part.encode("utf-16")})


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "nothing": (lambda: b"", "not_a_workbook"),
    "text": (lambda: b"a;b\n1;2\n", "not_a_workbook"),
    "a web page": (lambda: b"<html><table><tr><td>a</td></tr></table></html>", "not_a_workbook"),
    "a pdf": (lambda: b"%PDF-1.7\n", "not_a_workbook"),
    "an old or encrypted workbook": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4096), "old_or_encrypted"),
    "an archive with a password": (lambda: encrypted_part(), "encrypted"),
    "the first half": (lambda: packed()[: len(packed()) // 2], "damaged"),
    "all but the end": (lambda: packed()[:-10], "damaged"),
    "a hole in the middle": (lambda: packed()[:600] + bytes(200) + packed()[800:], "damaged"),
    "only the first bytes": (lambda: b"PK\x03\x04", "damaged"),
    "an empty archive": (lambda: archive({}), "not_a_workbook"),
    "an archive of other things": (lambda: archive({"a.txt": "a"}), "not_a_workbook"),
    "a text document": (
        lambda: packed(but={"[Content_Types].xml": TYPES.replace("spreadsheetml.sheet", "wordprocessingml.document")}),
        "not_a_workbook",
    ),
    "a binary workbook": (lambda: packed(but={"xl/workbook.bin": b"\x83\x01"}), "not_a_workbook"),
    "no sheet": (lambda: packed(but={"xl/worksheets/sheet1.xml": None}), "damaged"),
    "no list of sheets": (lambda: packed(but={"xl/workbook.xml": None}), "damaged"),
    "a list of sheets that is no XML": (lambda: packed(but={"xl/workbook.xml": "<workbook><sheets"}), "damaged"),
    "macros": (lambda: packed(but={"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0"}), "macros"),
    "macros under another name": (
        lambda: packed(
            but={
                "[Content_Types].xml": TYPES.replace(
                    "openxmlformats-officedocument.spreadsheetml.sheet.main", "ms-excel.sheet.macroEnabled.main"
                )
            }
        ),
        "macros",
    ),
    "macros of 1992": (lambda: packed(but={"xl/macrosheets/sheet1.xml": sheet("")}), "macros"),
    "a bomb in the sheet": (lambda: packed(HEADINGS + " " * 20 * MEGABYTE), "bomb"),
    "a bomb beside the sheet": (lambda: packed(but={"xl/media/image1.png": bytes(60 * MEGABYTE)}), "bomb"),
    "huge shared strings": (
        lambda: packed(but={"xl/sharedStrings.xml": f"<sst><si><t>{'å' * 40 * MEGABYTE}</t></si></sst>"}),
        "bomb",
    ),
    "one long text in many cells": (
        lambda: packed(
            MANY_CELLS,
            but={
                "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}" count="1"><si><t>'
                + os.urandom(400_000).hex()
                + "</t></si></sst>"
            },
        ),
        "too_heavy",
    ),
    "too many parts": (lambda: packed(but={f"xl/media/{n}": b"" for n in range(1001)}), "too_many_parts"),
    "a size that is a lie": (lambda: liar(), "damaged"),
    "two parts of one name": (
        lambda: renamed(packed(but={"xl/worksheets/sheet2.xml": sheet("")}), b"sheet2.xml", b"SHEET1.xml"),
        "damaged",
    ),
    "the last cell there is": (
        lambda: packed(HEADINGS + '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'),
        "far_cell",
    ),
    "a cell far to the right": (lambda: packed(f'<row r="1">{cell("A1", "a")}{cell("XFD1", "b")}</row>'), "far_cell"),
    "a cell far down": (lambda: packed(HEADINGS + f'<row r="1048576">{cell("A1048576", "x")}</row>'), "far_cell"),
    "a cell far away, written otherwise": (
        lambda: packed(HEADINGS + "<row r = '1048576'><c r = 'XFD1048576'><v>1</v></c></row>"),
        "too_heavy",
    ),
    "a cell rather far to the right": (
        lambda: packed(f'<row r="1">{cell("A1", "a")}{cell("ZZ1", "b")}</row>'),
        "too_many_columns",
    ),
    "a cell rather far down": (
        lambda: packed(HEADINGS + f'<row r="999999">{cell("A999999", "x")}</row>'),
        "too_many_rows",
    ),
    "cells rather far down and to the right": (
        lambda: packed(HEADINGS + f'<row r="999999">{cell("ZZ999999", "x")}</row>'),
        "too_heavy",
    ),
    "an external entity": (
        lambda: packed(but={"xl/workbook.xml": DOCTYPE.format('<!ENTITY x SYSTEM "file:///etc/passwd">') + BOOK}),
        "dtd",
    ),
    "an entity in the sheet": (
        lambda: packed(but={"xl/worksheets/sheet1.xml": DOCTYPE.format("") + sheet(HEADINGS).partition("?>")[2]}),
        "dtd",
    ),
    "a thousand million laughs": (
        lambda: packed(
            but={"xl/sharedStrings.xml": f'<!DOCTYPE x [<!ENTITY a0 "ha">{LAUGHS}]><sst><si><t>&a9;</t></si></sst>'}
        ),
        "dtd",
    ),
    "a document type in the relations": (
        lambda: packed(but={"_rels/.rels": "<!doctype x>" + RELATIONS.format("")}),
        "dtd",
    ),
    "a document type far down in a part": (
        lambda: packed(
            but={"docProps/app.xml": "<a>" + os.urandom(MEGABYTE).hex() + '<!DOCTYPE a SYSTEM "http://x.example/"></a>'}
        ),
        "dtd",
    ),
    "a document type in another encoding": (lambda: unusual(DOCTYPE.format("") + sheet(HEADINGS)), "encoding"),
    "another encoding": (
        lambda: packed(but={"xl/workbook.xml": f'<?xml version="1.0" encoding="UTF-7"?>{BOOK}'}),
        "encoding",
    ),
    "an error value": (lambda: packed(HEADINGS + '<row r="2"><c r="B2" t="e"><v>#N/A</v></c></row>'), "error_value"),
    "a formula that was never worked out": (
        lambda: packed(HEADINGS + '<row r="2"><c r="B2"><f>A1+1</f><v></v></c></row>'),
        "formula",
    ),
    "several sheets": (lambda: several_sheets(), "several_sheets"),
    "nothing in the sheets": (lambda: book([]), "empty"),
    "only blanks in the sheet": (lambda: book([["", None]]), "empty"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_workbook_is_refused_with_one_sentence_and_the_process_lives(name):
    made, expected = HOSTILE[name]
    content = made()
    with pytest.raises(WorkbookError) as refused:
        read(content)
    assert refused.value.key == f"workbooks.{expected}"
    for language in LANGUAGES:
        sentence = text(language, refused.value.key, **refused.value.values)
        assert sentence.endswith(".")
        assert "{" not in sentence
        assert sentence.isprintable()
    assert read(packed()) == [(1, ["a", "b"])]


@pytest.mark.parametrize(
    ("content", "limits", "expected"),
    [
        (packed(), Limits(packed=100), "too_big"),
        (packed(but={"xl/media/image1.png": os.urandom(3 * MEGABYTE)}), Limits(unpacked=2 * MEGABYTE), "bomb"),
        (packed(but={f"xl/media/{n}.png": bytes(MEGABYTE) for n in range(9)}), Limits(unpacked=5 * MEGABYTE), "bomb"),
        (packed(but={"xl/media/1.png": os.urandom(9 * MEGABYTE)}), Limits(memory=40 * MEGABYTE), "too_heavy"),
        (packed(), Limits(seconds=0), "too_heavy"),
        (book([["a" * 1000]]), Limits(answer=500), "too_heavy"),
        (book([["a"]] * 11), Limits(rows=10), "too_many_rows"),
        (book([["a"] * 11]), Limits(columns=10), "too_many_columns"),
    ],
)
def test_each_limit_holds(content, limits, expected):
    with pytest.raises(WorkbookError) as refused:
        read(content, limits)
    assert refused.value.key == f"workbooks.{expected}"


def test_a_child_that_hangs_is_killed(monkeypatch, tmp_path):
    child = tmp_path / "child.py"
    child.write_text("import time\ntime.sleep(600)\n")
    monkeypatch.setattr(workbooks, "_CHILD", child)
    monkeypatch.setattr(workbooks, "_PATIENCE", 0.2)
    with pytest.raises(WorkbookError) as refused:
        read(packed(), Limits(seconds=1))
    assert refused.value.key == "workbooks.too_heavy"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("print('{')", "damaged"),
        ("print('{\"rows\": [[1, [[]]]]}'); print('{\"done\": true}')", "damaged"),
        ('print(\'{"rows": [[1, ["a"]]]}\')', "damaged"),
        ("print('[]')", "damaged"),
        ("print('x' * 1000)", "damaged"),
        ("", "too_heavy"),
        ("raise SystemExit(3)", "too_heavy"),
    ],
)
def test_what_the_child_says_is_believed_only_when_it_has_the_right_shape(monkeypatch, tmp_path, said, expected):
    child = tmp_path / "child.py"
    child.write_text(said)
    monkeypatch.setattr(workbooks, "_CHILD", child)
    with pytest.raises(WorkbookError) as refused:
        read(packed())
    assert refused.value.key == f"workbooks.{expected}"


def test_the_child_gets_neither_the_environment_nor_open_files(monkeypatch, tmp_path):
    child = tmp_path / "child.py"
    child.write_text(
        "import json, os\n"
        "open_ = [fd for fd in range(3, 200) if os.path.exists(f'/proc/self/fd/{fd}')]\n"
        "print(json.dumps({'rows': [[1, [*os.environ, str(open_)]]]}))\nprint('{\"done\": true}')\n"
    )
    monkeypatch.setattr(workbooks, "_CHILD", child)
    with (tmp_path / "secret").open("w") as secret:
        os.set_inheritable(secret.fileno(), True)
        ((_, said),) = read(packed())
    assert said[-1] == "[]"
    assert set(said[:-1]) <= {"LC_CTYPE"}


def test_cells_become_the_texts_that_a_csv_file_would_hold():
    made = openpyxl.Workbook()
    row = {
        "number": (10023, "10023"),
        "number with a point": (10023.0, "10023"),
        "decimals": (229.9, "229.9"),
        "what floats make of a sum": (0.1 + 0.2, "0.3"),
        "negative": (-25, "-25"),
        "a phone number": (46701740605, "46701740605"),
        "more digits than are kept": (8946203800000010243, "8.94620380000001E+18".lower()),
        "date": (date(2026, 11, 22), "2026-11-22"),
        "midnight": (datetime(2026, 11, 22), "2026-11-22"),  # noqa: DTZ001  a spreadsheet knows no zone
        "moment": (datetime(2026, 11, 22, 10, 30), "2026-11-22 10:30:00"),  # noqa: DTZ001
        "time": (time(10, 30), "10:30:00"),
        "duration": (timedelta(hours=30), "30:00:00"),
        "true": (True, "TRUE"),
        "false": (False, "FALSE"),
        "text": ("07 å", "07 å"),
        "text of digits": ("0701740605", "0701740605"),
        "nothing": (None, ""),
        "escaped": ("<&>", "<&>"),
        "two lines": ("a\nb", "a\nb"),
    }
    made.active.append([value for value, _ in row.values()] + ["x"])
    ((number, cells),) = read(saved(made))
    assert number == 1
    assert dict(zip(row, cells, strict=False)) == {name: expected for name, (_, expected) in row.items()}


def test_a_workbook_that_counts_days_from_1904_has_the_same_dates():
    made = openpyxl.Workbook()
    made.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    made.active.append([date(2026, 11, 22)])
    assert read(saved(made)) == [(1, ["2026-11-22"])]


def test_a_formula_gives_the_value_that_was_saved():
    rows = (
        '<row r="1"><c r="A1"><f>1+1</f><v>2</v></c><c r="B1" t="str"><f>""</f><v></v></c>'
        '<c r="C1" t="str"><f>"a"</f><v>a</v></c></row>'
    )
    assert read(packed(rows)) == [(1, ["2", "", "a"])]


def test_rows_keep_the_sheets_own_numbers_and_empty_ones_are_left_out():
    made = openpyxl.Workbook()
    made.active["B3"], made.active["C3"], made.active["C7"] = "a", "b", "c"
    assert read(saved(made)) == [(3, ["a", "b"]), (7, ["", "c"])]


def test_hidden_and_empty_sheets_are_passed_over():
    assert read(several_sheets(hidden=True)) == [(1, ["a", "b"])]


def test_the_sheets_are_named_when_there_are_several():
    with pytest.raises(WorkbookError) as refused:
        read(several_sheets())
    assert refused.value.values == {"first": "Sheet", "second": "Val"}


def test_the_cell_is_named_that_can_not_be_read():
    for name, place in (
        ("an error value", "B2"),
        ("a formula that was never worked out", "B2"),
        ("a cell far down", "1048576"),
    ):
        with pytest.raises(WorkbookError) as refused:
            read(HOSTILE[name][0]())
        assert refused.value.values == {"cell": place}


def test_many_at_once_are_read_one_after_the_other():
    made: list[object] = []
    threads = [threading.Thread(target=lambda: made.append(read(packed()))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == [[(1, ["a", "b"])]] * 6


def test_nothing_unpickles_what_comes_back():
    source = Path(workbooks.__file__).read_text() + Path(workbook_child.__file__).read_text()
    assert not any(word in source for word in ("pickle", "marshal", "eval(", "shelve"))


@settings(deadline=None, max_examples=10, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_no_workbook_with_bytes_changed_does_more_than_be_read_or_refused(data):
    content = bytearray(packed())
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(4, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        rows = read(bytes(content))
    except WorkbookError as error:
        said = text("sv", error.key, **error.values)
    else:
        said = "".join(cell for _, cells in rows for cell in cells)
    assert said


def test_of_several_sheets_the_one_that_is_asked_for_is_read():
    assert read(several_sheets(), sheets=["Val"]) == [(1, ["x"])]
    with pytest.raises(WorkbookError) as refused:
        read(several_sheets(), sheets=["Medlemskap"])
    assert refused.value.key == "workbooks.several_sheets"
