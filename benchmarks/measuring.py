"""What is measured, as data: each work with what it must reach, its floor and its peers; and the clock."""

from __future__ import annotations

import statistics
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.places import Place

SQLITE, POSTGRESQL = "SQLite", "PostgreSQL"
BOTH = (SQLITE, POSTGRESQL)
P50, P95 = "ms p50", "ms p95"
SECONDS, FIRST_BYTE, MORE_MEMORY = "s", "s to the first byte", "MB more memory"
TIMES_FLOOR = "x floor"
FAILED = "failed"
Figures = Mapping[str, float]
"""By unit. The first is what floors and peers are compared by."""
Measure = Callable[["Place"], Figures]


class Skipped(Exception):
    """It can't be measured here; the message is one sentence that says why."""


@dataclass(frozen=True, slots=True)
class Must:
    """What a figure must reach."""

    unit: str
    figure: float
    at_least: bool = False

    def met(self, figures: Figures) -> bool:
        """Whether it does."""
        found = figures[self.unit]
        return found >= self.figure if self.at_least else found <= self.figure

    def __str__(self) -> str:
        return f"{'≥' if self.at_least else '≤'} {number(self.figure)} {self.unit}"


@dataclass(frozen=True, slots=True)
class Beside:
    """What the same costs otherwise: a floor or a peer, on the databases that it can be had on."""

    what: str
    measure: Measure
    on: tuple[str, ...] = (SQLITE,)


@dataclass(frozen=True, slots=True)
class Work:
    """One line of the table."""

    name: str
    """Before the dot its part: `--only lists` runs all of a part, `--only lists.filter` one."""
    what: str
    """May name figures of the size: {size.usage:,}."""
    measure: Measure
    must: tuple[Must, ...] = ()
    floor: Beside | None = None
    peers: tuple[Beside, ...] = ()
    on: tuple[str, ...] = BOTH


@dataclass(frozen=True, slots=True)
class Line:
    """A work as measured on one database; in the place of figures stands why there are none."""

    work: Work
    database: str
    measured: Figures | str
    floor: Figures | str | None
    peers: tuple[tuple[str, Figures | str], ...]

    @property
    def failed(self) -> bool:
        """Whether something broke that was to be measured."""
        found = (self.measured, self.floor, *(figures for _, figures in self.peers))
        return any(isinstance(each, str) and each.startswith(FAILED) for each in found)

    @property
    def ratio(self) -> float | None:
        """How many times the floor it is."""
        if isinstance(self.measured, str) or self.floor is None or isinstance(self.floor, str):
            return None
        return times(self.measured, self.floor)

    @property
    def met(self) -> bool | None:
        """Whether all is reached that must be; None: nothing must, or nothing was measured."""
        if isinstance(self.measured, str) or not self.work.must:
            return None
        figures = {**self.measured, **({} if self.ratio is None else {TIMES_FLOOR: self.ratio})}
        found = [must.met(figures) for must in self.work.must if must.unit in figures]
        return all(found) if found else None


def times(figures: Figures, of: Figures) -> float:
    """The one's first figure by the other's."""
    return next(iter(figures.values())) / max(next(iter(of.values())), 1e-9)


def number(figure: float) -> str:
    """Three figures that mean something, no more."""
    return f"{figure:.0f}" if abs(figure) >= 100 else f"{figure:.3g}"


def percentiles(seconds: list[float]) -> Figures:
    """p50 and p95 in milliseconds."""
    ordered = sorted(seconds)
    return {
        P50: statistics.median(ordered) * 1000,
        P95: ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))] * 1000,
    }


def repeated(call: Callable[[], object], runs: int) -> Figures:
    """p50 and p95 of a call, after one that isn't counted."""
    call()
    return percentiles([took(call) for _ in range(runs)])


def took(call: Callable[[], object]) -> float:
    """Seconds of one call."""
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def once(call: Callable[[], object]) -> Figures:
    """Seconds of one call, for what is long or can't be done twice."""
    return {SECONDS: took(call)}


def measured(work: Work, place: Place) -> Line:
    """Measure a work, its floor and its peers on one database."""

    def figures(measure: Measure) -> Figures | str:
        try:
            return measure(place)
        except Skipped as why:
            return f"skipped: {why}"
        except Exception as error:
            # The others are measured all the same: nobody sits beside it.
            traceback.print_exc()
            return f"{FAILED}: {type(error).__name__}"

    own = figures(work.measure)
    floor = figures(work.floor.measure) if work.floor and place.database in work.floor.on else None
    peers = tuple((peer.what, figures(peer.measure)) for peer in work.peers if place.database in peer.on)
    return Line(work, place.database, own, floor, peers)


def need(found: str | None, why: str) -> str:
    """What a work can't do without; skipped with the sentence where it isn't there."""
    if not found:
        raise Skipped(why)
    return found
