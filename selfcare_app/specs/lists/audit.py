"""The log: everything that was written in a company, as a list (P4)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import String, and_, case, cast, literal, or_, select
from sqlmodel import col

from selfcare_app.models import AuditEntry, User
from selfcare_app.specs.audit import LIST, OBJECTS, ActionKind, action_words, actions_of, label_words, source_words
from selfcare_app.specs.lists.common import EXPORT, SHOW
from selfcare_app.specs.lists.shape import (
    Cell,
    Column,
    Filter,
    FilterKind,
    Leads,
    ListSpec,
    Offered,
    OnDay,
    Within,
    stored,
)
from selfcare_app.specs.permissions import Permission

_PAGES = {kind: each.to for kind, each in OBJECTS.items() if each.to}


def _done(sort: ActionKind) -> OnDay:
    return lambda _today: col(AuditEntry.action).in_(actions_of(sort))


def _by_or_about(user_id: int) -> Any:
    """What a user did, and what was done with them and their sign-in."""
    sign_in = select(col(User.sign_in_id)).where(col(User.id) == user_id).scalar_subquery()
    about = [
        and_(col(AuditEntry.object_kind) == kind, col(AuditEntry.object_id) == id_)
        for kind, id_ in (("user", user_id), ("sign_in", sign_in))
    ]
    return or_(col(AuditEntry.user_id) == user_id, *about)


AUDIT = ListSpec(
    key="audit",
    model=AuditEntry,
    permission=Permission.READ_AUDIT,
    number=cast(col(AuditEntry.id), String),
    page="/audit/{number}",
    icon="scroll-text",
    search_table="audit_entry_search",
    default_sort="-at",
    within=(Within(kind="users", where=_by_or_about, first=False),),
    columns=(
        Column(
            key="at", cell=Cell.MOMENT, value=stored(col(AuditEntry.at)), sort=stored(col(AuditEntry.at)), card="first"
        ),
        Column(
            key="who",
            cell=Cell.OBJECT,
            value=stored(col(AuditEntry.who)),
            leads=Leads(kind=literal("user"), id=col(AuditEntry.user_id), to={"user": "users"}),
            card="fact",
        ),
        Column(
            key="action",
            cell=Cell.WORDS,
            value=stored(col(AuditEntry.action)),
            words=lambda language, value, _: action_words(language, value),
            card="fact",
        ),
        Column(
            key="object_kind",
            cell=Cell.CODE,
            value=stored(col(AuditEntry.object_kind)),
            texts="lists.audit_object",
            optional=True,
        ),
        Column(
            key="object",
            cell=Cell.OBJECT,
            value=stored(
                case(
                    (col(AuditEntry.object_kind) == "list", literal(LIST).concat(col(AuditEntry.object_label))),
                    else_=col(AuditEntry.object_label),
                )
            ),
            words=lambda language, value, _: label_words(language, value),
            leads=Leads(kind=col(AuditEntry.object_kind), id=col(AuditEntry.object_id), to=_PAGES),
            priority=1,
            card="fact2",
        ),
        Column(
            key="change",
            cell=Cell.CHANGE,
            value=stored(col(AuditEntry.before)),
            also=stored(col(AuditEntry.after)),
            priority=2,
        ),
        Column(
            key="source",
            cell=Cell.WORDS,
            value=stored(col(AuditEntry.source)),
            words=lambda language, value, _: source_words(language, value),
            priority=3,
        ),
    ),
    filters=(
        Filter(
            key="who",
            kind=FilterKind.REFERENCE,
            column=stored(col(AuditEntry.user_id)),
            offered=Offered(
                model=User,
                # A letter first: a number alone would be found in names and telephone numbers.
                number=literal("u").concat(cast(col(User.id), String)),
                label=(col(User.name),),
                sort=col(User.name_sort),
                search=col(User.search_key),
                in_use=True,
            ),
        ),
        Filter(
            key="object_kind",
            kind=FilterKind.CHOICE,
            column=stored(col(AuditEntry.object_kind)),
            values=tuple(OBJECTS),
            texts="lists.audit_object",
        ),
        Filter(
            key="done",
            kind=FilterKind.CONDITION,
            values=tuple(ActionKind),
            conditions={sort.value: _done(sort) for sort in ActionKind},
            texts="lists.audit_kind",
        ),
        Filter(key="days", kind=FilterKind.DAYS, column=stored(col(AuditEntry.at))),
    ),
    actions=(SHOW, EXPORT),
)
