"""Invitations (U4, U7, S5) and new passwords (S2), on both databases."""

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select

from selfcare_app.models import AccessGrant, AuditEntry, Company, MailedLink, OutgoingMail, Session, SignIn, User
from selfcare_app.services import invitations, passwords, sessions, throttle
from selfcare_app.services.access import Actor, Forbidden, NotFound, Refused
from selfcare_app.services.database import session, writing
from selfcare_app.services.invitations import Invitee, LinkDead
from selfcare_app.specs.permissions import READ, OperatorRole, Permission, Role
from tests import factories as make

NOW = make.NOW
PASSWORD = "gröna äpplen i gräset"
HASH = passwords.hash_password(PASSWORD)
NEW = "sju blå cyklar på rad"
HOME = "192.0.2.10"
STAFF = Actor(name="Kim Vik", at=NOW, operator_role=OperatorRole.ADMINISTRATOR)
MANAGER = [Permission.MANAGE_USERS, Permission.CUSTOMER_NUMBERS_READ]


@pytest.fixture
def company(database):
    with writing() as db:
        return make.company(db)


@pytest.fixture
def superuser(company):
    with writing() as db:
        return make.actor(make.user(db, company, "asa@bjorko.example", name="Åsa Lindström"))


def new(email="ny@bjorko.example", **values):
    return Invitee(**{"name": "Nils Ny", "email": email, "role": Role.READER, "access_all": True, **values})


def rows(model, *where):
    with session() as db:
        return db.exec(select(model).where(*where).order_by(model.id)).all()


def tokens(kind):
    return [
        re.search(r"/(?:invitation|reset-password)/(\S+)", letter.text)[1]
        for letter in rows(OutgoingMail, OutgoingMail.kind == kind)
    ]


def accept(token, now=NOW, **values):
    given = {"name": "Nils Ny", "phone": "", "password": NEW, "language": "sv", "source": HOME, "device": ""}
    return invitations.accept_invitation(token, now=now, **{**given, **values})


# --- Inviting


def test_an_invitation_makes_an_inactive_user_and_mails_a_link_that_is_kept_hashed(superuser):
    user_id = invitations.invite(superuser, new(phone="070-174 06 05"))
    user = rows(User, User.id == user_id)[0]
    assert (user.name, user.role, user.activated_at) == ("Nils Ny", Role.READER, None)
    letter, token = rows(OutgoingMail)[0], tokens("invitation")[0]
    assert letter.recipient == "ny@bjorko.example"
    assert "Åsa Lindström" in letter.text
    assert token not in repr(rows(MailedLink)[0].model_dump())
    assert token not in repr([entry.model_dump() for entry in rows(AuditEntry)])
    assert [entry.action for entry in rows(AuditEntry)] == ["user_invited", "invitation_sent"]


def test_inviting_needs_the_permission(superuser):
    with pytest.raises(Forbidden):
        invitations.invite(replace(superuser, permissions=READ), new())
    with pytest.raises(Forbidden):
        invitations.renew_invitation(replace(superuser, permissions=READ), 1)
    with pytest.raises(Forbidden):
        invitations.invite_by_operator(superuser, "5560360793", "N", "n@bjorko.example")
    assert rows(OutgoingMail) == []


def test_nobody_gives_a_permission_they_lack(superuser):
    manager = replace(superuser, permissions=frozenset(MANAGER))
    for role in (Role.SUPERUSER, Role.ADMINISTRATOR, Role.READER):
        with pytest.raises(Refused) as refused:
            invitations.invite(manager, new(role=role))
        assert refused.value.key == "auth.invite.more_than_own"
    own = frozenset({Permission.CUSTOMER_NUMBERS_READ})
    invitations.invite(manager, new(role=Role.CUSTOM, permissions=own))
    more = own | {Permission.CUSTOMER_NUMBERS_WRITE}
    with pytest.raises(Refused):
        invitations.invite(manager, new("b@bjorko.example", role=Role.CUSTOM, permissions=more))


def test_a_custom_set_that_equals_a_role_is_that_role(superuser):
    user_id = invitations.invite(superuser, new(role=Role.CUSTOM, permissions=READ))
    assert rows(User, User.id == user_id)[0].role == Role.READER


def test_nobody_gives_access_beyond_their_own(company, superuser):
    with writing() as db:
        mine, other = make.customer_number(db, company, "10023"), make.customer_number(db, company, "10024")
        below, beside = make.subscription(db, mine, "S1"), make.subscription(db, other, "S2")
        granted, foreign = (
            make.group(db, company, "Avdelning", "Ekonomi"),
            make.group(db, company, "Avdelning", "Lager"),
        )
        row = make.user(db, company, "p@bjorko.example", Role.SUPERUSER, access_all=False)
        make.grant(db, row, mine)
        make.grant(db, row, granted)
        stranger = make.customer_number(db, make.company(db, "Sjövik Vård AB", "5560125790"), "20023")
        partial = make.actor(row)
    for wrong in (
        {"customer_numbers": (other.number,)},
        {"customer_numbers": (stranger.number,)},
        {"customer_numbers": ("99999",)},
        {"subscriptions": (beside.number,)},
        {"groups": (foreign.id,)},
        {"groups": (999,)},
    ):
        with pytest.raises(NotFound):
            invitations.invite(partial, new(access_all=False, **wrong))
    with pytest.raises(Refused) as refused:
        invitations.invite(partial, new(access_all=True))
    assert refused.value.key == "auth.invite.more_access_than_own"
    assert rows(User, User.name == "Nils Ny") == []
    user_id = invitations.invite(
        partial, new(access_all=False, customer_numbers=("10023",), subscriptions=("S1",), groups=(granted.id,))
    )
    found = rows(AccessGrant, AccessGrant.user_id == user_id)
    assert {(g.customer_number_id, g.subscription_id, g.group_id) for g in found} == {
        (mine.id, None, None),
        (None, below.id, None),
        (None, None, granted.id),
    }


def test_an_address_known_elsewhere_looks_like_a_new_one_and_one_known_here_is_refused(superuser):
    with writing() as db:
        other = make.company(db, "Sjövik Vård AB", "5560125790")
        there = make.user(db, other, "Known@sjovik.example")
    invitations.invite(superuser, new("KNOWN@sjovik.example"))
    invitations.invite(superuser, new("unknown@sjovik.example"))
    assert len(rows(OutgoingMail)) == 2
    assert rows(User, User.name == "Nils Ny")[0].sign_in_id == there.sign_in_id
    for again in ("known@sjovik.example", "asa@bjorko.example", "ASA@BJORKO.example"):
        with pytest.raises(Refused) as refused:
            invitations.invite(superuser, new(again))
        assert refused.value.key == "auth.invite.already_here"


@pytest.mark.parametrize(
    ("values", "key"),
    [
        ({"email": "asa"}, "auth.invite.bad_email"),
        ({"email": "a@b.example\r\nBcc: c@d.example"}, "auth.invite.bad_email"),
        ({"name": "  "}, "auth.profile.name_missing"),
        ({"name": "å" * 101}, "auth.profile.name_too_long"),
        ({"phone": "<script>"}, "auth.profile.bad_phone"),
    ],
)
def test_what_cannot_be_right_is_refused(superuser, values, key):
    with pytest.raises(Refused) as refused:
        invitations.invite(superuser, new(**values))
    assert refused.value.key == key
    assert rows(SignIn, SignIn.email_key != "asa@bjorko.example") == []


def test_the_same_address_invited_twice_at_once_becomes_one_user(superuser):
    def one(_):
        try:
            return bool(invitations.invite(superuser, new()))
        except Refused as refused:
            return refused.key

    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(one, range(4)))
    assert sorted(answers, key=str) == [True, *["auth.invite.already_here"] * 3]


def test_the_operator_appoints_the_first_superuser_and_no_second(company):
    user_id = invitations.invite_by_operator(STAFF, company.organisation_number, "Åsa", "asa@bjorko.example")
    assert invitations.invite_by_operator(STAFF, company.organisation_number, "Åsa", "asa@bjorko.example") == user_id
    first, second = tokens("invitation")
    with pytest.raises(LinkDead):
        invitations.open_invitation(first, NOW)
    accept(second)
    user = rows(User)[0]
    assert (user.role, user.access_all, user.activated_at) == (Role.SUPERUSER, True, NOW)
    with pytest.raises(Refused) as refused:
        invitations.invite_by_operator(STAFF, company.organisation_number, "Bo", "bo@bjorko.example")
    assert refused.value.key == "auth.invite.has_superuser"
    with pytest.raises(NotFound):
        invitations.invite_by_operator(STAFF, "5560125790", "Bo", "bo@bjorko.example")
    assert {entry.company_id for entry in rows(AuditEntry)} == {company.id}


def test_the_operators_invitation_names_the_operator_and_speaks_the_language_asked_for(company):
    number = company.organisation_number
    for language, said in (("en", "Exempelnät has invited you"), ("sv", "Exempelnät har bjudit in dig")):
        invitations.invite_by_operator(replace(STAFF, language=language), number, "Åsa", "asa@bjorko.example")
        letter = rows(OutgoingMail)[-1]
        assert letter.language == language
        assert said in letter.text
        assert STAFF.name not in letter.text
        assert rows(SignIn)[0].language == language
    assert {entry.who for entry in rows(AuditEntry)} == {STAFF.name}


def test_the_operators_invitation_leaves_the_language_somebody_has_chosen(company):
    with writing() as db:
        make.sign_in(db, "asa@bjorko.example", HASH).language = "en"
    for _ in range(2):
        invitations.invite_by_operator(
            replace(STAFF, language="sv"), company.organisation_number, "Åsa", "asa@bjorko.example"
        )
    assert [letter.language for letter in rows(OutgoingMail)] == ["en", "en"]


# --- Links


def test_an_invitation_lives_seven_days(superuser):
    invitations.invite(superuser, new())
    token = tokens("invitation")[0]
    assert invitations.open_invitation(token, NOW + timedelta(days=7, seconds=-1)).name == "Nils Ny"
    for call in (invitations.open_invitation, accept):
        with pytest.raises(LinkDead):
            call(token, NOW + timedelta(days=7))


def test_renewing_kills_the_old_link(superuser):
    user_id = invitations.invite(superuser, new())
    invitations.renew_invitation(replace(superuser, at=NOW + timedelta(days=8)), user_id)
    old, fresh = tokens("invitation")
    with pytest.raises(LinkDead):
        invitations.open_invitation(old, NOW)
    accept(fresh, NOW + timedelta(days=9))
    with pytest.raises(Refused) as refused:
        invitations.renew_invitation(superuser, user_id)
    assert refused.value.key == "auth.invite.already_registered"


def test_only_the_own_companys_invitations_can_be_renewed(superuser):
    with writing() as db:
        other = make.company(db, "Sjövik Vård AB", "5560125790")
        stranger = make.user(db, other, "s@sjovik.example", activated_at=None)
    for user_id in (stranger.id, 999):
        with pytest.raises(NotFound):
            invitations.renew_invitation(superuser, user_id)


def test_a_link_of_one_kind_does_not_open_the_other(superuser):
    invitations.invite(superuser, new())
    with pytest.raises(LinkDead):
        invitations.open_reset(tokens("invitation")[0], NOW)


def disable_user(db):
    db.exec(select(User).where(User.name == "Nils Ny")).one().disabled_at = NOW


def disable_company(db):
    db.exec(select(Company)).one().disabled_at = NOW


@pytest.mark.parametrize("change", [disable_user, disable_company])
def test_what_is_disabled_cannot_be_finished(superuser, change):
    invitations.invite(superuser, new())
    with writing() as db:
        change(db)
    with pytest.raises(LinkDead):
        accept(tokens("invitation")[0])


def test_a_weak_password_leaves_the_invitation_open(superuser):
    invitations.invite(superuser, new())
    token = tokens("invitation")[0]
    with pytest.raises(passwords.WeakPassword):
        accept(token, password="ny@bjorko.example")
    assert accept(token).token


def test_guessing_the_password_of_a_known_address_through_an_invitation_is_throttled(superuser):
    with writing() as db:
        known = make.user(db, make.company(db, "Sjövik Vård AB", "5560125790"), "known@sjovik.example")
        db.get(SignIn, known.sign_in_id).password_hash = HASH
    invitations.invite(superuser, new("known@sjovik.example"))
    token = tokens("invitation")[0]
    for _ in range(6):
        with pytest.raises(sessions.SignInRefused):
            accept(token, password="fel lösenord här")
    with pytest.raises(throttle.Throttled):
        accept(token, password=PASSWORD)
    assert accept(token, NOW + timedelta(seconds=1), password=PASSWORD).token


def test_an_invitation_finished_twice_at_once_makes_one_session(superuser):
    invitations.invite(superuser, new())
    token = tokens("invitation")[0]

    def one(name):
        try:
            return bool(accept(token, name=name))
        except Refused as refused:
            return refused.key

    with ThreadPoolExecutor(2) as threads:
        answers = list(threads.map(one, ("Nils Ett", "Nils Två")))
    assert sorted(map(str, answers)) == ["True", "auth.link.dead"]
    user = rows(User, User.name.in_(["Nils Ett", "Nils Två"]))[0]
    assert user.name == ("Nils Ett", "Nils Två")[answers.index(True)]
    assert len(rows(Session, Session.user_id == user.id)) == 1


def test_two_companies_invitations_finished_at_once_set_one_password(superuser):
    with writing() as db:
        other = make.user(db, make.company(db, "Sjövik Vård AB", "5560125790"), "chef@sjovik.example")
    invitations.invite(superuser, new())
    invitations.invite(make.actor(other), new())

    def one(given):
        try:
            return bool(accept(given[0], password=given[1]))
        except Refused as refused:
            return refused.key

    with ThreadPoolExecutor(2) as threads:
        answers = list(threads.map(one, zip(tokens("invitation"), (NEW, PASSWORD), strict=True)))
    assert answers.count(True) == 1
    winner = (NEW, PASSWORD)[answers.index(True)]
    assert passwords.verify(rows(SignIn, SignIn.email_key == "ny@bjorko.example")[0].password_hash, winner)


# --- New password


@pytest.fixture
def asa(superuser):
    with writing() as db:
        db.get(SignIn, superuser.sign_in_id).password_hash = HASH
    return superuser


def request(email="asa@bjorko.example", source=HOME, now=NOW):
    invitations.request_reset(email, source=source, now=now)


def test_a_new_password_ends_every_session_and_the_owner_is_told(asa):
    tokens_before = [
        sessions.sign_in("asa@bjorko.example", PASSWORD, source=HOME, device="", now=NOW).token for _ in range(2)
    ]
    request()
    invitations.reset_password(tokens("reset")[0], NEW, source=HOME, now=NOW)
    assert all(sessions.actor_by_token(token, NOW, HOME) is None for token in tokens_before)
    assert all(row.ended_at for row in rows(Session))
    assert sessions.sign_in("asa@bjorko.example", NEW, source=HOME, device="", now=NOW)
    assert rows(OutgoingMail)[-1].kind == "password_changed"
    assert "password_reset" in [entry.action for entry in rows(AuditEntry)]
    assert NEW not in repr([entry.model_dump() for entry in rows(AuditEntry)])


def test_a_reset_link_works_once_and_for_an_hour(asa):
    request()
    token = tokens("reset")[0]
    with pytest.raises(LinkDead):
        invitations.open_reset(token, NOW + timedelta(hours=1))
    invitations.reset_password(token, NEW, source=HOME, now=NOW)
    with pytest.raises(LinkDead):
        invitations.reset_password(token, PASSWORD, source=HOME, now=NOW)


def test_a_reset_link_used_twice_at_once_sets_one_password(asa):
    request()
    token = tokens("reset")[0]

    def one(password):
        try:
            invitations.reset_password(token, password, source=HOME, now=NOW)
        except LinkDead:
            return False
        return True

    choices = [f"sju blå cyklar nummer {n}" for n in range(4)]
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(one, choices))
    assert answers.count(True) == 1
    assert passwords.verify(rows(SignIn)[0].password_hash, choices[answers.index(True)])


def test_using_one_reset_link_kills_the_others(asa):
    request()
    request()
    first, second = tokens("reset")
    invitations.reset_password(second, NEW, source=HOME, now=NOW)
    with pytest.raises(LinkDead):
        invitations.open_reset(first, NOW)


def not_registered(db):
    db.exec(select(User)).one().activated_at = None


def disabled(db):
    db.exec(select(User)).one().disabled_at = NOW


@pytest.mark.parametrize("change", [not_registered, disabled, disable_company])
def test_who_cannot_sign_in_gets_no_link_and_one_sent_before_is_dead(asa, change):
    request()
    with writing() as db:
        change(db)
    request()
    assert len(tokens("reset")) == 1
    with pytest.raises(LinkDead):
        invitations.reset_password(tokens("reset")[0], NEW, source=HOME, now=NOW)


def test_an_address_gets_three_links_an_hour_without_a_word(asa):
    for n in range(5):
        request(source=f"192.0.2.{n}")
    assert len(tokens("reset")) == 3
    request(now=NOW + timedelta(hours=1))
    assert len(tokens("reset")) == 4


def test_a_source_that_asks_too_often_is_told(asa):
    for n in range(20):
        request(f"nobody{n}@x.example")
    with pytest.raises(throttle.Throttled):
        request()
    assert tokens("reset") == []


def test_a_new_password_lifts_the_block_that_guesses_had_brought(asa):
    for _ in range(6):
        with pytest.raises(sessions.SignInRefused):
            sessions.sign_in("asa@bjorko.example", "fel lösenord här", source=HOME, device="", now=NOW)
    request()
    invitations.reset_password(tokens("reset")[0], NEW, source=HOME, now=NOW)
    assert sessions.sign_in("asa@bjorko.example", NEW, source=HOME, device="", now=NOW).token
