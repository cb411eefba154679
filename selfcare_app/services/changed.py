"""What was to be changed is no longer as it was read: who has changed it, when, and how it stands now (house.md)."""

from __future__ import annotations

from collections.abc import Collection

from sqlmodel import Session as DatabaseSession
from sqlmodel import col, select

from selfcare_app.models import AuditEntry
from selfcare_app.services import clock
from selfcare_app.services.access import Actor, Refused

LOOKED_AT = 20
"""Entries of the log among which the change is looked for: the newest are about something else at times."""


class Changed(Refused):
    """Refuses an edit made on something older; `now` is how it stands. Says who was faster and when."""

    def __init__(self, now: object, key: str = "refused.changed_meanwhile", **values: str) -> None:
        super().__init__(key, **values)
        self.now = now


def changed(
    db: DatabaseSession,
    actor: Actor,
    now: object,
    *,
    kind: str,
    object_id: int | None,
    actions: Collection[str],
    field: str = "",
) -> Changed:
    """The refusal, with the latest change in it. `field`: it must be one of that field."""
    entries = db.exec(
        select(AuditEntry)
        .where(
            AuditEntry.company_id == actor.company_id,
            AuditEntry.object_kind == kind,
            AuditEntry.object_id == object_id,
            col(AuditEntry.action).in_(actions),
        )
        .order_by(col(AuditEntry.at).desc(), col(AuditEntry.id).desc())
        .limit(LOOKED_AT)
    ).all()
    by = next((entry for entry in entries if not field or field in (entry.after or {})), None)
    if by is None:
        return Changed(now)
    own = by.user_id is not None and by.user_id == actor.user_id
    return Changed(now, f"refused.changed_by.{'oneself' if own else 'another'}", who=by.who, at=clock.show(by.at))
