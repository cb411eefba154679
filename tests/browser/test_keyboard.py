"""Everything by keyboard alone, with the focus where one expects it."""

from __future__ import annotations

import re
import sqlite3

from playwright.sync_api import Locator, Page, expect
from sqlmodel import col, select

from selfcare_app.models import Company, CustomerNumber
from selfcare_app.services import clock
from selfcare_app.services.database import writing
from selfcare_app.specs.months import months_later
from tests import factories as make
from tests.browser.company import PASSWORD, letter
from tests.browser.test_users import level

LIST = "/customer-numbers"
FAR = 200
"""More presses of Tab than any page has places to stop at."""


def tab_to(page: Page, target: Locator, key: str = "Tab") -> None:
    """Press Tab until the target has the focus; wherever the focus rests on the way, it can be seen."""
    for _ in range(FAR):
        page.keyboard.press(key)
        if target.evaluate("element => element === document.activeElement"):
            assert focus_is_seen(page), target
            return
    raise AssertionError(f"{target} can't be reached with {key}")


def focus_is_seen(page: Page) -> bool:
    """Whether what has the focus, or what holds it, wears an outline or a shadow."""
    return page.evaluate(
        """() => {
          for (let at = document.activeElement, up = 0; at && up < 3; at = at.parentElement, up++) {
            const look = getComputedStyle(at);
            if ((look.outlineStyle !== "none" && parseFloat(look.outlineWidth) > 0) || look.boxShadow !== "none")
              return true;
          }
          return false;
        }"""
    )


def test_from_the_skip_link_through_menu_search_filter_row_and_paging_without_a_mouse(enter, large):
    person = enter()
    page = person.page
    page.goto("/login")
    expect(page.get_by_label(person.say("auth.login.email"), exact=True)).to_be_focused()
    page.keyboard.type(large.email)
    page.keyboard.press("Tab")
    page.keyboard.type(large.password)
    page.keyboard.press("Enter")
    person.arrived()

    page.keyboard.press("Tab")
    skip = person.link("frame.skip")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    show = page.get_by_role("navigation", name=person.say("frame.main_menu")).get_by_role("button").first
    tab_to(page, show)
    page.keyboard.press("Enter")
    entry = person.entry("navigation.customer_numbers_full")
    expect(entry).to_be_focused()
    page.keyboard.press("Escape")
    expect(show).to_be_focused()
    page.keyboard.press("Enter")
    expect(entry).to_be_focused()
    page.keyboard.press("Enter")
    expect(person.heading("lists.customer_numbers.title")).to_be_visible()
    expect(page.get_by_role("main")).to_be_focused()

    tab_to(page, person.search)
    page.keyboard.type("plats")
    person.counts(122)
    kind = page.get_by_role("button", name=re.compile(rf"^{person.say('lists.filters.type')}"))
    tab_to(page, kind)
    page.keyboard.press("Space")
    mobile = page.get_by_role("checkbox", name=person.say("lists.customer_number_type.mobile"))
    expect(mobile).to_be_focused()
    page.keyboard.press("Space")
    expect(mobile).to_be_checked()
    page.keyboard.press("Escape")
    expect(kind).to_be_focused()
    wanted = [row[0] for row in large.rows if row[1].startswith("Plats") and row[2] == "mobile"]
    expect(person.numbers).to_have_text(wanted[:25])

    name = person.heads("name").get_by_role("link")
    tab_to(page, name)
    page.keyboard.press("Enter")
    expect(person.heads("name")).to_have_attribute("aria-sort", "ascending")
    expect(name).to_be_focused()
    actions = person.button("lists.choose_action", number=wanted[0])
    tab_to(page, actions)
    page.keyboard.press("Enter")
    expect(person.entry("lists.customer_numbers.show")).to_be_focused()
    for _ in range(8):  # past what else the row's menu offers
        page.keyboard.press("ArrowDown")
        if person.entry("lists.export_xlsx").evaluate("entry => entry === document.activeElement"):
            break
    expect(person.entry("lists.export_xlsx")).to_be_focused()
    page.keyboard.press("Escape")
    expect(actions).to_be_focused()
    tick = page.get_by_role("checkbox", name=person.say("lists.tick_row", number=wanted[1]))
    tab_to(page, tick)
    page.keyboard.press("Space")
    expect(tick).to_be_checked()
    expect(tick).to_be_focused()
    following = person.link("lists.next")
    tab_to(page, following)
    page.keyboard.press("Enter")
    expect(person.numbers).to_have_text(wanted[25:])
    first = person.numbers.first
    tab_to(page, first, key="Shift+Tab")
    page.keyboard.press("Enter")
    expect(person.heading("details.customer_number.named", number=wanted[25])).to_be_visible()
    expect(page.get_by_role("main")).to_be_focused()


def test_the_skip_link_leads_to_the_content_and_keeps_the_address_s_filters(enter):
    person = enter("reader@bjorko.example")
    person.go(f"{LIST}?type=mobile&sort=-name")
    person.sees(["10027", "10019", "10024"])
    person.page.keyboard.press("Tab")
    expect(person.link("frame.skip")).to_be_focused()
    person.page.keyboard.press("Enter")
    expect(person.page).to_have_url(re.compile(r"\?type=mobile&sort=-name#main$"))
    person.sees(["10027", "10019", "10024"])
    tab_to(person.page, person.page.get_by_role("main").get_by_role("link").first)
    person.search.fill("mark")
    person.sees(["10024"])
    expect(person.page).to_have_url(re.compile(r"\?q=mark&type=mobile&sort=-name"))


def test_focus_returns_to_what_opened_a_help_a_menu_or_a_sheet(enter):
    person = enter("reader@bjorko.example")
    person.go(LIST)
    person.counts(7)
    openers = [
        person.button("frame.help"),
        person.button("frame.help_about_page"),
        person.button("lists.export"),
        person.button("lists.columns_button"),
        person.button("lists.per_page", size="25"),
        person.account,
    ]
    for opener in openers:
        opener.focus()
        person.page.keyboard.press("Enter")
        expect(opener).to_have_attribute("aria-expanded", "true")
        expect(opener).not_to_be_focused()
        person.page.keyboard.press("Escape")
        expect(opener).to_have_attribute("aria-expanded", "false")
        expect(opener).to_be_focused()
    person.page.set_viewport_size({"width": 390, "height": 844})
    for opener in (person.button("frame.menu"), person.button("lists.filter")):
        opener.focus()
        person.page.keyboard.press("Enter")
        sheet = person.page.get_by_role("dialog")
        expect(sheet).to_be_visible()
        for _ in range(40):
            person.page.keyboard.press("Tab")
            assert sheet.evaluate("sheet => sheet.contains(document.activeElement)"), "the focus left an open sheet"
        person.page.keyboard.press("Escape")
        expect(sheet).to_be_hidden()
        expect(opener).to_be_focused()


def test_a_user_is_created_and_given_a_group_that_changes_with_the_month(enter, portal, populous, elsewhere):
    now, (first, second) = clock.month(clock.now()), populous.numbers[30:32]
    with writing() as db:
        company = db.exec(select(Company).where(Company.name == populous.name)).one()
        shift = make.group(db, company, "Skift", "Natt")
        for number, start, end in ((first, now, now), (second, months_later(now, 1), None)):
            make.member(
                db, shift, db.exec(select(CustomerNumber).where(col(CustomerNumber.number) == number)).one(), start, end
            )

    boss = enter(populous.email, populous.password)
    page = boss.page
    boss.go("/users")
    tab_to(page, boss.link("users.wizard.new"))
    page.keyboard.press("Enter")
    expect(boss.heading("users.wizard.title")).to_be_visible()
    name = page.get_by_role("textbox", name=boss.say("users.wizard.name"))
    expect(name).to_be_visible()
    tab_to(page, name)
    for written in ("Stina Skift", "stina@company6.example", "070-174 06 05"):
        page.keyboard.type(written)
        page.keyboard.press("Tab")
    role = page.get_by_role("combobox", name=boss.say("users.permissions.role"))
    tab_to(page, role)
    page.keyboard.press(boss.say("permissions.role.reader")[0])
    expect(role).to_have_value("reader")
    tab_to(page, boss.button("frame.wizard.next"))
    page.keyboard.press("Enter")
    steps = {step: boss.heading(f"users.wizard.steps.{step}", level=2) for step in ("permissions", "access", "summary")}
    expect(steps["permissions"]).to_be_focused()
    tab_to(page, level(boss, "invoices", "read"))
    page.keyboard.press("ArrowLeft")
    expect(level(boss, "invoices", "none")).to_be_checked()
    tab_to(page, boss.button("frame.wizard.next"))
    page.keyboard.press("Enter")
    expect(steps["access"]).to_be_focused()
    some = page.get_by_role("radio", name=boss.say("users.access.ways.some"))
    tab_to(page, page.get_by_role("radio", name=boss.say("users.access.ways.all")))
    page.keyboard.press("ArrowDown")
    expect(some).to_be_checked()
    tab_to(page, boss.button("users.access.kinds.groups"))
    page.keyboard.press("Enter")
    group = page.get_by_role("checkbox", name=re.compile("Skift: ?Natt"))
    tab_to(page, group)
    page.keyboard.press("Space")
    expect(page.get_by_role("list", name=boss.say("users.access.chosen_list"))).to_contain_text("Skift:Natt")
    tab_to(page, boss.button("frame.wizard.next"))
    page.keyboard.press("Enter")
    expect(steps["summary"]).to_be_focused()
    tab_to(page, boss.button("users.wizard.create"))
    page.keyboard.press("Enter")
    expect(boss.heading("details.user.named", number="Stina Skift")).to_be_visible()

    # What the group gives is what is in it this month; nothing has to run for that to change.
    with portal.client() as browser:
        chosen = {"password": PASSWORD, "again": PASSWORD, "language": "sv"}
        answer = browser.post(
            letter(portal, "stina@company6.example", "invitation"), data={"name": "Stina Skift", "phone": "", **chosen}
        )
        assert answer.status_code == 303, answer.text
    stina = enter("stina@company6.example", PASSWORD)
    stina.go(LIST)
    stina.sees([first])
    with sqlite3.connect(portal.data_dir / "selfcare.db", timeout=15) as db:
        earlier = ", ".join(f"{end}_month = date({end}_month, '-1 month')" for end in ("start", "end"))
        db.execute(f"UPDATE group_membership SET {earlier} WHERE group_id = ?", (shift.id,))
    stina.go(LIST)
    stina.sees([second])
    stina.go(f"{LIST}/{first}")
    expect(stina.heading("pages.not_found.title")).to_be_visible()
