"""A single entry of the log, to look at (P4)."""

from __future__ import annotations

from selfcare_app.services.access import Actor, NotFound, allowed
from selfcare_app.services.database import session
from selfcare_app.services.showing import Row, page_rows
from selfcare_app.specs.lists import AUDIT
from selfcare_app.specs.permissions import Permission
from selfcare_app.specs.queries import ListQuery


@allowed(Permission.READ_AUDIT)
def overview(actor: Actor, entry_id: int) -> Row:
    """An entry as the list of the log has it. NotFound for one that is missing, foreign or about what the actor doesn't
    see, alike."""
    with session() as db:
        rows = page_rows(db, actor, AUDIT, ListQuery(), [entry_id])
    if not rows:
        raise NotFound
    return rows[0]
