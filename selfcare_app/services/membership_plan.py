"""Memberships as they would be after some changes, in memory: what is refused, and what is to be written (R2-R4).

Pure: what is stored is given, and the present month too. `services.membership_changes` reads, asks and writes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from selfcare_app.services.access import Refused
from selfcare_app.services.group_access import Member
from selfcare_app.services.group_writes import Values
from selfcare_app.specs.groups import MONTHS_AHEAD
from selfcare_app.specs.months import months_later


@dataclass(frozen=True, slots=True)
class Spell:
    """One membership: a member in a group from a month to a month, or (None) until further notice."""

    id: int
    member: Member
    category: int
    group: int
    start: date
    end: date | None
    version: int = 0

    def covers(self, month: date) -> bool:
        """Whether it counts in the month: the end month is the last included."""
        return self.start <= month and (self.end is None or self.end >= month)

    def overlaps(self, other: Spell) -> bool:
        """Whether there is a month in which both count."""
        return self.meets(other.start, other.end)

    def meets(self, start: date, end: date | None) -> bool:
        """Whether it counts in any of the months from the one to the other."""
        return (self.end is None or start <= self.end) and (end is None or self.start <= end)

    def values(self) -> Values:
        """As it is stored."""
        column, id_ = self.member
        of = {"customer_number_id": None, "subscription_id": None, column: id_}
        months = {"start_month": self.start, "end_month": self.end}
        return {"category_id": self.category, "group_id": self.group, **of, **months}


class Overlap(Refused):
    """It would be in two groups of a category in one month (R2); retried once others have been changed."""


class Book:
    """What is stored of some members, and what has been changed in it."""

    def __init__(self, month: date, spells: Iterable[Spell], names: dict[int, str]) -> None:
        self.month = month
        self.names = names
        """Kategori:Grupp by the group's id."""
        # In one order, whichever the database gave them in: a preview's fingerprint is made in the order of `changed`.
        self.stored = {spell.id: spell for spell in sorted(spells, key=lambda spell: spell.id)}
        self.now = dict(self.stored)
        self._places: dict[tuple[Member, int], set[int]] = defaultdict(set)
        for spell in self.now.values():
            self._places[spell.member, spell.category].add(spell.id)
        self._new = 0

    def of(self, member: Member, category: int) -> list[Spell]:
        """The member's memberships within the category, the earliest first."""
        found = [self.now[id_] for id_ in self._places.get((member, category), ())]
        return sorted(found, key=lambda spell: spell.start) if len(found) > 1 else found

    def new(self, member: Member, category: int, group: int, start: date, end: date | None) -> Spell:
        """A membership that isn't there yet; its id is a stand-in, below 0."""
        return Spell(-self._new - 1, member, category, group, start, end)

    def put(self, *spells: Spell, without: Iterable[Spell] = ()) -> None:
        """Have these in the book, each in place of the one with its id, and `without` no more; all of it or nothing.

        Refuses with Overlap what would put a member into two groups of a category in one month (R2), naming the other.
        """
        gone = {spell.id for spell in without}
        ours = {spell.id for spell in spells} | gone
        for spell in spells:
            for other in self.of(spell.member, spell.category):
                if other.id not in ours and spell.overlaps(other):
                    raise self._overlap(other)
        for spell in without:
            del self.now[spell.id]
            self._places[spell.member, spell.category].discard(spell.id)
        for spell in spells:
            self.now[spell.id] = spell
            self._places[spell.member, spell.category].add(spell.id)
            if spell.id < 0:
                self._new = max(self._new, -spell.id)

    def _overlap(self, other: Spell) -> Overlap:
        said = {"group": self.names[other.group], "start": f"{other.start:%Y-%m}"}
        if other.end is None:
            return Overlap("grouping.refused.overlap_open", **said)
        return Overlap("grouping.refused.overlap", **said, end=f"{other.end:%Y-%m}")

    def moved(self, spell: Spell, category: int, group: int, month: date) -> tuple[list[Spell], list[Spell]]:
        """The spells of a move to another group of the category from the month (R4), and those that fall away: one that
        would end before it began."""
        new = self.new(spell.member, category, group, month, spell.end)
        if month <= spell.start:
            return [new], [spell]
        return [replace(spell, end=months_later(month, -1)), new], []

    def begins(self, start: date, opened: date) -> None:
        """Refuse a start outside R3: from the month in which the customer number was opened up to a year from now."""
        last = months_later(self.month, MONTHS_AHEAD)
        if not opened <= start <= last:
            raise Refused("grouping.refused.start", first=f"{opened:%Y-%m}", last=f"{last:%Y-%m}")

    @staticmethod
    def ends(start: date, end: date | None) -> None:
        """Refuse an end before the beginning."""
        if end is not None and end < start:
            raise Refused("grouping.refused.end", start=f"{start:%Y-%m}")

    def changed(self) -> list[tuple[Spell | None, Spell | None]]:
        """What differs from what is stored, before and after; what is new comes last."""
        ids = dict.fromkeys([*self.stored, *self.now])
        pairs = ((self.stored.get(id_), self.now.get(id_)) for id_ in ids)
        return [(old, new) for old, new in pairs if old != new]
