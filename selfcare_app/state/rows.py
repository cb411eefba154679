"""What a list's state sends to be drawn: rows, choices, chips, as texts only. Pure functions."""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from selfcare_app.locales import DEFAULT, LANGUAGES
from selfcare_app.services import clock
from selfcare_app.services.access import Actor
from selfcare_app.services.choices import Choice, Offer
from selfcare_app.services.showing import Row, led_to
from selfcare_app.specs.audit import change_words
from selfcare_app.specs.lists import LISTS, SIZES, SPANS, Action, Cell, Column, Filter, FilterKind, ListSpec
from selfcare_app.specs.phones import national
from selfcare_app.specs.queries import FIXED, ListQuery, Place, end_said, parse, span_of, span_said
from selfcare_app.specs.text import as_column, period
from selfcare_app.state.shown import grouped, money, price, quantity


def drawn(
    spec: ListSpec, columns: Sequence[Column], rows: Iterable[Row], without: Container[str] = frozenset()
) -> list[dict[str, str]]:
    """Rows as the page draws them. `at` is its number as addresses hold it, `<column>_href` where a reference leads;
    `without`: actions that aren't there where it stands.

    Hundreds of cells, each time somebody turns a page: what is the same for all rows is asked for once.
    """
    cells = [(column.key, _AS_TEXT.get(column.cell)) for column in columns]
    led = [(column.key, f"{column.key}_href", LISTS[column.reference.to]) for column in columns if column.reference]
    objects = [(column.key, f"{column.key}_href") for column in columns if column.leads]
    worded = [(column.key, f"{column.key}_{OTHER}", words) for column in columns if (words := _words(column))]
    shown = []
    for row in rows:
        values, also = row.values, row.also
        texts = {
            "id": str(row.id),
            "at": _quoted(row.number),
            "fits": f" {' '.join(key for key in row.fits if key not in without)} ",
        }
        texts["href"] = _page_at(spec, texts["at"])
        for key, as_text in cells:
            texts[key] = _text(as_text, values[key], also.get(key))
        for key, href, of in led:
            to = also.get(key)
            texts[href] = page_of(of, to) if to else ""
        for key, href in objects:
            found = led_to(also.get(key))
            # Without a name there is nothing to press.
            texts[href] = page_of(*found) if found and texts[key] else ""
        for key, other, words in worded:
            texts[key] = _cut(words(DEFAULT, values[key], also.get(key)))
            texts[other] = _cut(words(OTHER, values[key], also.get(key)))
        shown.append(texts)
    return shown


OTHER = next(language for language in LANGUAGES if language != DEFAULT)
"""A text that is made here is sent in both languages, so that changing it asks for nothing: <column> in Swedish,
<column>_en in English."""
MOST_SAID = 240
"""Characters of such a text: more than a line of a table shows."""


def _words(column: Column) -> Callable[[str, Any, Any], str] | None:
    if column.cell is Cell.CHANGE:
        return lambda language, told, _: change_words(language, told)
    return column.words


def _cut(said: str) -> str:
    return said if len(said) <= MOST_SAID else said[: MOST_SAID - 1].rstrip() + "…"


def hidden(spec: ListSpec, hidden: Collection[str], shown: Collection[str]) -> frozenset[str]:
    """The columns of which nothing is on screen, by the user's own choice or by none when they are optional."""
    off = frozenset(c.key for c in spec.columns if (c.key not in shown if c.optional else c.key in hidden))
    return off.difference(*((c.per, *c.beneath) for c in spec.columns if c.key not in off))


def _quoted(number: str) -> str:
    return number if number.isalnum() and number.isascii() else quote(number, safe="")


def page_of(spec: ListSpec, number: str) -> str:
    """Address of a row's page; empty when its list's rows have none."""
    return _page_at(spec, _quoted(number))


def _page_at(spec: ListSpec, at: str) -> str:
    return spec.page.replace("{number}", at)


def leads_to(spec: ListSpec, action: Action, numbers: Sequence[str]) -> str:
    """Where an action leads from rows with these numbers: a page, or a list of them."""
    if action.filters:
        to, key = LISTS[action.filters[0]], action.filters[1]
        return parse(to, {}).with_filter(key, tuple(numbers)).address(to)
    column = spec.column(action.reference)
    to = LISTS[column.reference.to] if column and column.reference else spec
    return page_of(to, numbers[0]) if len(numbers) == 1 else parse(to, {"q": as_column(numbers)}).address(to)


_AS_TEXT: dict[Cell, Callable[[Any, Any], str]] = {
    Cell.GROUPS: lambda names, _: ", ".join(names),
    Cell.DATE: lambda day, _: str(day.isoformat()),
    Cell.PERIOD: period,
    Cell.MOMENT: lambda moment, _: clock.show(moment),
    Cell.PHONE: lambda number, _: national(number),
    Cell.COUNT: lambda number, _: grouped(number),
    Cell.IN_GROUP: lambda number, _: grouped(number),
    Cell.PRICE: lambda amount, _: price(amount),
    Cell.DECIMAL: lambda number, _: quantity(number),
    Cell.MONEY: lambda amount, currency: money(amount, currency or "SEK"),
}
"""How a value is shown, given what else the cell needs; those that aren't here are texts already."""


def cell(column: Column, value: Any, also: Any) -> str:
    """A value as people read it, in Swedish where it is put into words; empty where there is none."""
    if words := _words(column):
        return words(DEFAULT, value, also)
    return _text(_AS_TEXT.get(column.cell), value, also)


def _text(as_text: Callable[[Any, Any], str] | None, value: Any, also: Any) -> str:
    if value is None:
        return ""
    return str(value) if as_text is None else as_text(value, also)


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
        elif each.kind in SPANS:
            first, last = span_of(each.kind, said) or (None, None)
            texts[f"{each.key}_from"] = end_said(each.kind, first)
            texts[f"{each.key}_to"] = end_said(each.kind, last)
    return texts


def with_end(spec: ListSpec, query: ListQuery, key: str, end: str, said: str) -> ListQuery:
    """The query with the first (from) or last (to) month or day of a filter set; anything malformed leaves that end
    open. The same query for a filter that has no ends."""
    each = spec.filter(key)
    if each is None or each.kind not in SPANS:
        return query
    first, last = span_of(each.kind, "".join(query.filters.get(key, ()))) or (None, None)
    (changed, _) = span_of(each.kind, said) or (None, None)
    value = span_said(each.kind, *((changed, last) if end == "from" else (first, changed)))
    return query.with_filter(key, (value,) if value else ())


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
    return value.replace("..", " – ").strip() if filter_.kind in SPANS else value


def same_filters(place: Place, query: ListQuery, actor: Actor) -> tuple[object, ...]:
    """What a count depends on. The rights stand here so that a changed right counts anew at once."""
    narrowing = replace(query, page=1, size=SIZES[0], sort="", descending=False, tab="")
    return (place.spec.key, narrowing, actor.user_id, actor.access_all, actor.permissions, actor.today)


def same_choices(place: Place, query: ListQuery, actor: Actor) -> tuple[object, ...]:
    """What the choices of filters depend on."""
    return same_filters(place, replace(query, search=""), actor)


def same_order(place: Place, query: ListQuery, actor: Actor) -> tuple[object, ...]:
    """What the next page depends on besides the rows of this one."""
    return (*same_filters(place, query, actor), query.tab, query.sort, query.descending, query.size)
