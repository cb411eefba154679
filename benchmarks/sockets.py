"""People who page at once, and open tabs: through the gate, each with a session of its own."""

from __future__ import annotations

import asyncio
import time
from functools import partial

from benchmarks.measuring import BOTH, P95, Beside, Figures, Must, Work, percentiles
from benchmarks.places import PASSWORD, Place, email
from benchmarks.processes import resident
from selfcare_app.services import listing
from selfcare_app.specs.lists import CUSTOMER_NUMBERS, SUBSCRIPTIONS, ListSpec
from selfcare_app.specs.queries import parse
from tests.portal import STATE, Portal, tab

PAGES_PER_SECOND = "pages/s"
KB_PER_TAB = "kB"
ROWS = 50


def handler(spec: ListSpec) -> str:
    """The event that loads a page of the list."""
    return f"{STATE}.selfcare_app___state___{spec.key.replace('-', '_')}____{spec.key.replace('-', '_')}_state.load"


def paging(spec: ListSpec, place: Place) -> Figures:
    """Each turns page after page, as fast as they come."""
    assert place.companies
    return asyncio.run(_paging(spec, place, place.portal))


async def _paging(spec: ListSpec, place: Place, portal: Portal) -> Figures:
    size = place.size
    cookies = [await asyncio.to_thread(portal.cookie, email("superuser"), PASSWORD) for _ in range(size.people)]
    pages = max(1, size.company // ROWS)
    ready = asyncio.Barrier(size.people + 1)
    times: list[float] = []

    async def person(at: int) -> None:
        async with tab(portal, cookies[at], token=f"paging-{spec.key}-{at}") as opened:
            await opened.ask(handler(spec), address=f"/{spec.key}?size={ROWS}")
            await ready.wait()
            for turned in range(size.pages):
                began = time.perf_counter()
                seen = len(opened.updates)
                wanted = 1 + (at * size.pages + turned) % pages
                await opened.send(handler(spec), address=f"/{spec.key}?size={ROWS}&page={wanted}")
                await opened.until(lambda seen=seen: len(opened.updates) > seen, "a page")
                times.append(time.perf_counter() - began)
                opened.updates.clear()

    async with asyncio.TaskGroup() as people:
        for at in range(size.people):
            people.create_task(person(at))
        await ready.wait()
        began = time.perf_counter()
    return {PAGES_PER_SECOND: len(times) / (time.perf_counter() - began), P95: percentiles(times)[P95]}


def services_alone(spec: ListSpec, place: Place) -> Figures:
    """The same pages from the service, one after the other, without sockets and screen."""
    actor = place.actor()
    narrowed = listing.page(actor, spec, parse(spec, {"size": str(ROWS)})).narrowed
    pages = max(1, place.size.company // ROWS)
    count = min(pages, place.size.runs * 5)
    began = time.perf_counter()
    for page in range(1, count + 1):
        listing.page(actor, spec, parse(spec, {"size": str(ROWS), "page": str(page)}), narrowed)
    return {PAGES_PER_SECOND: count / (time.perf_counter() - began)}


def tabs(place: Place) -> Figures:
    """Memory of the server with and without signed-in tabs that show a list."""
    assert place.companies
    return asyncio.run(_tabs(place, place.portal))


async def _tabs(place: Place, portal: Portal) -> Figures:
    count = place.size.tabs
    cookie = await asyncio.to_thread(portal.cookie, email("superuser"), PASSWORD)
    ready, leave = asyncio.Barrier(count + 1), asyncio.Event()

    async def one(at: int) -> None:
        async with tab(portal, cookie, token=f"memory-{at}") as opened:
            await opened.ask(f"{STATE}.hydrate")
            await opened.ask(handler(SUBSCRIPTIONS), address=f"/subscriptions?size={ROWS}")
            await ready.wait()
            await leave.wait()

    # What the first tab makes the server learn isn't a tab's.
    async with tab(portal, cookie, token="first") as first:
        await first.ask(handler(SUBSCRIPTIONS), address=f"/subscriptions?size={ROWS}")
    before = resident(portal)
    async with asyncio.TaskGroup() as group:
        for at in range(count):
            group.create_task(one(at))
        await ready.wait()
        after = resident(portal)
        leave.set()
    return {KB_PER_TAB: (after - before) / count}


WORKS = (
    *(
        Work(
            f"sockets.{spec.key}",
            f"{{size.people}} people turn pages of {spec.key.replace('-', ' ')} at once, one process",
            partial(paging, spec),
            must=(Must(PAGES_PER_SECOND, 250, at_least=True),),
            floor=Beside("the service alone, one by one", partial(services_alone, spec), BOTH),
        )
        for spec in (CUSTOMER_NUMBERS, SUBSCRIPTIONS)
    ),
    Work("sockets.memory", "memory of a signed-in tab that shows a list", tabs, must=(Must(KB_PER_TAB, 500),)),
)
