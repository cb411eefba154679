"""What others make of the same data: run by programs of their own, in an environment that only the benchmark has."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from functools import lru_cache
from pathlib import Path
from typing import Any

from benchmarks.measuring import MORE_MEMORY, P50, P95, SECONDS, Figures, Skipped
from benchmarks.places import Place

HERE = Path(__file__).parent
LOCK = HERE / "peers.lock"
ENVIRONMENT = HERE / ".venv"
WITHIN = 600
"""Seconds."""


@lru_cache(maxsize=1)
def python() -> Path:
    """The interpreter that has the peers, exactly as the lock says; made the first time, which needs the network."""
    interpreter = ENVIRONMENT / "bin" / "python"
    stamp = ENVIRONMENT / "made-for"
    state = hashlib.sha256(LOCK.read_bytes() + sys.version.encode()).hexdigest()
    if stamp.exists() and stamp.read_text() == state:
        return interpreter
    pip = [sys.executable, "-m", "pip", "--python", str(interpreter), "install", "--quiet", "--progress-bar", "off"]
    for command in (
        [sys.executable, "-m", "venv", "--clear", "--without-pip", str(ENVIRONMENT)],
        [*pip, "--disable-pip-version-check", "--require-hashes", "-r", str(LOCK)],
    ):
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            raise Skipped(f"The peers could not be installed: {reason}")
    stamp.write_text(state)
    return interpreter


def pages(place: Place, program: str, page: str) -> Figures:
    """p50 and p95 of a peer's HTML page, asked for in its own process, without a network in between."""
    company, _ = place.companies
    answer = _run(program, str(place.file), str(company), page, str(place.size.runs))
    return {P50: answer["p50"], P95: answer["p95"]}


def workbook(place: Place, library: str, statement: str) -> Figures:
    """Seconds in which a library writes the statement's rows to a workbook, and memory on the way."""
    answer = _run("workbooks.py", library, str(place.file), statement)
    return {SECONDS: answer["seconds"], MORE_MEMORY: answer["megabytes"]}


def _run(program: str, *words: str) -> Any:
    command = [str(python()), str(HERE / program), *words]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=WITHIN)
    except subprocess.TimeoutExpired:
        raise Skipped(f"It took longer than {WITHIN} seconds.") from None
    if done.returncode:
        raise AssertionError(f"{program}: {done.stderr[-2000:]}")
    return json.loads(done.stdout)
