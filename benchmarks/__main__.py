"""`make bench`: all that must be fast, beside its floor and its peers; prints tables and writes RESULTS.md."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks import report
from benchmarks.measuring import POSTGRESQL, SQLITE, Line
from benchmarks.places import FULL, MIDDLE, NO_POSTGRES, POSTGRES, SMALL
from benchmarks.works import WORKS, chosen, run
from selfcare_app import building

RESULTS = Path(__file__).parent / "RESULTS.md"


def main() -> None:
    """What the words of the command ask for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--only", nargs="+", default=[], metavar="NAME", help="parts or works, such as lists or lists.deep"
    )
    parser.add_argument("--list", action="store_true", help="name the works and end")
    sizes = parser.add_mutually_exclusive_group()
    sizes.add_argument("--small", action="store_true", help="tiny companies: whether it runs, not how fast")
    sizes.add_argument("--middle", action="store_true", help="a tenth of the size")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="make the databases there, and use them again")
    asked = parser.parse_args()
    works = chosen(asked.only)
    if asked.list or not works:
        print("\n".join(f"{work.name:24} {work.what.format(size=FULL)}" for work in works or WORKS))
        sys.exit(0 if asked.list else "There is no such part or work; there are those above.")
    began = time.perf_counter()
    size = SMALL if asked.small else MIDDLE if asked.middle else FULL
    own = tempfile.mkdtemp(prefix="selfcare-bench-")
    # Nothing of the machine's own installation is used, or written to.
    os.environ.update({"SELFCARE_DEMO": "1", "SELFCARE_DATA_DIR": own})
    databases = (SQLITE, POSTGRESQL) if POSTGRES else (SQLITE,)
    wanted = sum(each in work.on for work in works for each in databases)

    def page(lines: Sequence[Line]) -> str:
        notes = [] if POSTGRES else [NO_POSTGRES]
        if len(lines) < wanted:
            notes.append(f"The run has got as far as {len(lines)} of {wanted} lines.")
        return report.text(lines, size, notes, (time.perf_counter() - began) / 60)

    def told(lines: Sequence[Line]) -> None:
        # After each: a run that is broken off has told what it found.
        if size is FULL and not asked.only:
            RESULTS.write_text(page(lines), encoding="utf-8")

    try:
        building.build(print)
        lines = run(
            works,
            databases,
            size,
            (asked.keep or Path(own)).resolve(),
            chromium=os.environ.get("SELFCARE_TEST_CHROMIUM", ""),
            keep=asked.keep is not None,
            told=told,
        )
    finally:
        shutil.rmtree(own, ignore_errors=True)
    print(page(lines))
    sys.exit(any(line.failed for line in lines))


if __name__ == "__main__":
    main()
