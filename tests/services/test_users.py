"""The page of a user (U2-U6), to look at: what a manager may know about someone of the same company."""

from dataclasses import replace

import pytest

from selfcare_app.services import users
from selfcare_app.services.access import Forbidden, NotFound
from selfcare_app.services.database import writing
from selfcare_app.specs.permissions import EVERYTHING, ROLE_PERMISSIONS, Permission, Role
from tests import factories as make


@pytest.fixture
def company(database):
    with writing() as db:
        made = make.company(db)
        for number in ("10023", "10024"):
            make.subscription(db, make.customer_number(db, made, number, f"Enhet {number}"), f"S{number}")
        make.group(db, made, "Avdelning", "Ekonomi")
        return made


@pytest.fixture
def manager(company):
    with writing() as db:
        return make.actor(make.user(db, company, "asa@bjorko.example"))


def row(db, model, **values):
    return db.query(model).filter_by(**values).one()


def test_a_user_is_shown_with_role_permissions_and_times(manager, company):
    with writing() as db:
        user = make.user(db, company, "omar@bjorko.example", Role.FINANCE, name="Omar Haddad", phone="+46701740605")
        page_id = user.id
    page = users.overview(manager, page_id)
    assert (page.name, page.email, page.phone, page.role, page.status) == (
        "Omar Haddad", "omar@bjorko.example", "+46701740605", "finance", "active",
    )  # fmt: skip
    assert page.permissions == ROLE_PERMISSIONS[Role.FINANCE]
    assert (page.access_all, page.created_at, page.last_sign_in_at) == (True, make.NOW, None)


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ({}, "active"),
        ({"activated_at": None}, "invited"),
        ({"disabled_at": make.NOW}, "disabled"),
        ({"activated_at": None, "disabled_at": make.NOW}, "disabled"),
    ],
)
def test_the_status_of_a_user_says_whether_they_can_sign_in(manager, company, values, status):
    with writing() as db:
        user_id = make.user(db, company, "omar@bjorko.example", **values).id
    assert users.overview(manager, user_id).status == status


def test_a_custom_user_has_their_own_permissions(manager, company):
    with writing() as db:
        user_id = make.user(db, company, "p@bjorko.example", Role.CUSTOM, permissions=["groups.write", "no.such"]).id
    assert users.overview(manager, user_id).permissions == {Permission.GROUPS_WRITE, Permission.GROUPS_READ}


@pytest.fixture
def given(company):
    """Someone who was given two customer numbers, a subscription and a group."""
    with writing() as db:
        user = make.user(db, company, "p@bjorko.example", Role.READER, access_all=False)
        for number in ("10024", "10023"):
            make.grant(db, user, row(db, make.CustomerNumber, number=number))
        make.grant(db, user, row(db, make.Subscription, number="S10024"))
        make.grant(db, user, row(db, make.Group, name="Ekonomi"))
        return user.id


def test_what_was_given_is_named_to_one_who_sees_it(manager, given):
    page = users.overview(manager, given)
    assert not page.access_all
    assert (page.customer_numbers.shown, page.customer_numbers.more) == (
        [("10023", "Enhet 10023"), ("10024", "Enhet 10024")], 0,
    )  # fmt: skip
    assert page.subscriptions.shown == [("S10024", "S10024")]
    assert [name for _, name in page.groups.shown] == ["Avdelning:Ekonomi"]


def test_what_the_reader_does_not_see_is_a_number_only(company, given):
    with writing() as db:
        reader = make.user(db, company, "m@bjorko.example", Role.SUPERUSER, access_all=False)
        make.grant(db, reader, row(db, make.CustomerNumber, number="10023"))
        actor = make.actor(reader)
    page = users.overview(actor, given)
    assert (page.customer_numbers.shown, page.customer_numbers.more) == ([("10023", "Enhet 10023")], 1)
    assert (page.subscriptions.shown, page.subscriptions.more) == ([], 1)
    only_users = replace(actor, access_all=True, permissions=frozenset({Permission.MANAGE_USERS}))
    page = users.overview(only_users, given)
    assert [(g.shown, g.more) for g in (page.customer_numbers, page.subscriptions, page.groups)] == [
        ([], 2), ([], 1), ([], 1),
    ]  # fmt: skip


def test_more_than_fits_is_counted(manager, company, monkeypatch):
    monkeypatch.setattr(users, "GRANTS_SHOWN", 1)
    with writing() as db:
        user = make.user(db, company, "p@bjorko.example", Role.READER, access_all=False)
        for number in ("10024", "10023"):
            make.grant(db, user, row(db, make.CustomerNumber, number=number))
        user_id = user.id
    page = users.overview(manager, user_id)
    assert (page.customer_numbers.shown, page.customer_numbers.more) == ([("10023", "Enhet 10023")], 1)


def test_a_user_of_another_company_is_not_there(manager):
    with writing() as db:
        other = make.company(db, "Sjövik Vård AB", "5560125790")
        foreign = make.user(db, other, "canary@sjovik.example").id
    for user_id in (foreign, 999_999):
        with pytest.raises(NotFound):
            users.overview(manager, user_id)


def test_only_those_who_manage_users_look_at_one(manager, given):
    with pytest.raises(Forbidden):
        users.overview(replace(manager, permissions=EVERYTHING - {Permission.MANAGE_USERS}), given)
