"""How each user wants the kinds of mail that may be chosen: at once, once a day, never (C3)."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session as DatabaseSession
from sqlmodel import col, select

from selfcare_app.models import Preference, User
from selfcare_app.services import audit
from selfcare_app.services.access import Actor, NotFound, allowed
from selfcare_app.services.database import insert_if_missing, session, writing
from selfcare_app.specs.mail import KINDS, How, choosable


def _key(kind: str) -> str:
    return f"mail.{kind}"


@allowed(None)
def standing(actor: Actor) -> dict[str, How]:
    """How the actor has each kind that they are sent in this company and may choose."""
    with session() as db:
        rows = db.exec(
            select(Preference.key, Preference.value).where(
                col(Preference.company_id) == actor.company_id, col(Preference.user_id) == actor.user_id
            )
        ).all()
    stored: dict[str, Sequence[str]] = dict(rows)
    return {kind: _how(stored.get(_key(kind))) for kind in choosable(actor.role)}


@allowed(None)
def choose(actor: Actor, kind: str, how: How) -> None:
    """Have a kind of mail at once, once a day, or never; what waits already comes with the next daily mail, or not at
    all. NotFound for a kind that isn't the actor's to choose: approvals and security always come at once."""
    if kind not in choosable(actor.role):
        raise NotFound
    assert actor.company_id is not None
    assert actor.user_id is not None
    own = {"company_id": actor.company_id, "user_id": actor.user_id, "key": _key(kind)}
    with writing() as db:
        insert_if_missing(db, Preference, **own, value=[])
        row = db.exec(select(Preference).filter_by(**own).with_for_update()).one()
        before = _how(row.value)
        if before is how:
            return
        row.value = [how.value]
        db.add(row)
        audit.record(
            db,
            actor,
            "mail_chosen",
            kind="user",
            object_id=actor.user_id,
            label=actor.name,
            before={f"mail_{kind}": before.value},
            after={f"mail_{kind}": how.value},
        )


def wish(db: DatabaseSession, user: User, kind: str) -> How:
    """How a user has a kind of mail; approvals and security always at once."""
    if KINDS[kind].always is not None:
        return How.AT_ONCE
    stored = db.exec(
        select(Preference.value).where(
            col(Preference.company_id) == user.company_id,
            col(Preference.user_id) == user.id,
            col(Preference.key) == _key(kind),
        )
    ).first()
    return _how(stored)


def _how(stored: Sequence[str] | None) -> How:
    return How(stored[0]) if stored and stored[0] in list(How) else How.AT_ONCE
