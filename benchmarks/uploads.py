"""Many members of groups by a workbook, as the page does it: kept, checked, shown, checked again, applied."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import select
from sqlmodel import col

from benchmarks.feeds import as_xlsx, with_calamine
from benchmarks.measuring import BOTH, SECONDS, Beside, Figures, Must, Work, once, took
from benchmarks.places import Place
from selfcare_app.models import CustomerNumber
from selfcare_app.services import database
from selfcare_app.services.access import Actor
from selfcare_app.services.uploads import uploading
from selfcare_app.services.uploads.reading import heading
from selfcare_app.specs.uploads import GROUP_MEMBERSHIPS, GROUPS, UploadSpec

CATEGORY = "Uppladdat"
GROUPS_MADE = 5
"""With those that a generated company has, as many as there may be."""
Rows = Sequence[Sequence[str]]


def groups() -> Rows:
    """New ones, of a category that is new too."""
    return [(CATEGORY, f"Grupp {at}", "", "", "") for at in range(GROUPS_MADE)]


def members(place: Place) -> Rows:
    """Customer numbers, each put into one of the groups from next year on."""
    company, _ = place.companies
    with database.session() as db:
        numbers = select(CustomerNumber.number).where(col(CustomerNumber.company_id) == company)  # type: ignore[call-overload]
        found = list(db.exec(numbers.order_by(col(CustomerNumber.id)).limit(place.size.fed[0])).scalars())
    start = f"{place.actor().today.year + 1}-01"
    return [("", number, CATEGORY, f"Grupp {at % GROUPS_MADE}", start, "", "") for at, number in enumerate(found)]


def upload(place: Place) -> Figures:
    """From the file that arrives until all of it is stored. What it did is undone afterwards."""
    actor = place.actor()
    made = applied(actor, GROUPS, workbook(actor, GROUPS, groups()))
    content = workbook(actor, GROUP_MEMBERSHIPS, members(place))
    done: list[int] = []
    seconds = took(lambda: done.append(applied(actor, GROUP_MEMBERSHIPS, content)))
    uploading.undo(actor, GROUP_MEMBERSHIPS.key, *done)
    uploading.undo(actor, GROUPS.key, made)
    return {SECONDS: seconds}


def applied(actor: Actor, spec: UploadSpec, content: bytes) -> int:
    """Send a file in, look at what it would do, and have it done; gives the upload's id."""
    sent = uploading.receive(actor, spec.key, "measured.xlsx", content)
    plan = uploading.check(actor, spec.key, sent).plan
    assert plan is not None
    if plan.problems:
        raise AssertionError(f"{len(plan.problems)} problems, the first: {plan.problems[0]}")
    return uploading.apply(actor, spec.key, sent, plan.fingerprint).id


def workbook(actor: Actor, spec: UploadSpec, rows: Rows) -> bytes:
    """The rows under the headings that people know."""
    headings = [heading(actor.language, column.key) for column in spec.columns]
    with TemporaryDirectory() as folder:
        return as_xlsx(Path(folder), iter([headings, *rows])).read_bytes()


def read(place: Place) -> Figures:
    """The file read in this process, and nothing done with it."""
    content = workbook(place.actor(), GROUP_MEMBERSHIPS, members(place))
    return once(lambda: with_calamine(content))


WORKS = (
    Work(
        "uploads.members",
        "xlsx of {size.fed[0]:,} members of groups: read safely, checked, shown, applied",
        upload,
        must=(Must(SECONDS, 3),),
        floor=Beside("calamine reads it", read, BOTH),
    ),
)
