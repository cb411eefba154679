"""What open tabs feel of what others do, over bare sockets: who is told, what is told, and to whom nothing is."""

from __future__ import annotations

import asyncio
import time
from contextlib import contextmanager
from dataclasses import replace

from sqlmodel import select

from selfcare_app.models import CustomerNumber, User
from selfcare_app.services import audit, clock, user_rights
from selfcare_app.services.database import session, writing
from selfcare_app.specs.permissions import Role
from tests.portal import STATE, acting_as, tab, user_of

USERS = f"{STATE}.selfcare_app___state___users____users_state"
LIST = f"{STATE}.selfcare_app___state___customer_numbers____customer_numbers_state"
PROFILE = f"{STATE}.selfcare_app___state___profile____profile_state"
ORDERER, SUPERUSER = "orderer@bjorko.example", "superuser@bjorko.example"
FELT_WITHIN = 5
"""Seconds on a busy machine; alone it is well below one."""


def entry(actor, id_):
    return audit.entry(actor, "customer_number.changed", kind="customer_number", object_id=id_)


@contextmanager
def felt():
    began = time.monotonic()
    yield
    assert time.monotonic() - began < FELT_WITHIN


async def opened_at(tab_, load, address):
    """On a page as a browser is: the address stands in every event."""
    await tab_.send(load, address=address)
    state = load.rpartition(".")[0].rpartition("____")[2]
    await tab_.until(lambda: tab_.deltas(state).get("loads"), "a list")
    return tab_.deltas(state)


def test_a_row_that_another_changes_is_drawn_anew_where_it_stands_and_ticks_stay(portal, elsewhere):
    orderer = user_of(ORDERER)

    async def journey():
        cookie = portal.cookie(SUPERUSER)
        async with (
            tab(portal, cookie, token="looks") as looks,
            tab(portal, portal.cookie(ORDERER), token="works") as works,
            tab(portal, portal.cookie("superuser@sjovik.example"), token="foreign") as foreign,
        ):
            users = await opened_at(looks, f"{USERS}.load", "/users")
            await opened_at(foreign, f"{USERS}.load", "/users")
            before = [row["id"] for row in users["rows"]]
            await looks.send(f"{USERS}.tick", {"row": str(orderer.id), "picked": True, "press": 1}, "/users")
            await looks.until(lambda: looks.deltas("users_state").get("selected_count") == 1, "a tick")
            await works.send(f"{PROFILE}.load", address="/profile")
            await works.until(lambda: "version" in works.deltas("profile_state"), "the profile")
            version = works.deltas("profile_state")["version"]
            assert version == orderer.version
            foreign.updates.clear()
            with felt():
                typed = {"name": "Åsa Zebra-Ny", "phone": ""}
                await works.send(f"{PROFILE}.save", {"typed": typed}, "/profile")
                await looks.until(lambda: "Åsa Zebra-Ny" in looks.text, "the new name")
            shown = looks.deltas("users_state")
            assert [row["id"] for row in shown["rows"]] == before, "nothing moves under the pointer"
            assert shown["selected"] == [str(orderer.id)]
            assert shown["news"] == "changed", "by its new name it stands elsewhere: that is announced"
            await looks.send(f"{USERS}.show_news", address="/users")
            await looks.until(lambda: looks.deltas("users_state")["news"] == "", "the list in its new order")
            assert [row["id"] for row in looks.deltas("users_state")["rows"]] != before
            assert looks.deltas("users_state")["selected"] == [str(orderer.id)]
            assert foreign.updates == [], "another company hears nothing at all"

    try:
        asyncio.run(journey())
    finally:
        with writing() as db:
            row = db.get(User, orderer.id)
            row.name, row.name_sort, row.phone = orderer.name, orderer.name_sort, orderer.phone
            row.search_key = orderer.search_key
            db.add(row)


def test_a_right_that_is_taken_away_is_felt_by_an_open_tab_and_so_is_the_door(portal, elsewhere):
    boss, orderer = acting_as(portal, SUPERUSER), user_of(ORDERER)

    def give(role, permissions=()):
        user_rights.change_permissions(
            replace(boss, at=clock.now()), orderer.id, user_of(ORDERER).version, role, permissions
        )

    async def journey():
        async with tab(portal, portal.cookie(ORDERER)) as opened:
            assert (await opened_at(opened, f"{LIST}.load", "/customer-numbers"))["rows"]
            with felt():
                await asyncio.to_thread(give, Role.CUSTOM)
                await opened.until(lambda: opened.deltas("customer_numbers_state").get("forbidden"), "a refusal")
            assert opened.deltas("customer_numbers_state")["rows"] == []
            assert "customer_numbers" not in opened.deltas("frame_state")["menu"]
            assert opened.deltas("frame_state")["notice"]
            with felt():
                await asyncio.to_thread(give, Role.ORDERER)
                await opened.until(lambda: opened.deltas("customer_numbers_state").get("rows"), "the list again")
            assert opened.deltas("customer_numbers_state")["forbidden"] is False
            with felt():
                await asyncio.to_thread(user_rights.disable, replace(boss, at=clock.now()), orderer.id)
                await opened.until(lambda: opened.redirects, "the way out")
            assert opened.redirects == ["/login?next=%2Fcustomer-numbers"]

    try:
        asyncio.run(journey())
    finally:
        user_rights.enable(replace(boss, at=clock.now()), orderer.id)


def test_thousands_of_changes_are_one_event_for_a_tab(portal, elsewhere):
    """A feed of another process: one transaction, or many in a row."""
    boss = acting_as(portal, SUPERUSER)
    with session() as db:
        first = select(CustomerNumber).where(CustomerNumber.company_id == boss.company_id)
        number = db.exec(first.order_by(CustomerNumber.number_sort)).first()

    async def journey():
        async with tab(portal, portal.cookie(SUPERUSER)) as opened:
            await opened_at(opened, f"{LIST}.load", "/customer-numbers")
            opened.updates.clear()

            def feed(name):
                for _ in range(3):
                    with writing() as db:
                        row = db.get(CustomerNumber, number.id)
                        row.name = name
                        db.add(row)
                        audit.record_many(db, [entry(boss, number.id + n) for n in range(2000)])

            await asyncio.to_thread(feed, "Zebran")
            await opened.until(lambda: "Zebran" in opened.text, "the change")
            await asyncio.to_thread(feed, number.name)
            await opened.until(
                lambda: opened.deltas("customer_numbers_state")["rows"][0]["name"] == number.name, "back"
            )
            assert len(opened.updates) <= 4, "rows that are as they were are not sent"

    asyncio.run(journey())
