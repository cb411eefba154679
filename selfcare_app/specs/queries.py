"""What a list is asked for, as its address says it (L5): search, tab, page, size, sort, filters. Pure data."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from urllib.parse import unquote, urlencode

from selfcare_app.specs.lists import SIZES, SPANS, Filter, FilterKind, ListSpec

MAX_SEARCH = 60_000
"""Characters; a pasted column of numbers may be long (L1)."""
MAX_PAGE = 1_000_000
MAX_VALUES = 100
"""Values of one filter; a company has at most 50 groups (R1)."""
MAX_CHOSEN = 5_000
"""Rows that can be chosen at once (L3)."""
_MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])")
_DAY = re.compile(r"20\d\d-\d\d-\d\d")
_MAX_VALUE = 200
"""Characters of one value."""


@dataclass(frozen=True)
class Parent:
    """What a list stands within: the page of a customer number, say. Whether the actor sees that is asked for when
    the rows are."""

    kind: str
    """Key of the list that names it."""
    number: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.number}"


@dataclass(frozen=True)
class ListQuery:
    """One state of a list. Whatever an address says that means nothing here is left out, never an error."""

    search: str = ""
    tab: str = ""
    page: int = 1
    size: int = SIZES[0]
    sort: str = ""
    descending: bool = False
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    month: date | None = None
    """Groups as of this month; None: the present one."""
    ids: tuple[int, ...] = ()
    """Only these rows (export of chosen ones); an address holds them in ascending order."""
    within: Parent | None = None
    """Only what belongs to this."""

    @property
    def is_part(self) -> bool:
        """Whether this is a part of the whole list, its tab apart."""
        return bool(self.filtered or self.ids or self.within)

    @property
    def filtered(self) -> bool:
        """Whether anything narrows the list but its tab."""
        return bool(self.search or self.filters)

    def changed(self, **values: Any) -> ListQuery:
        """The same with something else; back on the first page unless a page is given."""
        return replace(self, **{"page": 1, **values})

    def with_filter(self, key: str, values: tuple[str, ...]) -> ListQuery:
        """The same with a filter set; no values: without it."""
        filters = {name: chosen for name, chosen in self.filters.items() if name != key}
        if values:
            filters[key] = values
        return self.changed(filters=filters)

    def toggled(self, key: str, value: str) -> ListQuery:
        """The same with a value of a filter added, or taken away when it was there."""
        return self.with_value(key, value, value not in self.filters.get(key, ()))

    def with_value(self, key: str, value: str, there: bool) -> ListQuery:
        """The same with a value of a filter, or without it; the very same when it is so already."""
        chosen = self.filters.get(key, ())
        if there == (value in chosen):
            return self
        return self.with_filter(key, (*chosen, value) if there else tuple(v for v in chosen if v != value))

    def parameters(self, spec: ListSpec) -> dict[str, str]:
        """The address's parameters, defaults left out; always in the same order."""
        sort = ("-" if self.descending else "") + self.sort
        said = {
            "within": str(self.within) if self.within else "",
            "q": self.search,
            "tab": self.tab if self.tab != spec.tabs[0].key else "",
            **{f.key: _said(f, self.filters.get(f.key, ())) for f in spec.filters},
            "month": self.month.strftime("%Y-%m") if self.month else "",
            "sort": sort if sort != spec.default_sort else "",
            "size": str(self.size) if self.size != SIZES[0] else "",
            "id": _ranges(self.ids),
            "page": str(self.page) if self.page != 1 else "",
        }
        return {key: value for key, value in said.items() if value}

    def address(self, spec: ListSpec, route: str | None = None) -> str:
        """The list's address in this state; `route` for another that takes the same parameters."""
        return _address(route or spec.route, self.parameters(spec))


@dataclass(frozen=True)
class Place:
    """Where a list is shown: on its own page, or under a tab of another, such as that of what it stands within.

    There `tab` is the page's, and the list's own is said as `view`.
    """

    spec: ListSpec
    route: str
    within: Parent | None = None
    tab: str = ""
    elsewhere: frozenset[str] = frozenset()
    """Filters that the page has its own place for."""

    @property
    def without(self) -> frozenset[str]:
        """Columns, filters and actions that would say the same of every row here, or stand elsewhere on the page."""
        found = self.spec.within_a(self.within.kind) if self.within else None
        return self.elsewhere.union(found.without if found else ())

    def address(self, query: ListQuery) -> str:
        """The page's address with the list in this state."""
        said = query.parameters(self.spec)
        if self.tab:
            view = said.pop("tab", "")
            said.pop("within", None)
            said = {"tab": self.tab, **({"view": view} if view else {}), **said}
        return _address(self.route, said)

    def pages(self, query: ListQuery) -> Callable[[int], str]:
        """The addresses of the list's pages in this state, by their numbers."""
        first = self.address(query.changed())
        more = first + ("&" if "?" in first else "?") + "page="
        return lambda page: first if page == 1 else f"{more}{page}"

    def query(self, parameters: Mapping[str, Any]) -> ListQuery:
        """The state that the page's address says."""
        if not self.tab:
            return parse(self.spec, {key: value for key, value in parameters.items() if key != "within"})
        said = {**parameters, "tab": parameters.get("view", "")}
        return replace(parse(self.spec, said), within=self.within)


def _address(route: str, parameters: Mapping[str, str]) -> str:
    said = urlencode(parameters)
    return route + (f"?{said}" if said else "")


def parse(spec: ListSpec, parameters: Mapping[str, Any]) -> ListQuery:
    """Read an address's parameters. Whatever is malformed or unknown counts as not said."""

    def said(key: str) -> str:
        value = parameters.get(key, "")
        return value.replace("\x00", "").strip() if isinstance(value, str) else ""

    sort = said("sort") or spec.default_sort
    key, descending = sort.removeprefix("-"), sort.startswith("-")
    column = spec.column(key)
    if column is None or column.sort is None:
        key, descending = spec.default_sort.removeprefix("-"), spec.default_sort.startswith("-")
    tab = said("tab")
    size = _number(said("size"), 1, max(SIZES))
    return ListQuery(
        search=said("q")[:MAX_SEARCH] if spec.searched else "",
        tab=tab if any(t.key == tab for t in spec.tabs) else spec.tabs[0].key,
        page=_number(said("page"), 1, MAX_PAGE) or 1,
        size=size if size in SIZES else SIZES[0],
        sort=key,
        descending=descending,
        filters={f.key: values for f in spec.filters if (values := _values(f, said(f.key)))},
        month=month_of(said("month")),
        ids=_ids(said("id")),
        within=_within(said("within")),
    )


def month_of(said: str) -> date | None:
    """The first day of a month written 2026-11; None for anything else."""
    found = _MONTH.fullmatch(said)
    return date(int(found[1]), int(found[2]), 1) if found else None


def day_of(said: str) -> date | None:
    """A day written 2026-11-24; None for anything else."""
    try:
        return date.fromisoformat(said) if _DAY.fullmatch(said) else None
    except ValueError:
        return None


def span_of(kind: FilterKind, said: str) -> tuple[date | None, date | None] | None:
    """The first and last of 2026-01..2026-06, either of which may be left open, or of 2026-03; days likewise. None for
    anything else."""
    read = month_of if kind is FilterKind.MONTHS else day_of
    first, dots, last = said.partition("..")
    ends = (read(first), read(last) if dots else read(first))
    well_formed = all(end or not text for end, text in zip(ends, (first, last), strict=True))
    return ends if well_formed and any(ends) else None


def end_said(kind: FilterKind, end: date | None) -> str:
    """One end of a span as an address says it; empty when it is open."""
    return "" if end is None else f"{end:%Y-%m}" if kind is FilterKind.MONTHS else f"{end:%Y-%m-%d}"


def span_said(kind: FilterKind, first: date | None, last: date | None) -> str:
    """The span as an address says it; empty when both ends are open."""
    ends = end_said(kind, first), end_said(kind, last)
    return ends[0] if first == last else "..".join(ends)


def _within(said: str) -> Parent | None:
    """A kind that means nothing here is kept: it leaves no row, where leaving it out would leave all."""
    if not said:
        return None
    kind, _, number = said.partition(":")
    return Parent(kind[:_MAX_VALUE], number[:_MAX_VALUE])


NO_ROW = (0,)
"""Rows were named, but none that can exist: an empty list, and not the whole one."""


def _ids(said: str) -> tuple[int, ...]:
    """Ids and ranges of them, 3,7-12, in order and each once, at most MAX_CHOSEN."""
    found: set[int] = set()
    for part in said.split(","):
        first, _, last = part.partition("-")
        low = _number(first, 1, 2**62)
        high = _number(last, 1, 2**62) if last else low
        if low and high:
            room = MAX_CHOSEN - len(found)
            found.update(range(low, min(high, low + room - 1) + 1))
    return tuple(sorted(found)) or (NO_ROW if said else ())


def _ranges(ids: tuple[int, ...]) -> str:
    """Ids in ascending order, neighbours as a range: all rows of a list that was fed at once are a short address."""
    ranges: list[list[int]] = []
    for each in sorted(ids):
        if ranges and each == ranges[-1][1] + 1:
            ranges[-1][1] = each
        else:
            ranges.append([each, each])
    return ",".join(f"{low}-{high}" if low < high else str(low) for low, high in ranges)


def _said(filter_: Filter, values: tuple[str, ...]) -> str:
    """A filter's values as one parameter; a comma in a value is written so that it parts nothing."""
    if filter_.kind in _WHOLE:
        return "".join(values)
    return ",".join(value.replace("%", "%25").replace(",", "%2C") for value in values)


FIXED = frozenset({FilterKind.CHOICE, FilterKind.CONDITION})
"""Kinds whose values the list names."""
_WHOLE = SPANS | {FilterKind.TEXT}
"""Kinds with one value."""


def _values(filter_: Filter, said: str) -> tuple[str, ...]:
    """A filter's values from its parameter. Which of them exist for the actor is asked for when the rows are."""
    if filter_.kind is FilterKind.TEXT:
        return (said[:_MAX_VALUE],) if said else ()
    if filter_.kind in SPANS:
        span = span_of(filter_.kind, said)
        return (span_said(filter_.kind, *span),) if span else ()
    parts = dict.fromkeys(unquote(part).replace("\x00", "").strip()[:_MAX_VALUE] for part in said.split(","))
    values = tuple(part for part in parts if part)[:MAX_VALUES]
    if filter_.kind in FIXED:
        return tuple(value for value in values if value in filter_.values)
    if filter_.kind is FilterKind.GROUPS:
        return tuple(value for value in values if _number(value, 1, 2**62))
    return values


def _number(text: str, least: int, most: int) -> int | None:
    """A plain decimal number within bounds; Python's int() would take far more than an address should hold."""
    if not text.isascii() or not text.isdigit() or len(text) > 19:
        return None
    value = int(text)
    return value if least <= value <= most else None
