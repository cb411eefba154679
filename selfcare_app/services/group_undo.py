"""Taking back as a whole what changed groups or memberships (R6), whoever did it: with the same rights and checks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from sqlalchemy import select
from sqlmodel import Session as DatabaseSession
from sqlmodel import col

from selfcare_app.models import Group, GroupCategory, User
from selfcare_app.services import access, group_access, group_changes, group_writes
from selfcare_app.services import membership_reading as reading
from selfcare_app.services.access import Actor, Refused, allowed
from selfcare_app.services.database import lock_company, session, writing
from selfcare_app.services.group_writes import Applied, Does, Outcome, Preview, Values, Write
from selfcare_app.services.membership_plan import Book
from selfcare_app.specs.groups import MOST_CATEGORIES, MOST_GROUPS, name_key, shown
from selfcare_app.specs.permissions import Permission


@allowed(Permission.GROUPS_WRITE)
def preview(actor: Actor, done: Sequence[Write]) -> Preview:
    """What undoing would do. Refuses as `undo` does."""
    with session() as db:
        return planned(db, actor, done)[0]


@allowed(Permission.GROUPS_WRITE)
def undo(actor: Actor, done: Sequence[Write], expected: str | None = None) -> Applied:
    """Undo what `apply` of `group_changes` or `membership_changes` did, all or nothing; gives what that did.

    Refuses, naming it: a row that has changed since, what others have hung on a group that would go, what would overlap
    or collide with what has come in the meantime; and what the actor can't see or may not change (U4, U5).
    """
    with writing() as db:
        assert actor.company_id is not None
        lock_company(db, actor.company_id)
        found, back = planned(db, actor, done)
        group_writes.checked(found, expected, leave_out_refused=False)
        return Applied(found.outcomes, group_writes.store(db, actor, back))


def planned(db: DatabaseSession, actor: Actor, done: Sequence[Write]) -> tuple[Preview, list[Write]]:
    """What undoing would do, and the writes that do it, in the caller's transaction. Refuses as `undo` does."""
    back = _without_who_left(db, actor, group_writes.turned(db, actor, done))
    given = group_access.granted(db, actor, back)
    if refusal := given.refusal(actor, group_access.groups_of(back)):
        raise refusal
    names = _structure(db, actor, back)
    members = [write for write in back if write.table == "group_membership"]
    whose = {group_access.member_of(cast(Values, write.before or write.after)) for write in members}
    reading.refuse_unseen(db, actor, whose)
    book = Book(actor.month, reading.spells(db, actor, whose), names)
    for write in members:
        if cast(Values, write.after or write.before)["group_id"] not in names:
            raise Refused("grouping.refused.undo_changed", label=write.label)
    gone = [book.now[write.id] for write in members if write.after is None]
    book.put(*(reading.spell_of(write) for write in members if write.after is not None), without=gone)
    outcomes = [
        reading.outcome_of(write, names, actor.month) if write.table == "group_membership" else _told(write)
        for write in back
        if write.table != "access_grant"
    ]
    sight = group_access.sight(db, actor, given, back)
    return group_writes.preview_of(outcomes, sight, back), back


def _without_who_left(db: DatabaseSession, actor: Actor, back: Sequence[Write]) -> list[Write]:
    """Users who have been removed since get nothing back."""
    users = {write.after["user_id"] for write in back if write.table == "access_grant" and write.after}
    there = select(col(User.id)).where(access.scope(actor, User), col(User.id).in_(users))
    known = set(db.connection().execute(there).scalars())
    return [w for w in back if w.table != "access_grant" or (w.after is not None and w.after["user_id"] in known)]


def _structure(db: DatabaseSession, actor: Actor, back: Sequence[Write]) -> dict[int, str]:
    """Kategori:Grupp by id, as it will be and for what goes; limits and names are checked (R1)."""
    now = {
        "group_category": group_changes.stored(db, actor, GroupCategory),
        "group": group_changes.stored(db, actor, Group),
    }
    was = {table: dict(rows) for table, rows in now.items()}
    for write in back:
        if write.table in now:
            if write.after is None:
                del now[write.table][write.id]
            else:
                now[write.table][write.id] = write.after
    for table, most in (("group_category", MOST_CATEGORIES), ("group", MOST_GROUPS)):
        rows = now[table]
        if len(rows) > most:
            raise Refused("grouping.refused.undo_room", most=most)
        keys = [(values.get("category_id"), name_key(values["name"])) for values in rows.values()]
        if len(set(keys)) < len(keys):
            label = next(w.label for w in back if w.table == table)
            raise Refused("grouping.refused.undo_name", label=label)
    categories = was["group_category"] | now["group_category"]
    groups = was["group"] | now["group"]
    if any(values["category_id"] not in now["group_category"] for values in now["group"].values()):
        raise Refused("grouping.refused.undo_changed", label=next(w.label for w in back if w.table == "group"))
    return {id_: shown(categories[values["category_id"]]["name"], values["name"]) for id_, values in groups.items()}


def _told(write: Write) -> Outcome:
    does = Does.ADD if write.before is None else Does.REMOVE if write.after is None else Does.CHANGE
    before, after = (
        {key: values[key] for key in ("name", "description")} if values else {}
        for values in (write.before, write.after)
    )
    return Outcome(does=does, label=write.label, before=before, after=after)
