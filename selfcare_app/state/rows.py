"""What a list's state sends to be drawn: rows, choices, chips, as texts only. Pure functions."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from selfcare_app.services import clock
from selfcare_app.services.choices import Choice, Offer
from selfcare_app.services.showing import Row
from selfcare_app.specs.lists import LISTS, Action, Cell, Column, Filter, FilterKind, ListSpec
from selfcare_app.specs.phones import national
from selfcare_app.specs.queries import FIXED, ListQuery, months_of, months_said, parse
from selfcare_app.specs.text import period
from selfcare_app.state.shown import grouped, money, price, quantity


def drawn(spec: ListSpec, columns: Iterable[Column], row: Row, without: Container[str] = frozenset()) -> dict[str, str]:
    """A row as the page draws it. `at` is its number as addresses hold it, `<column>_href` where a reference leads;
    `without`: columns and actions that aren't there where it stands."""
    texts = {
        "id": str(row.id),
        "at": quote(row.number, safe=""),
        "href": page_of(spec, row.number),
        "fits": f" {' '.join(key for key in row.fits if key not in without)} ",
    }
    for column in (column for column in columns if column.key not in without):
        value, also = row.values[column.key], row.also.get(column.key)
        texts[column.key] = cell(column, value, also)
        if column.reference is not None:
            texts[f"{column.key}_href"] = page_of(LISTS[column.reference.to], also) if also else ""
    return texts


def page_of(spec: ListSpec, number: str) -> str:
    """Address of a row's page; empty when its list's rows have none."""
    return spec.page.format(number=quote(number, safe=""))


def leads_to(spec: ListSpec, action: Action, numbers: Sequence[str]) -> str:
    """Where an action leads from rows with these numbers: a page, or a list of them."""
    if action.filters:
        to, key = LISTS[action.filters[0]], action.filters[1]
        return parse(to, {}).with_filter(key, tuple(numbers)).address(to)
    column = spec.column(action.reference)
    to = LISTS[column.reference.to] if column and column.reference else spec
    return page_of(to, numbers[0]) if len(numbers) == 1 else parse(to, {"q": ", ".join(numbers)}).address(to)


def cell(column: Column, value: Any, also: Any) -> str:
    """A value as people read it; empty where there is none."""
    if value is None:
        return ""
    match column.cell:
        case Cell.GROUPS:
            return ", ".join(value)
        case Cell.DATE:
            return str(value.isoformat())
        case Cell.PERIOD:
            return period(value, also)
        case Cell.MOMENT:
            return clock.show(value)
        case Cell.PHONE:
            return national(value)
        case Cell.COUNT:
            return grouped(value)
        case Cell.PRICE:
            return price(value)
        case Cell.DECIMAL:
            return quantity(value)
        case Cell.MONEY:
            return money(value, also or "SEK")
        case _:
            return str(value)


def choices(offer: Offer, chosen: tuple[str, ...]) -> list[dict[str, str]]:
    """What a filter offers, and which of it is chosen."""
    return [
        {
            "value": choice.value,
            "label": choice.label,
            "category": choice.category,
            "chosen": "1" if choice.value in chosen else "",
        }
        for choice in offer.choices
    ]


def texts_of_filters(spec: ListSpec, query: ListQuery) -> dict[str, str]:
    """What stands in the fields of filters that are typed: <filter>, or <filter>_from and <filter>_to."""
    texts: dict[str, str] = {}
    for each in spec.filters:
        said = "".join(query.filters.get(each.key, ()))
        if each.kind is FilterKind.TEXT:
            texts[each.key] = said
        elif each.kind is FilterKind.MONTHS:
            first, last = months_of(said) or (None, None)
            texts[f"{each.key}_from"] = f"{first:%Y-%m}" if first else ""
            texts[f"{each.key}_to"] = f"{last:%Y-%m}" if last else ""
    return texts


def with_month(query: ListQuery, key: str, end: str, month: str) -> ListQuery:
    """The query with the first or last month of a filter set; anything malformed leaves that end open."""
    first, last = months_of("".join(query.filters.get(key, ()))) or (None, None)
    (changed, _) = months_of(month) or (None, None)
    said = months_said(*((changed, last) if end == "from" else (first, changed)))
    return query.with_filter(key, (said,) if said else ())


def chips(
    spec: ListSpec, query: ListQuery, offers: Mapping[str, Offer], address: Callable[[ListQuery], str]
) -> list[dict[str, str]]:
    """What narrows the list, each with the address of the list without it."""
    return [
        chip
        for each in spec.filters
        for value in query.filters.get(each.key, ())
        for chip in _chip(each, value, _labels(offers.get(each.key)), address(query.toggled(each.key, value)))
    ]


def _labels(offer: Offer | None) -> dict[str, Choice]:
    return {choice.value: choice for choice in offer.choices} if offer else {}


def _chip(filter_: Filter, value: str, labels: dict[str, Choice], href: str) -> list[dict[str, str]]:
    choice = labels.get(value)
    if filter_.kind is FilterKind.GROUPS and choice is None:
        return []
    return [
        {
            "filter": filter_.key,
            "label": choice.category if choice else "",
            # What isn't offered is shown as the address says it: whether it exists, nobody is told.
            "text": (choice.label if choice else "") or ("" if filter_.kind in FIXED else _said(filter_, value)),
            "value_key": f"{filter_.texts}.{value}" if filter_.kind in FIXED else "",
            "href": href,
        }
    ]


def _said(filter_: Filter, value: str) -> str:
    return value.replace("..", " – ").strip() if filter_.kind is FilterKind.MONTHS else value
