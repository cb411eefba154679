"""How a peer's page is timed; run with the peers' own interpreter, beside its programs."""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable


def timed(ask: Callable[[], object], runs: int) -> None:
    """Print p50 and p95 in milliseconds, after one that isn't counted."""
    ask()
    times = []
    for _ in range(runs):
        began = time.perf_counter()
        ask()
        times.append((time.perf_counter() - began) * 1000)
    times.sort()
    p95 = times[min(len(times) - 1, int(len(times) * 0.95))]
    json.dump({"p50": statistics.median(times), "p95": p95}, sys.stdout)
