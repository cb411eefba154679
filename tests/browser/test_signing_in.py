"""In and out: signing in as each kind of person, forgotten passwords, invitations, sessions that end."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import quote

import pyotp
import pytest
from playwright.sync_api import expect

from selfcare_app.services import company_profile, invitations
from selfcare_app.services.demo.content import BJORKO, SJOVIK
from selfcare_app.services.invitations import Invitee
from selfcare_app.specs.permissions import Role
from tests.browser.company import invite, letter, register
from tests.portal import acting_as

SHOW_LIST = "navigation.customer_numbers_full"
NOT_SIGNED_IN = r"status of 401"
NO_SUCH_PAGE = r"status of 404"


@pytest.mark.parametrize(
    ("email", "company", "numbers", "lists"),
    [
        ("superuser@bjorko.example", BJORKO.name, 7, 7),
        ("orderer@bjorko.example", BJORKO.name, 7, 5),
        ("finance@bjorko.example", BJORKO.name, 7, 5),
        ("partial@bjorko.example", BJORKO.name, 2, 3),
        ("superuser@sjovik.example", SJOVIK.name, 7, 7),
    ],
)
def test_everyone_finds_their_company_their_menu_and_their_counts(enter, email, company, numbers, lists):
    guest = enter()
    guest.page.goto("/")
    guest.sign_in(email)
    guest.arrived()
    expect(guest.page).to_have_url("/")
    expect(guest.page.get_by_role("banner")).to_contain_text(company)
    counts = guest.page.get_by_role("region", name=guest.say("pages.overview.counts"))
    expect(counts.get_by_text(str(numbers), exact=True)).to_be_visible()
    menu = guest.page.get_by_role("navigation", name=guest.say("frame.main_menu"))
    expect(menu.get_by_role("link")).to_have_text([guest.say("navigation.overview")])
    menu.get_by_role("button", name=guest.say("navigation.section.show")).click()
    expect(guest.page.get_by_role("menuitem")).to_have_count(lists)
    guest.entry(SHOW_LIST).click()
    expect(guest.heading("lists.customer_numbers.title")).to_be_visible()
    guest.counts(numbers)


def test_the_operators_staff_see_what_was_fed_and_no_list(enter):
    staff = enter()
    staff.page.goto("/login")
    staff.sign_in("staff@exempelnat.example")
    staff.arrived()
    expect(staff.heading("pages.overview.feeds", level=2)).to_be_visible()
    expect(staff.page.get_by_role("row").filter(has_text="demo-payments.csv")).to_be_visible()
    menu = staff.page.get_by_role("navigation", name=staff.say("frame.main_menu"))
    expect(menu.get_by_role("button")).to_have_count(0)
    staff.go("/customer-numbers")
    expect(staff.heading("lists.forbidden.title", level=2)).to_be_visible()


def test_a_wrong_password_is_told_and_the_address_kept(enter, complaints):
    complaints.allow(NOT_SIGNED_IN, "the answer to a wrong password is 401")
    guest = enter()
    guest.page.goto("/login")
    email = guest.page.get_by_label(guest.say("auth.login.email"), exact=True)
    password = guest.page.get_by_label(guest.say("auth.login.password"), exact=True)
    expect(email).to_be_focused()
    with guest.page.expect_response(lambda answer: answer.request.method == "POST") as answered:
        guest.sign_in("superuser2@bjorko.example", "not-the-password")
    assert answered.value.status == 401
    expect(guest.page.get_by_role("alert")).to_contain_text(guest.say("auth.sign_in_refused"))
    expect(email).to_have_value("superuser2@bjorko.example")
    expect(password).to_have_value("")
    expect(password).to_be_focused()
    expect(password).to_have_accessible_description(re.compile(re.escape(guest.say("auth.sign_in_refused"))))
    guest.sign_in("superuser2@bjorko.example")
    guest.arrived()


def test_a_forgotten_password_is_replaced_through_a_mailed_link_and_others_are_signed_out(
    enter, complaints, portal, companies
):
    complaints.allow(NOT_SIGNED_IN, "the old password is refused")
    complaints.allow(NO_SUCH_PAGE, "the used link is a page that isn't there any more")
    own = register(portal, companies["Glömska AB"])
    elsewhere = enter(own.email, own.password)
    elsewhere.go("/customer-numbers")
    elsewhere.counts(3)

    guest = enter()
    guest.page.goto("/login")
    guest.link("auth.login.forgotten").click()
    guest.page.get_by_label(guest.say("auth.login.email"), exact=True).fill(own.email)
    guest.button("auth.forgotten.button").click()
    expect(guest.heading("auth.forgotten.sent_title")).to_be_visible()

    link = letter(portal, own.email, "reset-password")
    guest.page.goto(link)
    new = guest.page.get_by_label(guest.say("auth.reset.new"), exact=True)
    again = guest.page.get_by_label(guest.say("auth.reset.again"), exact=True)
    chosen = "åtta blå cyklar vid sjön"
    new.fill(chosen)
    again.fill(chosen)
    guest.button("auth.reset.button").click()
    expect(guest.page.get_by_role("status")).to_contain_text(guest.say("auth.login.password_is_changed"))
    guest.sign_in(own.email, own.password)
    expect(guest.page.get_by_role("alert")).to_contain_text(guest.say("auth.sign_in_refused"))
    guest.sign_in(own.email, chosen)
    guest.arrived()
    expect(guest.page.get_by_role("banner")).to_contain_text(own.name)

    expect(elsewhere.page).to_have_url(re.compile(r"/login\?next="))
    expect(elsewhere.page.get_by_role("status")).to_have_text(elsewhere.say("auth.login.session_ended"))

    stranger = enter()
    stranger.page.goto(link)
    expect(stranger.heading("auth.dead.title")).to_be_visible()


def test_an_invitation_leads_in_and_works_once(enter, complaints, portal, companies):
    complaints.allow(NO_SUCH_PAGE, "the used link is a page that isn't there any more")
    complaints.allow(r"status of 422", "passwords that differ are refused")
    own = companies["Inbjudna AB"]
    guest = enter()
    link = invite(portal, own)
    guest.page.goto(link)
    expect(guest.heading("auth.invitation.title")).to_be_visible()
    expect(guest.page.get_by_role("main")).to_contain_text(own.name)
    name = guest.page.get_by_label(re.compile(f"^{guest.say('auth.invitation.name')}"))
    password = guest.page.get_by_role("textbox", name=re.compile(rf"^{guest.say('auth.invitation.password')}\*?$"))
    again = guest.page.get_by_role("textbox", name=re.compile(rf"^{guest.say('auth.invitation.again')}\*?$"))
    expect(name).to_have_value("Åke Först")
    name.fill("Åke Sist")
    password.fill(own.password)
    again.fill("något annat")
    guest.button("auth.invitation.button").click()
    expect(guest.page.get_by_role("alert")).to_contain_text(guest.say("auth.password.different"))
    expect(name).to_have_value("Åke Sist")
    password.fill(own.password)
    again.fill(own.password)
    guest.button("auth.invitation.button").click()
    guest.arrived()
    expect(guest.account).to_have_accessible_name(guest.say("frame.account_of", name="Åke Sist"))
    expect(guest.page.get_by_role("banner")).to_contain_text(own.name)

    stranger = enter()
    stranger.page.goto(link)
    expect(stranger.heading("auth.dead.title")).to_be_visible()
    expect(stranger.page.get_by_role("main")).not_to_contain_text(own.name)


def test_an_invitation_to_a_company_that_requires_a_second_factor_is_one_flow_to_the_first_sign_in(
    enter, portal, companies, elsewhere
):
    own = register(portal, companies["Säkra AB"])
    boss, address = acting_as(portal, own.email, own.password), "ny@sakra.example"
    invitations.invite(boss, Invitee(name="Nils Ny", email=address, role=Role.READER, access_all=True))
    company_profile.change(boss, replace(company_profile.overview(boss).decided, require_second_factor=True))

    guest = enter()
    guest.page.goto(letter(portal, address, "invitation"))
    main = guest.page.get_by_role("main")
    expect(main).to_contain_text(guest.say("auth.invitation.then_factor", company=own.name))
    for field in ("password", "again"):
        guest.page.get_by_role("textbox", name=re.compile(rf"^{guest.say(f'auth.invitation.{field}')}\*?$")).fill(
            own.password
        )
    guest.button("auth.invitation.button").click()
    expect(guest.heading("auth.factor.set_up.title")).to_be_visible()
    expect(main).to_contain_text(guest.say("auth.factor.set_up.lead_required"))
    guest.page.goto("/customer-numbers")
    expect(guest.heading("auth.factor.set_up.title")).to_be_visible()
    guest.page.go_back()
    factor = pyotp.TOTP(guest.page.locator("code").inner_text().replace(" ", ""))
    code = guest.page.get_by_label(guest.say("auth.factor.code"), exact=True)
    code.fill(factor.now())
    guest.button("auth.factor.set_up.button").click()
    codes = guest.page.get_by_role("list", name=guest.say("auth.factor.codes.list")).get_by_role("listitem")
    expect(codes).to_have_count(10)
    recovery = codes.first.inner_text()
    guest.link("auth.factor.codes.done").click()
    guest.arrived()
    expect(guest.page).to_have_url("/")
    expect(guest.page.get_by_role("banner")).to_contain_text(own.name)

    guest.account.click()
    guest.entry("frame.log_out").click()
    guest.sign_in(address, own.password)
    expect(guest.heading("auth.factor.title")).to_be_visible()
    code.fill(recovery)
    guest.button("auth.login.button").click()
    guest.arrived()
    expect(guest.page.get_by_role("banner")).to_contain_text(own.name)


def test_a_stranger_is_asked_to_sign_in_and_comes_to_the_page_asked_for_with_its_query(enter):
    guest = enter()
    address = "/customer-numbers?type=mobile%2Cmixed&sort=-name"
    guest.page.goto(address)
    expect(guest.page).to_have_url(f"/login?next={quote(address, safe='')}")
    guest.sign_in("reader@bjorko.example")
    guest.arrived()
    expect(guest.page).to_have_url(address)
    guest.sees(["10027", "10019", "10024", "10023", "10031"])


def test_signing_out_closes_the_other_tab_too_and_back_shows_nothing(enter):
    person = enter("reader@bjorko.example")
    person.go("/customer-numbers")
    person.counts(7)
    other = person.another_tab()
    other.go("/customer-numbers/10023")
    person.account.click()
    person.entry("frame.log_out").click()
    expect(person.button("auth.login.button")).to_be_visible()
    person.page.go_back()
    expect(person.button("auth.login.button")).to_be_visible()
    expect(person.page.locator("body")).not_to_contain_text("10023")
    expect(other.page).to_have_url(re.compile(r"/login\?next="))
    other.sign_in("reader@bjorko.example")
    other.arrived()
    expect(other.page).to_have_url(re.compile(r"/customer-numbers/10023$"))


def test_a_session_that_ended_elsewhere_leads_to_signing_in_and_back_to_the_same_place(enter, portal):
    person = enter("approver1@bjorko.example")
    person.go("/customer-numbers")
    person.counts(7)
    person.heads("name").get_by_role("link").click()
    expect(person.page).to_have_url("/customer-numbers?sort=name")
    cookie = next(c for c in person.page.context.cookies() if c["name"] == "selfcare_session")
    with portal.client() as elsewhere:
        elsewhere.cookies.set("selfcare_session", cookie["value"])
        assert elsewhere.post("/logout").status_code == 303
    # Nobody touches the page: it falls out by itself, and says why.
    expect(person.page).to_have_url(f"/login?next={quote('/customer-numbers?sort=name', safe='')}")
    expect(person.page.get_by_role("status")).to_have_text(person.say("auth.login.session_ended"))
    person.sign_in("approver1@bjorko.example")
    person.arrived()
    expect(person.page).to_have_url("/customer-numbers?sort=name")
    expect(person.heads("name")).to_have_attribute("aria-sort", "ascending")
