"""How the value of a column is drawn."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import reflex as rx

from selfcare_app.components.controls import status
from selfcare_app.components.native import GroupNames, link, plain_link
from selfcare_app.specs.lists import Cell, Column, ListSpec
from selfcare_app.state.frame import FrameState
from selfcare_app.state.rows import OTHER
from selfcare_app.state.shown import NO_BREAK_SPACE, quantity
from selfcare_app.state.texts import T

ALIGNED_RIGHT = frozenset({Cell.COUNT, Cell.IN_GROUP, Cell.PRICE, Cell.DECIMAL, Cell.MONEY})
BONES = {
    Cell.LINK: 2,
    Cell.REFERENCE: 3,
    Cell.TEXT: 3,
    Cell.CHOICE: 2,
    Cell.STATUS: 2,
    Cell.DATE: 2,
    Cell.PERIOD: 2,
    Cell.MOMENT: 2,
    Cell.COUNT: 1,
    Cell.CODE: 1,
    Cell.PRICE: 1,
    Cell.DECIMAL: 1,
    Cell.MONEY: 2,
    Cell.EMAIL: 3,
    Cell.PHONE: 2,
    Cell.GROUPS: 4,
    Cell.WORDS: 3,
    Cell.OBJECT: 3,
    Cell.GROUP: 3,
    Cell.IN_GROUP: 1,
    Cell.CHANGE: 4,
}
"""How wide the grey place for a value is until it is known."""
_ONE = quantity(Decimal(1))
_NUMBERS = frozenset(
    {Cell.DATE, Cell.PERIOD, Cell.MOMENT, Cell.COUNT, Cell.IN_GROUP, Cell.PRICE, Cell.DECIMAL, Cell.MONEY, Cell.PHONE}
)
_MAY_BE_CUT = frozenset({Cell.GROUPS, Cell.TEXT, Cell.REFERENCE, Cell.EMAIL, Cell.WORDS, Cell.OBJECT, Cell.CHANGE})


def classes(index: int, column: Column) -> str:
    """The classes of a column's cells and heading: its place, when it leaves on narrow screens, how it is aligned."""
    found = [f"c{index}"]
    if column.priority:
        found.append(f"p{column.priority}")
    if column.cell in ALIGNED_RIGHT:
        found.append("r")
    return " ".join(found)


def cell(spec: ListSpec, index: int, column: Column, row: Any) -> rx.Component:
    """The cell of a column in a row."""
    value = _said(column, row)
    drawn, kind = _drawn(column, value, row)
    if column.per:
        units = row[column.per]
        drawn = rx.fragment(drawn, rx.cond(units != _ONE, f"{NO_BREAK_SPACE}/{NO_BREAK_SPACE}" + units, ""))
    if column.beneath:
        drawn = rx.fragment(drawn, *(_beneath(spec, key, row[key]) for key in column.beneath))
    if index == 0 and column.cell not in (Cell.LINK, Cell.GROUP):
        drawn = rx.cond(row["href"] != "", link(value, to=row["href"]), drawn)
    named: dict[str, Any] = {"title": value} if column.cell in _MAY_BE_CUT else {}
    if column.card_named:
        named["custom_attrs"] = {"data-heading": T(f"lists.columns.{column.key}")}
    return rx.el.td(
        drawn, role="cell", class_name=" ".join(filter(None, (classes(index, column), kind, column.card))), **named
    )


def _beneath(spec: ListSpec, key: str, value: Any) -> rx.Component:
    """The value of another column in small, with its heading unless it is a text."""
    column = spec.column(key)
    named = [] if column is not None and column.cell is Cell.TEXT else [T(f"lists.columns.{key}"), NO_BREAK_SPACE]
    return rx.cond(value != "", rx.el.span(*named, value, class_name="beneath", title=value))


def in_words(row: Any, key: str) -> Any:
    """A text that was made in both languages, in the reader's."""
    return rx.cond(FrameState.lang == OTHER, row[f"{key}_{OTHER}"], row[key])


def _said(column: Column, row: Any) -> Any:
    return in_words(row, column.key) if column.words or column.cell is Cell.CHANGE else row[column.key]


def _drawn(column: Column, value: Any, row: Any) -> tuple[Any, str]:
    match column.cell:
        case Cell.LINK:
            return rx.cond(row["href"] != "", link(value, to=row["href"]), value), "num"
        case Cell.GROUP:
            name = GroupNames.create(names=value)
            return rx.cond(row["href"] != "", link(name, to=row["href"]), name), "groupname"
        case Cell.REFERENCE:
            href = row[f"{column.key}_href"]
            return rx.cond(href != "", link(value, to=href), _or_none(value)), "ell num"
        case Cell.OBJECT:
            href = row[f"{column.key}_href"]
            return rx.cond(href != "", link(value, to=href), _or_none(value)), "ell"
        case Cell.CHANGE:
            return _or_none(value), "ell second"
        case Cell.STATUS:
            return status(value, column.texts), ""
        case Cell.CHOICE:
            return T(f"{column.texts}." + value), "second"
        case Cell.CODE:
            word = T(f"{column.texts}." + value)
            return rx.cond(word != "", word, _or_none(value)), "second"
        case Cell.GROUPS:
            return rx.cond(value != "", GroupNames.create(names=value), _none()), "grp"
        case Cell.EMAIL:
            return rx.cond(value != "", plain_link(value, href="mailto:" + value), "–"), "ell"
        case cell if cell in _NUMBERS:
            return _or_none(value), "num"
        case _:
            return _or_none(value), "ell"


def _or_none(value: Any) -> Any:
    return rx.cond(value != "", value, _none())


def _none() -> rx.Component:
    return rx.el.span("–", class_name="none")
