"""What a change of groups writes: rows before and after, stored at once, with log and costs; and taken back as a whole.

A plan ends as a list of `Write`s, whoever made it: a page, an action on many, a file, or the undoing of any of them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import delete, func, select
from sqlmodel import Session as DatabaseSession
from sqlmodel import col

from selfcare_app.models import AccessGrant, CostMonth, Group, GroupCategory, GroupMembership, InvoiceLine, Table
from selfcare_app.services import audit, bulk, costs
from selfcare_app.services.access import Actor, Refused
from selfcare_app.services.database import batches
from selfcare_app.services.progress import Step, counted
from selfcare_app.specs.groups import name_fields
from selfcare_app.specs.months import months_from_to

TABLES: dict[str, type[Table]] = {
    "group_category": GroupCategory,
    "group": Group,
    "group_membership": GroupMembership,
    "access_grant": AccessGrant,
}
"""In the order in which rows can be made; they are removed in the other."""
FIELDS: dict[str, tuple[str, ...]] = {
    "group_category": ("name", "description"),
    "group": ("category_id", "name", "description"),
    "group_membership": (
        "category_id",
        "group_id",
        "customer_number_id",
        "subscription_id",
        "start_month",
        "end_month",
    ),
    "access_grant": ("user_id", "group_id"),
}
"""What is said of a row; the rest follows."""
REFERENCES = {"category_id": "group_category", "group_id": "group"}
"""Fields that name a row which may be made in the same go."""
Values = dict[str, Any]


class Does(StrEnum):
    """What a change does. Texts: grouping.does.<value>."""

    ADD = "add"
    CHANGE = "change"
    MOVE = "move"
    REMOVE = "remove"
    NOTHING = "nothing"
    """It is so already."""
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What would become of one change: what it does to what, field by field; or why it is refused."""

    does: Does
    label: str
    """What it concerns, as people call it: 10023, 070-174 06 05, Avdelning, Avdelning:Ekonomi."""
    before: Values = field(default_factory=dict)
    after: Values = field(default_factory=dict)
    """Fields by name, empty for what isn't there: `name` and `description`, or `group` (Kategori:Grupp), `start` and
    `end` (months; None: until further notice)."""
    takes_groups: int = 0
    takes_memberships: int = 0
    """What goes with something that is removed, or ends with a group (R5)."""
    history: bool = False
    """It changes what belonged where in months that have passed: the cost reports of them change."""
    refused: Refused | None = None

    @property
    def differences(self) -> list[tuple[str, Any, Any]]:
        """Field, before, after: of the fields that differ."""
        keys = dict.fromkeys([*self.before, *self.after])
        return [(key, old, new) for key in keys if (old := self.before.get(key)) != (new := self.after.get(key))]


@dataclass(frozen=True, slots=True)
class Sight:
    """Somebody who gains or loses sight of something through a group that gives access (U5)."""

    user: str
    gains: bool
    what: str
    month: date
    """From this month on; the present one: at once."""


@dataclass(frozen=True, slots=True)
class Write:
    """A row before and after; None: it isn't there. `version` is the one it was read at."""

    table: str
    id: int
    before: Values | None
    after: Values | None
    label: str
    version: int = 0

    def stored(self) -> Values:
        """As JSON, for whoever keeps what was done in order to undo it: `Write.read` gives it back."""
        plain = {"table": self.table, "id": self.id, "label": self.label, "version": self.version}
        return {**plain, "before": _plain(self.before), "after": _plain(self.after)}

    @classmethod
    def read(cls, stored: Values) -> Write:
        """What `stored` gave."""
        before, after = _read(stored["before"]), _read(stored["after"])
        return cls(stored["table"], stored["id"], before, after, stored["label"], stored["version"])


@dataclass(frozen=True, slots=True)
class Preview:
    """What changes would do, in their order, and who would see more or less by it."""

    outcomes: list[Outcome]
    sight: list[Sight]
    fingerprint: str
    """Of all that is shown and of the rows it rests on: applying with it refuses when they have changed since."""

    @property
    def refused(self) -> list[Outcome]:
        """Those that can't be done."""
        return [outcome for outcome in self.outcomes if outcome.refused is not None]


@dataclass(frozen=True, slots=True)
class Applied:
    """What was done, and what has to be kept for undoing it."""

    outcomes: list[Outcome]
    writes: list[Write]


class Stale(Refused):
    """Since the preview was made something has changed; `preview` is how it stands now."""

    def __init__(self, preview: Preview) -> None:
        super().__init__("refused.changed_meanwhile")
        self.preview = preview


def preview_of(outcomes: list[Outcome], sight: list[Sight], writes: Iterable[Write]) -> Preview:
    """A preview with its fingerprint."""
    said = [
        [(o.does, o.label, o.refused.key if o.refused else "", o.takes_groups, o.takes_memberships) for o in outcomes],
        [(s.user, s.gains, s.what, s.month) for s in sight],
        # Rows still to be made have no id that means anything.
        [(w.table, w.id if w.before else 0, w.version, w.before, w.after) for w in writes],
    ]
    made = hashlib.sha256(json.dumps(said, default=str).encode()).hexdigest()
    return Preview(outcomes, sight, made)


def checked(preview: Preview, expected: str | None, *, leave_out_refused: bool) -> None:
    """Refuse when the preview is not the expected one any more, and for the first change that is refused."""
    if expected is not None and preview.fingerprint != expected:
        raise Stale(preview)
    if preview.refused and not leave_out_refused:
        refused = preview.refused[0].refused
        assert refused is not None
        raise refused


# --- storing


def store(db: DatabaseSession, actor: Actor, writes: Sequence[Write]) -> list[Write]:
    """Write the rows, their log entries (P4), and the sums of costs that follow from memberships. The company is held.

    Gives the writes with the ids and versions that the rows have now: what undoing starts from.
    """
    assert actor.company_id is not None
    gone = [write for write in writes if write.after is None]
    costs.forget(db, actor.company_id, [write.id for write in gone if write.table == "group"])
    for name, model in reversed(TABLES.items()):
        for some in batches(write.id for write in gone if write.table == name):
            db.exec(delete(model).where(col(model.id).in_(some)))  # type: ignore[attr-defined]
    done = [*gone, *_update(db, actor, writes), *_insert(db, actor, writes)]
    audit.record_many(db, (_entry(actor, write) for write in counted(Step.LOG, len(done), done)))
    _recount(db, actor, done)
    return done


def _update(db: DatabaseSession, actor: Actor, writes: Sequence[Write]) -> list[Write]:
    """Before rows are made: they may take names that others leave."""
    done: list[Write] = []
    for name, model in TABLES.items():
        of_table = [w for w in writes if w.table == name and w.before is not None and w.after is not None]
        if not of_table:
            continue
        if "name" in FIELDS[name]:
            # Names may go round: a name that is free in the end must not stand in the way before.
            free = ((write.id, f"\t{write.id}", f"\t{write.id}") for write in of_table)
            bulk.update(db, model, ("name_key", "name_sort"), free, new_version=False)
        rows = [_row(actor, write) for write in of_table]
        fields = [key for key in rows[0] if key not in ("id", "company_id", "version")]
        each = counted(Step.STORE, len(rows), rows)
        bulk.update(db, model, fields, ((row["id"], *(row[key] for key in fields)) for row in each))
        done += [replace(write, version=write.version + 1) for write in of_table]
    return done


def _insert(db: DatabaseSession, actor: Actor, writes: Sequence[Write]) -> list[Write]:
    done: list[Write] = []
    ids: dict[tuple[str, int], int] = {}
    for name, model in TABLES.items():
        new = [write for write in writes if write.table == name and write.before is None]
        if not new:
            continue
        unnamed = [write.id for write in new if write.id < 0]
        ids |= {(name, old): id_ for old, id_ in zip(unnamed, bulk.new_ids(db, model, len(unnamed)), strict=True)}
        placed = [_placed(write, ids) for write in new]
        rows = [_row(actor, write) for write in placed]
        each = counted(Step.STORE, len(rows), rows)
        bulk.insert(db, model, tuple(rows[0]), (tuple(row.values()) for row in each))
        done += placed
    return done


def _placed(write: Write, ids: dict[tuple[str, int], int]) -> Write:
    """With real ids in place of stand-ins, which are below 0. A row that comes back under its own keeps it."""
    after = dict(write.after or {})
    for key, table in REFERENCES.items():
        if after.get(key, 0) < 0:
            after[key] = ids[table, after[key]]
    made = (write.table, write.id)
    if made not in ids:
        return replace(write, after=after)
    return replace(write, id=ids[made], after=after, version=1)


def _row(actor: Actor, write: Write) -> Values:
    row = {"id": write.id, "company_id": actor.company_id, **(write.after or {})}
    if write.table in ("group", "group_category"):
        row |= name_fields(row["name"], row["description"])
    return row if write.table == "access_grant" else row | {"version": write.version}


def _entry(actor: Actor, write: Write) -> Values:
    if write.table == "access_grant":
        # What people call it: a change of what the user may see.
        of = write.after or write.before or {}
        before, after = ({"access": [write.label] if values else []} for values in (write.before, write.after))
        said = {"kind": "user", "object_id": of["user_id"], "before": before, "after": after}
        return audit.entry(actor, "user_access_changed", **said)
    verb = "created" if write.before is None else "removed" if write.after is None else "changed"
    return audit.entry(
        actor,
        f"{write.table}.{verb}",
        kind=write.table,
        object_id=write.id,
        label=write.label,
        before=write.before,
        after=write.after,
    )


def _recount(db: DatabaseSession, actor: Actor, done: Sequence[Write]) -> None:
    """Sum anew the costs of the months and customer numbers whose memberships differ (R7)."""
    spans = [
        (values["start_month"], values["end_month"])
        for write in done
        if write.table == "group_membership"
        for values in (write.before, write.after)
        if values is not None
    ]
    if not spans:
        return
    assert actor.company_id is not None
    of_company = col(CostMonth.company_id) == actor.company_id
    first, last = db.exec(select(func.min(CostMonth.month), func.max(CostMonth.month)).where(of_company)).one()  # type: ignore[call-overload]
    if first is None:
        return
    # Nothing costs anything in months that haven't come: most changes are about them.
    first = max(first, min(start for start, _ in spans))
    last = last if any(end is None for _, end in spans) else min(last, max(end for _, end in spans))
    if first > last:
        return
    members = [v for w in done if w.table == "group_membership" for v in (w.before, w.after) if v is not None]
    numbers = {v["customer_number_id"] for v in members if v["customer_number_id"] is not None}
    for some in batches({v["subscription_id"] for v in members if v["subscription_id"] is not None}):
        # Those that its lines stand on, which needn't be its own.
        of = select(col(InvoiceLine.customer_number_id)).where(
            col(InvoiceLine.company_id) == actor.company_id,
            col(InvoiceLine.subscription_id).in_(some),
            col(InvoiceLine.month).between(first, last),
        )
        numbers.update(db.connection().execute(of.distinct()).scalars())
    costs.recount(db, actor.company_id, months_from_to(first, last), numbers)


# --- undoing


def turned(db: DatabaseSession, actor: Actor, done: Sequence[Write]) -> list[Write]:
    """The writes that undo what was done. Refuses, naming it, when a row isn't as that left it any more, or something
    hangs on it. What was changed and changed back is as it was left: after the last, the one before can be undone too.
    """
    versions: dict[tuple[str, int], int] = {}
    for name, model in TABLES.items():
        of_table = {write.id: write for write in done if write.table == name and write.after is not None}
        found: dict[int, Any] = {}
        for some in batches(of_table):
            rows = select(model).where(col(model.company_id) == actor.company_id, col(model.id).in_(some))  # type: ignore[attr-defined]
            found |= {row.id: row for row in db.exec(rows).scalars()}  # type: ignore[call-overload]
        for id_, write in of_table.items():
            row = found.get(id_)
            if row is None or {key: getattr(row, key) for key in FIELDS[name]} != write.after:
                raise Refused("grouping.refused.undo_changed", label=write.label)
            versions[name, id_] = getattr(row, "version", write.version)
    _refuse_hung_on(db, actor, done)
    anew = _taken(db, done)

    def back(write: Write) -> Write:
        values = write.before and {
            key: anew.get((REFERENCES[key], value), value) if key in REFERENCES else value
            for key, value in write.before.items()
        }
        if write.after is None:
            # Whoever still has it open is told that it isn't the row they read.
            id_, version = anew.get((write.table, write.id), write.id), write.version + 1
        else:
            id_, version = write.id, versions[write.table, write.id]
        return Write(write.table, id_, write.after, values, write.label, version)

    return [back(write) for write in reversed(done)]


def _taken(db: DatabaseSession, done: Sequence[Write]) -> dict[tuple[str, int], int]:
    """Stand-ins for the ids of removed rows that SQLite has given to others since. All others come back as what they
    were: addresses, filters, the log and what was done before lead to them still."""
    taken: list[tuple[str, int]] = []
    for name, model in TABLES.items():
        gone = [write.id for write in done if write.table == name and write.after is None]
        for some in batches(gone):
            # Of any company: an id is everybody's.
            there = select(col(model.id)).where(col(model.id).in_(some))  # type: ignore[attr-defined]
            taken += [(name, id_) for id_ in db.connection().execute(there).scalars()]
    return {each: -place for place, each in enumerate(taken, 1)}


def _refuse_hung_on(db: DatabaseSession, actor: Actor, done: Sequence[Write]) -> None:
    """What was made can't go once others have put something into it."""
    made = {(write.table, write.id): write for write in done if write.before is None}
    hangs: tuple[tuple[str, str, type[Table], Any], ...] = (
        ("group_category", "group", Group, col(Group.category_id)),
        ("group", "group_membership", GroupMembership, col(GroupMembership.group_id)),
        ("group", "access_grant", AccessGrant, col(AccessGrant.group_id)),
    )
    for table, hanging, model, column in hangs:
        ids = [id_ for name, id_ in made if name == table]
        if not ids:
            continue
        of = select(model.id, column).where(col(model.company_id) == actor.company_id, column.in_(ids))  # type: ignore[attr-defined]
        for id_, on in db.connection().execute(of):
            if (hanging, id_) not in made:
                raise Refused("grouping.refused.undo_hung_on", label=made[table, on].label)


def _plain(values: Values | None) -> Values | None:
    if values is None:
        return None
    return {key: value.isoformat() if isinstance(value, date) else value for key, value in values.items()}


def _read(values: Values | None) -> Values | None:
    if values is None:
        return None
    months = ("start_month", "end_month")
    return {k: date.fromisoformat(v) if k in months and v is not None else v for k, v in values.items()}
