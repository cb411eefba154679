"""Deputies: who decides in an approver's place from a day to a day (C6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import or_
from sqlalchemy.orm import aliased
from sqlmodel import Session as DatabaseSession
from sqlmodel import col, select

from selfcare_app.models import Deputy, User
from selfcare_app.services import audit
from selfcare_app.services.access import Actor, NotFound, Refused, allowed
from selfcare_app.services.company_profile import able_to_approve
from selfcare_app.services.database import lock_company, session, writing
from selfcare_app.specs.permissions import Permission

FURTHEST = timedelta(days=731)
"""How far ahead a deputy may be named: further is a slip of the keyboard."""


@dataclass(frozen=True, slots=True)
class Deputyship:
    """Somebody who stands in, from the first day to the last."""

    id: int
    name: str
    starts: date
    ends: date
    able: bool
    """False: they may not approve any more, and nobody stands in."""


@dataclass(frozen=True, slots=True)
class Deputies:
    """Those who stand in for somebody now or later, and who could be named, as id and name."""

    named: Sequence[Deputyship]
    candidates: Sequence[tuple[int, str]]


@allowed(Permission.APPROVE_ORDER)
def standing(actor: Actor) -> Deputies:
    """One's own deputies of today and later, in order of time."""
    with session() as db:
        able = able_to_approve(db, actor)
        rows = db.exec(
            select(Deputy, User.name)
            .join(User, col(User.id) == col(Deputy.deputy_id))
            .where(*_own(actor), col(Deputy.ends) >= actor.today)
            .order_by(col(Deputy.starts))
        ).all()
        return Deputies(
            named=[Deputyship(row.id or 0, name, row.starts, row.ends, row.deputy_id in able) for row, name in rows],
            candidates=[(user_id, name) for user_id, name in able.items() if user_id != actor.user_id],
        )


@allowed(Permission.APPROVE_ORDER)
def name_deputy(actor: Actor, deputy_id: int, starts: date, ends: date) -> None:
    """Name who decides in one's place from a day to a day, both included (C6).

    Refuses oneself and whoever isn't an active user of the company holding *Godkänna order*; days that are over, end
    before they start or lie too far ahead; and days for which there is a deputy already, naming that one.
    """
    if deputy_id == actor.user_id:
        raise Refused("profile.deputies.refused.oneself")
    if ends < starts:
        raise Refused("profile.deputies.refused.backwards")
    if starts < actor.today:
        raise Refused("profile.deputies.refused.over", today=actor.today.isoformat())
    if ends - actor.today > FURTHEST:
        raise Refused("profile.deputies.refused.too_far", last=(actor.today + FURTHEST).isoformat())
    assert actor.company_id is not None
    assert actor.user_id is not None
    with writing() as db:
        lock_company(db, actor.company_id)
        able = able_to_approve(db, actor)
        if deputy_id not in able:
            raise Refused("profile.deputies.refused.cannot_approve")
        _refuse_overlap(db, actor, starts, ends)
        row = Deputy(company_id=actor.company_id, user_id=actor.user_id, deputy_id=deputy_id, starts=starts, ends=ends)
        db.add(row)
        db.flush()
        _record(db, actor, "deputy_named", row, actor.name, able[deputy_id], before=None, after=_days(row))


@allowed(Permission.APPROVE_ORDER)
def end_deputy(actor: Actor, deputyship_id: int) -> None:
    """Have nobody stand in from today on; one that is yet to begin goes altogether. NotFound for anyone else's, and
    for what is over."""
    assert actor.company_id is not None
    with writing() as db:
        lock_company(db, actor.company_id)
        found = db.exec(
            select(Deputy, User.name)
            .join(User, col(User.id) == col(Deputy.deputy_id))
            .where(*_own(actor), Deputy.id == deputyship_id, col(Deputy.ends) >= actor.today)
        ).first()
        if found is None:
            raise NotFound
        row, name = found
        _end(db, actor, row, actor.name, name)


def end_all_of(db: DatabaseSession, actor: Actor, user: User) -> None:
    """Have nobody stand in for a user who is removed, nor them for anybody, in the caller's transaction."""
    named: Any = aliased(User)
    deputy: Any = aliased(User)
    rows: Sequence[Any] = db.exec(
        select(Deputy, named.name, deputy.name)
        .join(named, named.id == Deputy.user_id)
        .join(deputy, deputy.id == Deputy.deputy_id)
        .where(
            Deputy.company_id == user.company_id,
            or_(col(Deputy.user_id) == user.id, col(Deputy.deputy_id) == user.id),
            col(Deputy.ends) >= actor.today,
        )
        .order_by(col(Deputy.id))
    ).all()
    for row, of, name in rows:
        _end(db, actor, row, of, name)


def _end(db: DatabaseSession, actor: Actor, row: Deputy, of: str, name: str) -> None:
    before = _days(row)
    if row.starts >= actor.today:
        db.delete(row)
        after = None
    else:
        row.ends = actor.today - timedelta(days=1)
        row.version += 1
        db.add(row)
        after = _days(row)
    _record(db, actor, "deputy_ended", row, of, name, before, after)


def _own(actor: Actor) -> tuple[bool, ...]:
    return (Deputy.company_id == actor.company_id, Deputy.user_id == actor.user_id)


def _refuse_overlap(db: DatabaseSession, actor: Actor, starts: date, ends: date) -> None:
    taken = db.exec(
        select(Deputy, User.name)
        .join(User, col(User.id) == col(Deputy.deputy_id))
        .where(*_own(actor), col(Deputy.starts) <= ends, col(Deputy.ends) >= starts)
        .order_by(col(Deputy.starts))
    ).first()
    if taken is not None:
        row, name = taken
        raise Refused(
            "profile.deputies.refused.overlap", name=name, starts=row.starts.isoformat(), ends=row.ends.isoformat()
        )


def _days(row: Deputy) -> dict[str, date]:
    return {"starts": row.starts, "ends": row.ends}


def _record(
    db: DatabaseSession,
    actor: Actor,
    action: str,
    row: Deputy,
    of: str,
    name: str,
    before: dict[str, date] | None,
    after: dict[str, date] | None,
) -> None:
    """Both names stand in the log: who is stood in for, and by whom."""
    audit.record(
        db,
        actor,
        action,
        kind="deputy",
        object_id=row.id,
        label=f"{of} – {name}",
        before={"deputy": name, **before} if before else None,
        after={"deputy": name, **after} if after else None,
    )
