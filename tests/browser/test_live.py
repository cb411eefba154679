"""What somebody with a page open feels of what others do meanwhile, without touching it (L6)."""

from __future__ import annotations

import re
from dataclasses import replace

from playwright.sync_api import expect

from selfcare_app.services import clock, user_rights
from selfcare_app.specs.permissions import Role
from tests.browser.company import feed, register
from tests.portal import acting_as, user_of


def test_rows_that_come_are_announced_and_enter_at_a_click_and_a_changed_row_is_redrawn(enter, portal, companies):
    own = register(portal, companies["Rörliga AB"])
    person = enter(own.email, own.password)
    person.go("/customer-numbers")
    person.sees(own.numbers)
    person.page.get_by_role("checkbox", name=person.say("lists.tick_row", number=own.numbers[0])).click()
    headings = ("number", "company", "name", "type", "opened")
    come = [(f"990000{n}", own.organisation_number, f"Ny {n}", "mobile", "2024-01-01") for n in range(3)]
    renamed = (own.numbers[0], own.organisation_number, "Nytt namn", *own.rows[0][2:])
    feed(portal, "customer-numbers", headings, [*come, renamed])

    expect(person.body).to_contain_text("Nytt namn")
    news = person.button("lists.news.more.other", shown="3")
    expect(news).to_be_visible()
    person.sees(own.numbers)
    chosen = person.page.get_by_role("checkbox", name=person.say("lists.tick_row", number=own.numbers[0]))
    expect(chosen).to_be_checked()
    news.click()
    person.sees([*own.numbers, *(row[0] for row in come)])
    person.counts(6)
    expect(news).to_have_count(0)
    expect(chosen).to_be_checked()


def test_a_right_taken_and_given_and_the_end_of_it_are_felt_without_a_touch(enter, portal, elsewhere):
    boss, orderer = acting_as(portal, "superuser@bjorko.example"), user_of("orderer@bjorko.example")

    def now():
        return replace(boss, at=clock.now())

    def give(role):
        user_rights.change_permissions(now(), orderer.id, user_of("orderer@bjorko.example").version, role)

    person = enter("orderer@bjorko.example")
    person.go("/subscriptions")
    expect(person.numbers.first).to_be_visible()
    try:
        give(Role.CUSTOM)
        expect(person.page.get_by_text(person.say("lists.forbidden.title"))).to_be_visible()
        expect(person.page.get_by_text(person.say("frame.rights_changed"))).to_be_visible()
        expect(person.numbers).to_have_count(0)
        expect(person.page.get_by_role("button", name=person.say("navigation.section.show"))).to_have_count(0)
        give(Role.ORDERER)
        expect(person.numbers.first).to_be_visible()
        user_rights.disable(now(), orderer.id)
        expect(person.page).to_have_url(re.compile(r"/login\?next=%2Fsubscriptions$"))
        expect(person.page.get_by_role("status")).to_have_text(person.say("auth.login.session_ended"))
    finally:
        user_rights.enable(now(), orderer.id)
