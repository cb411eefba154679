"""Nobody raises themself, nobody gives or takes what they lack, the last superuser stays (U1, U4, U5; Safety 5)."""

from __future__ import annotations

import threading
from datetime import date, timedelta
from functools import partial

import pytest
from sqlmodel import select

from selfcare_app.models import (
    AccessGrant,
    AuditEntry,
    Deputy,
    MailedLink,
    OutgoingMail,
    Preference,
    Session,
    SignIn,
    User,
    WaitingLetter,
)
from selfcare_app.services import invitations, sessions, user_rights
from selfcare_app.services.access import NotFound, PasswordNeeded, Refused
from selfcare_app.services.changed import Changed
from selfcare_app.services.database import session, writing
from selfcare_app.services.grants import Access
from selfcare_app.services.invitations import Invitee
from selfcare_app.specs.permissions import EVERYTHING, ROLE_PERMISSIONS, Permission, Role, permissions_of
from tests import factories as make
from tests.factories import NOW

P = Permission
MANAGER = [P.MANAGE_USERS.value, P.CUSTOMER_NUMBERS_READ.value, P.INVOICES_READ.value]


class Firm:
    """A company with two superusers, a manager who holds little, a reader; and another company's superuser."""

    def __init__(self, db):
        self.company, self.other = make.company(db), make.company(db, "Sjövik Vård AB", "5560125790")
        self.numbers = [make.customer_number(db, self.company, str(10020 + n)) for n in range(3)]
        self.foreign = make.customer_number(db, self.other, "20020")
        self.subscription = make.subscription(db, self.numbers[2], "S1")
        self.group = make.group(db, self.company, "Avdelning", "Ekonomi")
        self.boss = make.user(db, self.company, "boss@bjorko.example")
        self.second = make.user(db, self.company, "second@bjorko.example")
        self.reader = make.user(db, self.company, "reader@bjorko.example", Role.READER, access_all=False)
        self.manager = make.user(
            db, self.company, "manager@bjorko.example", Role.CUSTOM, access_all=False, permissions=MANAGER
        )
        make.grant(db, self.manager, self.numbers[0])
        self.stranger = make.user(db, self.other, "boss@sjovik.example")


@pytest.fixture
def firm(database):
    with writing() as db:
        return Firm(db)


def now_of(user):
    with session() as db:
        return db.get(User, user.id)


def access_of(user):
    with session() as db:
        rows = db.exec(select(AccessGrant).where(AccessGrant.user_id == user.id).order_by(AccessGrant.id)).all()
    return {(r.customer_number_id, r.subscription_id, r.group_id) for r in rows}


def permit(actor, user, role, permissions=(), version=None):
    version = now_of(user).version if version is None else version
    return user_rights.change_permissions(make.actor(actor), user.id, version, role, permissions)


def let_see(actor, user, **what):
    return user_rights.change_access(make.actor(actor), user.id, now_of(user).version, Access(**what))


# --- Permissions


def test_a_role_is_given_and_a_set_that_equals_a_role_is_that_role(firm):
    permit(firm.boss, firm.reader, Role.ORDERER)
    assert now_of(firm.reader).role == Role.ORDERER
    permit(firm.boss, firm.reader, Role.CUSTOM, ROLE_PERMISSIONS[Role.APPROVER])
    assert (now_of(firm.reader).role, now_of(firm.reader).permissions) == (Role.APPROVER, [])
    permit(firm.boss, firm.reader, Role.CUSTOM, {P.GROUPS_WRITE})
    assert permissions_of(now_of(firm.reader).role, now_of(firm.reader).permissions) == {P.GROUPS_READ, P.GROUPS_WRITE}
    with session() as db:
        entries = db.exec(
            select(AuditEntry).where(AuditEntry.action == "user_permissions_changed").order_by(AuditEntry.id)
        ).all()
    assert [(e.before["role"], e.after["role"]) for e in entries] == [
        ("reader", "orderer"), ("orderer", "approver"), ("approver", "custom"),
    ]  # fmt: skip


@pytest.mark.parametrize("role", [Role.SUPERUSER, Role.ADMINISTRATOR, Role.ORDERER])
def test_nobody_gives_what_they_lack(firm, role):
    with pytest.raises(Refused, match="permissions_beyond_own"):
        permit(firm.manager, firm.reader, role)
    with pytest.raises(Refused, match="permissions_beyond_own"):
        permit(firm.manager, firm.reader, Role.CUSTOM, ROLE_PERMISSIONS[Role.READER] | {P.CREATE_ORDER})


def test_nobody_takes_away_what_they_lack(firm):
    with pytest.raises(Refused, match="permissions_beyond_own"):
        permit(firm.manager, firm.reader, Role.CUSTOM, {P.INVOICES_READ})
    kept = ROLE_PERMISSIONS[Role.READER] - {P.INVOICES_READ}
    permit(firm.manager, firm.reader, Role.CUSTOM, kept)
    assert permissions_of(now_of(firm.reader).role, now_of(firm.reader).permissions) == kept


@pytest.mark.parametrize("who", ["boss", "manager"])
def test_nobody_changes_their_own(firm, who):
    me = getattr(firm, who)
    for attempt in (
        lambda: permit(me, me, Role.READER),
        lambda: permit(me, me, Role.CUSTOM, EVERYTHING),
        lambda: let_see(me, me, everything=True),
        lambda: user_rights.disable(make.actor(me), me.id),
        lambda: user_rights.enable(make.actor(me), me.id),
        lambda: user_rights.remove(make.actor(me), me.id),
        lambda: user_rights.reset_second_factor(make.actor(me), me.id),
        lambda: user_rights.end_sessions(make.actor(me), me.id),
    ):
        with pytest.raises(Refused, match=r"users\.refused\.own"):
            attempt()


def test_the_slower_of_two_managers_is_told(firm):
    read_at = now_of(firm.reader).version
    permit(firm.boss, firm.reader, Role.ORDERER, version=read_at)
    with pytest.raises(Changed) as refused:
        permit(firm.second, firm.reader, Role.FINANCE, version=read_at)
    assert refused.value.key == "refused.changed_by.another"
    assert refused.value.values == {"who": firm.boss.name, "at": "2026-11-22 10:30"}
    assert now_of(firm.reader).role == Role.ORDERER


# --- Access


def test_access_is_given_and_taken_object_by_object(firm):
    let_see(firm.boss, firm.reader, customer_numbers=frozenset({"10020"}), subscriptions=frozenset({"S1"}))
    assert access_of(firm.reader) == {(firm.numbers[0].id, None, None), (None, firm.subscription.id, None)}
    let_see(firm.boss, firm.reader, groups=frozenset({firm.group.id}))
    assert access_of(firm.reader) == {(None, None, firm.group.id)}
    let_see(firm.boss, firm.reader, everything=True)
    assert now_of(firm.reader).access_all
    assert access_of(firm.reader) == set()


def test_nobody_gives_access_beyond_their_own(firm):
    for what in (
        {"customer_numbers": frozenset({"10021"})},
        {"subscriptions": frozenset({"S1"})},
        {"groups": frozenset({firm.group.id})},
        {"customer_numbers": frozenset({"20020"})},
        {"customer_numbers": frozenset({"nothing"})},
    ):
        with pytest.raises(NotFound):
            let_see(firm.manager, firm.reader, **what)
    with pytest.raises(Refused, match="access_beyond_own"):
        let_see(firm.manager, firm.reader, everything=True)
    assert access_of(firm.reader) == set()


def test_what_the_manager_cannot_see_stays_as_it_is(firm):
    let_see(firm.boss, firm.reader, customer_numbers=frozenset({"10020", "10021"}), groups=frozenset({firm.group.id}))
    let_see(firm.manager, firm.reader)
    assert access_of(firm.reader) == {(firm.numbers[1].id, None, None), (None, None, firm.group.id)}
    let_see(firm.boss, firm.reader, everything=True)
    with pytest.raises(Refused, match="access_beyond_own"):
        let_see(firm.manager, firm.reader)


def test_a_group_is_given_on_by_whoever_holds_it(firm):
    with writing() as db:
        make.grant(db, firm.manager, firm.group)
        make.member(db, firm.group, firm.numbers[1], date(2026, 1, 1))
    let_see(firm.manager, firm.reader, groups=frozenset({firm.group.id}))
    assert access_of(firm.reader) == {(None, None, firm.group.id)}


def test_foreign_missing_and_removed_users_are_not_found(firm):
    user_rights.remove(make.actor(firm.boss), firm.reader.id)
    for user_id in (firm.stranger.id, 999, firm.reader.id):
        for attempt in (user_rights.disable, user_rights.enable, user_rights.remove, user_rights.end_sessions):
            with pytest.raises(NotFound):
                attempt(make.actor(firm.boss), user_id)
        with pytest.raises(NotFound):
            user_rights.change_profile(make.actor(firm.boss), user_id, 1, "X", "")


# --- Taking all away


@pytest.mark.parametrize("operation", ["disable", "remove", "end_sessions", "reset_second_factor", "enable"])
def test_only_one_who_holds_all_of_it_takes_it_all_away(firm, operation):
    with pytest.raises(Refused, match="has_more_permissions"):
        getattr(user_rights, operation)(make.actor(firm.manager), firm.reader.id)
    kept = {P.CUSTOMER_NUMBERS_READ}
    permit(firm.boss, firm.reader, Role.CUSTOM, kept)
    let_see(firm.boss, firm.reader, customer_numbers=frozenset({"10020", "10021"}))
    with pytest.raises(Refused, match="has_more_access"):
        getattr(user_rights, operation)(make.actor(firm.manager), firm.reader.id)
    let_see(firm.boss, firm.reader, customer_numbers=frozenset({"10020"}))
    with writing() as db:
        db.get(SignIn, firm.reader.sign_in_id).totp_since = NOW
    getattr(user_rights, operation)(make.actor(firm.manager), firm.reader.id)


def signed_in(user):
    with writing() as db:
        row = db.get(SignIn, user.sign_in_id)
        return sessions.begin_session(db, row, user_id=user.id, source="", device="", now=NOW).token


def test_disabling_ends_sessions_and_voids_invitations_and_enabling_gives_back(firm):
    token = signed_in(firm.reader)
    user_rights.disable(make.actor(firm.boss), firm.reader.id)
    assert sessions.actor_by_token(token, NOW, "") is None
    user_rights.enable(make.actor(firm.boss), firm.reader.id)
    assert sessions.actor_by_token(token, NOW, "") is None, "an ended session stays ended"
    assert signed_in(firm.reader)
    invited = invitations.invite(make.actor(firm.boss), Invitee(name="N", email="n@bjorko.example", role=Role.READER))
    user_rights.disable(make.actor(firm.boss), invited)
    with session() as db:
        assert db.exec(select(MailedLink).where(MailedLink.user_id == invited)).one().used_at == NOW


def test_a_removed_user_is_gone_but_for_the_name_and_may_come_back_with_nothing(firm):
    let_see(firm.boss, firm.reader, customer_numbers=frozenset({"10020"}))
    token = signed_in(firm.reader)
    today, later = make.actor(firm.boss).today, timedelta(days=9)
    past = (today - later * 2, today - later)
    with writing() as db:
        for of, by, starts, ends in (
            (firm.boss, firm.reader, today - later, today + later),
            (firm.reader, firm.boss, today, today + later),
            (firm.second, firm.reader, *past),
            (firm.second, firm.boss, today, today + later),
        ):
            db.add(Deputy(company_id=of.company_id, user_id=of.id, deputy_id=by.id, starts=starts, ends=ends))
        for user in (firm.reader, firm.second):
            its = {"company_id": user.company_id, "user_id": user.id}
            db.add(Preference(key="mail.daily", value=["never"], **its))
            db.add(WaitingLetter(kind="approvers_changed", facts={}, created_at=NOW, due_at=NOW, **its))
    user_rights.remove(make.actor(firm.boss), firm.reader.id)
    with session() as db:
        standing = db.exec(select(Deputy).order_by(Deputy.id)).all()
        assert [(row.user_id, row.starts, row.ends) for row in standing] == [
            (firm.boss.id, today - later, today - timedelta(days=1)),
            (firm.second.id, *past),
            (firm.second.id, today, today + later),
        ]
        told = db.exec(select(AuditEntry.object_label).where(AuditEntry.action == "deputy_ended")).all()
        assert told == ["boss – reader", "reader – boss"]
        for model in (Preference, WaitingLetter):
            assert db.exec(select(model.user_id)).all() == [firm.second.id]
    assert sessions.actor_by_token(token, NOW, "") is None
    assert access_of(firm.reader) == set()
    assert now_of(firm.reader).name == "reader"
    again = invitations.invite(
        make.actor(firm.boss), Invitee(name="Åter", email="READER@bjorko.example", role=Role.ORDERER)
    )
    assert again == firm.reader.id
    back = now_of(firm.reader)
    assert (back.name, back.role, back.removed_at, back.activated_at) == ("Åter", Role.ORDERER, None, None)


def test_the_second_factor_of_a_sign_in_that_leads_elsewhere_is_not_the_companys(firm):
    with writing() as db:
        make.user(db, firm.other, "reader@bjorko.example", Role.READER)
        db.get(SignIn, firm.reader.sign_in_id).totp_since = NOW
    with pytest.raises(Refused, match="second_factor_elsewhere"):
        user_rights.reset_second_factor(make.actor(firm.boss), firm.reader.id)


def test_resetting_a_second_factor_signs_out_and_is_told(firm):
    token = signed_in(firm.reader)
    with writing() as db:
        row = db.get(SignIn, firm.reader.sign_in_id)
        # It can't be read any more once SELFCARE_SECRET has changed: that is when a reset is needed most.
        row.totp_since, row.totp_secret = NOW, "v1.unreadable"
    user_rights.reset_second_factor(make.actor(firm.boss), firm.reader.id)
    assert sessions.actor_by_token(token, NOW, "") is None
    with session() as db:
        assert db.exec(select(OutgoingMail)).one().kind == "second_factor_off"
        row = db.get(SignIn, firm.reader.sign_in_id)
        assert (row.totp_since, row.totp_secret) == (None, "")


def test_ending_sessions_leaves_those_in_other_companies(firm):
    with writing() as db:
        elsewhere = make.user(db, firm.other, "reader@bjorko.example", Role.READER)
        db.add(Session(token_hash="x", ref="x", sign_in_id=firm.reader.sign_in_id, user_id=elsewhere.id,
                       created_at=NOW, last_used_at=NOW, password_at=NOW))  # fmt: skip
        db.add(Session(token_hash="y", ref="y", sign_in_id=firm.reader.sign_in_id, user_id=firm.reader.id,
                       created_at=NOW, last_used_at=NOW, password_at=NOW))  # fmt: skip
    user_rights.end_sessions(make.actor(firm.boss), firm.reader.id)
    with session() as db:
        ended = {row.token_hash: row.ended_at is not None for row in db.exec(select(Session))}
    assert ended == {"x": False, "y": True}


def test_another_second_factor_or_address_takes_a_password_given_lately(firm):
    late = make.actor(firm.boss, password_at=NOW - timedelta(minutes=16))
    for attempt in (
        lambda: user_rights.reset_second_factor(late, firm.reader.id),
        lambda: user_rights.correct_address(late, firm.reader.id, 1, "ny@bjorko.example"),
    ):
        with pytest.raises(PasswordNeeded):
            attempt()


# --- The last superuser


@pytest.mark.parametrize("attempt", ["remove", "disable", "demote"])
def test_the_last_active_superuser_stays(firm, attempt):
    user_rights.disable(make.actor(firm.boss), firm.second.id)
    with writing() as db:
        custom = make.user(db, firm.company, "all@bjorko.example", Role.CUSTOM,
                           permissions=[p.value for p in EVERYTHING])  # fmt: skip
    ways = {
        "remove": lambda: user_rights.remove(make.actor(custom), firm.boss.id),
        "disable": lambda: user_rights.disable(make.actor(custom), firm.boss.id),
        "demote": lambda: permit(custom, firm.boss, Role.READER),
    }
    with pytest.raises(Refused, match="last_superuser"):
        ways[attempt]()
    assert now_of(firm.boss).role == Role.SUPERUSER


def at_once(*calls):
    """All at the same moment; gives how many went through."""
    barrier, through = threading.Barrier(len(calls)), []

    def run(call):
        barrier.wait()
        try:
            call()
        except (Refused, NotFound):
            return
        through.append(call)

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(through)


def test_two_superusers_who_remove_each_other_200_times_never_leave_none(firm):
    ways = (
        lambda who, whom: user_rights.remove(make.actor(who), whom.id),
        lambda who, whom: user_rights.disable(make.actor(who), whom.id),
        lambda who, whom: permit(who, whom, Role.READER),
    )
    for turn in range(200):
        way = ways[turn % len(ways)]
        assert at_once(partial(way, firm.boss, firm.second), partial(way, firm.second, firm.boss)) == 1
        with writing() as db:
            left = db.exec(
                select(User).where(
                    User.company_id == firm.company.id,
                    User.role == Role.SUPERUSER,
                    User.disabled_at.is_(None),
                )
            ).all()
            assert len(left) == 1
            for user in (firm.boss, firm.second):
                row = db.get(User, user.id)
                row.role, row.disabled_at, row.removed_at, row.access_all = Role.SUPERUSER, None, None, True


# --- The address of an invitation


def test_the_address_of_an_unused_invitation_is_corrected_and_the_old_link_dies(firm):
    boss = make.actor(firm.boss)
    invited = invitations.invite(boss, Invitee(name="Nils", email="nisl@bjorko.example", role=Role.READER))
    user_rights.correct_address(boss, invited, 1, "nils@bjorko.example")
    with session() as db:
        old, new = db.exec(select(MailedLink).where(MailedLink.user_id == invited).order_by(MailedLink.id)).all()
        assert (old.used_at, new.used_at) == (NOW, None)
        assert db.exec(select(OutgoingMail).order_by(OutgoingMail.id.desc())).first().recipient == "nils@bjorko.example"
        assert "nils@" in db.get(User, invited).search_key
    with pytest.raises(Refused, match="already_here"):
        user_rights.correct_address(boss, invited, 2, "SECOND@bjorko.example")
    with pytest.raises(Refused, match="address_is_their_own"):
        user_rights.correct_address(boss, firm.reader.id, 1, "ny@bjorko.example")


def test_an_invitation_cannot_be_led_astray_to_get_more_than_one_has(firm):
    invited = invitations.invite(
        make.actor(firm.boss), Invitee(name="Ny", email="ny@bjorko.example", role=Role.SUPERUSER, access_all=True)
    )
    with pytest.raises(Refused, match="has_more_permissions"):
        user_rights.correct_address(make.actor(firm.manager), invited, 1, "manager.privat@elsewhere.example")
