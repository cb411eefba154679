"""What the database is told about itself."""

from datetime import UTC, datetime

import pytest
from sqlalchemy.exc import OperationalError
from sqlmodel import select

from selfcare_app.models import Company
from selfcare_app.services import database as database_module
from selfcare_app.services import demo, staff
from selfcare_app.services.database import session, writing
from tests import factories as make

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def counted(engine) -> set[str]:
    """The tables that SQLite has counted."""
    with engine.connect() as connection:
        if not connection.exec_driver_sql("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat1'").first():
            return set()
        return set(connection.exec_driver_sql("SELECT DISTINCT tbl FROM sqlite_stat1").scalars())


def only_on_sqlite(engine) -> None:
    """PostgreSQL counts by itself."""
    if engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL counts by itself")


def test_what_is_read_in_one_go_is_as_it_stood_at_one_moment(database):
    def numbers(db):
        return db.exec(select(Company.organisation_number).order_by(Company.id)).all()

    with session() as db:
        before = numbers(db)
        with writing() as other:
            make.company(other)
        assert numbers(db) == before
    with session() as db:
        assert len(numbers(db)) == len(before) + 1


def test_after_a_load_sqlite_knows_the_size_of_companies(database):
    only_on_sqlite(database)
    assert "customer_number" not in counted(database)
    demo.load_demo(staff.command_line(), NOW)
    assert {"customer_number", "subscription"} <= counted(database)
    with database.connect() as connection:
        plan = connection.exec_driver_sql(
            "EXPLAIN QUERY PLAN SELECT name FROM customer_number WHERE company_id = 1 AND id IN (1, 2, 3)"
        ).all()
    assert "INTEGER PRIMARY KEY" in plan[0][-1], "three rows are looked up, not a whole company read"


def test_a_load_is_done_though_it_could_not_be_counted(database, monkeypatch, caplog):
    only_on_sqlite(database)

    def busy():
        raise OperationalError("ANALYZE", {}, Exception("database is locked"))

    monkeypatch.setattr(database_module, "writing", busy)
    database_module.take_stock()
    assert "could not be counted" in caplog.text


def test_a_load_has_room_for_its_pages(database):
    only_on_sqlite(database)

    def room(db) -> int:
        return -int(db.connection().exec_driver_sql("PRAGMA cache_size").scalar_one())

    with database_module.session() as reading:
        before = room(reading)
    with database_module.writing() as db:
        assert room(db) >= 500_000 > before
    with database_module.writing(at_once=False) as db:
        database_module.take_write_lock(db)
        assert room(db) >= 500_000, "what is prepared first is written with as much room"
