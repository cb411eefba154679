"""What has changed, told at once to whoever listens: in this process, and through Redis in all others.

News is made where the log is written (`services/audit.py`), so whatever is recorded is heard of the moment it is
committed. It holds ids only, never a text: whoever hears of it reads anew under rights of their own (U6). The log
itself is the net: what a process that has died, or one without Redis, could not tell is found there.
"""

from __future__ import annotations

import json
import logging
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from sqlalchemy import func
from sqlmodel import Session as DatabaseSession
from sqlmodel import col, select

from selfcare_app.config import settings
from selfcare_app.models import AuditEntry
from selfcare_app.services.database import after_commit, session

CHANNEL = "selfcare:live"
MOST = 100
"""Ids of one kind in one company that are named; more are one piece of news about the kind."""
NET = 30.0
"""Seconds between two looks into the log while Redis tells the rest."""
NET_ALONE = 1.0
"""The same without Redis: then it is how the command line and other workers are heard of at all."""
LAG = 10.0
"""Seconds for which the log is read again: PostgreSQL shows entries in the order of their commits, not of their ids."""
MOST_ENTRIES = 1000
"""New entries of the log that are looked at one by one."""
REDIS_TIMEOUT = 1.0
REDIS_REST = 5.0
"""Seconds in which nothing is sent to a Redis that didn't answer: a write must not wait for it each time."""
TICK = 0.5

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class News:
    """A thing of a kind has changed. `company_id` None: it belongs to none; `id` None: many of the kind."""

    company_id: int | None
    kind: str
    id: int | None = None


Listener = Callable[[frozenset[News]], object]
_listeners: list[Listener] = []
_told: dict[int, None] = {}
"""Ids of log entries that were told already, and need not be told again when they are read."""
_OURSELVES = secrets.token_hex(8)


# --- Telling


def tell(db: DatabaseSession, news: News, entry: AuditEntry | None = None) -> None:
    """Have it told once the transaction is committed, all that it changed in one message."""
    gathered = db.info.get("live")
    if gathered is None:
        gathered = db.info["live"] = _Gathered()
        after_commit(db, lambda: db.info.pop("live").publish())
    gathered.add(news)
    if entry is not None:
        gathered.entries.append(entry)


class _Gathered:
    """What one transaction changed."""

    def __init__(self) -> None:
        self.ids: dict[tuple[int | None, str], set[int] | None] = {}
        self.entries: list[AuditEntry] = []

    def add(self, news: News) -> None:
        about = (news.company_id, news.kind)
        ids = self.ids.setdefault(about, set())
        if ids is None:
            return
        if news.id is None or len(ids) >= MOST:
            self.ids[about] = None
        else:
            ids.add(news.id)

    def news(self) -> frozenset[News]:
        return frozenset(
            News(company_id, kind, id_)
            for (company_id, kind), ids in self.ids.items()
            for id_ in (sorted(ids) if ids is not None else [None])
        )

    def publish(self) -> None:
        _told.update((entry.id, None) for entry in self.entries if entry.id is not None)
        publish(self.news())


def publish(news: Collection[News]) -> None:
    """Tell this process and all others; never raises, for the fact is stored already."""
    news = frozenset(news)
    _deliver(news)
    if settings().redis_url:
        _line(settings().redis_url).send(news)


def _deliver(news: frozenset[News]) -> None:
    for listener in tuple(_listeners):
        try:
            listener(news)
        except Exception:
            log.exception("Somebody who listens for changes failed")


# --- Hearing


def listen(listener: Listener) -> Callable[[], None]:
    """Have the listener called with all news from now on, from any thread; gives what ends it."""
    _listeners.append(listener)

    def stop() -> None:
        with suppress(ValueError):
            _listeners.remove(listener)

    return stop


def run(stop: threading.Event) -> None:
    """Hear what other processes tell, until told to stop. A Redis that went away is called again, and the log read
    each second meanwhile."""
    line = _line(settings().redis_url) if settings().redis_url else None
    net = Net()
    while not stop.is_set():
        connected = line is not None and line.open()
        try:
            net.haul()
        except Exception as error:  # the database may be away: it comes back
            log.error("the log could not be read for news, trying again: %s", type(error).__name__)
        if line is not None and connected:
            line.hear(stop, NET)
        else:
            stop.wait(NET_ALONE)
    if line is not None:
        line.close()


class Net:
    """Finds in the log what was not told."""

    def __init__(self) -> None:
        self._marks: deque[tuple[float, int]] = deque()
        """When was looked, and the newest entry then; the first is where reading begins."""

    def haul(self) -> None:
        """Tell this process of whatever was recorded since the last look and not told."""
        now = time.monotonic()
        with session() as db:
            newest = db.exec(select(func.max(AuditEntry.id))).one() or 0
            if not self._marks:
                self._marks.append((now, newest))
                return
            found = self._new(db, self._marks[0][1]) if newest > self._marks[0][1] else set()
        self._marks.append((now, newest))
        while len(self._marks) > 1 and now - self._marks[1][0] >= LAG:
            self._marks.popleft()
        for id_ in [id_ for id_ in tuple(_told) if id_ <= self._marks[0][1]]:
            _told.pop(id_, None)
        if found:
            _deliver(frozenset(found))

    def _new(self, db: DatabaseSession, since: int) -> set[News]:
        about = (col(AuditEntry.company_id), col(AuditEntry.object_kind))
        entries: Any = select(col(AuditEntry.id), *about, col(AuditEntry.object_id))
        later = col(AuditEntry.id) > since
        rows = db.exec(entries.where(later).order_by(col(AuditEntry.id)).limit(MOST_ENTRIES + 1)).all()
        if len(rows) > MOST_ENTRIES:
            fresh = col(AuditEntry.id) > self._marks[-1][1]
            self._marks.clear()
            return {News(*each) for each in db.exec(select(*about).where(fresh).distinct()).all()}
        found = {News(*row[1:]) for row in rows if row[0] not in _told}
        _told.update((row[0], None) for row in rows)
        return found


class _Line:
    """The connection to Redis: one way to send, one to hear."""

    def __init__(self, address: str) -> None:
        # The library's own retries wait for seconds, and a write would wait with them.
        self._client = redis.Redis.from_url(
            address,
            socket_timeout=REDIS_TIMEOUT,
            socket_connect_timeout=REDIS_TIMEOUT,
            health_check_interval=10,
            retry=Retry(NoBackoff(), 0),
        )
        self._heard: Any = None
        self._rest_until = 0.0
        self._lost = False

    def send(self, news: frozenset[News]) -> None:
        if time.monotonic() < self._rest_until:
            return
        said = json.dumps([_OURSELVES, [[each.company_id, each.kind, each.id] for each in news]])
        try:
            self._client.publish(CHANNEL, said)
        except (redis.RedisError, OSError) as error:
            self._rest_until = time.monotonic() + REDIS_REST
            self._complain(error)

    def open(self) -> bool:
        """Whether the line stands; it is opened when it doesn't."""
        if self._heard is not None:
            return True
        try:
            heard = self._client.pubsub(ignore_subscribe_messages=True)  # type: ignore[no-untyped-call]
            heard.subscribe(CHANNEL)
            # The first answer, so that what is told from now on is heard.
            heard.get_message(timeout=REDIS_TIMEOUT)
        except (redis.RedisError, OSError) as error:
            self._complain(error)
            return False
        self._heard, self._lost, self._rest_until = heard, False, 0.0
        return True

    def hear(self, stop: threading.Event, seconds: float) -> None:
        """Pass on what others tell, for so long or until the line breaks."""
        until = time.monotonic() + seconds
        try:
            while not stop.is_set() and time.monotonic() < until:
                message = self._heard.get_message(timeout=TICK)
                if message is not None:
                    _deliver(_understood(message["data"]))
        except (redis.RedisError, OSError) as error:
            self._complain(error)
            self.close()

    def close(self) -> None:
        heard, self._heard = self._heard, None
        if heard is not None:
            with suppress(redis.RedisError, OSError):
                heard.close()

    def _complain(self, error: Exception) -> None:
        """Once, until it is back; never with its address, which may hold a password."""
        if not self._lost:
            log.warning("Redis does not answer (%s); open tabs hear of changes a little later", type(error).__name__)
        self._lost = True


_making = threading.Lock()
_lines: dict[str, _Line] = {}


def _line(address: str) -> _Line:
    """This process's one line to that Redis."""
    with _making:
        return _lines.setdefault(address, _lines.get(address) or _Line(address))


def _understood(said: bytes) -> frozenset[News]:
    """What another process told; nothing when it is our own, or not in our words."""
    try:
        who, news = json.loads(said)
        if who == _OURSELVES:
            return frozenset()
        return frozenset(
            News(company_id, kind, id_)
            for company_id, kind, id_ in news
            if isinstance(kind, str) and all(isinstance(each, int | None) for each in (company_id, id_))
        )
    except (ValueError, TypeError):
        return frozenset()
