"""A list as a file, over HTTP from a running portal: seconds, first byte, memory; beside what writes the rows bare."""

from __future__ import annotations

import csv
import os
import sqlite3
import subprocess
import tempfile
import time
from functools import partial
from pathlib import Path
from shutil import which

import pandas
from rustpy_xlsxwriter import write_worksheet

from benchmarks import peers
from benchmarks.measuring import (
    BOTH,
    FIRST_BYTE,
    MORE_MEMORY,
    SECONDS,
    SQLITE,
    TIMES_FLOOR,
    Beside,
    Figures,
    Must,
    Work,
    need,
    once,
)
from benchmarks.places import PASSWORD, Place, email
from benchmarks.processes import watched

_COLUMNS = (
    "s.number, s.label, s.person, c.number, c.name, s.type, p.name, s.cost_centre, s.opened, s.ended, s.bound_until,"
    " CASE WHEN s.ended IS NULL THEN 'active' ELSE 'inactive' END"
)
"""Twelve, as many as the list has."""


def statement(place: Place) -> str:
    """The same rows in plain SQL."""
    _, company = place.companies
    return (
        f"SELECT {_COLUMNS} FROM subscription s JOIN customer_number c ON c.id = s.customer_number_id"
        f" LEFT JOIN price_plan p ON p.id = s.price_plan_id WHERE s.company_id = {company} ORDER BY s.label_sort, s.id"
    )


def download(suffix: str, place: Place) -> Figures:
    """All subscriptions of the exported company, as its superuser's browser gets them."""
    portal = place.portal
    with portal.client(email("superuser", 2), PASSWORD) as client, watched(portal) as memory:
        began = time.perf_counter()
        size, first = 0, 0.0
        address = f"/export/subscriptions.{suffix}"
        with client.stream("GET", address, headers={"accept-encoding": "identity"}) as answer:
            assert answer.status_code == 200, answer
            for piece in answer.iter_raw():
                first = first or time.perf_counter() - began
                size += len(piece)
        seconds = time.perf_counter() - began
        assert size > place.size.exported * 10, f"{size} bytes are no file of so many rows"
        return {SECONDS: seconds, FIRST_BYTE: first, MORE_MEMORY: memory.megabytes}


def plain_csv(place: Place) -> Figures:
    """What the database's own program does."""
    if place.database == SQLITE:
        program = need(which("sqlite3"), "The program sqlite3 isn't installed.")
        command = [program, "-csv", "-header", str(place.file), statement(place)]
        return once(lambda: subprocess.run(command, stdout=subprocess.DEVNULL, check=True))
    copy = f"COPY ({statement(place)}) TO STDOUT (FORMAT csv, HEADER)"

    def write() -> None:
        with place.plain() as driver, driver.cursor().copy(copy) as pieces:
            for _ in pieces:
                pass

    return once(write)


def with_csv_module(place: Place) -> Figures:
    """The csv module, row by row from the driver."""

    def write() -> None:
        with tempfile.TemporaryFile("w", newline="") as file:
            csv.writer(file).writerows(sqlite3.connect(place.file).execute(statement(place)))

    return once(write)


def with_pandas(place: Place) -> Figures:
    """pandas, which reads all of it first."""

    def write() -> None:
        pandas.read_sql_query(statement(place), sqlite3.connect(place.file)).to_csv(os.devnull, index=False)

    return once(write)


def plain_xlsx(place: Place) -> Figures:
    """The library that the portal writes with, given the driver's rows."""
    with tempfile.TemporaryDirectory() as folder, place.plain() as driver:

        def write() -> None:
            cursor = driver.execute(statement(place))
            names = [str(at) for at, _ in enumerate(cursor.description)]
            rows = (dict(zip(names, row, strict=True)) for row in cursor)
            write_worksheet(rows, str(Path(folder) / "plain.xlsx"), sheet_name="plain")

        return once(write)


WORKS = (
    Work(
        "exports.csv",
        "CSV of {size.exported:,} rows x 12",
        partial(download, "csv"),
        must=(Must(TIMES_FLOOR, 2.5), Must(FIRST_BYTE, 0.2), Must(MORE_MEMORY, 30)),
        floor=Beside("sqlite3 -csv, COPY", plain_csv, BOTH),
        peers=(Beside("csv module", with_csv_module), Beside("pandas", with_pandas)),
    ),
    Work(
        "exports.xlsx",
        "xlsx of {size.exported:,} rows x 12",
        partial(download, "xlsx"),
        must=(Must(SECONDS, 3), Must(MORE_MEMORY, 200)),
        floor=Beside("rustpy-xlsxwriter", plain_xlsx, BOTH),
        peers=tuple(
            Beside(library, lambda place, library=library: peers.workbook(place, library, statement(place)))
            for library in ("xlsxwriter", "openpyxl")
        ),
    ),
)
