"""Where a user is signed in, for those who manage users (S4, U4). Ending it: `user_rights`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select

from selfcare_app.models import Session, User
from selfcare_app.services import access, sessions
from selfcare_app.services.access import Actor, NotFound, allowed
from selfcare_app.services.database import session
from selfcare_app.services.user_rights import may_end_sessions
from selfcare_app.specs.permissions import Permission

SHOWN = 50
"""Sessions of one user that are named; nobody has as many."""


@dataclass(frozen=True, slots=True)
class UserSession:
    """A browser in which a user is signed in to this company."""

    id: int
    device: str
    source: str
    signed_in_at: datetime
    last_used_at: datetime


@dataclass(frozen=True, slots=True)
class UserSessions:
    """Where a user is signed in, the latest used first."""

    sessions: list[UserSession]
    may_end: bool
    """Whether the reader may end them (U4)."""


@allowed(Permission.MANAGE_USERS)
def of_user(actor: Actor, user_id: int) -> UserSessions:
    """Where a user is signed in to the actor's company, and nothing of where else. NotFound as for the user's page."""
    with session() as db:
        user = db.exec(access.visible(select(User), actor, User).where(col(User.id) == user_id)).one_or_none()
        if user is None:
            raise NotFound
        found = db.exec(
            select(Session)
            .where(Session.user_id == user_id, *sessions.in_force(actor.at))
            .order_by(col(Session.last_used_at).desc(), col(Session.id))
            .limit(SHOWN)
        ).all()
        return UserSessions(
            [UserSession(s.id or 0, s.device, s.source, s.created_at, s.last_used_at) for s in found],
            may_end_sessions(db, actor, user),
        )
