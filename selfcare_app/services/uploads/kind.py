"""What a kind of upload is to the service: what its template holds, what its rows would do, doing it, undoing it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlmodel import Session as DatabaseSession

from selfcare_app.locales import catalogue, text
from selfcare_app.services.access import Actor, Refused
from selfcare_app.services.feeds.report import shown
from selfcare_app.specs.uploads import UploadSpec


class Outcome(StrEnum):
    """What a row does. Texts: uploads.outcomes.<value>."""

    CREATED = "created"
    CHANGED = "changed"
    REMOVED = "removed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason why a file can't be applied."""

    row: int
    """The file's own row number, the heading row being 1."""
    column: str
    """Key of the column; empty when the whole row is meant."""
    key: str
    """Text in locales that says why."""
    values: Mapping[str, Any] = field(default_factory=dict)
    """What fills it; texts are repeated short, a list is of keys of texts."""

    def sentence(self, language: str) -> str:
        """Why, in the language. It begins with a capital, unless with what the file has written: that is repeated as it
        stands."""
        values = {name: _said(language, value) for name, value in self.values.items()}
        said = text(language, self.key, **values)
        begins = catalogue(language).get(self.key, "").partition("}")[0]
        written = begins.startswith("{") and isinstance(self.values.get(begins[1:]), str)
        return said if written else said[:1].upper() + said[1:]


class Unfit(Exception):
    """A row that can't be taken because of one of its cells."""

    def __init__(self, column: str, key: str, **values: object) -> None:
        super().__init__(key)
        self.column, self.key, self.values = column, key, values


@dataclass(frozen=True, slots=True)
class Note:
    """What applying the file brings with it beside its rows."""

    key: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def sentence(self, language: str) -> str:
        """It, in the language."""
        return text(language, self.key, **self.values)


def _said(language: str, value: Any) -> Any:
    if isinstance(value, list | tuple):
        return ", ".join(text(language, key) for key in value)
    return shown(value) if isinstance(value, str) else value


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of a row: what it is now, and what it will be."""

    column: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class RowPlan:
    """What one row would do."""

    row: int
    label: str
    """What people know the thing by."""
    outcome: Outcome
    fields: tuple[FieldChange, ...] = ()


@dataclass(slots=True)
class Plan:
    """What a file would do: every row of it, or every problem with it."""

    rows: list[RowPlan] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    basis: str = ""
    """The kind's own mark of all that is shown and of the rows it rests on, where it has one."""
    work: Any = None
    """What the kind made of it, for itself to apply."""

    @property
    def counts(self) -> dict[Outcome, int]:
        """How many rows do what."""
        counts = dict.fromkeys(Outcome, 0)
        for row in self.rows:
            counts[row.outcome] += 1
        return counts

    @property
    def fingerprint(self) -> str:
        """The same exactly when the same would be shown: what is applied is what was shown (R6)."""
        if self.basis:
            return self.basis
        said = [[r.row, r.label, r.outcome, [[f.column, f.before, f.after] for f in r.fields]] for r in self.rows]
        return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()


class Changed(Refused):
    """What would be done is not, or no longer, what was shown; `plan` is how it stands now."""

    def __init__(self, plan: Plan) -> None:
        super().__init__("uploads.refused.changed")
        self.plan = plan


@dataclass(frozen=True, slots=True)
class Table:
    """A file that could be read: the cells of each column by its key, every cell a clean text."""

    rows: Sequence[int]
    """The file's own row numbers."""
    columns: Mapping[str, Sequence[str]]
    """Columns the file leaves out are empty, but not in `given`."""
    given: frozenset[str]
    """Keys of the columns that stand in the file."""
    problems: Sequence[Problem]
    """Of rows, and cells, that could not be read."""

    def each(self) -> Iterable[tuple[int, dict[str, str]]]:
        """The rows with their numbers; those with a cell that could not be read are left out."""
        unreadable = {problem.row for problem in self.problems}
        keys = list(self.columns)
        for number, cells in zip(self.rows, zip(*self.columns.values(), strict=True), strict=True):
            if number not in unreadable:
                yield number, dict(zip(keys, cells, strict=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadKind:
    """What a kind does. All of it within the caller's transaction; `apply` and `undo` in a writing one that holds the
    company."""

    spec: UploadSpec
    template: Callable[[DatabaseSession, Actor], Iterable[Sequence[str]]]
    """The present values that the actor sees, in the order of the columns."""
    choices: Callable[[DatabaseSession, Actor], Mapping[str, Sequence[str]]]
    """What may be chosen in columns, by key; Excel refuses anything else there."""
    plan: Callable[[DatabaseSession, Actor, Table], Plan]
    """What the rows would do, and all that is wrong with them."""
    apply: Callable[[DatabaseSession, Actor, Plan], dict[str, Any]]
    """Do it. Gives what undoing it needs."""
    undo: Callable[[DatabaseSession, Actor, dict[str, Any], str], None]
    """Put everything back. Raises Refused, naming what has been hung on it since; Changed when it has consequences that
    must be seen first, and the last argument isn't the fingerprint that they were shown with."""
