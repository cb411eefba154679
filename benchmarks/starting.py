"""From the command to the first answer, with a built front end and a migrated database."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

from benchmarks.measuring import SECONDS, SQLITE, Beside, Figures, Must, Work, took
from benchmarks.places import Place
from tests.portal import serve

_BARE = "import granian, sqlmodel; from reflex.app import App"


def start(place: Place) -> Figures:
    """The median of some starts."""
    times = []
    for at in range(place.size.starts + 1):
        began = time.perf_counter()
        with serve(place.folder / "started"):
            # The first one makes the demo.
            times += [time.perf_counter() - began] if at else []
    return {SECONDS: statistics.median(times)}


def bare(place: Place) -> Figures:
    """Python has read the framework and the server."""
    command = [sys.executable, "-c", _BARE]
    times = [took(lambda: subprocess.run(command, check=True)) for _ in range(place.size.starts)]
    return {SECONDS: statistics.median(times)}


WORKS = (
    Work(
        "starting.server",
        "server start with a built front end",
        start,
        must=(Must(SECONDS, 2.5),),
        floor=Beside("Python reads Reflex, SQLModel, Granian", bare),
        on=(SQLITE,),
    ),
)
