"""What a list of the portal is: its columns, filters, tabs and actions, as frozen data without I/O.

Texts are named by keys: lists.<key>.title, .help, .search; lists.columns.<column>; lists.filters.<filter>;
lists.tabs.<tab>; lists.actions.<action>. Whatever depends on the day takes the day.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import case

from selfcare_app.models import Table
from selfcare_app.specs.permissions import Permission

OnDay = Callable[[date], Any]
"""Makes a part of a query, given the day it is in Sweden."""


class Cell(StrEnum):
    """How a column's value is shown, exported and aligned."""

    LINK = "link"
    """What the row is called: the link to its page."""
    REFERENCE = "reference"
    """What another row is called: a link to that, for those who may see it."""
    TEXT = "text"
    CHOICE = "choice"
    """A stored value with a text in locales."""
    STATUS = "status"
    DATE = "date"
    PERIOD = "period"
    """The month a period begins in, `also` its last day: one month, or from month to month."""
    MOMENT = "moment"
    """Shown in Swedish time."""
    COUNT = "count"
    CODE = "code"
    """A stored value with a text in locales where people have a word for it, else as it is."""
    PRICE = "price"
    """Of one unit: two places, and as many more as it has."""
    DECIMAL = "decimal"
    """As many places as it has."""
    MONEY = "money"
    """Two places, `also` its currency."""
    EMAIL = "email"
    PHONE = "phone"
    """E.164, shown as people write it."""
    GROUPS = "groups"
    """Kategori:Grupp, by the list's `groups`; the column selects nothing itself."""
    WORDS = "words"
    """What the column's `words` make of it in each language."""
    OBJECT = "object"
    """What another row of any of several lists is called: a link to it by the column's `leads`."""
    GROUP = "group"
    """What a group is called, Kategori:Grupp, as the link to its page."""
    IN_GROUP = "in_group"
    """How many that the actor sees are in a group this month: `value` is its id, `also` what is counted (key of its
    list)."""
    CHANGE = "change"
    """Fields before, `also` after: what an entry of the log tells."""


@dataclass(frozen=True, kw_only=True)
class Leads:
    """Where the cell of an object leads: to one of several lists' rows, for those who see it there."""

    kind: Any
    """What kind of object it is."""
    id: Any
    to: Mapping[str, str]
    """Key of the list by kind of object; others lead nowhere."""


@dataclass(frozen=True, kw_only=True)
class Reference:
    """The other row that a cell names, and who may follow there."""

    to: str
    """Key of the list that it stands in. That list's permission is asked for, and its table stands in `joins`."""
    id: Any
    """The column of this list's model that holds its id."""
    always: bool = False
    """Named to whoever sees the row, also when they don't see what it names, such as the invoice of one's own
    line (U5). Otherwise its cell is empty for them."""


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column. `value` makes what is selected, given the day it is; `sort` is what its heading sorts by."""

    key: str
    cell: Cell
    value: OnDay
    also: OnDay | None = None
    """What else the cell needs to show its value: see `Cell`."""
    sort: OnDay | None = None
    """Of the list's own model, or a subquery: what is joined is there for showing only."""
    texts: str = ""
    """For CHOICE, CODE and STATUS: where the texts of its values stand, e.g. lists.customer_number_type."""
    reference: Reference | None = None
    words: Callable[[str, Any, Any], str] | None = None
    """For WORDS, and for an OBJECT that isn't called by its value alone: given language, value and `also`."""
    leads: Leads | None = None
    priority: int = 0
    """0 always fits; 3, 2, 1 leave first on narrow screens (design: 1420, 1220, 980 px)."""
    optional: bool = False
    """Hidden until chosen under Kolumner; in files all the same."""
    permission: Permission | None = None
    """Left out for whoever lacks it, in exports too."""
    card: str = ""
    """Place on a phone's card: first, status, fact, fact2; empty: not on the card."""
    per: str = ""
    """Key of the column that says how many units a PRICE is for: written after it where it isn't one, 100,00 / 10."""
    beneath: tuple[str, ...] = ()
    """Keys of columns whose values stand small under this one's, on phones too, in the rows that have any: few do, and
    these columns are otherwise `optional`."""
    card_named: bool = False
    """With its heading before it on the card, where the value alone wouldn't say what it is."""


class FilterKind(StrEnum):
    """How a filter is chosen."""

    CHOICE = "choice"
    """Any of a fixed set of values."""
    CONDITION = "condition"
    """Any of a fixed set of conditions, which need not exclude each other."""
    DISTINCT = "distinct"
    """Any of the values that the rows the actor sees have."""
    REFERENCE = "reference"
    """Any of the rows of another table, by their numbers."""
    TEXT = "text"
    """Contains; the column holds a search_key, so that marks and case count for nothing on either database."""
    MONTHS = "months"
    """From a month to a month: 2026-01..2026-06, 2026-03, 2026-01.. or ..2026-06."""
    DAYS = "days"
    """From a day to a day, both included, of a moment: 2026-01-01..2026-01-31, 2026-01-15, 2026-01-01.. or .."""
    GROUPS = "groups"
    """Any within a category, all between categories, as of a month (R7)."""


SPANS = frozenset({FilterKind.MONTHS, FilterKind.DAYS})
"""Kinds with a first and a last, either of which may be left open."""


@dataclass(frozen=True, kw_only=True)
class Offered:
    """The table a REFERENCE filter chooses from."""

    model: type[Table]
    number: Any
    """The column its rows are named by in the address."""
    label: tuple[Any, ...]
    """The columns that together are what people read."""
    sort: Any
    search: Any = None
    """The column that holds a search_key; None: so few are in use that they are looked through."""
    in_use: bool = False
    """Only those that a row the actor sees has. For what belongs to no company, such as price plans; anything else is
    offered as the actor sees it."""


@dataclass(frozen=True, kw_only=True)
class Filter:
    """One filter; its key is its name in the address."""

    key: str
    kind: FilterKind
    column: OnDay | None = None
    """What it is compared with; for REFERENCE the id of the other row."""
    values: tuple[str, ...] = ()
    conditions: Mapping[str, OnDay] = field(default_factory=dict)
    """For CONDITION: what each of `values` means."""
    texts: str = ""
    offered: Offered | None = None
    permission: Permission | None = None

    @property
    def searched(self) -> bool:
        """Whether one may search among its choices."""
        return self.kind in (FilterKind.DISTINCT, FilterKind.REFERENCE)


@dataclass(frozen=True, kw_only=True)
class Tab:
    """One of the exclusive views of a list; `where` given the day it is. Texts: lists.tabs.<key>."""

    key: str
    where: OnDay | None = None
    complement: str = ""
    """The tab that holds all the other rows: then this one is counted by taking away, not by looking."""


@dataclass(frozen=True, kw_only=True)
class Action:
    """Something to do with rows: on one, on many, or both. Texts: lists.actions.<key>.

    One that leads elsewhere says where by one of `filters`, `tab`, `page`, `reference`.
    """

    key: str
    icon: str
    permission: Permission | None = None
    one: bool = True
    many: bool = True
    filters: tuple[str, str] | None = None
    """Key of the list it leads to and of the filter there that takes the rows' numbers."""
    tab: str = ""
    """The tab of the row's own page that it leads to."""
    page: str = ""
    """A page of the row's own, `{number}` or another value of the row filled in; without a place for one, the page that
    takes many chosen rows."""
    reference: str = ""
    """The column whose row it leads to; of many rows: that list, searched for their numbers."""
    asks: bool = False
    """Done here, after a dialog of the list's own has told what will happen; with a `tab`, of many rows only."""
    when: OnDay | None = None
    """The condition under which it makes sense for a row."""


@dataclass(frozen=True, kw_only=True)
class Within:
    """A page of something that shows this list of what belongs to it."""

    kind: str
    """Key of the list that names what the page is about."""
    where: Callable[[int], Any]
    """The condition, given the id of what the page is about."""
    without: tuple[str, ...] = ()
    """Columns, filters and actions that would say the same of every row."""
    first: bool = True
    """The page may open on it; False: only under its own tab."""


@dataclass(frozen=True, kw_only=True)
class Grouped:
    """By what the rows of a list are in groups (R7): their subscription, else their customer number."""

    customer_number: Any
    """The column that holds the customer number's id."""
    subscription: Any = None
    """The column that holds the subscription's id."""


@dataclass(frozen=True, kw_only=True)
class Lookup:
    """How pasted numbers are looked up (L8)."""

    column: Any
    keys: Callable[[str], tuple[str, ...]] | None = None
    """What a number as it was pasted may stand as in the column; None: as it is, or in other case where it doesn't
    stand there so."""
    where: Any = None
    """Only in these rows."""


@dataclass(frozen=True, kw_only=True)
class ListSpec:
    """One list of the portal."""

    key: str
    """Last part of its address and of its export's; `title` etc. are found by it with _ for -."""
    model: type[Table]
    permission: Permission
    number: Any
    """The column its rows are named by in addresses."""
    page: str = ""
    """Address of a row's page, `{number}` filled in; empty: its rows have none."""
    columns: tuple[Column, ...]
    tabs: tuple[Tab, ...] = (Tab(key="all"),)
    filters: tuple[Filter, ...] = ()
    default_sort: str
    icon: str
    actions: tuple[Action, ...] = ()
    listed: bool = True
    """Has a page of its own and an entry in the menu; False: stands on the pages of others only."""
    searched: bool = True
    """Can be searched: in `search`, else in the model's search_key."""
    search: Any = None
    """What is searched in, where the model has no search_key of its own."""
    search_table: str = ""
    """The FTS5 table on SQLite; its rowid is the model's id."""
    lookups: tuple[Lookup, ...] = ()
    """What pasted numbers are looked up in; none: numbers are words like others."""
    joins: tuple[tuple[type[Table], Any], ...] = ()
    """Tables that columns show something of, each with the condition that finds its one row, if there is one."""
    only: OnDay | None = None
    """The rows that are in the list at all."""
    rights: tuple[tuple[Permission, Any], ...] = ()
    """Rows of several kinds: whoever holds any of the permissions sees the list, and of it the rows whose
    condition stands beside what they hold. Empty: `permission` alone decides."""
    within: tuple[Within, ...] = ()
    """The pages of others that this one stands on as a part."""
    groups: Grouped | None = None

    @property
    def route(self) -> str:
        """Address of the list."""
        return f"/{self.key}"

    @property
    def texts(self) -> str:
        """Prefix of the list's own texts."""
        return f"lists.{self.key.replace('-', '_')}"

    @property
    def permissions(self) -> tuple[Permission, ...]:
        """Any of these opens the list."""
        return tuple(permission for permission, _ in self.rights) or (self.permission,)

    def within_a(self, kind: str) -> Within | None:
        """How it stands on the page of something of that kind."""
        return next((within for within in self.within if within.kind == kind), None)

    def column(self, key: str) -> Column | None:
        """The column with the key."""
        return next((column for column in self.columns if column.key == key), None)

    def filter(self, key: str) -> Filter | None:
        """The filter with the key."""
        return next((each for each in self.filters if each.key == key), None)

    def action(self, key: str) -> Action | None:
        """The action with the key."""
        return next((action for action in self.actions if action.key == key), None)


SIZES = (25, 50, 100)
"""Rows on a page (L4)."""


def by_rank(column: Any, ranked: tuple[StrEnum, ...]) -> Any:
    """Sort stored values as their Swedish texts sort."""
    return case({value.value: rank for rank, value in enumerate(ranked)}, value=column, else_=len(ranked))


def stored(column: Any) -> OnDay:
    """The column as it is stored, whichever day it is."""
    return lambda _today: column
