"""Loading the demo: whole into an empty database, or not at all, on any day."""

from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from selfcare_app.models import AuditEntry, Company, CustomerNumber, FeedRun, Invoice, SignIn, Subscription, User
from selfcare_app.services.access import Actor, Forbidden
from selfcare_app.services.database import session, writing
from selfcare_app.services.demo import NotEmpty, load_demo, people
from selfcare_app.services.demo.content import COMPANIES
from selfcare_app.services.demo.files import Files
from selfcare_app.services.demo.inventory import lines
from selfcare_app.specs.invoices import InvoiceStatus, status_of
from selfcare_app.specs.months import months_later
from selfcare_app.specs.permissions import OperatorRole
from tests import factories as make

OPERATOR = Actor(name="selfcare demo", at=make.NOW, operator_role=OperatorRole.ADMINISTRATOR)


def rows(model):
    with session() as db:
        return list(db.exec(select(model).order_by(model.id)).scalars())


def test_a_sign_in_that_exists_keeps_the_demo_out_too(database):
    with writing() as db:
        make.sign_in(db, "staff@exempelnat.example")
    with pytest.raises(NotEmpty):
        load_demo(OPERATOR, make.NOW)
    assert rows(Company) == []


def test_a_load_that_breaks_off_leaves_nothing_and_can_be_done_again(database, monkeypatch):
    def broken(*_):
        raise OSError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(people, "_staff", broken)
        with pytest.raises(OSError, match="disk"):
            load_demo(OPERATOR, make.NOW)
    for model in (Company, CustomerNumber, User, SignIn, FeedRun, AuditEntry):
        assert rows(model) == []
    assert all(report.applied for report in load_demo(OPERATOR, make.NOW))


def test_only_the_operator_loads_it(database):
    with pytest.raises(Forbidden):
        load_demo(Actor(name="U", at=make.NOW, company_id=1), make.NOW)


@settings(deadline=None, max_examples=25)
@given(st.dates(min_value=date(2024, 1, 1), max_value=date(2060, 12, 31)))
def test_on_any_day_the_files_are_the_same_bytes_and_no_subscription_ends_before_it_begins(today):
    assert Files(today).inventory() == Files(today).inventory()
    for company in COMPANIES:
        for line in lines(company, today):
            place_opened = months_later(today, line.place.opened_month)
            assert place_opened <= line.opened
            assert line.ended is None or line.opened < line.ended
        assert all(end is None or end >= start for *_, start, end in people.memberships(company, today))


# Which dates the demo has is not the database's affair: once is enough.
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("moment", ["2027-01-01T00:10+01:00", "2028-02-29T23:50+01:00", "2026-03-31T12:00+02:00"])
def test_on_new_years_day_leap_day_and_a_last_of_march_it_is_there_with_every_status(database, moment):
    now = datetime.fromisoformat(moment)
    assert all(report.applied for report in load_demo(OPERATOR, now))
    for company in rows(Company):
        assert [row.company_id for row in rows(Subscription)].count(company.id) == 120
        invoices = [row for row in rows(Invoice) if row.company_id == company.id]
        assert {status_of(row, now.date()) for row in invoices} == set(InvoiceStatus)
