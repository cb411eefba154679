"""Writing workbooks that are made to be filled in and sent back: lists to choose from, a sheet that says how; knows
nothing of telecom.

The fast writer of `spreadsheets` can't make lists to choose from, so these few files are openpyxl's.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet
from openpyxl.worksheet.datavalidation import DataValidation

from selfcare_app.services.spreadsheets import plain_cell, sheet_name

_TEXT = "@"
"""Excel's format for text: 10023 and 2026-11 stay as they are written."""
_LAST_ROW = 1_048_576


@dataclass(frozen=True, slots=True)
class FormColumn:
    """A column of the form: its heading and width, and what may be chosen in it."""

    heading: str
    width: int
    choices: Sequence[str] = ()
    strict: bool = True
    """Whether Excel refuses anything that isn't among the choices."""


@dataclass(frozen=True, slots=True)
class Form:
    """A workbook to fill in. Every cell is text."""

    sheet: str
    columns: Sequence[FormColumn]
    rows: Iterable[tuple[int, Sequence[str]]]
    """With their row numbers, which rise; the heading row is 1."""
    instructions: tuple[str, Sequence[str]] = ("", ())
    """Name and lines of the sheet that says how it is filled in."""
    lists: str = "Lists"
    """Name of the hidden sheet with what can be chosen."""
    said: Mapping[str, str] = field(default_factory=dict)
    """Title and text when Excel refuses what isn't among the choices: `title`, `text`."""


def write_form(form: Form) -> bytes:
    """The workbook. No cell of it can become a formula."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(sheet_name(form.sheet))
    sheet.freeze_panes = "A2"
    for place, column in enumerate(form.columns, 1):
        dimension = sheet.column_dimensions[get_column_letter(place)]
        dimension.width = column.width
        dimension.number_format = _TEXT
    _offer(book, sheet, form)
    sheet.append([_cell(sheet, column.heading, bold=True) for column in form.columns])
    # A row is written when it is appended: one cell for each column serves them all.
    blank = [_cell(sheet, "") for _ in form.columns]
    last = 1
    for number, cells in form.rows:
        for _ in range(last + 1, number):
            sheet.append([])
        sheet.append([_filled(cell, text) if text else None for cell, text in zip(blank, cells, strict=True)])
        last = number
    title, lines = form.instructions
    if lines:
        told = book.create_sheet(sheet_name(title))
        told.column_dimensions["A"].width = 100
        for at, line in enumerate(lines):
            told.append([_cell(told, line, bold=at == 0, wrapped=True)])
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def _offer(book: Workbook, sheet: WriteOnlyWorksheet, form: Form) -> None:
    """What can be chosen stands in a hidden sheet: in a rule of its own it could be no longer than 255 characters."""
    offered = [(place, column) for place, column in enumerate(form.columns, 1) if column.choices]
    if not offered:
        return
    name = sheet_name(form.lists)
    for at, (place, column) in enumerate(offered, 1):
        letter, source = get_column_letter(place), get_column_letter(at)
        rule = DataValidation(
            type="list",
            formula1=f"'{name}'!${source}$1:${source}${len(column.choices)}",
            allow_blank=True,
            showErrorMessage=column.strict,
            errorTitle=form.said.get("title"),
            error=form.said.get("text"),
            sqref=f"{letter}2:{letter}{_LAST_ROW}",
        )
        sheet.data_validations.append(rule)
    lists = book.create_sheet(name)
    lists.sheet_state = "hidden"
    longest = max(len(column.choices) for _, column in offered)
    for row in range(longest):
        lists.append(
            [_cell(lists, column.choices[row]) if row < len(column.choices) else None for _, column in offered]
        )


def _cell(sheet: WriteOnlyWorksheet, value: str, *, bold: bool = False, wrapped: bool = False) -> WriteOnlyCell:
    cell = _filled(WriteOnlyCell(sheet), value)
    cell.number_format = _TEXT
    if bold:
        cell.font = Font(bold=True)
    if wrapped:
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    return cell


def _filled(cell: WriteOnlyCell, value: str) -> WriteOnlyCell:
    cell.value = plain_cell(value)
    # Whatever it begins with, it is a text.
    cell.data_type = "s"
    return cell
