"""The portal as a user meets it: a real server with demo companies, one per test process, and ways to talk to it."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import socketio
from sqlmodel import col, select

from selfcare_app import config
from selfcare_app.config import PROJECT
from selfcare_app.models import SignIn, User
from selfcare_app.services import clock, database, sessions
from selfcare_app.services.access import Actor
from selfcare_app.specs.demo import DEMO_PASSWORD

START_WITHIN = 240
"""Seconds; the first start may build the front end."""
ANSWER_WITHIN = 15
NAMESPACE = "/_event"
STATE = "reflex___state____state"


@dataclass(frozen=True)
class Portal:
    """A running server."""

    url: str
    data_dir: Path

    @property
    def mail(self) -> Path:
        """Where mail becomes files."""
        return self.data_dir / "mail"

    @contextlib.contextmanager
    def client(self, email: str = "", password: str = DEMO_PASSWORD) -> Iterator[httpx.Client]:
        """A browser without scripts; signed in when an address is given."""
        with httpx.Client(base_url=self.url, timeout=30) as client:
            if email:
                answer = client.post("/login", data={"email": email, "password": password})
                assert answer.status_code == 303, answer.text
            yield client

    def cookie(self, email: str, password: str = DEMO_PASSWORD) -> str:
        """The session cookie of a fresh sign-in."""
        with self.client(email, password) as client:
            return client.cookies["selfcare_session"]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def serve(data_dir: Path, *, port: int = 0, **settings: str) -> Iterator[Portal]:
    """Start `selfcare serve` with settings of its own and stop it afterwards. Port 0: any that is free."""
    port = port or _free_port()
    environment = _environment(data_dir, SELFCARE_PORT=str(port), **settings)
    log = data_dir / "server.log"
    data_dir.mkdir(parents=True, exist_ok=True)
    with log.open("w") as output:
        process = subprocess.Popen([_selfcare(), "serve"], cwd=PROJECT, env=environment, stdout=output, stderr=output)
    portal = Portal(f"http://localhost:{port}", data_dir)
    try:
        _wait(portal, process, log)
        yield portal
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()


def _wait(portal: Portal, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + START_WITHIN
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(f"{portal.url}/healthz", timeout=2).status_code == 200:
                return
        time.sleep(0.1)
    pytest.fail(f"The portal did not start:\n{log.read_text()[-4000:]}")


def _selfcare() -> str:
    return shutil.which("selfcare", path=str(Path(sys.executable).parent)) or "selfcare"


def _environment(data_dir: Path, **settings: str) -> dict[str, str]:
    """The demo's settings, and nothing of the machine's own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SELFCARE_")}
    return {**kept, "SELFCARE_DEMO": "1", "SELFCARE_DATA_DIR": str(data_dir), **settings}


def todays_demo(common: Path) -> Path:
    """A data folder with the demo as of today, to copy: loaded by `selfcare demo` once for all test processes.

    The demo's dates are relative to the day it was made. When the session crosses midnight, whoever asks next gets a
    new one; a server that runs shows what it was started with, as one that a person leaves running would.
    """
    with (common / "demo.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        while True:
            today = clock.day(clock.now())
            made = common / f"demo-{today}"
            if made.is_dir():
                return made
            fresh = common / "demo-in-the-making"
            shutil.rmtree(fresh, ignore_errors=True)
            done = subprocess.run(
                [_selfcare(), "demo"], cwd=PROJECT, env=_environment(fresh), capture_output=True, text=True
            )
            assert done.returncode == 0, done.stdout + done.stderr
            if clock.day(clock.now()) == today:
                fresh.rename(made)


DemoCopy = Callable[[Path], Path]


@pytest.fixture(scope="session")
def demo_copy(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> DemoCopy:
    """Makes a data folder that has the demo already, so that a server need not load it."""
    own = tmp_path_factory.getbasetemp()
    # Test processes of one session each have a folder of their own in a common one.
    common = own if worker_id == "main" else own.parent

    def copy(data_dir: Path) -> Path:
        return shutil.copytree(todays_demo(common), data_dir, dirs_exist_ok=True)

    return copy


@pytest.fixture(scope="session")
def portal(tmp_path_factory: pytest.TempPathFactory, demo_copy: DemoCopy) -> Iterator[Portal]:
    """The demo companies, served."""
    with serve(demo_copy(tmp_path_factory.mktemp("portal"))) as running:
        yield running


@pytest.fixture
def elsewhere(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The portal's database as another process has it, such as the command line: services called here write into it."""
    engine = database.make_engine(f"sqlite:///{portal.data_dir / 'selfcare.db'}")
    monkeypatch.setattr(database, "engine", lambda: engine)
    monkeypatch.setenv("SELFCARE_PUBLIC_URL", portal.url)
    config.settings.cache_clear()
    yield
    engine.dispose()


def acting_as(portal: Portal, email: str, password: str = DEMO_PASSWORD) -> Actor:
    """Somebody of the portal, signed in just now."""
    actor = sessions.actor_by_token(portal.cookie(email, password), clock.now(), "127.0.0.1")
    assert actor is not None
    return actor


def user_of(email: str) -> User:
    """The user with that address, as stored now."""
    with database.session() as db:
        return db.exec(select(User).join(SignIn, col(SignIn.id) == User.sign_in_id).where(SignIn.email == email)).one()


@dataclass
class Tab:
    """A socket as a browser's tab has it, without a browser."""

    client: socketio.AsyncClient
    updates: list[dict[str, Any]] = field(default_factory=list)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def send(self, name: str, payload: dict[str, Any] | None = None, address: str = "/", **more: Any) -> None:
        """Send one event, as from the page at the address."""
        path, _, query = address.partition("?")
        said = dict(part.split("=", 1) for part in query.split("&") if "=" in part)
        router = {"pathname": path, "asPath": address, "query": said}
        await self.client.emit(
            "event", {"name": name, "payload": payload or {}, "router_data": router, **more}, namespace=NAMESPACE
        )

    async def until(self, condition: Any, what: str, *, within: float = ANSWER_WITHIN) -> None:
        """Wait until something has come that meets the condition."""
        async with asyncio.timeout(within):
            while not condition():
                self._changed.clear()
                await self._changed.wait()
        assert condition(), what

    async def ask(self, name: str, payload: dict[str, Any] | None = None, address: str = "/") -> dict[str, Any]:
        """Send an event and wait for the next update."""
        before = len(self.updates)
        await self.send(name, payload, address)
        await self.until(lambda: len(self.updates) > before, name)
        return self.updates[before]

    @property
    def text(self) -> str:
        """Everything this tab was ever sent."""
        return repr(self.updates)

    def deltas(self, state: str) -> dict[str, Any]:
        """The last value of each var of a state, by the end of its name."""
        seen: dict[str, Any] = {}
        for update in self.updates:
            for name, delta in (update.get("delta") or {}).items():
                if name.endswith(state):
                    seen.update({key.removesuffix("_rx_state_"): value for key, value in delta.items()})
        return seen

    @property
    def redirects(self) -> list[str]:
        """Where the tab was sent."""
        return [
            event["payload"]["path"]
            for update in self.updates
            for event in update.get("events") or []
            if event["name"] == "_redirect"
        ]


@contextlib.asynccontextmanager
async def tab(portal: Portal, cookie: str = "", token: str = "left-behind", **headers: str) -> AsyncIterator[Tab]:
    """Open a socket; no cookie: a stranger's."""
    client = socketio.AsyncClient(reconnection=False)
    opened = Tab(client)

    @client.on("event", namespace=NAMESPACE)
    async def _update(update: dict[str, Any]) -> None:
        opened.updates.append(update)
        opened._changed.set()

    if cookie:
        headers["Cookie"] = f"selfcare_session={cookie}"
    try:
        await client.connect(
            f"{portal.url}?token={token}",
            headers=headers,
            transports=["websocket"],
            socketio_path="/_event",
            namespaces=[NAMESPACE],
        )
        yield opened
    finally:
        await client.disconnect()
        if client.eio.http is not None:
            await client.eio.http.close()
