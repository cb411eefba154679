"""How far a long piece of work has come, for whoever waits for it: the work counts what it goes through, and somebody
else looks. Work that nobody watches counts for nobody."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")


class Step(StrEnum):
    """What is being done. Texts: uploads.page.steps.<value>."""

    CHECK = "check"
    STORE = "store"
    LOG = "log"


@dataclass(slots=True)
class Progress:
    """What is being done now, and how much of it is behind. Written by the thread that works, read by another."""

    step: Step | None = None
    """None: not begun."""
    done: int = 0
    of: int = 0


_watched: ContextVar[Progress | None] = ContextVar("progress", default=None)


def watched(progress: Progress, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Do the work; `progress` follows it."""
    token = _watched.set(progress)
    try:
        return work(*args, **kwargs)
    finally:
        _watched.reset(token)


def counted(step: Step, of: int, each: Iterable[T]) -> Iterator[T]:
    """The same, one by one, each counted when the next is asked for; `of` is how many there are."""
    progress = _watched.get()
    if progress is None:
        yield from each
        return
    progress.step, progress.done, progress.of = step, 0, of
    for one in each:
        yield one
        progress.done += 1
