"""Groups that give somebody access (U5): who may change what is in them, and who gains or loses sight of what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlmodel import Session as DatabaseSession
from sqlmodel import col

from selfcare_app.models import AccessGrant, CustomerNumber, GroupMembership, Subscription, User
from selfcare_app.services.access import Actor, Refused
from selfcare_app.services.database import batches
from selfcare_app.services.group_writes import Sight, Write
from selfcare_app.specs.months import months_later
from selfcare_app.specs.permissions import Permission

Member = tuple[str, int]
"""The column of GroupMembership that names it, and its id."""
NUMBER, SUBSCRIPTION = "customer_number_id", "subscription_id"
Span = tuple[date, date | None]
Holds = tuple[Collection[int], Collection[Member]]
"""Groups, and things by themselves, that a user has been given."""


@dataclass(slots=True)
class Granted:
    """Who sees something through which groups."""

    users: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    """Groups by user; of those who don't see everything anyway."""
    names: dict[int, str] = field(default_factory=dict)
    groups: set[int] = field(default_factory=set)
    """Groups that give anybody access."""

    def give(self, user: int, group: int, name: str, *, sees_all: bool) -> None:
        """A grant."""
        self.groups.add(group)
        if not sees_all:
            self.users[user].add(group)
            self.names[user] = name

    def refusal(self, actor: Actor, groups: Collection[int]) -> Refused | None:
        """Why the actor may not change what is in these groups: it changes what others see, or what they see themself
        (U4)."""
        giving = self.groups.intersection(groups)
        if not giving:
            return None
        if not actor.may(Permission.MANAGE_USERS):
            return Refused("grouping.refused.gives_access")
        if not actor.access_all and giving & self.users.get(actor.user_id or 0, set()):
            return Refused("grouping.refused.gives_own_access")
        return None


def of_members(members: Iterable[Member]) -> ColumnElement[bool]:
    """The memberships of these."""
    wanted = list(members)
    columns = (NUMBER, SUBSCRIPTION)
    return or_(*(col(getattr(GroupMembership, c)).in_([id_ for of, id_ in wanted if of == c]) for c in columns))


def granted(db: DatabaseSession, actor: Actor, back: Iterable[Write] = ()) -> Granted:
    """All grants of groups in the company, and those that the writes would give back; users who are gone have none."""
    found = Granted()
    rows: Any = db.connection().execute(
        select(col(AccessGrant.user_id), col(AccessGrant.group_id), col(User.name), col(User.access_all))
        .join(User, col(User.id) == col(AccessGrant.user_id))
        .where(col(AccessGrant.company_id) == actor.company_id, col(AccessGrant.group_id).is_not(None))
    )
    for user, group, name, sees_all in rows:
        found.give(user, group, name, sees_all=sees_all)
    wanted = [(w.after["user_id"], w.after["group_id"]) for w in back if w.table == "access_grant" and w.after]
    for user, group in wanted:
        of = db.get(User, user)
        assert of is not None
        found.give(user, group, of.name, sees_all=of.access_all)
    return found


def groups_of(writes: Iterable[Write]) -> set[int]:
    """The groups whose members, dates or existence the writes change; new ones (below 0) give nobody access yet."""
    found: set[int] = set()
    for write in writes:
        for values in (write.before, write.after):
            if values is None:
                continue
            if write.table == "group_membership":
                found.add(values["group_id"])
            elif write.table == "group" and (write.before is None or write.after is None):
                found.add(write.id)
    return found


def sight(db: DatabaseSession, actor: Actor, given: Granted, writes: Sequence[Write]) -> list[Sight]:
    """Who gains and who loses sight of what by the writes, at once or from a coming month; by user, in their order.

    Of somebody who sees a thing otherwise too nothing is told.
    """
    touched = groups_of(writes) & given.groups
    users = {user: groups for user, groups in given.users.items() if groups & touched}
    changed = [w for w in writes if w.table == "group_membership" and _groups(w) & touched]
    if not users or not changed:
        return []
    members = {member_of(values) for write in changed for values in (write.before, write.after) if values is not None}
    stays = _Stays(db, actor, members, writes)
    months = sorted({actor.month} | {m for m in stays.edges(members) if actor.month < m})
    told: list[Sight] = []
    for user in sorted(users, key=lambda user: given.names[user]):
        holds = users[user], _directly(db, actor, user)
        for member in sorted(members, key=lambda member: stays.labels[member]):
            for month in months:
                before, after = (stays.seen(member, holds, month, new=new) for new in (False, True))
                if before != after:
                    told.append(Sight(given.names[user], after, stays.labels[member], month))
                    break
    return told


def member_of(values: Mapping[str, Any]) -> Member:
    """Whose membership it is."""
    column = NUMBER if values[NUMBER] is not None else SUBSCRIPTION
    return column, values[column]


def _groups(write: Write) -> set[int]:
    return {values["group_id"] for values in (write.before, write.after) if values is not None}


def _directly(db: DatabaseSession, actor: Actor, user: int) -> set[Member]:
    grants: Any = select(col(AccessGrant.customer_number_id), col(AccessGrant.subscription_id)).where(
        col(AccessGrant.company_id) == actor.company_id, col(AccessGrant.user_id) == user
    )
    found: set[Member] = set()
    for number, subscription in db.connection().execute(grants):
        found |= {(NUMBER, number)} if number is not None else {(SUBSCRIPTION, subscription)}
    return found


class _Stays:
    """Where the members are, and their customer numbers, before and after the writes."""

    def __init__(self, db: DatabaseSession, actor: Actor, members: Collection[Member], writes: Sequence[Write]) -> None:
        self.on: dict[int, int] = {}
        """Customer numbers of subscriptions."""
        self.labels: dict[Member, str] = {}
        for some in batches(id_ for column, id_ in members if column == SUBSCRIPTION):
            named: Any = select(col(Subscription.id), col(Subscription.label), col(Subscription.customer_number_id))
            for id_, label, on in db.connection().execute(named.where(col(Subscription.id).in_(some))):
                self.labels[SUBSCRIPTION, id_], self.on[id_] = label, on
        for some in batches(id_ for column, id_ in members if column == NUMBER):
            numbers: Any = select(col(CustomerNumber.id), col(CustomerNumber.number)).where(
                col(CustomerNumber.id).in_(some)
            )
            for id_, label in db.connection().execute(numbers):
                self.labels[NUMBER, id_] = label
        stored: dict[int, tuple[Member, int, Span]] = {}
        wanted = {*members, *((NUMBER, on) for on in self.on.values())}
        for page in batches(wanted):
            rows = db.exec(  # type: ignore[call-overload]
                select(GroupMembership).where(col(GroupMembership.company_id) == actor.company_id, of_members(page))
            )
            for row in rows.scalars():
                stored[row.id] = (member_of(row.model_dump()), row.group_id, (row.start_month, row.end_month))
        self.before = self._by_member(stored)
        for write in writes:
            if write.table != "group_membership":
                continue
            stored.pop(write.id, None)
            if write.after is not None:
                after = write.after
                stored[write.id] = (member_of(after), after["group_id"], (after["start_month"], after["end_month"]))
        self.after = self._by_member(stored)

    @staticmethod
    def _by_member(stored: Mapping[int, tuple[Member, int, Span]]) -> dict[Member, list[tuple[int, Span]]]:
        found: dict[Member, list[tuple[int, Span]]] = defaultdict(list)
        for member, group, span in stored.values():
            found[member].append((group, span))
        return found

    def edges(self, members: Collection[Member]) -> set[date]:
        """The months in which something begins, and those after which something ends."""
        spans = [s for of in (self.before, self.after) for member in members for _, s in of.get(member, ())]
        return {start for start, _ in spans} | {months_later(end, 1) for _, end in spans if end is not None}

    def seen(self, member: Member, holds: Holds, month: date, *, new: bool) -> bool:
        """Whether one who holds that sees the member in the month."""
        groups, direct = holds
        stays = self.after if new else self.before
        places = [member] if member[0] == NUMBER else [member, (NUMBER, self.on[member[1]])]
        return any(
            place in direct
            or any(
                group in groups and start <= month and (end is None or end >= month)
                for group, (start, end) in stays.get(place, ())
            )
            for place in places
        )
