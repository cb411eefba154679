"""What was sent: one XML file, or a zip of many that are read one at a time and never written anywhere."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from selfcare_app.services.feeds.invoices import xml
from selfcare_app.services.feeds.invoices.xml import Unfit

MAX_ZIP_BYTES = 200_000_000
MAX_ENTRIES = 20_000
MAX_UNPACKED = 2_000_000_000
"""Of all files in a zip together."""
MAX_RATIO = 250
"""How many times larger than packed a file may be. Invoices with thousands of lines alike come to about 60."""
SMALL = 1_000_000
"""What is smaller than this is no bomb, however well it packs."""
_ZIP = b"PK\x03\x04"
_EMPTY_ZIP = b"PK\x05\x06"
_ENCRYPTED = 0x1
_OFFICE = "[Content_Types].xml"
_LEFT_BY_SYSTEMS = re.compile(r"(^|/)(__MACOSX/|\._|\.DS_Store$|Thumbs\.db$|desktop\.ini$)", re.IGNORECASE)
_LEADS_ELSEWHERE = re.compile(r"^[/\\]|^[A-Za-z]:|(^|[/\\])\.\.([/\\]|$)")


@dataclass(frozen=True, slots=True)
class File:
    """A file that was sent, or why it can't be read."""

    name: str
    """In a zip: the zip's name, a slash, and its name there."""
    content: bytes = b""
    unfit: Unfit | None = None


def unpack(name: str, content: bytes) -> Iterator[File]:
    """The file itself, or each file in the zip in its order. A zip that can't be taken as a whole is one file."""
    if not content.startswith((_ZIP, _EMPTY_ZIP)):
        yield File(name, content)
        return
    try:
        archive, entries = _opened(content)
    except Unfit as unfit:
        yield File(name, unfit=unfit)
        return
    with archive:
        for entry in entries:
            inner = f"{name}/{entry.filename}"
            try:
                yield File(inner, _unpacked(archive, entry))
            except Unfit as unfit:
                yield File(inner, unfit=unfit)


def _opened(content: bytes) -> tuple[zipfile.ZipFile, list[zipfile.ZipInfo]]:
    if len(content) > MAX_ZIP_BYTES:
        raise Unfit("zip_too_big", megabytes=MAX_ZIP_BYTES // 1_000_000)
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        entries = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError):
        raise Unfit("zip_broken") from None
    if any(entry.filename == _OFFICE for entry in entries):
        raise Unfit("office")
    entries = [entry for entry in entries if not entry.is_dir() and not _LEFT_BY_SYSTEMS.search(entry.filename)]
    if not entries:
        raise Unfit("zip_empty")
    if len(entries) > MAX_ENTRIES:
        raise Unfit("zip_too_many", most=MAX_ENTRIES)
    # What an entry says of its size is the most that is read of it.
    if sum(entry.file_size for entry in entries) > MAX_UNPACKED:
        raise Unfit("zip_unpacks_too_big", megabytes=MAX_UNPACKED // 1_000_000)
    return archive, entries


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    if _LEADS_ELSEWHERE.search(entry.filename) or not entry.filename.isprintable():
        raise Unfit("zip_name")
    if entry.flag_bits & _ENCRYPTED:
        raise Unfit("zip_encrypted")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise Unfit("zip_method")
    if entry.file_size > xml.MAX_BYTES:
        raise Unfit("too_big", megabytes=xml.MAX_BYTES // 1_000_000)
    if entry.file_size > SMALL and entry.file_size > MAX_RATIO * entry.compress_size:
        raise Unfit("zip_bomb", most=MAX_RATIO)
    try:
        with archive.open(entry) as file:
            # Never more than it says, whatever lies in it: without a number all of it would be unpacked at once.
            content = file.read(entry.file_size + 1)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, zlib.error, EOFError, OSError, ValueError):
        raise Unfit("zip_entry_broken") from None
    if content.startswith((_ZIP, _EMPTY_ZIP)):
        raise Unfit("zip_nested")
    return content
