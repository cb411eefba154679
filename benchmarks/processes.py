"""Memory of a running portal's processes, as Linux counts it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tests.portal import Portal

KB = 1000


def processes(portal: Portal) -> Iterator[Path]:
    """Those that serve it, in /proc."""
    port = f"SELFCARE_PORT={portal.url.rpartition(':')[2]}".encode()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if port in (process / "environ").read_bytes().split(b"\0"):
                yield process
        except OSError:
            continue


def resident(portal: Portal, line: str = "VmRSS") -> int:
    """kB of memory of all of them: now, or at most so far (VmHWM)."""
    total = 0
    for process in processes(portal):
        status = (process / "status").read_text()
        total += int(status.partition(f"{line}:")[2].split()[0])
    return total


class Memory:
    """How much more memory the portal needs from now on."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal
        for process in processes(portal):
            # What it needed at most is counted anew.
            (process / "clear_refs").write_text("5")
        self._before = resident(portal)

    @property
    def peak(self) -> float:
        """MB above what it was, at most."""
        return (resident(self._portal, "VmHWM") - self._before) / KB
