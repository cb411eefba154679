"""The rows of a file on their way into the database, column by column: most rows of most files are as they were."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from selfcare_app.services.feeds.kind import Change, FeedKind
from selfcare_app.services.feeds.report import Refusal


@dataclass(slots=True)
class Stored:
    """A row that is there already."""

    id: int
    company_id: int | None
    fields: tuple[Any, ...]
    """In the order of the kind's fields; what is encrypted is readable where the file has it too."""
    sealed: dict[str, Any]
    """Encrypted fields as they are stored."""


@dataclass(slots=True)
class Batch:
    """Rows of a file as lists, one for each column: at first with what the file says, then `matching` puts ids in place
    of names and adds what is stored."""

    kind: FeedKind
    rows: list[int]
    """Row numbers."""
    written: dict[str, str]
    """How the file writes each heading."""
    refusals: list[Refusal]
    columns: dict[str, list[Any]] = field(default_factory=dict)
    """By field, in the kind's order."""
    labels: list[str] = field(default_factory=list)
    """What people know each row by: its key as the file has it."""
    targets: dict[str, list[Any]] = field(default_factory=dict)
    """Rows referred to, by the field that refers to them."""
    companies: list[int | None] = field(default_factory=list)
    """The company of each row; None for what belongs to none."""
    stored: list[Stored | None] = field(default_factory=list)
    """What is there under the same key."""

    def refuse(self, at: int, heading: str, key: str, **values: object) -> None:
        """Say why the row at the place can't be taken."""
        self.refusals.append(Refusal(self.rows[at], heading, key, values))

    def drop(self, places: Collection[int]) -> None:
        """Go on without these rows."""
        if not places:
            return
        gone = set(places)
        kept = [at for at in range(len(self.rows)) if at not in gone]
        for name in ("rows", "labels", "companies", "stored"):
            values = getattr(self, name)
            setattr(self, name, [values[at] for at in kept] if values else [])
        for lists in (self.columns, self.targets):
            for name, values in lists.items():
                lists[name] = [values[at] for at in kept]

    def keys_as_written(self) -> list[Any]:
        """What the file says each row is known by."""
        return self.keys([(column.field, column.key_of) for column in self.kind.identity])

    def keys(self, fields: Collection[tuple[str, Any]]) -> list[Any]:
        """What each row is known by; of each field of the key, its name and what makes two values the same."""
        return list(zip(*([key_of(value) for value in self.columns[name]] for name, key_of in fields), strict=True))

    def changes(self) -> list[Change]:
        """The rows that are new or differ from what is stored."""
        fields = self.kind.fields
        found: list[Change] = []
        for at, values in enumerate(zip(*(self.columns[name] for name in fields), strict=True)):
            stored = self.stored[at]
            if stored is not None and stored.fields == values:
                continue
            found.append(
                Change(
                    row=self.rows[at],
                    label=self.labels[at],
                    id=stored.id if stored else 0,
                    company_id=self.companies[at],
                    before=dict(zip(fields, stored.fields, strict=True)) if stored else None,
                    after=dict(zip(fields, values, strict=True)),
                    targets={name: targets[at] for name, targets in self.targets.items()},
                    sealed=stored.sealed if stored else {},
                )
            )
        return found
