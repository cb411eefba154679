"""Memory of a running portal's processes as Linux counts it: theirs alone, without the mapped pages of the database."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.portal import Portal

EVERY = 0.02
"""Seconds between two looks."""


def processes(portal: Portal) -> list[Path]:
    """Those that serve it, in /proc."""
    port = f"SELFCARE_PORT={portal.url.rpartition(':')[2]}".encode()
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if port in (process / "environ").read_bytes().split(b"\0"):
                found.append(process)
        except OSError:
            continue
    return found


def resident(of: Sequence[Path]) -> int:
    """kB of memory of all of them."""
    return sum(int((each / "status").read_text().partition("RssAnon:")[2].split()[0]) for each in of)


@dataclass
class Watched:
    """How much more memory was needed, at most, as far as it was seen."""

    megabytes: float = 0


@contextmanager
def watched(portal: Portal) -> Iterator[Watched]:
    """Look at the portal's memory now and then, for as long as the block lasts."""
    of, seen, ended = processes(portal), Watched(), threading.Event()
    before = resident(of)

    def look() -> None:
        while not ended.wait(EVERY):
            seen.megabytes = max(seen.megabytes, (resident(of) - before) / 1000)

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield seen
    finally:
        ended.set()
        thread.join()
