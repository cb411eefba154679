"""The second factor: switched on with a first code, asked for at sign-in, each code good once (S2, S4)."""

from __future__ import annotations

import re
import threading
from dataclasses import replace
from datetime import timedelta

import pyotp
import pytest
from sqlmodel import select

from selfcare_app.models import AuditEntry, CompanyProfile, OutgoingMail, RecoveryCode, Session, SignIn
from selfcare_app.services import passwords, second_factor, secrets, sessions
from selfcare_app.services.access import Forbidden, PasswordNeeded, Refused
from selfcare_app.services.database import session, writing
from selfcare_app.services.second_factor import WrongCode
from selfcare_app.services.throttle import Throttled
from selfcare_app.specs.permissions import OperatorRole
from tests import factories as make
from tests.factories import NOW
from tests.feeds import OPERATOR

PASSWORD = "gröna äpplen i gräset"
HASH = passwords.hash_password(PASSWORD)
HOME = "192.0.2.7"
EMAIL = "asa@bjorko.example"


@pytest.fixture
def asa(database):
    with writing() as db:
        user = make.user(db, make.company(db), EMAIL)
        db.get(SignIn, user.sign_in_id).password_hash = HASH
        return user


def enter(now=NOW, password=PASSWORD):
    return sessions.sign_in(EMAIL, password, source=HOME, device="Firefox", now=now)


def actor(now=NOW):
    return sessions.actor_by_token(enter(now).token, now, HOME)


def code(secret, now=NOW):
    return pyotp.TOTP(secret).at(now)


@pytest.fixture
def on(asa):
    """Switched on a while ago: the secret and the recovery codes."""
    me = actor(NOW - timedelta(days=1))
    secret = second_factor.begin(me).secret
    return secret, second_factor.confirm(me, code(secret, me.at))


def test_the_operator_helps_whoever_nobody_in_the_company_can(on, asa):
    token = enter().token
    with pytest.raises(Forbidden):
        second_factor.take_away(replace(OPERATOR, operator_role=OperatorRole.HANDLER), EMAIL)
    for address in ("nobody@bjorko.example", ""):
        with pytest.raises(Refused, match="no_second_factor"):
            second_factor.take_away(OPERATOR, address)
    second_factor.take_away(OPERATOR, EMAIL.upper())
    with session() as db:
        row = db.get(SignIn, asa.sign_in_id)
        assert (row.totp_secret, row.totp_since, db.exec(select(RecoveryCode).order_by(RecoveryCode.id)).all()) == (
            "",
            None,
            [],
        )
        assert [mail.kind for mail in db.exec(select(OutgoingMail).order_by(OutgoingMail.id)).all()][
            -1
        ] == "second_factor_off"
        last = db.exec(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
        assert (last.action, last.who, last.company_id, last.object_label) == (
            "user_second_factor_reset", OPERATOR.name, asa.company_id, asa.name,
        )  # fmt: skip
    with pytest.raises(sessions.SignInRefused):
        prove(token, "000000")
    assert not enter().needs_factor
    with pytest.raises(Refused, match="no_second_factor"):
        second_factor.take_away(OPERATOR, EMAIL)


def prove(token, given, now=NOW):
    return second_factor.prove(token, given, source=HOME, now=now)


def test_it_counts_once_a_first_code_was_given_and_opening_the_page_again_shows_the_same_secret(asa):
    me = actor()
    setup = second_factor.begin(me)
    assert second_factor.begin(me).secret == setup.secret
    assert setup.uri.startswith("otpauth://totp/")
    assert not enter().needs_factor
    with pytest.raises(WrongCode):
        second_factor.confirm(me, code(setup.secret, NOW + timedelta(hours=1)))
    codes = second_factor.confirm(me, code(setup.secret))
    assert len(set(codes)) == second_factor.RECOVERY_CODES
    assert enter(NOW + timedelta(minutes=1)).needs_factor
    standing = second_factor.standing(me)
    assert (standing.since, standing.recovery_codes_left, standing.required) == (NOW, 10, False)


def test_a_half_begun_secret_that_cannot_be_read_any_more_gives_way_to_a_new_one(asa):
    me = actor()
    before = second_factor.begin(me).secret
    with writing() as db:
        row = db.get(SignIn, me.sign_in_id)
        # As encrypted under another SELFCARE_SECRET.
        row.totp_secret = secrets.encrypt(before, "another")
    with pytest.raises(WrongCode):
        second_factor.confirm(me, code(before))
    after = second_factor.begin(me).secret
    assert after not in ("", before)
    assert second_factor.begin(me).secret == after
    assert second_factor.confirm(me, code(after))
    with pytest.raises(second_factor.AlreadyOn):
        second_factor.begin(me)


def test_neither_secret_nor_codes_can_be_read_in_the_database_or_the_log(on):
    secret, codes = on
    with session() as db:
        stored = repr(
            [
                row.model_dump()
                for model in (SignIn, RecoveryCode, AuditEntry)
                for row in db.exec(select(model).order_by(model.id))
            ]
        )
        mails = [mail.kind for mail in db.exec(select(OutgoingMail).order_by(OutgoingMail.id))]
    assert not [each for each in (secret, *codes) if each in stored]
    assert mails == ["second_factor_on"]


def test_a_right_password_alone_leads_nowhere(on):
    half = enter()
    assert half.needs_factor
    assert sessions.actor_by_token(half.token, NOW, HOME) is None
    with session() as db:
        made = db.exec(select(Session).order_by(Session.id.desc())).first()
    assert sessions.actor_by_ref(made.ref, NOW, HOME) is None


def test_the_code_makes_the_session_whole_under_another_token(on):
    half = enter()
    whole = prove(half.token, code(on[0]))
    assert whole.token != half.token
    assert sessions.actor_by_token(half.token, NOW, HOME) is None
    assert sessions.actor_by_token(whole.token, NOW, HOME).email == EMAIL
    with pytest.raises(sessions.SignInRefused):
        prove(half.token, code(on[0]))


def test_a_code_is_good_once_also_for_two_at_the_same_moment(on):
    halves = [enter().token for _ in range(2)]
    done: list[bool] = []

    def attempt(token):
        try:
            prove(token, code(on[0]))
        except WrongCode:
            done.append(False)
        else:
            done.append(True)

    threads = [threading.Thread(target=attempt, args=(token,)) for token in halves]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == [False, True]


@pytest.mark.parametrize("seconds", [-29, 29])
def test_a_clock_that_is_off_by_one_step_is_forgiven(on, seconds):
    assert prove(enter().token, code(on[0], NOW + timedelta(seconds=seconds))).token


@pytest.mark.parametrize("given", ["", "000000", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "x" * 5000, "123456\0"])
def test_anything_else_is_one_and_the_same_refusal(on, given):
    with pytest.raises(WrongCode):
        prove(enter().token, given)


def test_guessing_is_stopped_whatever_the_password_counts_say(on):
    half = enter()
    for _ in range(6):
        with pytest.raises(WrongCode):
            prove(half.token, "000000")
    with pytest.raises(Throttled):
        prove(half.token, code(on[0]))
    with session() as db:
        assert (
            len(
                db.exec(
                    select(AuditEntry).where(AuditEntry.action == "second_factor_failed").order_by(AuditEntry.id)
                ).all()
            )
            == 6
        )


def test_a_half_session_does_not_wait_for_ever(on):
    half, late = enter(), NOW + sessions.HALF
    assert second_factor.waits(half.token, NOW)
    assert not second_factor.waits(half.token, late)
    with pytest.raises(sessions.SignInRefused):
        prove(half.token, code(on[0], late), late)


def test_a_recovery_code_stands_in_once_however_it_is_typed(on):
    first = on[1][0]
    assert re.fullmatch(r"[a-z2-9]{5}-[a-z2-9]{5}", first)
    assert prove(enter().token, f" {first.upper().replace('-', ' ')} ").token
    with pytest.raises(WrongCode):
        prove(enter().token, first)
    later = NOW + timedelta(minutes=2)
    me = sessions.actor_by_token(prove(enter(later).token, code(on[0], later), later).token, later, HOME)
    assert second_factor.standing(me).recovery_codes_left == 9
    assert not set(second_factor.renew_recovery_codes(me)) & set(on[1])
    with pytest.raises(WrongCode):
        prove(enter(later).token, on[1][1], later)


def test_switching_it_on_ends_sessions_begun_without_it(asa):
    other, me = enter(), actor()
    second_factor.confirm(me, code(second_factor.begin(me).secret))
    assert sessions.actor_by_token(other.token, NOW, HOME) is None


def test_it_goes_off_with_password_and_code_only(on):
    me = sessions.actor_by_token(prove(enter().token, code(on[0])).token, NOW, HOME)
    later = replace(me, at=NOW + timedelta(minutes=1))
    for password, given in (("fel lösenord här", code(on[0], later.at)), (PASSWORD, "000000"), (PASSWORD, code(on[0]))):
        with pytest.raises(WrongCode):
            second_factor.turn_off(later, password, given)
    second_factor.turn_off(later, PASSWORD, on[1][0])
    assert not enter(later.at).needs_factor


def test_it_cannot_go_off_while_a_company_requires_it(on, asa):
    me = sessions.actor_by_token(prove(enter().token, code(on[0])).token, NOW, HOME)
    with writing() as db:
        db.add(CompanyProfile(company_id=asa.company_id, require_second_factor=True))
    with pytest.raises(Refused, match=r"auth\.factor\.required"):
        second_factor.turn_off(me, PASSWORD, on[1][0])


def test_where_a_company_requires_it_nothing_can_be_done_before_it_is_set_up(asa):
    me = actor()
    with writing() as db:
        db.add(CompanyProfile(company_id=asa.company_id, require_second_factor=True))
    with session() as db:
        ref = db.get(Session, me.session_id).ref
    held = sessions.actor_by_ref(ref, NOW, HOME)
    assert held.needs_second_factor
    assert (held.company_id, held.permissions) == (None, frozenset())
    second_factor.confirm(held, code(second_factor.begin(held).secret))
    assert not sessions.actor_by_ref(ref, NOW, HOME).needs_second_factor


@pytest.mark.parametrize("operation", ["begin", "renew_recovery_codes"])
def test_it_asks_for_the_password_when_that_was_given_long_ago(asa, operation):
    late = replace(actor(), at=NOW + timedelta(minutes=16))
    with pytest.raises(PasswordNeeded):
        getattr(second_factor, operation)(late)
    with pytest.raises(PasswordNeeded):
        second_factor.confirm(late, "000000")
