"""A list as a file (L2): every column the actor may see, in the list's order, in the actor's language."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO

from selfcare_app.locales import catalogue, text
from selfcare_app.services import clock, listing
from selfcare_app.services.access import Actor
from selfcare_app.services.spreadsheets import Value, csv_chunks, write_xlsx
from selfcare_app.specs.lists import Cell, Column, ListSpec
from selfcare_app.specs.phones import national
from selfcare_app.specs.queries import ListQuery
from selfcare_app.specs.text import period

MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_WIDTHS = {
    Cell.LINK: 18,
    Cell.REFERENCE: 32,
    Cell.TEXT: 32,
    Cell.CHOICE: 18,
    Cell.STATUS: 12,
    Cell.DATE: 12,
    Cell.PERIOD: 18,
    Cell.MOMENT: 18,
    Cell.COUNT: 14,
    Cell.CODE: 10,
    Cell.PRICE: 12,
    Cell.DECIMAL: 12,
    Cell.MONEY: 14,
    Cell.EMAIL: 32,
    Cell.PHONE: 18,
    Cell.GROUPS: 48,
}
_FORMATS = {Cell.MONEY: "#,##0.00", Cell.MOMENT: "yyyy-mm-dd hh:mm"}
_PIECE = 64 * 1024
_IN_MEMORY = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Export:
    """A file on its way: its name, its type and its bytes in pieces."""

    file_name: str
    media_type: str
    pieces: Iterator[bytes]


def export(actor: Actor, spec: ListSpec, query: ListQuery, suffix: str) -> Export:
    """The file of a list. Refuses with Forbidden before the first byte; `suffix` is a key of MEDIA_TYPES."""
    chunks = listing.export(actor, spec, query)
    columns = listing.columns_of(actor, spec)
    title = text(actor.language, f"{spec.texts}.title")
    headings = [text(actor.language, f"lists.columns.{column.key}") for column in columns]
    values = ([_values(row, columns, actor.language) for row in chunk] for chunk in chunks)
    pieces = (
        csv_chunks(headings, values)
        if suffix == "csv"
        else _xlsx_pieces(title, headings, [column.cell for column in columns], values)
    )
    return Export(f"{title} {actor.today.isoformat()}.{suffix}", MEDIA_TYPES[suffix], pieces)


def _values(row: listing.Row, columns: tuple[Column, ...], language: str) -> list[Value]:
    return [_value(column, row, language) for column in columns]


def _value(column: Column, row: listing.Row, language: str) -> Value:
    value = row.values[column.key]
    match column.cell:
        case Cell.CHOICE | Cell.STATUS:
            return text(language, f"{column.texts}.{value}") if value else ""
        case Cell.CODE:
            return catalogue(language).get(f"{column.texts}.{value}", str(value))
        case Cell.GROUPS:
            return ", ".join(value)
        case Cell.DECIMAL | Cell.PRICE:
            return value if value is None else value.normalize()
        case Cell.PERIOD:
            return period(value, row.also[column.key])
        case Cell.PHONE:
            return national(value or "")
        case Cell.MOMENT:
            return clock.local(value).replace(tzinfo=None) if value else None
        case _:
            return value  # type: ignore[no-any-return]


def _xlsx_pieces(
    title: str, headings: list[str], cells: list[Cell], chunks: Iterable[list[list[Value]]]
) -> Iterator[bytes]:
    # A workbook is a zip whose directory comes last: it is written whole before the first piece goes.
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as file:
        workbook: IO[bytes] = file
        write_xlsx(
            workbook,  # type: ignore[arg-type]
            title,
            headings,
            [_WIDTHS[cell] for cell in cells],
            (row for chunk in chunks for row in chunk),
            {at: _FORMATS[cell] for at, cell in enumerate(cells) if cell in _FORMATS},
        )
        workbook.seek(0)
        while piece := workbook.read(_PIECE):
            yield piece
