"""axe finds nothing on any page, in any state, in both themes and languages, wide and narrow (quality.md, Reach)."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from selfcare_app.locales import LANGUAGES, text
from selfcare_app.specs.lists import LISTS, FilterKind
from selfcare_app.specs.user_tabs import USER_TABS
from tests.browser.company import invite, letter
from tests.browser.conftest import DESKTOP, PHONE, Enter, Visitor
from tests.browser.test_invoice import CREDITED, OVERDUE, found

LIST = "/customer-numbers"
OPTIONS = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]},
    "resultTypes": ["violations"],
}
AXE = Axe()
IN_BOTH = pytest.mark.parametrize("language", ["sv", "en"])
COLOURS = {
    "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]},
    "resultTypes": ["violations"],
}
"""What can differ between the themes of one and the same page."""
WEAR = """(theme) => {
  document.documentElement.classList.remove("light", "dark");
  document.documentElement.classList.add(theme);
}"""


class Examination:
    """Looks at one page after the other and tells at the end what was wrong."""

    def __init__(self, person: Visitor) -> None:
        self.person = person
        self.found: list[str] = []

    def look(self, what: str) -> None:
        """At the page as it stands: light and dark in Swedish, dark in English, which differs by its words alone."""
        page = self.person.page
        expect(page.locator("html")).to_have_attribute("lang", self.person.language)
        if not page.evaluate("() => 'axe' in window"):
            page.evaluate(AXE.axe_script)
        width = page.evaluate("() => innerWidth")
        themes = (("dark", COLOURS), ("light", OPTIONS)) if self.person.language == "sv" else (("dark", OPTIONS),)
        for theme, options in themes:
            page.evaluate(WEAR, theme)
            for violation in page.evaluate("options => axe.run(document, options)", options)["violations"]:
                nodes = "; ".join(f"{node['target']} {node['html'][:120]}" for node in violation["nodes"][:3])
                self.found.append(f"{what}, {theme}, {width}: {violation['id']} ({violation['help']}): {nodes}")

    def look_twice(self, what: str) -> None:
        """Wide and narrow in Swedish, narrow in English, where what is hidden on phones has been seen in Swedish."""
        for size in (PHONE, DESKTOP) if self.person.language == "sv" else (PHONE,):
            self.person.page.set_viewport_size(size)  # type: ignore[arg-type]
            self.look(what)
        self.person.page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]

    def over(self, what: str, open_it: Callable[[], None], role: str) -> None:
        """At something opened over the page; closes it again."""
        open_it()
        opened = self.person.page.get_by_role(role).last
        expect(opened).to_be_visible()
        self.look(what)
        self.person.page.keyboard.press("Escape")
        expect(self.person.page.get_by_role(role)).to_have_count(0)


def speak(person: Visitor, language: str) -> None:
    """Have the overview in this language, whichever the person used last."""
    named = "|".join(text(each, "frame.account_of", name="") for each in LANGUAGES)
    expect(person.page.get_by_role("button", name=re.compile(rf"^({named})\S"))).to_be_visible()
    person.language = person.page.locator("html").get_attribute("lang") or ""
    if person.language != language:
        person.button("frame.switch_language").click()
        person.language = language
    expect(person.heading("pages.overview.title")).to_be_visible()


@pytest.fixture
def examine(enter: Enter, complaints) -> Iterator[Callable[..., Examination]]:
    """Examine as somebody, in a language; at the end nothing may have been found."""
    complaints.allow(r"status of (401|404|422)", "refusals and missing pages are examined too")
    begun: list[Examination] = []

    def begin(language: str, email: str = "") -> Examination:
        person = enter(email, color_scheme="light")
        begun.append(Examination(person))
        if email:
            person.page.goto("/")
            speak(person, language)
        else:
            person.language = language
            person.page.goto(f"/login?language={language}")
        return begun[-1]

    yield begin
    found = [said for each in begun for said in each.found]
    assert not found, "\n".join(found)


@pytest.fixture(scope="session")
def mailed(portal, companies) -> dict[str, str]:
    """A link of each kind that nobody uses."""
    with portal.client() as browser:
        assert browser.post("/forgot-password", data={"email": "admin@bjorko.example"}).status_code == 200
    return {
        "invitation": invite(portal, companies["Avbrutna AB"]),
        "reset": letter(portal, "admin@bjorko.example", "reset-password"),
    }


@IN_BOTH
def test_the_public_pages_are_open_to_everyone(examine, mailed, language):
    seen = examine(language)
    person = seen.person
    expect(person.heading("auth.login.title")).to_be_visible()
    seen.look_twice("sign in")
    person.sign_in("nobody@bjorko.example", "wrong")
    expect(person.page.get_by_role("alert")).to_be_visible()
    seen.look_twice("sign in refused")
    person.page.goto("/forgot-password")
    seen.look_twice("forgotten")
    person.button("auth.forgotten.button").click()
    expect(person.page.get_by_role("alert")).to_be_visible()
    seen.look_twice("forgotten, no address")
    person.page.get_by_label(person.say("auth.login.email"), exact=True).fill(f"{language}@nowhere.example")
    person.button("auth.forgotten.button").click()
    expect(person.heading("auth.forgotten.sent_title")).to_be_visible()
    seen.look_twice("mail sent")
    for kind, button in (("invitation", "auth.invitation.button"), ("reset", "auth.reset.button")):
        person.page.goto(mailed[kind])
        expect(person.button(button)).to_be_visible()
        seen.look_twice(kind)
        person.button(button).click()
        expect(person.page.get_by_role("alert")).to_be_visible()
        seen.look_twice(f"{kind} refused")
    person.page.goto("/reset-password/none")
    expect(person.heading("auth.dead.title")).to_be_visible()
    seen.look_twice("dead link")


@IN_BOTH
def test_the_choice_of_company_is_open_to_everyone(examine, language):
    seen = examine(language)
    seen.person.sign_in("both@konsult.example")
    expect(seen.person.heading("auth.choose.title")).to_be_visible()
    seen.look_twice("choose company")


@IN_BOTH
def test_the_pages_inside_are_open_to_everyone(examine, language):
    seen = examine(language, "admin@bjorko.example")
    person = seen.person
    expect(person.heading("pages.overview.groups", level=2)).to_be_visible()
    seen.look_twice("overview")
    person.go(LIST)
    person.counts(7)
    seen.look_twice("list")
    person.go(f"{LIST}?type=mobile,mixed&sort=-name&name=e")
    expect(person.numbers.first).to_be_visible()
    person.page.get_by_role("checkbox", name=person.say("lists.tick_page")).click()
    expect(person.page.get_by_role("region", name=person.say("lists.selection"))).to_be_visible()
    seen.look_twice("list, filtered and chosen")
    person.go(f"{LIST}?q=10023,99999")
    expect(person.page.get_by_role("status").filter(has_text="99999")).to_be_visible()
    seen.look_twice("list, numbers missing")
    person.go(f"{LIST}?q=nothing-at-all")
    expect(person.heading("lists.customer_numbers.none_match", level=2)).to_be_visible()
    seen.look_twice("list, nothing found")
    person.go(f"{LIST}/10024")
    expect(person.heading("details.customer_number.named", number="10024")).to_be_visible()
    seen.look_twice("customer number")
    person.go("/subscriptions/710001?tab=groups")
    person.button("details.secrets.show").click()
    expect(person.button("details.secrets.hide")).to_be_visible()
    seen.look_twice("subscription, SIM and PUK shown")
    person.go("/subscriptions/710001?tab=usage")
    expect(person.heading("details.usage.title", level=2)).to_be_visible()
    seen.look_twice("subscription, usage")
    person.go("/connections/510001?tab=contacts")
    expect(person.heading("details.connection.named", number="510001")).to_be_visible()
    person.counts(2)
    seen.look_twice("connection")
    person.go(f"{LIST}/20411")
    expect(person.heading("pages.not_found.title")).to_be_visible()
    seen.look_twice("foreign customer number")


@IN_BOTH
def test_the_pages_of_groups_are_open_to_everyone(examine, language):
    seen = examine(language, "superuser@bjorko.example")
    person = seen.person
    person.go("/groups")
    person.page.get_by_role("table").get_by_role("link").first.wait_for()
    seen.look_twice("groups")
    person.page.set_viewport_size(DESKTOP)
    person.go("/groups?tab=categories")
    category = person.page.get_by_role("row").filter(has=person.page.get_by_role("link", name="Avdelning", exact=True))
    category.get_by_role("button", name=re.compile(person.say("lists.choose_action", number=""))).click()
    removing = person.page.get_by_role("menuitem", name=person.say("lists.actions.remove_group"), exact=True)
    seen.over("removing a category", removing.click, "dialog")
    person.page.get_by_role("link", name="Avdelning", exact=True).click()
    person.page.get_by_role("link", name=re.compile("^Avdelning:")).first.click()
    expect(person.heading("grouping.group.members", level=2)).to_be_visible()
    seen.look_twice("a group")
    person.page.set_viewport_size(DESKTOP)
    seen.over("putting members into a group", person.button("grouping.group.add").click, "dialog")
    person.go("/group-memberships/customer-numbers/10023")
    expect(person.heading("grouping.thing.active", level=2)).to_be_visible()
    seen.look_twice("groups of a customer number")
    person.page.set_viewport_size(DESKTOP)
    seen.over("adding a group", person.button("grouping.thing.add").click, "dialog")
    person.go("/group-memberships")
    person.numbers.first.wait_for()
    seen.look("search for what is to be in a group")
    person.page.get_by_role("checkbox", name=person.say("lists.tick_page")).click()
    person.button("lists.actions.add_to_group").click()
    person.button("grouping.members.preview").click()
    expect(person.button("grouping.members.again").or_(person.page.get_by_role("alert")).first).to_be_visible()
    seen.look_twice("many into a group")


@IN_BOTH
def test_every_list_is_open_to_everyone(examine, language):
    """The lists of which the first stands for the machinery above: each with its own columns, marks and filters."""
    seen = examine(language, "superuser@bjorko.example")
    person = seen.person
    for key, spec in LISTS.items():
        if not spec.listed or spec.route == LIST:
            continue
        person.page.set_viewport_size(DESKTOP)
        person.go(spec.route)
        expect(person.numbers.first).to_be_visible()
        person.page.get_by_role("checkbox", name=person.say("lists.tick_page")).click()
        expect(person.page.get_by_role("region", name=person.say("lists.selection"))).to_be_visible()
        seen.look_twice(f"{key}, all of the page chosen")
        # What kinds of filter look like is seen once each.
        for each in (
            f
            for f in spec.filters
            if f.kind in (FilterKind.REFERENCE, FilterKind.DISTINCT, FilterKind.MONTHS, FilterKind.DAYS)
        ):
            if each.key == "customer_number" and key != "subscriptions":
                continue
            seen.over(f"{key}, filter {each.key}", lambda at=each.key: person.pop_up(at) and None, "dialog")


@IN_BOTH
def test_the_pages_of_invoices_and_users_are_open_to_everyone(examine, portal, language):
    seen = examine(language, "superuser@bjorko.example")
    person = seen.person
    for where, what in ((OVERDUE, "invoice"), (CREDITED, "credited invoice")):
        person.go(f"/invoices/{found(portal, where)[0]}")
        expect(person.page.locator("[data-list] tbody").get_by_role("row").first).to_be_visible()
        seen.look_twice(what)
    person.go("/users?q=partial")
    person.numbers.first.click()
    expect(person.heading("details.user.named", number="Sara Öberg")).to_be_visible()
    for tab in USER_TABS:
        person.page.set_viewport_size(DESKTOP)
        person.link(f"details.tabs.{tab.key}").click()
        expect(person.link(f"details.tabs.{tab.key}")).to_have_attribute("aria-current", "page")
        seen.look_twice(f"user, {tab.key}")
    person.page.set_viewport_size(DESKTOP)
    person.button("details.choose_action").click()
    person.entry("lists.actions.disable_user").click()
    expect(person.page.get_by_role("dialog")).to_be_visible()
    seen.look_twice("user, what disabling does")
    person.go("/audit?object_kind=access_grant")
    person.numbers.first.click()
    expect(person.page.get_by_role("main")).to_contain_text("Sara Öberg")
    seen.look_twice("an event of the log")


@IN_BOTH
def test_the_pages_of_uploads_are_open_to_everyone(examine, language):
    seen = examine(language, "superuser@bjorko.example")
    person = seen.person
    rows = "Kategori;Grupp;Beskrivning;Nytt namn;Åtgärd\nAvdelning;Ny;Text;;{}\n"
    for action, title in (("", "preview_title"), ("x", "problems_title")):
        person.page.set_viewport_size(DESKTOP)
        person.go("/groups/upload")
        send = person.page.get_by_label(person.say("uploads.page.choose"), exact=True)
        if not action:
            seen.look_twice("uploads")
        send.set_input_files({"name": "fil.csv", "mimeType": "text/csv", "buffer": rows.format(action).encode()})
        expect(person.heading(f"uploads.page.{title}", level=2)).to_be_visible()
        seen.look_twice(f"upload, {title}")


@IN_BOTH
def test_the_wizard_for_users_is_open_to_everyone(examine, language):
    seen = examine(language, "superuser@bjorko.example")
    person, page = seen.person, seen.person.page
    person.go("/users/new")
    person.button("frame.wizard.next").click()
    expect(page.get_by_role("alert").first).to_be_visible()
    seen.look_twice("wizard, what is wrong")
    seen.over("about the roles", person.button("users.permissions.about_roles").click, "dialog")
    page.get_by_role("textbox", name=person.say("users.wizard.name")).fill("Nils Ny")
    page.get_by_role("textbox", name=person.say("users.wizard.email")).fill("nils.ny@bjorko.example")
    page.get_by_role("combobox", name=person.say("users.permissions.role")).select_option("reader")
    for step in ("permissions", "access", "summary"):
        person.button("frame.wizard.next").click()
        expect(person.heading(f"users.wizard.steps.{step}", level=2)).to_be_visible()
        if step == "access":
            page.get_by_role("radio", name=person.say("users.access.ways.some")).check()
            page.get_by_role("list").get_by_role("checkbox").first.check()
            expect(page.get_by_role("list", name=person.say("users.access.chosen_list"))).to_be_visible()
        seen.look_twice(f"wizard, {step}")


@IN_BOTH
def test_the_page_that_is_not_there_is_open_to_everyone(examine, language):
    seen = examine(language, "admin@bjorko.example")
    seen.person.go("/nothing-here")
    expect(seen.person.heading("pages.not_found.title")).to_be_visible()
    seen.look_twice("404")


@IN_BOTH
def test_what_opens_over_the_pages_is_open_to_everyone(examine, language):
    seen = examine(language, "admin@bjorko.example")
    person = seen.person
    person.go(LIST)
    person.counts(7)
    menu = person.page.get_by_role("navigation", name=person.say("frame.main_menu"))
    seen.over("main menu", menu.get_by_role("button").first.click, "menu")
    seen.over("account menu", person.account.click, "menu")
    seen.over("export menu", person.button("lists.export").click, "menu")
    seen.over("columns menu", person.button("lists.columns_button").click, "menu")
    seen.over("page size menu", person.button("lists.per_page", size="25").click, "menu")
    seen.over("row menu", person.button("lists.choose_action", number="10023").click, "menu")
    seen.over("help", person.button("frame.help").click, "dialog")
    seen.over("help about the page", person.button("frame.help_about_page").click, "dialog")
    for key in ("type", "number", "name", "group"):
        seen.over(f"filter {key}", lambda key=key: person.pop_up(key) and None, "dialog")
    person.page.set_viewport_size(PHONE)
    seen.over("drawer", person.button("frame.menu").click, "dialog")
    seen.over("filter sheet", person.button("lists.filter").click, "dialog")
    seen.over("actions menu", person.button("lists.more_actions").click, "menu")


@IN_BOTH
def test_a_failure_is_told_to_everyone(examine, portal, language):
    seen = examine(language, "admin@bjorko.example")
    person = seen.person
    with sqlite3.connect(portal.data_dir / "selfcare.db") as database:
        database.execute("ALTER TABLE customer_number RENAME TO gone")
        database.commit()
        try:
            for address in ("/", LIST, f"{LIST}/10023"):
                person.page.goto(address)
                expect(person.heading("frame.failed.title", level=2)).to_be_visible()
                seen.look_twice(f"{address} failed")
        finally:
            database.execute("ALTER TABLE gone RENAME TO customer_number")


@IN_BOTH
def test_the_operators_overview_is_open_to_everyone(examine, language):
    seen = examine(language)
    person = seen.person
    person.sign_in("staff@exempelnat.example")
    speak(person, language)
    expect(person.heading("pages.overview.feeds", level=2)).to_be_visible()
    seen.look_twice("operator's overview")
