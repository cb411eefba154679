"""Nobody sees a row that isn't theirs: partial access, another company, a person in two companies."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from selfcare_app.locales import catalogue
from selfcare_app.services.demo.content import BJORKO, SJOVIK
from tests.browser.test_rows_and_files import csv_rows, downloaded, entry, xlsx_rows

LIST = "/customer-numbers"
OF_BJORKO = [place.number for place in BJORKO.places]
OF_SJOVIK = [place.number for place in SJOVIK.places]


def names_of(company):
    """Every text of a company that another has no business with."""
    groups = [name for names in company.groups.values() for name in names]
    people = [person.name for person in company.people]
    return {company.name, *(place.name for place in company.places), *groups, *people}


def test_partial_access_is_two_customer_numbers_everywhere(enter):
    person = enter("partial@bjorko.example")
    person.go("/")
    counts = person.page.get_by_role("region", name=person.say("pages.overview.counts"))
    expect(counts.get_by_text("2", exact=True)).to_be_visible()
    person.link("pages.overview.show_all_customer_numbers").click()
    person.sees(["10024", "10027"])
    person.counts(2)
    assert [row[0] for row in csv_rows(downloaded(person, entry(person, "csv").click))[1:]] == ["10024", "10027"]
    person.page.keyboard.press("Escape")
    assert [row[0] for row in xlsx_rows(downloaded(person, entry(person, "xlsx").click))[1:]] == ["10024", "10027"]
    person.page.keyboard.press("Escape")
    person.search.fill("huvudkontor")
    expect(person.heading("lists.customer_numbers.none_match", level=2)).to_be_visible()
    person.go(f"{LIST}/10024")
    expect(person.heading("details.customer_number.named", number="10024")).to_be_visible()
    person.go(f"{LIST}/10023")
    expect(person.heading("pages.not_found.title")).to_be_visible()
    expect(person.page.get_by_role("main")).not_to_contain_text("Huvudkontor")
    foreign = person.page.get_by_role("main").inner_text()
    person.go(f"{LIST}/99999")
    expect(person.heading("pages.not_found.title")).to_be_visible()
    assert person.page.get_by_role("main").inner_text() == foreign


@pytest.mark.parametrize(
    ("email", "own", "other"),
    [("superuser@bjorko.example", BJORKO, SJOVIK), ("superuser@sjovik.example", SJOVIK, BJORKO)],
)
def test_one_company_sees_nothing_of_the_other(enter, email, own, other):
    person = enter(email)
    foreign = other.places[1]
    # A customer number may bear a word that the portal itself says.
    forbidden = names_of(other) - names_of(own) - set(catalogue("sv").values())

    def clean():
        drawn = person.page.content()
        assert not [word for word in forbidden if f">{word}<" in drawn or f'"{word}"' in drawn]

    person.go("/")
    expect(person.page.get_by_role("banner")).to_contain_text(own.name)
    clean()
    person.go(LIST)
    person.sees([place.number for place in own.places])
    clean()
    for term in (foreign.name, foreign.number, other.name):
        person.search.fill(term)
        expect(person.heading("lists.customer_numbers.none_match", level=2)).to_be_visible()
    person.go(f"{LIST}?number={foreign.number}")
    expect(person.heading("lists.customer_numbers.none_match", level=2)).to_be_visible()
    person.go(f"{LIST}?id={','.join(map(str, range(1, 40)))}")
    expect(person.numbers.first).to_be_visible()
    clean()
    rows = csv_rows(downloaded(person, entry(person, "csv").click))
    assert [row[0] for row in rows[1:]] == [place.number for place in own.places]
    person.page.keyboard.press("Escape")
    person.go(f"{LIST}/{foreign.number}")
    expect(person.heading("pages.not_found.title")).to_be_visible()
    clean()


def test_a_person_in_two_companies_chooses_and_switches_and_the_other_tab_follows_without_an_old_row(enter):
    person = enter()
    person.page.goto(LIST)
    person.sign_in("both@konsult.example")
    expect(person.heading("auth.choose.title")).to_be_visible()
    person.page.get_by_role("button", name=BJORKO.name, exact=True).click()
    person.arrived()
    person.go(LIST)
    person.sees(OF_BJORKO)
    other = person.another_tab()
    other.go(f"{LIST}?sort=name")
    other.counts(7)
    other.page.get_by_role("checkbox", name=other.say("lists.tick_row", number="10031")).click()
    expect(other.page.get_by_role("region", name=other.say("lists.selection"))).to_be_visible()

    switch = f"{BJORKO.name}, {person.say('frame.switch_company')}"
    person.page.get_by_role("link", name=switch, exact=True).click()
    person.page.get_by_role("button", name=SJOVIK.name, exact=True).click()
    person.arrived()
    expect(person.page.get_by_role("banner")).to_contain_text(SJOVIK.name)
    person.go(LIST)
    person.sees(OF_SJOVIK)

    other.heads("name").get_by_role("link").click()
    expect(other.page.get_by_role("banner")).to_contain_text(SJOVIK.name)
    expect(other.body).to_contain_text(SJOVIK.places[1].name)
    expect(other.page).to_have_url(re.compile(r"/customer-numbers\?sort=-?name$"))
    other.counts(7)
    drawn = other.page.content()
    assert not [word for word in names_of(BJORKO) - names_of(SJOVIK) if f">{word}<" in drawn]
    assert not [number for number in OF_BJORKO if f">{number}<" in drawn]
    expect(other.page.get_by_role("region", name=other.say("lists.selection"))).to_have_count(0)


def test_the_account_menu_switches_company_too(enter):
    person = enter()
    person.page.goto("/login")
    person.sign_in("both@konsult.example")
    person.page.get_by_role("button", name=SJOVIK.name, exact=True).click()
    person.arrived()
    person.account.click()
    person.entry("frame.switch_company").click()
    expect(person.heading("auth.choose.title")).to_be_visible()
    person.page.get_by_role("button", name=BJORKO.name, exact=True).click()
    person.arrived()
    expect(person.page.get_by_role("banner")).to_contain_text(BJORKO.name)
