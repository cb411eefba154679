"""The log after all that (P4): what is done is read there, narrowed, fetched. What a manager sees of a user."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from selfcare_app.specs.lists import AUDIT
from tests.browser.test_each_list import file_of


def test_a_session_is_ended_on_the_users_page_and_stands_in_the_log(enter):
    reader, boss = enter("reader@bjorko.example"), enter("superuser@bjorko.example")
    reader.go("/profile")
    boss.go("/users?q=reader")
    boss.numbers.first.click()
    boss.link("details.tabs.sessions").click()
    table = boss.page.get_by_role("table", name=boss.say("details.user.sessions"))
    expect(table).to_contain_text("127.0.0.1")
    boss.button("details.user.end_all").click()
    expect(boss.page.get_by_text(boss.say("details.user.no_sessions"), exact=True)).to_be_visible()
    reader.page.goto("/profile")
    expect(reader.page).to_have_url(re.compile("/login"))

    boss.link("details.tabs.audit").click()
    words = boss.say("audit.actions.user_sessions_ended")
    expect(boss.body.get_by_role("row").first).to_contain_text(words)
    boss.go("/audit")
    boss.search.fill("Erik Ström")
    expect(boss.page).to_have_url(re.compile("q=Erik"))
    boss.pop_up("done").get_by_role("checkbox", name=boss.say("lists.audit_kind.sign_in")).click()
    expect(boss.page).to_have_url(re.compile("done=sign_in"))
    expect(boss.body.get_by_role("row").first).to_contain_text(words)
    rows = file_of(boss, AUDIT, q="Erik Ström", done="sign_in")
    expect(boss.numbers).to_have_text([row["at"] for row in rows])
    assert rows[0]["action"] == words
    boss.page.keyboard.press("Escape")
    boss.numbers.first.click()
    expect(boss.heading("details.audit.named", number=words)).to_be_visible()
    main = boss.page.get_by_role("main")
    expect(main).to_contain_text("Anna Lindberg")
    main.get_by_role("link", name="Erik Ström").click()
    expect(boss.heading("details.user.named", number="Erik Ström")).to_be_visible()


def test_why_an_object_shows_is_answered_and_the_lists_are_previewed(enter):
    boss = enter("superuser@bjorko.example")
    boss.go("/users?q=partial")
    boss.numbers.first.click()
    boss.link("details.tabs.sees").click()
    preview = boss.page.get_by_role("table", name=boss.say("details.user.sees.preview"))
    expect(preview.get_by_role("row").filter(has_text=boss.say("lists.customer_numbers.title"))).to_contain_text(
        "2 av 7"
    )
    field = boss.page.get_by_role("searchbox", name=boss.say("details.user.sees.search"))
    answer = boss.page.get_by_role("region", name=boss.say("details.user.sees.why"))
    for number, said in (("10024", "seen"), ("10023", "unseen")):
        field.fill(number)
        boss.page.get_by_role("link", name=re.compile(f"^Kundnummer: {number}")).click()
        expect(answer).to_contain_text(boss.say(f"details.user.sees.{said}"))
    boss.page.go_back()
    expect(answer).to_contain_text("Kundnumret: 10024 Mark")
    boss.page.reload()
    expect(answer).to_contain_text("Kundnumret: 10024 Mark")
