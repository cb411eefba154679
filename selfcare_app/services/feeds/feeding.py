"""Every kind of file an operator feeds and what takes it: the one door for command line and operator desk."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path

from selfcare_app.services.access import Actor, for_administrator
from selfcare_app.services.feeds import inventory, invoices, usage
from selfcare_app.services.feeds.invoices.files import MAX_ZIP_BYTES
from selfcare_app.services.feeds.kinds import KINDS, PAYMENTS
from selfcare_app.services.feeds.report import FeedReport, Progress, Refusal, untold
from selfcare_app.services.feeds.table import MAX_BYTES

Feeder = Callable[[Actor, Path, Progress], Iterable[FeedReport]]
"""Feeds the file; a file that holds many, such as a zip of invoices, gives a report for each."""
OfBytes = Callable[[Actor, str, bytes], Iterable[FeedReport]]
"""Feeds a file by its name and its bytes."""


def _whole(kind: str, feed: OfBytes, most: int = MAX_BYTES) -> Feeder:
    """A feeder of files that are read whole, of at most so many bytes."""

    def feeder(actor: Actor, path: Path, _progress: Progress) -> Iterable[FeedReport]:
        # Limited while it is read: what the file system says of its size may be wrong by then.
        with path.open("rb") as file:
            content = file.read(most + 1)
        if len(content) > most:
            return [_refused(kind, path.name, "feeds.file.too_big", megabytes=most // 1_000_000)]
        return feed(actor, path.name, content)

    return feeder


def _inventory(kind: str, actor: Actor, file_name: str, content: bytes) -> Iterable[FeedReport]:
    return [inventory.feed(actor, kind, file_name, content)]


def _usage(actor: Actor, path: Path, progress: Progress) -> Iterable[FeedReport]:
    with path.open("rb") as file:
        return [usage.feed_usage(actor, path.name, file, progress)]


_INVENTORY = {kind: _whole(kind, partial(_inventory, kind)) for kind in KINDS}

FEEDERS: Mapping[str, Feeder] = {
    **{kind: feeder for kind, feeder in _INVENTORY.items() if kind != PAYMENTS.key},
    invoices.KIND: _whole(invoices.KIND, invoices.feed_invoices, MAX_ZIP_BYTES),
    # Each names an invoice.
    PAYMENTS.key: _INVENTORY[PAYMENTS.key],
    usage.KIND: _usage,
}
"""Every kind by the name that the command gives it."""


@for_administrator
def feed_file(actor: Actor, kind: str, path: Path, progress: Progress = untold) -> Iterator[FeedReport]:
    """Feed one file of a kind (a key of FEEDERS); a report for each file in it, as each has gone in or been refused.

    A kind that doesn't exist and a file that can't be read are refusals. Raises Forbidden for staff who are not
    administrators (P1), before anything is read.
    """
    return _reports(actor, kind, path, progress)


def _reports(actor: Actor, kind: str, path: Path, progress: Progress) -> Iterator[FeedReport]:
    feeder = FEEDERS.get(kind)
    if feeder is None:
        yield _refused(kind, path.name, "feeds.file.unknown_kind", kind=kind, kinds=", ".join(FEEDERS))
        return
    try:
        yield from feeder(actor, path, progress)
    except FileNotFoundError:
        yield _refused(kind, path.name, "feeds.file.missing", file=path.name)
    except OSError:
        yield _refused(kind, path.name, "feeds.file.unreadable", file=path.name)


def _refused(kind: str, file_name: str, key: str, /, **values: object) -> FeedReport:
    return FeedReport(kind=kind, file_name=file_name, refusals=(Refusal(0, "", key, values),))
