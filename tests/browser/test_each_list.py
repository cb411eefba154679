"""Every list page as people use it. What is expected comes from the list's own file: the screen must show the same."""

from __future__ import annotations

import csv
import io
import re
import sqlite3
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from selfcare_app.specs.lists import LISTS, Cell, FilterKind, ListSpec
from tests.browser.conftest import PHONE, Visitor
from tests.browser.test_rows_and_files import csv_rows, xlsx_rows

EMAIL, PARTIAL = "superuser@bjorko.example", "partial@bjorko.example"
# Not the log: whoever signs in to look at it or fetches a file stands in it; test_audit.py looks at that one.
PAGES = [key for key, spec in LISTS.items() if spec.listed and key != "audit"]
OFFERING = (FilterKind.CHOICE, FilterKind.DISTINCT, FilterKind.REFERENCE)
each_list = pytest.mark.parametrize("spec", [LISTS[key] for key in PAGES], ids=PAGES)


def file_of(person: Visitor, spec: ListSpec, email: str = EMAIL, **parameters: str) -> list[dict[str, str]]:
    """The rows of the list's file, by column key."""
    with person.portal.client(email) as browser:
        answer = browser.get(f"/export/{spec.key}.csv", params=parameters)
    assert answer.status_code == 200, answer.text
    _, *rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";")
    return [dict(zip((column.key for column in spec.columns), row, strict=True)) for row in rows]


def names(spec: ListSpec, rows: list[dict[str, str]]) -> list[str]:
    """What rows are called."""
    return [row[spec.columns[0].key].removeprefix("'") for row in rows]


def shows(person: Visitor, spec: ListSpec, rows: list[dict[str, str]], size: int = 25) -> None:
    """The first page of these rows, and how many there are."""
    person.sees(names(spec, rows)[:size])
    person.counts(len(rows))


def a_word(rows: list[dict[str, str]], spec: ListSpec) -> str:
    """A word of some row's second column that is not in all of them."""
    key = spec.columns[1].key
    words = [word.strip(",") for row in rows for word in row[key].split() if len(word) > 3]
    return next(word for word in words if 0 < sum(word in row[key] for row in rows) < len(rows))


def typed(text: str) -> str:
    """The same without marks, as people type who are in a hurry."""
    return text.lower().translate(str.maketrans("åäöé", "aaoe"))


@each_list
def test_it_is_found_in_the_menu_and_says_what_it_is(enter, spec):
    person = enter(EMAIL)
    person.go("/")
    menu = person.page.get_by_role("navigation", name=person.say("frame.main_menu"))
    menu.get_by_role("button", name=person.say("navigation.section.show")).click()
    person.entry(f"navigation.{spec.key.replace('-', '_')}_full").click()
    expect(person.heading(f"{spec.texts}.title")).to_be_visible()
    expect(person.page).to_have_url(spec.route)
    shows(person, spec, file_of(person, spec))
    expect(person.page).to_have_title(re.compile(re.escape(person.say(f"{spec.texts}.title"))))
    person.button("frame.help_about_page").click()
    expect(person.page.get_by_role("dialog")).to_contain_text(person.say(f"{spec.texts}.help"))


@each_list
def test_search_filter_sort_page_reload_and_back_show_what_the_file_holds(enter, spec):
    person = enter(EMAIL)
    whole = file_of(person, spec)
    person.go(spec.route)
    shows(person, spec, whole)

    word = typed(a_word(whole, spec))
    person.search.press_sequentially(word, delay=20)
    found = file_of(person, spec, q=word)
    assert 0 < len(found) < len(whole)
    shows(person, spec, found)
    expect(person.search).to_be_focused()
    person.search.fill("")
    shows(person, spec, whole)

    picked = next(each for each in spec.filters if each.kind in OFFERING)
    option = person.pop_up(picked.key).get_by_role("checkbox").first
    option.click()
    expect(option).to_be_checked()
    expect(person.page).to_have_url(re.compile(rf"[?&]{picked.key}="))
    value = re.search(rf"{picked.key}=([^&]+)", person.page.url)[1]
    narrowed = file_of(person, spec, **{picked.key: value})
    shows(person, spec, narrowed)
    person.page.keyboard.press("Escape")
    person.link("lists.clear").first.click()
    shows(person, spec, whole)

    column = next(c for c in spec.columns[1:] if c.sort and not c.priority and c.key != spec.default_sort.strip("-"))
    person.heads(column.key).get_by_role("link").click()
    expect(person.heads(column.key)).to_have_attribute("aria-sort", "ascending")
    up = file_of(person, spec, sort=column.key)
    shows(person, spec, up)
    person.heads(column.key).get_by_role("link").click()
    expect(person.heads(column.key)).to_have_attribute("aria-sort", "descending")
    down = file_of(person, spec, sort=f"-{column.key}")
    assert names(spec, down) == names(spec, up)[::-1]
    shows(person, spec, down)
    if len(whole) > 25:
        person.page.get_by_role("navigation", name=person.say("lists.pages")).get_by_role(
            "link", name=person.say("lists.next")
        ).click()
        person.sees(names(spec, down)[25:50])
        person.page.reload()
        person.arrived()
        person.sees(names(spec, down)[25:50])
        person.page.go_back()
        person.sees(names(spec, down)[:25])
    person.page.go_back()
    shows(person, spec, up)
    assert person.page.locator("[data-going]").count() == 0, "what was dimmed is bright again"


@each_list
def test_ticked_rows_and_the_whole_list_come_as_files(enter, spec):
    person = enter(EMAIL)
    person.go(spec.route)
    rows = file_of(person, spec)
    shows(person, spec, rows)
    chosen = [names(spec, rows)[at] for at in (1, 3)]
    for name in chosen:
        box = person.page.get_by_role("checkbox", name=person.say("lists.tick_row", number=name), exact=True)
        box.click()
        expect(box).to_be_checked()
    bar = person.page.get_by_role("region", name=person.say("lists.selection"))
    expect(bar.get_by_role("status")).to_have_text(person.say("lists.selected", n=2))
    bar.get_by_role("button", name=person.say("lists.export_selected")).click()
    with person.page.expect_download() as coming:
        person.entry("lists.export_csv").click()
    assert [row[0] for row in csv_rows(coming.value.path())[1:]] == chosen
    person.page.keyboard.press("Escape")
    person.button("lists.export").click()
    with person.page.expect_download() as coming:
        person.entry("lists.export_xlsx").click()
    assert [row[0] for row in xlsx_rows(coming.value.path())[1:]] == names(spec, rows)


@each_list
def test_on_a_phone_rows_are_cards_and_filters_a_sheet(enter, spec):
    person = enter(EMAIL, viewport=PHONE)
    person.go(spec.route)
    rows = file_of(person, spec)
    person.sees(names(spec, rows)[:25])
    page = person.page
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth"), "no sideways scrolling"
    first = person.body.get_by_role("row").first
    expect(first.get_by_role("button", name=re.compile(person.say("lists.choose_action", number="")))).to_be_visible()
    person.button("lists.filter").click()
    sheet = page.get_by_role("dialog", name=person.say("lists.filter"))
    picked = next(each for each in spec.filters if each.kind in OFFERING)
    sheet.get_by_role("group", name=person.say(f"lists.filters.{picked.key}")).get_by_role("checkbox").first.click()
    expect(page).to_have_url(re.compile(rf"[?&]{picked.key}="))
    value = re.search(rf"{picked.key}=([^&]+)", page.url)[1]
    narrowed = file_of(person, spec, **{picked.key: value})
    sheet.get_by_role("button", name=person.say("lists.show_hits", n=len(narrowed), shown=str(len(narrowed)))).click()
    person.sees(names(spec, narrowed)[:25])


@each_list
def test_partial_access_sees_its_part_and_the_rest_is_nowhere(enter, spec):
    person = enter(PARTIAL)
    everything = file_of(person, spec)
    with person.portal.client(PARTIAL) as browser:
        may = browser.get(f"/export/{spec.key}.csv").status_code == 200
    part = file_of(person, spec, PARTIAL) if may else []
    hidden = sorted(set(names(spec, everything)) - set(names(spec, part)))
    assert hidden
    person.go(spec.route)
    if may:
        assert part
        shows(person, spec, part)
    else:
        expect(person.heading("lists.forbidden.title", level=2)).to_be_visible()
    drawn = person.page.get_by_role("main").inner_html()
    assert not [name for name in hidden if name in drawn]
    if may:
        person.go(f"{spec.route}?q={quote(hidden[0])}")
        expect(person.heading(f"{spec.texts}.none_match", level=2)).to_be_visible()
    menu = person.page.get_by_role("navigation", name=person.say("frame.main_menu"))
    menu.get_by_role("button", name=person.say("navigation.section.show")).click()
    expect(person.entry("navigation.customer_numbers_full")).to_be_visible()
    expect(person.entry(f"navigation.{spec.key.replace('-', '_')}_full")).to_have_count(1 if may else 0)


def test_a_pasted_column_of_phone_numbers_finds_them_and_names_the_missing(enter):
    spec = LISTS["subscriptions"]
    person = enter(EMAIL, permissions=["clipboard-read", "clipboard-write"])
    phones = [name for name in names(spec, file_of(person, spec)) if name.startswith("070-")][:2]
    person.go(spec.route)
    pasted = f"{phones[0]}\r\n+46{phones[1][1:].replace(' ', '').replace('-', '')}\r\n070-174 06 99\r\n"
    person.page.evaluate("text => navigator.clipboard.writeText(text)", pasted)
    person.search.focus()
    person.page.keyboard.press("Control+V")
    person.sees(phones)
    expect(person.page.get_by_role("status").filter(has_text="070-174 06 99")).to_contain_text(
        person.say("lists.not_found", n=1)
    )


def test_actions_lead_from_customer_numbers_to_what_belongs_to_them_and_back(enter):
    person = enter(EMAIL)
    person.go("/customer-numbers")
    for number in ("10024", "10027"):
        box = person.page.get_by_role("checkbox", name=person.say("lists.tick_row", number=number))
        box.click()
        expect(box).to_be_checked()
    person.button("lists.actions.show_subscriptions").click()
    expect(person.page).to_have_url(re.compile(r"/subscriptions\?customer_number=10024%2C10027$"))
    spec = LISTS["subscriptions"]
    shows(person, spec, file_of(person, spec, customer_number="10024,10027"))
    expect(person.page.get_by_role("button", name="Kundnummer (2)")).to_be_visible()
    first = names(spec, file_of(person, spec, customer_number="10024,10027"))[0]
    person.button("lists.choose_action", number=first).click()
    person.entry("lists.actions.show_customer_number").click()
    expect(person.page).to_have_url(re.compile(r"/customer-numbers/100(24|27)$"))
    person.page.go_back()
    shows(person, spec, file_of(person, spec, customer_number="10024,10027"))


def test_choosing_all_that_match_is_refused_when_the_list_has_changed_meanwhile(enter, portal):
    person = enter(EMAIL)
    person.go("/connections")
    spec = LISTS["connections"]
    rows = file_of(person, spec)
    shows(person, spec, rows)
    person.page.get_by_role("checkbox", name=person.say("lists.tick_row", number=names(spec, rows)[0])).click()
    everything = person.button("lists.select_everything", total=str(len(rows)))
    expect(everything).to_be_visible()
    with sqlite3.connect(portal.data_dir / "selfcare.db", timeout=15) as db:
        company = db.execute(
            "SELECT company_id, id FROM connection WHERE number = ?", (rows[-1]["connection"],)
        ).fetchone()
        db.execute("UPDATE connection SET company_id = 2 WHERE id = ?", (company[1],))
    try:
        everything.click()
        expect(person.page.get_by_text(person.say("lists.changed"))).to_be_visible()
        shows(person, spec, rows[:-1])
        expect(
            person.page.get_by_role("region", name=person.say("lists.selection")).get_by_role("status")
        ).to_have_text(person.say("lists.selected", n=1))
    finally:
        with sqlite3.connect(portal.data_dir / "selfcare.db", timeout=15) as db:
            db.execute("UPDATE connection SET company_id = ? WHERE id = ?", company)


def test_an_optional_column_is_shown_once_it_is_chosen_and_stays(enter):
    person = enter("approver1@bjorko.example")
    person.go("/subscriptions")
    expect(person.heads("person")).to_be_visible()
    expect(person.heads("cost_centre")).to_have_count(0)
    person.button("lists.columns_button").click()
    choice = person.page.get_by_role("menuitemcheckbox", name=person.say("lists.columns.cost_centre"))
    expect(choice).to_have_attribute("aria-checked", "false")
    choice.click()
    expect(choice).to_have_attribute("aria-checked", "true")
    person.page.keyboard.press("Escape")
    expect(person.heads("cost_centre")).to_be_visible()
    person.page.reload()
    person.arrived()
    expect(person.heads("cost_centre")).to_be_visible()


def test_a_period_is_chosen_from_month_to_month_and_taken_away_by_its_chip(enter):
    spec = LISTS["invoices"]
    person = enter(EMAIL)
    person.go(spec.route)
    months = sorted({row["period"][:7] for row in file_of(person, spec)})
    popover = person.pop_up("period")
    popover.get_by_label(person.say("lists.filters.from_month")).fill(months[1])
    expect(person.page).to_have_url(f"{spec.route}?period={months[1]}..")
    popover.get_by_label(person.say("lists.filters.to_month")).fill(months[2])
    expect(person.page).to_have_url(f"{spec.route}?period={months[1]}..{months[2]}")
    shows(person, spec, file_of(person, spec, period=f"{months[1]}..{months[2]}"))
    person.page.keyboard.press("Escape")
    name = f"{person.say('lists.filters.period')}: {months[1]} – {months[2]}"
    person.link("lists.remove_filter", name=name).click()
    shows(person, spec, file_of(person, spec))


def test_amounts_stand_right_with_their_unit(enter):
    spec = LISTS["invoices"]
    person = enter(EMAIL)
    person.go(f"{spec.route}?sort=amount")
    rows = file_of(person, spec, sort="amount")
    at = [column.key for column in spec.columns].index("amount") + 2
    cells = person.body.locator(f"[role=cell]:nth-child({at})")
    expect(cells.first).to_have_css("text-align", "right")
    shown = [text.replace("\u00a0", "").replace("\u2212", "-").removesuffix("kr") for text in cells.all_inner_texts()]
    assert shown == [row["amount"] for row in rows[:25]]
    assert shown[0].startswith("-"), "a credit note's amount is negative"
    assert spec.columns[at - 2].cell is Cell.MONEY
