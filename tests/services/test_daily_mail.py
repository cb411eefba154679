"""Mail once a day, or never, for those who want it so (C3), on both databases."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from selfcare_app.locales import LANGUAGES
from selfcare_app.models import AuditEntry, OutgoingMail, SignIn, User, WaitingLetter
from selfcare_app.services import clock, company_profile, daily_mail, letters, mail, mail_choices
from selfcare_app.services.access import NotFound
from selfcare_app.services.database import session, writing
from selfcare_app.services.letters import Facts
from selfcare_app.specs.mail import DAILY_AT, KINDS, How, choosable
from selfcare_app.specs.permissions import Role
from selfcare_app.specs.products import Product
from tests import factories as make
from tests.factories import NOW

KIND = "approvers_changed"
MORNING = datetime(2026, 11, 23, 6, tzinfo=UTC)
"""Seven o'clock in Sweden on the day after NOW."""


@pytest.fixture
def firm(database):
    """Two superusers, and four who may approve."""
    with writing() as db:
        company = make.company(db)
        people = {name: make.user(db, company, f"{name}@bjorko.example") for name in ("boss", "second")}
        for name in ("a0", "a1", "a2", "a3"):
            people[name] = make.user(db, company, f"{name}@bjorko.example", Role.APPROVER)
    return people


def actor(user, **values):
    return make.actor(user, company_name="Björkö Bygg AB", email=f"{user.name}@bjorko.example", **values)


def add(firm, name, by="boss", at=NOW):
    boss = actor(firm[by], at=at)
    chain = company_profile.overview(boss).chains[0]
    company_profile.add_approver(boss, Product.MOBILE, chain.version, firm[name].id)


def mails(recipient="second@bjorko.example"):
    with session() as db:
        return list(db.exec(select(OutgoingMail).where(OutgoingMail.recipient == recipient).order_by(OutgoingMail.id)))


def waiting():
    with session() as db:
        return list(db.exec(select(WaitingLetter).order_by(WaitingLetter.id)))


def test_a_choice_is_kept_logged_and_offered_only_to_those_who_get_the_mail(firm):
    second = actor(firm["second"])
    assert mail_choices.standing(second) == {KIND: How.AT_ONCE}
    mail_choices.choose(second, KIND, How.DAILY)
    mail_choices.choose(second, KIND, How.DAILY)
    assert mail_choices.standing(second) == {KIND: How.DAILY}
    assert mail_choices.standing(actor(firm["boss"])) == {KIND: How.AT_ONCE}
    assert mail_choices.standing(actor(firm["a0"])) == {}
    with session() as db:
        logged = db.exec(select(AuditEntry).where(AuditEntry.action == "mail_chosen").order_by(AuditEntry.id)).all()
    assert [(entry.object_id, entry.before, entry.after) for entry in logged] == [
        (firm["second"].id, {f"mail_{KIND}": "at_once"}, {f"mail_{KIND}": "daily"})
    ]
    for who, kind in [(firm["a0"], KIND), (firm["second"], "own_approvals"), (firm["second"], "reset"), (second, "x")]:
        with pytest.raises(NotFound):
            mail_choices.choose(actor(who) if isinstance(who, User) else who, kind, How.NEVER)


def test_at_once_once_a_day_and_never(firm):
    add(firm, "a0")
    assert [letter.kind for letter in mails()] == [KIND]
    assert "Min profil" not in mails()[0].text
    assert "/profile?tab=mail" in mails()[0].text
    mail_choices.choose(actor(firm["second"]), KIND, How.NEVER)
    add(firm, "a1")
    assert (len(mails()), waiting()) == (1, [])
    mail_choices.choose(actor(firm["second"]), KIND, How.DAILY)
    add(firm, "a2")
    add(firm, "a3", at=NOW + timedelta(hours=2))
    assert len(mails()) == 1
    assert {letter.due_at for letter in waiting()} == {MORNING}
    assert daily_mail.gather_due(MORNING - timedelta(seconds=1)) == 0
    assert daily_mail.gather_due(MORNING) == 1
    assert (daily_mail.gather_due(MORNING), waiting()) == (0, [])
    gathered = mails()[-1]
    assert gathered.kind == "daily"
    assert gathered.text.count("Ordergodkännarna för Mobiltelefoni är ändrade") == 2
    assert gathered.text.index("Tillagd: a2") < gathered.text.index("Tillagd: a3")
    assert (gathered.text.count("Hej!"), gathered.text.count("Vänliga hälsningar")) == (1, 1)
    assert gathered.html.count("/company") == 2
    # Those it concerns are told at once, whatever anybody chose.
    assert [letter.kind for letter in mails("a3@bjorko.example")] == ["own_approvals"]


def test_the_daily_mail_is_in_the_language_and_to_the_address_its_receiver_has_by_then(firm):
    mail_choices.choose(actor(firm["second"]), KIND, How.DAILY)
    add(firm, "a0")
    with writing() as db:
        row = db.get(SignIn, firm["second"].sign_in_id)
        row.language, row.email = "en", "ny@bjorko.example"
        db.add(row)
    assert daily_mail.gather_due(MORNING) == 1
    gathered = mails("ny@bjorko.example")[0]
    assert gathered.language == "en"
    assert "The order approvers for Mobile have changed" in gathered.text
    assert "Mobiltelefoni" not in gathered.text + gathered.html


@pytest.mark.parametrize("change", ["disabled", "demoted", "never"])
def test_what_is_no_longer_theirs_to_get_is_dropped(firm, change):
    second = actor(firm["second"])
    mail_choices.choose(second, KIND, How.DAILY)
    add(firm, "a0")
    if change == "never":
        mail_choices.choose(second, KIND, How.NEVER)
    else:
        with writing() as db:
            row = db.get(User, firm["second"].id)
            row.disabled_at = NOW if change == "disabled" else None
            row.role = Role.READER if change == "demoted" else row.role
            db.add(row)
    assert daily_mail.gather_due(MORNING) == 0
    assert (mails(), waiting()) == ([], [])


def test_what_dies_while_gathering_loses_nothing_and_sends_nothing_twice(firm, monkeypatch):
    mail_choices.choose(actor(firm["second"]), KIND, How.DAILY)
    add(firm, "a0")
    write = mail.daily
    with monkeypatch.context() as dying:

        def die(*given, **named):
            write(*given, **named)
            raise KeyboardInterrupt

        dying.setattr(mail, "daily", die)
        with pytest.raises(KeyboardInterrupt):
            daily_mail.gather_due(MORNING)
    assert (len(waiting()), mails()) == (1, [])
    with ThreadPoolExecutor(3) as threads:
        assert sum(threads.map(lambda _: daily_mail.gather_due(MORNING), range(3))) == 1
    assert (waiting(), len(mails())) == ([], 1)


def test_an_odd_letter_holds_nobody_else_up(firm, caplog):
    for name in ("boss", "second"):
        mail_choices.choose(actor(firm[name]), KIND, How.DAILY)
    with writing() as db:
        odd = {"company_id": firm["boss"].company_id, "user_id": firm["boss"].id, "kind": KIND}
        db.add(WaitingLetter(**odd, facts={"hemligt": "x"}, created_at=NOW, due_at=MORNING))
    add(firm, "a0")
    assert daily_mail.gather_due(MORNING) == 1
    assert [letter.kind for letter in mails()] == ["daily"]
    assert "could not be made" in caplog.text
    assert "hemligt" not in caplog.text


def test_the_daily_mail_goes_at_seven_on_a_clock_in_sweden_summer_and_winter():
    for after, due in [
        (datetime(2026, 3, 28, 5, 59, tzinfo=UTC), datetime(2026, 3, 28, 6, tzinfo=UTC)),
        (datetime(2026, 3, 28, 6, tzinfo=UTC), datetime(2026, 3, 29, 5, tzinfo=UTC)),
        (datetime(2026, 10, 24, 5, tzinfo=UTC), datetime(2026, 10, 25, 6, tzinfo=UTC)),
        (datetime(2026, 12, 31, 23, 30, tzinfo=UTC), datetime(2027, 1, 1, 6, tzinfo=UTC)),
    ]:
        assert clock.next_at(DAILY_AT, after) == due


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_one_may_choose_reads_well_within_the_daily_mail(language):
    """What stands between greeting and signature is what the daily mail takes."""
    for kind in {kind for role in Role for kind in choosable(role)}:
        template = (letters.FOLDER / kind / f"{language}.txt").read_text("utf-8")
        values = dict.fromkeys(["who", "company", "product", "added", "removed", "chain", "at"], "X")
        facts = Facts(kind, "/company", values)
        alone, within = letters.compose(facts, language), letters.compose(_DAILY, language, [facts])
        assert alone.subject in within.text
        greeting = template.partition("\n")[2].strip().split("\n\n")[0]
        assert within.text.count(greeting) == 1
        assert "{" not in within.text


_DAILY = Facts("daily", letters.CHOOSING, {"company": "C", "day": "2026-11-23"})


def test_a_new_kind_needs_no_more_than_its_declaration(firm, monkeypatch):
    """Whatever is declared without a reason to come at once can be chosen, and waits."""
    monkeypatch.setitem(KINDS, "address_changed", replace(KINDS["address_changed"], always=None))
    reader = actor(firm["a0"])
    assert mail_choices.standing(reader) == {"address_changed": How.AT_ONCE}
    mail_choices.choose(reader, "address_changed", How.DAILY)
    with writing() as db:
        user, values = db.get(User, firm["a0"].id), {"email": "a0@bjorko.example", "address": "x@y.example", "at": "nu"}
        mail._write(db, "address_changed", values["email"], "sv", NOW, to=user, link="/login", **values)
    assert [letter.kind for letter in waiting()] == ["address_changed"]
    assert daily_mail.gather_due(MORNING) == 1
    assert "x@y.example" in mails("a0@bjorko.example")[0].text
