"""People who page at once, and open tabs: through the gate, each with a session of its own."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack
from functools import partial

from benchmarks.measuring import BOTH, P95, Beside, Figures, Must, Work, percentiles
from benchmarks.places import PASSWORD, Place, email
from benchmarks.processes import processes, resident
from selfcare_app.services import listing
from selfcare_app.specs.lists import CUSTOMER_NUMBERS, SUBSCRIPTIONS, ListSpec
from selfcare_app.specs.queries import parse
from tests.portal import STATE, Portal, Tab, tab

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
    pages = max(1, size.company // ROWS)
    times: list[float] = []

    async def turn(at: int, opened: Tab) -> None:
        for turned in range(size.pages):
            wanted = 1 + (at * size.pages + turned) % pages
            began = time.perf_counter()
            await opened.ask(handler(spec), address=f"/{spec.key}?size={ROWS}&page={wanted}")
            times.append(time.perf_counter() - began)
            opened.updates.clear()

    async with AsyncExitStack() as stack:
        cookies = [await asyncio.to_thread(portal.cookie, email("superuser"), PASSWORD) for _ in range(size.people)]
        opened = [await _list(stack, portal, cookie, spec, at) for at, cookie in enumerate(cookies)]
        began = time.perf_counter()
        await asyncio.gather(*(turn(at, one) for at, one in enumerate(opened)))
        seconds = time.perf_counter() - began
    return {PAGES_PER_SECOND: len(times) / seconds, P95: percentiles(times)[P95]}


async def _list(stack: AsyncExitStack, portal: Portal, cookie: str, spec: ListSpec, at: int) -> Tab:
    """A tab that shows the list's first page, open until the stack closes."""
    opened = await stack.enter_async_context(tab(portal, cookie, token=f"{spec.key}-{at}"))
    await opened.ask(f"{STATE}.hydrate")
    await opened.ask(handler(spec), address=f"/{spec.key}?size={ROWS}")
    return opened


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
    """Half of them come when the others have been there for a while. The socket's library keeps the last message to a
    tab until the next one, be it the ping that comes within seconds; what it gives back then, others use."""
    cookie = await asyncio.to_thread(portal.cookie, email("superuser"), PASSWORD)
    async with AsyncExitStack() as stack:
        of, learnt = processes(portal), -(-place.size.tabs // 10)
        # What the first tabs make the server learn isn't a tab's.
        for at in range(learnt):
            await _list(stack, portal, cookie, SUBSCRIPTIONS, at)
        before = resident(of)
        for at in range(place.size.tabs):
            if at == place.size.tabs // 2:
                await asyncio.sleep(place.size.pause)
            await _list(stack, portal, cookie, SUBSCRIPTIONS, learnt + at)
        return {KB_PER_TAB: (resident(of) - before) / place.size.tabs}


WORKS = (
    # First: what closed tabs leave free would be counted as nothing.
    Work("sockets.memory", "memory of a signed-in tab that shows a list", tabs, must=(Must(KB_PER_TAB, 500),)),
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
)
