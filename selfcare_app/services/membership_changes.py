"""Changing which groups things are in (R2-R4): any number of changes at once, shown first and then done as one.

Pages, the action on many objects and files all come here: a list of changes, `preview` to see what would become of
each, `apply` with the preview's fingerprint to do exactly that. One page's single change is a list of one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import cast

from sqlalchemy import select
from sqlmodel import Session as DatabaseSession
from sqlmodel import col

from selfcare_app.models import CustomerNumber, GroupMembership, Subscription, Table
from selfcare_app.services import group_access, group_writes
from selfcare_app.services import membership_reading as reading
from selfcare_app.services.access import Actor, NotFound, Refused, allowed
from selfcare_app.services.changed import changed
from selfcare_app.services.database import among, lock_company, session, writing
from selfcare_app.services.group_access import NUMBER, SUBSCRIPTION, Member
from selfcare_app.services.group_writes import Applied, Does, Outcome, Preview, Write
from selfcare_app.services.membership_plan import Book, Overlap, Spell
from selfcare_app.services.progress import Step, counted
from selfcare_app.specs.groups import MOST_CHANGES, name_key, shown
from selfcare_app.specs.months import first_of
from selfcare_app.specs.permissions import Permission

KINDS: dict[str, tuple[str, type[Table]]] = {
    "customer-numbers": (NUMBER, CustomerNumber),
    "subscriptions": (SUBSCRIPTION, Subscription),
}
"""What can be in a group, by the key of its list."""


@dataclass(frozen=True, slots=True)
class Thing:
    """A customer number or a subscription, as people name it."""

    kind: str
    """customer-numbers or subscriptions."""
    number: str


@dataclass(frozen=True, slots=True)
class Named:
    """The membership of a thing in a group: the one that begins in `start`, or the only one there is."""

    thing: Thing
    category: str
    group: str
    start: date | None = None


GroupRef = int | tuple[str, str]
"""A group's id, or the names of category and group, however they are written."""
MembershipRef = int | Named


@dataclass(frozen=True, slots=True, kw_only=True)
class Add:
    """Put a thing into a group from a month (None: when the customer number was opened, R3) to a month, or until
    further notice. `moving`: what it is in then in the same category ends the month before (R4)."""

    thing: Thing
    group: GroupRef
    start: date | None = None
    end: date | None = None
    moving: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Put:
    """Have a thing in a group from a month to a month, as a row of a file says it: the membership of that group which
    begins then, or else the only one of that group that overlaps, gets these months; without any, one is added."""

    thing: Thing
    group: GroupRef
    start: date | None = None
    end: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeMonths:
    """Give a membership other months; with an end it ends by itself (R3)."""

    membership: MembershipRef
    start: date
    end: date | None
    version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """Have a membership end with a month, the last included (R3); one that ends by then anyway stays as it is."""

    membership: MembershipRef
    month: date
    version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Move a membership to another group of its category from a month (R4)."""

    membership: MembershipRef
    group: GroupRef
    month: date
    version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Remove:
    """Take a membership away as if it had never been: for what is yet to come, or was a mistake."""

    membership: MembershipRef
    version: int | None = None


Change = Add | Put | ChangeMonths | End | Move | Remove


@allowed(Permission.GROUPS_WRITE)
def preview(actor: Actor, changes: Sequence[Change]) -> Preview:
    """What would become of each change, and who would see more or less by it (U5); nothing is changed.

    Changes are seen together: one may make room for another. Of each that can't be done the outcome says why.
    """
    with session() as db:
        return _Plan(db, actor, changes).preview


@allowed(Permission.GROUPS_WRITE)
def apply(
    actor: Actor, changes: Sequence[Change], expected: str | None = None, *, leave_out_refused: bool = False
) -> Applied:
    """Do the changes, all or nothing; gives what was done, for `group_undo`.

    Refuses with Stale (and how it stands now) when a preview's fingerprint is given and anything of it has changed, and
    with the first change's own refusal, unless those that can't be done are to be left out.
    """
    with writing() as db:
        assert actor.company_id is not None
        lock_company(db, actor.company_id)
        plan = _Plan(db, actor, changes)
        group_writes.checked(plan.preview, expected, leave_out_refused=leave_out_refused)
        return Applied(plan.preview.outcomes, group_writes.store(db, actor, plan.writes))


def planned(
    db: DatabaseSession, actor: Actor, changes: Sequence[Change], things: Mapping[Thing, Found] | None = None
) -> _Plan:
    """The changes worked out in the caller's transaction: for a file, which keeps what came of it along with them and
    has looked up what they name before (`found`)."""
    return _Plan(db, actor, changes, things)


@dataclass(frozen=True, slots=True)
class Found:
    """A thing that the actor sees."""

    member: Member
    label: str
    opened: date
    """The month in which its customer number was opened (R3)."""


class _Plan:
    """Changes worked out against what is stored now."""

    def __init__(
        self, db: DatabaseSession, actor: Actor, changes: Sequence[Change], things: Mapping[Thing, Found] | None = None
    ) -> None:
        if len(changes) > MOST_CHANGES:
            raise Refused("grouping.refused.too_many_changes", most=MOST_CHANGES)
        self._db, self._actor = db, actor
        self._things = found(db, actor, _named(changes)) if things is None else things
        self._refs, names = reading.groups(db, actor)
        self._categories = dict(self._refs.values())
        self._given = group_access.granted(db, actor)
        self._by_id = _by_membership(db, actor, changes)
        members = {each.member for each in [*self._things.values(), *self._by_id.values()]}
        self._book = Book(actor.month, reading.spells(db, actor, members), names)
        self._labels = {each.member: each.label for each in [*self._things.values(), *self._by_id.values()]}
        outcomes = self._all(changes)
        self.writes = [self._write(old, new) for old, new in self._book.changed()]
        sight = group_access.sight(db, actor, self._given, self.writes)
        self.preview = group_writes.preview_of(outcomes, sight, self.writes)

    def _all(self, changes: Sequence[Change]) -> list[Outcome]:
        """What changes what is there comes first; what overlaps is tried again for as long as others make room."""
        outcomes: dict[int, Outcome] = {}
        waiting = sorted(range(len(changes)), key=lambda place: self._turn(changes[place]))
        while waiting:
            still: list[int] = []
            for place in counted(Step.CHECK, len(waiting), waiting):
                try:
                    outcomes[place] = self._one(changes[place])
                except Overlap as refused:
                    still.append(place)
                    outcomes[place] = self._refused(changes[place], refused)
                except Refused as refused:
                    outcomes[place] = self._refused(changes[place], refused)
            if len(still) == len(waiting):
                break
            waiting = still
        return [outcomes[place] for place in range(len(changes))]

    def _turn(self, change: Change) -> int:
        if isinstance(change, Put):
            try:
                wanted = self._wanted(change)
                return 1 if self._same(*wanted) else 2
            except Refused:
                return 2
        return 0 if isinstance(change, Remove) else 2 if isinstance(change, Add) else 1

    def _one(self, change: Change) -> Outcome:
        match change:
            case Add():
                return self._add(change)
            case Put():
                return self._put(change)
            case ChangeMonths():
                spell, found = self._membership(change.membership, change.version)
                return self._months(spell, found, first_of(change.start), change.end and first_of(change.end))
            case End():
                spell, found = self._membership(change.membership, change.version)
                last = first_of(change.month)
                return self._months(spell, found, spell.start, min(spell.end or last, last))
            case Move():
                return self._move(change)
            case Remove():
                spell, found = self._membership(change.membership, change.version)
                self._may(spell.group)
                self._book.put(without=[spell])
                return self._outcome(Does.REMOVE, found, spell, None)

    def _add(self, change: Add) -> Outcome:
        return self._begin(*self._wanted(change), moving=change.moving)

    def _begin(self, found: Found, group: int, start: date, end: date | None, *, moving: bool = False) -> Outcome:
        category = self._categories[group]
        self._book.begins(start, found.opened)
        self._book.ends(start, end)
        now = next((s for s in self._book.of(found.member, category) if s.covers(start)), None)
        if now is not None and now.group == group and now.start <= start and now.end == end:
            return self._outcome(Does.NOTHING, found, now, now)
        self._may(group)
        new = self._book.new(found.member, category, group, start, end)
        if moving and now is not None and now.group != group:
            self._may(now.group)
            moved, gone = self._book.moved(now, category, group, start)
            # What is asked for decides how long: the one that is left had an end of its own.
            self._book.put(*moved[:-1], new, without=gone)
            return self._outcome(Does.MOVE, found, now, new)
        self._book.put(new)
        return self._outcome(Does.ADD, found, None, new)

    def _put(self, change: Put) -> Outcome:
        found, group, start, end = wanted = self._wanted(change)
        same = self._same(*wanted)
        if not same:
            return self._begin(*wanted)
        if len(same) > 1:
            raise Refused("grouping.refused.several", group=self._book.names[group])
        return self._months(same[0], found, start, end)

    def _wanted(self, change: Add | Put) -> tuple[Found, int, date, date | None]:
        """What is to be in which group from when to when."""
        found = self._thing(change.thing)
        start = first_of(change.start) if change.start else found.opened
        return found, self._group(change.group), start, change.end and first_of(change.end)

    def _same(self, found: Found, group: int, start: date, end: date | None) -> list[Spell]:
        """The memberships that a row of a file is about."""
        own = [s for s in self._book.of(found.member, self._categories[group]) if s.group == group]
        return [s for s in own if s.start == start] or [s for s in own if s.meets(start, end)]

    def _months(self, spell: Spell, found: Found, start: date, end: date | None) -> Outcome:
        if (start, end) == (spell.start, spell.end):
            return self._outcome(Does.NOTHING, found, spell, spell)
        self._may(spell.group)
        if start != spell.start:
            self._book.begins(start, found.opened)
        self._book.ends(start, end)
        new = replace(spell, start=start, end=end)
        self._book.put(new)
        return self._outcome(Does.CHANGE, found, spell, new)

    def _move(self, change: Move) -> Outcome:
        spell, found = self._membership(change.membership, change.version)
        group, month = self._group(change.group), first_of(change.month)
        if self._categories[group] != spell.category:
            raise Refused("grouping.refused.other_category")
        if group == spell.group:
            raise Refused("grouping.refused.same_group", group=self._book.names[group])
        self._may(spell.group, group)
        self._book.begins(month, found.opened)
        if spell.end is not None and month > spell.end:
            raise Refused("grouping.refused.move_after_end", end=f"{spell.end:%Y-%m}")
        kept, gone = self._book.moved(spell, spell.category, group, month)
        self._book.put(*kept, without=gone)
        return self._outcome(Does.MOVE, found, spell, kept[-1])

    # --- what a change names

    def _thing(self, thing: Thing) -> Found:
        found = self._things.get(thing)
        if found is None:
            raise NotFound
        return found

    def _group(self, ref: GroupRef) -> int:
        if isinstance(ref, int):
            if ref not in self._book.names:
                raise NotFound
            return ref
        found = self._refs.get((name_key(ref[0]), name_key(ref[1])))
        if found is None:
            raise Refused("grouping.refused.unknown_group", group=shown(*ref))
        return found[0]

    def _membership(self, ref: MembershipRef, version: int | None) -> tuple[Spell, Found]:
        if isinstance(ref, int):
            spell, found = self._book.now.get(ref), self._by_id.get(ref)
            if spell is None or found is None:
                raise NotFound
        else:
            found, group = self._thing(ref.thing), self._group((ref.category, ref.group))
            start = ref.start and first_of(ref.start)
            own = [s for s in self._book.of(found.member, self._categories[group]) if s.group == group]
            of = [s for s in own if start is None or s.start == start]
            if len(of) > 1:
                raise Refused("grouping.refused.several", group=self._book.names[group])
            if not of:
                raise Refused("grouping.refused.not_a_member", group=self._book.names[group])
            spell = of[0]
        if version is not None and spell.version != version:
            actions = ("group_membership.changed",)
            raise changed(self._db, self._actor, spell, kind="group_membership", object_id=spell.id, actions=actions)
        return spell, found

    def _may(self, *groups: int) -> None:
        if refusal := self._given.refusal(self._actor, groups):
            raise refusal

    # --- what is told

    def _outcome(self, does: Does, found: Found, old: Spell | None, new: Spell | None) -> Outcome:
        names, month = self._book.names, self._actor.month
        return reading.outcome(does, found.label, old, new, names, month)

    def _refused(self, change: Change, refused: Refused) -> Outcome:
        match change:
            case Add() | Put():
                label = self._label(change.thing)
            case ChangeMonths() | End() | Move() | Remove():
                ref = change.membership
                found = self._by_id.get(ref) if isinstance(ref, int) else None
                label = self._label(ref.thing) if isinstance(ref, Named) else found.label if found else ""
        return Outcome(does=Does.REFUSED, label=label, refused=refused)

    def _label(self, thing: Thing) -> str:
        found = self._things.get(thing)
        return found.label if found else thing.number

    def _write(self, old: Spell | None, new: Spell | None) -> Write:
        one = cast(Spell, new or old)
        label = f"{self._labels[one.member]} · {self._book.names[one.group]}"
        before, after = (spell.values() if spell else None for spell in (old, new))
        return Write("group_membership", one.id, before, after, label, one.version)


# --- reading


def found(db: DatabaseSession, actor: Actor, numbers: Mapping[str, Collection[str]]) -> dict[Thing, Found]:
    """What has these numbers, by the kind of thing, as far as the actor sees it (U6) and may read it."""
    things: dict[Thing, Found] = {}
    for kind, (column, _) in KINDS.items():
        # PostgreSQL knows no text with NUL in it.
        wanted = [number for number in numbers.get(kind, ()) if number and "\x00" not in number]
        if wanted:
            for id_, number, label, opened in reading.seen(
                db, actor, column, lambda of, wanted=wanted: among(db, of.number, wanted)
            ):
                things[Thing(kind, number)] = Found((column, id_), label, first_of(opened))
    return things


def _named(changes: Iterable[Change]) -> dict[str, set[str]]:
    """The numbers that the changes name, by the kind of thing."""
    named: dict[str, set[str]] = {}
    for change in changes:
        thing = change.thing if isinstance(change, Add | Put) else getattr(change.membership, "thing", None)
        if thing is not None:
            named.setdefault(thing.kind, set()).add(thing.number)
    return named


def _by_membership(db: DatabaseSession, actor: Actor, changes: Iterable[Change]) -> dict[int, Found]:
    """By the ids of memberships, whose they are, as far as the actor sees it."""
    ids = {
        c.membership
        for c in changes
        if isinstance(c, ChangeMonths | End | Move | Remove) and isinstance(c.membership, int)
    }
    by_id: dict[int, Found] = {}
    for column in (NUMBER, SUBSCRIPTION) if ids else ():
        of = col(getattr(GroupMembership, column))
        rows = select(col(GroupMembership.id), of).where(
            col(GroupMembership.company_id) == actor.company_id,
            among(db, col(GroupMembership.id), ids),
            of.is_not(None),
        )
        whose: dict[int, int] = dict(db.connection().execute(rows).all())
        seen = reading.seen_ids(db, actor, column, set(whose.values()))
        members = {id_: Found((column, id_), label, first_of(opened)) for id_, _, label, opened in seen}
        by_id |= {id_: members[member] for id_, member in whose.items() if member in members}
    return by_id
