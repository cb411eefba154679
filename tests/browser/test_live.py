"""What somebody with a page open feels of what others do meanwhile, without touching it (L6)."""

from __future__ import annotations

import re
from dataclasses import replace

from playwright.sync_api import expect

from selfcare_app.services import clock, user_rights
from selfcare_app.specs.permissions import EVERYTHING, Permission, Role
from tests.browser.company import feed, register
from tests.browser.conftest import SlowAnswers
from tests.browser.test_users import level
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

    person, reader = enter("orderer@bjorko.example"), enter("superuser2@bjorko.example")
    person.go("/subscriptions")
    expect(person.numbers.first).to_be_visible()
    changed = reader.say("audit.actions.user_permissions_changed")
    reader.go("/audit")
    expect(reader.numbers.first).to_be_visible()
    before = reader.numbers.first.get_attribute("href")
    try:
        give(Role.CUSTOM)
        # So does the log: what has happened is told, and enters at a click.
        news = reader.button("lists.news.more.one")
        expect(news).to_be_visible()
        expect(reader.numbers.first).to_have_attribute("href", before)
        news.click()
        expect(reader.body.get_by_role("row").first).to_contain_text(changed)
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


def test_what_is_typed_into_an_open_form_stays_when_ones_own_rights_change(enter, portal, elsewhere):
    boss, second = acting_as(portal, "superuser@bjorko.example"), user_of("superuser2@bjorko.example")

    def give(role, permissions=()):
        now, version = replace(boss, at=clock.now()), user_of("superuser2@bjorko.example").version
        user_rights.change_permissions(now, second.id, version, role, permissions)

    fewer = EVERYTHING - {Permission.GROUPS_WRITE}
    person = enter("superuser2@bjorko.example")
    slow = SlowAnswers(person.page)
    told = person.page.get_by_text(person.say("frame.rights_changed"))
    try:
        person.go("/profile")
        person.button("profile.person.edit").click()
        name = person.page.get_by_label(re.compile(f"^{person.say('profile.person.name')}"))
        before = name.input_value()
        name.fill("Halvskrivet Namn")
        give(Role.CUSTOM, fewer)
        expect(told).to_be_visible()
        expect(name).to_have_value("Halvskrivet Namn")
        slow.hears("profile_state.keep")
        person.page.reload()
        expect(name).to_have_value("Halvskrivet Namn")
        # That somebody changed one's rights stands in nobody's way.
        person.button("profile.person.save").click()
        expect(person.page.get_by_text(person.say("profile.saved"))).to_be_visible()
        expect(person.page.get_by_role("definition").first).to_have_text("Halvskrivet Namn")
        person.button("profile.person.edit").click()
        name.fill(before)
        person.button("profile.person.save").click()
        expect(person.page.get_by_role("definition").first).to_have_text(before)

        # Another's permissions, chosen and not saved yet; what one may give no longer is locked.
        reader = f"/users/{user_of('reader@bjorko.example').id}?tab=permissions"
        person.go(reader)
        role = person.page.get_by_role("combobox", name=person.say("users.permissions.role"))
        invoices = level(person, "invoices", "none")
        invoices.check()
        expect(role).to_have_value("custom")
        give(Role.SUPERUSER)
        expect(told).to_be_visible()
        expect(invoices).to_be_checked()
        expect(role).to_have_value("custom")

        # A dialog over groups stays too, and says why it does nothing any more.
        person.go("/group-memberships/customer-numbers/10023")
        person.button("grouping.thing.add").click()
        box = person.page.get_by_role("dialog")
        box.get_by_label(person.say("grouping.thing.category")).select_option("Region")
        # It has come there: what comes after the right has gone is refused.
        expect(box.get_by_label(person.say("grouping.thing.group"), exact=True)).to_contain_text("Mitt")
        give(Role.CUSTOM, fewer)
        expect(told).to_be_visible()
        expect(box.get_by_label(person.say("grouping.thing.category")).locator("option:checked")).to_have_text("Region")
        box.get_by_role("button", name=person.say("grouping.thing.add"), exact=True).click()
        expect(person.page.get_by_text(person.say("refused.permission"))).to_be_visible()
        give(Role.SUPERUSER)

        person.go("/company")
        person.button("company_profile.edit").click()
        address = person.page.get_by_label(person.say("company_profile.decided.delivery_address"))
        address.fill("Halva vägen")
        give(Role.CUSTOM, fewer)
        expect(told).to_be_visible()
        expect(address).to_have_value("Halva vägen")
        slow.hears("company_profile_state.keep")
        person.page.reload()
        expect(address).to_have_value("Halva vägen")
        person.button("company_profile.cancel").click()
        expect(person.button("company_profile.edit")).to_be_visible()
    finally:
        give(Role.SUPERUSER)
