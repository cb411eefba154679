"""The list of a company's users (U10)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import String, and_, case, cast, exists, func, select
from sqlmodel import col

from selfcare_app.models import AccessGrant, SignIn, User
from selfcare_app.specs.lists.common import EXPORT, SHOW
from selfcare_app.specs.lists.shape import Action, Cell, Column, Filter, FilterKind, ListSpec, by_rank, stored
from selfcare_app.specs.permissions import Permission, Role
from selfcare_app.specs.user_doings import Doing

_STATUSES = ("invited", "active", "disabled")
_ROLES = (
    Role.ADMINISTRATOR,
    Role.ORDERER,
    Role.CUSTOM,
    Role.FINANCE,
    Role.APPROVER,
    Role.READER,
    Role.SUPERUSER,
)
"""As their Swedish names sort."""


def _state(invited: Any, active: Any, disabled: Any) -> Any:
    """Whether one who has not registered yet, one who may sign in, or one who may not."""
    return case(
        (col(User.disabled_at).is_not(None), disabled), (col(User.activated_at).is_(None), invited), else_=active
    )


def _is_invited(_today: date) -> Any:
    return and_(col(User.activated_at).is_(None), col(User.disabled_at).is_(None))


def _email_key(_today: date) -> Any:
    return select(col(SignIn.email_key)).where(col(SignIn.id) == col(User.sign_in_id)).correlate(User).scalar_subquery()


def _has_grant() -> Any:
    return exists().where(col(AccessGrant.company_id) == col(User.company_id), col(AccessGrant.user_id) == col(User.id))


USERS = ListSpec(
    key="users",
    model=User,
    permission=Permission.MANAGE_USERS,
    number=cast(col(User.id), String),
    page="/users/{number}",
    icon="users",
    default_sort="name",
    only=stored(col(User.removed_at).is_(None)),
    joins=((SignIn, col(SignIn.id) == col(User.sign_in_id)),),
    columns=(
        Column(
            key="name",
            cell=Cell.LINK,
            value=stored(col(User.name)),
            sort=stored(col(User.name_sort)),
            card="first",
        ),
        Column(
            key="email",
            cell=Cell.EMAIL,
            value=stored(col(SignIn.email)),
            sort=_email_key,
            card="fact2",
        ),
        Column(key="phone", cell=Cell.PHONE, value=stored(col(User.phone)), priority=2),
        Column(
            key="role",
            cell=Cell.CHOICE,
            value=stored(col(User.role)),
            sort=stored(by_rank(col(User.role), _ROLES)),
            texts="permissions.role",
            card="fact",
        ),
        Column(
            key="status",
            cell=Cell.STATUS,
            value=stored(_state(*_STATUSES)),
            sort=stored(_state(2, 0, 1)),
            texts="lists.user_status",
            card="status",
        ),
        Column(
            key="last_sign_in",
            cell=Cell.MOMENT,
            value=stored(col(User.last_sign_in_at)),
            # Whoever has never signed in comes first, on both databases.
            sort=stored(func.coalesce(col(User.last_sign_in_at), datetime(1970, 1, 1, tzinfo=UTC))),
            priority=1,
        ),
        Column(
            key="access",
            cell=Cell.CHOICE,
            value=stored(case((col(User.access_all), "all"), (_has_grant(), "some"), else_="none")),
            texts="lists.user_access",
            optional=True,
        ),
    ),
    filters=(
        Filter(
            key="role",
            kind=FilterKind.CHOICE,
            column=stored(col(User.role)),
            values=tuple(Role),
            texts="permissions.role",
        ),
        Filter(
            key="status",
            kind=FilterKind.CHOICE,
            column=stored(_state(*_STATUSES)),
            values=_STATUSES,
            texts="lists.user_status",
        ),
    ),
    actions=(
        SHOW,
        Action(key=Doing.EDIT, icon="pencil", many=False, tab="profile"),
        Action(key=Doing.CHANGE_PERMISSIONS, icon="shield-check", asks=True, tab="permissions"),
        Action(key=Doing.CHANGE_ACCESS, icon="eye", asks=True, tab="access"),
        Action(key=Doing.INVITE_AGAIN, icon="mail", asks=True, when=_is_invited),
        Action(
            key=Doing.RESET_FACTOR,
            icon="smartphone",
            asks=True,
            many=False,
            when=stored(col(SignIn.totp_since).is_not(None)),
        ),
        Action(key=Doing.ENABLE, icon="user-check", asks=True, when=stored(col(User.disabled_at).is_not(None))),
        Action(key=Doing.DISABLE, icon="user-x", asks=True, when=stored(col(User.disabled_at).is_(None))),
        Action(key=Doing.REMOVE, icon="trash-2", asks=True),
        EXPORT,
    ),
)
