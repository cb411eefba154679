"""What a kind of inventory file is: its columns, what they refer to, what is checked and worked out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlmodel import Session as DatabaseSession

from selfcare_app.models import Table
from selfcare_app.services.feeds import cells

Values = dict[str, Any]
"""What a row says, by the model's fields; what the file leaves out is as it is stored."""
Targets = Mapping[str, Any]
"""The rows referred to, by the field that refers to them; None where a row refers to nothing."""

_APART = re.compile(r"[\s_-]+")
SWEDISH: Mapping[str, tuple[str, ...]] = {
    "organisation number": ("organisationsnummer",),
    "name": ("namn",),
    "address": ("adress",),
    "e-mail": ("e-post",),
    "number": ("nummer",),
    "company": ("företag",),
    "products": ("produkter",),
    "from": ("från",),
    "to": ("till",),
    "customer number": ("kundnummer",),
    "type": ("typ",),
    "opened": ("öppnad", "öppnat"),
    "closed": ("avslutad", "avslutat"),
    "ended": ("avslutad", "avslutat"),
    "code": ("kod",),
    "product": ("produkt",),
    "one-off fee": ("engångsavgift",),
    "monthly fee": ("månadsavgift",),
    "sold from": ("säljs från",),
    "sold to": ("säljs till",),
    "binding months": ("bindningstid",),
    "notice months": ("uppsägningstid",),
    "phone number": ("telefonnummer",),
    "phone": ("telefonnummer", "telefon"),
    "cost centre": ("kostnadsställe",),
    "price plan": ("prisplan",),
    "bound until": ("bunden till",),
    "PUK": ("PUK-kod",),
    "service type": ("tjänstetyp",),
    "capacity": ("kapacitet",),
    "city": ("ort",),
    "SLA level": ("SLA-nivå",),
    "equipment": ("utrustning",),
    "reference": ("referens",),
    "invoice number": ("fakturanummer",),
    "date": ("datum",),
    "amount": ("belopp",),
    "start time": ("starttid",),
    "subscription": ("abonnemang",),
    "counterpart": ("motpart",),
    "quantity": ("kvantitet", "mängd"),
    "unit": ("enhet",),
}
"""Swedish headings that mean the same as the headings of data.md."""


def same_heading(heading: str) -> str:
    """Two headings with the same result are one: case, spaces, hyphens and underscores don't count."""
    return _APART.sub("", heading.casefold())


@dataclass(frozen=True, kw_only=True)
class Target:
    """Rows that a column may name."""

    model: type[Table]
    field: str
    """Where the id of the row found is kept."""
    key: Any
    """The column of the database by which it is named."""
    statement: Any
    """Selects `id`, `key`, `company_id` (unless it has none) and what checks and derived fields need of it."""


@dataclass(frozen=True, kw_only=True)
class Reference:
    """A column that names another row by its key; that row tells which company the fed row belongs to."""

    targets: tuple[Target, ...]
    """Where it may be found; each in a field of its own."""
    unknown: str
    """Text in locales for a key that doesn't exist."""
    gives_company: bool = True

    @property
    def fields(self) -> tuple[str, ...]:
        """Where ids of what is referred to are kept."""
        return tuple(target.field for target in self.targets)


def _same(value: Any) -> Any:
    return value


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of a file. A required one must stand in every file and row; another, when it doesn't stand in a
    file, leaves what is stored alone."""

    heading: str
    field: str
    parse: cells.Parse
    also: tuple[str, ...] = ()
    """Other headings that mean it."""
    required: bool = False
    empty: object = None
    """What an empty cell means."""
    refers: Reference | None = None
    only: Mapping[str, type[Table]] | None = None
    """Of a column that may refer to several: headings that say which it is."""
    key_of: Callable[[Any], Any] = _same
    """Of a key column: values with the same result are the same key."""
    encrypted: bool = False
    """Kept by `services.secrets`, about the row's key."""

    @property
    def fields(self) -> tuple[str, ...]:
        """The model's fields that hold it."""
        return self.refers.fields if self.refers else (self.field,)

    def said_to_be(self, heading: str) -> type[Table] | None:
        """The rows that this heading of the column (as `same_heading` makes it) says are meant; None: any."""
        return {same_heading(name): model for name, model in (self.only or {}).items()}.get(heading)

    @property
    def headings(self) -> tuple[str, ...]:
        """Every heading that means it."""
        return (self.heading, *SWEDISH.get(self.heading, ()), *self.also, *(self.only or ()))


@dataclass(frozen=True, slots=True)
class Unfit:
    """Why a row can't be taken though each of its cells can."""

    heading: str
    key: str
    """Text in locales."""
    values: dict[str, object]


Check = Callable[[Values, Targets], Unfit | None]
"""Looks at one row."""


@dataclass(slots=True)
class Change:
    """A row that is new or differs from what is stored. Secrets in it are readable."""

    row: int
    """The file's row number."""
    label: str
    """What people know the row by."""
    id: int
    """0 for a new one, until it is written."""
    company_id: int | None
    before: Values | None
    """None for a new one."""
    after: Values
    targets: dict[str, Any]
    sealed: Values
    """Encrypted fields as they are stored, where they stay the same."""

    def says_anew(self, field: str) -> bool:
        """Whether the field of a row that was there has another value now."""
        return self.before is not None and self.before[field] != self.after[field]


def _nothing(_values: Values, _targets: Targets) -> Values:
    return {}


@dataclass(frozen=True, kw_only=True)
class FeedKind:
    """One kind of file. Its first columns are the key."""

    key: str
    model: type[Table]
    columns: tuple[Column, ...]
    keys: int = 1
    """How many columns are the key."""
    periods: tuple[tuple[str, str], ...] = ()
    """Headings of the date something begins and the date it ends; the end may not lie before the beginning."""
    checks: tuple[Check, ...] = ()
    derive: Callable[[Values, Targets], Values] = _nothing
    """Fields worked out from the row and what it refers to; the same fields in the same order for every row."""
    check_all: Callable[[DatabaseSession, Sequence[Change]], Iterable[tuple[Change, Unfit]]] | None = None
    """A check on all rows that are new or differ: for what only the database can tell."""
    after: Callable[[DatabaseSession, Sequence[Change]], None] | None = None
    """What else is kept up when rows have been written."""

    @property
    def identity(self) -> tuple[Column, ...]:
        """The columns a row is known by."""
        return self.columns[: self.keys]

    @cached_property
    def columns_by_field(self) -> Mapping[str, Column]:
        """Which column fills each of the model's fields, in order."""
        return {field: column for column in self.columns for field in column.fields}

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """The model's fields that files fill."""
        return tuple(self.columns_by_field)

    @cached_property
    def encrypted(self) -> tuple[str, ...]:
        """Those that are kept encrypted."""
        return tuple(column.field for column in self.columns if column.encrypted)

    @property
    def references(self) -> tuple[Column, ...]:
        """The columns that name other rows."""
        return tuple(column for column in self.columns if column.refers)

    @property
    def object_kind(self) -> str:
        """What the audit log calls a row."""
        return str(self.model.__tablename__)

    @property
    def headings(self) -> tuple[str, ...]:
        """The headings of its files, in order."""
        return tuple(column.heading for column in self.columns)

    @cached_property
    def accepted(self) -> Mapping[str, str]:
        """The heading meant by each that may stand in a file, as `same_heading` makes it."""
        return {same_heading(heading): column.heading for column in self.columns for heading in column.headings}

    def column(self, heading: str) -> Column:
        """The column with the heading."""
        return next(column for column in self.columns if column.heading == heading)
