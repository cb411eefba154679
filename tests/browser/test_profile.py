"""One's own profile: details, permissions, second factor, sessions; on one's own or another's tab."""

from __future__ import annotations

import re
import zipfile

import pyotp
from playwright.sync_api import expect


def test_name_and_number_are_edited_and_the_bar_knows_at_once(enter):
    person = enter("reader@bjorko.example")
    person.go("/")
    person.account.click()
    person.entry("navigation.profile").click()
    expect(person.heading("profile.title")).to_be_visible()
    shown = person.page.get_by_role("definition")
    expect(shown.nth(0)).to_have_text(re.compile(r"\w"))
    before = shown.nth(0).inner_text()
    person.button("profile.person.edit").click()
    name = person.page.get_by_label(re.compile(f"^{person.say('profile.person.name')}"))
    expect(name).to_be_focused()
    phone = person.page.get_by_label(person.say("profile.person.phone"), exact=True)
    phone.fill("ring mig")
    name.fill("Åsa Ändrad")
    person.button("profile.person.save").click()
    expect(phone).to_have_accessible_description(re.compile("fullständigt telefonnummer"))
    expect(name).to_have_value("Åsa Ändrad")
    phone.fill("070-174 06 05")
    person.button("profile.person.save").click()
    expect(person.page.get_by_text(person.say("profile.saved"))).to_be_visible()
    expect(shown.nth(0)).to_have_text("Åsa Ändrad")
    expect(person.page.get_by_role("button", name="Mitt konto, Åsa Ändrad")).to_be_visible()
    person.page.reload()
    expect(shown.nth(1)).to_have_text("070-174 06 05")
    person.button("profile.person.edit").click()
    person.page.get_by_label(re.compile(f"^{person.say('profile.person.name')}")).fill(before)
    person.button("profile.person.save").click()
    expect(shown.nth(0)).to_have_text(before)


def test_permissions_are_shown_as_they_are(enter):
    person = enter("finance@bjorko.example")
    person.go("/profile?tab=permissions")
    row = person.page.get_by_role("row")
    expect(row.filter(has_text="Grupper")).to_contain_text(person.say("permissions.level.write"))
    expect(row.filter(has_text="Fakturor")).to_contain_text(person.say("permissions.level.read"))
    expect(row.filter(has_text="Företagsprofil")).to_contain_text(person.say("permissions.level.none"))
    expect(row.filter(has_text="Hantera användare")).to_contain_text(person.say("permissions.table.has_not"))


def test_a_session_elsewhere_is_ended_and_falls_out(enter):
    here, there = enter("approver1@bjorko.example"), enter("approver1@bjorko.example")
    there.go("/customer-numbers")
    there.counts(7)
    here.go("/profile?tab=security")
    here.button("profile.sessions.end_others").click()
    expect(here.page.get_by_text(here.say("profile.others_ended"))).to_be_visible()
    expect(here.button("profile.sessions.end_others")).to_have_count(0)
    expect(there.page).to_have_url(re.compile("/login"))


def test_the_second_factor_is_set_up_asked_for_and_switched_off(enter, complaints):
    complaints.allow(r"status of (401|422)", "a wrong code is refused")
    person = enter("approver2@bjorko.example")
    person.go("/profile?tab=security")
    person.link("profile.security.turn_on").click()
    secret = person.page.locator("code").inner_text().replace(" ", "")
    code = person.page.get_by_label(person.say("auth.factor.code"), exact=True)
    code.fill("000000")
    person.button("auth.factor.set_up.button").click()
    expect(code).to_have_accessible_description(re.compile("stämmer inte"))
    code.fill(pyotp.TOTP(secret).now())
    person.button("auth.factor.set_up.button").click()
    codes = person.page.get_by_role("list", name=person.say("auth.factor.codes.list")).get_by_role("listitem")
    expect(codes).to_have_count(10)
    recovery = codes.all_inner_texts()
    person.link("auth.factor.codes.done").click()
    person.arrived()
    expect(person.page.get_by_text("10 återställningskoder")).to_be_visible()

    again = enter()
    again.page.goto("/login?next=%2Fcustomer-numbers")
    again.sign_in("approver2@bjorko.example")
    expect(again.heading("auth.factor.title")).to_be_visible()
    again.page.goto("/customer-numbers")
    expect(again.heading("auth.login.title")).to_be_visible()
    again.sign_in("approver2@bjorko.example")
    again.page.get_by_label(again.say("auth.factor.code"), exact=True).fill(recovery[0])
    again.button("auth.login.button").click()
    again.arrived()
    again.go("/profile?tab=security")
    expect(again.page.get_by_text("9 återställningskoder")).to_be_visible()
    again.link("profile.security.turn_off").click()
    again.page.get_by_label(again.say("auth.account.current"), exact=True).fill("demo-demo-demo")
    again.page.get_by_label(again.say("auth.factor.code"), exact=True).fill(recovery[1])
    again.button("auth.factor.off.button").click()
    again.arrived()
    expect(again.link("profile.security.turn_on")).to_be_visible()


def test_how_strong_a_new_password_is_shows_while_it_is_typed(enter):
    person = enter("orderer@bjorko.example")
    person.page.goto("/profile/password")
    new = person.page.get_by_label(person.say("auth.reset.new"), exact=True)
    new.fill("aaaaaaaaaaaa")
    expect(person.page.get_by_text(person.say("auth.change.strengths.0"))).to_be_visible()
    new.fill("sju gröna båtar i rad")
    expect(person.page.get_by_text(person.say("auth.change.strengths.4"))).to_be_visible()


def test_a_deputy_is_named_and_ended_and_what_is_kept_is_downloaded_in_ones_language(enter):
    person = enter("approver1@bjorko.example")
    person.go("/profile")
    person.page.get_by_role("radio", name="English").click()
    person.language = "en"
    expect(person.heading("profile.title")).to_be_visible()
    with person.page.expect_download() as fetched:
        person.link("profile.kept.download").click()
    assert fetched.value.suggested_filename.startswith("About me ")
    with zipfile.ZipFile(fetched.value.path()) as archive:
        assert "approver1@bjorko.example" in archive.read("READ ME.txt").decode()
        assert {"Details.xlsx", "Sessions.xlsx", "Log.xlsx"} <= set(archive.namelist())

    person.link("profile.tabs.deputies").click()
    expect(person.page.get_by_text(person.say("profile.deputies.none_why"))).to_be_visible()
    person.button("profile.deputies.add").click()
    choice = person.page.get_by_label(re.compile(f"^{person.say('profile.deputies.deputy')}"))
    expect(choice).to_be_focused()
    name = choice.locator("option").first.inner_text()
    first = person.page.get_by_label(re.compile(f"^{person.say('profile.deputies.starts')}"))
    last = person.page.get_by_label(re.compile(f"^{person.say('profile.deputies.ends')}"))
    today = first.input_value()
    last.fill("2020-01-01")
    person.button("profile.deputies.save").click()
    expect(person.page.get_by_role("alert")).to_have_text(person.say("profile.deputies.refused.backwards"))
    expect(last).to_have_value("2020-01-01")
    last.fill(today)
    person.button("profile.deputies.save").click()
    expect(person.page.get_by_text(f"{today} – {today}, {person.say('profile.deputies.state.now')}")).to_be_visible()
    person.page.reload()
    person.button("profile.deputies.end_of", name=name).click()
    expect(person.page.get_by_text(person.say("profile.deputies.none_why"))).to_be_visible()

    reader = enter("reader@bjorko.example")
    reader.go("/profile?tab=deputies")
    expect(reader.link("profile.tabs.permissions")).to_be_visible()
    expect(reader.link("profile.tabs.deputies")).to_have_count(0)


def test_how_mail_comes_is_chosen_and_kept(enter):
    person = enter("superuser2@bjorko.example")
    person.go("/profile?tab=mail")
    daily = person.page.get_by_role("radio", name=person.say("profile.mail.how.daily"))
    daily.check()
    expect(person.page.get_by_text("Sparat: Ändrade ordergodkännare – En gång om dagen.")).to_be_visible()
    person.page.reload()
    expect(daily).to_be_checked()
    person.page.get_by_role("radio", name=person.say("profile.mail.how.at_once")).check()
    expect(person.page.get_by_text("Sparat: Ändrade ordergodkännare – Direkt.")).to_be_visible()
