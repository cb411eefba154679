"""One's own profile: name and number, password, address, sessions (C1, S2, S4, S5)."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select

from selfcare_app.models import AuditEntry, OutgoingMail, SignIn, User
from selfcare_app.services import invitations, passwords, profile, sessions
from selfcare_app.services.access import NotFound, PasswordNeeded, Refused
from selfcare_app.services.changed import Changed
from selfcare_app.services.database import session, writing
from selfcare_app.services.links import LinkDead
from selfcare_app.services.throttle import Throttled
from tests import factories as make
from tests.factories import NOW

PASSWORD, NEW = "gröna äpplen i gräset", "sju blå cyklar på rad"
HASH = passwords.hash_password(PASSWORD)
HOME = "192.0.2.7"
EMAIL = "asa@bjorko.example"


@pytest.fixture
def asa(database):
    with writing() as db:
        user = make.user(db, make.company(db), EMAIL, name="Åsa Lindström")
        db.get(SignIn, user.sign_in_id).password_hash = HASH
        return user


def enter(email=EMAIL, password=PASSWORD, now=NOW):
    return sessions.sign_in(email, password, source=HOME, device="Firefox", now=now).token


def actor(now=NOW):
    return sessions.actor_by_token(enter(now=now), now, HOME)


def letters(kind):
    with session() as db:
        return db.exec(select(OutgoingMail).where(OutgoingMail.kind == kind).order_by(OutgoingMail.id)).all()


def token_of(letter):
    return re.search(r"/confirm-address/(\S+)", letter.text)[1]


def test_name_and_number_are_changed_found_and_logged(asa):
    me = actor()
    changed = profile.change_person(me, profile.person(me).version, "  Åsa   Berg ", "070-174 06 05")
    assert (changed.name, changed.phone) == ("Åsa Berg", "+46701740605")
    with session() as db:
        row, entry = (
            db.get(User, asa.id),
            db.exec(select(AuditEntry).where(AuditEntry.action == "profile_changed")).one(),
        )
    assert "asa berg" in row.search_key
    assert (entry.before["name"], entry.after["name"]) == ("Åsa Lindström", "Åsa Berg")


def test_the_slower_of_two_tabs_is_told_what_the_faster_wrote(asa):
    me = actor()
    version = profile.person(me).version
    profile.change_person(me, version, "Åsa Ett", "")
    with pytest.raises(Changed) as refused:
        profile.change_person(me, version, "Åsa Två", "")
    assert refused.value.now.name == "Åsa Ett"
    assert refused.value.key == "refused.changed_by.oneself"
    assert profile.person(me).name == "Åsa Ett"


@pytest.mark.parametrize(("name", "phone"), [("", ""), ("x" * 101, ""), ("Åsa", "ring mig"), ("Åsa", "0701")])
def test_bad_names_and_numbers_are_refused(asa, name, phone):
    me = actor()
    with pytest.raises(Refused):
        profile.change_person(me, 1, name, phone)
    assert profile.person(me).name == "Åsa Lindström"


def test_a_new_password_ends_all_other_sessions_and_is_told(asa):
    other, mine = enter(), enter()
    profile.change_password(sessions.actor_by_token(mine, NOW, HOME), PASSWORD, NEW)
    assert sessions.actor_by_token(other, NOW, HOME) is None
    assert sessions.actor_by_token(mine, NOW, HOME) is not None
    assert enter(password=NEW)
    with pytest.raises(sessions.SignInRefused):
        enter()
    assert [letter.recipient for letter in letters("password_changed")] == [EMAIL]


@pytest.mark.parametrize("new", ["kort", PASSWORD, "qwertyuiop123", "mailcreated5240", f"min adress {EMAIL}"])
def test_a_weak_or_the_same_password_is_refused(asa, new):
    with pytest.raises(passwords.WeakPassword):
        profile.change_password(actor(), PASSWORD, new)
    assert enter()


def test_the_present_password_is_asked_for_and_guessing_it_is_stopped(asa):
    me = actor()
    for _ in range(6):
        with pytest.raises(sessions.SignInRefused):
            profile.change_password(me, "fel lösenord här", NEW)
    with pytest.raises(Throttled):
        profile.change_password(me, PASSWORD, NEW)


def test_giving_the_password_again_stands_for_a_quarter_of_an_hour(asa):
    token = enter()
    later = NOW + timedelta(minutes=20)
    me = sessions.actor_by_token(token, later, HOME)
    with pytest.raises(PasswordNeeded):
        profile.ask_for_address(me, "ny@bjorko.example")
    profile.confirm_password(me, PASSWORD)
    profile.ask_for_address(sessions.actor_by_token(token, later, HOME), "ny@bjorko.example")
    assert letters("address_confirmation")


def test_an_address_changes_when_its_holder_says_so_and_the_old_one_is_told(asa):
    me = actor()
    invitations.request_reset(EMAIL, source=HOME, now=NOW)
    profile.ask_for_address(me, "Ny.Adress@bjorko.example")
    assert enter(), "nothing has changed yet"
    token = token_of(letters("address_confirmation")[0])
    assert profile.open_address(token, NOW) == "Ny.Adress@bjorko.example"
    profile.confirm_address(token, source=HOME, now=NOW)
    assert enter("ny.adress@bjorko.example")
    with pytest.raises(sessions.SignInRefused):
        enter()
    assert [letter.recipient for letter in letters("address_changed")] == [EMAIL]
    with session() as db:
        assert "ny.adress" in db.get(User, asa.id).search_key
    reset = re.search(r"/reset-password/(\S+)", letters("reset")[0].text)[1]
    with pytest.raises(LinkDead):
        invitations.open_reset(reset, NOW)
    with pytest.raises(LinkDead):
        profile.confirm_address(token, source=HOME, now=NOW)


def test_the_link_expires_and_a_new_one_kills_it(asa):
    me = actor()
    profile.ask_for_address(me, "ett@bjorko.example")
    profile.ask_for_address(me, "två@bjorko.example")
    first, second = (token_of(letter) for letter in letters("address_confirmation"))
    with pytest.raises(LinkDead):
        profile.open_address(first, NOW)
    with pytest.raises(LinkDead):
        profile.open_address(second, NOW + profile.ADDRESS_LASTS)


def test_an_address_of_another_sign_in_looks_the_same_and_gets_nothing(asa):
    with writing() as db:
        make.user(db, make.company(db, "Sjövik Vård AB", "5560125790"), "upptagen@sjovik.example")
    profile.ask_for_address(actor(), "Upptagen@sjovik.example")
    assert letters("address_confirmation") == []


def test_of_two_who_want_one_address_the_first_to_confirm_has_it(asa):
    with writing() as db:
        other = make.user(db, make.company(db, "Sjövik Vård AB", "5560125790"), "bo@sjovik.example")
        db.get(SignIn, other.sign_in_id).password_hash = HASH
    profile.ask_for_address(actor(), "ny@konsult.example")
    bo = sessions.actor_by_token(enter("bo@sjovik.example"), NOW, HOME)
    profile.ask_for_address(bo, "NY@konsult.example")
    first, second = (token_of(letter) for letter in letters("address_confirmation"))
    profile.confirm_address(first, source=HOME, now=NOW)
    with pytest.raises(LinkDead):
        profile.confirm_address(second, source=HOME, now=NOW)


@pytest.mark.parametrize("address", ["", "inte en adress", "a@b@c", EMAIL])
def test_a_malformed_or_the_present_address_is_refused(asa, address):
    with pytest.raises(Refused):
        profile.ask_for_address(actor(), address)


def test_sessions_are_listed_and_ended_and_nobody_ends_anothers(asa):
    elsewhere, here = enter(now=NOW - timedelta(hours=1)), enter()
    me = sessions.actor_by_token(here, NOW, HOME)
    shown = profile.own_sessions(me)
    assert [each.current for each in shown] == [True, False]
    assert (shown[1].device, shown[1].source) == ("Firefox", HOME)
    with writing() as db:
        stranger = make.user(db, make.company(db, "Sjövik Vård AB", "5560125790"), "bo@sjovik.example")
    with pytest.raises(NotFound):
        profile.end_session(make.actor(stranger), shown[1].id)
    profile.end_session(me, shown[1].id)
    assert sessions.actor_by_token(elsewhere, NOW, HOME) is None
    another = enter()
    profile.end_other_sessions(me)
    assert sessions.actor_by_token(another, NOW, HOME) is None
    assert len(profile.own_sessions(me)) == 1


def test_sessions_that_have_run_out_are_not_listed(asa):
    enter(now=NOW - timedelta(days=2))
    me = actor()
    assert len(profile.own_sessions(me)) == 1
    assert profile.own_sessions(replace(me, at=NOW + timedelta(days=2))) == []
