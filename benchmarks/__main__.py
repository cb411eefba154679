"""`make bench`: what must be fast (quality.md), beside its floor in the same run; prints a table, writes RESULTS.md."""

from __future__ import annotations

import asyncio
import os
import platform
import shutil
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

FOLDER = Path(tempfile.mkdtemp(prefix="selfcare-bench-"))
os.environ.update({"SELFCARE_DEMO": "1", "SELFCARE_DATA_DIR": str(FOLDER)})
os.environ.pop("SELFCARE_DATABASE_URL", None)

from benchmarks import rows
from selfcare_app import building
from selfcare_app.config import settings
from selfcare_app.services import clock, database, exporting, listing, migrations
from selfcare_app.services.access import Actor
from selfcare_app.specs.lists import CUSTOMER_NUMBERS
from selfcare_app.specs.permissions import EVERYTHING
from selfcare_app.specs.queries import parse
from tests.portal import STATE, Portal, serve, tab

RUNS = 40
SOCKETS = 40
PAGES_EACH = 25
TABS = 100
LIST = f"{STATE}.selfcare_app___state___customer_numbers____customer_numbers_state"
RESULTS = Path(__file__).parent / "RESULTS.md"
POSTGRES = os.environ.get("SELFCARE_TEST_POSTGRES_URL", "")


@dataclass(frozen=True)
class Line:
    """One line of the table: what, measured, its floor, what must be reached."""

    what: str
    measured: str
    floor: str = "–"
    ratio: str = "–"
    must: str = "–"


def percentiles(times: list[float]) -> tuple[float, float]:
    """p50 and p95 in milliseconds."""
    ordered = sorted(times)
    return statistics.median(ordered) * 1000, ordered[int(len(ordered) * 0.95)] * 1000


def timed(call: Callable[[], object], runs: int = RUNS) -> tuple[float, float]:
    """p50 and p95 of a call in milliseconds, after one that isn't counted."""
    call()
    times = []
    for _ in range(runs):
        began = time.perf_counter()
        call()
        times.append(time.perf_counter() - began)
    return percentiles(times)


@contextmanager
def using(address: str) -> Iterator[None]:
    """Everything of the portal's in this process on another database."""
    os.environ["SELFCARE_DATABASE_URL"] = address
    settings.cache_clear()
    database.engine.cache_clear()
    try:
        yield
    finally:
        database.engine().dispose()
        del os.environ["SELFCARE_DATABASE_URL"]
        settings.cache_clear()
        database.engine.cache_clear()


LISTS = {
    "list, first page": {},
    "list, sorted by name": {"sort": "-name"},
    "list, type filter, sorted": {"type": "mobile", "sort": "name"},
    "list, tab Aktiv": {"tab": "active"},
    "list, two groups": {"group": "3,4"},
    "list, page 1 190 of 1 200": {"page": "1190"},
    "search, 3 letters, 7 500 rows": {"q": "ake"},
    "search, two words, 340 rows": {"q": "gävle 77"},
    "search, one number": {"q": "1000777"},
}
FLOORS = {
    "list": "SELECT id, number, name, type, closed, opened FROM customer_number"
    " WHERE company_id = 1 ORDER BY number_sort, id LIMIT 50",
    "search": "SELECT n.id, n.number, n.name FROM customer_number_search s JOIN customer_number n ON n.id = s.rowid"
    " WHERE customer_number_search MATCH '\"ake\"' AND n.company_id = 1 ORDER BY n.number_sort LIMIT 50",
}


def measure_lists(name: str) -> list[Line]:
    """Server time of a page of 50 with counts, choices and scope: what one event asks of the service."""
    actor = Actor(
        name="x", at=clock.now(), company_id=1, user_id=1, permissions=EVERYTHING, access_all=True, sign_in_id=1
    )
    floors = {}
    if name == "SQLite":
        with sqlite3.connect(FOLDER / "selfcare.db") as db:
            floors = {key: timed(lambda sql=sql: db.execute(sql).fetchall())[0] for key, sql in FLOORS.items()}
    lines = []
    for what, parameters in LISTS.items():
        query = parse(CUSTOMER_NUMBERS, {"size": "50", **parameters})
        p50, p95 = timed(lambda query=query: listing.page(actor, CUSTOMER_NUMBERS, query))
        floor = floors.get(what.partition(",")[0])
        lines.append(
            Line(
                f"{what} ({name})",
                f"p50 {p50:.1f} ms, p95 {p95:.1f} ms",
                f"plain SQL {floor:.2f} ms" if floor else "–",
                f"{p50 / floor:.1f}" if floor else "–",
                "p50 ≤ 10, p95 ≤ 25 ms",
            )
        )
    for suffix in ("csv", "xlsx"):
        query = replace(parse(CUSTOMER_NUMBERS, {}), size=100)
        began = time.perf_counter()
        size = sum(len(piece) for piece in exporting.export(actor, CUSTOMER_NUMBERS, query, suffix).pieces)
        took = time.perf_counter() - began
        lines.append(Line(f"export of 60 000 rows x 7, {suffix} ({name})", f"{took:.2f} s, {size / 1e6:.1f} MB"))
    return lines


async def measure_sockets(portal: Portal) -> list[Line]:
    """People paging at once through the gate, each with a session and a tab of its own."""
    cookies = await asyncio.gather(
        *(asyncio.to_thread(portal.cookie, rows.EMAIL, rows.PASSWORD) for _ in range(SOCKETS))
    )
    times: list[float] = []

    async def person(at: int) -> None:
        async with tab(portal, cookies[at], token=f"paging-{at}") as opened:
            await opened.ask(f"{LIST}.load", address="/customer-numbers?size=50")
            for page in range(PAGES_EACH):
                began = time.perf_counter()
                number = 1 + (at * PAGES_EACH + page) % 1200
                wanted = f"/customer-numbers?size=50&page={number}"
                seen = len(opened.updates)
                await opened.send(f"{LIST}.load", address=wanted)
                await opened.until(lambda seen=seen: len(opened.updates) > seen, "a page")
                times.append(time.perf_counter() - began)
                opened.updates.clear()

    began = time.perf_counter()
    await asyncio.gather(*(person(at) for at in range(SOCKETS)))
    took = time.perf_counter() - began
    _, p95 = percentiles(times)
    return [
        Line(
            f"{SOCKETS} people paging at once, one process",
            f"{len(times) / took:.0f} pages/s, p95 {p95:.0f} ms",
            must="≥ 250 pages/s",
        )
    ]


async def measure_memory(portal: Portal) -> list[Line]:
    """Resident memory of the server with and without signed-in tabs that show a list of 50."""
    cookie = await asyncio.to_thread(portal.cookie, rows.EMAIL, rows.PASSWORD)
    before = resident(portal)
    async with asyncio.TaskGroup() as group:
        ready, leave = asyncio.Barrier(TABS + 1), asyncio.Event()

        async def one(at: int) -> None:
            async with tab(portal, cookie, token=f"memory-{at}") as opened:
                await opened.ask(f"{STATE}.hydrate")
                await opened.ask(f"{LIST}.load", address="/customer-numbers?size=50")
                await ready.wait()
                await leave.wait()

        for at in range(TABS):
            group.create_task(one(at))
        await ready.wait()
        after = resident(portal)
        leave.set()
    return [Line("memory per signed-in tab", f"{(after - before) / TABS:.0f} kB", must="≤ 500 kB")]


def resident(portal: Portal) -> int:
    """kB of resident memory of the server's processes."""
    port = portal.url.rpartition(":")[2]
    total = 0
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if f"SELFCARE_PORT={port}".encode() in (process / "environ").read_bytes().split(b"\0"):
                status = (process / "status").read_text()
                total += int(status.partition("VmRSS:")[2].split()[0])
        except (OSError, IndexError):
            continue
    return total


def measure_start() -> list[Line]:
    """From the command to the first answer, with a built front end and a migrated database."""
    times = []
    for _ in range(5):
        began = time.perf_counter()
        with serve(FOLDER):
            times.append(time.perf_counter() - began)
    return [Line("server start with a built front end", f"median {statistics.median(times):.2f} s", must="≤ 2.5 s")]


def measure_bundle() -> list[Line]:
    """Compressed JavaScript of a page, as the built page asks for it."""
    build = building.CURRENT.resolve() / "build" / "client"
    lines = []
    for page in ("index.html", "customer-numbers/index.html"):
        html = (build / page).read_text(encoding="utf-8")
        scripts = {part.split('"')[0] for part in html.split('"/assets/')[1:] if part.split('"')[0].endswith(".js")}
        size = sum(over_the_wire(build / "assets" / script) for script in scripts)
        lines.append(
            Line(f"JavaScript of /{page.removesuffix('index.html')}", f"{size / 1000:.0f} kB", must="≤ 300 kB")
        )
    return lines


def over_the_wire(file: Path) -> int:
    """Bytes sent to a browser that takes brotli; the smallest files are sent as they are."""
    compressed = file.with_name(f"{file.name}.br")
    return (compressed if compressed.exists() else file).stat().st_size


def show(lines: list[Line]) -> str:
    """The table in Markdown."""
    head = "| work | measured | floor | ratio | must reach |\n|---|---|---|---|---|\n"
    return head + "".join(f"| {x.what} | {x.measured} | {x.floor} | {x.ratio} | {x.must} |\n" for x in lines)


def main() -> None:
    """Measure everything, one after the other."""
    building.build(print)
    lines: list[Line] = []
    address = f"sqlite:///{FOLDER / 'selfcare.db'}"
    with using(address):
        prepare()
        lines += measure_lists("SQLite")
    if POSTGRES:
        with using(POSTGRES):
            prepare()
            lines += measure_lists("PostgreSQL")
    lines += measure_start()
    with serve(FOLDER) as portal:
        lines += asyncio.run(measure_sockets(portal))
        lines += asyncio.run(measure_memory(portal))
    lines += measure_bundle()
    text = (
        "# Results\n\nWritten by `make bench`. Figures drift with the machine: read the ratios. Company of 60 000"
        f" customer numbers in a database of 100 000.\n\n{date.today()}, Python {platform.python_version()},"  # noqa: DTZ011
        f" {os.cpu_count()} cores.\n\n{show(lines)}"
    )
    RESULTS.write_text(text, encoding="utf-8")
    sys.stdout.write(text)
    shutil.rmtree(FOLDER, ignore_errors=True)


def prepare() -> None:
    """Migrate, fill, and let the database look at what it got."""
    migrations.migrate()
    rows.fill()
    with database.engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("VACUUM ANALYZE")
        else:
            connection.exec_driver_sql("ANALYZE")


if __name__ == "__main__":
    main()
