"""Serving the portal: everything that must be true before the first request, then Granian."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from selfcare_app.building import CURRENT, build
from selfcare_app.config import PROJECT, settings

if TYPE_CHECKING:
    from starlette.types import ASGIApp

STOP_WITHIN = 5
"""Seconds that requests get to end when the portal is stopped."""


class CannotServe(Exception):
    """The portal can't be started; the message is one sentence for the person who starts it."""


SOCKET_TIMEOUT = 20


def serve(say: Callable[[str], None]) -> None:
    """Migrate, load the demo when there is nothing else, build when sources changed, then serve until stopped.

    Refuses with CannotServe (port in use), SettingsError (no data folder) and BuildError.
    """
    chosen = settings()
    _stand_in_project()
    _port_is_free(chosen.listen_host, chosen.port)
    settings().make_data_dir()

    from selfcare_app.services import database, migrations

    migrations.migrate()
    if chosen.demo_mode and migrations.is_empty():
        _load_demo(say)
    build(say)
    database.close()
    for line in greeting():
        say(line)
    _run(chosen.listen_host, chosen.port, chosen.workers)


def application() -> ASGIApp:
    """What each worker serves. Granian calls it once per worker."""
    prepare()
    from selfcare_app.selfcare_app import app

    return app()


def prepare() -> None:
    """Tell Reflex, before it is imported, that everything is built already and where it lies."""
    os.environ.update(
        {
            "__REFLEX_SKIP_COMPILE": "true",
            "__REFLEX_MOUNT_FRONTEND_COMPILED_APP": "true",
            "REFLEX_ENV_MODE": "prod",
            # A tab whose network went away without a word finds out within this many seconds after the next ping.
            "REFLEX_SOCKET_TIMEOUT": f"{SOCKET_TIMEOUT}s",
            "REFLEX_WEB_WORKDIR": str(CURRENT.resolve()),
        }
    )


def greeting() -> list[str]:
    """What the start says: the address, and in demo mode who can sign in."""
    chosen = settings()
    lines = ["", f"Selfcare  {chosen.origin}"]
    if chosen.demo_mode:
        from selfcare_app.locales import text
        from selfcare_app.specs.demo import DEMO_PASSWORD, DEMO_SIGN_INS

        width = max(len(address) for _, address in DEMO_SIGN_INS)
        lines += ["", f"Demo sign-ins, password {DEMO_PASSWORD}"]
        lines += [f"  {address:<{width}}  {text('en', key)}" for key, address in DEMO_SIGN_INS]
    return [*lines, "", "Ctrl-C stops."]


def _stand_in_project() -> None:
    """Reflex looks for rxconfig.py where it stands. Paths in the settings mean what they meant before."""
    for name, value in (("SELFCARE_DATA_DIR", settings().data_dir), ("SELFCARE_DATABASE_URL", settings().database)):
        if os.environ.get(name):
            os.environ[name] = _absolute(str(value))
    settings.cache_clear()
    os.chdir(PROJECT)


def _absolute(value: str) -> str:
    """A relative folder or SQLite file as an absolute one; any other address as it is."""
    prefix = "sqlite:///"
    if value.startswith(prefix):
        return prefix + os.path.abspath(value.removeprefix(prefix))
    return value if "://" in value else os.path.abspath(value)


def _port_is_free(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise CannotServe(
                    f"Port {port} is in use; stop what uses it or choose another with SELFCARE_PORT."
                ) from None
            raise CannotServe(f"{host}:{port} can't be listened on: {error.strerror}.") from None


def _load_demo(say: Callable[[str], None]) -> None:
    from selfcare_app.services import clock, demo, staff

    say("Loading the demo companies ...")
    # Another start may have come first: then it is there, and that is all we want.
    with suppress(demo.NotEmpty):
        demo.load_demo(staff.command_line(), clock.now())


def _run(host: str, port: int, workers: int) -> None:
    from granian import Granian

    options: dict[str, Any] = {"respawn_failed_workers": True, "workers_kill_timeout": STOP_WITHIN}
    Granian(
        "selfcare_app.serve:application",
        factory=True,
        interface="asgi",
        address=host,
        port=port,
        workers=workers,
        log_level="warning",
        **options,
    ).serve()
