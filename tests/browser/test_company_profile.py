"""The company's profile and its approver chains (C2, C4)."""

from __future__ import annotations

import re
import sqlite3
from datetime import UTC, datetime, timedelta

from playwright.sync_api import expect


def chain(person, product):
    return person.page.get_by_role("region", name=person.say(f"pages.product.{product}"), exact=True)


def test_what_the_company_decides_is_changed_and_others_may_only_look(enter):
    boss = enter("superuser@sjovik.example")
    boss.go("/")
    boss.account.click()
    boss.entry("navigation.company").click()
    expect(boss.heading("company_profile.title")).to_be_visible()
    boss.button("company_profile.edit").click()
    boss.page.get_by_role("group", name=boss.say("company_profile.decided.email_notification")).get_by_label(
        boss.say("company_profile.decided.no")
    ).check()
    boss.page.get_by_label(boss.say("company_profile.decided.remind_after")).fill("9")
    boss.page.get_by_label(boss.say("company_profile.decided.delivery_address")).fill("Sjövägen 1\n123 45 Sjövik")
    boss.button("company_profile.save").click()
    expect(boss.page.get_by_role("alert")).to_contain_text("Påminnelsen")
    expect(boss.page.get_by_label(boss.say("company_profile.decided.remind_after"))).to_have_value("9")
    boss.page.get_by_label(boss.say("company_profile.decided.remind_after")).fill("3")
    boss.button("company_profile.save").click()
    expect(boss.page.get_by_text(boss.say("company_profile.saved"))).to_be_visible()
    boss.page.reload()
    expect(boss.page.get_by_text("Sjövägen 1")).to_be_visible()
    expect(boss.page.get_by_text("3 arbetsdagar")).to_be_visible()

    reader = enter("reader@bjorko.example")
    reader.go("/company")
    expect(reader.heading("company_profile.agreements.title", level=2)).to_be_visible()
    expect(reader.button("company_profile.edit")).to_have_count(0)
    expect(reader.page.get_by_text("Sjövägen")).to_have_count(0)
    finance = enter("finance@bjorko.example")
    finance.go("/company")
    expect(finance.heading("company_profile.forbidden", level=2)).to_be_visible()


def test_a_superuser_builds_a_chain_from_its_end(enter, portal):
    boss = enter("superuser2@bjorko.example")
    boss.go("/company")
    mobile = chain(boss, "mobile")
    expect(mobile.get_by_role("listitem")).to_have_count(1)
    for _ in range(2):
        before = mobile.get_by_role("listitem").count()
        mobile.get_by_role("button", name=boss.say("company_profile.chains.add"), exact=True).click()
        people = mobile.get_by_label(boss.say("company_profile.chains.choose"))
        expect(people.locator("option").first).to_be_attached()
        there = mobile.get_by_role("listitem").all_inner_texts()
        offered = people.locator("option").all_inner_texts()
        assert offered
        assert not any(name in said for name in offered for said in there), "nobody stands in a chain twice (C4)"
        people.select_option(index=0)
        mobile.get_by_role("button", name=boss.say("company_profile.save"), exact=True).click()
        expect(mobile.get_by_role("listitem")).to_have_count(before + 1)
    rows = mobile.get_by_role("listitem")
    remove = re.compile(f"^{boss.say('company_profile.chains.remove')}")
    expect(rows.first.get_by_role("button", name=remove)).to_have_count(0)

    with sqlite3.connect(portal.data_dir / "selfcare.db", timeout=15) as db:
        long_ago = (datetime.now(UTC) - timedelta(hours=1)).strftime("%Y-%m-%d %H:%M:%S.000000")
        db.execute(
            "UPDATE session SET password_at = ? WHERE sign_in_id ="
            " (SELECT id FROM sign_in WHERE email = 'superuser2@bjorko.example')",
            (long_ago,),
        )
        # As once the first of them was removed from the company and invited again.
        db.execute(
            "UPDATE approver SET lapsed = 1 WHERE product = 'mobile' AND position = 1 AND company_id ="
            " (SELECT company_id FROM user JOIN sign_in ON sign_in.id = sign_in_id"
            " WHERE email = 'superuser2@bjorko.example')"
        )
    rows.last.get_by_role("button", name=remove).click()
    expect(mobile.get_by_role("alert")).to_be_visible()
    mobile.get_by_role("link", name=boss.say("company_profile.chains.password")).click()
    boss.page.get_by_label(boss.say("auth.account.current"), exact=True).fill("demo-demo-demo")
    boss.button("auth.confirm.button").click()
    boss.arrived()
    passed_over = rows.first.get_by_text(boss.say("company_profile.chains.unable"))
    expect(passed_over).to_be_visible()
    person = rows.first.locator(".medium").inner_text()
    rows.first.get_by_role("button", name=boss.say("company_profile.chains.change_of", name=person)).click()
    mobile.get_by_label(boss.say("company_profile.chains.choose")).select_option(label=person)
    mobile.get_by_role("button", name=boss.say("company_profile.save"), exact=True).click()
    expect(passed_over).to_have_count(0)
    for left in (2, 1, 0):
        rows.last.get_by_role("button", name=remove).click()
        expect(rows).to_have_count(left)
    expect(mobile.get_by_text(boss.say("company_profile.chains.none"))).to_be_visible()
