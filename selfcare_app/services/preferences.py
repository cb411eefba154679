"""What a user chose about how a list looks: hidden and shown columns (L7)."""

from __future__ import annotations

from sqlmodel import Session as DatabaseSession
from sqlmodel import col, select

from selfcare_app.models import Preference
from selfcare_app.services import audit
from selfcare_app.services.access import Actor, NotFound, allowed
from selfcare_app.services.database import insert_if_missing, session, writing
from selfcare_app.specs.lists import ListSpec

Columns = tuple[list[str], list[str]]
"""Hidden against the page's own choice, shown against it."""


def _key(spec: ListSpec) -> str:
    return f"columns.{spec.key}"


def _stored(db: DatabaseSession, actor: Actor, spec: ListSpec) -> Preference | None:
    return db.exec(
        select(Preference).where(
            col(Preference.company_id) == actor.company_id,
            col(Preference.user_id) == actor.user_id,
            col(Preference.key) == _key(spec),
        )
    ).one_or_none()


def _parted(spec: ListSpec, value: list[str]) -> Columns:
    """Stored as -key for hidden; a column that no longer exists is forgotten."""
    keys = {column.key for column in spec.columns}
    return (
        [said[1:] for said in value if said.startswith("-") and said[1:] in keys],
        [said for said in value if said in keys],
    )


def _is_hidden(spec: ListSpec, stored: list[str], key: str) -> bool:
    """Optional columns are hidden until they are chosen."""
    column = spec.column(key)
    return f"-{key}" in stored or (column is not None and column.optional and key not in stored)


@allowed(None)
def hidden_columns(actor: Actor, spec: ListSpec) -> Columns:
    """The user's choice for a list."""
    with session() as db:
        stored = _stored(db, actor, spec)
        return _parted(spec, stored.value if stored else [])


@allowed(None)
def toggle_column(actor: Actor, spec: ListSpec, key: str) -> Columns:
    """Hide the column, or show it again. Refuses the first column, which names the row, and unknown ones."""
    if key not in {column.key for column in spec.columns[1:]}:
        raise NotFound
    assert actor.company_id is not None
    assert actor.user_id is not None
    own = {"company_id": actor.company_id, "user_id": actor.user_id, "key": _key(spec)}
    with writing() as db:
        insert_if_missing(db, Preference, **own, value=[])
        preference = db.exec(select(Preference).filter_by(**own).with_for_update()).one()
        before = list(preference.value)
        rest = [said for said in before if said.removeprefix("-") != key]
        after = [*rest, key if _is_hidden(spec, before, key) else f"-{key}"]
        preference.value = after
        db.add(preference)
        audit.record(
            db,
            actor,
            "columns_chosen",
            kind="list",
            label=spec.key,
            before={"columns": before},
            after={"columns": after},
        )
        return _parted(spec, after)
