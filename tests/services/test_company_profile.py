"""What a company decides, and its approver chains (C2, C4)."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select

from selfcare_app.models import AuditEntry, OutgoingMail, User
from selfcare_app.services import company_profile, invitations, user_rights
from selfcare_app.services.access import Forbidden, NotFound, PasswordNeeded, Refused
from selfcare_app.services.changed import Changed
from selfcare_app.services.company_profile import Decided
from selfcare_app.services.database import session, writing
from selfcare_app.services.invitations import Invitee
from selfcare_app.specs.permissions import EVERYTHING, Role
from selfcare_app.specs.products import Product
from tests import factories as make
from tests.factories import NOW

MOBILE = Product.MOBILE


@pytest.fixture
def firm(database):
    """Two superusers, six approvers, a reader; another company with an approver."""
    with writing() as db:
        company, other = make.company(db), make.company(db, "Sjövik Vård AB", "5560125790")
        users = {
            "boss": make.user(db, company, "boss@bjorko.example", name="Boss"),
            "second": make.user(db, company, "second@bjorko.example", name="Second"),
            "reader": make.user(db, company, "reader@bjorko.example", Role.READER, name="Reader"),
            "foreign": make.user(db, other, "f@sjovik.example", Role.APPROVER, name="Foreign"),
        }
        for n in range(6):
            users[f"a{n}"] = make.user(db, company, f"a{n}@bjorko.example", Role.APPROVER, name=f"A{n}")
        return users


def actor(user, **values):
    return make.actor(user, password_at=NOW, company_name="Björkö Bygg AB", **values)


def chain(firm, product=MOBILE):
    page = company_profile.overview(actor(firm["boss"]))
    return next(each for each in page.chains if each.product == product)


def add(firm, name, by="boss", version=None):
    version = chain(firm).version if version is None else version
    return company_profile.add_approver(actor(firm[by]), MOBILE, version, firm[name].id)


def names(found):
    return [step.name for step in found.steps]


def mails():
    with session() as db:
        return sorted(row.recipient for row in db.exec(select(OutgoingMail).order_by(OutgoingMail.id)))


def test_a_company_without_a_word_has_defaults_and_a_change_is_kept_and_logged(firm):
    boss = actor(firm["boss"])
    assert company_profile.overview(boss).decided == Decided()
    wanted = Decided(email_notification=False, delivery_address="  Björkövägen 4 \r\n 801 00 Gävle ", remind_after=3)
    after = company_profile.change(boss, wanted)
    assert (after.email_notification, after.delivery_address) == (False, "Björkövägen 4\n801 00 Gävle")
    assert company_profile.overview(boss).decided == after
    with session() as db:
        entry = db.exec(select(AuditEntry).where(AuditEntry.action == "company_changed")).one()
    assert entry.before["remind_after"] == 2
    assert company_profile.change(boss, after) == after, "the same again changes nothing"


def test_the_slower_of_two_is_told_how_it_stands(firm):
    company_profile.change(actor(firm["boss"]), Decided(delivery_address="Ett"))
    with pytest.raises(Changed) as refused:
        company_profile.change(actor(firm["second"]), Decided(delivery_address="Två"))
    assert refused.value.now.delivery_address == "Ett"
    assert (refused.value.key, refused.value.values["who"]) == ("refused.changed_by.another", "Boss")
    # The chains are the company's too: each is told of by its own latest change.
    add(firm, "a0")
    add(firm, "a1", by="second")
    with pytest.raises(Changed) as refused:
        add(firm, "a2", version=0)
    assert (refused.value.key, refused.value.values["who"]) == ("refused.changed_by.another", "Second")
    with pytest.raises(Changed) as refused:
        company_profile.add_approver(actor(firm["boss"]), Product.DATA, 7, firm["a2"].id)
    assert refused.value.key == "refused.changed_meanwhile"


@pytest.mark.parametrize(
    "wrong",
    [{"delivery_address": "x" * 501}, {"delivery_address": "a\x00b"}, {"remind_after": 0}, {"remind_after": 5},
     {"escalate_after": 31}],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(firm, wrong):
    with pytest.raises(Refused):
        company_profile.change(actor(firm["boss"]), Decided(**wrong))


def test_a_chain_grows_at_its_end_changes_anywhere_and_shrinks_from_its_end(firm):
    for name in ("a0", "a1", "a2"):
        add(firm, name)
    assert names(chain(firm)) == ["A0", "A1", "A2"]
    boss = actor(firm["boss"])
    changed = company_profile.replace_approver(boss, MOBILE, chain(firm).version, firm["a1"].id, firm["a5"].id)
    assert names(changed) == ["A0", "A5", "A2"]
    with pytest.raises(Refused, match="not_last"):
        company_profile.remove_approver(boss, MOBILE, changed.version, firm["a0"].id)
    shrunk = company_profile.remove_approver(boss, MOBILE, changed.version, firm["a2"].id)
    assert names(shrunk) == names(chain(firm)) == ["A0", "A5"]
    assert names(chain(firm, Product.DATA)) == []
    with session() as db:
        last = db.exec(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert (last.before, last.after) == ({"approvers_mobile": ["A0", "A5", "A2"]}, {"approvers_mobile": ["A0", "A5"]})


def test_five_at_most_each_once_and_only_those_who_may_approve(firm):
    for n in range(5):
        add(firm, f"a{n}")
    with pytest.raises(Refused, match="full"):
        add(firm, "a5")
    boss = actor(firm["boss"])
    for name, why in (("a0", "twice"), ("reader", "cannot_approve"), ("foreign", "cannot_approve")):
        with pytest.raises(Refused, match=why):
            company_profile.replace_approver(boss, MOBILE, chain(firm).version, firm["a3"].id, firm[name].id)
    with writing() as db:
        db.get(User, firm["a5"].id).disabled_at = NOW
    with pytest.raises(Refused, match="cannot_approve"):
        company_profile.replace_approver(boss, MOBILE, chain(firm).version, firm["a3"].id, firm["a5"].id)
    with pytest.raises(NotFound):
        company_profile.remove_approver(boss, MOBILE, chain(firm).version, firm["a5"].id)


def test_the_place_of_one_who_is_removed_is_passed_over_until_a_superuser_gives_it_also_to_them(firm):
    boss = actor(firm["boss"])
    add(firm, "a0")
    add(firm, "a1")
    user_rights.remove(boss, firm["a0"].id)
    assert [(step.name, step.able) for step in chain(firm).steps] == [("A0", False), ("A1", True)]
    invitations.invite(boss, Invitee(name="A0", email="a0@bjorko.example", role=Role.APPROVER))
    with writing() as db:
        db.get(User, firm["a0"].id).activated_at = NOW
    assert [step.able for step in chain(firm).steps] == [False, True], "not by being invited again"
    version = chain(firm).version
    back = company_profile.replace_approver(boss, MOBILE, version, firm["a0"].id, firm["a0"].id)
    assert ([step.able for step in back.steps], back.version) == ([True, True], version + 1)
    assert "a0@bjorko.example" in mails()
    again = company_profile.replace_approver(boss, MOBILE, back.version, firm["a0"].id, firm["a0"].id)
    assert again == back, "the same again changes nothing"


def test_whoever_cannot_decide_any_more_is_pointed_out(firm):
    add(firm, "a0")
    with writing() as db:
        db.get(User, firm["a0"].id).role = Role.READER
    assert [step.able for step in chain(firm).steps] == [False]


def test_only_superusers_edit_chains_and_only_soon_after_their_password(firm):
    with writing() as db:
        custom = db.get(User, firm["reader"].id)
        custom.role, custom.permissions = Role.CUSTOM, [p.value for p in EVERYTHING]
        firm["reader"] = custom
    with pytest.raises(Forbidden):
        add(firm, "a0", by="reader")
    assert company_profile.overview(actor(firm["reader"])).candidates == []
    late = replace(actor(firm["boss"]), at=NOW + timedelta(minutes=16))
    with pytest.raises(PasswordNeeded):
        company_profile.add_approver(late, MOBILE, 0, firm["a0"].id)


def test_added_removed_and_the_other_superusers_get_mail(firm):
    add(firm, "a0")
    assert mails() == ["a0@bjorko.example", "second@bjorko.example"]
    company_profile.replace_approver(actor(firm["boss"]), MOBILE, chain(firm).version, firm["a0"].id, firm["a1"].id)
    assert mails() == sorted(["a0@bjorko.example", "second@bjorko.example"] * 2 + ["a1@bjorko.example"])


def test_of_two_superusers_with_the_same_chain_before_them_one_wins(firm):
    version, through = chain(firm).version, []
    barrier = threading.Barrier(2)

    def attempt(by, name):
        barrier.wait()
        try:
            add(firm, name, by=by, version=version)
        except Changed:
            return
        through.append(name)

    threads = [threading.Thread(target=attempt, args=pair) for pair in (("boss", "a0"), ("second", "a1"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(through) == 1
    assert names(chain(firm)) == [through[0].upper()]
