"""Writing what a file says anew: rows, audit entries, and what is worked out from them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlmodel import Session as DatabaseSession

from selfcare_app.models import Company
from selfcare_app.services import audit, bulk
from selfcare_app.services.access import Actor
from selfcare_app.services.feeds.kind import Change, FeedKind, Values
from selfcare_app.services.secrets import encrypt


def store(db: DatabaseSession, actor: Actor, kind: FeedKind, changes: Sequence[Change]) -> None:
    """Write the rows that are new and those that differ, each with its audit entry (P4)."""
    if not changes:
        return
    new = [change for change in changes if change.before is None]
    for change, row_id in zip(new, bulk.new_ids(db, kind.model, len(new)), strict=True):
        change.id = row_id
    _insert(db, actor, kind, new)
    _update(db, kind, [change for change in changes if change.before is not None])
    audit.record_many(db, (_entry(actor, kind, change) for change in changes))
    if kind.after is not None:
        kind.after(db, changes)


def _insert(db: DatabaseSession, actor: Actor, kind: FeedKind, changes: Sequence[Change]) -> None:
    if not changes:
        return
    first = _row(kind, changes[0])
    rest = _defaults(actor, kind, first)
    fields = ("id", *first, *rest)
    constant = tuple(rest.values())
    bulk.insert(db, kind.model, fields, ((change.id, *_row(kind, change).values(), *constant) for change in changes))


def _update(db: DatabaseSession, kind: FeedKind, changes: Sequence[Change]) -> None:
    if not changes:
        return
    fields = tuple(_row(kind, changes[0]))
    bulk.update(db, kind.model, fields, ((change.id, *_row(kind, change).values()) for change in changes))


def _row(kind: FeedKind, change: Change) -> Values:
    """Everything that is stored of a row: what the file says, its company, what follows from them."""
    row = {**change.after, **kind.derive(change.after, change.targets)}
    if change.company_id is not None:
        row["company_id"] = change.company_id
    for name in kind.encrypted:
        same = change.before is not None and not change.says_anew(name)
        row[name] = change.sealed.get(name, row[name]) if same else encrypt(row[name], change.label)
    return row


def _defaults(actor: Actor, kind: FeedKind, row: Values) -> Values:
    """What a new row holds beside: the model's own defaults, and when it came."""
    fields = kind.model.model_fields
    defaults = {
        name: field.get_default(call_default_factory=True)
        for name, field in fields.items()
        if name != "id" and name not in row and not field.is_required()
    }
    return {**defaults, "created_at": actor.at} if "created_at" in fields else defaults


def _entry(actor: Actor, kind: FeedKind, change: Change) -> dict[str, Any]:
    company = change.id if kind.model is Company else change.company_id
    told = {} if change.company_id is None else {"company_id": change.company_id}
    return audit.entry(
        actor,
        f"{kind.object_kind}.{'created' if change.before is None else 'changed'}",
        kind=kind.object_kind,
        object_id=change.id,
        label=change.label,
        before=change.before,
        after={**change.after, **told} if change.before is None else change.after,
        company_id=company,
    )
