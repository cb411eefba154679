"""The process that opens a workbook nobody trusts: limited in memory, time and files, it writes plain rows and ends.

`workbooks` starts it by its path, without the portal's environment. It imports nothing of the portal's.
"""

from __future__ import annotations

import io
import json
import re
import resource
import sys
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

ROWS_PER_LINE = 1_000
_PIECE = 1 << 20
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 0x1
_MARKUP = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_ENCODING = re.compile(rb"<\?xml[^>]*?encoding\s*=\s*[\"']([^\"']*)")
_UTF8 = frozenset({b"utf-8", b"utf8", b"us-ascii", b"ascii"})
_UTF8_BOM = b"\xef\xbb\xbf"
# Columns from AAA on and rows from 1,000,000 on: one such cell makes a sheet of thousands of millions. As Excel
# writes it; written otherwise it is stopped by the limit on memory, which can't name the cell.
_FAR = re.compile(rb'r="([A-Z]{3}[0-9]+|[A-Z]*[0-9]{7,})"')
_CELL = rb"<(?:\w+:)?c\b([^>]*)>"
_ERROR = re.compile(rb"<(?:\w+:)?c\b([^>]*\bt\s*=\s*[\"']e[\"'][^>]*)>")
_UNCALCULATED = re.compile(
    _CELL + rb"\s*<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)\s*"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>|</(?:\w+:)?c>)"
)
_PLACE = re.compile(rb"\br\s*=\s*[\"']([A-Za-z]+[0-9]+)[\"']")
_TEXT_RESULT = re.compile(rb"\bt\s*=\s*[\"']str[\"']")
_WHOLE = 1e15
"""Spreadsheets keep fifteen digits: a larger number has lost some."""


class Refuse(Exception):
    """The workbook can't be taken; the key names the sentence in locales."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key)
        self.key = key
        self.filled_with = values


def main() -> None:
    """Limit this process, read the workbook from standard input, write rows or the refusal."""
    limits = json.loads(sys.argv[1])
    confine(limits)
    try:
        content = sys.stdin.buffer.read()
        # Imported when memory is limited already.
        from python_calamine import CalamineError, CalamineWorkbook

        check(content, limits)
        try:
            for piece in rows(CalamineWorkbook.from_filelike(io.BytesIO(content)), limits):
                say(piece)
        except CalamineError:
            raise Refuse("damaged") from None
        say({"done": True})
    except Refuse as refused:
        say({"refused": refused.key, "values": refused.filled_with})
    except MemoryError:
        say({"refused": "too_heavy", "values": {}})


def confine(limits: dict[str, Any]) -> None:
    """No more memory and time than given, nothing written to disk, no core."""
    resource.setrlimit(resource.RLIMIT_AS, (limits["memory"], limits["memory"]))
    resource.setrlimit(resource.RLIMIT_CPU, (limits["seconds"], limits["seconds"]))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def say(what: Any) -> None:
    """One line of JSON."""
    sys.stdout.buffer.write(json.dumps(what, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n")
    sys.stdout.buffer.flush()


def check(content: bytes, limits: dict[str, Any]) -> None:
    """Look through every part before anything is opened: what it unpacks to, and what stands in it."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            _check_entries(entries, limits)
            left = limits["unpacked"]
            is_workbook = False
            for entry in entries:
                part = _unpacked(archive, entry, left, limits["ratio"])
                left -= len(part)
                if entry.filename.lower() == "[content_types].xml":
                    is_workbook = b"spreadsheetml.sheet.main+xml" in part
                    if b"macroenabled" in part.lower():
                        raise Refuse("macros")
                _check_part(entry.filename.lower(), part)
    except (Refuse, MemoryError):
        raise
    except Exception:
        # A broken archive brings about errors of many kinds, zlib's and struct's among them.
        raise Refuse("damaged") from None
    if not is_workbook:
        raise Refuse("not_a_workbook")


def _check_entries(entries: list[zipfile.ZipInfo], limits: dict[str, Any]) -> None:
    if len(entries) > limits["entries"]:
        raise Refuse("too_many_parts", most=limits["entries"])
    names = [entry.filename.lower() for entry in entries]
    if any(name.endswith("vbaproject.bin") or name.startswith("xl/macrosheets/") for name in names):
        raise Refuse("macros")
    if "[content_types].xml" not in names or "xl/workbook.bin" in names:
        raise Refuse("not_a_workbook")
    if any(entry.flag_bits & _ENCRYPTED for entry in entries):
        raise Refuse("encrypted")
    # Two parts of one name: what is checked might not be what is read.
    if len(set(names)) < len(names) or any(entry.compress_type not in _METHODS for entry in entries):
        raise Refuse("damaged")


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, most: int, ratio: int) -> bytes:
    """The part, unpacked piece by piece: what the archive says of its size is not believed."""
    if entry.file_size > most:
        raise Refuse("bomb")
    # Little ones may be as repetitive as they like.
    most = min(most, max(_PIECE, entry.compress_size * ratio))
    pieces: list[bytes] = []
    size = 0
    with archive.open(entry) as file:
        while piece := file.read(_PIECE):
            size += len(piece)
            if size > most:
                raise Refuse("bomb")
            pieces.append(piece)
    return b"".join(pieces)


def _check_part(name: str, part: bytes) -> None:
    """No document type, no entities, one encoding; no cell far away, no value that would be lost in silence."""
    if name.startswith("xl/media/"):
        return
    start = part[:400].removeprefix(_UTF8_BOM).lstrip()
    if name.endswith((".xml", ".rels")) or start.startswith(b"<"):
        declared = _ENCODING.match(start)
        if b"\0" in part or (declared and declared.group(1).strip().lower() not in _UTF8):
            raise Refuse("encoding")
        if _MARKUP.search(part):
            raise Refuse("dtd")
    if name.startswith("xl/worksheets/") and name.endswith(".xml"):
        _check_sheet(part)


def _check_sheet(part: bytes) -> None:
    far = _FAR.search(part)
    if far:
        raise Refuse("far_cell", cell=far.group(1).decode()[:20])
    # The values are looked for first: the patterns take long, and most sheets have neither.
    error = _ERROR.search(part) if b'"e"' in part or b"'e'" in part else None
    if error:
        raise Refuse("error_value", cell=_place(error.group(1)))
    for found in _UNCALCULATED.finditer(part) if b"<f" in part or b":f" in part else ():
        if not _TEXT_RESULT.search(found.group(1)):
            raise Refuse("formula", cell=_place(found.group(1)))


def _place(attributes: bytes) -> str:
    found = _PLACE.search(attributes)
    return found.group(1).decode() if found else "?"


def rows(workbook: Any, limits: dict[str, Any]) -> Iterator[dict[str, list[Any]]]:
    """The rows of the one visible sheet with content, with their numbers, many at a time. A sheet that has one of the
    names asked for is the one: a template has instructions beside it."""
    if not workbook.sheets_metadata:
        raise Refuse("damaged")
    found: tuple[str, list[Any]] | None = None
    wanted = {sheet.name for sheet in workbook.sheets_metadata} & set(limits.get("sheets", ()))
    for index, sheet in enumerate(workbook.sheets_metadata):
        if wanted and sheet.name not in wanted:
            continue
        if not str(sheet.typ).endswith(".WorkSheet") or not str(sheet.visible).endswith(".Visible"):
            continue
        content = _rows_of(workbook.get_sheet_by_index(index), limits)
        if content and found:
            raise Refuse("several_sheets", first=_name(found[0]), second=_name(sheet.name))
        if content:
            found = sheet.name, content
    if found is None:
        raise Refuse("empty")
    for at in range(0, len(found[1]), ROWS_PER_LINE):
        yield {"rows": found[1][at : at + ROWS_PER_LINE]}


def _name(name: str) -> str:
    """A sheet's name, which in Excel has at most 31 characters."""
    return "".join(character if character.isprintable() else " " for character in name[:31])


def _rows_of(sheet: Any, limits: dict[str, Any]) -> list[Any]:
    if sheet.start is None:
        return []
    if sheet.height > limits["rows"]:
        raise Refuse("too_many_rows", most=limits["rows"])
    if sheet.width > limits["columns"]:
        raise Refuse("too_many_columns", most=limits["columns"])
    first = sheet.start[0] + 1
    made = []
    for number, values in enumerate(sheet.to_python(skip_empty_area=True), first):
        cells = [value if type(value) is str else text(value) for value in values]
        if any(cells):
            made.append((number, cells))
    return made


def text(value: object) -> str:
    """A cell as a CSV file would hold it: 2026-11-22, 10023, 229.9, TRUE."""
    if isinstance(value, float):
        # Not 0.30000000000000004: what the spreadsheet shows.
        return str(int(value)) if value.is_integer() and abs(value) < _WHOLE else f"{value:.15g}"
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, datetime):
        return value.isoformat(" ") if value.time() != time.min else value.date().isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        minutes, seconds = divmod(int(value.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    return str(value)


if __name__ == "__main__":
    main()
