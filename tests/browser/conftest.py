"""Journeys in real Chromium: the browser, people in it, and the rule that it may have nothing to complain about."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Locator,
    Page,
    Playwright,
    WebSocketRoute,
    expect,
    sync_playwright,
)

from selfcare_app.locales import text
from selfcare_app.specs.demo import DEMO_PASSWORD
from tests.browser.company import OwnCompany, feed_companies, register
from tests.portal import Portal

HERE = Path(__file__).parent
ARGUMENTS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
NARROWEST = {"width": 360, "height": 780}
PATIENCE = 15_000
"""Milliseconds an expectation may take on a busy machine; what is there at once is seen at once."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder is a journey."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


def _executable(tool: Playwright) -> str:
    named = os.environ.get("SELFCARE_TEST_CHROMIUM", "")
    if named:
        return named
    system = shutil.which("chromium") or "/usr/bin/chromium"
    for candidate in (system, tool.chromium.executable_path):
        if Path(candidate).exists():
            return candidate
    pytest.fail("There is no Chromium: install it, or name one in SELFCARE_TEST_CHROMIUM.", pytrace=False)


# Of the package, not of the session: the tool's event loop is gone again when other tests run one of their own.
@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """One browser for the journeys of this test process."""
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as tool:
        browser = tool.chromium.launch(executable_path=_executable(tool), args=ARGUMENTS)
        yield browser
        browser.close()


@dataclass
class Complaints:
    """What browsers had to say against the portal: errors on the console, in scripts, of the security policy."""

    heard: list[str] = field(default_factory=list)
    _allowed: list[str] = field(default_factory=list)

    def allow(self, pattern: str, because: str) -> None:
        """Expect a complaint, for a reason."""
        assert because
        self._allowed.append(pattern)

    def listen(self, page: Page) -> None:
        """Take note of what this page says from now on."""
        page.on("console", lambda said: self._note(f"{said.type}: {said.text}") if said.type == "error" else None)
        page.on("pageerror", lambda error: self._note(f"script: {error}"))
        page.on("dialog", lambda dialog: (self._note(f"dialog: {dialog.message}"), dialog.dismiss()))

    def _note(self, said: str) -> None:
        self.heard.append(said)

    @property
    def unexpected(self) -> list[str]:
        """What nobody allowed."""
        return [said for said in self.heard if not any(re.search(pattern, said) for pattern in self._allowed)]


@dataclass
class Visitor:
    """A person with one tab; finds things as people do, by what they are and what they are called."""

    page: Page
    portal: Portal
    language: str = "sv"

    def say(self, key: str, **values: Any) -> str:
        """A text as this person reads it."""
        return text(self.language, key, **values)

    def go(self, address: str) -> None:
        """Open an address and wait until the page is alive."""
        self.page.goto(address)
        self.arrived()

    def arrived(self) -> None:
        """Wait until the page knows who is here: then it answers to clicks."""
        expect(self.account).to_have_accessible_name(re.compile(r",\s+\S"))

    def sign_in(self, email: str, password: str = DEMO_PASSWORD) -> None:
        """Through the form of the page that is open, as people do."""
        self.page.get_by_label(self.say("auth.login.email"), exact=True).fill(email)
        self.page.get_by_label(self.say("auth.login.password"), exact=True).fill(password)
        self.button("auth.login.button").click()

    def another_tab(self) -> Visitor:
        """A second tab of the same browser."""
        return Visitor(self.page.context.new_page(), self.portal, self.language)

    # --- what is on the page

    def button(self, key: str, **values: Any) -> Locator:
        """A button by its text's key; hidden ones are not there."""
        return self.page.get_by_role("button", name=self.say(key, **values), exact=True)

    def link(self, key: str, **values: Any) -> Locator:
        """A link by its text's key."""
        return self.page.get_by_role("link", name=self.say(key, **values), exact=True)

    def entry(self, key: str, **values: Any) -> Locator:
        """An entry of the open menu."""
        return self.page.get_by_role("menuitem", name=self.say(key, **values), exact=True)

    def heading(self, key: str, level: int = 1, **values: Any) -> Locator:
        """A heading by its text's key."""
        return self.page.get_by_role("heading", name=self.say(key, **values), exact=True, level=level)

    @property
    def account(self) -> Locator:
        """The button named "Mitt konto, <name>"."""
        start = self.say("frame.account_of", name="").rstrip()
        return self.page.get_by_role("button", name=re.compile(f"^{re.escape(start)}"))

    # --- a list

    @property
    def search(self) -> Locator:
        """The list's search field."""
        return self.page.get_by_role("searchbox", name=self.say("lists.search"), exact=True)

    @property
    def body(self) -> Locator:
        """The rows' part of the list's table."""
        return self.page.get_by_role("table").get_by_role("rowgroup").last

    @property
    def numbers(self) -> Locator:
        """The links that name the rows, top to bottom."""
        return self.body.locator("[role=cell]:nth-child(2)").get_by_role("link")

    def heads(self, column: str) -> Locator:
        """The heading of a column."""
        return self.page.get_by_role("columnheader", name=self.say(f"lists.columns.{column}"), exact=True)

    def sees(self, numbers: list[str]) -> None:
        """Exactly these rows, in this order."""
        expect(self.numbers).to_have_text(numbers)

    def counts(self, hits: int) -> None:
        """The list says that so many match."""
        shown = f"{hits:,}".replace(",", "\u00a0")
        said = self.say("lists.hits", n=hits, shown=shown)
        expect(self.page.get_by_role("status").filter(has_text=re.compile(f"^{said}$"))).to_be_visible()

    def pop_up(self, key: str) -> Locator:
        """Open a filter's popover and give it."""
        name = self.say(f"lists.filters.{key}")
        self.page.get_by_role("button", name=re.compile(f"^{re.escape(name)}( \\(\\d+\\))?$")).click()
        return self.page.get_by_role("dialog", name=name)


class SlowAnswers:
    """A server that takes its time, as long as one likes: what it says to a page waits until it is let through."""

    def __init__(self, page: Page) -> None:
        self._heard: list[str] = []
        self._waiting: list[tuple[WebSocketRoute, str | bytes]] = []
        self._held = False
        page.route_web_socket(re.compile("/_event"), self._between)
        self._page = page

    def _between(self, route: WebSocketRoute) -> None:
        server = route.connect_to_server()

        def said(message: str | bytes) -> None:
            self._heard.append(str(message))
            server.send(message)

        def answered(message: str | bytes) -> None:
            if self._held:
                self._waiting.append((route, message))
            else:
                route.send(message)

        route.on_message(said)
        server.on_message(answered)

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """The page hears nothing of the server meanwhile, then all of it."""
        self._held = True
        self._heard.clear()
        yield
        self._held = False
        self.let_through()

    def let_through(self, until: str = "") -> None:
        """What waits, in order; with `until` no more than the first message that holds it, which may be yet to come."""
        self._until(lambda: not until or any(until in str(message) for _, message in self._waiting))
        while self._waiting:
            route, message = self._waiting.pop(0)
            route.send(message)
            if until and until in str(message):
                return

    def hears(self, what: str) -> None:
        """Wait until the page says something that holds this, if it hasn't since the last time."""
        self._until(lambda: any(what in message for message in self._heard))
        self._heard.clear()

    def _until(self, condition: Callable[[], bool]) -> None:
        until = time.monotonic() + PATIENCE / 1000
        while not condition():
            assert time.monotonic() < until
            self._page.wait_for_timeout(5)


Enter = Callable[..., Visitor]


@pytest.fixture
def complaints() -> Iterator[Complaints]:
    """Any error that a page reports fails the test."""
    kept = Complaints()
    yield kept
    assert not kept.unexpected, "\n".join(kept.unexpected)


@pytest.fixture
def enter(chromium: Browser, portal: Portal, complaints: Complaints) -> Iterator[Enter]:
    """Somebody with a browser of their own: `enter("reader@bjorko.example")` is signed in, `enter()` a stranger.

    Further arguments are Playwright's for the context; `viewport` is a desktop's unless given. `at`: another portal.
    """
    contexts: list[BrowserContext] = []
    # The language is the sign-in's own and outlives a test that failed half-way: everybody begins in Swedish.
    with contextlib.closing(sqlite3.connect(portal.data_dir / "selfcare.db", timeout=15)) as db, db:
        db.execute("UPDATE sign_in SET language = 'sv'")

    def somebody(
        email: str = "",
        password: str = DEMO_PASSWORD,
        *,
        language: str = "sv",
        at: Portal | None = None,
        **settings: Any,
    ) -> Visitor:
        place = at or portal
        context = chromium.new_context(
            **{"base_url": place.url, "viewport": DESKTOP, "reduced_motion": "reduce", "locale": "sv-SE", **settings}
        )
        contexts.append(context)
        context.on("page", complaints.listen)
        if email:
            cookie = place.cookie(email, password)
            context.add_cookies([{"name": "selfcare_session", "value": cookie, "url": place.url, "httpOnly": True}])
        return Visitor(context.new_page(), place, language)

    yield somebody
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def companies(portal: Portal) -> dict[str, OwnCompany]:
    """Companies of the journeys' own, by name; whoever needs somebody in one invites them."""
    return feed_companies(portal)


@pytest.fixture(scope="session")
def large(portal: Portal, companies: dict[str, OwnCompany]) -> OwnCompany:
    """A company of 130 customer numbers, some with names that mean harm; its one user may do everything."""
    return register(portal, companies["Lövholmens Rör AB"])


@pytest.fixture(scope="session")
def populous(portal: Portal, companies: dict[str, OwnCompany]) -> OwnCompany:
    """A company of 60 customer numbers whose users come and go; its first may do everything."""
    return register(portal, companies["Folkrika AB"])
