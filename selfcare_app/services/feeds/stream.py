"""Reading a fed file of any size: its rows one by one, in constant memory, whatever the bytes are."""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import shutil
import tempfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from typing import BinaryIO, cast

from selfcare_app.services import workbooks
from selfcare_app.services.feeds.report import Refusal, Refusals
from selfcare_app.services.feeds.table import BOM, FileError, delimiter_of, known_headings

PIECE = 1 << 20
"""Bytes looked at at a time."""
MOST_CHARACTERS = 1_000_000
"""In one row. A quotation mark that is never closed would make one row of all that follows."""
_NOT_WINDOWS_1252 = (b"\x81", b"\x8d", b"\x8f", b"\x90", b"\x9d")
"""Bytes that mean nothing there."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a first pass over the bytes tells."""

    encoding: str
    sha256: str
    """Hexadecimal."""


@contextmanager
def from_the_start(stream: BinaryIO) -> Iterator[BinaryIO]:
    """The stream at its beginning, or a copy on disk of one that can only be read once."""
    if stream.seekable():
        stream.seek(0)
        yield stream
        return
    with tempfile.TemporaryFile() as copy:
        shutil.copyfileobj(stream, copy, PIECE)
        copy.seek(0)
        yield cast(BinaryIO, copy)


def look(stream: BinaryIO) -> Look:
    """Read through the file once, for its encoding and its hash; then it is at its beginning again.

    Raises FileError for what is no text of UTF-8 or Windows-1252, or empty.
    """
    hashed = hashlib.sha256()
    utf8 = codecs.getincrementaldecoder("utf-8")()
    is_utf8, is_windows, has_content = True, True, False
    first = b""
    while piece := stream.read(PIECE):
        if not first:
            first = piece
            if workbooks.is_workbook(first):
                raise FileError("only_csv")
        if b"\0" in piece:
            raise FileError("not_text")
        hashed.update(piece)
        has_content = has_content or bool((piece.removeprefix(BOM) if piece is first else piece).strip())
        is_windows = is_windows and not any(byte in piece for byte in _NOT_WINDOWS_1252)
        try:
            is_utf8 = is_utf8 and utf8.decode(piece) is not None
        except UnicodeDecodeError:
            is_utf8 = False
    try:
        is_utf8 = is_utf8 and utf8.decode(b"", final=True) is not None
    except UnicodeDecodeError:
        is_utf8 = False
    if not has_content:
        raise FileError("empty")
    # With the mark of UTF-8 it claims to be that; as anything else its letters would come out wrong.
    if not is_utf8 and (not is_windows or first.startswith(BOM)):
        raise FileError("not_text")
    stream.seek(0)
    return Look("utf-8-sig" if is_utf8 else "cp1252", hashed.hexdigest())


@contextmanager
def text_of(stream: BinaryIO, encoding: str) -> Iterator[io.TextIOWrapper]:
    """The stream as text with its own line ends; afterwards the stream is still open."""
    text = io.TextIOWrapper(stream, encoding, newline="")
    try:
        yield text
    finally:
        text.detach()


class _TooLong(Exception):
    """A row has no end."""


class Rows:
    """The rows of a CSV file with `;` or `,` below its heading row, each with the file's own row number and as many
    cells as there are columns; those that can't be read go to `refusals`. Rows without any content are passed over;
    cells missing at the end are empty.

    `headings` gives the kind's heading for each that may be written (`same_heading`). Raises FileError for headings
    that are unknown, missing or double, and while reading for what turns out to be no text. What follows a row that
    can't be read isn't read: it can't be trusted.
    """

    def __init__(
        self,
        text: io.TextIOWrapper,
        refusals: Refusals,
        *,
        kind: str,
        headings: Mapping[str, str],
        required: Collection[str],
    ) -> None:
        self._refusals = refusals
        self._text = text
        self._characters = 0
        first = self._text.readline(MOST_CHARACTERS)
        lines = chain([first], self._lines())
        self._reader = csv.reader(lines, delimiter=delimiter_of(first), strict=True)
        try:
            cells = next(self._reader)
        except (StopIteration, csv.Error, _TooLong):
            raise FileError("no_headings") from None
        self.columns = tuple(known_headings(cells, kind, headings, required))
        """The kind's headings in the order of the file."""

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        wide = len(self.columns)
        row = 1
        try:
            for cells in self._reader:
                row += 1
                self._characters = 0
                if len(cells) != wide:
                    if any(cell.strip() for cell in cells[wide:]):
                        values: dict[str, object] = {"cells": len(cells), "columns": wide}
                        self._refusals.add(Refusal(row, "", "feeds.row.too_many_cells", values))
                        continue
                    cells = cells[:wide] + [""] * (wide - len(cells))
                if cells[0].strip() or "".join(cells).strip():
                    yield row, cells
        except csv.Error:
            self._refusals.add(Refusal(row + 1, "", "feeds.row.malformed", {}))
        except _TooLong:
            self._refusals.add(Refusal(row + 1, "", "feeds.row.endless", {"most": MOST_CHARACTERS}))
        except UnicodeDecodeError:  # the file has changed since it was looked at
            raise FileError("not_text") from None

    def _lines(self) -> Iterator[str]:
        readline = self._text.readline
        while line := readline(MOST_CHARACTERS):
            self._characters += len(line)
            if self._characters >= MOST_CHARACTERS:
                raise _TooLong
            yield line
