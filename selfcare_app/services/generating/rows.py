"""Rows that no feed brings, written many at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlmodel import Session as DatabaseSession

from selfcare_app.models import Table
from selfcare_app.services import bulk

Row = dict[str, Any]


def put(db: DatabaseSession, model: type[Table], rows: Sequence[Row]) -> list[int]:
    """Insert the rows, which all have the same fields; the others get the model's defaults. Gives their ids."""
    if not rows:
        return []
    rest = {
        name: field.get_default(call_default_factory=True)
        for name, field in model.model_fields.items()
        if name != "id" and name not in rows[0] and not field.is_required()
    }
    ids = list(bulk.new_ids(db, model, len(rows)))
    fields, constant = ("id", *rows[0], *rest), tuple(rest.values())
    bulk.insert(db, model, fields, ((id_, *row.values(), *constant) for id_, row in zip(ids, rows, strict=True)))
    return ids
