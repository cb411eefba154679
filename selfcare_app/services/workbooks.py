"""Reading workbooks (xlsx) that nobody trusts, as plain rows of texts; knows nothing of telecom.

The workbook is opened by a child process (`workbook_child`) with limited memory and time. What comes back is JSON, and
is looked at like anything else from outside.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path, PurePath
from typing import IO, Any, cast

from selfcare_app.services.access import Refused

_CHILD = Path(__file__).with_name("workbook_child.py")
_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
"""First bytes of packed files: usual, empty and in several pieces."""
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""First bytes of workbooks before 2007, and of encrypted ones."""
_NAMES = frozenset({".xlsx", ".xlsm", ".xltx", ".xltm", ".xlsb", ".xls", ".xlt", ".ods"})
"""How files are called that say they are workbooks."""
_PATIENCE = 3
"""A machine that is busy: how much longer than its own time the child may take."""
_PIECE = 1 << 20
_AT_ONCE = threading.BoundedSemaphore(2)
"""Each may take as much memory as its limit says."""

Rows = list[tuple[int, list[str]]]
"""The sheet's own row numbers (1 is the first) and their cells. Empty rows are left out; all rows are equally long."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a workbook may be and take."""

    packed: int = 50_000_000
    """Bytes of the file."""
    unpacked: int = 400_000_000
    """Bytes of all its parts."""
    ratio: int = 200
    """How much larger a part may become when it is unpacked: sheets become ten to fifty times as large."""
    entries: int = 1_000
    """Parts."""
    rows: int = 200_000
    columns: int = 200
    memory: int = 1_000_000_000
    """Bytes of the child's address space."""
    seconds: int = 20
    """Of processor time."""
    answer: int = 300_000_000
    """Bytes that come back."""


LIMITS = Limits()


class WorkbookError(Refused):
    """The workbook can't be taken; the sentence says why, and what to do."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(f"workbooks.{key}", **values)


def is_workbook(content: bytes) -> bool:
    """Whether the bytes begin as a workbook's do, or as those of any other packed file."""
    return content.startswith((*_ZIP, _OLE))


def is_called_workbook(file_name: str) -> bool:
    """Whether the name says that it is a workbook."""
    return PurePath(file_name).suffix.lower() in _NAMES


def read(content: bytes, limits: Limits = LIMITS, sheets: Collection[str] = ()) -> Rows:
    """The rows of the workbook's one visible sheet that has any; where one bears a name in `sheets`, of that one.

    Cells are the texts a CSV file would hold: 2026-11-22, 10023, 229.9, TRUE; of a formula, the value that was worked
    out when the workbook was last saved. Hidden sheets are passed over. Raises WorkbookError for anything that is no
    such workbook, or holds macros, document types, error values, formulas without a value, cells far away, or more
    than the limits.
    """
    if len(content) > limits.packed:
        raise WorkbookError("too_big", megabytes=limits.packed // 1_000_000)
    if content.startswith(_OLE):
        raise WorkbookError("old_or_encrypted")
    if not content.startswith(_ZIP):
        raise WorkbookError("not_a_workbook")
    with _AT_ONCE:
        return _taken(_answer(content, limits, sheets))


def _answer(content: bytes, limits: Limits, sheets: Collection[str]) -> list[Any]:
    """What the child says, line by line."""
    # -I, and no environment: neither the portal's secrets nor anybody's start-up files reach it. Its descriptors
    # are the two pipes.
    with subprocess.Popen(  # noqa: S603  our own program; what nobody trusts comes through the pipe
        [sys.executable, "-I", str(_CHILD), json.dumps({**asdict(limits), "sheets": list(sheets)})],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={},
    ) as child:
        # It is killed whatever happens here: nobody waits for one that reads on for ever.
        patience = threading.Timer(limits.seconds * _PATIENCE, child.kill)
        giving = threading.Thread(target=_give, args=(child.stdin, content), daemon=True)
        try:
            patience.start()
            giving.start()
            said = b"".join(_limited(cast(IO[bytes], child.stdout), limits.answer))
            child.wait()
        finally:
            patience.cancel()
            child.kill()
            giving.join()
    lines = said.splitlines()
    if child.returncode != 0 or not lines:
        # Ended by a limit, by the kernel, or by a fault in reading: it can't say which.
        raise WorkbookError("too_heavy")
    try:
        return [json.loads(line) for line in lines]
    except ValueError:
        raise WorkbookError("damaged") from None


def _give(pipe: IO[bytes], content: bytes) -> None:
    # A child that has seen enough, or is dead, reads no more.
    with suppress(OSError), pipe:
        pipe.write(content)


def _limited(pipe: IO[bytes], most: int) -> Iterator[bytes]:
    while piece := pipe.read(_PIECE):
        most -= len(piece)
        if most < 0:
            raise WorkbookError("too_heavy")
        yield piece


def _taken(lines: list[Any]) -> Rows:
    """The rows of the answer, when it is one."""
    *pieces, last = lines
    if isinstance(last, dict) and "refused" in last:
        raise WorkbookError(last["refused"], **last["values"])
    if last != {"done": True}:
        raise WorkbookError("damaged")
    rows: Rows = []
    for piece in pieces:
        for number, cells in piece["rows"]:
            if type(number) is not int or not all(type(cell) is str for cell in cells):
                raise WorkbookError("damaged")
            rows.append((number, cells))
    return rows
