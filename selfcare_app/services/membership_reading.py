"""What plans of memberships rest on: things the actor sees, groups by name, what is stored; and how it is told."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date
from typing import Any, cast

from sqlalchemy import select
from sqlmodel import Session as DatabaseSession
from sqlmodel import col

from selfcare_app.models import CustomerNumber, Group, GroupCategory, GroupMembership, Subscription
from selfcare_app.services import access, group_access
from selfcare_app.services.access import Actor, NotFound
from selfcare_app.services.database import among
from selfcare_app.services.group_access import NUMBER, SUBSCRIPTION, Member
from selfcare_app.services.group_writes import Does, Outcome, Values, Write
from selfcare_app.services.membership_plan import Spell
from selfcare_app.specs.groups import shown


def seen(db: DatabaseSession, actor: Actor, column: str, where: Any) -> Iterable[Any]:
    """Id, number, label and the opening of the customer number, of what the actor sees and may read."""
    of: Any = CustomerNumber if column == NUMBER else Subscription
    if not actor.may(access.READ[of]):
        return ()
    if column == NUMBER:
        statement = select(of.id, of.number, of.number, of.opened)
    else:
        statement = select(of.id, of.number, of.label, col(CustomerNumber.opened)).join(
            CustomerNumber, col(CustomerNumber.id) == of.customer_number_id
        )
    return db.connection().execute(access.visible(statement, actor, of).where(where(of))).all()


def seen_ids(db: DatabaseSession, actor: Actor, column: str, ids: Collection[int]) -> Iterable[Any]:
    """As `seen`, of those with these ids."""
    return seen(db, actor, column, lambda of: among(db, of.id, ids)) if ids else ()


def refuse_unseen(db: DatabaseSession, actor: Actor, members: Iterable[Member]) -> None:
    """NotFound unless the actor sees all of them."""
    wanted = list(members)
    found = {
        (column, id_)
        for column in (NUMBER, SUBSCRIPTION)
        for id_, *_ in seen_ids(db, actor, column, [id_ for kind, id_ in wanted if kind == column])
    }
    if not found.issuperset(wanted):
        raise NotFound


def spells(db: DatabaseSession, actor: Actor, members: Iterable[Member]) -> list[Spell]:
    """All memberships of the members."""
    ids: dict[str, list[int]] = {NUMBER: [], SUBSCRIPTION: []}
    for column, id_ in members:
        ids[column].append(id_)
    fields = ("category_id", "group_id", "start_month", "end_month", "version")
    found: list[Spell] = []
    for column, wanted in ids.items():
        if not wanted:
            continue
        of = col(getattr(GroupMembership, column))
        rows = select(col(GroupMembership.id), of, *(col(getattr(GroupMembership, field)) for field in fields)).where(
            col(GroupMembership.company_id) == actor.company_id, among(db, of, wanted)
        )
        found += [Spell(row[0], (column, row[1]), *row[2:]) for row in db.connection().execute(rows).all()]
    return found


def groups(db: DatabaseSession, actor: Actor) -> tuple[dict[tuple[str, str], tuple[int, int]], dict[int, str]]:
    """Ids of group and category by their names' keys; and Kategori:Grupp by id."""
    rows = db.connection().execute(
        access.visible(select(Group.__table__, GroupCategory.__table__), actor, Group).join(  # type: ignore[attr-defined]
            GroupCategory, col(GroupCategory.id) == col(Group.category_id)
        ).with_only_columns(
            col(Group.id), col(Group.category_id), col(Group.name), col(Group.name_key),
            col(GroupCategory.name), col(GroupCategory.name_key),
        )
    )  # fmt: skip
    refs: dict[tuple[str, str], tuple[int, int]] = {}
    names: dict[int, str] = {}
    for group, category, name, key, category_name, category_key in rows:
        refs[category_key, key] = (group, category)
        names[group] = shown(category_name, name)
    return refs, names


# --- telling


def outcome(
    does: Does, label: str, old: Spell | None, new: Spell | None, names: dict[int, str], month: date
) -> Outcome:
    """What becomes of one membership, as it is told."""

    def told(spell: Spell | None) -> Values:
        return {"group": names[spell.group], "start": spell.start, "end": spell.end} if spell else {}

    history = does is not Does.NOTHING and _history(old, new, month)
    return Outcome(does=does, label=label, before=told(old), after=told(new), history=history)


def _history(old: Spell | None, new: Spell | None, month: date) -> bool:
    """Whether any month before the present one belongs elsewhere than before."""

    def past(spell: Spell | None) -> tuple[object, ...]:
        if spell is None or spell.start >= month:
            return ()
        end = spell.end if spell.end is not None and spell.end < month else None
        return (spell.group, spell.start, end)

    if old is not None and new is not None and old.id != new.id:
        # A move: nothing is rewritten unless it takes place in a month that has passed.
        return new.start < month
    return past(old) != past(new)


def spell_of(write: Write) -> Spell:
    """The membership as the write leaves it."""
    values = cast(Values, write.after)
    months = values["start_month"], values["end_month"]
    member = group_access.member_of(values)
    return Spell(write.id, member, values["category_id"], values["group_id"], *months, write.version)


def outcome_of(write: Write, names: dict[int, str], month: date) -> Outcome:
    """What a write of a membership does, as it is told."""
    old = spell_of(replace(write, after=write.before)) if write.before is not None else None
    new = spell_of(write) if write.after is not None else None
    does = Does.ADD if old is None else Does.REMOVE if new is None else Does.CHANGE
    return outcome(does, write.label, old, new, names, month)
