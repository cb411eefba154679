"""Feeding usage (P2): millions of records in constant memory, all or nothing, and feeding a file again adds nothing.

A file is staged in a temporary table and put in order there, which takes no lock. Then, in a transaction of few
statements, what isn't stored yet is stored, and the totals by month are kept up from just that.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any, BinaryIO, cast

from sqlmodel import Session as DatabaseSession

from selfcare_app.services import audit
from selfcare_app.services.access import Actor, demand_administrator, for_operator
from selfcare_app.services.bulk import told_alike
from selfcare_app.services.database import take_write_lock, writing
from selfcare_app.services.feeds.report import MOST_REFUSALS, FeedReport, Progress, Refusal, Refusals, untold
from selfcare_app.services.feeds.runs import one_feed_at_a_time, remember
from selfcare_app.services.feeds.stream import Look, Rows, from_the_start, look, text_of
from selfcare_app.services.feeds.table import FileError
from selfcare_app.services.feeds.usage_rows import ACCEPTED, FIELDS, REQUIRED, START, SUBSCRIPTION, Record, records

KIND = "usage"
STAGED_AT_ONCE = 10_000


@for_operator
def feed_usage(actor: Actor, file_name: str, stream: BinaryIO, progress: Progress = untold) -> FeedReport:
    """Feed a file of usage records: those that aren't stored yet are added.

    One bad row refuses the whole file; the report then names row, column and reason, and nothing is left behind.
    Raises Forbidden for staff who are not administrators (P1).
    """
    with writing(at_once=False) as db:
        return feed_usage_within(db, actor, file_name, stream, progress)


def feed_usage_within(
    db: DatabaseSession, actor: Actor, file_name: str, stream: BinaryIO, progress: Progress = untold
) -> FeedReport:
    """The same as `feed_usage` inside a writing transaction."""
    demand_administrator(actor)
    refusals = Refusals()
    try:
        with from_the_start(stream) as file, _temporary_tables(db):
            seen = look(file)
            rows = _stage(db, file, seen, refusals, progress)
            _in_order(db)
            take_write_lock(db)
            one_feed_at_a_time(db)
            _find_owners(db)
            _unknown_subscriptions(db, refusals)
            _leave_out_stored(db)
            _add_up(db)
            _deleted_months(db, refusals)
            if refusals.kept:
                return _refused(file_name, refusals)
            created = _store(db)
            _log(db, actor)
    except FileError as error:
        return _refused(file_name, Refusals([Refusal(0, "", error.key, error.values)]))
    report = FeedReport(kind=KIND, file_name=file_name, created=created, unchanged=rows - created)
    remember(db, actor, report, seen.sha256)
    return report


def _refused(file_name: str, refusals: Refusals) -> FeedReport:
    in_order = sorted(refusals.kept, key=lambda refusal: refusal.row)
    return FeedReport(
        kind=KIND,
        file_name=file_name,
        refusals=tuple(in_order[:MOST_REFUSALS]),
        more=refusals.more + len(in_order[MOST_REFUSALS:]),
    )


# --- staging


@contextmanager
def _temporary_tables(db: DatabaseSession) -> Iterator[None]:
    """The table a file is staged in; it and what is made of it are gone afterwards."""
    postgresql = db.get_bind().dialect.name == "postgresql"
    moment, day = ("timestamptz", "date") if postgresql else ("text", "text")
    _run(
        db,
        f"""CREATE TEMPORARY TABLE usage_staged (
            place bigint, subscription text, started_at {moment}, digest bigint, month {day}, type text,
            counterpart text, destination text, quantity bigint, unit text, amount bigint
        )""",
    )
    try:
        yield
    except FileError:
        _drop_temporary_tables(db)
        raise
    # Any other failure ends the transaction, and with it these tables.
    _drop_temporary_tables(db)


def _drop_temporary_tables(db: DatabaseSession) -> None:
    for table in ("usage_staged", "usage_ordered", "usage_owner", "usage_added"):
        _run(db, f"DROP TABLE IF EXISTS {table}")


def _stage(db: DatabaseSession, file: BinaryIO, seen: Look, refusals: Refusals, progress: Progress) -> int:
    """Put what the rows say into the temporary table; gives how many there are."""
    with text_of(file, seen.encoding) as text:
        rows = Rows(text, refusals, kind=KIND, headings=ACCEPTED, required=REQUIRED)
        count = _put(db, records(rows, rows.columns, refusals), progress)
    if not count and not refusals.kept:
        raise FileError("no_rows")
    return count


def _put(db: DatabaseSession, found: Iterator[Record], progress: Progress) -> int:
    count = 0
    for piece in _into_staging(db, found):
        count += len(piece)
        progress(count)
    return count


def _into_staging(db: DatabaseSession, found: Iterator[Record]) -> Iterator[list[Record]]:
    """Gives the records that have been written, piece by piece."""
    pieces = iter(lambda: list(islice(found, STAGED_AT_ONCE)), [])
    if db.get_bind().dialect.name == "postgresql":
        _run(db, "SET LOCAL TIME ZONE 'UTC'")
        statement = f"COPY usage_staged ({', '.join(FIELDS)}) FROM STDIN"
        with told_alike(db, statement), db.connection().connection.cursor().copy(statement) as copy:
            for piece in pieces:
                for record in piece:
                    copy.write_row(record)
                yield piece
        return
    statement = f"INSERT INTO usage_staged ({', '.join(FIELDS)}) VALUES ({', '.join('?' * len(FIELDS))})"  # noqa: S608
    for piece in pieces:
        db.connection().exec_driver_sql(statement, piece)
        yield piece


_SAYS = "month, type, counterpart, destination, quantity, unit, amount"
"""What is stored of a record beside its key."""


def _in_order(db: DatabaseSession) -> None:
    """Sort by what is going to be the key, and number those that say the same."""
    if db.get_bind().dialect.name == "postgresql":
        _run(db, "SET LOCAL work_mem = '64MB'")
    _run(
        db,
        f"""CREATE TEMPORARY TABLE usage_ordered AS
        SELECT place, subscription, started_at, digest,
            row_number() OVER (PARTITION BY subscription, started_at, digest ORDER BY place) AS occurrence, {_SAYS}
        FROM usage_staged ORDER BY subscription, started_at, digest, place""",  # noqa: S608
    )
    _run(db, "DROP TABLE usage_staged")


# --- storing


def _find_owners(db: DatabaseSession) -> None:
    """The subscriptions that the file names."""
    if db.get_bind().dialect.name == "postgresql":
        _run(db, "ANALYZE usage_ordered")
    _run(
        db,
        """CREATE TEMPORARY TABLE usage_owner (
            number text PRIMARY KEY, company_id integer, subscription_id integer, customer_number_id integer
        )""",
    )
    _run(
        db,
        """INSERT INTO usage_owner
        SELECT found.number, found.company_id, found.id, found.customer_number_id
        FROM (SELECT DISTINCT subscription FROM usage_ordered) AS named
        JOIN subscription AS found ON found.number = named.subscription""",
    )


def _unknown_subscriptions(db: DatabaseSession, refusals: Refusals) -> None:
    """Refuse the rows whose subscription doesn't exist."""
    unknown = "FROM usage_ordered WHERE NOT EXISTS (SELECT 1 FROM usage_owner WHERE number = subscription)"
    for place, number in _refuse(db, refusals, "place, subscription", unknown):
        values = {"value": number}
        refusals.kept.append(Refusal(place, SUBSCRIPTION.heading, "feeds.row.unknown_subscription", values))


def _deleted_months(db: DatabaseSession, refusals: Refusals) -> None:
    """Refuse the rows of months whose records were counted and then deleted (P6): nothing tells which they were."""
    deleted = """FROM usage_ordered AS new JOIN usage_owner AS owner ON owner.number = new.subscription
        JOIN (
            SELECT DISTINCT subscription_id, month FROM usage_added AS added
            WHERE EXISTS (
                SELECT 1 FROM usage_month AS known
                WHERE known.company_id = added.company_id AND known.subscription_id = added.subscription_id
                    AND known.month = added.month
            ) AND NOT EXISTS (
                SELECT 1 FROM usage_record AS record
                WHERE record.company_id = added.company_id AND record.subscription_id = added.subscription_id
                    AND record.month = added.month
            )
        ) AS gone ON gone.subscription_id = owner.subscription_id AND gone.month = new.month"""
    for place, month in _refuse(db, refusals, "place, CAST(new.month AS text)", deleted):
        refusals.kept.append(Refusal(place, START.heading, "feeds.row.usage_deleted", {"month": month[:7]}))


def _refuse(db: DatabaseSession, refusals: Refusals, columns: str, which: str) -> Sequence[Any]:
    """The first rows that are to be refused; more are counted."""
    found = _run(db, f"SELECT {columns} {which} ORDER BY place LIMIT {MOST_REFUSALS}").all()
    if len(found) == MOST_REFUSALS:
        refusals.more += _run(db, f"SELECT count(*) {which}").scalar_one() - MOST_REFUSALS
    return cast(Sequence[Any], found)


def _leave_out_stored(db: DatabaseSession) -> None:
    """Go on with the records that aren't there yet."""
    _run(
        db,
        """DELETE FROM usage_ordered WHERE EXISTS (
            SELECT 1 FROM usage_owner AS owner JOIN usage_record AS record
                ON record.company_id = owner.company_id AND record.subscription_id = owner.subscription_id
            WHERE owner.number = usage_ordered.subscription AND record.started_at = usage_ordered.started_at
                AND record.digest = usage_ordered.digest AND record.occurrence = usage_ordered.occurrence
        )""",
    )


# The order of the rows is that of the key: SQLite must not turn the join around.
_NEW = "FROM usage_ordered AS new CROSS JOIN usage_owner AS owner WHERE owner.number = new.subscription"


def _add_up(db: DatabaseSession) -> None:
    """What comes to the totals."""
    _run(
        db,
        f"""CREATE TEMPORARY TABLE usage_added AS
        SELECT owner.company_id, owner.subscription_id, owner.customer_number_id, month, type, unit,
            count(*) AS records, sum(quantity) AS quantity, sum(amount) AS amount
        {_NEW} AND month IS NOT NULL GROUP BY 1, 2, 3, 4, 5, 6""",
    )


def _store(db: DatabaseSession) -> int:
    """Store the new records and keep up the totals; gives how many records."""
    added = _run(
        db,
        f"""INSERT INTO usage_record (company_id, subscription_id, started_at, digest, occurrence, {_SAYS})
        SELECT owner.company_id, owner.subscription_id, started_at, digest, occurrence, {_SAYS} {_NEW}""",
    )
    for table, key in (
        ("usage_month", "company_id, subscription_id, month, type, unit"),
        ("usage_total", "company_id, month, type, unit, customer_number_id"),
        ("company_usage", "company_id, month, type, unit"),
    ):
        more = ", ".join(f"{name} = {table}.{name} + excluded.{name}" for name in ("records", "quantity", "amount"))
        _run(
            db,
            f"""INSERT INTO {table} ({key}, records, quantity, amount)
            SELECT {key}, sum(records), sum(quantity), sum(amount) FROM usage_added WHERE true
            GROUP BY {key} ORDER BY {key} ON CONFLICT ({key}) DO UPDATE SET {more}""",  # noqa: S608
        )
    return int(added.rowcount)


def _log(db: DatabaseSession, actor: Actor) -> None:
    """One entry for each company that got records (P4), not one for each record."""
    found = _run(
        db,
        """SELECT company_id, CAST(sum(records) AS bigint), CAST(min(month) AS text), CAST(max(month) AS text)
        FROM usage_added GROUP BY company_id ORDER BY company_id""",
    ).all()
    audit.record_many(
        db,
        [
            audit.entry(
                actor,
                "usage.fed",
                kind="usage",
                label=first[:7] if first == last else f"{first[:7]} – {last[:7]}",
                after={"records": records, "first_month": first, "last_month": last},
                company_id=company_id,
            )
            for company_id, records, first, last in found
        ],
    )


def _run(db: DatabaseSession, statement: str) -> Any:
    return db.connection().exec_driver_sql(statement)
