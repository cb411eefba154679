"""Doing something to many users at once: what is shown is what is done, and only what may be done is offered (U4)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import select

from selfcare_app.models import AccessGrant, AuditEntry, MailedLink, OutgoingMail, SignIn, User
from selfcare_app.services import invitations, listing, user_doings, user_rights, users
from selfcare_app.services.access import NotFound, PasswordNeeded, Refused
from selfcare_app.services.database import session, writing
from selfcare_app.services.grants import Access
from selfcare_app.services.invitations import Invitee
from selfcare_app.services.user_doings import Wish
from selfcare_app.specs.lists import USERS
from selfcare_app.specs.permissions import EVERYTHING, Permission, Role, open_levels, open_roles
from selfcare_app.specs.queries import parse
from selfcare_app.specs.user_doings import Doing
from tests import factories as make
from tests.services import counting

P = Permission
MANAGER = [P.MANAGE_USERS.value, P.CUSTOMER_NUMBERS_READ.value]
ASKED = [Doing(action.key) for action in USERS.actions if action.asks]


class Firm:
    """Users in every state that matters, and managers who hold much and little."""

    def __init__(self, db):
        self.company = make.company(db)
        self.number, self.other_number = (make.customer_number(db, self.company, n) for n in ("10023", "10024"))
        self.group = make.group(db, self.company, "Avdelning", "Ekonomi")
        self.boss = make.user(db, self.company, "boss@bjorko.example", name="Boss")
        self.manager = make.user(
            db, self.company, "m@bjorko.example", Role.CUSTOM, name="Mia", access_all=False, permissions=MANAGER
        )
        make.grant(db, self.manager, self.number)
        less = {"access_all": False, "permissions": [P.CUSTOMER_NUMBERS_READ.value]}
        self.small = make.user(db, self.company, "s@bjorko.example", Role.CUSTOM, name="Sam", **less)
        make.grant(db, self.small, self.number)
        self.wide = make.user(db, self.company, "w@bjorko.example", Role.CUSTOM, name="Vera", **less)
        make.grant(db, self.wide, self.other_number)
        self.grouped = make.user(db, self.company, "g@bjorko.example", Role.CUSTOM, name="Gun", **less)
        make.grant(db, self.grouped, self.group)
        self.reader = make.user(db, self.company, "r@bjorko.example", Role.READER, name="Rut")
        self.invited = make.user(
            db, self.company, "i@bjorko.example", Role.CUSTOM, name="Ivar", activated_at=None, **less
        )
        self.disabled = make.user(
            db, self.company, "d@bjorko.example", Role.CUSTOM, name="Dan", disabled_at=make.NOW, **less
        )
        self.stranger = make.user(db, make.company(db, "Sjövik Vård AB", "5560125790"), "x@sjovik.example")
        for row in db.exec(select(SignIn).where(SignIn.id != self.reader.sign_in_id).order_by(SignIn.id)):
            row.totp_since = make.NOW


@pytest.fixture
def firm(database):
    with writing() as db:
        return Firm(db)


def everybody():
    with session() as db:
        return db.exec(select(User).order_by(User.id)).all()


def refusals(told):
    return {each.name: each.refused.key for each in told if each.refused}


def test_what_is_offered_on_a_row_is_what_the_service_would_do(firm):
    wish = Wish(permissions=frozenset({P.CUSTOMER_NUMBERS_READ}))
    for who in (firm.boss, firm.manager):
        actor = make.actor(who)
        rows = listing.page(actor, USERS, parse(USERS, {})).rows
        assert len(rows) == 8, "nobody of the other company"
        for doing in ASKED:
            told = {each.id: each for each in user_doings.preview(actor, doing, [row.id for row in rows], wish)}
            for row in rows:
                refused = told[row.id].refused
                # What is given may be beyond the actor's own though the doing is theirs.
                gives = refused is not None and refused.key == "users.refused.permissions_beyond_own"
                assert (doing.value in row.fits) == (refused is None or gives), (who.name, doing, row.values["name"])
                assert (doing.value in users.overview(actor, row.id).doings) == (doing.value in row.fits)
            senseless = {
                Doing.DISABLE: "Dan",
                **dict.fromkeys((Doing.ENABLE, Doing.INVITE_AGAIN, Doing.RESET_FACTOR), "Rut"),
            }
            fitting = listing.fitting(actor, USERS, parse(USERS, {}))
            assert (doing.value in fitting) == (doing not in senseless), (
                "it makes sense for all, and is theirs for some"
            )


def test_a_preview_changes_nothing_and_the_doing_is_what_it_showed(firm):
    actor = make.actor(firm.boss)
    ids = [firm.boss.id, firm.small.id, firm.invited.id, firm.disabled.id, firm.stranger.id]
    before = everybody()
    told = user_doings.preview(actor, Doing.DISABLE, ids)
    assert [(each.name, each.before, each.after) for each in told if not each.refused] == [
        ("Ivar", "lists.user_status.invited", "lists.user_status.disabled"),
        ("Sam", "lists.user_status.active", "lists.user_status.disabled"),
    ]
    assert refusals(told) == {"Boss": "users.refused.own", "Dan": "users.doings.disabled_already"}
    assert everybody() == before
    shown = [each.id for each in told if not each.refused]
    with pytest.raises(Refused, match="changed"):
        user_doings.apply(actor, Doing.DISABLE, ids, [*shown, firm.boss.id])
    assert everybody() == before
    user_doings.apply(actor, Doing.DISABLE, ids, shown)
    with session() as db:
        assert {u.name for u in db.exec(select(User).where(User.disabled_at.is_not(None)))} == {"Ivar", "Sam", "Dan"}
        assert (
            len(db.exec(select(AuditEntry).where(AuditEntry.action == "user_disabled").order_by(AuditEntry.id)).all())
            == 2
        )


def test_resetting_a_second_factor_shows_what_happens_and_asks_for_the_password_first(firm):
    ids = [firm.small.id, firm.reader.id]
    with pytest.raises(PasswordNeeded):
        user_doings.preview(make.actor(firm.boss, password_at=make.NOW - timedelta(hours=1)), Doing.RESET_FACTOR, ids)
    told = user_doings.preview(make.actor(firm.boss), Doing.RESET_FACTOR, ids)
    assert refusals(told) == {"Rut": "users.refused.no_second_factor"}
    assert [(each.before, each.after) for each in told][1] == ("users.doings.factor.on", "users.doings.factor.off")
    user_doings.apply(make.actor(firm.boss), Doing.RESET_FACTOR, ids, [firm.small.id])
    with session() as db:
        assert db.get(SignIn, firm.small.sign_in_id).totp_since is None
        assert db.exec(select(OutgoingMail)).one().kind == "second_factor_off"


def test_of_the_last_superusers_one_is_left_out(firm):
    with writing() as db:
        second = make.user(db, firm.company, "b2@bjorko.example", name="Bosse")
        everything = [p.value for p in EVERYTHING]
        holder = make.user(db, firm.company, "all@bjorko.example", Role.CUSTOM, name="Alla", permissions=everything)
    ids = [firm.boss.id, second.id]
    for doing in (Doing.REMOVE, Doing.DISABLE, Doing.CHANGE_PERMISSIONS):
        told = user_doings.preview(make.actor(holder), doing, ids, Wish(role=Role.READER))
        assert refusals(told) == {"Bosse": "users.refused.last_superuser"}, doing


def test_roles_access_and_invitations_are_given_to_many_at_once(firm):
    boss = make.actor(firm.boss)
    ids = [firm.small.id, firm.wide.id]
    wish = Wish(role=Role.ORDERER, access=Access(customer_numbers=frozenset({"10024"})))
    for doing in (Doing.CHANGE_PERMISSIONS, Doing.CHANGE_ACCESS):
        assert refusals(user_doings.preview(boss, doing, ids, wish)) == {}
        user_doings.apply(boss, doing, ids, ids, wish)
    with session() as db:
        assert {db.get(User, each).role for each in ids} == {Role.ORDERER}
        granted = db.exec(select(AccessGrant).where(AccessGrant.user_id.in_(ids)).order_by(AccessGrant.id)).all()
        assert {(g.user_id, g.customer_number_id) for g in granted} == {(each, firm.other_number.id) for each in ids}
    told = user_doings.preview(boss, Doing.INVITE_AGAIN, [firm.invited.id, firm.small.id, firm.disabled.id])
    assert refusals(told) == {"Dan": "auth.invite.disabled", "Sam": "auth.invite.already_registered"}
    with session() as db:
        assert db.exec(select(OutgoingMail).order_by(OutgoingMail.id)).all() == [], "a preview mails nothing"
    for _ in range(2):
        user_doings.apply(boss, Doing.INVITE_AGAIN, [firm.invited.id], [firm.invited.id])
    with session() as db:
        assert len(db.exec(select(OutgoingMail).order_by(OutgoingMail.id)).all()) == 2
        links = db.exec(select(MailedLink).where(MailedLink.user_id == firm.invited.id).order_by(MailedLink.id)).all()
        assert [link.used_at is None for link in links] == [False, True], "the old link is dead"


def test_what_is_given_is_looked_up_once_however_much_it_is_and_however_many_get_it(firm, database):
    """The company is held meanwhile: everybody else who changes something waits."""
    with writing() as db:
        numbers = [make.customer_number(db, firm.company, str(30000 + n)) for n in range(20)]
        extra = [
            make.user(db, firm.company, f"n{n}@bjorko.example", Role.CUSTOM, access_all=False, permissions=[])
            for n in range(6)
        ]
        groups = [make.group(db, firm.company, "Avdelning", f"G{n}") for n in range(5)]
        for what in (*numbers, *groups):
            make.grant(db, firm.manager, what)
        manager = db.get(User, firm.manager.id)
        manager.permissions = [*MANAGER, P.GROUPS_READ.value]
    me = make.actor(manager)

    def asked(people, things, found):
        wish = Wish(access=Access(customer_numbers=frozenset(each.number for each in numbers[:things]),
                                  groups=frozenset(each.id for each in groups[:found])))  # fmt: skip
        with counting.statements(database) as seen:
            told = user_doings.preview(me, Doing.CHANGE_ACCESS, [each.id for each in people], wish)
        assert refusals(told) == {}
        return len(seen)

    one, one_with_more = asked(extra[:1], 1, 1), asked(extra[:1], 20, 5)
    assert one == one_with_more
    assert asked(extra, 20, 5) < 6 * one
    unknown = Wish(access=Access(customer_numbers=frozenset({"10023", "99999"})))
    told = user_doings.preview(me, Doing.CHANGE_ACCESS, [extra[0].id], unknown)
    assert refusals(told) == {told[0].name: "refused.not_found"}


def test_a_manager_neither_gives_nor_takes_what_lies_beyond_their_own_by_any_way_round(firm):
    """Through many at once, through an invitation, through the kinds one may not read (U4, U5)."""
    actor = make.actor(firm.manager)
    for wish in (Wish(role=Role.READER), Wish(permissions=frozenset({P.CREATE_ORDER}))):
        told = user_doings.preview(actor, Doing.CHANGE_PERMISSIONS, [firm.small.id, firm.manager.id], wish)
        assert refusals(told) == {"Sam": "users.refused.permissions_beyond_own", "Mia": "users.refused.own"}
    for beyond in (Access(everything=True), Access(customer_numbers=frozenset({"10024"}))):
        told = user_doings.preview(actor, Doing.CHANGE_ACCESS, [firm.small.id, firm.manager.id], Wish(access=beyond))
        assert set(refusals(told)) == {"Sam", "Mia"}
    for values in (
        {"role": Role.READER},
        {"role": Role.CUSTOM, "permissions": frozenset({P.CREATE_ORDER})},
        {"role": Role.CUSTOM, "access_all": True},
        {"role": Role.CUSTOM, "customer_numbers": ("10024",)},
        {"role": Role.CUSTOM, "groups": (firm.group.id,)},
    ):
        with pytest.raises((Refused, NotFound)):
            invitations.invite(actor, Invitee(name="N", email="n@bjorko.example", **values))
    with pytest.raises(Refused, match="already_here"):
        invitations.invite(actor, Invitee(name="N", email="M@BJORKO.example", role=Role.CUSTOM))


def test_access_of_a_kind_that_the_manager_may_not_read_stays(firm):
    with writing() as db:
        make.grant(db, firm.small, firm.group)
        only_users = [P.MANAGE_USERS.value, P.CUSTOMER_NUMBERS_READ.value]
        all_seeing = make.user(db, firm.company, "a@bjorko.example", Role.CUSTOM, name="Alva", permissions=only_users)
    actor = make.actor(all_seeing)
    given = users.access_of(actor, firm.small.id)
    assert (given.objects, given.beyond) == (
        {"customer_numbers": {"10023": "10023 Huvudkontor"}, "subscriptions": {}, "groups": {}}, 1,
    )  # fmt: skip
    assert users.groups_to_give(actor) == {}
    user_rights.change_access(actor, firm.small.id, given.version, Access())
    with session() as db:
        left = db.exec(select(AccessGrant).where(AccessGrant.user_id == firm.small.id).order_by(AccessGrant.id)).all()
    assert [(g.customer_number_id, g.group_id) for g in left] == [(None, firm.group.id)]


def test_groups_are_offered_to_those_who_may_give_them(firm):
    assert users.groups_to_give(make.actor(firm.boss)) == {str(firm.group.id): "Avdelning:Ekonomi"}
    with writing() as db:
        reading = [*MANAGER, P.GROUPS_READ.value]
        holder = make.user(db, firm.company, "h@bjorko.example", Role.CUSTOM, access_all=False, permissions=reading)
    assert users.groups_to_give(make.actor(holder)) == {}
    assert users.access_of(make.actor(holder), firm.grouped.id).beyond == 1
    with writing() as db:
        make.grant(db, holder, firm.group)
    assert users.groups_to_give(make.actor(holder)) == {str(firm.group.id): "Avdelning:Ekonomi"}
    assert users.access_of(make.actor(holder), firm.grouped.id).beyond == 0


def test_what_is_wrong_with_a_person_is_told_by_field_and_only_of_this_company(firm):
    boss = make.actor(firm.boss)
    said = lambda *person: {field: refused.key for field, refused in invitations.problems(boss, *person).items()}  # noqa: E731
    assert said("", "nobody", "12") == {
        "name": "auth.profile.name_missing", "email": "auth.invite.bad_email", "phone": "auth.profile.bad_phone",
    }  # fmt: skip
    assert said("Nils", "R@Bjorko.example", "") == {"email": "auth.invite.already_here"}
    assert said("Nils", "x@sjovik.example", "070-174 06 05") == {}, "known elsewhere looks like any other (S5)"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_levels_and_roles_are_open_as_far_as_ones_own_permissions_reach(database):
    own = {P.GROUPS_READ, P.MANAGE_USERS}
    assert open_levels("groups", set(), own) == ("none", "read")
    assert open_levels("groups", {P.GROUPS_READ, P.GROUPS_WRITE}, own) == ("write",)
    assert open_levels("invoices", set(), EVERYTHING) == ("none", "read")
    assert open_roles(set(), own) == (Role.CUSTOM,)
    assert set(open_roles({P.INVOICES_READ}, EVERYTHING)) == set(Role)
