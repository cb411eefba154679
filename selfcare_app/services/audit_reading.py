"""Reading the log (P4): what its entries tell, and no more than the reader may see anywhere else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlmodel import Session as DatabaseSession
from sqlmodel import col

from selfcare_app.models import (
    Connection,
    CustomerNumber,
    Group,
    GroupCategory,
    Invoice,
    PricePlan,
    Subscription,
    User,
)
from selfcare_app.services import access
from selfcare_app.services.access import Actor
from selfcare_app.specs.audit import FIELDS, Change, Reads, changes
from selfcare_app.specs.permissions import Permission

Fields = Mapping[str, Any] | None


@dataclass(frozen=True)
class _Named:
    """A table whose rows entries refer to by id: what people call them, and the right without which nobody is told."""

    model: Any
    name: Any
    permission: Permission | None


NAMED = {
    "customer_number": _Named(
        CustomerNumber,
        col(CustomerNumber.number).concat(" ").concat(col(CustomerNumber.name)),
        Permission.CUSTOMER_NUMBERS_READ,
    ),
    "subscription": _Named(Subscription, col(Subscription.label), Permission.SUBSCRIPTIONS_READ),
    "connection": _Named(Connection, col(Connection.number), Permission.CONNECTIONS_READ),
    "invoice": _Named(Invoice, col(Invoice.number), Permission.INVOICES_READ),
    "group": _Named(Group, col(GroupCategory.name).concat(":").concat(col(Group.name)), Permission.GROUPS_READ),
    "user": _Named(User, col(User.name), None),
    "price_plan": _Named(PricePlan, col(PricePlan.code).concat(" ").concat(col(PricePlan.name)), None),
}
"""By the table's name, as `specs.audit.Field.names` has it."""
_OF_NO_COMPANY = (PricePlan,)


def told(db: DatabaseSession, actor: Actor, entries: Sequence[tuple[Fields, Fields]]) -> list[list[Change]]:
    """What each entry (fields before, fields after) tells. Rows that it refers to by id are called by their names;
    one that the actor doesn't see, or that is gone, is left out (U6). A statement for each table referred to."""
    found = [changes(before, after) for before, after in entries]
    names = {table: _names(db, actor, table, ids) for table, ids in _referred(found).items()}
    return [[said for each in entry if (said := _said(each, names)) is not None] for entry in found]


def _table(change: Change) -> str:
    field = FIELDS.get(change.field)
    return field.names if field is not None and field.reads is Reads.NAMED else ""


def _referred(found: Iterable[Iterable[Change]]) -> dict[str, set[int]]:
    ids: dict[str, set[int]] = {}
    for each in (change for entry in found for change in entry):
        if table := _table(each):
            ids.setdefault(table, set()).update(_ids(each.before), _ids(each.after))
    return ids


def _ids(value: Any) -> list[int]:
    return [each for each in (value if isinstance(value, list) else [value]) if isinstance(each, int)]


def _names(db: DatabaseSession, actor: Actor, table: str, ids: set[int]) -> dict[int, str]:
    named = NAMED[table]
    if named.permission is not None and not actor.may(named.permission):
        return {}
    statement = select(named.model.id, named.name).where(named.model.id.in_(sorted(ids)))
    if named.model is Group:
        statement = statement.join(GroupCategory, col(GroupCategory.id) == col(Group.category_id))
    if named.model not in _OF_NO_COMPANY:
        statement = access.visible(statement, actor, named.model)
    return {row[0]: row[1] for row in db.connection().execute(statement)}


def _said(change: Change, names: Mapping[str, Mapping[int, str]]) -> Change | None:
    table = _table(change)
    if not table:
        return change
    before, after = (
        [names[table][each] for each in _ids(value) if each in names[table]] for value in (change.before, change.after)
    )
    return replace(change, before=before, after=after) if before or after else None
