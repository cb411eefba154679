"""Managing users: the list, the wizard, the page of a user (U4, U5, U7)."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.test_details import read


def test_from_the_list_of_users_to_one_with_their_permissions_and_access(enter):
    person = enter("superuser@bjorko.example")
    person.go("/users?q=partial")
    person.numbers.first.click()
    expect(person.heading("details.user.named", number="Sara Öberg")).to_be_visible()
    main = person.page.get_by_role("main")
    expect(main).to_contain_text("partial@bjorko.example")
    expect(main).to_contain_text(person.say("permissions.role.custom"))
    person.link("details.tabs.permissions").click()
    row = person.page.get_by_role("row").filter(has_text=person.say("permissions.kind.customer_numbers"))
    expect(row).to_contain_text(person.say("permissions.level.read"))
    person.link("details.tabs.access").click()
    access = main.get_by_role("listitem").get_by_role("link", name=re.compile(r"^100\d\d "))
    expect(access).to_have_text(["10024 Mark", "10027 Service"])
    access.first.click()
    expect(person.heading("details.customer_number.named", number="10024")).to_be_visible()


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
