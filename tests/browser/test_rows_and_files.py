"""Columns, chosen rows and files (L2, L3, L7): what one sees is what one gets."""

from __future__ import annotations

import csv
import io
import re
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import expect

LIST = "/customer-numbers"
COLUMNS = ("number", "name", "type", "status", "opened", "subscriptions", "groups")


def downloaded(person, click) -> Path:
    """The file that a click brings, under the name the browser gives it."""
    with person.page.expect_download() as coming:
        click()
    assert coming.value.failure() is None
    assert coming.value.suggested_filename.startswith(person.say("lists.customer_numbers.title"))
    return Path(coming.value.path())


def csv_rows(path: Path) -> list[list[str]]:
    """Heading and rows of a CSV as Swedish Excel opens it."""
    content = path.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))


def xlsx_rows(path: Path) -> list[list[str]]:
    """Heading and rows of a workbook, as texts; a formula in it fails."""
    sheet = openpyxl.load_workbook(io.BytesIO(path.read_bytes())).worksheets[0]
    assert not [cell.coordinate for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    return [[_as_shown(value) for value in row] for row in sheet.iter_rows(values_only=True)]


def _as_shown(value) -> str:
    """What a spreadsheet shows for a cell's value."""
    if isinstance(value, datetime):
        return value.date().isoformat()
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def screen_rows(person) -> list[list[str]]:
    """Heading and rows as drawn, with what stands for nothing taken away; grouped figures without their blanks."""
    drawn = person.page.evaluate(
        """() => [...document.querySelectorAll("[role=table] [role=row]")].map((row) =>
             [...row.children].slice(1, -1).map((cell) => cell.textContent.trim()))"""
    )
    return [[("" if cell == "–" else cell).replace("\u00a0", "") for cell in row] for row in drawn]


def entry(person, kind: str):
    """Open the page's export menu and find the entry."""
    person.button("lists.export").click()
    return person.entry(f"lists.export_{kind}")


@pytest.mark.parametrize("language", ["sv", "en"])
def test_files_hold_what_the_screen_shows(enter, language):
    person = enter("approver2@bjorko.example")
    person.go(LIST)
    if language == "en":
        person.button("frame.switch_language").click()
        person.language = "en"
        expect(person.heading("lists.customer_numbers.title")).to_be_visible()
    person.go(f"{LIST}?tab=active&sort=-name&type=mobile,mixed")
    person.sees(["10027", "10024", "10023", "10031"])
    shown = screen_rows(person)
    assert shown[0] == [person.say(f"lists.columns.{column}") for column in COLUMNS]
    assert csv_rows(downloaded(person, entry(person, "csv").click)) == shown
    person.page.keyboard.press("Escape")
    assert xlsx_rows(downloaded(person, entry(person, "xlsx").click)) == shown
    # The page goes on living after a download.
    person.search.fill("mark")
    person.sees(["10024"])
    if language == "en":
        person.button("frame.switch_language").click()
        person.language = "sv"
        expect(person.heading("lists.customer_numbers.title")).to_be_visible()


def test_a_hidden_column_stays_hidden_after_reload_and_elsewhere_and_is_in_the_file_all_the_same(enter, large):
    person = enter(large.email, large.password)
    person.go(LIST)
    expect(person.heads("opened")).to_be_visible()
    person.button("lists.columns_button").click()
    choice = person.page.get_by_role("menuitemcheckbox", name=person.say("lists.columns.opened"))
    expect(choice).to_have_attribute("aria-checked", "true")
    choice.click()
    expect(choice).to_have_attribute("aria-checked", "false")
    person.page.keyboard.press("Escape")
    expect(person.heads("opened")).to_have_count(0)
    expect(person.heads("name")).to_be_visible()
    person.page.reload()
    person.arrived()
    expect(person.numbers.first).to_be_visible()
    expect(person.heads("opened")).to_have_count(0)
    elsewhere = enter(large.email, large.password)
    elsewhere.go(f"{LIST}?q={large.numbers[9]}")
    elsewhere.sees([large.numbers[9]])
    expect(elsewhere.heads("opened")).to_have_count(0)
    rows = csv_rows(downloaded(elsewhere, entry(elsewhere, "csv").click))
    assert rows[0] == [elsewhere.say(f"lists.columns.{column}") for column in COLUMNS]
    assert rows[1][4] == next(row[3] for row in large.rows if row[0] == large.numbers[9])
    elsewhere.page.keyboard.press("Escape")
    elsewhere.button("lists.columns_button").click()
    elsewhere.page.get_by_role("menuitemcheckbox", name=elsewhere.say("lists.columns.opened")).click()
    elsewhere.page.keyboard.press("Escape")
    expect(elsewhere.heads("opened")).to_be_visible()


def test_ticked_rows_are_kept_across_pages_and_exported_alone(enter, large):
    person = enter(large.email, large.password)
    person.go(LIST)
    bar = person.page.get_by_role("region", name=person.say("lists.selection"))
    tick_page = person.page.get_by_role("checkbox", name=person.say("lists.tick_page"))

    def tick(number: str) -> None:
        box = person.page.get_by_role("checkbox", name=person.say("lists.tick_row", number=number))
        box.click()
        expect(box).to_be_checked()

    tick(large.numbers[3])
    expect(bar.get_by_role("status")).to_have_text(person.say("lists.selected", n=1))
    assert tick_page.evaluate("box => box.indeterminate")
    person.page.get_by_role("navigation", name=person.say("lists.pages")).get_by_role(
        "link", name=person.say("lists.next")
    ).click()
    expect(person.numbers).to_have_text(large.numbers[25:50])
    expect(tick_page).not_to_be_checked()
    tick(large.numbers[30])
    tick_page.click()
    expect(bar.get_by_role("status")).to_have_text(person.say("lists.selected", n=26))
    tick_page.click()
    expect(bar.get_by_role("status")).to_have_text(person.say("lists.selected", n=1))
    tick(large.numbers[30])
    person.search.fill("plats 129")
    expect(person.numbers).to_have_count(1)
    expect(bar.get_by_role("status")).to_have_text(person.say("lists.selected", n=2))
    bar.get_by_role("button", name=person.say("lists.export_selected")).click()
    rows = xlsx_rows(downloaded(person, person.entry("lists.export_xlsx").click))
    assert [row[0] for row in rows[1:]] == [large.numbers[3], large.numbers[30]]
    person.page.keyboard.press("Escape")
    person.button("lists.clear_selection").click()
    expect(bar).to_have_count(0)


def test_all_rows_that_match_are_chosen_at_once(enter, large):
    person = enter(large.email, large.password)
    person.go(f"{LIST}?type=fixed")
    wanted = [row[0] for row in large.rows if row[2] == "fixed"]
    person.counts(len(wanted))
    person.page.get_by_role("checkbox", name=person.say("lists.tick_page")).click()
    bar = person.page.get_by_role("region", name=person.say("lists.selection"))
    expect(bar.get_by_role("status")).to_have_text(person.say("lists.selected", n=25))
    person.button("lists.select_everything", total=str(len(wanted))).click()
    expect(bar.get_by_role("status")).to_have_text(person.say("lists.selected", n=len(wanted)))
    bar.get_by_role("button", name=person.say("lists.export_selected")).click()
    rows = csv_rows(downloaded(person, person.entry("lists.export_csv").click))
    assert [row[0] for row in rows[1:]] == wanted


def test_a_row_can_be_opened_and_exported_from_its_own_menu(enter):
    person = enter("reader@bjorko.example")
    person.go(LIST)
    person.button("lists.choose_action", number="10031").click()
    rows = csv_rows(downloaded(person, person.entry("lists.export_csv").click))
    assert [row[0] for row in rows[1:]] == ["10031"]
    person.page.keyboard.press("Escape")
    person.link("lists.show_row", number="10031").click()
    expect(person.heading("details.customer_number.named", number="10031")).to_be_visible()
    expect(person.page).to_have_title(re.compile("10031"))
    expect(person.page.locator("dd", has_text=re.compile("^Gävle$"))).to_be_visible()


def test_names_that_mean_harm_are_texts_everywhere(enter, large):
    person = enter(large.email, large.password)
    person.go(LIST)
    harmful = [(row[0], row[1]) for row in large.rows[:3]]
    for number, name in harmful:
        cells = person.body.get_by_role("row").filter(has_text=number)
        expect(cells.get_by_role("cell", name=name, exact=True)).to_be_visible()
    person.search.fill("<img src=x")
    person.sees([harmful[0][0]])
    person.page.get_by_role("checkbox", name=person.say("lists.tick_row", number=harmful[0][0])).click()
    person.search.fill("<script>alert(3)</script>")
    expect(person.page.get_by_role("main")).to_contain_text("<script>alert(3)</script>")
    popover = person.pop_up("name")
    popover.get_by_label(person.say("lists.filters.name_contains")).fill("<b>x</b>")
    expect(person.link("lists.remove_filter", name=f"{person.say('lists.filters.name')}: <b>x</b>")).to_be_visible()
    for number, name in harmful:
        person.go(f"{LIST}/{number}")
        expect(person.heading("details.customer_number.named", number=number)).to_be_visible()
        expect(person.page.get_by_role("definition").filter(has_text=name)).to_be_visible()
    assert person.page.locator("main img, main script").count() == 0
    person.go(f"{LIST}?number={harmful[1][0]}")
    person.sees([harmful[1][0]])
    assert csv_rows(downloaded(person, entry(person, "csv").click))[1][1] == "'=1+1"
    person.page.keyboard.press("Escape")
    assert xlsx_rows(downloaded(person, entry(person, "xlsx").click))[1][1] == "=1+1"
