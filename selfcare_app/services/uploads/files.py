"""The files that an upload gives: template, the file back with what is wrong, what would change, what came of it."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from sqlmodel import Session as DatabaseSession

from selfcare_app.locales import text
from selfcare_app.services.access import Actor
from selfcare_app.services.spreadsheet_forms import Form, FormColumn, write_form
from selfcare_app.services.spreadsheets import write_xlsx
from selfcare_app.services.uploads.kind import Plan, UploadKind
from selfcare_app.services.uploads.reading import heading
from selfcare_app.services.workbooks import is_workbook
from selfcare_app.specs.uploads import PROBLEMS, UploadSpec

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_PROBLEMS_WIDTH = 60


@dataclass(frozen=True, slots=True)
class File:
    """A file on its way."""

    name: str
    media_type: str
    content: bytes


def template(db: DatabaseSession, actor: Actor, kind: UploadKind) -> File:
    """The present values, lists to choose from, and a sheet that says how it is filled in."""
    title = text(actor.language, f"{kind.spec.texts}.sheet")
    content = _form(db, actor, kind, kind.spec.columns, enumerate(kind.template(db, actor), 2))
    return File(f"{title} {actor.today.isoformat()}.xlsx", XLSX, content)


def problems(
    db: DatabaseSession, actor: Actor, kind: UploadKind, file_name: str, kept: Mapping[str, Any], plan: Plan
) -> File:
    """The rows as they came and where they stood, with what is wrong beside them: to be put right and sent again."""
    said: dict[int, list[str]] = {}
    for problem in plan.problems:
        name = f"{heading(actor.language, problem.column)}: " if problem.column else ""
        said.setdefault(problem.row, []).append(name + problem.sentence(actor.language))
    rows = [(number, [*cells, " ".join(said.pop(number, ()))]) for number, cells in kept["rows"]]
    # Rows that couldn't be read have no cells of their own to show.
    blank = [""] * len(kept["columns"])
    rows += [(number, [*blank, " ".join(sentences)]) for number, sentences in said.items()]
    columns = [kind.spec.column(key) for key in kept["columns"]]
    content = _form(db, actor, kind, columns, sorted(rows, key=lambda row: row[0]), extra=PROBLEMS)
    return File(_named(file_name, text(actor.language, "uploads.files.problems")), XLSX, content)


def preview(language: str, kind: UploadKind, file_name: str, plan: Plan) -> File:
    """Every row with what would happen, field by field."""
    rows = []
    for row in plan.rows:
        outcome = text(language, f"uploads.outcomes.{row.outcome.value}")
        for field in row.fields:
            rows.append([row.row, row.label, outcome, heading(language, field.column), field.before, field.after])
        if not row.fields:
            rows.append([row.row, row.label, outcome, "", "", ""])
    headings = [
        text(language, f"uploads.files.{key}") for key in ("row", "thing", "outcome", "field", "before", "after")
    ]
    return _table(language, kind.spec, file_name, "preview", headings, (8, 36, 14, 18, 32, 32), rows)


def result(
    language: str, kind: UploadKind, file_name: str, kept: Mapping[str, Any], outcomes: Mapping[int, str]
) -> File:
    """The rows as they came, with what came of each."""
    rows = [
        [number, *cells, text(language, f"uploads.outcomes.{outcomes[number]}") if number in outcomes else ""]
        for number, cells in kept["rows"]
    ]
    headings = [
        text(language, "uploads.files.row"),
        *(heading(language, key) for key in kept["columns"]),
        text(language, "uploads.files.outcome"),
    ]
    widths = [8, *(kind.spec.column(key).width for key in kept["columns"]), 14]
    return _table(language, kind.spec, file_name, "result", headings, widths, rows)


def original(file_name: str, content: bytes) -> File:
    """The file as it came."""
    return File(file_name, XLSX if is_workbook(content) else "text/csv; charset=utf-8", content)


def _form(
    db: DatabaseSession,
    actor: Actor,
    kind: UploadKind,
    columns: Sequence[Any],
    rows: Iterable[tuple[int, Sequence[str]]],
    extra: str = "",
) -> bytes:
    language, texts = actor.language, kind.spec.texts
    choices = kind.choices(db, actor)
    made = [
        FormColumn(
            heading(language, column.key),
            column.width,
            [text(language, key) for key in column.fixed] or choices.get(column.key, ()),
        )
        for column in columns
    ]
    if extra:
        made.append(FormColumn(heading(language, extra), _PROBLEMS_WIDTH))
    told = [text(language, f"{texts}.what"), *text(language, f"{texts}.instructions").strip().split("\n")]
    told += [
        f"{heading(language, column.key)}: {text(language, f'{texts}.columns.{column.key}')}"
        for column in kind.spec.columns
    ]
    return write_form(
        Form(
            sheet=text(language, f"{texts}.sheet"),
            columns=made,
            rows=rows,
            instructions=(text(language, "uploads.files.instructions"), told),
            lists=text(language, "uploads.files.lists"),
            said={
                "title": text(language, "uploads.files.not_in_list"),
                "text": text(language, "uploads.files.choose_from_list"),
            },
        )
    )


def _table(
    language: str,
    spec: UploadSpec,
    file_name: str,
    which: str,
    headings: Sequence[str],
    widths: Sequence[int],
    rows: Iterable[Sequence[Any]],
) -> File:
    made = io.BytesIO()
    name = text(language, f"uploads.files.{which}")
    write_xlsx(made, name, headings, widths, rows)
    return File(_named(file_name, name), XLSX, made.getvalue())


def _named(file_name: str, what: str) -> str:
    return f"{PurePath(file_name).stem} – {what.lower()}.xlsx"
