"""Reading a fed file: bytes to columns of texts under known headings, whatever the bytes are."""

from __future__ import annotations

import csv
import io
import threading
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePath

from selfcare_app.services import workbooks
from selfcare_app.services.access import Refused
from selfcare_app.services.feeds.kind import same_heading
from selfcare_app.services.feeds.report import Refusal
from selfcare_app.services.workbooks import Limits, WorkbookError

MAX_BYTES = 50_000_000
DELIMITERS = ";,"
_TEXT_NAMES = frozenset({".csv", ".txt", ".tsv"})
"""How files are called that say they are text."""
BOM = b"\xef\xbb\xbf"
_SHOWN = 100
"""Characters of a heading that a refusal repeats."""
_ONE_AT_A_TIME = threading.Lock()


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file that could be read, column by column, and the rows of it that couldn't."""

    rows: list[int]
    """The file's own row numbers; the heading row is 1."""
    columns: dict[str, tuple[str, ...]]
    """The cells of each column, by the kind's heading, in the file's order."""
    written: dict[str, str]
    """How the file writes each heading, as `same_heading` makes it."""
    refusals: list[Refusal]


class FileError(Refused):
    """The file as a whole can't be taken."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(f"feeds.file.{key}", **values)


def read(
    file_name: str,
    content: bytes,
    *,
    kind: str,
    headings: Mapping[str, str],
    required: Collection[str],
    limits: Limits = workbooks.LIMITS,
    sheets: Collection[str] = (),
) -> Sheet:
    """The columns of a workbook (xlsx), or of a CSV file with `;` or `,` in UTF-8 or Windows-1252, in any order.

    Which of them it is, the content tells; a name that says otherwise is refused. `headings` gives the kind's heading
    for each that may be written (`same_heading`). Raises FileError or WorkbookError for what is no such file, and
    FileError for headings that are unknown, missing or double. Rows without any content are passed over; cells missing
    at the end of a row are empty. `limits` and `sheets` are those of `workbooks.read`.
    """
    if workbooks.is_workbook(content):
        if PurePath(file_name).suffix.lower() in _TEXT_NAMES:
            raise WorkbookError("wrong_name")
        return _sheet(iter(workbooks.read(content, limits, sheets)), [], kind, headings, required)
    if workbooks.is_called_workbook(file_name):
        raise WorkbookError("not_a_workbook")
    lines = _decoded(content)
    with _cells_of_any_length():
        refusals: list[Refusal] = []
        return _sheet(_records(lines, refusals), refusals, kind, headings, required)


@contextmanager
def _cells_of_any_length() -> Iterator[None]:
    """Let the reader pass long cells on, so that they are refused as long. Its limit is the whole process's."""
    with _ONE_AT_A_TIME:
        before = csv.field_size_limit(MAX_BYTES)
        try:
            yield
        finally:
            csv.field_size_limit(before)


def _sheet(
    records: Iterator[tuple[int, list[str]]],
    refusals: list[Refusal],
    kind: str,
    headings: Mapping[str, str],
    required: Collection[str],
) -> Sheet:
    """The columns of the records, each with its row number. `refusals` are those of rows that couldn't be read: they
    come while the records do."""
    _, first = next(records, (0, []))
    written = known_headings(first, kind, headings, required)
    wide = len(written)
    numbers: list[int] = []
    rows: list[list[str]] = []
    for number, cells in records:
        if not "".join(cells).strip():
            continue
        if len(cells) != wide:
            if any(cell.strip() for cell in cells[wide:]):
                refusals.append(Refusal(number, "", "feeds.row.too_many_cells", {"cells": len(cells), "columns": wide}))
                continue
            cells = cells[:wide] + [""] * (wide - len(cells))
        numbers.append(number)
        rows.append(cells)
    if not rows and not refusals:
        raise FileError("no_rows")
    columns = zip(*rows, strict=True) if rows else iter([()] * wide)
    return Sheet(numbers, dict(zip(written, columns, strict=True)), written, refusals)


def _decoded(content: bytes) -> io.StringIO:
    if len(content) > MAX_BYTES:
        raise FileError("too_big", megabytes=MAX_BYTES // 1_000_000)
    if not content.removeprefix(BOM).strip():
        raise FileError("empty")
    if b"\0" in content:
        raise FileError("not_text")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        # With the mark of UTF-8 it claims to be that; as anything else its letters would come out wrong.
        if content.startswith(BOM):
            raise FileError("not_text") from None
        try:
            text = content.decode("cp1252")
        except UnicodeDecodeError:
            raise FileError("not_text") from None
    return io.StringIO(text, newline="")


def _delimiter(lines: io.StringIO) -> str:
    first = lines.readline()
    lines.seek(0)
    return delimiter_of(first)


def delimiter_of(first_line: str) -> str:
    """Whichever parts the heading row into more cells."""
    return max(DELIMITERS, key=first_line.count)


def known_headings(
    cells: list[str], kind: str, headings: Mapping[str, str], required: Collection[str]
) -> dict[str, str]:
    """The kind's heading of each column of the file, and how it is written there. Empty columns at the end, a habit of
    spreadsheets, don't count."""
    given = [cell.strip() for cell in cells]
    while given and not given[-1]:
        given.pop()
    if not given:
        raise FileError("no_headings")
    found: dict[str, str] = {}
    for cell in given:
        heading = headings.get(same_heading(cell))
        if heading is None:
            known = ", ".join(dict.fromkeys(headings.values()))
            raise FileError("unknown_heading", value=cell[:_SHOWN], kind=kind, columns=known)
        if heading in found:
            raise FileError("duplicate_heading", value=cell)
        found[heading] = same_heading(cell)
    for heading in required:
        if heading not in found:
            raise FileError("missing_heading", value=heading)
    return found


def _records(lines: io.StringIO, refusals: list[Refusal]) -> Iterator[tuple[int, list[str]]]:
    """The records with their row numbers, the first being the headings. What follows an unreadable one can't be
    trusted."""
    reader = csv.reader(lines, delimiter=_delimiter(lines), strict=True)
    try:
        yield 1, next(reader)
    except (StopIteration, csv.Error):
        return
    row = 1
    while True:
        row += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            refusals.append(Refusal(row, "", "feeds.row.malformed", {}))
            return
        yield row, cells
