"""Journeys from the overview (V1): every figure leads to a list that has as many, what needs a person to its page."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import NARROWEST, PHONE, Visitor

EVERYTHING = ("customer_numbers", "subscriptions", "connections", "invoices")


def number(shown: str) -> int:
    """The first number of a text, with its no-break spaces."""
    found = re.search(r"\d[\d\u00a0]*", shown)
    assert found, shown
    return int(found[0].replace("\u00a0", ""))


def counts(person: Visitor) -> Locator:
    return person.page.get_by_role("region", name=person.say("pages.overview.counts"))


def panel(person: Visitor, key: str) -> Locator:
    return person.page.get_by_role("region", name=person.say(f"pages.overview.{key}"), exact=True)


def leads_to_as_many(person: Visitor, link: Locator, shown: int) -> None:
    """The list it leads to has as many rows as the link said; back again."""
    link.click()
    person.counts(shown)
    person.page.go_back()
    expect(person.heading("pages.overview.title")).to_be_visible()


@pytest.mark.parametrize(
    ("email", "kinds"),
    [
        ("superuser@bjorko.example", (*EVERYTHING, "users")),
        ("finance@bjorko.example", EVERYTHING),
        ("partial@bjorko.example", ("customer_numbers", "subscriptions")),
        ("superuser@sjovik.example", (*EVERYTHING, "users")),
    ],
)
def test_each_figure_is_what_its_list_has(enter, email, kinds):
    person = enter(email)
    person.go("/")
    expect(counts(person).get_by_role("link")).to_have_text(
        [person.say(f"pages.overview.show_all_{kind}") for kind in kinds]
    )
    for kind in kinds:
        link = person.link(f"pages.overview.show_all_{kind}")
        figure = counts(person).locator("> div").filter(has=link).locator(".n")
        expect(figure).to_have_text(re.compile(r"\d"))
        leads_to_as_many(person, link, number(figure.inner_text()))


@pytest.mark.parametrize("email", ["superuser@bjorko.example", "partial@bjorko.example"])
def test_what_is_in_a_group_is_what_the_list_filtered_by_it_has(enter, email):
    person = enter(email)
    person.go("/")
    links = panel(person, "groups").locator("li a:not(.g)")
    expect(links.first).to_be_visible()
    said = links.all_inner_texts()
    # The first of each kind and the last: inherited groups, groups of their own, another category.
    for at in sorted({0, 1, len(said) - 1}):
        leads_to_as_many(person, links.nth(at), number(said[at]))


def test_whoever_may_not_read_invoices_sees_none_and_no_cost(enter):
    person = enter("partial@bjorko.example")
    person.go("/")
    expect(panel(person, "groups")).to_be_visible()
    expect(panel(person, "groups")).not_to_contain_text("kr")
    expect(panel(person, "invoices")).to_have_count(0)
    expect(panel(person, "attention")).not_to_contain_text("kr")


def test_what_needs_a_person_leads_to_it(enter):
    person = enter("superuser@bjorko.example")
    person.go("/")
    needs = panel(person, "attention").locator("li")
    overdue = needs.filter(has_text=re.compile("förfallen")).first
    expect(overdue).to_contain_text(re.compile(r"förföll \d{4}-\d\d-\d\d, för \d+ dag"))
    invoice = re.search(r"Faktura (\S+)", overdue.inner_text())[1]
    amount = overdue.locator(".v").inner_text()
    person.link("pages.overview.needs.overdue.label", number=invoice).click()
    expect(person.heading("details.invoice.named.invoice", number=invoice)).to_be_visible()
    expect(person.page.locator(".amount")).to_have_text(amount)
    person.page.go_back()
    bindings = needs.filter(has_text=re.compile("^Bindningen"))
    expect(bindings).to_have_count(1)
    leads_to_as_many(person, bindings.get_by_role("link"), number(bindings.locator(".t").inner_text()))
    person.link("pages.overview.needs.agreement.label", number="RA-1012").click()
    expect(person.heading("company_profile.title")).to_be_visible()


def test_the_bars_say_in_words_what_they_stand_for(enter):
    person = enter("finance@bjorko.example")
    person.go("/")
    bars = person.page.get_by_role("list", name=person.say("pages.overview.months")).get_by_role("listitem")
    expect(bars).to_have_count(12)
    for text in bars.locator(".vh").all_inner_texts():
        assert re.fullmatch(r"[a-z]+ \d{4}: −?[\d\u00a0]+,\d\d\u00a0kr", text), text
    latest = panel(person, "invoices").locator(".sum").inner_text()
    expect(bars.last.locator(".vh")).to_contain_text(latest)


def test_the_latest_invoices_lead_to_their_pages(enter):
    person = enter("finance@bjorko.example")
    person.go("/")
    rows = panel(person, "invoices").locator(".rows").get_by_role("link")
    expect(rows).to_have_count(4)
    named = rows.first.inner_text()
    rows.first.click()
    expect(person.page.get_by_role("heading", level=1)).to_contain_text(named)


def test_figures_follow_the_language(enter):
    person = enter("reader@bjorko.example")
    person.go("/")
    expect(panel(person, "invoices")).to_be_visible()
    person.button("frame.switch_language").click()
    person.language = "en"
    expect(panel(person, "invoices")).to_be_visible()
    swedish = re.compile("Faktura |förf|Krediterad|Betald|varav|mot |januari|oktober")
    expect(person.page.get_by_role("main")).not_to_contain_text(swedish)
    person.button("frame.switch_language").click()


@pytest.mark.parametrize("viewport", [PHONE, NARROWEST], ids=["phone", "narrowest"])
def test_on_a_phone_what_needs_a_person_comes_first_and_nothing_sticks_out(enter, viewport):
    person = enter("superuser@bjorko.example", viewport=viewport)
    person.go("/")
    expect(panel(person, "groups")).to_be_visible()
    tops = [panel(person, key).bounding_box()["y"] for key in ("attention", "counts", "invoices", "groups")]
    assert tops == sorted(tops)
    assert person.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
