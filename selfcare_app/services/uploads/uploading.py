"""Many things at once by an Excel file (R6): receive, check every row, show what would change, apply all or nothing,
undo as a whole. What the rows mean is each kind's own business."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from sqlalchemy import and_, delete, or_, select
from sqlmodel import Session as DatabaseSession
from sqlmodel import col

from selfcare_app.models import Upload
from selfcare_app.services import audit
from selfcare_app.services.access import OPERATIONS, Actor, Forbidden, NotFound, Refused
from selfcare_app.services.database import lock_company, session, writing
from selfcare_app.services.uploads import files, reading
from selfcare_app.services.uploads.kind import Changed, Outcome, Plan, UploadKind
from selfcare_app.services.uploads.kinds import KINDS
from selfcare_app.specs.uploads import UPLOADS

P = ParamSpec("P")
R = TypeVar("R")
RECEIVED, APPLIED, UNDONE = "received", "applied", "undone"
WAITING = 5
"""Files of one kind that one person may have lying unused; the oldest goes when another comes."""
NAME_LENGTH = 200
_LARGEST_ID = 2**63 - 1
"""Neither database has, or can be asked for, a larger one."""
HISTORY = 20
"""Uploads that a page shows, the latest first."""


def _by_kind(operation: Callable[Concatenate[Actor, str, P], R]) -> Callable[Concatenate[Actor, str, P], R]:
    """Mark an operation on a kind of upload: its first arguments are the Actor, who must hold the kind's permission,
    and the kind's key. Refuses with Forbidden; with NotFound where there is no such kind."""
    name = f"uploads.uploading.{operation.__name__}"
    for spec in UPLOADS.values():
        OPERATIONS[f"{name}:{spec.key}"] = spec.permission

    @wraps(operation)
    def guarded(actor: Actor, kind: str, *args: P.args, **kwargs: P.kwargs) -> R:
        spec = UPLOADS.get(kind)
        if spec is None:
            raise NotFound
        if not actor.may(spec.permission):
            raise Forbidden(spec.permission)
        return operation(actor, kind, *args, **kwargs)

    return cast(Callable[Concatenate[Actor, str, P], R], guarded)


@dataclass(frozen=True, slots=True)
class Entry:
    """One upload as the history tells it."""

    id: int
    file_name: str
    who: str
    state: str
    created_at: datetime
    applied_at: datetime | None
    undone_at: datetime | None
    counts: dict[Outcome, int]
    own: bool
    """Whether the actor sent it in, and may have its files."""
    kept: bool
    """Whether its file is still there (P6)."""
    undoable: bool
    """Whether it is the last of its kind, whoever applied it (R6): undoing it may still be refused."""


@dataclass(frozen=True, slots=True)
class Checked:
    """An upload and what it would do, or what is wrong with it; what it did, once it was applied."""

    entry: Entry
    plan: Plan | None
    """None once it was applied, or when its file is gone."""


@_by_kind
def receive(actor: Actor, kind: str, file_name: str, content: bytes) -> int:
    """Keep a file and give its id. Raises WorkbookError or FileError, with one sentence, for what can't be read."""
    read = reading.read(actor.language, UPLOADS[kind], file_name, content)
    assert actor.company_id is not None
    assert actor.user_id is not None
    name = "".join(c if c.isprintable() else " " for c in file_name.encode(errors="replace").decode()).strip()
    with writing() as db:
        row = Upload(
            company_id=actor.company_id,
            user_id=actor.user_id,
            who=actor.name,
            kind=kind,
            file_name=name[-NAME_LENGTH:],
            size=len(content),
            created_at=actor.at,
            content=content,
            rows=read,
        )
        db.add(row)
        db.flush()
        assert row.id is not None
        waiting = _own(actor, kind, col(Upload.state) == RECEIVED)
        kept = select(col(Upload.id)).where(waiting).order_by(col(Upload.id).desc()).limit(WAITING)
        ids = list(db.execute(kept).scalars())
        db.execute(delete(Upload).where(waiting, col(Upload.id).not_in(ids)))
        return row.id


@_by_kind
def check(actor: Actor, kind: str, upload_id: int) -> Checked:
    """How it stands, as things are now. Raises NotFound for one that doesn't stand in the actor's history."""
    with session() as db:
        row = _fetch(db, actor, kind, upload_id, _seen(actor, kind))
        plan = _plan(db, actor, KINDS[kind], row) if row.state == RECEIVED and row.rows is not None else None
        return Checked(_entry(actor, row, _last_applied(db, actor, kind)), plan)


@_by_kind
def apply(actor: Actor, kind: str, upload_id: int, fingerprint: str) -> Entry:
    """Do all that was shown, or nothing. `fingerprint` is that of the plan that was shown.

    Raises Changed when it would now be another, Refused when it was applied already, or has problems or nothing to do.
    """
    with writing() as db:
        _hold(db, actor)
        row = _fetch(db, actor, kind, upload_id)
        if row.state != RECEIVED or row.rows is None:
            raise Refused("uploads.refused.applied_already")
        plan = _plan(db, actor, KINDS[kind], row)
        if plan.problems or plan.fingerprint != fingerprint:
            raise Changed(plan)
        counts = plan.counts
        if counts[Outcome.UNCHANGED] == len(plan.rows):
            raise Refused("uploads.refused.nothing_to_do")
        row.undo = KINDS[kind].apply(db, actor, plan)
        row.result = [[each.row, each.outcome.value] for each in plan.rows]
        row.state, row.applied_at = APPLIED, actor.at
        row.created, row.changed = counts[Outcome.CREATED], counts[Outcome.CHANGED]
        row.removed, row.unchanged = counts[Outcome.REMOVED], counts[Outcome.UNCHANGED]
        db.add(row)
        audit.record(
            db,
            actor,
            "upload_applied",
            kind="upload",
            object_id=row.id,
            label=row.file_name,
            after={outcome.value: count for outcome, count in counts.items() if count},
        )
        return _entry(actor, row, row.id)


@_by_kind
def undo(actor: Actor, kind: str, upload_id: int, shown: str = "") -> Entry:
    """Put everything back as it was before the upload, whoever applied it: whoever sees it and has the same rights
    (R6). Raises Refused when it isn't the last of its kind, when its file is gone, when something has been hung on its
    rows since, which is named, or when the actor may not change what it changed; and Changed, with who would see more
    or less by it (U5), unless `shown` is the fingerprint of just that."""
    with writing() as db:
        _hold(db, actor)
        row = _fetch(db, actor, kind, upload_id, _seen(actor, kind))
        if row.state == UNDONE:
            raise Refused("uploads.refused.undone_already")
        if row.state != APPLIED or row.undo is None:
            raise Refused("uploads.refused.cannot_undo")
        if _last_applied(db, actor, kind) != row.id:
            raise Refused("uploads.refused.not_the_last")
        KINDS[kind].undo(db, actor, row.undo, shown)
        row.state, row.undone_at = UNDONE, actor.at
        db.add(row)
        audit.record(db, actor, "upload_undone", kind="upload", object_id=row.id, label=row.file_name)
        return _entry(actor, row, None)


@_by_kind
def discard(actor: Actor, kind: str, upload_id: int) -> None:
    """Throw a file away that was not applied."""
    with writing() as db:
        _hold(db, actor)
        row = _fetch(db, actor, kind, upload_id)
        if row.state != RECEIVED:
            raise Refused("uploads.refused.applied_already")
        db.delete(row)


@_by_kind
def history(actor: Actor, kind: str) -> list[Entry]:
    """The latest uploads: one's own, and what others applied for those who see the whole company (U6)."""
    with session() as db:
        last = _last_applied(db, actor, kind)
        found = db.execute(
            select(*_COLUMNS, col(Upload.content).is_not(None).label("kept"))
            .where(_seen(actor, kind))
            .order_by(col(Upload.id).desc())
            .limit(HISTORY)
        )
        return [_entry(actor, row, last) for row in found]


@_by_kind
def template(actor: Actor, kind: str) -> files.File:
    """The file to fill in, with the present values that the actor sees."""
    with session() as db:
        return files.template(db, actor, KINDS[kind])


@_by_kind
def document(actor: Actor, kind: str, upload_id: int, which: str) -> files.File:
    """A file about an upload: `original` as it came, `problems` with what is wrong in a column of its own, `preview`
    with all that would change, `result` with what came of each row. Raises NotFound for any other, and for one that
    isn't there."""
    with session() as db:
        row = _fetch(db, actor, kind, upload_id)
        if row.content is None or row.rows is None:
            raise NotFound
        if which == "original":
            return files.original(row.file_name, row.content)
        if which == "result" and row.result is not None:
            return files.result(actor.language, KINDS[kind], row.file_name, row.rows, dict(row.result))
        if which not in ("problems", "preview") or row.state != RECEIVED:
            raise NotFound
        plan = _plan(db, actor, KINDS[kind], row)
        if which == "problems":
            return files.problems(db, actor, KINDS[kind], row.file_name, row.rows, plan)
        return files.preview(actor.language, KINDS[kind], row.file_name, plan)


_COLUMNS = tuple(
    column
    for column in Upload.__table__.c  # type: ignore[attr-defined]
    if column.name not in ("content", "rows", "result", "undo")
)


def _hold(db: DatabaseSession, actor: Actor) -> None:
    """What is checked stays true until it is written: nobody else changes the company's things meanwhile."""
    assert actor.company_id is not None
    lock_company(db, actor.company_id)


def _own(actor: Actor, kind: str, *where: Any) -> Any:
    return and_(
        col(Upload.company_id) == actor.company_id,
        col(Upload.user_id) == actor.user_id,
        col(Upload.kind) == kind,
        *where,
    )


def _seen(actor: Actor, kind: str) -> Any:
    """Those that stand in the actor's history."""
    if not actor.access_all:
        return _own(actor, kind)
    in_company = and_(col(Upload.company_id) == actor.company_id, col(Upload.kind) == kind)
    return and_(in_company, or_(_own(actor, kind), col(Upload.applied_at).is_not(None)))


def _fetch(db: DatabaseSession, actor: Actor, kind: str, upload_id: int, among: Any = None) -> Upload:
    """The upload, of the actor's own unless `among` says of which. Raises NotFound for any other."""
    if upload_id > _LARGEST_ID:
        raise NotFound
    among = _own(actor, kind) if among is None else among
    wanted = select(Upload).where(among, col(Upload.id) == upload_id)
    found: Upload | None = db.execute(wanted).scalar_one_or_none()
    if found is None:
        raise NotFound
    return found


def _plan(db: DatabaseSession, actor: Actor, kind: UploadKind, row: Upload) -> Plan:
    assert row.rows is not None
    table = reading.table_of(kind.spec, row.rows)
    plan = kind.plan(db, actor, table)
    order = {column.key: place for place, column in enumerate(kind.spec.columns)}
    found = [*table.problems, *plan.problems]
    plan.problems = sorted(found, key=lambda problem: (problem.row, order.get(problem.column, -1)))
    return plan


def _last_applied(db: DatabaseSession, actor: Actor, kind: str) -> int | None:
    """Whoever applied it. One that was undone no longer counts."""
    return db.execute(
        select(col(Upload.id))
        .where(
            col(Upload.company_id) == actor.company_id,
            col(Upload.kind) == kind,
            col(Upload.applied_at).is_not(None),
            col(Upload.state) == APPLIED,
        )
        .order_by(col(Upload.applied_at).desc(), col(Upload.id).desc())
        .limit(1)
    ).scalar_one_or_none()


def _entry(actor: Actor, row: Any, last: int | None) -> Entry:
    own = row.user_id == actor.user_id
    kept = row.kept if hasattr(row, "kept") else row.content is not None
    return Entry(
        id=row.id,
        file_name=row.file_name,
        who=row.who,
        state=row.state,
        created_at=row.created_at,
        applied_at=row.applied_at,
        undone_at=row.undone_at,
        counts={outcome: getattr(row, outcome.value) for outcome in Outcome},
        own=own,
        kept=kept,
        undoable=kept and row.id == last,
    )
