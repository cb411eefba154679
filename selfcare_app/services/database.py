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

from sqlalchemy import (
    ARRAY,
    JSON,
    URL,
    ColumnElement,
    Engine,
    Executable,
    any_,
    bindparam,
    create_engine,
    event,
    func,
    make_url,
    select,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, OperationalError
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
_ROOM_TO_WRITE = f"PRAGMA cache_size=-{WRITING_CACHE_KB}"
STOCK_ROWS = 1000
"""Rows of an index that `take_stock` looks at: some milliseconds, however many there are."""

LARGE = 8 * 1024 * 1024
"""Bytes of a PostgreSQL table that `take_stock` looks after."""
PLANNING = {"random_page_cost": "1.1", "max_parallel_workers_per_gather": "0", "jit": "off"}
"""What PostgreSQL is told of the machine: that pages are in memory or on a disk without a head, so that an index is
read rather than a table; and that many people ask at once for little, for which helpers only take others' turns."""

logger = logging.getLogger(__name__)
VALUES_PER_QUERY = 1000
"""Both databases take more, but plan worse."""


def make_engine(address: str) -> Engine:
    """An engine with this house's pragmas and transaction manner. Errors never quote values: they may be secret."""
    url = make_url(address)
    if url.get_backend_name() != "sqlite":
        return _postgresql(url)
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
            connection.exec_driver_sql(_ROOM_TO_WRITE)

    return engine


def _postgresql(url: URL) -> Engine:
    engine = create_engine(
        url, hide_parameters=True, pool_size=POOL, max_overflow=POOL, pool_pre_ping=True, pool_recycle=RECYCLE
    )

    @event.listens_for(engine, "connect")
    def _settings(connection: Any, _record: Any) -> None:
        connection.execute("; ".join(f"SET {name} = {value}" for name, value in PLANNING.items()))
        connection.commit()

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
    """A transaction that only reads, everything as it stood at one moment: whatever it changed is rolled back."""
    bind = engine()
    if bind.dialect.name == "postgresql":
        # Otherwise each statement sees what others have stored since the one before. SQLite's are snapshots always.
        bind = bind.execution_options(isolation_level="REPEATABLE READ")
    with DatabaseSession(bind, expire_on_commit=False) as db:
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


def write_if_free(statement: Executable) -> None:
    """One write that may wait till next time: left undone while another writes and SQLite has no room for a second."""
    with engine().connect() as connection:
        sqlite = connection.dialect.name == "sqlite"
        try:
            if sqlite:
                connection.exec_driver_sql("PRAGMA busy_timeout=0")
            connection.execute(statement)
            connection.commit()
        except OperationalError as error:
            if not sqlite or "locked" not in str(error.orig):
                raise
            connection.rollback()
        finally:
            if sqlite:
                connection.exec_driver_sql(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")


def take_write_lock(db: DatabaseSession) -> None:
    """Have the write lock from now on, in a transaction that didn't take it at its beginning; SQLite's, for PostgreSQL
    has none."""
    if db.get_bind().dialect.name == "sqlite":
        # SQLite locks for the statement, whichever rows it finds.
        db.connection().exec_driver_sql("UPDATE company SET id = id WHERE false")
        db.connection().exec_driver_sql(_ROOM_TO_WRITE)


def after_commit(db: DatabaseSession, call: Callable[[], object]) -> None:
    """Have something done once the fact is stored, such as telling open tabs."""
    db.info.setdefault("after_commit", []).append(call)


def take_stock() -> None:
    """Have the database count what it holds, so that it plans for companies of their real size. To be done after
    every load.

    Without counts SQLite takes a company for ten rows, and reads all of a large one rather than the fifty rows
    wanted. PostgreSQL counts by itself, but within a minute only; until then it looks at every row whose index says
    all that is asked. A database that is busy is left uncounted: the load itself is done.
    """
    try:
        if engine().dialect.name == "sqlite":
            _count_sqlite()
        else:
            _vacuum_large_tables()
    except DBAPIError:
        logger.warning("The database could not be counted after a load")


def _count_sqlite() -> None:
    with writing() as db:
        db.connection().exec_driver_sql(f"PRAGMA analysis_limit={STOCK_ROWS}")
        db.connection().exec_driver_sql("ANALYZE")
    engine().dispose()


def _vacuum_large_tables() -> None:
    with engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        tables = connection.execute(_LARGE_AND_NEW, {"large": LARGE}).scalars().all()
        for table in tables:
            connection.exec_driver_sql(f"VACUUM (ANALYZE) {table}")


_LARGE_AND_NEW = text(
    "SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace"
    " AND pg_relation_size(oid) > :large"
    " AND relallvisible * current_setting('block_size')::bigint < 0.9 * pg_relation_size(oid)"
)
"""Tables of which many rows are too new for PostgreSQL to know that everybody sees them."""


def lock_company(db: DatabaseSession, company_id: int) -> Company:
    """Hold the company until the transaction ends, so that checks on it stay true (house.md)."""
    return db.exec(select(Company).where(Company.id == company_id).with_for_update(key_share=True)).scalar_one()  # type: ignore[arg-type,call-overload,no-any-return]


def lock_companies(db: DatabaseSession, companies: Iterable[int]) -> None:
    """The same of many, always in one order: of two who want the same ones, one waits."""
    for ids in batches(sorted(set(companies))):
        held = select(Company.id).where(Company.id.in_(ids)).order_by(Company.id)  # type: ignore[union-attr,call-overload]
        db.connection().execute(held.with_for_update(key_share=True)).all()


def insert_if_missing(db: DatabaseSession, model: type[Table], **values: Any) -> None:
    """Insert the row unless one with its key is there, also when two try at the same moment."""
    insert = postgresql.insert if db.get_bind().dialect.name == "postgresql" else sqlite.insert
    db.exec(insert(model).values(values).on_conflict_do_nothing())


def among(db: DatabaseSession, column: Any, values: Iterable[Any]) -> ColumnElement[bool]:
    """The column is one of the values, however many: they go in as one, since thousands of places in a statement take
    longer to write than to look up, and each number of places is another statement."""
    wanted = list(values)
    return _among(column, lambda kind: bindparam(None, wanted, type_=kind), is_postgresql(db))


def among_bound(column: Any, name: str, *, postgresql: bool) -> ColumnElement[bool]:
    """The same of values that are bound under the name when it is asked: for a statement that is made once."""
    return _among(column, lambda kind: bindparam(name, type_=kind), postgresql)


def _among(column: Any, bound: Callable[[Any], Any], postgresql: bool) -> ColumnElement[bool]:
    if postgresql:
        return column == any_(bound(ARRAY(column.type)))  # type: ignore[no-any-return]
    each = func.json_each(bound(JSON)).table_valued("value")
    return column.in_(select(each.c.value))  # type: ignore[no-any-return]


def is_postgresql(db: DatabaseSession) -> bool:
    """Whether it is PostgreSQL that is asked; otherwise it is SQLite."""
    return db.get_bind().dialect.name == "postgresql"


def batches(values: Iterable[T]) -> Iterator[list[T]]:
    """The values in lists short enough for one `IN (…)`."""
    remaining = iter(values)
    while batch := list(islice(remaining, VALUES_PER_QUERY)):
        yield batch
