"""Managing users: the list, the wizard, the page of a user (U4, U5, U7)."""

from __future__ import annotations

import re
import sqlite3

import pytest
from playwright.sync_api import Locator, expect

from selfcare_app.specs.permissions import KINDS, SINGLE
from tests.browser.company import PASSWORD, letter
from tests.browser.conftest import DESKTOP, PHONE, SlowAnswers, Visitor
from tests.browser.test_details import copy_row, read

PRESS_FAST = """async () => {
  const boxes = [...document.querySelectorAll(".choice-tables input:enabled")];
  const shown = () => boxes.map((box) => Number(box.checked)).join("");
  const pause = (ms) => new Promise((done) => setTimeout(done, ms));
  let sprung = 0;
  let pressed = shown();
  for (let press = 0; press < 50; press++) {
    sprung += shown() !== pressed;
    boxes[(press * 7) % boxes.length].click();
    pressed = shown();
    await pause(10);
  }
  for (let wait = 0; wait < 10; wait++) {
    await pause(100);
    sprung += shown() !== pressed;
  }
  return sprung;
}"""


def test_from_the_list_of_users_to_one_with_their_permissions_and_access(enter):
    person = enter("superuser@bjorko.example")
    person.go("/users?q=partial")
    person.numbers.first.click()
    expect(person.heading("details.user.named", number="Sara Öberg")).to_be_visible()
    main = person.page.get_by_role("main")
    expect(main).to_contain_text("partial@bjorko.example")
    expect(main).to_contain_text(person.say("permissions.role.custom"))
    person.link("details.tabs.permissions").click()
    expect(level(person, "customer_numbers", "read")).to_be_checked()
    # However fast one presses, each box stays as it was pressed, then and when all are answered.
    assert person.page.evaluate(PRESS_FAST) == 0
    person.page.wait_for_function("() => document.querySelector('#role').value === 'custom'")
    person.button("users.undo").click()
    expect(level(person, "customer_numbers", "read")).to_be_checked()
    person.link("details.tabs.access").click()
    chosen = person.page.get_by_role("list", name=person.say("users.access.chosen_list")).get_by_role("listitem")
    expect(chosen).to_contain_text(["10024 Mark", "10027 Service"])


def test_only_those_who_manage_users_look_at_one(enter, portal):
    (own,) = read(
        portal,
        "SELECT user.id FROM user JOIN sign_in ON sign_in.id = sign_in_id WHERE email = ?",
        "admin@bjorko.example",
    )[0]
    for email, address in (
        ("admin@bjorko.example", f"/users/{own}"),
        ("superuser@sjovik.example", f"/users/{own}"),
        ("superuser@bjorko.example", "/users/999999999999999999999999"),
        ("superuser@bjorko.example", "/users/1%20OR%201"),
    ):
        person = enter(email)
        person.go(address)
        expect(person.heading("pages.not_found.title")).to_be_visible()


# --- the wizard


def next_step(person: Visitor, step: str) -> None:
    person.button("frame.wizard.next").click()
    expect(person.heading(f"users.wizard.steps.{step}", level=2)).to_be_visible()


def level(person: Visitor, kind: str, wanted: str) -> Locator:
    name = f"{person.say(f'permissions.kind.{kind}')}: {person.say(f'permissions.level.{wanted}')}"
    return person.page.get_by_role("radio", name=name, exact=True)


def test_a_user_is_created_and_sees_exactly_what_was_chosen(enter, portal, populous):
    boss = enter(populous.email, populous.password)
    page = boss.page
    slow = SlowAnswers(page)
    boss.go("/users")
    boss.link("users.wizard.new").click()
    expect(boss.heading("users.wizard.title")).to_be_visible()
    name, email, phone, role = (
        page.get_by_role("textbox", name=boss.say("users.wizard.name")),
        page.get_by_role("textbox", name=boss.say("users.wizard.email")),
        page.get_by_role("textbox", name=boss.say("users.wizard.phone")),
        page.get_by_role("combobox", name=boss.say("users.permissions.role")),
    )

    # What is wrong is said by each field; an address that this company knows is refused as such, in whatever case.
    boss.button("frame.wizard.next").click()
    expect(page.get_by_role("alert")).to_have_text(
        [boss.say(f"auth.{key}") for key in ("profile.name_missing", "invite.bad_email")]
        + [boss.say("users.wizard.role_missing")]
    )
    expect(name).to_be_focused()
    name.fill("Nils Ny")
    email.fill(populous.email.upper())
    phone.fill("ring mig")
    phone.press("Tab")
    role.select_option("reader")
    expect(page.get_by_role("alert")).to_have_text(
        [boss.say("auth.invite.already_here"), boss.say("auth.profile.bad_phone")]
    )
    email.fill("nils@company6.example")
    phone.fill("070-174 06 05")
    boss.button("users.permissions.about_roles").click()
    guide = page.get_by_role("dialog", name=boss.say("users.permissions.about_roles"))
    expect(guide).to_contain_text(boss.say("permissions.role_text.finance"))
    expect(guide.get_by_role("row")).to_have_count(1 + len(KINDS) + len(SINGLE))
    page.keyboard.press("Escape")
    next_step(boss, "permissions")

    # A changed permission makes the role one's own, and back again what it was.
    said = page.get_by_role("main").get_by_role("status")
    level(boss, "groups", "write").check()
    expect(said).to_contain_text(boss.say("permissions.role.custom"))
    level(boss, "groups", "read").check()
    expect(said).to_contain_text(boss.say("permissions.role.reader"))
    level(boss, "invoices", "none").check()
    expect(said).to_contain_text(boss.say("permissions.role.custom"))
    next_step(boss, "access")

    # Many objects: searched for, ticked, and named as chips that can be taken away again.
    boss.button("frame.wizard.next").click()
    expect(page.get_by_role("alert")).to_have_text(boss.say("users.wizard.access_missing"))
    page.get_by_role("radio", name=boss.say("users.access.ways.some")).check()
    expect(
        page.get_by_role("list", name=boss.say("users.access.kinds.customer_numbers")).get_by_role("listitem")
    ).to_have_count(25)
    page.get_by_role("searchbox").fill("plats 05")
    expect(page.get_by_role("status").filter(has_text=boss.say("users.access.hits", n=10))).to_be_visible()
    for number in ("610055 Plats 055", "610056 Plats 056"):
        page.get_by_role("checkbox", name=number).check()
    page.set_viewport_size(PHONE)
    expect(boss.button("users.access.remove", name="610056 Plats 056")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], "the page scrolls sideways"
    page.set_viewport_size(DESKTOP)
    boss.button("users.access.remove", name="610056 Plats 056").click()
    expect(page.get_by_role("checkbox", name="610056 Plats 056")).not_to_be_checked()
    next_step(boss, "summary")

    # Back, forward and reload lose nothing.
    page.go_back()
    page.go_back()
    expect(level(boss, "invoices", "none")).to_be_checked()
    page.go_back()
    expect(name).to_have_value("Nils Ny")
    # Not even what is being typed, in a field that was never left.
    phone.press("End")
    page.keyboard.type("9")
    slow.hears("070-174 06 059")
    page.reload()
    expect(phone).to_have_value("070-174 06 059")
    phone.fill("070-174 06 05")
    slow.hears("user_new_state.keep")
    page.go_forward()
    page.go_forward()
    expect(page.get_by_role("list", name=boss.say("users.access.chosen_list"))).to_contain_text("610055 Plats 055")
    next_step(boss, "summary")
    page.reload()
    main = page.get_by_role("main")
    for shown in ("Nils Ny", "nils@company6.example", "610055 Plats 055", boss.say("permissions.role.custom")):
        expect(main).to_contain_text(shown)
    boss.button("users.wizard.create").dblclick()
    expect(boss.heading("details.user.named", number="Nils Ny")).to_be_visible()
    assert (
        len(
            read(
                portal,
                "SELECT 1 FROM user JOIN sign_in ON sign_in.id = sign_in_id WHERE email = 'nils@company6.example'",
            )
        )
        == 1
    )
    assert len([path for path in portal.mail.glob("*.eml") if b"nils@company6" in path.read_bytes()]) <= 1

    # The mailed link makes the user one who sees exactly that.
    guest = enter()
    guest.page.goto(letter(portal, "nils@company6.example", "invitation"))
    expect(guest.page.get_by_label(guest.say("auth.invitation.phone"))).to_have_value("070-174 06 05")
    for field in ("password", "again"):
        name = re.compile(rf"^{guest.say(f'auth.invitation.{field}')}\\*?$")
        guest.page.get_by_role("textbox", name=name).fill(PASSWORD)
    guest.button("auth.invitation.button").click()
    guest.arrived()
    guest.go("/customer-numbers")
    guest.sees(["610055"])
    for forbidden in ("/invoices", "/users"):
        guest.go(forbidden)
        expect(guest.heading("lists.forbidden.title", level=2)).to_be_visible()
    guest.go("/users/new")
    expect(guest.heading("users.wizard.forbidden", level=2)).to_be_visible()


# --- changing users


@pytest.fixture
def managed(portal, populous) -> str:
    """A reader of the populous company who sees one customer number, and signs in with the same password."""
    email = "rut@company6.example"
    with sqlite3.connect(portal.data_dir / "selfcare.db", timeout=15) as db:
        if not db.execute("SELECT 1 FROM sign_in WHERE email = ?", (email,)).fetchone():
            named = {"email": email, "email_key": email}
            copy_row(db, "sign_in", f"email = '{populous.email}'", **named)
            (sign_in,) = db.execute("SELECT id FROM sign_in WHERE email = ?", (email,)).fetchone()
            of_boss = f"sign_in_id = (SELECT id FROM sign_in WHERE email = '{populous.email}')"
            rut = {"name": "Rut Ek", "name_sort": "rut ek", "search_key": "rut ek", "role": "reader", "access_all": 0}
            copy_row(db, '"user"', of_boss, sign_in_id=sign_in, version=1, **rut)
            db.execute(
                "INSERT INTO access_grant (company_id, user_id, customer_number_id) SELECT u.company_id, u.id, c.id"
                " FROM \"user\" u, customer_number c WHERE u.sign_in_id = ? AND c.number = '610020'",
                (sign_in,),
            )
    return email


def test_a_user_is_changed_disabled_and_deleted_and_feels_it(enter, portal, populous, managed):
    boss, rut = enter(populous.email, populous.password), enter(managed, populous.password)
    page = boss.page
    rut.go("/customer-numbers")
    rut.sees(["610020"])

    # From the list to the permissions; of oneself only what one may do is offered.
    boss.go("/users")
    menus = boss.say("lists.choose_action", number="{}")
    page.get_by_role("button", name=menus.format("Åke Först")).click()
    expect(boss.entry("lists.actions.edit_user")).to_be_visible()
    expect(boss.entry("lists.actions.remove_user")).to_have_count(0)
    page.keyboard.press("Escape")
    page.get_by_role("button", name=menus.format("Rut Ek")).click()
    boss.entry("lists.actions.change_permissions").click()
    role = page.get_by_role("combobox", name=boss.say("users.permissions.role"))
    expect(role).to_have_value("reader")

    # Of two managers the slower one is shown what the other changed, keeps the own choice, and may still save it.
    other = boss.another_tab()
    other.go(page.url.removeprefix(portal.url))
    level(other, "invoices", "none").check()
    other.button("users.permissions.save").click()
    expect(other.page.get_by_text(other.say("users.permissions.saved"))).to_be_visible()
    other.page.close()
    role.select_option("orderer")
    boss.button("users.permissions.save").click()
    told = page.get_by_role("alert")
    expect(told).to_contain_text("Du ändrade själv det här")
    expect(told.get_by_role("listitem")).to_have_count(1)
    expect(told).to_contain_text(boss.say("permissions.kind.invoices"))
    expect(role).to_have_value("orderer")
    boss.button("users.permissions.save").click()
    expect(page.get_by_text(boss.say("users.permissions.saved"))).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text(boss.say("permissions.role.orderer"))

    # Access: what is there is named; one more is found by searching.
    boss.link("details.tabs.access").click()
    expect(boss.heading("details.tabs.access", level=2)).to_be_visible()
    chosen = page.get_by_role("list", name=boss.say("users.access.chosen_list")).get_by_role("listitem")
    expect(chosen).to_have_count(1)
    page.get_by_role("searchbox").fill("610033")
    page.get_by_role("checkbox", name="610033").check()
    boss.button("users.access.save").click()
    expect(page.get_by_text(boss.say("users.access.saved"))).to_be_visible()
    expect(chosen).to_have_count(2)
    given = "SELECT count(*) FROM access_grant JOIN user ON user.id = user_id WHERE user.name = 'Rut Ek'"
    assert read(portal, given) == [(2,)]
    rut.go("/customer-numbers")
    rut.sees(["610020", "610033"])

    # Name and number.
    boss.link("details.tabs.profile").click()
    boss.button("users.profile.edit").click()
    page.get_by_role("textbox", name=boss.say("users.wizard.phone")).fill("ring mig")
    boss.button("users.save").click()
    expect(page.get_by_role("alert")).to_have_text(boss.say("auth.profile.bad_phone"))
    page.get_by_role("textbox", name=boss.say("users.wizard.phone")).fill("0701740605")
    boss.button("users.save").click()
    expect(page.get_by_role("main")).to_contain_text("070-174 06 05")

    # A lost second factor is reset after a question; its owner is signed out and told by mail.
    with sqlite3.connect(portal.data_dir / "selfcare.db", timeout=15) as db:
        db.execute("UPDATE sign_in SET totp_secret = 'lost', totp_since = created_at WHERE email = ?", (managed,))
    dialog = page.get_by_role("dialog")
    boss.go("/users?q=rut")
    page.get_by_role("button", name=menus.format("Rut Ek")).click()
    boss.entry("lists.actions.reset_second_factor").click()
    expect(dialog).to_contain_text(boss.say("users.doings.reset_second_factor.what"))
    dialog.get_by_role("button", name=boss.say("users.doings.reset_second_factor.confirm", n=1)).click()
    expect(page.get_by_text(boss.say("users.doings.reset_second_factor.done", n=1))).to_be_visible()
    expect(rut.page).to_have_url(re.compile("/login"))
    page.get_by_role("button", name=menus.format("Rut Ek")).click()
    expect(boss.entry("lists.actions.edit_user")).to_be_visible()
    expect(boss.entry("lists.actions.reset_second_factor")).to_have_count(0)
    page.keyboard.press("Escape")
    rut = enter(managed, populous.password)
    rut.go("/customer-numbers")

    # Many at once: who is left out, and why, is shown before anything is done.
    boss.go("/users?q=a")
    page.get_by_role("checkbox", name=boss.say("lists.tick_page")).click()
    bar = page.get_by_role("region", name=boss.say("lists.selection"))
    bar.get_by_role("button", name=boss.say("lists.actions.disable_user"), exact=True).click()
    expect(dialog).to_contain_text(boss.say("users.refused.own"))
    expect(dialog).to_contain_text(boss.say("users.doings.disable_user.what"))
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    boss.go("/users?q=rut")
    page.get_by_role("button", name=menus.format("Rut Ek")).click()
    boss.entry("lists.actions.disable_user").click()
    dialog.get_by_role("button", name=boss.say("users.doings.disable_user.confirm", n=1)).click()
    expect(page.get_by_text(boss.say("users.doings.disable_user.done", n=1))).to_be_visible()
    expect(boss.body).to_contain_text(boss.say("lists.user_status.disabled"))
    rut.page.reload()
    expect(rut.page).to_have_url(re.compile("/login"))

    # On the user's page: enabled again, then deleted; the list is without them.
    boss.numbers.first.click()
    page.get_by_role("button", name=boss.say("details.choose_action"), exact=True).click()
    boss.entry("lists.actions.enable_user").click()
    dialog.get_by_role("button", name=boss.say("users.doings.enable_user.confirm", n=1)).click()
    expect(page.get_by_text(boss.say("users.doings.enable_user.done", n=1))).to_be_visible()
    page.get_by_role("button", name=boss.say("details.choose_action"), exact=True).click()
    boss.entry("lists.actions.remove_user").click()
    dialog.get_by_role("button", name=boss.say("users.doings.remove_user.confirm", n=1)).click()
    expect(page.get_by_text(boss.say("users.doings.remove_user.done", n=1))).to_be_visible()
    expect(boss.heading("lists.users.title")).to_be_visible()
    expect(boss.body).not_to_contain_text("Rut Ek")
