"""Many at once by a file (R6): sent in with three bad rows, put right, applied, undone."""

from __future__ import annotations

import io
import re
from pathlib import Path

import openpyxl
from playwright.sync_api import expect

from tests.browser.conftest import PHONE
from tests.workbooks import saved

PAGE = "/group-memberships/upload"


def saved_file(person, click) -> bytes:
    with person.page.expect_download() as coming:
        click()
    return Path(coming.value.path()).read_bytes()


def send(person, name, content):
    person.page.get_by_label(person.say("uploads.page.choose"), exact=True).set_input_files(
        {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    )


def test_a_file_with_bad_rows_is_put_right_applied_and_undone(enter, complaints):
    complaints.allow("status of 422", "a file that is none is refused")
    boss = enter("superuser@sjovik.example")
    boss.go(PAGE)
    expect(boss.heading("uploads.group_memberships.title")).to_be_visible()
    send(boss, "bild.xlsx", b"%PDF-1.7")
    expect(boss.page.get_by_role("alert")).to_have_text(boss.say("workbooks.not_a_workbook"))

    book = openpyxl.load_workbook(io.BytesIO(saved_file(boss, boss.link("uploads.page.template").click)))
    sheet = book.worksheets[0]
    present = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2) if row[5].value is None]
    kind, number, category, group, start, *_ = present[0]
    old = next(
        at for at, row in enumerate(sheet.iter_rows(min_row=2), 2) if [c.value for c in row][:5] == present[0][:5]
    )
    sheet.cell(old, 6, "2026-13")
    last = sheet.max_row
    for at, row in enumerate(
        ([None, "99999", category, group, start], [kind, number, "Ingen sådan", group, start]), last + 1
    ):
        for column, value in enumerate(row, 1):
            sheet.cell(at, column, value)
    send(boss, "med fel.xlsx", saved(book))
    expect(boss.heading("uploads.page.problems_title", level=2)).to_be_visible()
    expect(boss.page).to_have_url(re.compile(r"\?upload=\d+$"))
    problems = boss.page.get_by_role("table", name=boss.say("uploads.page.problems_title")).get_by_role("row")
    expect(problems).to_have_count(4)
    for at, row in enumerate((old, last + 1, last + 2), 1):
        expect(problems.nth(at).get_by_role("cell").first).to_have_text(str(row))
    boss.page.reload()
    expect(problems).to_have_count(4)

    back = openpyxl.load_workbook(io.BytesIO(saved_file(boss, boss.link("uploads.page.problems_file").click)))
    sheet = back.worksheets[0]
    assert [row for row in range(2, last + 3) if sheet.cell(row, 8).value] == [old, last + 1, last + 2]
    sheet.cell(old, 6, start)
    sheet.delete_rows(last + 1, 2)
    send(boss, "rättad.xlsx", saved(back))
    expect(boss.heading("uploads.page.preview_title", level=2)).to_be_visible()
    preview = boss.page.get_by_role("table", name=boss.say("uploads.page.preview_title")).get_by_role("row")
    expect(preview).to_have_count(2)
    expect(preview.nth(1)).to_contain_text(f"{boss.say('uploads.page.until_further')} → {start}")
    boss.page.set_viewport_size(PHONE)
    boss.button("uploads.page.apply").dblclick()
    expect(boss.heading("uploads.page.applied_title", level=2)).to_be_visible()
    history = boss.page.get_by_role("table", name=boss.say("uploads.page.history")).get_by_role("row")
    expect(history.nth(1)).to_contain_text(boss.say("uploads.states.applied"))

    result = openpyxl.load_workbook(io.BytesIO(saved_file(boss, boss.link("uploads.page.result_file").click)))
    outcomes = [row[-1] for row in result.worksheets[0].iter_rows(min_row=2, values_only=True)]
    assert outcomes.count(boss.say("uploads.outcomes.changed")) == 1
    boss.button("uploads.page.undo").dblclick()
    expect(boss.heading("uploads.page.undone_title", level=2)).to_be_visible()
    expect(history.nth(1)).to_contain_text(boss.say("uploads.states.undone"))

    address = boss.page.url.removeprefix(boss.portal.url)
    other = enter("superuser@bjorko.example")
    other.go(address)
    expect(other.heading("uploads.page.missing_title", level=2)).to_be_visible()
    reader = enter("reader@bjorko.example")
    reader.go(PAGE)
    expect(reader.heading("lists.forbidden.title", level=2)).to_be_visible()
