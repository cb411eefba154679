"""The front end: made when its sources changed, the last good one kept to be served meanwhile.

Reflex compiles and bundles in .web/. What came out well is copied to a folder of its own under .site/, and the link
.site/current is moved to it in one step: a failed build leaves the former one in place, and a running portal goes on
serving the files it began with.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import runpy
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from selfcare_app.config import PROJECT, SettingsError

SITE = PROJECT / ".site"
CURRENT = SITE / "current"
"""What is served. To Reflex at run time it is the web folder (REFLEX_WEB_WORKDIR)."""
WORKSHOP = PROJECT / ".web"
LOG = SITE / "build.log"
FINGERPRINT = "fingerprint"
LOG_TAIL = 40
"""Lines of the log that a failed build shows."""

SOURCES = ("selfcare_app/**/*.py", "selfcare_app/**/*.toml", "selfcare_app/**/*.css", "assets/**/*", "rxconfig.py")
LOCKS = ("reflex.lock/*", "requirements.lock")
"""Written by the build itself when packages change, so looked at again after it."""
GENERATED = frozenset({"assets/theme.css", "assets/favicon.svg", "assets/i18n.js"})
WRONG_SETTINGS = 78
"""How the building process ends when the branding can't be used (EX_CONFIG of sysexits.h)."""
BRANDING = ("SELFCARE_OPERATOR_", "SELFCARE_SERVICE_")
"""Settings that end up in the stylesheet. No other setting reaches a build."""

_ADDRESS = re.compile(r"`(ws|http)s?://[^`/]*(/[^`]*)`")
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_HERE = "var page=globalThis.location?.origin??`http://localhost`,socket=page.replace(/^http/,`ws`);"


class BuildError(Exception):
    """The front end could not be made; the message says why."""


def is_current() -> bool:
    """Whether what is served was made from the sources as they are."""
    try:
        return (CURRENT / FINGERPRINT).read_text() == _fingerprint(SOURCES) + _fingerprint(LOCKS)
    except FileNotFoundError:
        return False


def build(say: Callable[[str], None], force: bool = False) -> bool:
    """Make the front end unless it is current; returns whether it did. One process builds, others wait for it.

    Refuses with BuildError, and with SettingsError when the branding can't be used, the former build untouched.
    """
    if is_current() and not force:
        return False
    with _alone(say):
        if is_current() and not force:
            return False
        say("Building the front end (about half a minute the first time) ...")
        sources = _fingerprint(SOURCES)
        _compile()
        _take_over(sources + _fingerprint(LOCKS))
    return True


@contextmanager
def _alone(say: Callable[[str], None]) -> Iterator[None]:
    SITE.mkdir(exist_ok=True)
    with (SITE / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Waiting for another build of the front end to end ...")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _fingerprint(patterns: tuple[str, ...]) -> str:
    digest = hashlib.sha256()
    paths = {path for pattern in patterns for path in PROJECT.glob(pattern) if path.is_file()}
    for path in sorted(paths):
        name = path.relative_to(PROJECT).as_posix()
        if name not in GENERATED:
            digest.update(f"{name}\0{path.stat().st_size}\0".encode())
            digest.update(path.read_bytes())
    if patterns is SOURCES:
        for name, value in sorted(os.environ.items()):
            if name.startswith(BRANDING):
                digest.update(f"{name}={value}\0".encode())
    return digest.hexdigest()


def _compile() -> None:
    """Have a process of its own do it: the server's stays small, and nothing of Reflex's build state is left in it."""
    environment = {
        # A build knows the branding and nothing else of the installation, neither its secret nor its address.
        **{name: value for name, value in os.environ.items() if not name.startswith("SELFCARE_")},
        **{name: value for name, value in os.environ.items() if name.startswith(BRANDING)},
        "SELFCARE_DEMO": "1",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
        "PYTHONPATH": str(PROJECT),
        "REFLEX_DIR": str(Path(sys.prefix) / "share" / "reflex"),
        "REFLEX_WEB_WORKDIR": WORKSHOP.name,
        "NO_COLOR": "1",
        "COLUMNS": "160",
    }
    for name in ("__REFLEX_SKIP_COMPILE", "__REFLEX_MOUNT_FRONTEND_COMPILED_APP"):
        environment.pop(name, None)
    with LOG.open("w", encoding="utf-8") as log:
        ended = subprocess.run(
            [sys.executable, "-m", "selfcare_app.building"],
            cwd=PROJECT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if ended.returncode != 0:
        said = _COLOURS.sub("", LOG.read_text(encoding="utf-8", errors="replace"))
        tail = said.rstrip().splitlines()[-LOG_TAIL:]
        if ended.returncode == WRONG_SETTINGS:
            raise SettingsError(tail[-1])
        raise BuildError("\n".join([*tail, "", f"The front end could not be built; the whole log is {LOG}."]))


def _take_over(fingerprint: str) -> None:
    """Put the build where it is served from, and the link on it; keep the one before for those who still serve it."""
    made = SITE / fingerprint[:16]
    unfinished = SITE / "unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    shutil.copytree(WORKSHOP / "build" / "client", unfinished / "build" / "client")
    if (WORKSHOP / "backend").is_dir():
        shutil.copytree(WORKSHOP / "backend", unfinished / "backend")
    for script in (unfinished / "build" / "client" / "assets").glob("reflex-env-*.js"):
        find_own_address(script)
    (unfinished / FINGERPRINT).write_text(fingerprint)
    before = CURRENT.resolve() if CURRENT.exists() else None
    shutil.rmtree(made, ignore_errors=True)
    unfinished.rename(made)
    link = SITE / "next"
    link.unlink(missing_ok=True)
    link.symlink_to(made.name)
    link.replace(CURRENT)
    for folder in SITE.iterdir():
        if folder.is_dir() and not folder.is_symlink() and folder not in (made, before):
            shutil.rmtree(folder, ignore_errors=True)


def find_own_address(script: Path) -> None:
    """Have the bundle ask the browser where it is: Reflex bakes in the port that it was built with.

    Refuses with BuildError when the file isn't as this version of Reflex writes it.
    """
    source = script.read_text(encoding="utf-8")
    rewritten, count = _ADDRESS.subn(_from_here, source)
    if count == 0 or "/_event" not in rewritten:
        raise BuildError(f"{script.name} holds no addresses: this version of Reflex writes it in another way.")
    script.write_text(_HERE + rewritten, encoding="utf-8")
    # A few hundred bytes need no compressed copies, and the old ones say the old thing.
    for suffix in (".gz", ".br"):
        script.with_name(script.name + suffix).unlink(missing_ok=True)


def _from_here(found: re.Match[str]) -> str:
    return f"{'socket' if found[1] == 'ws' else 'page'}+`{found[2]}`"


def _main() -> None:
    """The building process: what is made from Python first, then Reflex's own export."""
    from selfcare_app.components.theme import write_assets
    from selfcare_app.state.texts import write_dictionary

    try:
        write_assets()
    except SettingsError as error:
        print(error)  # noqa: T201  the log is how this process answers
        sys.exit(WRONG_SETTINGS)
    write_dictionary()
    sys.argv = ["reflex", "export", "--frontend-only", "--no-zip", "--loglevel", "info"]
    runpy.run_module("reflex", run_name="__main__")


if __name__ == "__main__":
    _main()
