"""Mailed one-time links: made, found, used once, killed. Only hashes of their tokens are kept."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlmodel import Session as DatabaseSession
from sqlmodel import col, select

from selfcare_app.models import MailedLink, SignIn
from selfcare_app.services.access import Refused
from selfcare_app.services.tokens import hash_token, new_token


class LinkDead(Refused):
    """The link is used, expired, replaced or never was: all the same to whoever opens it."""

    def __init__(self) -> None:
        super().__init__("auth.link.dead")


def new(
    db: DatabaseSession,
    kind: str,
    row: SignIn,
    user_id: int | None,
    now: datetime,
    expires_at: datetime,
    address: str = "",
) -> str:
    """Make a link of the kind for the sign-in; gives the token, which is kept nowhere."""
    assert row.id is not None
    token = new_token()
    db.add(
        MailedLink(
            token_hash=hash_token(token),
            kind=kind,
            sign_in_id=row.id,
            user_id=user_id,
            address=address,
            created_at=now,
            expires_at=expires_at,
        )
    )
    return token


def find(db: DatabaseSession, kind: str, token: str, now: datetime) -> MailedLink:
    """The living link of the kind. Raises LinkDead."""
    link = db.exec(
        select(MailedLink).where(
            MailedLink.token_hash == hash_token(token),
            MailedLink.kind == kind,
            col(MailedLink.used_at).is_(None),
            MailedLink.expires_at > now,
        )
    ).first()
    if link is None:
        raise LinkDead
    return link


def use(db: DatabaseSession, link: MailedLink, now: datetime) -> None:
    """Use the link up. Of two who do it at the same moment, one goes on; the other gets LinkDead."""
    used = db.exec(
        update(MailedLink).where(col(MailedLink.id) == link.id, col(MailedLink.used_at).is_(None)).values(used_at=now)
    )
    if used.rowcount != 1:
        raise LinkDead


def kill(db: DatabaseSession, which: Any, now: datetime) -> None:
    """Make links useless."""
    db.exec(update(MailedLink).where(which, col(MailedLink.used_at).is_(None)).values(used_at=now))
