"""The lines as tables of Markdown: figures, how far from floor and peers, and whether what must be is reached."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Sequence
from itertools import groupby

from benchmarks.measuring import Figures, Line, number, times
from benchmarks.places import Size
from selfcare_app.services import clock

NOTHING = "–"
HEAD = "| work | on | measured | floor | peers | must reach | met |\n|---|---|---|---|---|---|---|\n"
HEADINGS = {
    "lists": "A page of a list, server side",
    "sockets": "Sockets",
    "browser": "In Chromium",
    "exports": "Exports",
    "feeds": "Feeds",
    "uploads": "Uploads",
    "usage": "Usage",
    "starting": "Start",
}


def shown(figures: Figures | str | None) -> str:
    """Figures with their units, or why there are none."""
    if figures is None:
        return NOTHING
    if isinstance(figures, str):
        return figures
    return ", ".join(f"{number(figure)} {unit}" for unit, figure in figures.items())


def row(line: Line, size: Size) -> str:
    """A line of the table."""
    floor = NOTHING
    if line.work.floor and line.floor is not None:
        ratio = "" if line.ratio is None else f" (we: {number(line.ratio)} x)"
        floor = f"{line.work.floor.what}: {shown(line.floor)}{ratio}"
    peers = (
        "<br>".join(f"{what}: {shown(figures)}{_compared(line, figures)}" for what, figures in line.peers) or NOTHING
    )
    must = ", ".join(map(str, line.work.must)) or NOTHING
    met = {None: NOTHING, True: "yes", False: "**no**"}[line.met]
    cells = (line.work.what.format(size=size), line.database, shown(line.measured), floor, peers, must, met)
    return f"| {' | '.join(cells)} |\n"


def _compared(line: Line, peer: Figures | str) -> str:
    if isinstance(peer, str) or isinstance(line.measured, str):
        return ""
    return f" ({number(times(peer, line.measured))} x ours)"


def text(lines: Sequence[Line], size: Size, notes: Iterable[str], minutes: float) -> str:
    """The whole page."""
    head = (
        "# Results\n\n"
        f"Written by `make bench` on {clock.day(clock.now())}: Python {platform.python_version()},"
        f" {os.cpu_count()} cores,"
        f" {minutes:.0f} minutes. Figures drift with the machine: read the ratios, which were measured in the same"
        " run.\n\n"
        f"A company of {size.company:,} subscriptions and as many customer numbers, beside one of {size.exported:,}"
        f" subscriptions, made by `selfcare generate`. What short things take was measured {size.runs} times after one"
        " that doesn't count. Floors do the same without the portal's checks; peers are what others make of the same"
        " SQLite file, server side, without a network in between.\n"
    )
    summary = _summary(lines)
    parts = "".join(f"\n{note}\n" for note in notes)
    for part, of in groupby(lines, key=lambda line: line.work.name.partition(".")[0]):
        parts += f"\n## {HEADINGS[part]}\n\n{HEAD}{''.join(row(line, size) for line in of)}"
    return f"{head}\n{summary}\n{parts}"


def _summary(lines: Sequence[Line]) -> str:
    judged = [line for line in lines if line.met is not None]
    missed = [f"{line.work.name} on {line.database}" for line in judged if not line.met]
    told = f"{len(judged) - len(missed)} of {len(judged)} targets met."
    return f"{told} Missed: {', '.join(missed)}." if missed else told
