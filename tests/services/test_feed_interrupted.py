"""A feed whose process is killed (kill -9) has gone in whole or not at all, and is simply repeated (quality.md, Safety
13)."""

import os
import signal
import subprocess
import sys

import pytest
from sqlalchemy import select

from selfcare_app.config import settings
from selfcare_app.models import AuditEntry, FeedRun, Subscription
from selfcare_app.services.database import session
from tests.feeds import counts, feed_basics, put, rows

ROWS = 400
"""More than SQLite's triggers are left to."""
TEXT = "id;customer number;type;person;opened\n" + "".join(f"K{n};10023;M2M;Åsa {n};2024-01-01\n" for n in range(ROWS))
MOMENTS = {
    "rows are written": ("selfcare_app.services.audit", "record_many"),
    "the log is written too": ("selfcare_app.services.feeds.inventory", "remember"),
    "all that is missing is the end": ("sqlmodel.Session", "commit"),
    "it has ended": ("selfcare_app.services.feeds.runs", "take_stock"),
}
"""Each is when that function is called."""
CHILD = """
import importlib, os, pkgutil, signal, sys
from selfcare_app.services import clock
from selfcare_app.services.access import Actor
from selfcare_app.services.feeds import inventory
from selfcare_app.specs.permissions import OperatorRole

place, name = sys.argv[1:]
owner = pkgutil.resolve_name(place) if place != "sqlmodel.Session" else inventory.DatabaseSession
setattr(owner, name, lambda *_: os.kill(os.getpid(), signal.SIGKILL))
actor = Actor(name="killed", at=clock.now(), operator_role=OperatorRole.ADMINISTRATOR)
inventory.feed(actor, "subscriptions", "a.csv", sys.stdin.buffer.read())
print("survived")
"""


def feed_and_be_killed(database, moment):
    environment = {
        **os.environ,
        "SELFCARE_DATABASE_URL": database.url.render_as_string(hide_password=False),
        "SELFCARE_DATA_DIR": str(settings().data_dir),
    }
    done = subprocess.run(
        [sys.executable, "-c", CHILD, *MOMENTS[moment]],
        input=TEXT.encode(),
        env=environment,
        capture_output=True,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_feed_that_is_killed_has_gone_in_whole_or_not_at_all_and_can_be_repeated(database, moment):
    feed_basics()
    before = {model: len(rows(model)) for model in (Subscription, AuditEntry, FeedRun)}
    feed_and_be_killed(database, moment)
    went_in = moment == "it has ended"
    added = {Subscription: ROWS, AuditEntry: ROWS, FeedRun: 1} if went_in else {}
    assert {model: len(rows(model)) for model in before} == {
        model: count + added.get(model, 0) for model, count in before.items()
    }
    assert counts(put("subscriptions", TEXT)) == ((0, 0, ROWS, 0) if went_in else (ROWS, 0, 0, 0))
    with session() as db:
        found = select(Subscription.id).where(Subscription.search_key.contains("asa 399"))
        assert len(list(db.exec(found))) == 1
        if database.dialect.name == "sqlite":
            index = "SELECT count(*) FROM subscription_search WHERE subscription_search MATCH '\"asa 399\"'"
            assert db.connection().exec_driver_sql(index).scalar_one() == 1
            db.connection().exec_driver_sql(
                "INSERT INTO subscription_search(subscription_search, rank) VALUES('integrity-check', 1)"
            )
