"""From the bytes of an uploaded file to rows under known columns, and back to a file with them."""

from __future__ import annotations

from typing import Any

from selfcare_app.locales import LANGUAGES, text
from selfcare_app.services.feeds import table
from selfcare_app.services.feeds.cells import CellError, clean
from selfcare_app.services.feeds.kind import same_heading
from selfcare_app.services.uploads.kind import Problem, Table
from selfcare_app.services.workbooks import Limits, WorkbookError
from selfcare_app.specs.uploads import PROBLEMS, UploadSpec

MAX_BYTES = 10_000_000
LIMITS = Limits(packed=MAX_BYTES, unpacked=150_000_000, rows=50_000, columns=50, seconds=15, answer=100_000_000)
"""What people fill in by hand, and what comes from their own systems; whole inventories come by the feeds."""
MOST_ROWS = LIMITS.rows - 1
Read = dict[str, Any]
"""What is kept of a file: `columns` (keys in its order), `rows` ([number, cells] each), `problems`."""


def read(language: str, spec: UploadSpec, file_name: str, content: bytes) -> Read:
    """The rows of an Excel or CSV file, headings in either language. Raises WorkbookError or FileError with one
    sentence for what is no such file."""
    if len(content) > MAX_BYTES:
        raise WorkbookError("too_big", megabytes=MAX_BYTES // 1_000_000)
    named = {key: heading(language, key) for key in (*(column.key for column in spec.columns), PROBLEMS)}
    sheet = table.read(
        file_name,
        content,
        kind=text(language, f"{spec.texts}.kind"),
        headings={same_heading(heading(each, key)): named[key] for key in named for each in LANGUAGES},
        required=[named[column.key] for column in spec.columns if column.required],
        limits=LIMITS,
        sheets=[text(each, f"{spec.texts}.sheet") for each in LANGUAGES],
    )
    if len(sheet.rows) > MOST_ROWS:
        raise WorkbookError("too_many_rows", most=MOST_ROWS)
    keys = {name: key for key, name in named.items()}
    columns = {keys[name]: cells for name, cells in sheet.columns.items() if keys[name] != PROBLEMS}
    return {
        "columns": list(columns),
        "rows": [
            [number, list(cells)] for number, cells in zip(sheet.rows, zip(*columns.values(), strict=True), strict=True)
        ],
        "problems": [[refusal.row, refusal.key, refusal.values] for refusal in sheet.refusals],
    }


def heading(language: str, key: str) -> str:
    """The heading of a column."""
    return text(language, f"uploads.columns.{key}")


def table_of(spec: UploadSpec, kept: Read) -> Table:
    """The kept rows with every cell looked at: clean, and of what may stand in its column."""
    numbers = [number for number, _ in kept["rows"]]
    problems = [Problem(row, "", key, values) for row, key, values in kept["problems"]]
    columns: dict[str, list[str]] = {}
    for column in spec.columns:
        if column.key not in kept["columns"]:
            columns[column.key] = [""] * len(numbers)
            continue
        place = kept["columns"].index(column.key)
        texts = [cells[place] for _, cells in kept["rows"]]
        known = {each: _value(each, column.fixed) for each in set(texts)}
        values = []
        for number, each in zip(numbers, texts, strict=True):
            value = known[each]
            if isinstance(value, CellError):
                problems.append(Problem(number, column.key, value.key, value.values))
                value = ""
            values.append(value)
        columns[column.key] = values
    return Table(numbers, columns, frozenset(kept["columns"]), problems)


def _value(cell: str, fixed: tuple[str, ...]) -> str | CellError:
    """The cell as people mean it; of a fixed word its key."""
    try:
        value = clean(cell)
        if not fixed or not value:
            return value
        words = {text(language, key).casefold(): key for key in fixed for language in LANGUAGES}
        if value.casefold() not in words:
            raise CellError("choice", value=value, allowed=fixed)
        return words[value.casefold()]
    except CellError as unfit:
        return unfit
