"""Where a user is signed in, shown to managers; ended by those who hold all that the user has (U4)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from selfcare_app.models import AuditEntry, Session
from selfcare_app.services import sessions, user_rights, user_sessions
from selfcare_app.services.access import Forbidden, NotFound, Refused
from selfcare_app.services.database import session, writing
from selfcare_app.specs.permissions import EVERYTHING, Permission, Role
from tests import factories as make


def signed_in(db, user, name, **values):
    values = {"created_at": make.NOW, "last_used_at": make.NOW, "password_at": make.NOW, **values}
    return make.add(
        db,
        Session(
            token_hash=name,
            ref=name,
            sign_in_id=user.sign_in_id,
            user_id=user.id,
            device=name,
            source="192.0.2.1",
            **values,
        ),
    ).id


@pytest.fixture
def there(database):
    """A user in two companies, signed in here and there; a manager of all and one of little."""
    with writing() as db:
        company, other = make.company(db), make.company(db, "Sjövik Vård AB", "5560125790")
        boss = make.user(db, company, "boss@bjorko.example")
        ada, abroad = make.user(db, company, "ada@b.example", Role.READER), make.user(db, other, "ada@b.example")
        little = make.user(db, company, "little@b.example", Role.CUSTOM, permissions=["manage_users"])
        earlier = make.NOW - timedelta(hours=1)
        return {
            "boss": make.actor(boss),
            "little": make.actor(little),
            "ada": ada.id,
            "abroad": abroad.id,
            "phone": signed_in(db, ada, "phone", last_used_at=earlier),
            "desk": signed_in(db, ada, "desk"),
            "elsewhere": signed_in(db, abroad, "elsewhere"),
            "old": signed_in(db, ada, "old", last_used_at=make.NOW - sessions.IDLE),
            "own": signed_in(db, boss, "own"),
        }


def devices(there, who="boss"):
    return [each.device for each in user_sessions.of_user(there[who], there["ada"]).sessions]


def test_a_manager_sees_where_a_user_is_signed_in_to_this_company(there):
    assert devices(there) == ["desk", "phone"], "the latest used first; what lets nobody in isn't there"
    assert user_sessions.of_user(there["boss"], there["ada"]).may_end
    assert not user_sessions.of_user(there["little"], there["ada"]).may_end, "they lack what the user has"
    assert not user_sessions.of_user(there["boss"], there["boss"].user_id).may_end, "one's own are under My profile"
    with pytest.raises(NotFound):
        user_sessions.of_user(there["boss"], there["abroad"])
    with pytest.raises(Forbidden):
        user_sessions.of_user(replace(there["boss"], permissions=EVERYTHING - {Permission.MANAGE_USERS}), there["ada"])


def test_one_session_is_ended_and_logged(there):
    user_rights.end_session(there["boss"], there["ada"], there["phone"])
    assert devices(there) == ["desk"]
    with session() as db:
        assert [(row.action, row.object_id) for row in db.query(AuditEntry).order_by(AuditEntry.id)] == [
            ("user_session_ended", there["ada"])
        ]
        assert db.get(Session, there["elsewhere"]).ended_at is None


def test_a_session_that_is_not_the_users_here_is_not_found(there):
    for other in (there["elsewhere"], there["own"], 10**6):
        with pytest.raises(NotFound):
            user_rights.end_session(there["boss"], there["ada"], other)
    user_rights.end_session(there["boss"], there["ada"], there["desk"])
    with pytest.raises(NotFound):
        user_rights.end_session(there["boss"], there["ada"], there["desk"])


def test_who_lacks_what_the_user_has_ends_nothing(there):
    for actor, user, one in (
        (there["little"], there["ada"], there["phone"]),
        (there["boss"], there["boss"].user_id, there["own"]),
    ):
        with pytest.raises(Refused):
            user_rights.end_session(actor, user, one)
    assert devices(there) == ["desk", "phone"]
