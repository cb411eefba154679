"""The front end is made when its sources changed, and a failed build leaves the former one in place."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from selfcare_app import building
from selfcare_app.config import SettingsError

COMPILE = building._compile
BAKED = (
    "var e={PING:`http://localhost:3000/ping`,EVENT:`ws://localhost:3000/_event`,TRANSPORT:`websocket`};export{e as t};"
)


@pytest.fixture
def workshop(tmp_path, monkeypatch):
    """A small project, and a compiler that bundles nothing but what is asked."""
    for name, value in {
        "PROJECT": tmp_path,
        "SITE": tmp_path / ".site",
        "CURRENT": tmp_path / ".site" / "current",
        "WORKSHOP": tmp_path / ".web",
        "LOG": tmp_path / ".site" / "build.log",
    }.items():
        monkeypatch.setattr(building, name, value)
    (tmp_path / "selfcare_app").mkdir()
    (tmp_path / "selfcare_app" / "page.py").write_text("page = 1")
    (tmp_path / "requirements.lock").write_text("reflex==0.10.1")
    monkeypatch.setattr(building, "_compile", lambda: compiled(tmp_path))
    return tmp_path


def compiled(project, page="built"):
    assets = project / ".web" / "build" / "client" / "assets"
    assets.mkdir(parents=True, exist_ok=True)
    (assets.parent / "index.html").write_text(page)
    (assets / "reflex-env-abc.js").write_text(BAKED)
    (assets / "reflex-env-abc.js.gz").write_bytes(b"old")


def served():
    return (building.CURRENT / "build" / "client" / "index.html").read_text()


def quiet(_line: str) -> None:
    pass


def test_what_is_current_is_not_built_again(workshop):
    assert building.build(quiet)
    assert building.is_current()
    assert not building.build(quiet)
    assert building.build(quiet, force=True)


@pytest.mark.parametrize(
    "change",
    [
        lambda project, _: (project / "selfcare_app" / "page.py").write_text("page = 2"),
        lambda project, _: (project / "requirements.lock").write_text("reflex==0.10.2"),
        lambda project, _: (project / "rxconfig.py").write_text(""),
        lambda _, monkeypatch: monkeypatch.setenv("SELFCARE_OPERATOR_ACCENT", "#" + "A" * 6),
    ],
    ids=["source", "lock", "new file", "branding"],
)
def test_a_change_that_shows_is_built(workshop, monkeypatch, change):
    building.build(quiet)
    change(workshop, monkeypatch)
    assert building.build(quiet)


def test_port_and_secret_cause_no_build(workshop, monkeypatch):
    building.build(quiet)
    monkeypatch.setenv("SELFCARE_PORT", "4000")
    monkeypatch.setenv("SELFCARE_PUBLIC_URL", "https://selfcare.example")
    monkeypatch.setenv("SELFCARE_SECRET", "x" * 40)
    assert building.is_current()


def test_a_failed_build_says_why_and_leaves_the_former_one_in_place(workshop, monkeypatch):
    building.build(quiet)
    monkeypatch.setattr(building, "_compile", COMPILE)
    # A building process that fails as Reflex does: something in the log, and not 0.
    (workshop / "selfcare_app" / "__init__.py").write_text("")
    (workshop / "selfcare_app" / "building.py").write_text("print('No module named nosuch'); raise SystemExit(1)")
    with pytest.raises(building.BuildError, match="No module named nosuch"):
        building.build(quiet)
    assert served() == "built"
    assert not building.is_current()


def test_a_colour_that_cannot_be_read_is_wrong_settings(tmp_path, monkeypatch):
    monkeypatch.setattr(building, "SITE", tmp_path)
    monkeypatch.setattr(building, "CURRENT", tmp_path / "current")
    monkeypatch.setattr(building, "LOG", tmp_path / "build.log")
    monkeypatch.setenv("SELFCARE_OPERATOR_ACCENT", "#" + "F" * 6)
    with pytest.raises(SettingsError, match="SELFCARE_OPERATOR_ACCENT"):
        building.build(quiet)


def test_a_running_portal_keeps_the_files_it_began_with(workshop, monkeypatch):
    building.build(quiet)
    began_with = building.CURRENT.resolve()
    monkeypatch.setattr(building, "_compile", lambda: compiled(workshop, "newer"))
    (workshop / "selfcare_app" / "page.py").write_text("page = 2")
    building.build(quiet)
    assert served() == "newer"
    assert (began_with / "build" / "client" / "index.html").read_text() == "built"


def test_two_starters_build_once(workshop, monkeypatch):
    times = []
    monkeypatch.setattr(building, "_compile", lambda: (times.append(1), compiled(workshop)))
    together = threading.Barrier(2)

    def start() -> None:
        together.wait()
        building.build(quiet)

    threads = [threading.Thread(target=start) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(times) == 1
    assert served() == "built"


def test_the_bundle_asks_the_browser_for_its_address(workshop):
    building.build(quiet)
    assets = building.CURRENT / "build" / "client" / "assets"
    script = (assets / "reflex-env-abc.js").read_text()
    assert "3000" not in script
    assert "PING:page+`/ping`,EVENT:socket+`/_event`,TRANSPORT:`websocket`" in script
    assert not list(assets.glob("*.gz"))


@pytest.mark.parametrize(
    ("origin", "socket"),
    [
        ("http://localhost:3123", "ws://localhost:3123/_event"),
        ("https://selfcare.example", "wss://selfcare.example/_event"),
    ],
)
def test_the_addresses_follow_the_page(tmp_path, origin, socket):
    script = tmp_path / "reflex-env-abc.js"
    script.write_text(BAKED)
    building.find_own_address(script)
    run = script.read_text().replace("export{e as t};", "console.log(e.EVENT)")
    node = building.Path(sys.executable).with_name("node")
    said = subprocess.run(
        [node, "-e", f"globalThis.location={{origin:'{origin}'}};{run}"], capture_output=True, text=True, check=True
    )
    assert said.stdout.strip() == socket


def test_a_bundle_written_in_another_way_is_refused(tmp_path):
    script = tmp_path / "reflex-env-abc.js"
    script.write_text("export default 1")
    with pytest.raises(building.BuildError):
        building.find_own_address(script)
