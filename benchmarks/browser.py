"""What a person waits for in real Chromium: from a keystroke to the changed table, the first page of a cold browser."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.measuring import P95, SECONDS, SQLITE, Figures, Must, Work, need, percentiles
from benchmarks.places import PASSWORD, Place, email
from selfcare_app.components.filters import TYPING_MS

ARGUMENTS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--no-first-run"]
NO_CHROMIUM = "SELFCARE_TEST_CHROMIUM names no browser; `make bench` finds one."
KB_OF_SCRIPTS = "kB of JavaScript"
WORDS = ("erik", "karin", "omar", "ida", "hed")
"""None of their letters stands in the company's name, which all rows are found by."""
CHANGES_WITHIN = 1_000
"""Milliseconds; a letter that changes no row isn't measured."""
_LISTEN = """() => {
    const rows = () => document.querySelector("table[role=table] tbody:not([aria-hidden])")?.textContent ?? ""
    window.changes = []
    let began = 0, shown = rows()
    document.querySelector("[data-list-search]").addEventListener("input", () => { began = performance.now() }, true)
    new MutationObserver(() => {
        const now = rows()
        if (!began || now === shown || !now) return
        shown = now
        const since = began
        requestAnimationFrame(() => window.changes.push(performance.now() - since))
    }).observe(document.querySelector("main"), { subtree: true, childList: true, characterData: true })
}"""
_CHANGED = """([seen, within]) => new Promise(resolve => {
    const until = performance.now() + within
    const look = () => window.changes.length > seen || performance.now() > until ? resolve() : setTimeout(look, 5)
    look()
})"""
_SHOWN = {
    "/": "span.n:not(:has(.sk))",
    "/subscriptions?size=50": "table[role=table] tbody:not([aria-hidden]) tr a",
}
"""What is on the page once its content is there."""
_WHEN_SHOWN = """selector => {
    const look = () => {
        if (document.querySelector(selector)) requestAnimationFrame(() => { window.shown ??= performance.now() })
        else requestAnimationFrame(look)
    }
    requestAnimationFrame(look)
}"""


_SHOWN_AT = """() => new Promise(resolve => {
    const look = () => window.shown ? resolve(window.shown) : setTimeout(look, 5)
    look()
})"""


@contextmanager
def chromium(place: Place) -> Iterator[Browser]:
    """A browser that has never been anywhere."""
    path = need(place.chromium, NO_CHROMIUM)
    assert place.portal
    with sync_playwright() as tool:
        browser = tool.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@contextmanager
def visit(browser: Browser, place: Place) -> Iterator[Page]:
    """A page of somebody who is signed in, with nothing in the cache."""
    portal = place.portal
    context = browser.new_context(base_url=portal.url, viewport={"width": 1440, "height": 900})
    cookie = portal.cookie(email("superuser"), PASSWORD)
    context.add_cookies([{"name": "selfcare_session", "value": cookie, "url": portal.url, "httpOnly": True}])
    yield context.new_page()
    context.close()


def keystroke(place: Place) -> Figures:
    """From a letter in the search to the table that shows what it leaves, drawn."""
    with chromium(place) as browser, visit(browser, place) as page:
        address = "/subscriptions?size=50"
        page.goto(address)
        page.wait_for_selector(_SHOWN[address])
        page.evaluate(_LISTEN)
        field = page.locator("[data-list-search]")
        field.focus()
        for _ in range(max(1, place.size.runs // sum(map(len, WORDS)))):
            for word in WORDS:
                for key in (*word, *("Backspace" for _ in word)):
                    seen = page.evaluate("window.changes.length")
                    field.press(key)
                    page.evaluate(_CHANGED, [seen, CHANGES_WITHIN])
        times = page.evaluate("window.changes")
    return percentiles([time / 1000 for time in times])


def first_page(address: str, place: Place) -> Figures:
    """From the address to its content, drawn, and what scripts came over the wire."""
    times, sizes = [], []
    with chromium(place) as browser:
        for _ in range(max(1, place.size.starts)):
            with visit(browser, place) as page:
                arrived = _scripts(page)
                page.add_init_script(f"({_WHEN_SHOWN})({_SHOWN[address]!r})")
                page.goto(address)
                times.append(page.evaluate(_SHOWN_AT) / 1000)
                page.wait_for_load_state("networkidle")
                sizes.append(sum(arrived.values()) / 1000)
    return {SECONDS: statistics.median(times), KB_OF_SCRIPTS: max(sizes)}


def _scripts(page: Page) -> dict[str, int]:
    """Bytes of each script as they came, filled while the page loads."""
    kinds: dict[str, str] = {}
    sizes: dict[str, int] = {}
    session = page.context.new_cdp_session(page)

    def answered(event: dict[str, str]) -> None:
        kinds[event["requestId"]] = event["type"]

    def loaded(event: dict[str, int]) -> None:
        request = str(event["requestId"])
        if kinds.get(request) == "Script":
            sizes[request] = event["encodedDataLength"]

    session.on("Network.responseReceived", answered)
    session.on("Network.loadingFinished", loaded)
    session.send("Network.enable")
    return sizes


WORKS = (
    Work(
        "browser.keystroke",
        f"keystroke to changed table of 50 rows ({TYPING_MS} ms of it waiting for the next key)",
        keystroke,
        must=(Must(P95, 60 + TYPING_MS),),
    ),
    *(
        Work(
            f"browser.{name}",
            f"{what}, cold browser",
            partial(first_page, address),
            must=(Must(SECONDS, 1), Must(KB_OF_SCRIPTS, 300)),
            on=(SQLITE,),
        )
        for name, what, address in (
            ("overview", "first page after sign-in", "/"),
            ("list", "list of subscriptions", "/subscriptions?size=50"),
        )
    ),
)
