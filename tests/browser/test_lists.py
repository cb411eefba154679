"""The list as people use it: searching, filtering, sorting, paging; and the address that keeps it all (L1-L5)."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from selfcare_app.services import clock
from selfcare_app.specs.months import months_later
from tests.browser.conftest import SlowAnswers

LIST = "/customer-numbers"
CHECKED = "boxes => boxes.map(box => box.checked)"
EVERYTHING = ["10019", "10023", "10024", "10027", "10031", "10035", "10038"]


def caret(field):
    """Where the caret stands."""
    return field.evaluate("field => [field.selectionStart, field.selectionEnd]")


def test_typing_a_search_changes_the_rows_and_leaves_focus_and_caret_alone(enter):
    person = enter("reader@bjorko.example")
    person.go("/")
    person.link("pages.overview.show_all_customer_numbers").click()
    person.sees(EVERYTHING)
    person.search.press_sequentially("vaxel", delay=30)
    person.sees(["10035"])
    person.counts(1)
    expect(person.page).to_have_url(f"{LIST}?q=vaxel")
    expect(person.search).to_be_focused()
    assert caret(person.search) == [5, 5]
    for _ in range(3):
        person.page.keyboard.press("ArrowLeft")
    person.page.keyboard.press("Backspace")
    expect(person.page).to_have_url(f"{LIST}?q=vxel")
    expect(person.search).to_have_value("vxel")
    assert caret(person.search) == [1, 1]
    person.page.keyboard.type("ä")
    person.sees(["10035"])
    assert caret(person.search) == [2, 2]
    expect(person.search).to_be_focused()
    person.page.go_back()
    expect(person.heading("pages.overview.title")).to_be_visible()


def test_fast_typing_loses_no_character(enter):
    person = enter("reader@bjorko.example")
    person.go(LIST)
    term = "avdelning ekonomi huvudkontor björkö bygg"
    person.search.press_sequentially(term, delay=15)
    expect(person.page).to_have_url(f"{LIST}?q=avdelning+ekonomi+huvudkontor+bj%C3%B6rk%C3%B6+bygg")
    expect(person.search).to_have_value(term)


def test_a_search_that_finds_nothing_says_so_and_offers_a_way_out(enter):
    person = enter("reader@bjorko.example")
    person.go(f"{LIST}?q=100%25")
    expect(person.heading("lists.customer_numbers.none_match", level=2)).to_be_visible()
    expect(person.page.get_by_role("main")).to_contain_text("100%")
    person.link("lists.clear").last.click()
    person.sees(EVERYTHING)
    expect(person.search).to_have_value("")


def test_slash_goes_to_the_search(enter):
    person = enter("reader@bjorko.example")
    person.go(LIST)
    person.page.keyboard.press("/")
    expect(person.search).to_be_focused()
    person.page.keyboard.type("mark")
    person.sees(["10024"])


def test_a_type_filter_is_chosen_by_keyboard_and_taken_away_by_its_chip(enter):
    person = enter("reader@bjorko.example")
    person.go(LIST)
    trigger = person.page.get_by_role("button", name=re.compile("^Typ"))
    trigger.focus()
    person.page.keyboard.press("Enter")
    popover = person.page.get_by_role("dialog", name=person.say("lists.filters.type"))
    mobile = popover.get_by_role("checkbox", name=person.say("lists.customer_number_type.mobile"))
    expect(mobile).to_be_focused()
    person.page.keyboard.press("Space")
    person.sees(["10019", "10024", "10027"])
    expect(mobile).to_be_checked()
    expect(mobile).to_be_focused()
    person.page.keyboard.press("Tab")
    person.page.keyboard.press("Tab")
    person.page.keyboard.press("Space")
    person.sees(["10019", "10024", "10027", "10038"])
    expect(person.page).to_have_url(f"{LIST}?type=mobile%2Cdata")
    person.page.keyboard.press("Escape")
    expect(popover).to_be_hidden()
    expect(trigger).to_be_focused()
    expect(trigger).to_have_accessible_name("Typ (2)")
    chip = f"{person.say('lists.filters.type')}: {person.say('lists.customer_number_type.mobile')}"
    person.link("lists.remove_filter", name=chip).click()
    person.sees(["10038"])
    person.link("lists.clear").click()
    person.sees(EVERYTHING)
    expect(person.page).to_have_url(re.compile(rf"{LIST}$"))


def test_text_filters_narrow_while_one_types(enter):
    person = enter("reader@bjorko.example")
    person.go(LIST)
    field = person.pop_up("name").get_by_label(person.say("lists.filters.name_contains"))
    field.press_sequentially("vaxe", delay=30)
    person.sees(["10035"])
    expect(field).to_be_focused()
    expect(field).to_have_value("vaxe")
    person.page.keyboard.press("Escape")
    person.pop_up("number").get_by_label(person.say("lists.filters.number_contains")).fill("38")
    expect(person.heading("lists.customer_numbers.none_match", level=2)).to_be_visible()
    person.page.keyboard.press("Escape")
    name = f"{person.say('lists.filters.name')}: vaxe"
    person.link("lists.remove_filter", name=name).click()
    person.sees(["10038"])


def test_groups_are_asked_for_as_of_a_month(enter):
    person = enter("reader@bjorko.example")
    person.go(LIST)
    popover = person.pop_up("group")
    production = popover.get_by_role("checkbox", name="Avdelning: Produktion")
    production.click()
    expect(production).to_be_checked()
    expect(person.heading("lists.customer_numbers.none_match", level=2)).to_be_visible()
    then = months_later(clock.day(clock.now()), -8).strftime("%Y-%m")
    popover.get_by_label(person.say("lists.filters.month")).fill(then)
    person.sees(["10024"])
    popover.get_by_role("checkbox", name="Region: Mitt").click()
    expect(person.heading("lists.customer_numbers.none_match", level=2)).to_be_visible()
    popover.get_by_role("checkbox", name="Avdelning: Service").click()
    person.sees(["10027"])
    expect(person.page).to_have_url(re.compile(f"month={then}"))
    person.page.reload()
    person.arrived()
    person.sees(["10027"])
    expect(person.page.get_by_role("link", name=re.compile(r": Produktion$"))).to_be_visible()


def test_tabs_are_views_with_counts(enter):
    person = enter("reader@bjorko.example")
    person.go(LIST)
    views = person.page.get_by_role("navigation", name=person.say("lists.views"))
    expect(views).to_contain_text(re.compile(r"7.*6.*1"))
    person.link("lists.tabs.inactive").click()
    person.sees(["10019"])
    expect(person.link("lists.tabs.inactive")).to_have_attribute("aria-current", "page")
    person.link("lists.tabs.all").click()
    person.sees(EVERYTHING)


def test_headings_sort_both_ways_and_swedish_letters_come_last(enter, large):
    person = enter(large.email, large.password)
    person.go(LIST)
    expect(person.heads("number")).to_have_attribute("aria-sort", "ascending")
    expect(person.numbers).to_have_text(large.numbers[:25])
    person.heads("name").get_by_role("link").click()
    expect(person.heads("name")).to_have_attribute("aria-sort", "ascending")
    expect(person.heads("number")).to_have_attribute("aria-sort", "none")
    expect(person.heads("name").get_by_role("link")).to_be_focused()
    person.heads("name").get_by_role("link").click()
    expect(person.heads("name")).to_have_attribute("aria-sort", "descending")
    expect(person.page).to_have_url(f"{LIST}?sort=-name")
    names = person.body.locator("[role=cell]:nth-child(3)")
    expect(names.first).to_have_text("Öland")
    assert names.all_inner_texts()[:5] == ["Öland", "Ärla", "Åsen", "Zinken", "Plats 129"]


def test_pages_and_page_size_lead_through_all_rows(enter, large):
    person = enter(large.email, large.password)
    person.go(LIST)
    pages = person.page.get_by_role("navigation", name=person.say("lists.pages"))
    expect(pages.get_by_role("link", name=person.say("lists.page", number="1"))).to_have_attribute(
        "aria-current", "page"
    )
    seen: list[str] = []
    for page in range(6):
        expect(person.numbers).to_have_text(large.numbers[page * 25 : page * 25 + 25])
        seen += person.numbers.all_inner_texts()
        if page < 5:
            pages.get_by_role("link", name=person.say("lists.next")).click()
    assert seen == large.numbers
    expect(pages.get_by_role("link", name=person.say("lists.next"))).to_have_count(0)
    pages.get_by_role("link", name=person.say("lists.page", number="2")).or_(
        pages.get_by_role("link", name=person.say("lists.previous"))
    ).first.click()
    expect(person.numbers).to_have_text(large.numbers[100:125])
    person.button("lists.per_page", size="25").click()
    person.entry("lists.per_page", size="100").click()
    expect(person.page).to_have_url(f"{LIST}?size=100")
    expect(person.numbers).to_have_text(large.numbers[:100])
    expect(person.button("lists.per_page", size="100")).to_be_visible()


def test_reload_back_forward_and_a_bookmark_restore_everything(enter, large):
    person = enter(large.email, large.password)
    person.go(LIST)
    person.search.fill("plats")
    expect(person.page).to_have_url(f"{LIST}?q=plats")
    popover = person.pop_up("type")
    popover.get_by_role("checkbox", name=person.say("lists.customer_number_type.fixed")).click()
    expect(person.page).to_have_url(f"{LIST}?q=plats&type=fixed")
    person.page.keyboard.press("Escape")
    person.heads("name").get_by_role("link").click()
    expect(person.page).to_have_url(f"{LIST}?q=plats&type=fixed&sort=name")
    expect(person.heads("name")).to_have_attribute("aria-sort", "ascending")
    person.page.get_by_role("navigation", name=person.say("lists.pages")).get_by_role(
        "link", name=person.say("lists.next")
    ).click()
    bookmark = f"{LIST}?q=plats&type=fixed&sort=name&page=2"
    expect(person.page).to_have_url(bookmark)
    wanted = [row[0] for row in large.rows if row[1].startswith("Plats") and row[2] == "fixed"]

    def as_bookmarked(somebody):
        expect(somebody.numbers).to_have_text(wanted[25:])
        expect(somebody.search).to_have_value("plats")
        expect(somebody.heads("name")).to_have_attribute("aria-sort", "ascending")
        expect(somebody.page.get_by_role("button", name="Typ (1)")).to_be_visible()
        somebody.counts(len(wanted))

    as_bookmarked(person)
    person.page.reload()
    person.arrived()
    as_bookmarked(person)
    person.page.go_back()
    expect(person.numbers).to_have_text(wanted[:25])
    person.page.go_back()
    expect(person.heads("name")).to_have_attribute("aria-sort", "none")
    person.page.go_back()
    expect(person.page.get_by_role("button", name="Typ", exact=True)).to_be_visible()
    expect(person.search).to_have_value("plats")
    for _ in range(3):
        person.page.go_forward()
    as_bookmarked(person)
    person.numbers.first.click()
    expect(person.heading("details.customer_number.named", number=wanted[25])).to_be_visible()
    person.page.go_back()
    as_bookmarked(person)
    other = enter(large.email, large.password)
    other.go(bookmark)
    as_bookmarked(other)


def test_a_pasted_column_of_numbers_shows_those_and_names_the_missing(enter):
    person = enter("reader@bjorko.example", permissions=["clipboard-read", "clipboard-write"])
    person.go(LIST)
    person.page.evaluate("text => navigator.clipboard.writeText(text)", "10024\r\n20411\r\n10038\r\n99999\r\n")
    person.search.focus()
    person.page.keyboard.press("Control+V")
    person.sees(["10024", "10038"])
    missing = person.page.get_by_role("status").filter(has_text="99999")
    expect(missing).to_contain_text("20411, 99999")
    expect(missing).to_contain_text(person.say("lists.not_found", n=2))
    person.page.reload()
    person.arrived()
    person.sees(["10024", "10038"])


def test_two_tabs_with_different_filters_stay_apart(enter):
    one = enter("reader@bjorko.example")
    one.go(f"{LIST}?type=mobile")
    two = one.another_tab()
    two.go(f"{LIST}?q=huvudkontor")
    two.sees(["10023"])
    one.sees(["10019", "10024", "10027"])
    one.page.get_by_role("checkbox", name=one.say("lists.tick_row", number="10024")).click()
    one.search.fill("mark")
    one.sees(["10024"])
    two.heads("name").get_by_role("link").click()
    expect(two.page).to_have_url(f"{LIST}?q=huvudkontor&sort=name")
    two.sees(["10023"])
    expect(two.page.get_by_role("region", name=two.say("lists.selection"))).to_have_count(0)
    one.page.reload()
    one.arrived()
    one.sees(["10024"])
    two.page.reload()
    two.arrived()
    two.sees(["10023"])


def test_a_double_click_does_no_harm(enter, large):
    person = enter(large.email, large.password)
    person.go(LIST)
    pages = person.page.get_by_role("navigation", name=person.say("lists.pages"))
    pages.get_by_role("link", name=person.say("lists.next")).dblclick()
    expect(person.page).to_have_url(re.compile(r"page=[23]$"))
    at = int(person.page.url[-1])
    expect(person.numbers).to_have_text(large.numbers[25 * (at - 1) : 25 * at])
    person.heads("name").get_by_role("link").dblclick()
    expect(person.heads("name")).not_to_have_attribute("aria-sort", "none")
    person.page.get_by_role("checkbox", name=person.say("lists.tick_page")).dblclick()
    expect(person.page.get_by_role("checkbox", name=person.say("lists.tick_page"))).not_to_be_checked()
    expect(person.page.get_by_role("region", name=person.say("lists.selection"))).to_have_count(0)
    person.account.dblclick()
    expect(person.account).to_be_visible()


def test_what_is_pressed_before_the_rows_have_come_is_added_to_what_is_on_its_way(enter, large):
    person = enter(large.email, large.password)
    page, slow = person.page, SlowAnswers(person.page)
    name = person.heads("name").get_by_role("link")

    # The search is at the address, its rows aren't here yet: what is sorted is what was searched for.
    person.go(LIST)
    expect(person.numbers).to_have_text(large.numbers[:25])
    with slow.held():
        person.search.fill("plats")
        slow.let_through("_redirect")
        expect(page).to_have_url(f"{LIST}?q=plats")
        name.click()
        expect(page).to_have_url(f"{LIST}?q=plats&sort=name")
        person.link("lists.tabs.active").click()
    expect(page).to_have_url(f"{LIST}?q=plats&sort=name&tab=active")
    wanted = [row[0] for row in large.rows if row[1].startswith("Plats")]
    expect(person.numbers).to_have_text(wanted[:25])
    page.go_back()
    expect(page).to_have_url(f"{LIST}?q=plats&sort=name")
    page.go_back()
    expect(page).to_have_url(f"{LIST}?q=plats")

    # The search has not even led to its address: before it is said, and on its way.
    for said in (False, True):
        person.go(LIST)
        expect(person.numbers).to_have_text(large.numbers[:25])
        with slow.held():
            person.search.fill("plats")
            if said:
                slow.hears("search_for")
            name.click()
            expect(page).to_have_url(f"{LIST}?sort=name")
        expect(page).to_have_url(f"{LIST}?q=plats&sort=name")
        expect(person.numbers).to_have_text(wanted[:25])

    # Of a filter, however fast, each value counts, and stays as it was pressed until the answer is here.
    press_all = "(boxes, many) => { for (const box of boxes.slice(0, many)) box.click(); boxes[0].click(); }"
    person.go(LIST)
    kinds = person.pop_up("type").get_by_role("checkbox")
    expect(kinds).to_have_count(4)
    with slow.held():
        kinds.evaluate_all(press_all, 3)
        assert kinds.evaluate_all(CHECKED) == [False, True, True, False]
    expect(page).to_have_url(f"{LIST}?type=fixed%2Cdata")
    wanted = [row[0] for row in large.rows if row[2] in ("fixed", "data")]
    expect(person.numbers).to_have_text(wanted[:25])
    assert kinds.evaluate_all(CHECKED) == [False, True, True, False]

    # So does each tick of a row.
    page.keyboard.press("Escape")
    ticks = person.body.get_by_role("checkbox")
    with slow.held():
        ticks.evaluate_all(press_all, 10)
        assert ticks.evaluate_all(CHECKED) == [False, *[True] * 9, *[False] * 15]
    bar = page.get_by_role("region", name=person.say("lists.selection"))
    expect(bar).to_contain_text(person.say("lists.selected", n=9))
    assert ticks.evaluate_all(CHECKED) == [False, *[True] * 9, *[False] * 15]

    # Who has gone elsewhere meanwhile is not called back.
    person.search.fill("alvik")
    person.link("navigation.overview").first.click()
    slow.hears("search_for")
    person.link("pages.overview.show_all_customer_numbers").click()
    expect(page).to_have_url(re.compile(rf"{LIST}$"))
    expect(person.numbers).to_have_text(large.numbers[:25])
