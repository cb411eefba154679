"""What happens while the database is out of reach or full (quality.md, Safety 14): a clear word, nothing half saved,
recovery by itself."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import create_engine, event, make_url, text
from sqlalchemy.exc import OperationalError
from starlette.testclient import TestClient

from selfcare_app import cli
from selfcare_app.api.routes import make_routes
from selfcare_app.locales import text as said
from selfcare_app.models import Company, CustomerNumber, FeedRun
from selfcare_app.services import database as database_module
from selfcare_app.services.database import session
from tests.api.test_sockets import FRAME
from tests.conftest import POSTGRES
from tests.feeds import COMPANIES, CUSTOMER_NUMBERS, put, rows
from tests.portal import tab


@pytest.fixture
def nowhere(monkeypatch):
    """A portal whose database has gone."""
    monkeypatch.setattr(database_module, "engine", lambda: gone)
    gone = database_module.make_engine("sqlite:////nowhere/at/all.db")
    with TestClient(
        make_routes(Path("/nowhere")), base_url="http://localhost:3000", raise_server_exceptions=False
    ) as it:
        yield it


@pytest.mark.parametrize("language", ["sv", "en"])
def test_a_person_reads_that_nothing_has_changed_and_where_to_try_again(nowhere, language):
    nowhere.cookies.set("selfcare_language", language)
    answer = nowhere.post(
        "/login", data={"email": "asa@bjorko.example", "password": "gröna äpplen"}, headers={"accept": "text/html,*/*"}
    )
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
    assert said(language, "auth.failed.title") in answer.text
    assert 'href="/login"' in answer.text
    assert "äpplen" not in answer.text
    assert "Error" not in answer.text


def test_a_program_reads_it_as_json(nowhere):
    nowhere.cookies.set("selfcare_session", "x" * 43)
    answer = nowhere.get("/export/customer-numbers.csv?q=a", headers={"accept": "*/*"})
    assert (answer.status_code, answer.json()) == (503, {"error": said("sv", "refused.failed")})


def test_after_a_download_that_failed_the_same_address_is_offered_again(nowhere):
    nowhere.cookies.set("selfcare_session", "x" * 43)
    answer = nowhere.get("/export/customer-numbers.csv?q=a&sort=name", headers={"accept": "text/html"})
    assert 'href="/export/customer-numbers.csv?q=a&amp;sort=name"' in answer.text


def test_a_database_that_was_restarted_is_found_again(postgres_engine, monkeypatch):
    monkeypatch.setattr(database_module, "engine", lambda: postgres_engine)
    with session() as db:
        mine = db.connection().execute(text("SELECT pg_backend_pid()")).scalar()
    with create_engine(make_url(POSTGRES), isolation_level="AUTOCOMMIT").connect() as server:
        assert server.execute(text("SELECT pg_terminate_backend(:mine)"), {"mine": mine}).scalar()
    with session() as db:
        assert db.connection().execute(text("SELECT pg_backend_pid()")).scalar() != mine


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_full_disk_leaves_nothing_half_saved_and_room_lets_the_same_file_in(database):
    put("companies", COMPANIES)
    many = CUSTOMER_NUMBERS.splitlines()[0] + "\n"
    many += "".join(
        f"7{at:05d};5599980017;{'Ett långt namn ' * 6}{at};Mobiltelefoni;2024-01-01;\n" for at in range(2000)
    )

    def full(connection):
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages + 20}")

    event.listen(database, "begin", full)
    try:
        with pytest.raises(OperationalError) as failed:
            put("customer-numbers", many)
    finally:
        event.remove(database, "begin", full)
        database.dispose()
    assert "full" in cli._sentence(failed.value)
    assert rows(CustomerNumber) == []
    assert len(rows(FeedRun)) == 1
    assert put("customer-numbers", many).applied
    assert len(rows(CustomerNumber)) == 2000
    assert len(rows(Company)) == 2


@contextlib.contextmanager
def out_of_reach(portal):
    """Nobody can be looked up meanwhile."""
    with contextlib.closing(sqlite3.connect(portal.data_dir / "selfcare.db", timeout=15)) as db:
        db.execute("ALTER TABLE session RENAME TO gone")
        try:
            yield
        finally:
            db.execute("ALTER TABLE gone RENAME TO session")


def test_an_open_tab_is_told_once_and_goes_on_when_the_database_is_back(portal):
    async def journey():
        async with tab(portal, portal.cookie("reader@bjorko.example")) as opened:
            await opened.ask(f"{FRAME}.set_language", {"language": "sv"})
            with out_of_reach(portal):
                await opened.send(f"{FRAME}.set_language", {"language": "en"})
                await opened.until(lambda: opened.deltas("frame_state").get("notice"), "told")
                assert opened.deltas("frame_state")["notice"] == said("sv", "refused.failed")
                seen = len(opened.updates)
                await asyncio.sleep(0.5)
                assert len(opened.updates) == seen
            await opened.send(f"{FRAME}.set_language", {"language": "en"})
            await opened.until(lambda: opened.deltas("frame_state").get("lang") == "en", "back")
            await opened.ask(f"{FRAME}.set_language", {"language": "sv"})

    asyncio.run(journey())
