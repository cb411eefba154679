"""The operator's files, fed: read, checked, applied and logged; beside reading them and inserting the rows bare."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import openpyxl
from lxml import etree
from python_calamine import CalamineWorkbook
from rustpy_xlsxwriter import write_worksheet

from benchmarks.measuring import BOTH, SECONDS, SQLITE, Beside, Figures, Must, Skipped, Work, once
from benchmarks.places import OPERATOR, Place, using
from selfcare_app.models import CustomerNumber
from selfcare_app.services import database, migrations, workbooks
from selfcare_app.services.feeds.feeding import feed_file
from selfcare_app.services.generating import names
from tests import ubl

COMPANY = "5599980017"
NUMBERS = 500
LINES = 20
HEADINGS = ("id", "customer number", "type", "phone number", "person", "cost centre", "opened", "ended")
FEW, MANY = 0, 1
"""Which of the size's two files."""


def subscriptions(count: int, first: int) -> Iterator[Sequence[str]]:
    """Rows of a file, the heading first."""
    chance = Random(first)
    yield HEADINGS
    for at in range(first, first + count):
        opened = OPERATOR.today - timedelta(days=chance.randrange(10, 4_000))
        phone = names.mobile_number(700, at)
        number = str(70_000 + at % NUMBERS)
        yield f"B{at}", number, "mobile", phone, names.person(chance), str(at % 90), opened.isoformat(), ""


@contextmanager
def basics(place: Place) -> Iterator[None]:
    """A database of its own with a company and customer numbers: what is fed stays out of the lists' way."""
    with using(place.address("feeding")), TemporaryDirectory() as folder:
        migrations.migrate()
        with database.session() as db:
            known = db.query(CustomerNumber).count()
        if not known:
            numbers = ([70_000 + at, COMPANY, f"Plats {at}", "mixed", "2010-01-01"] for at in range(NUMBERS))
            for kind, rows in (
                ("companies", [["organisation number", "name", "e-mail"], [COMPANY, "Matat AB", "a@matat.example"]]),
                ("customer-numbers", [["number", "company", "name", "type", "opened"], *numbers]),
            ):
                fed(kind, as_csv(Path(folder), rows))
        yield


def fed(kind: str, path: Path, created: int = 0) -> None:
    """Feed a file; so many rows must come of it."""
    reports = list(feed_file(OPERATOR, kind, path))
    for report in reports:
        if not report.applied:
            raise AssertionError("\n".join(report.sentences("en")))
    if created and sum(report.created for report in reports) != created:
        raise Skipped("It had been fed before: leave out --keep.")


def as_csv(folder: Path, rows: object) -> Path:
    """The rows as the operator's file."""
    path = folder / "file.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, delimiter=";").writerows(rows)  # type: ignore[call-overload]
    return path


def as_xlsx(folder: Path, rows: Iterator[Sequence[str]]) -> Path:
    """The same as a workbook."""
    path = folder / "file.xlsx"
    headings = next(rows)
    write_worksheet([dict(zip(headings, row, strict=True)) for row in rows], str(path), sheet_name="Abonnemang")
    return path


Make = Callable[[Path, Iterator[Sequence[str]]], Path]


def inventory(make: Make, which: int, first: int, place: Place) -> Figures:
    """Feed new subscriptions, so many as the size says."""
    count = place.size.fed[which]
    with basics(place), TemporaryDirectory() as folder:
        path = make(Path(folder), subscriptions(count, first))
        return once(lambda: fed("subscriptions", path, count))


def bare(which: int, place: Place) -> Figures:
    """The csv module and INSERT, or COPY, into a table without a key."""
    with TemporaryDirectory() as folder:
        path = as_csv(Path(folder), subscriptions(place.size.fed[which], 0))
        return bare_load(place, path, len(HEADINGS))


def bare_load(place: Place, path: Path, columns: int) -> Figures:
    """Load a CSV file into a table of texts that nothing is known about."""
    fields = ", ".join(f"c{at} text" for at in range(columns))

    def load() -> None:
        with place.plain() as driver, path.open(encoding="utf-8", newline="") as file:
            driver.execute(f"CREATE TEMPORARY TABLE bare ({fields})")
            if place.database == SQLITE:
                rows = csv.reader(file, delimiter=";")
                driver.executemany(f"INSERT INTO bare VALUES ({', '.join('?' * columns)})", rows)
                driver.execute("DROP TABLE bare")
                return
            statement = "COPY bare FROM STDIN (FORMAT csv, DELIMITER ';')"
            with driver.cursor() as cursor, cursor.copy(statement) as copy:
                while piece := file.read(1_000_000):
                    copy.write(piece)

    return once(load)


def workbook(read: Callable[[bytes], object], place: Place) -> Figures:
    """Read a workbook of the few rows."""
    with TemporaryDirectory() as folder:
        content = as_xlsx(Path(folder), subscriptions(place.size.fed[FEW], 0)).read_bytes()
    return once(lambda: read(content))


def with_calamine(content: bytes) -> object:
    """In this process and without limits: what nobody should do with strangers' files."""
    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()


def with_openpyxl(content: bytes) -> object:
    """In its mode that only reads."""
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
    return [list(row) for row in book.worksheets[0].iter_rows(values_only=True)]


def peppol(count: int) -> list[bytes]:
    """Invoices of twenty lines each."""
    lines = [ubl.Line(name=f"Abonnemang {at}", price=f"{100 + at}.50") for at in range(LINES)]
    return [
        ubl.Bill(number=str(80_000_000 + at), customer_number=str(70_000 + at % NUMBERS), lines=lines).xml()
        for at in range(count)
    ]


def invoices(place: Place) -> Figures:
    """Feed a zip of them."""
    with basics(place), TemporaryDirectory() as folder:
        path = Path(folder) / "invoices.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
            for at, content in enumerate(peppol(place.size.invoices)):
                file.writestr(f"{at}.xml", content)
        return once(lambda: fed("invoices", path, place.size.invoices))


def parsed(place: Place) -> Figures:
    """lxml alone."""
    files = peppol(place.size.invoices)
    return once(lambda: [etree.fromstring(file) for file in files])


def usage(place: Place) -> Figures:
    """Feed the usage of the company that is measured."""
    if place.usage_took is None:
        raise Skipped("It had been fed before: leave out --keep.")
    return {SECONDS: place.usage_took}


WORKS = (
    Work(
        "feeds.few",
        "CSV of {size.fed[0]:,} subscriptions",
        partial(inventory, as_csv, FEW, 1_000_000),
        must=(Must(SECONDS, 3),),
        floor=Beside("csv and INSERT, COPY", partial(bare, FEW), BOTH),
    ),
    Work(
        "feeds.many",
        "CSV of {size.fed[1]:,} subscriptions",
        partial(inventory, as_csv, MANY, 2_000_000),
        floor=Beside("csv and INSERT, COPY", partial(bare, MANY), BOTH),
    ),
    Work(
        "feeds.xlsx",
        "xlsx of {size.fed[0]:,} subscriptions: read safely, checked, applied",
        partial(inventory, as_xlsx, FEW, 3_000_000),
        must=(Must(SECONDS, 3),),
        floor=Beside("csv and INSERT, COPY", partial(bare, FEW), BOTH),
    ),
    Work(
        "feeds.xlsx-read",
        "xlsx of {size.fed[0]:,} rows: read safely, in a process with limits",
        partial(workbook, workbooks.read),
        floor=Beside("calamine", partial(workbook, with_calamine)),
        peers=(Beside("openpyxl", partial(workbook, with_openpyxl)),),
        on=(SQLITE,),
    ),
    Work(
        "feeds.invoices",
        "zip of {size.invoices:,} Peppol invoices of 20 lines",
        invoices,
        floor=Beside("lxml reads them", parsed, BOTH),
    ),
    Work(
        "feeds.usage",
        "CSV of {size.usage:,} usage records",
        usage,
        floor=Beside("csv and INSERT, COPY", lambda place: bare_load(place, place.usage_file, 8), BOTH),
    ),
)
