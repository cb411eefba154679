"""What is written is heard of: once, after its commit, as ids; from other processes through Redis, or from the log."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import threading
import time
from contextlib import contextmanager

import pytest
from sqlmodel import select

from selfcare_app.config import settings
from selfcare_app.models import AuditEntry
from selfcare_app.services import audit, live, sessions, user_rights
from selfcare_app.services.access import Actor
from selfcare_app.services.database import writing
from selfcare_app.services.live import MOST, News
from tests import factories as make
from tests.factories import NOW

WITHIN = 15


@pytest.fixture
def heard():
    """Everything that is told in this process, message by message."""
    messages: list[frozenset[News]] = []
    live._told.clear()
    silence = live.listen(messages.append)
    yield messages
    silence()


@pytest.fixture
def firm(database):
    with writing() as db:
        company = make.company(db)
        return company, make.user(db, company, "boss@bjorko.example"), make.user(db, company, "reader@bjorko.example")


def entry(company, number, **values):
    return audit.entry(
        Actor(name="feed", at=NOW), "fed", kind="invoice", object_id=number, company_id=company.id, **values
    )


def elsewhere(company, numbers):
    """Entries as another process writes them: nothing in this one hears of it."""
    with writing() as db:
        db.add_all(AuditEntry(**entry(company, number)) for number in numbers)


def recorded_and_failed(actor, user):
    with writing() as db:
        audit.record(db, actor, "user_changed", kind="user", object_id=user.id, label="Hemligt namn")
        raise ZeroDivisionError


def test_a_change_is_told_once_it_is_committed_and_by_ids_alone(firm, heard):
    company, boss, reader = firm
    with pytest.raises(ZeroDivisionError):
        recorded_and_failed(make.actor(boss), reader)
    assert heard == []
    user_rights.change_profile(make.actor(boss), reader.id, reader.version, "Åsa Ny", "")
    assert heard == [{News(company.id, "user", reader.id)}]


def test_all_that_one_transaction_changes_is_one_message_and_thousands_of_one_kind_are_one_piece_of_news(firm, heard):
    company, boss, _ = firm
    with writing() as db:
        audit.record_many(db, (entry(company, number) for number in range(MOST + 50)))
        audit.record(db, make.actor(boss), "changed", kind="company_profile", object_id=company.id)
    assert heard == [{News(company.id, "invoice"), News(company.id, "company_profile", company.id)}]


def test_a_failed_sign_in_disturbs_nobody(firm, heard):
    with pytest.raises(sessions.SignInRefused):
        sessions.sign_in("boss@bjorko.example", "wrong", source="10.0.0.1", device="", now=NOW)
    assert heard == []


def test_a_listener_that_fails_undoes_nothing_and_keeps_nobody_else_from_hearing(firm, heard):
    def fails(_):
        raise ValueError

    live._listeners.insert(0, fails)
    try:
        user_rights.change_profile(make.actor(firm[1]), firm[2].id, 1, "Åsa Ny", "")
    finally:
        live._listeners.remove(fails)
    assert len(heard) == 1


def test_the_log_is_the_net_for_what_other_processes_wrote(firm, heard):
    company, boss, reader = firm
    net = live.Net()
    net.haul()
    user_rights.change_profile(make.actor(boss), reader.id, 1, "Åsa Ny", "")
    elsewhere(company, [7, 8])
    heard.clear()
    net.haul()
    assert heard == [{News(company.id, "invoice", 7), News(company.id, "invoice", 8)}], "its own is not told again"
    net.haul()
    assert len(heard) == 1, "nor anything twice"
    elsewhere(company, range(live.MOST_ENTRIES + 1))
    net.haul()
    net.haul()
    assert heard[1:] == [{News(company.id, "invoice")}]


# --- Redis


@pytest.fixture
def redis_port():
    if shutil.which("redis-server") is None:
        pytest.skip("there is no redis-server")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def redis_server(port):
    server = subprocess.Popen(
        ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"],
        stdout=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        server.kill()
        server.wait()


def everything(heard):
    return frozenset().union(*heard)


def until(condition):
    end = time.monotonic() + WITHIN
    while not condition():
        assert time.monotonic() < end, "nothing was heard"
        time.sleep(0.01)


def test_other_processes_are_heard_through_redis_also_after_it_was_restarted(firm, heard, redis_port, monkeypatch):
    company, boss, reader = firm
    monkeypatch.setenv("SELFCARE_REDIS_URL", f"redis://127.0.0.1:{redis_port}/0")
    monkeypatch.setattr(live, "NET_ALONE", 0.05)
    settings.cache_clear()
    stop, other = threading.Event(), live._Line(settings().redis_url)
    monkeypatch.setattr(live, "_OURSELVES", "this one")

    def said_elsewhere(news):
        other._client.publish(
            live.CHANNEL, json.dumps(["another", [[each.company_id, each.kind, each.id] for each in news]])
        )

    ears = threading.Thread(target=live.run, args=(stop,))
    try:
        with redis_server(redis_port):
            ears.start()
            until(lambda: live._line(settings().redis_url)._heard is not None)
            other._client.publish(live.CHANNEL, b'["another", [["not", 1, {}]]]')
            other._client.publish(live.CHANNEL, b"\xff{")
            said_elsewhere([News(company.id, "invoice", 1)])
            until(lambda: News(company.id, "invoice", 1) in everything(heard))
            user_rights.change_profile(make.actor(boss), reader.id, 1, "Åsa Ny", "")
            said_elsewhere([News(company.id, "invoice", 2)])
            until(lambda: News(company.id, "invoice", 2) in everything(heard))
            assert heard.count({News(company.id, "user", reader.id)}) == 1, "one's own does not come back"
        # Redis is away: writing goes on, and the log is read instead.
        until(lambda: live._line(settings().redis_url)._heard is None)
        began = time.monotonic()
        user_rights.change_profile(make.actor(boss), reader.id, 2, "Åsa Nyare", "")
        user_rights.change_profile(make.actor(boss), reader.id, 3, "Åsa Nyast", "")
        assert time.monotonic() - began < live.REDIS_TIMEOUT, "nobody waits for it"
        elsewhere(company, [3])
        until(lambda: News(company.id, "invoice", 3) in everything(heard))
        with redis_server(redis_port):
            until(lambda: live._line(settings().redis_url)._heard is not None)
            said_elsewhere([News(company.id, "invoice", 4)])
            until(lambda: News(company.id, "invoice", 4) in everything(heard))
            with writing() as db:
                assert db.exec(select(AuditEntry).order_by(AuditEntry.id)).all()
            stop.set()
            ears.join(WITHIN)
            assert not ears.is_alive()
    finally:
        stop.set()
        live._lines.clear()
