"""Signing in, sessions and who they belong to (S1, S2, S4, S5), on both databases."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import inspect
from sqlmodel import select

from selfcare_app import config
from selfcare_app.models import AuditEntry, Company, KnownSource, OperatorUser, Session, SignIn, User
from selfcare_app.services import passwords, sessions, throttle
from selfcare_app.services.access import Forbidden, NotFound, Refused
from selfcare_app.services.database import session, writing
from selfcare_app.specs.permissions import OperatorRole, Permission, Role
from tests import factories as make

NOW = make.NOW
PASSWORD = "gröna äpplen i gräset"
HASH = passwords.hash_password(PASSWORD)
HOME, ELSEWHERE = "192.0.2.10", "198.51.100.20"


def with_password(db, user, password_hash=HASH):
    db.get(SignIn, user.sign_in_id).password_hash = password_hash
    return user


@pytest.fixture
def asa(database):
    """A superuser of one company, with the password above."""
    with writing() as db:
        return with_password(db, make.user(db, make.company(db), "Asa@bjorko.example", name="Åsa Lindström"))


def staff(db, email):
    row = db.exec(select(SignIn).where(SignIn.email == email)).first() or make.sign_in(db, email, HASH)
    role = OperatorRole.HANDLER
    return make.add(db, OperatorUser(sign_in_id=row.id, name="Kim Vik", role=role, created_at=NOW))


def enter(email="asa@bjorko.example", password=PASSWORD, source=HOME, now=NOW, **values):
    return sessions.sign_in(email, password, source=source, device="Firefox", now=now, **values)


def rows(model, *where):
    with session() as db:
        return db.exec(select(model).where(*where).order_by(*inspect(model).primary_key)).all()


def test_the_right_password_makes_a_session_that_gives_the_actor(asa):
    signed_in = enter()
    assert not signed_in.needs_company
    actor = sessions.actor_by_token(signed_in.token, NOW, HOME)
    assert (actor.name, actor.company_name, actor.user_id) == ("Åsa Lindström", "Björkö Bygg AB", asa.id)
    assert actor.may(Permission.MANAGE_USERS)
    assert actor.access_all
    assert actor.email == "Asa@bjorko.example"
    assert actor.source == HOME
    assert sessions.actor_by_ref(actor.session_ref, NOW, HOME) == actor
    assert rows(User)[0].last_sign_in_at == NOW


def test_the_address_counts_whatever_its_case(asa):
    assert enter(email="  ASA@Bjorko.Example ").token


def test_neither_token_nor_password_is_stored_in_clear(asa):
    token = enter().token
    kept = rows(Session)[0]
    assert token not in repr(kept.model_dump())
    assert sessions.actor_by_ref(token, NOW, HOME) is None
    assert sessions.actor_by_token(kept.ref, NOW, HOME) is None
    assert PASSWORD not in repr([entry.model_dump() for entry in rows(AuditEntry)])


def test_an_empty_cookie_or_reference_is_nobody(asa):
    enter()
    assert sessions.actor_by_token("", NOW, HOME) is None
    assert sessions.actor_by_ref("", NOW, HOME) is None


def disable_user(db):
    db.exec(select(User)).one().disabled_at = NOW


def disable_company(db):
    db.exec(select(Company)).one().disabled_at = NOW


def not_activated(db):
    db.exec(select(User)).one().activated_at = None


def no_password(db):
    db.exec(select(SignIn)).one().password_hash = ""


def nothing(db):
    """Leave all as it is."""


@pytest.mark.parametrize(
    ("change", "email", "password"),
    [
        (nothing, "nobody@bjorko.example", PASSWORD),
        (nothing, "asa@bjorko.example", "fel lösenord här"),
        (nothing, "asa@bjorko.example", ""),
        (nothing, "", ""),
        (nothing, "a" * 5000, "b" * 5000),
        (disable_user, "asa@bjorko.example", PASSWORD),
        (disable_company, "asa@bjorko.example", PASSWORD),
        (not_activated, "asa@bjorko.example", PASSWORD),
        (no_password, "asa@bjorko.example", ""),
    ],
)
def test_every_kind_of_failure_answers_alike_after_the_same_work(asa, monkeypatch, change, email, password):
    with writing() as db:
        change(db)
    counted = count_hashings(monkeypatch)
    with pytest.raises(sessions.SignInRefused) as refused:
        enter(email, password)
    assert (refused.value.key, refused.value.values) == ("auth.sign_in_refused", {})
    assert counted == ["verify"]
    assert rows(Session) == []
    assert [entry.action for entry in rows(AuditEntry)] == ["sign_in_failed"]


def count_hashings(monkeypatch):
    counted = []

    class Counting:
        def verify(self, *given):
            counted.append("verify")
            return hasher.verify(*given)

        def hash(self, *given):
            counted.append("hash")
            return hasher.hash(*given)

        def check_needs_rehash(self, stored):
            return hasher.check_needs_rehash(stored)

    hasher = passwords._HASHER
    monkeypatch.setattr(passwords, "_HASHER", Counting())
    return counted


def test_an_unknown_address_is_not_logged_in_clear_and_a_known_one_is_logged_where_it_leads(asa):
    for email in ("hemligt-lösenord@fel.fält", "asa@bjorko.example"):
        with pytest.raises(sessions.SignInRefused):
            enter(email, "fel lösenord här")
    unknown, known = rows(AuditEntry)
    assert "hemligt" not in repr(unknown.model_dump())
    assert (known.who, known.company_id, known.sign_in_id) == ("Asa@bjorko.example", asa.company_id, asa.sign_in_id)


def test_signing_in_ends_the_session_the_browser_came_with(asa):
    first = enter().token
    second = enter(presented=first).token
    assert first != second
    assert sessions.actor_by_token(first, NOW, HOME) is None
    assert sessions.actor_by_token(second, NOW, HOME)


def test_a_failed_sign_in_leaves_the_old_session_alone(asa):
    first = enter().token
    with pytest.raises(sessions.SignInRefused):
        enter(password="fel lösenord här", presented=first)
    assert sessions.actor_by_token(first, NOW, HOME)


def test_a_password_hashed_with_other_parameters_is_hashed_anew(asa):
    from argon2 import PasswordHasher

    old = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)
    with writing() as db:
        db.get(SignIn, asa.sign_in_id).password_hash = old
    enter()
    kept = rows(SignIn)[0].password_hash
    assert kept != old
    assert not passwords.outdated(kept)
    assert passwords.verify(kept, PASSWORD)


def test_a_password_changed_while_it_was_checked_does_not_let_the_old_one_in(asa, monkeypatch):
    verify = passwords.verify

    def meanwhile(stored, password):
        with writing() as db:
            db.get(SignIn, asa.sign_in_id).password_hash = passwords.hash_password("något helt annat 12")
        return verify(stored, password)

    monkeypatch.setattr(passwords, "verify", meanwhile)
    with pytest.raises(sessions.SignInRefused):
        enter()


def test_a_session_ends_after_twelve_hours_without_use(asa):
    token = enter().token
    assert sessions.actor_by_token(token, NOW + timedelta(hours=11, minutes=59), HOME)
    assert sessions.actor_by_token(token, NOW + timedelta(hours=23, minutes=58), HOME)
    assert sessions.actor_by_token(token, NOW + timedelta(hours=35, minutes=58), HOME) is None


def test_a_session_ends_after_thirty_days_however_much_it_is_used(asa):
    token = enter().token
    for hours in range(0, 30 * 24, 11):
        assert sessions.actor_by_token(token, NOW + timedelta(hours=hours), HOME)
    assert sessions.actor_by_token(token, NOW + timedelta(days=30), HOME) is None


def test_last_use_is_written_at_most_once_a_minute(asa):
    token = enter().token
    sessions.actor_by_token(token, NOW + timedelta(seconds=59), HOME)
    assert rows(Session)[0].last_used_at == NOW
    later = NOW + timedelta(seconds=60)
    sessions.actor_by_token(token, later, HOME)
    assert rows(Session)[0].last_used_at == later


def test_nobody_waits_for_a_load_to_have_the_last_use_written(asa):
    token = enter().token
    later = NOW + timedelta(minutes=2)
    with writing() as db:
        make.company(db, "Mellan AB", "5560001712")
        assert sessions.actor_by_token(token, later, HOME)
    sessions.actor_by_token(token, later, HOME)
    assert rows(Session)[0].last_used_at == later


def test_the_actor_is_found_in_one_query(asa, database):
    from sqlalchemy import event

    token, statements = enter().token, []
    heard = lambda *given: statements.append(given[2])  # noqa: E731
    event.listen(database, "before_cursor_execute", heard)
    assert sessions.actor_by_token(token, NOW, HOME)
    event.remove(database, "before_cursor_execute", heard)
    assert len([s for s in statements if s.startswith("SELECT")]) == 1


@pytest.mark.parametrize("change", [disable_user, disable_company, not_activated])
def test_what_is_taken_away_bites_at_once(asa, change):
    token = enter().token
    with writing() as db:
        change(db)
    assert sessions.actor_by_token(token, NOW, HOME) is None


def test_a_lost_right_is_lost_at_the_next_event(asa):
    token = enter().token
    with writing() as db:
        db.get(User, asa.id).role = Role.READER
    assert not sessions.actor_by_token(token, NOW, HOME).may(Permission.MANAGE_USERS)


def test_signing_out_ends_the_session_and_is_recorded(asa):
    token = enter().token
    sessions.sign_out(sessions.actor_by_token(token, NOW, HOME))
    assert sessions.actor_by_token(token, NOW, HOME) is None
    assert [entry.action for entry in rows(AuditEntry)] == ["signed_in", "signed_out"]


def test_the_language_is_remembered_for_the_sign_in(asa):
    token = enter().token
    sessions.set_language(sessions.actor_by_token(token, NOW, HOME), "en")
    actor = sessions.actor_by_token(token, NOW, HOME)
    assert actor.language == "en"
    changed = rows(AuditEntry, AuditEntry.action == "language_changed")[0]
    assert (changed.before, changed.after) == ({"language": "sv"}, {"language": "en"})
    with pytest.raises(Refused):
        sessions.set_language(actor, "xx")


def test_operations_on_a_sign_in_refuse_whoever_has_none(asa):
    nobody = replace(make.actor(asa), sign_in_id=None)
    for call in (sessions.sign_out, sessions.companies_of, sessions.may_choose_operator):
        with pytest.raises(Forbidden):
            call(nobody)


# --- Several companies, and the operator


@pytest.fixture
def both(database):
    """A user in two companies, and a stranger's user in one of them."""
    with writing() as db:
        one, two = make.company(db), make.company(db, "Sjövik Vård AB", "5560125790")
        first = with_password(db, make.user(db, one, "both@konsult.example", Role.READER, name="Bo i Björkö"))
        second = make.user(db, two, "both@konsult.example", Role.SUPERUSER, name="Bo i Sjövik")
        other = with_password(db, make.user(db, two, "other@sjovik.example"))
        return first, second, other


def test_with_several_companies_one_is_chosen_and_token_and_reference_change(both):
    first, second, _ = both
    signed_in = enter("both@konsult.example")
    assert signed_in.needs_company
    undecided = sessions.actor_by_token(signed_in.token, NOW, HOME)
    assert (undecided.company_id, undecided.user_id, undecided.companies) == (None, None, 2)
    assert not undecided.may(None)
    assert [p.user_id for p in sessions.companies_of(undecided)] == [first.id, second.id]
    token = sessions.choose_company(undecided, second.id)
    assert sessions.actor_by_token(signed_in.token, NOW, HOME) is None
    assert sessions.actor_by_ref(undecided.session_ref, NOW, HOME) is None
    chosen = sessions.actor_by_token(token, NOW, HOME)
    assert (chosen.name, chosen.company_name, chosen.role) == ("Bo i Sjövik", "Sjövik Vård AB", Role.SUPERUSER)
    again = sessions.choose_company(chosen, first.id)
    assert not sessions.actor_by_token(again, NOW, HOME).may(Permission.MANAGE_USERS)
    entries = sorted(rows(AuditEntry, AuditEntry.action == "company_chosen"), key=lambda entry: entry.id)
    assert [entry.company_id for entry in entries] == [second.company_id, first.company_id]


def test_nobody_becomes_anothers_user(both):
    *_, other = both
    actor = sessions.actor_by_token(enter("both@konsult.example").token, NOW, HOME)
    for user_id in (other.id, 999999, 0, None):
        with pytest.raises(NotFound):
            sessions.choose_company(actor, user_id)


def test_a_company_left_leaves_one_and_it_is_chosen_at_once(both):
    first, second, _ = both
    with writing() as db:
        db.get(User, second.id).disabled_at = NOW
    signed_in = enter("both@konsult.example")
    assert not signed_in.needs_company
    actor = sessions.actor_by_token(signed_in.token, NOW, HOME)
    assert (actor.user_id, actor.companies) == (first.id, 1)
    with pytest.raises(NotFound):
        sessions.choose_company(actor, second.id)


def test_an_ended_session_can_choose_nothing(both):
    first, *_ = both
    actor = sessions.actor_by_token(enter("both@konsult.example").token, NOW, HOME)
    sessions.sign_out(actor)
    with pytest.raises(NotFound):
        sessions.choose_company(actor, first.id)


@pytest.fixture
def demo(monkeypatch):
    """In demo mode staff need no second factor."""
    monkeypatch.setenv("SELFCARE_DEMO", "1")
    config.settings.cache_clear()


def test_operator_staff_need_a_second_factor_outside_the_demo(database):
    with writing() as db:
        staff(db, "staff@exempelnat.example")
    actor = sessions.actor_by_token(enter("staff@exempelnat.example").token, NOW, HOME)
    assert actor.needs_second_factor
    assert (actor.operator_role, actor.company_id) == (None, None)


def test_operator_staff_need_no_company(database, demo):
    with writing() as db:
        staff(db, "staff@exempelnat.example")
    signed_in = enter("staff@exempelnat.example")
    assert not signed_in.needs_company
    actor = sessions.actor_by_token(signed_in.token, NOW, HOME)
    assert (actor.operator_role, actor.company_id, actor.name) == (OperatorRole.HANDLER, None, "Kim Vik")
    with writing() as db:
        db.exec(select(OperatorUser)).one().disabled_at = NOW
    assert sessions.actor_by_token(signed_in.token, NOW, HOME) is None
    with pytest.raises(sessions.SignInRefused):
        enter("staff@exempelnat.example")


def test_staff_who_are_users_too_choose_and_are_never_both_at_once(asa, demo):
    with writing() as db:
        staff(db, "Asa@bjorko.example")
    signed_in = enter()
    assert signed_in.needs_company
    actor = sessions.actor_by_token(signed_in.token, NOW, HOME)
    assert sessions.may_choose_operator(actor)
    as_user = sessions.actor_by_token(sessions.choose_company(actor, asa.id), NOW, HOME)
    assert (as_user.user_id, as_user.operator_role) == (asa.id, None)
    as_staff = sessions.actor_by_token(sessions.choose_company(as_user, None), NOW, HOME)
    assert (as_staff.user_id, as_staff.operator_role) == (None, OperatorRole.HANDLER)


# --- Throttled sign-in


def fail(email="asa@bjorko.example", source=HOME, now=NOW, times=1):
    for _ in range(times):
        with pytest.raises(sessions.SignInRefused):
            enter(email, "fel lösenord här", source, now)


@pytest.mark.parametrize("email", ["asa@bjorko.example", "nobody@bjorko.example"])
def test_after_the_free_failures_even_the_right_password_must_wait(asa, monkeypatch, email):
    fail(email, times=6)
    counted = count_hashings(monkeypatch)
    with pytest.raises(throttle.Throttled) as throttled:
        enter(email)
    assert throttled.value.seconds == 1
    assert counted == []


def test_after_the_wait_the_right_password_lets_in_and_forgives(asa):
    fail(times=6)
    later = NOW + timedelta(seconds=1)
    enter(now=later)
    fail(now=later, times=5)
    enter(now=later)


def test_a_known_source_is_spared_what_others_did_elsewhere(asa):
    enter(source=HOME)
    assert len(rows(KnownSource)) == 1
    fail(source=ELSEWHERE, times=6)
    with pytest.raises(throttle.Throttled):
        enter(source=ELSEWHERE)
    assert enter(source=HOME).token
    fail(source=HOME, times=6)
    with pytest.raises(throttle.Throttled):
        enter(source=HOME)


def test_guesses_made_side_by_side_do_not_slip_through(asa, monkeypatch):
    from concurrent.futures import ThreadPoolExecutor

    counted = []
    monkeypatch.setattr(passwords, "verify", lambda *_: bool(counted.append(1)))

    def guess(_):
        try:
            enter(password="fel lösenord här")
        except Refused as refused:
            return type(refused)

    with ThreadPoolExecutor(12) as threads:
        answers = list(threads.map(guess, range(24)))
    assert len(counted) == 6
    assert answers.count(throttle.Throttled) == 18
