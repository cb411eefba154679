"""What came of a feed: the counts, or every refusal with its row, column and reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from selfcare_app.locales import text

SHOWN = 60
"""Characters of a cell that a sentence repeats."""
MOST_REFUSALS = 1000
"""Reasons that a report of a file of any size names one by one."""
Progress = Callable[[int], object]
"""Is told now and then how many rows of a long file have been read."""


def untold(_rows: int) -> None:
    """The progress that nobody asked for."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """One reason why a file was refused."""

    row: int
    """The file's own row number, the heading row being 1; 0 when the whole file is meant."""
    heading: str
    """The column; empty when the whole row is meant."""
    key: str
    """Text in locales that says why."""
    values: dict[str, object] = field(default_factory=dict)
    """What fills it."""
    rule: str = ""
    """Name of the published rule that was broken; `row` is then a line of the file."""

    def sentence(self, language: str) -> str:
        """Where and why, in the language."""
        place = "cell" if self.heading else "rule" if self.rule else "row" if self.row else "file"
        # Only what stands in the file may be long or unprintable: `value` and `kind`.
        repeated = {name: shown(str(value)) for name, value in self.values.items() if name in ("value", "kind")}
        reason = text(language, self.key, **{**self.values, **repeated})
        return text(
            language, f"feeds.report.{place}", row=self.row, heading=self.heading, rule=self.rule, reason=reason
        )


@dataclass(slots=True)
class Refusals:
    """Reasons as they are found in the order of the rows: the first ones are kept, the others counted."""

    kept: list[Refusal] = field(default_factory=list)
    more: int = 0

    def add(self, refusal: Refusal) -> None:
        """Keep it, or count it when there are enough."""
        if len(self.kept) < MOST_REFUSALS:
            self.kept.append(refusal)
        else:
            self.more += 1


@dataclass(frozen=True, kw_only=True)
class FeedReport:
    """What came of one file (P2): applied whole, or refused whole with nothing changed."""

    kind: str
    file_name: str
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    refusals: tuple[Refusal, ...] = ()
    """In the order of the file's rows; empty when the file was applied."""
    more: int = 0
    """Reasons beside these, of a file with more than anyone reads."""

    @property
    def applied(self) -> bool:
        """Whether the file went in."""
        return not self.refusals

    @property
    def refused(self) -> int:
        """Rows that are named as refused; 0 too when the file as a whole was."""
        return len({refusal.row for refusal in self.refusals} - {0})

    def summary(self, language: str) -> str:
        """One sentence on the whole file."""
        if self.refusals:
            return text(
                language, "feeds.report.refused", file=_short_name(self.file_name), n=len(self.refusals) + self.more
            )
        return text(
            language,
            "feeds.report.applied",
            file=_short_name(self.file_name),
            created=self.created,
            changed=self.changed,
            unchanged=self.unchanged,
        )

    def sentences(self, language: str) -> list[str]:
        """Every refusal as a sentence, in the order of the rows; and how many there are besides."""
        said = [refusal.sentence(language) for refusal in self.refusals]
        return [*said, text(language, "feeds.report.more", n=self.more)] if self.more else said


def _printable(value: str) -> str:
    """A cell or a name may hold anything: what is repeated is printable and of one line."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in value)


def shown(value: str) -> str:
    """A text of anybody's as a sentence repeats it: printable, of one line, and short."""
    printable = _printable(value)
    return printable if len(printable) <= SHOWN else printable[: SHOWN - 1] + "…"


def _short_name(name: str) -> str:
    """Files of one folder or zip differ at the end of their names."""
    printable = _printable(name)
    return printable if len(printable) <= SHOWN else "…" + printable[1 - SHOWN :]
