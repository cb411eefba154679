"""Databases for tests: every test that asks for `database` runs on SQLite and, when there is one, on PostgreSQL."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from sqlalchemy import Engine, create_engine, make_url, text

# Before anything of the portal is imported: tests never see the machine's own settings.
for name in [name for name in os.environ if name.startswith("SELFCARE_") and not name.startswith("SELFCARE_TEST_")]:
    del os.environ[name]
os.environ["SELFCARE_SECRET"] = "tests-only-" + "0" * 40

from alembic.config import Config

from alembic import command
from selfcare_app import config
from selfcare_app.models import Table
from selfcare_app.services import database as database_module
from selfcare_app.services import passwords

pytest_plugins = ["tests.portal"]
# Hashing as weak as it goes: hundreds of tests sign somebody in. How strong it is, test_passwords.py says.
STRONG, NOBODYS = passwords._HASHER, passwords._NOBODYS
passwords._HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
passwords._NOBODYS = passwords._nobodys_hash()
POSTGRES = os.environ.get("SELFCARE_TEST_POSTGRES_URL", "")


def migrate(engine: Engine) -> None:
    """Run all migrations on an engine."""
    settings = Config(str(config.PROJECT / "alembic.ini"))
    with engine.connect().execution_options(writes=True) as connection:
        settings.attributes["connection"] = connection
        command.upgrade(settings, "head")
        connection.commit()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file to copy."""
    path = tmp_path_factory.mktemp("template") / "empty.db"
    engine = database_module.make_engine(f"sqlite:///{path}")
    migrate(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return path


@contextmanager
def postgres_database(name: str) -> Iterator[Engine]:
    """A migrated PostgreSQL database that is removed afterwards; skips where there is no server."""
    if not POSTGRES:
        pytest.skip("SELFCARE_TEST_POSTGRES_URL is not set")
    admin = create_engine(make_url(POSTGRES), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE {name}"))
    address = make_url(POSTGRES).set(database=name).render_as_string(hide_password=False)
    engine = database_module.make_engine(address)
    migrate(engine)
    yield engine
    engine.dispose()
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
    admin.dispose()


def empty(engine: Engine) -> None:
    """Take out what a test has left in PostgreSQL, and count ids from 1 again: a few milliseconds, where TRUNCATE of
    all tables takes a sixth of a second."""
    tables = list(reversed(Table.metadata.sorted_tables))  # what refers to others first
    holds = " UNION ALL ".join(f"(SELECT '{table.name}' FROM \"{table.name}\" LIMIT 1)" for table in tables)
    begun = "SELECT setval(format('%I.%I', schemaname, sequencename), 1, false) FROM pg_sequences"
    with engine.connect().execution_options(writes=True) as connection:
        left = set(connection.execute(text(holds)).scalars())
        for table in tables:
            if table.name in left:
                connection.execute(table.delete())
        connection.execute(text(f"{begun} WHERE last_value IS NOT NULL"))
        connection.commit()


@pytest.fixture(scope="session")
def postgres_engine(worker_id: str) -> Iterator[Engine]:
    """A migrated PostgreSQL database of this test process."""
    with postgres_database(f"selfcare_test_{worker_id}") as engine:
        yield engine


@pytest.fixture(scope="session")
def worker_id(request: pytest.FixtureRequest) -> str:
    """The name of this xdist worker, or 'main'."""
    return str(getattr(request.config, "workerinput", {}).get("workerid", "main"))


@pytest.fixture(autouse=True)
def sealed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Settings of its own for each test: a fresh data_dir, nothing from outside."""
    monkeypatch.setenv("SELFCARE_DATA_DIR", str(tmp_path / "var"))
    config.settings.cache_clear()
    yield
    config.settings.cache_clear()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """An empty, migrated database that the portal's own `engine()` gives: once SQLite, once PostgreSQL."""
    if request.param == "postgres":
        engine = request.getfixturevalue("postgres_engine")
        empty(engine)
    else:
        path = tmp_path / "test.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        engine = database_module.make_engine(f"sqlite:///{path}")
    monkeypatch.setattr(database_module, "engine", lambda: engine)
    yield engine
    if request.param == "sqlite":
        engine.dispose()
