"""What a bare socket client gets (quality.md, Safety 1): it calls every registered handler, and nothing leaks."""

from __future__ import annotations

import asyncio
import re
import sqlite3

import pytest
from reflex_base.registry import RegistrationContext

import selfcare_app.selfcare_app
from selfcare_app.state.gate import FRAMEWORK_EVENTS, is_marked
from tests.portal import NAMESPACE, STATE, Portal, tab

assert selfcare_app.selfcare_app.app
HANDLERS = dict(RegistrationContext.get().event_handlers)
OURS = sorted(name for name, found in HANDLERS.items() if is_marked(found.handler))
LIST = f"{STATE}.selfcare_app___state___customer_numbers____customer_numbers_state"
FRAME = f"{STATE}.selfcare_app___state___frame____frame_state"
HOSTILE = ("' OR 1=1 --", "../../etc/passwd", "<script>alert(1)</script>", "9" * 300, None, [], {"a": 1}, -1, True)
DETAILS = {
    "customer_number_state": ("/customer-numbers/10023", "/customer-numbers/10023?tab=invoices"),
    "subscription_state": ("/subscriptions/710001", "/subscriptions/710001?tab=invoice-lines"),
    "connection_state": ("/connections/510001", "/connections/510001?tab=contacts"),
}
"""Pages about one thing, asked for at addresses of a thing of the first company."""
ALL_WITHIN = 60
"""Seconds until the last of a thousand and more events, sent one after the other, is answered."""
CANARIES = ("Björkö", "Sjövik", "10023", "superuser@bjorko.example")


def plausible(name: str) -> list[dict]:
    """Arguments for a handler by its own parameter names, sensible first, then hostile."""
    fn = HANDLERS[name].handler.fn
    names = list(fn.__code__.co_varnames[1 : fn.__code__.co_argcount])
    sensible = {"language": "sv", "key": "type", "value": "mobile", "search": "a", "row": "1", "month": "2026-11"}
    return [{n: sensible.get(n, "x") for n in names}, *(dict.fromkeys(names, bad) for bad in HOSTILE)]


def written(portal: Portal) -> dict[str, int]:
    """How many rows each table has: what a call may not change."""
    with sqlite3.connect(f"file:{portal.data_dir / 'selfcare.db'}?mode=ro", uri=True) as db:
        tables = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: db.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in tables}


OF_A_COMPANY = (
    "SELECT name FROM company WHERE id = :id",
    "SELECT number, name FROM customer_number WHERE company_id = :id",
    "SELECT number, label, sim FROM subscription WHERE company_id = :id",
    "SELECT number, address FROM connection WHERE company_id = :id",
    "SELECT email FROM connection_contact WHERE company_id = :id",
    "SELECT number FROM invoice WHERE company_id = :id",
)


def texts_of(portal: Portal, company: str) -> set[str]:
    """Every text that names the company or something of it; people of both may bear the same name."""
    with sqlite3.connect(f"file:{portal.data_dir / 'selfcare.db'}?mode=ro", uri=True) as db:
        (id_,) = db.execute("SELECT id FROM company WHERE name = ?", (company,)).fetchone()
        found = [row for statement in OF_A_COMPANY for row in db.execute(statement, {"id": id_})]
    return {text for row in found for text in row if text}


def told(canary: str, text: str) -> bool:
    """Whether the text holds the words; a price plan of the operator's may begin as a customer number is called."""
    return re.search(rf"(?<!\w){re.escape(canary)}(?!\w)", text) is not None


async def call_everything(opened) -> None:
    """Every registered handler, the framework's own too, with plausible and hostile arguments."""
    for name in HANDLERS:
        for payload in plausible(name):
            await opened.send(name, payload, "/customer-numbers?q=a")


def test_there_is_a_registry_to_walk():
    assert len(OURS) >= 15
    assert set(HANDLERS) >= FRAMEWORK_EVENTS


def test_every_handler_is_marked_or_the_frameworks_own():
    for name, found in HANDLERS.items():
        ours = found.handler.fn.__module__.startswith("selfcare_app")
        assert not ours or is_marked(found.handler), f"{name} runs for anybody: mark it with @event(...)"


@pytest.mark.parametrize("cookie", ["", "made-up"])
def test_a_stranger_is_sent_away_by_every_handler_and_learns_nothing(portal, cookie):
    async def journey():
        before = written(portal)
        async with tab(portal, cookie) as stranger:
            await call_everything(stranger)
            await stranger.send(f"{LIST}.load", address="/the-end")
            await stranger.until(lambda: "/login?next=%2Fthe-end" in stranger.redirects, "the end", within=ALL_WITHIN)
            assert len(stranger.redirects) > len(HANDLERS)
            assert all(address.startswith("/login?next=") for address in stranger.redirects)
            assert not any(update.get("delta") for update in stranger.updates), "hydrate gives nothing"
            assert not any(canary in stranger.text for canary in CANARIES)
        assert written(portal) == before

    asyncio.run(journey())


def test_a_signed_out_socket_is_a_strangers(portal):
    async def journey():
        with portal.client("reader@bjorko.example") as browser:
            async with tab(portal, browser.cookies["selfcare_session"]) as opened:
                await opened.ask(f"{LIST}.load", address="/customer-numbers")
                await opened.until(lambda: opened.deltas("customer_numbers_state").get("total"), "rows")
                assert browser.post("/logout").status_code == 303
                answer = await opened.ask(f"{LIST}.load", address="/customer-numbers")
                assert "delta" not in answer or not answer["delta"]
                assert opened.redirects == ["/login?next=%2Fcustomer-numbers"]

    asyncio.run(journey())


def test_a_left_client_token_is_worth_nothing_to_another(portal):
    async def journey():
        first, second = portal.cookie("superuser@bjorko.example"), portal.cookie("superuser@sjovik.example")
        async with tab(portal, first, token="the-same") as opened:
            await opened.ask(f"{LIST}.load", address="/customer-numbers")
            await opened.until(lambda: opened.deltas("customer_numbers_state").get("rows"), "rows")
            mine = opened.deltas("customer_numbers_state")["rows"]
        async with tab(portal, second, token="the-same") as other, tab(portal, token="the-same") as stranger:
            await other.ask(f"{STATE}.hydrate")
            await other.until(lambda: other.updates, "hydrate")
            assert mine[0]["name"] not in other.text
            assert other.deltas("customer_numbers_state").get("rows") == []
            await stranger.ask(f"{STATE}.hydrate")
            assert not any(update.get("delta") for update in stranger.updates)

    asyncio.run(journey())


def test_a_header_of_our_own_from_outside_signs_nobody_in(portal):
    async def journey():
        headers = {"x-selfcare-session": "made-up", "X-Selfcare-Source": "10.0.0.1"}
        async with tab(portal, **headers) as stranger:
            await stranger.ask(f"{LIST}.load", address="/customer-numbers")
            assert not any(update.get("delta") for update in stranger.updates)

    asyncio.run(journey())


def test_a_socket_from_another_origin_is_refused(portal):
    async def journey():
        with pytest.raises(Exception, match=r"(?i)connect|refused|unexpected|403|error"):
            async with tab(portal, portal.cookie("reader@bjorko.example"), Origin="https://evil.example"):
                pass

    asyncio.run(journey())


def test_one_company_calls_everything_and_sees_nothing_of_the_other(portal):
    async def journey():
        async with tab(portal, portal.cookie("superuser@sjovik.example")) as opened:
            await call_everything(opened)
            for address in ("/customer-numbers", "/customer-numbers?q=bjork", "/customer-numbers?id=1,2,3"):
                await opened.send(f"{LIST}.load", address=address)
            for state, addresses in DETAILS.items():
                loads = [name for name in HANDLERS if name.endswith((f"____{state}.load", "____related_state.load"))]
                assert len(loads) == 2
                for address in addresses:
                    for load in loads:
                        await opened.send(load, address=address)
            await opened.send(f"{FRAME}.set_language", {"language": "sv"})
            await opened.send(f"{LIST}.load", address="/customer-numbers?q=no-such-thing-anywhere")
            await opened.until(
                lambda: opened.deltas("customer_numbers_state").get("search") == "no-such-thing-anywhere",
                "the end",
                within=ALL_WITHIN,
            )
            foreign = texts_of(portal, "Björkö Bygg AB") - texts_of(portal, "Sjövik Vård AB")
            assert len(foreign) > 5
            # The addresses that were asked for come back; nothing else does.
            assert not {canary for canary in foreign - {"10023", "710001", "510001"} if told(canary, opened.text)}
            for state in DETAILS:
                assert opened.deltas(state).get("found") is not True

    asyncio.run(journey())


def test_unmarked_handlers_do_nothing_for_the_signed_in_either(portal):
    async def journey():
        async with tab(portal, portal.cookie("reader@bjorko.example")) as opened:
            await opened.ask(f"{FRAME}.say_forbidden")
            await opened.until(lambda: opened.deltas("frame_state").get("notice"), "a notice")
            for name in (n for n in HANDLERS if n.endswith(".setvar")):
                await opened.send(name, {"var_name": "notice", "value": "hacked"})
            await opened.send(f"{FRAME}.dismiss_notice")
            await opened.until(lambda: opened.deltas("frame_state").get("notice") == "", "the notice gone")
            assert "hacked" not in opened.text

    asyncio.run(journey())


def test_every_press_is_answered_whatever_it_says(portal):
    async def journey():
        async with tab(portal, portal.cookie("superuser@bjorko.example")) as opened:
            last: dict[str, int] = {}
            asked = [(name, dict.fromkeys(plausible(name)[0], "x")) for name in OURS]
            for number, (name, payload) in enumerate((each for each in asked if "press" in each[1]), start=1):
                await opened.send(name, {**payload, "press": number}, "/customer-numbers")
                last[name.split(".")[-2]] = number
            assert len(last) > 10
            await opened.until(
                lambda: all(opened.deltas(state).get("answered") == number for state, number in last.items()),
                "an answer to each",
            )

    asyncio.run(journey())


def test_what_is_no_id_is_nobodys_and_not_everybody_who_is_chosen(portal):
    async def journey():
        users, doings = (next(n for n in OURS if n.endswith(end)) for end in ("users_state.load", "doings_state.ask"))
        async with tab(portal, portal.cookie("superuser@bjorko.example")) as opened:
            await opened.ask(users, address="/users")
            await opened.ask(users.replace(".load", ".tick_page"), {"picked": True, "press": 1}, "/users")
            for user in ("x", "1" * 40, None, [], "0"):
                await opened.ask(doings, {"doing": "disable_user", "user": user}, "/users")
                asked = opened.deltas("user_doings_state")
                assert (asked["rows"], asked["count"], asked["problem"]) == ([], 0, "Det du söker finns inte."), user
            await opened.ask(doings, {"doing": "disable_user", "user": ""}, "/users")
            assert len(opened.deltas("user_doings_state")["rows"]) > 5

    asyncio.run(journey())


def test_partial_access_is_the_same_on_a_socket(portal):
    async def journey():
        async with tab(portal, portal.cookie("partial@bjorko.example")) as opened:
            await opened.ask(f"{LIST}.load", address="/customer-numbers")
            await opened.until(lambda: opened.deltas("customer_numbers_state").get("rows"), "rows")
            assert opened.deltas("customer_numbers_state")["total"] == 2
            everything = f"{LIST}.select_everything"
            await opened.send(everything, address="/customer-numbers")
            await opened.until(lambda: opened.deltas("customer_numbers_state").get("selected_count"), "chosen")
            assert opened.deltas("customer_numbers_state")["selected_count"] == 2

    asyncio.run(journey())


def test_the_wrong_role_gets_no_row_either(portal):
    async def journey():
        async with tab(portal, portal.cookie("staff@exempelnat.example")) as opened:
            await opened.ask(f"{LIST}.load", address="/customer-numbers")
            await opened.until(lambda: opened.deltas("customer_numbers_state").get("forbidden"), "a refusal")
            await call_everything(opened)
            # The language is the sign-in's own: given back for whoever comes next.
            await opened.send(f"{FRAME}.set_language", {"language": "sv"})
            await opened.send(f"{FRAME}.say_forbidden")
            await opened.until(lambda: opened.deltas("frame_state").get("notice"), "the end", within=ALL_WITHIN)
            foreign = texts_of(portal, "Björkö Bygg AB") - {"Björkö Bygg AB", "10023"}
            assert not {canary for canary in foreign if told(canary, opened.text)}
            assert not opened.deltas("customer_numbers_state").get("rows")

    asyncio.run(journey())


@pytest.mark.parametrize("email", ["", "reader@bjorko.example"])
def test_nothing_a_client_sends_and_no_reference_reaches_the_log(portal, email):
    """Unknown names, wrong types and packets that are none: Reflex would log them with all they carry."""
    canary = f"canary-{email.partition('@')[0] or 'stranger'}"

    async def journey():
        async with tab(portal, portal.cookie(email) if email else "", token=f"token-{canary}") as opened:
            for name in (canary, f"{LIST}.{canary}", f"{LIST}._show", f"{LIST}.set_rows", f"{LIST}.pick"):
                await opened.send(name, {"value": canary, "key": [canary], canary: canary})
            await opened.client.emit("event", canary, namespace=NAMESPACE)
            await opened.client.emit("event", {"name": [canary], "payload": canary}, namespace=NAMESPACE)
            await opened.client.emit("event", [canary], namespace=NAMESPACE)
            await opened.ask(f"{LIST}.load", address="/customer-numbers")

    asyncio.run(journey())
    log = (portal.data_dir / "server.log").read_text()
    assert canary not in log
    assert "x-selfcare-session" not in log
    assert "router_data" not in log


def test_arriving_at_a_page_within_the_app_is_one_message(portal):
    async def journey():
        arrive = f"{STATE}.reflex___state____on_load_internal_state.on_load_internal"
        async with tab(portal, portal.cookie("superuser@bjorko.example")) as opened:
            await opened.send(f"{STATE}.hydrate_and_load", address="/customer-numbers")
            await opened.until(lambda: opened.deltas(STATE).get("is_hydrated"), "the first page")
            opened.updates.clear()
            await opened.send(arrive, address="/customer-numbers?page=2")
            await opened.until(lambda: opened.deltas("customer_numbers_state").get("loads"), "the second")
            assert len(opened.updates) == 1
            assert opened.deltas(STATE)["is_hydrated"] is True, "the browser waits for this word"

    asyncio.run(journey())


def test_signed_out_between_two_pages_there_is_no_second(portal):
    async def journey():
        arrive = f"{STATE}.reflex___state____on_load_internal_state.on_load_internal"
        with portal.client("superuser@bjorko.example") as browser:
            async with tab(portal, browser.cookies["selfcare_session"]) as opened:
                await opened.send(f"{STATE}.hydrate_and_load", address="/customer-numbers")
                await opened.until(lambda: opened.deltas(STATE).get("is_hydrated"), "the first page")
                browser.post("/logout")
                opened.updates.clear()
                await opened.send(arrive, address="/customer-numbers?page=2")
                await opened.until(lambda: opened.redirects, "the way out")
                assert not opened.deltas("customer_numbers_state").get("loads")

    asyncio.run(journey())
