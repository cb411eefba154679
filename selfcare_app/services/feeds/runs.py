"""Feeds go in one after the other, and each that went in is remembered (P2)."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import insert
from sqlmodel import Session as DatabaseSession

from selfcare_app.models import FeedRun
from selfcare_app.services.access import Actor
from selfcare_app.services.database import after_commit, take_stock
from selfcare_app.services.feeds.report import FeedReport


def one_feed_at_a_time(db: DatabaseSession) -> None:
    """Make other feeds wait until this transaction ends: two with the same new key can't both find it missing."""
    if db.get_bind().dialect.name == "postgresql":
        db.connection().exec_driver_sql("LOCK TABLE feed_run IN SHARE ROW EXCLUSIVE MODE")


def count_afterwards(db: DatabaseSession) -> None:
    """Have what the load changed in size counted once it is done."""
    if take_stock not in db.info.get("after_commit", ()):
        after_commit(db, take_stock)


def remember(db: DatabaseSession, actor: Actor, report: FeedReport, sha256: str) -> None:
    """Note that a file was fed in: what came of it, and the hash of its bytes in hexadecimal."""
    remember_all(db, actor, [(report, sha256)])


def remember_all(db: DatabaseSession, actor: Actor, fed: Sequence[tuple[FeedReport, str]]) -> None:
    """The same for many files at once."""
    rows = [
        {
            "kind": report.kind,
            # A name that isn't UTF-8 comes from the command line with half characters no database takes.
            "file_name": report.file_name.encode(errors="replace").decode(),
            "sha256": sha256,
            "at": actor.at,
            "who": actor.name,
            "created": report.created,
            "changed": report.changed,
            "unchanged": report.unchanged,
        }
        for report, sha256 in fed
    ]
    if rows:
        db.connection().execute(insert(FeedRun), rows)
        count_afterwards(db)
