"""Many things at once by a file (R6): what a file would do or did, and the files before it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any, Generic, ParamSpec, TypeVar

import reflex as rx

from selfcare_app.locales import text
from selfcare_app.services import clock
from selfcare_app.services.access import Actor, Forbidden, NotFound, Refused
from selfcare_app.services.progress import Progress, watched
from selfcare_app.services.uploads import uploading
from selfcare_app.services.uploads.kind import Changed, Outcome, Plan
from selfcare_app.services.uploads.uploading import Checked, Entry
from selfcare_app.specs.uploads import UPLOADS
from selfcare_app.state.filling import Filled, put
from selfcare_app.state.frame import FrameState, enter
from selfcare_app.state.gate import acting, event
from selfcare_app.state.numbers import whole
from selfcare_app.state.shown import grouped

P = ParamSpec("P")
R = TypeVar("R")
LOOK_EVERY = 0.2
"""Seconds between two looks at how far it has come."""
MANY = 500
"""Rows of which it is shown how many are done."""
SHOWN = 50
"""Problems and rows that stand on the page; all of them are in its files."""
_BY_ROUTE = {spec.route: spec.key for spec in UPLOADS.values()}
_DOING = (Outcome.CREATED, Outcome.CHANGED, Outcome.REMOVED)


class UploadState(Filled, rx.State):
    """The pages of UPLOADS. `?upload=` names the file; without it a file can be sent in."""

    kind: str = ""
    upload: str = ""
    """Id of the file that is shown; empty: none."""
    missing: bool = False
    forbidden: bool = False
    stage: str = ""
    """checking, problems, preview, nothing, applied, undone or gone."""
    file_name: str = ""
    when: str = ""
    who: str = ""
    """Who sent it in."""
    own: bool = False
    """Whether its files may be had."""
    rows: int = 0
    """How many rows the file has."""
    problem_count: int = 0
    problems: list[dict[str, str]] = []
    counts: list[dict[str, str]] = []
    planned: int = 0
    """Rows that do something."""
    changes: list[dict[str, str]] = []
    fields: dict[str, list[dict[str, str]]] = {}
    """Of each row in `changes`, by its number: what changes in it."""
    notes: list[str] = []
    fingerprint: str = ""
    may_undo: bool = False
    refusal: str = ""
    working: bool = False
    step: str = ""
    """What is being done with the rows of a large file, and how far it has come; empty: nothing that takes long."""
    done: str = ""
    of: str = ""
    percent: int = 0
    history: list[dict[str, str]] = []

    @event()
    async def load(self) -> AsyncIterator[None]:
        """Show the file that the address names, as things are now, and the files before it."""
        actor = await enter(self)
        kind = _BY_ROUTE.get(self.router.url.path.rstrip("/"), "")
        asked = str(self.router.url.query_parameters.get("upload", ""))
        with self._filling():
            if asked != self.upload or kind != self.kind:
                put(self, refusal="")
            put(self, kind=kind, working=False, step="", forbidden=False, missing=False)
            try:
                history = await asyncio.to_thread(uploading.history, actor, kind)
                put(self, history=[_told(kind, entry) for entry in history])
                if not asked:
                    put(self, upload="", stage="")
                    return
                checking = _begun(uploading.check, actor, kind, whole(asked))
                async for _ in self._following(checking):
                    if self.step:
                        put(self, stage="checking")
                    yield
                self._show(actor, checking.task.result())
            except Forbidden:
                put(self, forbidden=True, upload="", stage="", history=[])
            except NotFound:
                put(self, missing=True, upload="", stage="")

    @event()
    async def apply(self, shown: str) -> Any:
        """Say that it is being done; what does it comes next, so that the page shows it. `shown` is the fingerprint of
        the preview by the button that was pressed: the second of two presses is not about what comes of the first."""
        if not self.upload or self.stage != "preview":
            return None
        put(self, working=True, refusal="")
        return UploadState.carry_out(str(shown))

    @event()
    async def carry_out(self, shown: str) -> AsyncIterator[Any]:
        """Do what the preview showed; when that is no longer what would be done, show it anew."""
        actor = acting()
        try:
            applying = _begun(uploading.apply, actor, self.kind, whole(self.upload), str(shown))
            async for _ in self._following(applying):
                yield
            applying.task.result()
        except Changed as refused:
            self._show_plan(actor, refused.plan)
            self._refuse(actor, refused)
            return
        except Refused as refused:
            self._refuse(actor, refused)
            return
        (await self.get_state(FrameState))._say("uploads.page.applied_title")
        yield UploadState.load

    @event()
    async def undo(self, shown: str) -> Any:
        """Say that it is being undone. `shown` is the fingerprint of what stood above the button that was pressed."""
        if not self.upload or not self.may_undo:
            return None
        put(self, working=True, refusal="")
        return UploadState.put_back(str(shown))

    @event()
    async def put_back(self, shown: str) -> AsyncIterator[Any]:
        """Undo it as a whole; a refusal names what has been hung on it since. Who would see more or less by it is
        shown first (U5): the next press does it."""
        actor = acting()
        try:
            undoing = _begun(uploading.undo, actor, self.kind, whole(self.upload), str(shown))
            async for _ in self._following(undoing):
                yield
            undoing.task.result()
        except Changed as refused:
            notes = [note.sentence(actor.language) for note in refused.plan.notes]
            put(self, working=False, step="", notes=notes, fingerprint=refused.plan.fingerprint)
            return
        except Refused as refused:
            self._refuse(actor, refused)
            return
        (await self.get_state(FrameState))._say("uploads.page.undone_title")
        yield UploadState.load

    @event()
    async def discard(self) -> Any:
        """Throw the file away."""
        actor = acting()
        try:
            await asyncio.to_thread(uploading.discard, actor, self.kind, whole(self.upload))
        except Refused as refused:
            put(self, refusal=text(actor.language, refused.key, **refused.values))
            return None
        return rx.redirect(UPLOADS[self.kind].route)

    # --- what is shown

    async def _following(self, work: _Work) -> AsyncIterator[None]:
        """Show how far it has come until it is done; nothing of what is done at once."""
        while not (await asyncio.wait({work.task}, timeout=LOOK_EVERY))[0]:
            now = work.progress
            step, done, of = now.step, now.done, now.of
            put(
                self,
                step=step.value if step and of >= MANY else "",
                done=grouped(done),
                of=grouped(of),
                percent=100 * done // of if of else 0,
            )
            yield
        put(self, step="")

    def _refuse(self, actor: Actor, refused: Refused) -> None:
        put(self, working=False, step="", refusal=text(actor.language, refused.key, **refused.values))

    def _show(self, actor: Actor, checked: Checked) -> None:
        entry = checked.entry
        put(
            self,
            upload=str(entry.id),
            file_name=entry.file_name,
            who=entry.who,
            own=entry.own,
            when=_moment(entry.undone_at or entry.applied_at or entry.created_at),
            may_undo=entry.undoable,
            rows=sum(entry.counts.values()),
            counts=_counts(entry.counts),
        )
        if checked.plan is not None:
            self._show_plan(actor, checked.plan)
        else:
            gone = entry.state == uploading.RECEIVED
            put(self, stage="gone" if gone else entry.state, problems=[], changes=[], fields={}, notes=[])
            put(self, fingerprint="")

    def _show_plan(self, actor: Actor, plan: Plan) -> None:
        counts = plan.counts
        doing = [row for row in plan.rows if row.outcome is not Outcome.UNCHANGED]
        stage = "problems" if plan.problems else "preview" if doing else "nothing"
        first = doing[:SHOWN]
        put(
            self,
            stage=stage,
            rows=len(plan.rows),
            problem_count=len(plan.problems),
            problems=[
                {
                    "key": str(at),
                    "row": str(problem.row),
                    "column": problem.column,
                    "sentence": problem.sentence(actor.language),
                }
                for at, problem in enumerate(plan.problems[:SHOWN])
            ],
            counts=_counts(counts, tuple(Outcome)),
            planned=len(doing),
            changes=[{"row": str(row.row), "label": row.label, "outcome": row.outcome.value} for row in first],
            fields={
                str(row.row): [
                    {"column": field.column, "before": field.before, "after": field.after} for field in row.fields
                ]
                for row in first
            },
            notes=[note.sentence(actor.language) for note in plan.notes],
            fingerprint=plan.fingerprint if stage == "preview" else "",
        )


@dataclass(frozen=True, slots=True)
class _Work(Generic[R]):
    """What is being done in a thread."""

    task: asyncio.Task[R]
    progress: Progress


def _begun(call: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> _Work[R]:
    progress = Progress()
    return _Work(asyncio.create_task(asyncio.to_thread(watched, progress, call, *args, **kwargs)), progress)


def _moment(at: Any) -> str:
    return f"{clock.local(at):%Y-%m-%d %H:%M}" if at else ""


def _counts(counts: dict[Outcome, int], outcomes: tuple[Outcome, ...] = _DOING) -> list[dict[str, str]]:
    return [{"outcome": outcome.value, "n": grouped(counts[outcome])} for outcome in outcomes if counts[outcome]]


def _told(kind: str, entry: Entry) -> dict[str, str]:
    return {
        "id": str(entry.id),
        "href": f"{UPLOADS[kind].route}?upload={entry.id}",
        "file": entry.file_name,
        "who": entry.who,
        "when": _moment(entry.applied_at or entry.created_at),
        "state": entry.state,
        **{each.value: grouped(entry.counts[each]) if entry.counts[each] else "" for each in _DOING},
    }
