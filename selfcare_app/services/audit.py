"""The log (P4): one entry per thing written, in the transaction that wrote it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from itertools import chain
from typing import Any

from sqlmodel import Session as DatabaseSession
from sqlmodel import col, select

from selfcare_app.models import AuditEntry, User
from selfcare_app.services import bulk, live
from selfcare_app.services.access import Actor
from selfcare_app.specs.text import search_key

SECRETS = frozenset({"password", "password_hash", "token", "token_hash", "puk", "sim", "secret", "ref"})
"""Names of fields whose values never stand in the log."""
HIDDEN = "•••"
"""Stands in their place: that one was set or changed may be known."""
UNHEARD = frozenset({"sign_in_failed", "second_factor_failed"})
"""What changes nothing: whoever guesses at passwords must not keep the owner's tabs busy."""


def record(
    db: DatabaseSession,
    actor: Actor,
    action: str,
    *,
    kind: str = "",
    object_id: int | None = None,
    label: str = "",
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    company_id: int | None = None,
) -> AuditEntry:
    """Write who did what, and give the entry. `company_id` is for staff and systems, which have none of their own.

    Only what differs between before and after is kept; values of SECRETS never are. Open tabs hear of it once it is
    committed (`services.live`).
    """
    values = entry(
        actor, action, kind=kind, object_id=object_id, label=label, before=before, after=after, company_id=company_id
    )
    written = AuditEntry(**values)
    db.add(written)
    if action not in UNHEARD:
        live.tell(db, _news(values), written)
    return written


def record_of_sign_in(db: DatabaseSession, actor: Actor, action: str, *, label: str = "") -> None:
    """Write what somebody did, or tried, with `actor.sign_in_id` before they were let in: in the log of each company
    that it is a user of, whose readers are to see it (P4), else in the portal's.

    It asks the same whether there is such a sign-in or not: an answer takes as long.
    """
    companies = db.exec(
        select(User.company_id).where(User.sign_in_id == (actor.sign_in_id or 0), col(User.removed_at).is_(None))
    ).all()
    for company_id in companies or (None,):
        record(db, actor, action, kind="sign_in", object_id=actor.sign_in_id, label=label, company_id=company_id)


def entry(
    actor: Actor,
    action: str,
    *,
    kind: str = "",
    object_id: int | None = None,
    label: str = "",
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    company_id: int | None = None,
) -> dict[str, Any]:
    """What `record` would write, as values for `record_many`."""
    if before is not None and after is not None:
        changed = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
        before = {key: value for key, value in before.items() if key in changed}
        after = {key: value for key, value in after.items() if key in changed}
    return {
        "company_id": actor.company_id if actor.company_id is not None else company_id,
        "at": actor.at,
        "user_id": actor.user_id,
        "sign_in_id": actor.sign_in_id,
        "who": actor.name,
        "source": actor.source,
        "action": action,
        "object_kind": kind,
        "object_id": object_id,
        "object_label": label,
        "before": _plain(before),
        "after": _plain(after),
        "search_key": search_key(actor.name, label),
    }


def record_many(db: DatabaseSession, entries: Iterable[dict[str, Any]]) -> None:
    """Write many entries at once: a feed writes as many as it changes rows."""
    remaining = _heard(db, entries)
    first = next(remaining, None)
    if first is not None:
        bulk.insert(db, AuditEntry, tuple(first), (tuple(each.values()) for each in chain([first], remaining)))


def _heard(db: DatabaseSession, entries: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for values in entries:
        live.tell(db, _news(values))
        yield values


def _news(values: dict[str, Any]) -> live.News:
    return live.News(values["company_id"], values["object_kind"], values["object_id"])


def _plain(values: dict[str, Any] | None) -> dict[str, Any] | None:
    if values is None:
        return None
    return {key: _shown(key, value) for key, value in values.items()}


def _shown(key: str, value: Any) -> Any:
    """As JSON takes it; amounts as texts, which keep their places."""
    if key in SECRETS:
        return HIDDEN if value else value
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value
