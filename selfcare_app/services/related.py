"""What belongs to a thing, as the tabs of its page: which of it the reader may open, and how much they see in each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlmodel import Session as DatabaseSession

from selfcare_app.models import Table
from selfcare_app.services import access
from selfcare_app.services.access import Actor
from selfcare_app.specs.permissions import Permission


@dataclass(frozen=True, slots=True)
class Part:
    """One kind of things that belong to another."""

    key: str
    model: type[Table]
    permission: Permission
    belongs: ColumnElement[bool]


def count(db: DatabaseSession, actor: Actor, parts: Sequence[Part]) -> dict[str, int]:
    """How many of each part the actor sees, in order; those they may not read are left out. One statement for all."""
    open_to = [part for part in parts if actor.may(part.permission)]
    if not open_to:
        return {}
    counted = (
        access.visible(select(func.count()).select_from(part.model), actor, part.model)
        .where(part.belongs)
        .scalar_subquery()
        for part in open_to
    )
    found: Any = db.exec(select(*counted)).one()  # type: ignore[call-overload]
    return dict(zip((part.key for part in open_to), found, strict=True))
