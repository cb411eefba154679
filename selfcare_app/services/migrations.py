"""Bringing the database up to date, in one transaction, whoever else starts at the same time."""

from __future__ import annotations

from sqlalchemy import Connection, text
from sqlmodel import select

from selfcare_app.config import PROJECT
from selfcare_app.models import Company, SignIn
from selfcare_app.services import database

ADVISORY_LOCK = 5_318_008
"""Any number; the same in every process that migrates."""


def migrate() -> bool:
    """Run what the database lacks; returns whether anything was. All of it or nothing, and only one process does it."""
    # Here, not above: half of what `selfcare` does has no need of it.
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    from alembic import command

    config = Config(str(PROJECT / "alembic.ini"))
    head = ScriptDirectory.from_config(config).get_current_head()
    # SQLite takes its one write lock here, so that a second starter waits and then finds the work done.
    with database.engine().connect().execution_options(writes=True) as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK})
        if _at(connection) == head:
            return False
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    database.take_stock()
    return True


def is_empty() -> bool:
    """Whether nobody has put anything in the database yet: no company and nobody who could sign in."""
    with database.session() as db:
        return (
            db.exec(select(Company.id).limit(1)).first() is None and db.exec(select(SignIn.id).limit(1)).first() is None
        )


def _at(connection: Connection) -> str | None:
    from alembic.runtime.migration import MigrationContext

    return MigrationContext.configure(connection).get_current_revision()
