"""What surrounds every page: language, theme, phones, pages that aren't there, and what fails."""

from __future__ import annotations

import re
import sqlite3

import pytest
from playwright.sync_api import expect

from selfcare_app.services.demo.content import BJORKO
from tests.browser.conftest import NARROWEST, PHONE
from tests.portal import serve

LIST = "/customer-numbers"
LIGHT_OR_DARK = "frame.switch_theme"


def html(person):
    """The document's root."""
    return person.page.locator("html")


def test_the_language_switches_on_the_spot_and_is_remembered_everywhere(enter):
    person = enter("superuser2@bjorko.example")
    person.go(f"{LIST}?type=mobile")
    person.sees(["10019", "10024", "10027"])
    expect(html(person)).to_have_attribute("lang", "sv")
    person.button("frame.switch_language").click()
    person.language = "en"
    expect(person.heading("lists.customer_numbers.title")).to_be_visible()
    expect(html(person)).to_have_attribute("lang", "en")
    expect(person.heads("name")).to_be_visible()
    expect(person.page).to_have_title(re.compile(re.escape(person.say("lists.customer_numbers.title"))))
    expect(person.page).to_have_url(f"{LIST}?type=mobile")
    person.sees(["10019", "10024", "10027"])
    person.page.reload()
    person.arrived()
    expect(person.heading("lists.customer_numbers.title")).to_be_visible()
    expect(html(person)).to_have_attribute("lang", "en")
    elsewhere = enter("superuser2@bjorko.example", language="en")
    elsewhere.go("/")
    expect(elsewhere.heading("pages.overview.title")).to_be_visible()
    expect(html(elsewhere)).to_have_attribute("lang", "en")
    person.account.click()
    person.entry("frame.log_out").click()
    expect(person.heading("auth.login.title")).to_be_visible()
    expect(html(person)).to_have_attribute("lang", "en")
    elsewhere.button("frame.switch_language").click()
    elsewhere.language = "sv"
    expect(elsewhere.heading("pages.overview.title")).to_be_visible()
    person.page.get_by_role("link", name=person.say("auth.frame.to_swedish")).click()
    person.language = "sv"
    expect(person.heading("auth.login.title")).to_be_visible()
    expect(html(person)).to_have_attribute("lang", "sv")
    person.page.reload()
    expect(person.heading("auth.login.title")).to_be_visible()


def test_the_theme_is_remembered_and_the_same_on_the_sign_in_page(enter):
    person = enter("reader@bjorko.example", color_scheme="light")
    person.go("/")
    dark = re.compile(r"(^|\s)dark(\s|$)")
    expect(html(person)).not_to_have_class(dark)
    person.button(LIGHT_OR_DARK).click()
    expect(html(person)).to_have_class(dark)
    person.page.reload()
    person.arrived()
    expect(html(person)).to_have_class(dark)
    person.account.click()
    person.entry("frame.log_out").click()
    expect(person.heading("auth.login.title")).to_be_visible()
    expect(html(person)).to_have_class(dark)
    person.button("auth.frame.theme").click()
    expect(html(person)).not_to_have_class(dark)
    person.sign_in("reader@bjorko.example")
    person.arrived()
    expect(html(person)).not_to_have_class(dark)


def test_the_system_s_dark_theme_is_followed_until_one_is_chosen(enter):
    person = enter(color_scheme="dark")
    person.page.goto("/login")
    expect(html(person)).to_have_class(re.compile("dark"))
    person.sign_in("reader@bjorko.example")
    person.arrived()
    expect(html(person)).to_have_class(re.compile("dark"))


@pytest.mark.parametrize("viewport", [PHONE, NARROWEST], ids=["390", "360"])
def test_a_phone_has_a_drawer_cards_a_filter_sheet_and_a_selection_bar(enter, viewport):
    person = enter("superuser@bjorko.example", viewport=viewport, has_touch=True)

    def fits():
        wide = person.page.evaluate("() => document.documentElement.scrollWidth")
        assert wide <= viewport["width"], f"{person.page.url} is {wide} px wide"

    person.go("/")
    fits()
    person.button("frame.menu").click()
    drawer = person.page.get_by_role("dialog", name=person.say("frame.menu"))
    expect(drawer).to_be_visible()
    fits()
    drawer.get_by_role("link", name=person.say("navigation.customer_numbers_full")).click()
    expect(drawer).to_be_hidden()
    expect(person.heading("lists.customer_numbers.title")).to_be_visible()
    person.counts(7)
    fits()
    card = person.body.get_by_role("row").filter(has_text="10023")
    expect(card).to_contain_text("Huvudkontor")
    expect(card).to_contain_text(person.say("lists.status.active"))
    box = card.bounding_box()
    assert box is not None
    assert box["width"] <= viewport["width"]
    assert box["height"] > 60, "a card, not a line of a table"

    person.button("lists.filter").click()
    sheet = person.page.get_by_role("dialog", name=person.say("lists.filter"))
    sheet.get_by_role("checkbox", name=person.say("lists.customer_number_type.mobile")).click()
    shown = sheet.get_by_role("button", name=person.say("lists.show_hits", n=3, shown="3"))
    expect(shown).to_be_visible()
    fits()
    shown.click()
    expect(sheet).to_be_hidden()
    person.sees(["10019", "10024", "10027"])
    expect(person.page.get_by_role("button", name=f"{person.say('lists.filter')} (1)")).to_be_visible()
    person.page.get_by_role("checkbox", name=person.say("lists.tick_row", number="10024")).click()
    bar = person.page.get_by_role("region", name=person.say("lists.selection"))
    expect(bar).to_be_in_viewport(ratio=1)
    fits()
    person.search.fill("mark")
    person.sees(["10024"])
    person.button("lists.choose_action", number="10024").click()
    person.entry("lists.customer_numbers.show").click()
    expect(person.heading("details.customer_number.named", number="10024")).to_be_visible()
    fits()


@pytest.mark.parametrize("viewport", [PHONE, NARROWEST], ids=["390", "360"])
def test_the_public_pages_fit_a_phone(enter, complaints, viewport):
    complaints.allow(r"status of 404", "the links are made up")
    guest = enter(viewport=viewport)
    for address in ("/login", "/forgot-password", "/reset-password/none", "/invitation/none"):
        guest.page.goto(address)
        expect(guest.page.get_by_role("heading", level=1)).to_be_visible()
        assert guest.page.evaluate("() => document.documentElement.scrollWidth") <= viewport["width"], address


def test_a_page_that_does_not_exist_says_so_and_leads_home(enter, complaints):
    complaints.allow(r"status of 404", "the page isn't there, and the answer says it")
    person = enter("reader@bjorko.example")
    with person.page.expect_response("**/nothing-here") as answered:
        person.page.goto("/nothing-here")
    assert answered.value.status == 404
    person.arrived()
    expect(person.heading("pages.not_found.title")).to_be_visible()
    person.link("pages.not_found.home").click()
    expect(person.heading("pages.overview.title")).to_be_visible()
    person.page.go_back()
    expect(person.heading("pages.not_found.title")).to_be_visible()


def test_a_lost_connection_is_told_and_mended_when_the_server_is_back(enter, complaints, tmp_path):
    complaints.allow(r"WebSocket connection|ERR_CONNECTION_REFUSED", "the server is down for a while")
    with serve(tmp_path / "restarted") as portal:
        person = enter("reader@bjorko.example", at=portal)
        person.go(f"{LIST}?type=mobile")
        person.counts(3)
        lost = person.page.get_by_text(person.say("frame.connection_lost"))
        expect(lost).to_have_count(0)
    expect(lost).to_be_visible()
    person.sees(["10019", "10024", "10027"])
    with serve(tmp_path / "restarted", port=int(portal.url.rpartition(":")[2])):
        expect(lost).to_have_count(0, timeout=30_000)
        person.search.fill("mark")
        person.sees(["10024"])
        expect(person.page).to_have_url(f"{LIST}?q=mark&type=mobile")
        person.page.context.close()


def test_a_list_that_fails_says_so_and_comes_with_the_next_try(enter, complaints, tmp_path, demo_copy):
    with serve(demo_copy(tmp_path / "broken")) as broken:
        person = enter("reader@bjorko.example", at=broken)
        person.go(LIST)
        person.counts(7)
        with sqlite3.connect(broken.data_dir / "selfcare.db") as database:
            database.execute("ALTER TABLE customer_number RENAME TO gone")
        person.heads("name").get_by_role("link").click()
        expect(person.heading("frame.failed.title", level=2)).to_be_visible()
        expect(person.page.get_by_role("alert")).to_contain_text(person.say("frame.failed.title"))
        person.page.reload()
        expect(person.heading("frame.failed.title", level=2)).to_be_visible()
        person.button("frame.failed.retry").click()
        expect(person.heading("frame.failed.title", level=2)).to_be_visible()
        with sqlite3.connect(broken.data_dir / "selfcare.db") as database:
            database.execute("ALTER TABLE gone RENAME TO customer_number")
        person.button("frame.failed.retry").click()
        expect(person.numbers.first).to_be_visible()
        person.counts(len(BJORKO.places))
        expect(person.page).to_have_url(re.compile(r"sort=name$"))
        person.page.context.close()


def test_a_lost_network_is_told_at_once_and_goes_with_its_return(enter):
    person = enter("reader@bjorko.example")
    person.go(LIST)
    person.counts(7)
    lost = person.page.get_by_text(person.say("frame.connection_lost"))
    expect(lost).to_have_count(0)
    person.page.context.set_offline(True)
    expect(lost).to_be_visible()
    person.page.context.set_offline(False)
    expect(lost).to_have_count(0)


def test_an_error_in_drawing_leaves_a_way_out_and_no_white_page(enter, complaints):
    complaints.allow(r"boom", "it is thrown on purpose")
    person = enter("approver1@bjorko.example")
    person.go(LIST)
    person.counts(7)
    person.page.evaluate(
        """() => setTimeout(() => {
            const fills = String.prototype.replaceAll;
            String.prototype.replaceAll = () => { throw new Error("boom"); };
            document.querySelector("button.lang").click();
            setTimeout(() => { String.prototype.replaceAll = fills; }, 2000);
        })"""
    )
    expect(person.page.get_by_role("alert")).to_be_visible()
    person.page.get_by_role("alert").get_by_role("link").click()
    expect(person.page.get_by_role("heading", level=1, name="Customer numbers")).to_be_visible()
    # The language is the sign-in's own: given back for whoever comes next.
    person.page.locator("button.lang").click()
    expect(person.page.get_by_role("heading", level=1, name="Kundnummer")).to_be_visible()


def test_no_flash_of_swedish_comes_before_english(enter):
    person = enter("approver2@bjorko.example")
    person.go(LIST)
    person.counts(7)
    person.page.locator("button.lang").click()
    expect(person.page.get_by_role("heading", level=1, name="Customer numbers")).to_be_visible()
    person.page.add_init_script(
        """window.seen = new Set();
        new MutationObserver(() => {
            const heading = document.querySelector("h1");
            if (heading && getComputedStyle(document.body).visibility === "visible") seen.add(heading.textContent);
        }).observe(document, { subtree: true, childList: true, characterData: true, attributes: true });"""
    )
    person.page.reload()
    expect(person.page.get_by_role("heading", level=1, name="Customer numbers")).to_be_visible()
    assert person.page.evaluate("[...window.seen]") == ["Customer numbers"]
    person.page.locator("button.lang").click()
    expect(person.page.get_by_role("heading", level=1, name="Kundnummer")).to_be_visible()
