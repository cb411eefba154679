"""Which rows an actor sees (U5, U6), on both databases."""

from datetime import date

import pytest
from sqlalchemy import select

from selfcare_app.models import CustomerNumber, Subscription
from selfcare_app.services import access
from selfcare_app.services.database import session, writing
from selfcare_app.specs.permissions import Role
from tests import factories as make


def seen(actor, model):
    with session() as db:
        return {row.number for row in db.exec(access.visible(select(model), actor, model)).scalars()}


def test_a_company_never_sees_another_companys_rows(database):
    with writing() as db:
        mine, theirs = make.company(db), make.company(db, "Sjövik Vård AB", "5560125790")
        make.customer_number(db, mine, "10023")
        make.customer_number(db, theirs, "20023")
        me = make.actor(make.user(db, mine, "a@bjorko.example"))
    assert seen(me, CustomerNumber) == {"10023"}
    with session() as db, pytest.raises(access.NotFound):
        access.fetch(db, me, CustomerNumber, "20023")
    with session() as db, pytest.raises(access.NotFound):
        access.fetch(db, me, CustomerNumber, "10023\x00")


def test_partial_access_covers_what_it_names_and_what_lies_under_it(database):
    with writing() as db:
        company = make.company(db)
        first, second, third = (make.customer_number(db, company, n) for n in ("10023", "10024", "10025"))
        make.subscription(db, first, "S1")
        single = make.subscription(db, second, "S2")
        make.subscription(db, second, "S3")
        user = make.user(db, company, "p@bjorko.example", Role.READER, access_all=False)
        make.grant(db, user, first)
        make.grant(db, user, single)
        me = make.actor(user)
        assert third.id
    assert seen(me, CustomerNumber) == {"10023"}
    assert seen(me, Subscription) == {"S1", "S2"}


def test_access_by_group_follows_the_month(database):
    with writing() as db:
        company = make.company(db)
        now, later = make.customer_number(db, company, "10023"), make.customer_number(db, company, "10024")
        economy = make.group(db, company, "Avdelning", "Ekonomi")
        make.member(db, economy, now, date(2026, 1, 1), date(2026, 11, 1))
        make.member(db, economy, later, date(2026, 12, 1))
        user = make.user(db, company, "p@bjorko.example", Role.READER, access_all=False)
        make.grant(db, user, economy)
    assert seen(make.actor(user), CustomerNumber) == {"10023"}
    assert seen(make.actor(user, at=make.NOW.replace(month=12)), CustomerNumber) == {"10024"}


def test_without_a_company_nothing_is_seen(database):
    with writing() as db:
        make.customer_number(db, make.company(db), "10023")
    assert seen(access.Actor(name="staff", at=make.NOW, access_all=True), CustomerNumber) == set()
