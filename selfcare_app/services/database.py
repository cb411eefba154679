"""The engine and the transaction: the only place that commits.

One event or call is one transaction: `with session() as db` to read, `with writing() as db` to write. Writing takes
the write lock at once on SQLite, so that a check and the write it allows can't be parted; on PostgreSQL lock the
company's row with `lock_company`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Engine, create_engine, event, make_url, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError
from sqlmodel import Session as DatabaseSession

from selfcare_app.config import settings
from selfcare_app.models import Company, Table

T = TypeVar("T")
BUSY_TIMEOUT_MS = 15_000
CACHE_KB = 65_536
WRITING_CACHE_KB = 524_288
"""At most; a load whose pages don't fit writes and reads each of them many times over, and takes hours for minutes."""
POOL = 10
RECYCLE = 600
"""Seconds a connection lives: an old one of SQLite's plans by the sizes that the tables had when it was opened."""
STOCK_ROWS = 1000
"""Rows of an index that `take_stock` looks at: some milliseconds, however many there are."""

logger = logging.getLogger(__name__)
VALUES_PER_QUERY = 1000
"""Both databases take more, but plan worse."""


def make_engine(address: str) -> Engine:
    """An engine with this house's pragmas and transaction manner. Errors never quote values: they may be secret."""
    url = make_url(address)
    if url.get_backend_name() != "sqlite":
        return create_engine(
            url, hide_parameters=True, pool_size=POOL, max_overflow=POOL, pool_pre_ping=True, pool_recycle=RECYCLE
        )
    engine = create_engine(
        url,
        hide_parameters=True,
        pool_size=POOL,
        max_overflow=POOL,
        pool_recycle=RECYCLE,
        connect_args={"check_same_thread": False, "timeout": BUSY_TIMEOUT_MS / 1000, "isolation_level": None},
    )

    @event.listens_for(engine, "connect")
    def _pragmas(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=NORMAL",
            "foreign_keys=ON",
            f"busy_timeout={BUSY_TIMEOUT_MS}",
            f"cache_size=-{CACHE_KB}",
            "mmap_size=268435456",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    # The driver's own transactions begin too late (at the first write): begin them here.
    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
        if writes:
            connection.exec_driver_sql(f"PRAGMA cache_size=-{WRITING_CACHE_KB}")

    return engine


@lru_cache(maxsize=1)
def engine() -> Engine:
    """The engine of this process."""
    if not settings().database_url:
        settings().data_dir.mkdir(parents=True, exist_ok=True)
    return make_engine(settings().database)


def close() -> None:
    """Close this process's connections: before it forks, since none may be shared with a child."""
    engine().dispose()


@contextmanager
def session() -> Iterator[DatabaseSession]:
    """A transaction that only reads: whatever it changed is rolled back."""
    with DatabaseSession(engine(), expire_on_commit=False) as db:
        yield db


@contextmanager
def writing(*, at_once: bool = True) -> Iterator[DatabaseSession]:
    """A transaction that writes: committed whole when the block ends well, else nothing happened.

    What `after_commit` was given runs right after the commit. With `at_once` False nobody waits while long work is
    prepared in temporary tables: `take_write_lock` must then come before anything else is read or written.
    """
    with DatabaseSession(engine(), expire_on_commit=False) as db:
        db.connection(execution_options={"writes": at_once})
        yield db
        db.commit()
        for call in db.info.pop("after_commit", []):
            call()


def take_write_lock(db: DatabaseSession) -> None:
    """Have the write lock from now on, in a transaction that didn't take it at its beginning; SQLite's, for PostgreSQL
    has none."""
    if db.get_bind().dialect.name == "sqlite":
        # SQLite locks for the statement, whichever rows it finds.
        db.connection().exec_driver_sql("UPDATE company SET id = id WHERE false")


def after_commit(db: DatabaseSession, call: Callable[[], object]) -> None:
    """Have something done once the fact is stored, such as telling open tabs."""
    db.info.setdefault("after_commit", []).append(call)


def take_stock() -> None:
    """Have SQLite count what it holds, so that it plans for companies of their real size. To be done after every load.

    Without counts it takes a company for ten rows, and reads all of a large one rather than the fifty rows wanted.
    PostgreSQL counts by itself. A database that is busy is left uncounted: the load itself is done.
    """
    if engine().dialect.name != "sqlite":
        return
    try:
        with writing() as db:
            db.connection().exec_driver_sql(f"PRAGMA analysis_limit={STOCK_ROWS}")
            db.connection().exec_driver_sql("ANALYZE")
    except OperationalError:
        logger.warning("The database could not be counted after a load")
        return
    engine().dispose()


def lock_company(db: DatabaseSession, company_id: int) -> Company:
    """Hold the company until the transaction ends, so that checks on it stay true (house.md)."""
    return db.exec(select(Company).where(Company.id == company_id).with_for_update(key_share=True)).scalar_one()  # type: ignore[arg-type,call-overload,no-any-return]


def insert_if_missing(db: DatabaseSession, model: type[Table], **values: Any) -> None:
    """Insert the row unless one with its key is there, also when two try at the same moment."""
    insert = postgresql.insert if db.get_bind().dialect.name == "postgresql" else sqlite.insert
    db.exec(insert(model).values(values).on_conflict_do_nothing())


def batches(values: Iterable[T]) -> Iterator[list[T]]:
    """The values in lists short enough for one `IN (…)`."""
    remaining = iter(values)
    while batch := list(islice(remaining, VALUES_PER_QUERY)):
        yield batch
