"""Changing group categories and groups (R1, R5): any number of changes at once, shown first and then done as one.

Pages and files both come here, as they do to `services.membership_changes`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session as DatabaseSession
from sqlmodel import col

from selfcare_app.models import AccessGrant, CustomerNumber, Group, GroupCategory, GroupMembership, Subscription, User
from selfcare_app.services import access, group_access, group_writes
from selfcare_app.services.access import Actor, NotFound, Refused, allowed
from selfcare_app.services.changed import changed
from selfcare_app.services.database import lock_company, session, writing
from selfcare_app.services.group_names import Names, checked_description, checked_name, refusal_of_taken
from selfcare_app.services.group_writes import FIELDS, Applied, Does, Outcome, Preview, Values, Write
from selfcare_app.services.membership_changes import GroupRef
from selfcare_app.specs.groups import (
    MONTHS_AHEAD,
    MOST_CATEGORIES,
    MOST_CHANGES,
    MOST_GROUPS,
    shown,
)
from selfcare_app.specs.months import first_of, months_later
from selfcare_app.specs.permissions import Permission

CategoryRef = int | str
"""A category's id, or its name, however it is written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddCategory:
    """Make a category; refused when there is one of that name."""

    name: str
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddGroup:
    """Make a group in a category; refused when the category has one of that name."""

    category: CategoryRef
    name: str
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Put:
    """Have a group (or, without one, a category) as a row of a file says it: made when there is none, its category too;
    else described and renamed. Called by its present name, also where others are renamed at once. None leaves the
    description as it is."""

    category: str
    group: str = ""
    description: str | None = None
    new_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeCategory:
    """Rename and describe a category (R5); None leaves as it is."""

    category: CategoryRef
    name: str | None = None
    description: str | None = None
    version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeGroup:
    """Rename and describe a group (R5); None leaves as it is."""

    group: GroupRef
    name: str | None = None
    description: str | None = None
    version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveCategory:
    """Remove a category with its groups and all that was, is and will be in them (R5)."""

    category: CategoryRef
    version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveGroup:
    """Remove a group with all that was, is and will be in it (R5)."""

    group: GroupRef
    version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EndGroup:
    """Have nothing in a group from a month on; its history stays (R5)."""

    group: GroupRef
    month: date
    version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EndCategory:
    """Have nothing in any group of a category from a month on; its history stays (R5)."""

    category: CategoryRef
    month: date
    version: int | None = None


Change = (
    AddCategory | AddGroup | Put | ChangeCategory | ChangeGroup | RemoveCategory | RemoveGroup | EndGroup | EndCategory
)
_FIRST, _THEN = (RemoveCategory, RemoveGroup, EndGroup, EndCategory), (ChangeCategory, ChangeGroup)


@allowed(Permission.GROUPS_WRITE)
def preview(actor: Actor, changes: Sequence[Change]) -> Preview:
    """What would become of each change, what goes with it, and who would see less by it (U5); nothing is changed.

    They are seen as a whole, in whatever order they stand: all call things by their present names, removals make room,
    and names may go round. Of two that want the same name the first gets it.
    """
    with session() as db:
        return _Plan(db, actor, changes).preview


@allowed(Permission.GROUPS_WRITE)
def apply(
    actor: Actor, changes: Sequence[Change], expected: str | None = None, *, leave_out_refused: bool = False
) -> Applied:
    """Do the changes, all or nothing; gives what was done, for `group_undo`. Refuses as `membership_changes.apply`."""
    with writing() as db:
        assert actor.company_id is not None
        lock_company(db, actor.company_id)
        plan = _Plan(db, actor, changes)
        group_writes.checked(plan.preview, expected, leave_out_refused=leave_out_refused)
        return Applied(plan.preview.outcomes, group_writes.store(db, actor, plan.writes))


def planned(db: DatabaseSession, actor: Actor, changes: Sequence[Change]) -> _Plan:
    """The changes worked out in the caller's transaction: for a file, which keeps what came of it along with them."""
    return _Plan(db, actor, changes)


class _Plan:
    """Changes worked out against what is stored now."""

    def __init__(self, db: DatabaseSession, actor: Actor, changes: Sequence[Change]) -> None:
        if len(changes) > MOST_CHANGES:
            raise Refused("grouping.refused.too_many_changes", most=MOST_CHANGES)
        self._db, self._actor = db, actor
        self._given = group_access.granted(db, actor)
        self._was = {"group_category": stored(db, actor, GroupCategory), "group": stored(db, actor, Group)}
        self._versions = {
            "group_category": versions(db, actor, GroupCategory),
            "group": versions(db, actor, Group),
        }
        outcomes = self._work_out(changes, {})
        while taken := self._taken(changes):
            # Without these others may be in the way of something: what they would have left is where it was.
            refused = {place: outcome for place, outcome in outcomes.items() if outcome.refused is not None}
            outcomes = self._work_out(changes, refused | taken)
        self.writes = [*self._rows(), *self._members.values(), *self._grants.values()]
        sight = group_access.sight(db, actor, self._given, self.writes)
        told = [outcomes[place] for place in range(len(changes))]
        self.preview = group_writes.preview_of(told, sight, self.writes)

    def _work_out(self, changes: Sequence[Change], refused: dict[int, Outcome]) -> dict[int, Outcome]:
        """What becomes of the changes by their places, those that are refused already left out."""
        self._categories, self._groups = dict(self._was["group_category"]), dict(self._was["group"])
        self._names = {table: Names(rows) for table, rows in self._was.items()}
        self._new = 0
        self._members: dict[int, Write] = {}
        """Memberships that go or end, by id."""
        self._grants: dict[int, Write] = {}
        outcomes = dict(refused)
        for place in sorted(range(len(changes)), key=lambda place: _turn(changes[place])):
            if place not in refused:
                self._place = place
                try:
                    outcomes[place] = self._one(changes[place])
                except Refused as why:
                    outcomes[place] = Outcome(does=Does.REFUSED, label=self._called(changes[place]), refused=why)
        return outcomes

    def _taken(self, changes: Sequence[Change]) -> dict[int, Outcome]:
        """The changes that ask for a name which something else has when all is done."""
        found: dict[int, Outcome] = {}
        for table, names in self._names.items():
            for places, holder in names.taken(self._table(table)):
                why = refusal_of_taken(self._categories, self._groups, table, holder)
                for place in places:
                    found[place] = Outcome(does=Does.REFUSED, label=self._called(changes[place]), refused=why)
        return found

    def _one(self, change: Change) -> Outcome:
        match change:
            case AddCategory():
                return self._add_category(change.name, change.description)
            case AddGroup():
                return self._add_group(self._category(change.category), change.name, change.description)
            case Put():
                return self._put(change)
            case ChangeCategory():
                category = self._category(change.category, change.version)
                return self._change("group_category", category, change.name, change.description)
            case ChangeGroup():
                group = self._group(change.group, change.version)
                return self._change("group", group, change.name, change.description)
            case RemoveCategory():
                category = self._category(change.category, change.version)
                return self._remove(self._of(category), category)
            case RemoveGroup():
                return self._remove([self._group(change.group, change.version)], None)
            case EndGroup():
                group = self._group(change.group, change.version)
                return self._end([group], change.month, self._shown(group))
            case EndCategory():
                category = self._category(change.category, change.version)
                return self._end(self._of(category), change.month, self._categories[category]["name"])

    # --- making and changing

    def _add_category(self, name: str, description: str, known_as: str = "") -> Outcome:
        values = {"name": checked_name(name), "description": checked_description(description)}
        if len(self._categories) >= MOST_CATEGORIES:
            raise Refused("grouping.refused.most_categories", most=MOST_CATEGORIES)
        category = self._next()
        self._categories[category] = values
        self._names["group_category"].made(category, known_as or name)
        self._names["group_category"].named(category, self._place)
        return Outcome(does=Does.ADD, label=values["name"], after=_told(values))

    def _add_group(self, category: int, name: str, description: str, known_as: str = "") -> Outcome:
        values = {
            "category_id": category,
            "name": checked_name(name),
            "description": checked_description(description),
        }
        if len(self._groups) >= MOST_GROUPS:
            raise Refused("grouping.refused.most_groups", most=MOST_GROUPS)
        group = self._next()
        self._groups[group] = values
        self._names["group"].made(group, known_as or name, category)
        self._names["group"].named(group, self._place)
        return Outcome(does=Does.ADD, label=self._shown(group), after=_told(values))

    def _put(self, change: Put) -> Outcome:
        category = self._known(change.category)
        if category is not None and category < 0:
            self._names["group_category"].named(category, self._place)
        if not change.group:
            if category is None:
                name = change.new_name or change.category
                return self._add_category(name, change.description or "", known_as=change.category)
            return self._change("group_category", category, change.new_name or None, change.description)
        group = None if category is None else self._known(change.group, category)
        if group is not None:
            return self._change("group", group, change.new_name or None, change.description)
        before = dict(self._categories)
        if category is None:
            self._add_category(change.category, "")
            category = next(id_ for id_ in self._categories if id_ not in before)
        try:
            name = change.new_name or change.group
            return self._add_group(category, name, change.description or "", known_as=change.group)
        except Refused:
            # No category is left behind that nobody asked for by itself.
            self._categories = before
            raise

    def _change(self, table: str, id_: int, name: str | None, description: str | None) -> Outcome:
        rows = self._table(table)
        before = rows[id_]
        label = self._shown(id_) if table == "group" else before["name"]
        after = dict(before)
        if name is not None:
            after["name"] = checked_name(name)
        if description is not None:
            after["description"] = checked_description(description)
        if after == before:
            return Outcome(does=Does.NOTHING, label=label, before=_told(before), after=_told(after))
        if after["name"] != before["name"]:
            self._names[table].named(id_, self._place)
        rows[id_] = after
        return Outcome(does=Does.CHANGE, label=label, before=_told(before), after=_told(after))

    # --- removing and ending

    def _remove(self, groups: list[int], category: int | None) -> Outcome:
        label = self._shown(groups[0]) if category is None else self._categories[category]["name"]
        before = _told(self._groups[groups[0]] if category is None else self._categories[category])
        members = self._memberships(groups)
        grants = self._granting(groups)
        self._members |= {write.id: write for write in members}
        self._grants |= {write.id: write for write in grants}
        for group in groups:
            del self._groups[group]
        if category is not None:
            del self._categories[category]
        return Outcome(
            does=Does.REMOVE,
            label=label,
            before=before,
            takes_groups=0 if category is None else len(groups),
            takes_memberships=len(members),
            history=any(_values(write)["start_month"] < self._actor.month for write in members),
        )

    def _end(self, groups: list[int], month: date, label: str) -> Outcome:
        month, last = first_of(month), months_later(self._actor.month, MONTHS_AHEAD)
        if not self._actor.month <= month <= last:
            raise Refused("grouping.refused.end_from", first=f"{self._actor.month:%Y-%m}", last=f"{last:%Y-%m}")
        until = months_later(month, -1)
        ended: list[Write] = []
        for write in self._memberships(groups):
            values = _values(write)
            if values["start_month"] >= month:
                ended.append(write)
            elif values["end_month"] is None or values["end_month"] >= month:
                after = {**values, "end_month": until}
                ended.append(Write(write.table, write.id, write.before, after, write.label, write.version))
        self._members |= {write.id: write for write in ended}
        does = Does.CHANGE if ended else Does.NOTHING
        return Outcome(does=does, label=label, after={"end": until}, takes_memberships=len(ended))

    def _memberships(self, groups: list[int]) -> list[Write]:
        """All memberships of the groups, as they are removed. Refuses what the actor may not change or sees in part."""
        of = [group for group in groups if group > 0]
        if refusal := self._given.refusal(self._actor, of):
            raise refusal
        membership = GroupMembership.__table__  # type: ignore[attr-defined]
        rows = self._db.connection().execute(
            select(membership, func.coalesce(col(CustomerNumber.number), col(Subscription.label)).label("label"))
            .outerjoin(CustomerNumber, col(CustomerNumber.id) == membership.c.customer_number_id)
            .outerjoin(Subscription, col(Subscription.id) == membership.c.subscription_id)
            .where(membership.c.company_id == self._actor.company_id, membership.c.group_id.in_(of))
        )
        found = [
            Write(
                "group_membership",
                row.id,
                {name: getattr(row, name) for name in FIELDS["group_membership"]},
                None,
                f"{row.label} · {self._shown(row.group_id)}",
                row.version,
            )
            for row in rows
        ]
        if not self._actor.access_all and len(found) > self._seen(of):
            raise Refused("grouping.refused.members_outside")
        return found

    def _seen(self, groups: list[int]) -> int:
        """How many of the groups' memberships are of something that the actor sees."""
        in_these = col(GroupMembership.group_id).in_(groups)
        return sum(
            self._db.connection().execute(
                select(func.count()).select_from(GroupMembership).where(
                    col(GroupMembership.company_id) == self._actor.company_id,
                    in_these,
                    member.in_(access.visible(select(col(of.id)), self._actor, of)),
                )
            ).scalar_one()
            for of, member in (
                (CustomerNumber, col(GroupMembership.customer_number_id)),
                (Subscription, col(GroupMembership.subscription_id)),
            )
        )  # fmt: skip

    def _granting(self, groups: list[int]) -> list[Write]:
        """The access that goes with the groups."""
        rows: Any = self._db.connection().execute(
            select(col(AccessGrant.id), col(AccessGrant.user_id), col(AccessGrant.group_id))
            .join(User, col(User.id) == col(AccessGrant.user_id))
            .where(col(AccessGrant.company_id) == self._actor.company_id, col(AccessGrant.group_id).in_(groups))
        )
        return [
            Write("access_grant", id_, {"user_id": user, "group_id": group}, None, self._shown(group))
            for id_, user, group in rows
        ]

    # --- what a change names

    def _category(self, ref: CategoryRef, version: int | None = None) -> int:
        known = ref if isinstance(ref, int) else self._known(ref)
        if known is None:
            raise Refused("grouping.refused.unknown_category", category=ref)
        return self._as_read("group_category", known, version)

    def _group(self, ref: GroupRef, version: int | None = None) -> int:
        if isinstance(ref, int):
            return self._as_read("group", ref, version)
        category = self._category(ref[0])
        known = self._known(ref[1], category)
        if known is None:
            raise Refused("grouping.refused.unknown_group", group=shown(*ref))
        return self._as_read("group", known, version)

    def _as_read(self, table: str, id_: int, version: int | None) -> int:
        if id_ not in self._table(table):
            raise NotFound
        known = self._versions[table].get(id_)
        if version is not None and known != version:
            now = {**self._table(table)[id_], "version": known}
            raise changed(self._db, self._actor, now, kind=table, object_id=id_, actions=(f"{table}.changed",))
        return id_

    def _known(self, name: str, category: int | None = None) -> int | None:
        """The category of that name, or the group in a category."""
        table = "group_category" if category is None else "group"
        return self._names[table].find(self._table(table), name, category)

    def _table(self, table: str) -> dict[int, Values]:
        return self._groups if table == "group" else self._categories

    def _of(self, category: int) -> list[int]:
        return [id_ for id_, values in self._groups.items() if values["category_id"] == category]

    def _shown(self, group: int) -> str:
        values = self._groups.get(group) or self._was["group"][group]
        category = self._categories.get(values["category_id"]) or self._was["group_category"][values["category_id"]]
        return shown(category["name"], values["name"])

    def _called(self, change: Change) -> str:
        """What a change that is refused concerns."""
        match change:
            case AddCategory(name=name) | AddGroup(name=name):
                return name
            case Put():
                return shown(change.category, change.group) if change.group else change.category
            case ChangeGroup(group=group) | RemoveGroup(group=group) | EndGroup(group=group):
                if isinstance(group, tuple):
                    return shown(*group)
                return self._shown(group) if group in self._was["group"] else ""
            case ChangeCategory(category=of) | RemoveCategory(category=of) | EndCategory(category=of):
                return of if isinstance(of, str) else str(self._was["group_category"].get(of, {}).get("name", ""))

    def _next(self) -> int:
        self._new -= 1
        return self._new

    def _rows(self) -> Iterable[Write]:
        for table, was in self._was.items():
            now = self._table(table)
            for id_ in dict.fromkeys([*was, *now]):
                before, after = was.get(id_), now.get(id_)
                if before != after:
                    values: Any = after or before
                    label = self._shown(id_) if table == "group" else values["name"]
                    yield Write(table, id_, before, after, label, self._versions[table].get(id_, 0))


def stored(db: DatabaseSession, actor: Actor, model: type[Group | GroupCategory]) -> dict[int, Values]:
    """What is said of each of the company's categories or groups, by id."""
    rows = db.exec(access.visible(select(model), actor, model).order_by(col(model.name_sort))).scalars()
    fields = FIELDS[str(model.__tablename__)]
    return {row.id: {name: getattr(row, name) for name in fields} for row in rows}


def versions(db: DatabaseSession, actor: Actor, model: type[Group | GroupCategory]) -> dict[int, int]:
    """The version of each of them."""
    rows = db.connection().execute(access.visible(select(col(model.id), col(model.version)), actor, model))
    return dict(rows.all())


def _turn(change: Change) -> int:
    """Removals first, then what is changed, then what rows of files say and what is new, categories before groups."""
    if isinstance(change, _FIRST):
        return 0
    if isinstance(change, _THEN):
        return 1
    return 2 if isinstance(change, AddCategory) or (isinstance(change, Put) and not change.group) else 3


def _told(values: Values) -> Values:
    return {"name": values["name"], "description": values["description"]}


def _values(write: Write) -> Values:
    assert write.before is not None
    return write.before
