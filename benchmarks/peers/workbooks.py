"""Rows of a statement to a workbook: library, database, statement -> seconds and MB of memory."""

from __future__ import annotations

import json
import resource
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence


def with_xlsxwriter(path: str, rows: Iterable[Sequence[object]]) -> None:
    """In its mode for constant memory."""
    import xlsxwriter

    book = xlsxwriter.Workbook(path, {"constant_memory": True})
    sheet = book.add_worksheet()
    for at, row in enumerate(rows):
        for place, value in enumerate(row):
            sheet.write(at, place, value)
    book.close()


def with_openpyxl(path: str, rows: Iterable[Sequence[object]]) -> None:
    """In its mode that only writes."""
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in rows:
        sheet.append(row)
    book.save(path)


library, file, statement = sys.argv[1:]
write = {"xlsxwriter": with_xlsxwriter, "openpyxl": with_openpyxl}[library]
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
began = time.perf_counter()
with tempfile.NamedTemporaryFile(suffix=".xlsx") as made:
    write(made.name, sqlite3.connect(file).execute(statement))
seconds = time.perf_counter() - began
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
json.dump({"seconds": seconds, "megabytes": (after - before) / 1000}, sys.stdout)
