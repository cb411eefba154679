"""All that is measured, in the table's order, and measuring it on one database after the other."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from benchmarks import browser, exports, feeds, lists, report, sockets, starting, uploads, usage
from benchmarks.measuring import Line, Work, measured
from benchmarks.places import Place, Size, forget

WORKS: tuple[Work, ...] = tuple(
    work for part in (lists, sockets, browser, exports, feeds, uploads, usage, starting) for work in part.WORKS
)


def chosen(only: Sequence[str]) -> list[Work]:
    """The works of these parts or names, in the table's order; none named: all."""
    return [
        work
        for work in WORKS
        if not only or any(work.name == name or work.name.startswith(f"{name}.") for name in only)
    ]


def run(
    works: Sequence[Work],
    databases: Sequence[str],
    size: Size,
    folder: Path,
    *,
    chromium: str = "",
    keep: bool = False,
    told: Callable[[list[Line]], object] = lambda lines: None,
) -> list[Line]:
    """Measure the works, one after the other; the lines stand by work. `keep`: the databases stay for the next time.
    `told` is given the lines so far after each work."""
    lines: list[Line] = []
    for database in databases:
        place = Place(database, size, folder / database.lower(), chromium)
        try:
            with place.opened():
                for line in _measured(works, place):
                    lines.append(line)
                    lines.sort(key=lambda line: works.index(line.work))
                    told(lines)
        finally:
            if not keep:
                forget(place)
    return lines


def _measured(works: Sequence[Work], place: Place) -> Iterator[Line]:
    for work in works:
        if place.database in work.on:
            began = time.perf_counter()
            line = measured(work, place)
            took = time.perf_counter() - began
            print(f"{took:6.1f} s  {work.name} ({place.database}): {report.shown(line.measured)}", file=sys.stderr)
            yield line
