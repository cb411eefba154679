"""A list as a file (L2): every column the actor may see, in the list's order, in the actor's language."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import IO

from selfcare_app.locales import catalogue, text
from selfcare_app.services import clock, listing
from selfcare_app.services.access import Actor
from selfcare_app.services.spreadsheets import Value, csv_chunks, write_xlsx
from selfcare_app.specs.audit import change_words
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
    Cell.WORDS: 32,
    Cell.OBJECT: 32,
    Cell.GROUP: 32,
    Cell.IN_GROUP: 14,
    Cell.CHANGE: 64,
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
    values = ([_column(column, chunk, actor.language) for column in columns] for chunk in chunks)
    pieces = (
        csv_chunks(headings, values)
        if suffix == "csv"
        else _xlsx_pieces(title, headings, [column.cell for column in columns], values)
    )
    return Export(f"{title} {actor.today.isoformat()}.{suffix}", MEDIA_TYPES[suffix], pieces)


def _column(column: Column, chunk: listing.Chunk, language: str) -> Sequence[Value]:
    """What the cells of a column are in a file."""
    values = chunk.values[column.key]
    match column.cell:
        case Cell.CHOICE | Cell.STATUS:
            return _each(values, lambda value: text(language, f"{column.texts}.{value}") if value else "")
        case Cell.CODE:
            return _each(values, lambda value: catalogue(language).get(f"{column.texts}.{value}", str(value)))
        case Cell.WORDS | Cell.OBJECT if column.words is not None:
            words = column.words
            return _each(values, lambda value: words(language, value, None))
        case Cell.CHANGE:
            return [change_words(language, told) for told in values]
        case Cell.GROUPS:
            return [", ".join(names) for names in values]
        case Cell.DECIMAL | Cell.PRICE:
            return [value if value is None else value.normalize() for value in values]
        case Cell.PERIOD:
            return [period(value, last) for value, last in zip(values, chunk.also[column.key], strict=True)]
        case Cell.PHONE:
            return [national(value or "") for value in values]
        case Cell.MOMENT:
            return [clock.local(value).replace(tzinfo=None) if value else None for value in values]
        case _:
            return values


def _each(values: Sequence[str | None], shown: Callable[[str | None], str]) -> list[str]:
    """What each is shown as, asked once for each that is different."""
    texts = {value: shown(value) for value in set(values)}
    return [texts[value] for value in values]


def _xlsx_pieces(
    title: str, headings: list[str], cells: list[Cell], chunks: Iterable[Sequence[Sequence[Value]]]
) -> Iterator[bytes]:
    # A workbook is a zip whose directory comes last: it is written whole before the first piece goes.
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as file:
        workbook: IO[bytes] = file
        write_xlsx(
            workbook,  # type: ignore[arg-type]
            title,
            headings,
            [_WIDTHS[cell] for cell in cells],
            chain.from_iterable(zip(*chunk, strict=True) for chunk in chunks),
            {at: _FORMATS[cell] for at, cell in enumerate(cells) if cell in _FORMATS},
        )
        workbook.seek(0)
        while piece := workbook.read(_PIECE):
            yield piece
