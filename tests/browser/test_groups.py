"""Groups: the guide's own example, a change of group from a month, many at once, and removing (R1-R5)."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from selfcare_app.services import clock
from selfcare_app.specs.months import months_later

NOW = clock.month(clock.now())


def dialog(person):
    return person.page.get_by_role("dialog")


def fill(person, name, button, description=""):
    box = dialog(person)
    box.get_by_label(re.compile("^" + person.say("grouping.field.name"))).fill(name)
    box.get_by_label(person.say("grouping.field.description")).fill(description)
    box.get_by_role("button", name=person.say(button), exact=True).click()


def choose(person, **values):
    for key, value in values.items():
        dialog(person).get_by_label(person.say(f"grouping.thing.{key}"), exact=True).select_option(value)


def row(person, name):
    return person.page.get_by_role("row").filter(has_text=name)


def act(person, name, action):
    """Choose an action in a row's menu."""
    row(person, name).get_by_role("button", name=re.compile(person.say("lists.choose_action", number=""))).click()
    person.page.get_by_role("menuitem", name=person.say(f"lists.actions.{action}"), exact=True).click()


def test_the_guides_example_cost_centres_2010_and_2020_and_a_change_between_them(enter):
    boss = enter("superuser@sjovik.example")
    boss.go("/")
    boss.page.get_by_role("button", name=boss.say("navigation.section.create"), exact=True).click()
    boss.entry("navigation.create_group_full").click()
    expect(boss.heading("grouping.title")).to_be_visible()
    boss.button("grouping.create_category").click()
    expect(dialog(boss)).to_have_accessible_name(boss.say("grouping.create_category_title"))
    fill(boss, "Kostnadsställe", "grouping.create_category", "Efter kontoplanen")
    expect(boss.link("grouping.tabs.groups")).to_be_visible()
    row(boss, "Kostnadsställe").get_by_role("link", name="Kostnadsställe", exact=True).click()
    for name in ("2010", "2020"):
        boss.button("grouping.create_group").click()
        fill(boss, name, "grouping.create")
        expect(boss.page.get_by_role("link", name=f"Kostnadsställe:{name}", exact=True)).to_be_visible()
    # Without a category there is no link to make a group; a name that is taken is refused and kept.
    boss.button("grouping.create_group").click()
    fill(boss, " 20 10 ", "grouping.create")
    expect(dialog(boss).get_by_role("alert")).to_contain_text("Kostnadsställe:2010")
    boss.page.keyboard.press("Escape")
    boss.go("/groups")
    expect(boss.page.get_by_role("link", name="Kostnadsställe:2010", exact=True)).to_be_visible()
    expect(boss.button("grouping.create_group")).to_have_count(0)

    boss.go("/group-memberships?tab=subscriptions&size=50")
    first = boss.page.get_by_role("link", name=re.compile(r"^" + boss.say("lists.actions.edit_groups"))).first
    first.click()
    expect(boss.heading("grouping.thing.active", level=2)).to_be_visible()
    boss.button("grouping.thing.add").click()
    choose(boss, category="Kostnadsställe", group="2010", start=f"{NOW:%Y-%m}")
    dialog(boss).get_by_role("button", name=boss.say("grouping.thing.add"), exact=True).click()
    expect(row(boss, "Kostnadsställe:2010")).to_contain_text(f"{NOW:%Y-%m}")
    # Months that are taken can't be chosen for another group of the category.
    boss.button("grouping.thing.add").click()
    choose(boss, category="Kostnadsställe")
    taken = dialog(boss).get_by_label(boss.say("grouping.thing.start")).locator(f'option[value="{NOW:%Y-%m}"]')
    expect(taken).to_be_disabled()
    boss.page.keyboard.press("Escape")
    change = months_later(NOW, 2)
    boss.button("grouping.thing.move_of", name="Kostnadsställe:2010").click()
    choose(boss, group="2020", month=f"{change:%Y-%m}")
    dialog(boss).get_by_role("button", name=boss.say("grouping.thing.move"), exact=True).click()
    expect(row(boss, "Kostnadsställe:2020")).to_contain_text(boss.say("details.membership.states.coming"))
    expect(row(boss, "Kostnadsställe:2010")).to_contain_text(f"{months_later(change, -1):%Y-%m}")
    boss.link("grouping.thing.back").click()
    expect(boss.page).to_have_url(re.compile(r"tab=subscriptions&size=50$"))


def test_many_are_put_into_a_group_after_a_preview_and_the_group_is_removed_with_all_in_it(enter):
    boss = enter("superuser2@bjorko.example")
    boss.go("/groups?tab=categories")
    boss.button("grouping.create_category").click()
    fill(boss, "Lokalkontor", "grouping.create_category")
    row(boss, "Lokalkontor").get_by_role("link", name="Lokalkontor", exact=True).click()
    boss.button("grouping.create_group").click()
    fill(boss, "Gävle", "grouping.create")
    boss.page.get_by_role("link", name="Lokalkontor:Gävle", exact=True).wait_for()

    boss.go("/customer-numbers")
    boss.numbers.first.wait_for()
    count = boss.numbers.count()
    boss.page.get_by_role("checkbox", name=boss.say("lists.tick_page")).click()
    boss.button("lists.actions.add_to_group").click()
    boss.page.get_by_label(boss.say("grouping.thing.group"), exact=True).select_option("Lokalkontor:Gävle")
    boss.button("grouping.members.preview").click()
    expect(boss.page.get_by_role("status").filter(has_text=boss.say("grouping.foreseen.done", n=count))).to_be_visible()
    boss.button("grouping.memberships.apply").click()
    expect(boss.page).to_have_url(re.compile("/customer-numbers$"))
    expect(boss.body).to_contain_text("Lokalkontor:Gävle")

    boss.go("/groups")
    boss.page.get_by_role("link", name="Lokalkontor:Gävle", exact=True).click()
    expect(boss.heading("grouping.group.named", number="Lokalkontor:Gävle")).to_be_visible()
    expect(boss.heading("grouping.group.members", level=2)).to_be_visible()
    members = boss.page.get_by_role("table").get_by_role("row")
    expect(members).to_have_count(count + 1)
    # On its own page: two subscriptions are found and put in, one customer number ends and another goes.
    boss.button("grouping.group.add").click()
    box = dialog(boss)
    box.get_by_role("button", name=boss.say("lists.subscriptions.title"), exact=True).click()
    box.get_by_label(boss.say("grouping.members.search"), exact=True).fill("070-174 06 0")
    hits = box.get_by_role("list", name=boss.say("grouping.members.hits")).get_by_role("checkbox")
    expect(hits).to_have_count(3)
    hits.nth(0).click()
    hits.nth(1).click()
    expect(box.get_by_role("list", name=boss.say("grouping.members.picked", n=2))).to_be_visible()
    box.get_by_role("button", name=boss.say("grouping.members.preview"), exact=True).click()
    expect(box.get_by_role("status").filter(has_text=boss.say("grouping.foreseen.done", n=2))).to_be_visible()
    box.get_by_role("button", name=boss.say("grouping.members.apply.add_member"), exact=True).dblclick()
    expect(members).to_have_count(count + 3)
    reader = enter("reader@bjorko.example")
    reader.go(boss.page.url.removeprefix(boss.portal.url))
    bar = reader.page.locator(".picture li").filter(has_text="10023")
    expect(bar.locator("svg")).to_have_count(1)
    act(boss, "10023", "end_member")
    box.get_by_label(boss.say("grouping.thing.end"), exact=True).select_option(f"{NOW:%Y-%m}")
    box.get_by_role("button", name=boss.say("grouping.members.preview"), exact=True).click()
    box.get_by_role("button", name=boss.say("grouping.members.apply.end_member"), exact=True).click()
    expect(box).to_have_count(0)
    expect(row(boss, "10023")).to_contain_text(f"{NOW:%Y-%m}")
    # Whoever looks on sees in the picture, too, that it no longer goes on.
    expect(bar.locator("svg")).to_have_count(0)
    act(boss, "10024", "remove_member")
    box.get_by_role("button", name=boss.say("grouping.members.apply.remove_member"), exact=True).click()
    expect(members).to_have_count(count + 2)
    boss.button("grouping.remove").click()
    expect(dialog(boss)).to_contain_text(boss.say("grouping.effects.memberships", n=count + 1))
    dialog(boss).get_by_role("button", name=boss.say("grouping.remove"), exact=True).dblclick()
    expect(boss.page).to_have_url(re.compile("/groups$"))
    expect(boss.page.get_by_role("link", name="Lokalkontor:Gävle", exact=True)).to_have_count(0)
    reader.go("/groups")
    expect(reader.page.get_by_role("link", name=re.compile("^Avdelning:")).first).to_be_visible()
    expect(reader.button("grouping.remove")).to_have_count(0)
    reader.page.get_by_role("link", name=re.compile("^Avdelning:")).first.click()
    expect(reader.page.get_by_role("table").get_by_role("row").nth(1)).to_be_visible()
    for key in ("grouping.change", "grouping.remove", "grouping.group.add"):
        expect(reader.button(key)).to_have_count(0)
