"""Writing xlsx and CSV fast and safely; knows nothing of telecom."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any, BinaryIO

from rustpy_xlsxwriter import Format, write_worksheet

Value = str | int | Decimal | date | datetime | None
"""A cell; a datetime is shown as it stands, so it is given in local time and without a zone."""
BOM = "\ufeff"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_FORBIDDEN_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_FORBIDDEN_IN_SHEET_NAME = re.compile(r"[\[\]:*?/\\]")
_KNOWN_CELLS = 10_000
"""Of a column, that are kept at most before the next chunk."""
MAX_CELL = 32_767
"""Characters an Excel cell holds."""


def csv_chunks(headings: Sequence[str], chunks: Iterable[Sequence[Sequence[Value]]]) -> Iterator[bytes]:
    """CSV as Swedish Excel opens it (L2): UTF-8 with BOM, semicolon, decimal comma, ISO dates. One piece per chunk,
    which is given column by column."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n")
    buffer.write(BOM)
    writer.writerow([_csv_cell(heading) for heading in headings])
    known = [_Cells() for _ in headings]
    for chunk in chunks:
        writer.writerows(zip(*(cells.of(values) for cells, values in zip(known, chunk, strict=True)), strict=True))
        yield buffer.getvalue().encode()
        buffer.seek(0)
        buffer.truncate()
    if buffer.tell():
        yield buffer.getvalue().encode()


class _Cells(dict[Value, str]):
    """Cells by what they hold: of most columns, many rows hold the same."""

    def of(self, values: Sequence[Value]) -> Iterable[str]:
        """The cells of a column, which holds values of one kind."""
        if len(self) > _KNOWN_CELLS:
            self.clear()
        first = next((value for value in values if value is not None), None)
        # 1.5 and 1.50 are equal, and not the same cell.
        return map(_csv_cell if isinstance(first, Decimal) else self.__getitem__, values)

    def __missing__(self, value: Value) -> str:
        cell = self[value] = _csv_cell(value)
        return cell


def _csv_cell(value: Value) -> str:
    """Texts that a spreadsheet would take for a formula get an apostrophe; numbers stay numbers, negative too (L2)."""
    if isinstance(value, str):
        return "'" + value if value.startswith(_FORMULA) else value
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:f}".replace(".", ",")
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    return value.isoformat() if isinstance(value, date) else str(value)


def write_xlsx(
    target: BinaryIO,
    sheet: str,
    headings: Sequence[str],
    widths: Sequence[int],
    rows: Iterable[Sequence[Value]],
    formats: Mapping[int, str] = MappingProxyType({}),
) -> None:
    """A real workbook with one sheet, heading row frozen and bold. Texts are text cells and never formulas.

    `rows` is read once, row by row. `widths` are in characters; `formats` are Excel's, by the column's place.
    """
    names = _unlike(headings)
    records: Any = ({name: _xlsx_cell(value) for name, value in zip(names, row, strict=True)} for row in rows)
    first = next(records, None)
    write_worksheet(
        _with_first(first, records) if first is not None else [dict.fromkeys(names)],
        target,
        sheet_name=sheet_name(sheet),
        freeze_row=1,
        bold_headers=True,
        column_widths=[float(width) for width in widths],
        datetime_format="yyyy-mm-dd",
        column_formats={names[at]: Format().set_num_format(said) for at, said in formats.items()},
        header_format=Format().set_bold(),
    )


def sheet_name(name: str) -> str:
    """The name as Excel takes it."""
    return _FORBIDDEN_IN_SHEET_NAME.sub(" ", name)[:31]


def plain_cell(value: str) -> str:
    """The text as a cell holds it."""
    return _FORBIDDEN_IN_XML.sub(" ", value)[:MAX_CELL]


def _with_first(first: Any, rest: Iterable[Any]) -> Iterator[Any]:
    yield first
    yield from rest


def _unlike(headings: Sequence[str]) -> list[str]:
    """The writer names columns by heading: two alike get a blank more."""
    seen: set[str] = set()
    names = []
    for heading in headings:
        while heading in seen:
            heading += " "
        seen.add(heading)
        names.append(heading)
    return names


def _xlsx_cell(value: Value) -> Any:
    if isinstance(value, str):
        return plain_cell(value)
    return float(value) if isinstance(value, Decimal) else value
