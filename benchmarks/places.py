"""Where it is measured: databases with generated companies, and the portal served on them; each made when asked for."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, make_url, select, text
from sqlmodel import col

from benchmarks.measuring import POSTGRESQL, SQLITE, took
from selfcare_app.config import settings
from selfcare_app.models import Company, Group, SignIn, Subscription, UsageRecord, User
from selfcare_app.services import clock, database, generating, migrations
from selfcare_app.services.access import Actor
from selfcare_app.services.feeds.usage import feed_usage
from selfcare_app.services.generating import Wanted
from selfcare_app.services.generating import usage as generated_usage
from selfcare_app.services.generating.names import Keys
from selfcare_app.specs.permissions import OperatorRole, permissions_of
from tests.portal import Portal, serve

PASSWORD = "measure-measure-measure"
POSTGRES = os.environ.get("SELFCARE_TEST_POSTGRES_URL", "")
NO_POSTGRES = "SELFCARE_TEST_POSTGRES_URL names no PostgreSQL server, so nothing was measured on PostgreSQL."
OPERATOR = Actor(name="make bench", at=clock.now(), operator_role=OperatorRole.ADMINISTRATOR)


@dataclass(frozen=True, slots=True)
class Size:
    """How much of everything."""

    company: int
    """Subscriptions, and as many customer numbers, of the company that is measured."""
    exported: int
    """Subscriptions of the other one, whose list is exported."""
    fed: tuple[int, int]
    """Rows of the files that are fed."""
    invoices: int
    usage: int
    runs: int
    """How often what is short is repeated."""
    people: int
    """Who page at once."""
    pages: int
    """That each of them turns."""
    tabs: int
    pause: float
    """Seconds that the first of them have been open when the others come: longer than from ping to ping."""
    starts: int


FULL = Size(
    60_000, 100_000, (10_000, 100_000), 1_000, 2_000_000, runs=40, people=40, pages=25, tabs=100, pause=27, starts=5
)
MIDDLE = Size(6_000, 10_000, (1_000, 10_000), 100, 100_000, runs=20, people=40, pages=10, tabs=40, pause=27, starts=3)
SMALL = Size(120, 120, (20, 40), 4, 200, runs=1, people=3, pages=2, tabs=3, pause=0, starts=1)


@dataclass
class Place:
    """One kind of database."""

    database: str
    size: Size
    folder: Path
    chromium: str = ""
    _open: ExitStack = field(default_factory=ExitStack)

    @property
    def file(self) -> Path:
        """SQLite's file."""
        return self.folder / "selfcare.db"

    @contextmanager
    def used(self, name: str = "") -> Iterator[None]:
        """This process's portal works on the database of that name, which is made and migrated when it isn't there."""
        with using(self.address(name)):
            migrations.migrate()
            yield

    def address(self, name: str = "") -> str:
        """Of a database; no name: the one that lists are measured on."""
        if self.database == SQLITE:
            return f"sqlite:///{self.folder / f'{name}.db' if name else self.file}"
        return _postgres(f"selfcare_bench_{name or 'lists'}_{self.size.company}")

    @contextmanager
    def opened(self) -> Iterator[Place]:
        """For as long as it is measured here."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._open, self.used():
            yield self

    @cached_property
    def companies(self) -> tuple[int, int]:
        """Ids of the company that is measured and the one whose list is exported; they are made the first time."""
        with database.session() as db:
            found = db.query(Company).count()
        if not found:
            size = self.size
            numbers = {"customer_numbers": size.company, "invoices": 1}
            generating.generate(OPERATOR, Wanted(size.company, seed=1, password=PASSWORD, **numbers))
            generating.generate(OPERATOR, Wanted(size.exported, seed=2, password=PASSWORD))
        _look_again()
        with database.session() as db:
            first, second = (
                db.query(Company).filter_by(organisation_number=Keys(seed, 1).organisation_number).one().id
                for seed in (1, 2)
            )
        return first, second

    @cached_property
    def usage_took(self) -> float | None:
        """Seconds of feeding the measured company's usage; None: it was there already."""
        assert self.companies
        with database.session() as db:
            if db.query(UsageRecord).first() is not None:
                return None
        path = self.usage_file
        with path.open("rb") as file:
            seconds = took(lambda: _applied(feed_usage(OPERATOR, path.name, file)))
        _look_again()
        return seconds

    @cached_property
    def usage_file(self) -> Path:
        """The measured company's usage records as a file."""
        company, _ = self.companies
        path = self.folder / "usage.csv"
        with database.session() as db:
            statement = (
                select(Subscription).where(col(Subscription.company_id) == company).order_by(col(Subscription.id))
            )
            owned = list(db.exec(statement).scalars())
        with path.open("wb") as file, generated_usage.file(owned, self.size.usage, 1, OPERATOR.today) as records:
            shutil.copyfileobj(records, file)
        return path

    def actor(self, who: str = "superuser", seed: int = 1) -> Actor:
        """Who sees all of the company, or `partial`: who sees three customer numbers."""
        assert self.companies
        with database.session() as db:
            user = db.query(User).join(SignIn).filter(col(SignIn.email_key) == email(who, seed)).one()
        return Actor(
            name=user.name,
            at=clock.now(),
            company_id=user.company_id,
            user_id=user.id,
            sign_in_id=user.sign_in_id,
            permissions=permissions_of(user.role, user.permissions),
            access_all=user.access_all,
            role=user.role,
        )

    @cached_property
    def groups(self) -> list[int]:
        """Two groups of the measured company."""
        company, _ = self.companies
        with database.session() as db:
            statement = select(Group.id).where(col(Group.company_id) == company).order_by(col(Group.id)).limit(2)
            return list(db.exec(statement).scalars())

    @cached_property
    def portal(self) -> Portal:
        """The portal, served on this database until the measuring here ends."""
        assert self.companies
        kept = self.folder / f"served-{self.database}"
        return self._open.enter_context(serve(kept, SELFCARE_DATABASE_URL=self.address()))

    @contextmanager
    def plain(self) -> Iterator[Any]:
        """A connection of the driver's own, without the portal's library: what floors are measured with."""
        connection = database.engine().raw_connection()
        try:
            yield connection.driver_connection
        finally:
            connection.rollback()
            connection.close()


def email(who: str, seed: int = 1) -> str:
    """The address somebody at a generated company signs in with."""
    return f"{who}@{Keys(seed, 1).domain}"


@contextmanager
def using(address: str) -> Iterator[None]:
    """Everything of the portal's in this process on another database."""
    before = os.environ.get("SELFCARE_DATABASE_URL")
    _switch(address)
    try:
        yield
    finally:
        database.engine().dispose()
        _switch(before)


def _switch(address: str | None) -> None:
    os.environ.pop("SELFCARE_DATABASE_URL", None)
    if address is not None:
        os.environ["SELFCARE_DATABASE_URL"] = address
    settings.cache_clear()
    database.engine.cache_clear()


def _postgres(name: str) -> str:
    """The address of a database of that name, made empty unless there is one."""
    url = make_url(POSTGRES)
    admin = create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        known = connection.execute(text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": name}).first()
        if known is None:
            connection.execute(text(f"CREATE DATABASE {name}"))
    admin.dispose()
    return url.set(database=name).render_as_string(hide_password=False)


def forget(place: Place) -> None:
    """Remove the databases that were made."""
    shutil.rmtree(place.folder, ignore_errors=True)
    if place.database != POSTGRESQL:
        return
    admin = create_engine(make_url(POSTGRES), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        pattern = f"selfcare\\_bench\\_%\\_{place.size.company}"
        names = connection.execute(text("SELECT datname FROM pg_database WHERE datname LIKE :like"), {"like": pattern})
        for name in list(names.scalars()):
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


def _applied(report: Any) -> None:
    if not report.applied:
        raise AssertionError("\n".join(report.sentences("en")))


def _look_again() -> None:
    """PostgreSQL counts and marks by itself, some time later: here nobody waits for it."""
    if database.engine().dialect.name != "postgresql":
        return
    with database.engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE")
