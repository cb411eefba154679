"""The demo that test servers are given: made once for all of them, and anew when the day has changed."""

import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from selfcare_app.services import clock
from tests import portal


@pytest.fixture
def made(monkeypatch):
    """The moments at which the demo was made. The clock shows the first of `made.times` until that is taken away."""

    class Made(list):
        times = [datetime(2026, 11, 22, 22, 59, tzinfo=UTC), datetime(2026, 11, 22, 23, 1, tzinfo=UTC)]

    found = Made()
    monkeypatch.setattr(clock, "now", lambda: found.times[0])

    def run(command, env, **_):
        Path(env["SELFCARE_DATA_DIR"]).mkdir()
        found.append(found.times[0])
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(subprocess, "run", run)
    return found


def test_the_demo_is_made_once_a_day(made, tmp_path):
    first = portal.todays_demo(tmp_path)
    assert portal.todays_demo(tmp_path) == first == tmp_path / "demo-2026-11-22"
    assert len(made) == 1
    made.times = made.times[1:]
    assert portal.todays_demo(tmp_path) == tmp_path / "demo-2026-11-23"
    assert len(made) == 2


def test_a_demo_that_was_made_over_midnight_is_made_again(made, tmp_path, monkeypatch):
    shown = iter([made.times[0], *[made.times[1]] * 10])
    monkeypatch.setattr(clock, "now", lambda: next(shown))
    assert portal.todays_demo(tmp_path) == tmp_path / "demo-2026-11-23"
    assert len(made) == 2
    assert not (tmp_path / "demo-2026-11-22").exists()


def test_a_demo_that_could_not_be_made_says_why_and_is_tried_again(made, tmp_path, monkeypatch):
    run = subprocess.run
    failed = subprocess.CompletedProcess([], 1, "", "the disk is full")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: failed)
    with pytest.raises(AssertionError, match="the disk is full"):
        portal.todays_demo(tmp_path)
    monkeypatch.setattr(subprocess, "run", run)
    assert portal.todays_demo(tmp_path).is_dir()
