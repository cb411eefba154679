"""What a list is asked for, as its address says it (L5): search, tab, page, size, sort, filters. Pure data."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from selfcare_app.specs.lists import SIZES, FilterKind, ListSpec

MAX_SEARCH = 60_000
"""Characters; a pasted column of numbers may be long (L1)."""
MAX_PAGE = 1_000_000
MAX_VALUES = 100
"""Values of one filter; a company has at most 50 groups (R1)."""
MAX_CHOSEN = 5_000
"""Rows that can be chosen at once (L3)."""
_MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])")


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
    """Only these rows (export of chosen ones)."""

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
        chosen = self.filters.get(key, ())
        kept = tuple(v for v in chosen if v != value)
        return self.with_filter(key, kept if value in chosen else (*kept, value))

    def parameters(self, spec: ListSpec) -> dict[str, str]:
        """The address's parameters, defaults left out; always in the same order."""
        sort = ("-" if self.descending else "") + self.sort
        said = {
            "q": self.search,
            "tab": self.tab if self.tab != spec.tabs[0].key else "",
            **{f.key: ",".join(self.filters.get(f.key, ())) for f in spec.filters if f.kind is not FilterKind.TEXT},
            **{f.key: "".join(self.filters.get(f.key, ())) for f in spec.filters if f.kind is FilterKind.TEXT},
            "month": self.month.strftime("%Y-%m") if self.month else "",
            "sort": sort if sort != spec.default_sort else "",
            "size": str(self.size) if self.size != SIZES[0] else "",
            "page": str(self.page) if self.page != 1 else "",
            "id": ",".join(map(str, self.ids)),
        }
        return {key: value for key, value in said.items() if value}

    def address(self, spec: ListSpec, route: str | None = None) -> str:
        """The list's address in this state; `route` for another that takes the same parameters."""
        said = urlencode(self.parameters(spec))
        return (route or spec.route) + (f"?{said}" if said else "")


def parse(spec: ListSpec, parameters: Mapping[str, Any]) -> ListQuery:
    """Read an address's parameters. Whatever is malformed or unknown counts as not said."""

    def said(key: str) -> str:
        value = parameters.get(key, "")
        return value.strip() if isinstance(value, str) else ""

    sort = said("sort") or spec.default_sort
    key, descending = sort.removeprefix("-"), sort.startswith("-")
    column = spec.column(key)
    if column is None or column.sort is None:
        key, descending = spec.default_sort.removeprefix("-"), spec.default_sort.startswith("-")
    tab = said("tab")
    size = _number(said("size"), 1, max(SIZES))
    month = _MONTH.fullmatch(said("month"))
    return ListQuery(
        search=said("q").replace("\x00", "")[:MAX_SEARCH],
        tab=tab if any(t.key == tab for t in spec.tabs) else spec.tabs[0].key,
        page=_number(said("page"), 1, MAX_PAGE) or 1,
        size=size if size in SIZES else SIZES[0],
        sort=key,
        descending=descending,
        filters=_filters(spec, said),
        month=date(int(month[1]), int(month[2]), 1) if month else None,
        ids=_ids(said("id")),
    )


NO_ROW = (0,)
"""Rows were named, but none that can exist: an empty list, and not the whole one."""


def _ids(said: str) -> tuple[int, ...]:
    found = tuple(dict.fromkeys(n for part in said.split(",") if (n := _number(part, 1, 2**62))))[:MAX_CHOSEN]
    return found or (NO_ROW if said else ())


def _filters(spec: ListSpec, said: Any) -> dict[str, tuple[str, ...]]:
    chosen: dict[str, tuple[str, ...]] = {}
    for each in spec.filters:
        value = said(each.key).replace("\x00", "")
        if each.kind is FilterKind.TEXT:
            values = (value[:200],) if value else ()
        else:
            parts = tuple(dict.fromkeys(part.strip() for part in value.split(",")))[:MAX_VALUES]
            if each.kind is FilterKind.CHOICE:
                values = tuple(part for part in parts if part in each.values)
            else:
                values = tuple(part for part in parts if _number(part, 1, 2**62))
        if values:
            chosen[each.key] = values
    return chosen


def _number(text: str, least: int, most: int) -> int | None:
    """A plain decimal number within bounds; Python's int() would take far more than an address should hold."""
    if not text.isascii() or not text.isdigit() or len(text) > 19:
        return None
    value = int(text)
    return value if least <= value <= most else None
