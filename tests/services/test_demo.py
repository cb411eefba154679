"""The demo companies (data.md): loaded whole into an empty database, the same each time, within their own rules."""

import re
from collections import Counter, defaultdict
from datetime import UTC, date, datetime
from itertools import pairwise

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from stdnum.se import orgnr

from selfcare_app.locales import LANGUAGES, catalogue
from selfcare_app.models import (
    AccessGrant,
    AddOn,
    AuditEntry,
    Company,
    Connection,
    ConnectionContact,
    CustomerNumber,
    FeedRun,
    FrameworkAgreement,
    Group,
    GroupCategory,
    GroupMembership,
    OperatorUser,
    PricePlan,
    SignIn,
    Subscription,
    User,
)
from selfcare_app.services import access, passwords, secrets
from selfcare_app.services.access import Actor, Forbidden
from selfcare_app.services.database import session, writing
from selfcare_app.services.demo import NotEmpty, load_demo, people
from selfcare_app.services.demo.content import COMPANIES
from selfcare_app.services.demo.files import Files
from selfcare_app.services.demo.inventory import lines
from selfcare_app.services.demo.months import month_from
from selfcare_app.services.feeds.inventory import feed
from selfcare_app.specs.demo import DEMO_PASSWORD, DEMO_SIGN_INS
from selfcare_app.specs.permissions import OperatorRole, Role
from tests import factories as make

OPERATOR = Actor(name="selfcare demo", at=make.NOW, operator_role=OperatorRole.ADMINISTRATOR)
FICTION = re.compile(r"\+4670174(060[5-9]|06[1-9][0-9])|\+46846500(4[0-9]{2})|\+4631390(06[0-9]{2})")
TODAY = date(2026, 11, 22)
THIS_MONTH = date(2026, 11, 1)


def rows(model):
    with session() as db:
        return list(db.exec(select(model).order_by(model.id)).scalars())


def user_of(email, company):
    """The actor and user with the address in the company."""
    with session() as db:
        user = db.exec(
            select(User)
            .join(SignIn, SignIn.id == User.sign_in_id)
            .join(Company, Company.id == User.company_id)
            .where(SignIn.email == email, Company.name == company)
        ).scalar_one()
    return make.actor(user), user


@pytest.fixture
def demo(database):
    load_demo(OPERATOR, make.NOW)
    return database


def test_both_companies_have_what_the_specification_counts(demo):
    bjorko, sjovik = rows(Company)
    assert (bjorko.name, sjovik.name) == ("Björkö Bygg AB", "Sjövik Vård AB")
    for company in (bjorko, sjovik):
        assert orgnr.is_valid(company.organisation_number)
        numbers = [row for row in rows(CustomerNumber) if row.company_id == company.id]
        assert len(numbers) in (6, 7)
        assert sum(row.closed is not None and row.closed <= TODAY for row in numbers) == 1
        assert {row.type for row in numbers} == {"mobile", "fixed", "data", "mixed"}
        subscriptions = [row for row in rows(Subscription) if row.company_id == company.id]
        assert len(subscriptions) == 120
        assert sum(row.ended is not None and row.ended <= TODAY for row in subscriptions) == 8
        assert sum(row.opened > TODAY for row in subscriptions) == 1
        assert [row.company_id for row in rows(FrameworkAgreement)].count(company.id) == 2
        assert [row.company_id for row in rows(GroupCategory)].count(company.id) == 3
        assert [row.company_id for row in rows(Group)].count(company.id) == 8
    names = {row.number: row.name for row in rows(CustomerNumber)}
    assert {number: names[number] for number in ("10023", "10024", "10027", "10031")} == {
        "10023": "Huvudkontor",
        "10024": "Mark",
        "10027": "Service",
        "10031": "Gävle",
    }


def test_subscriptions_and_connections_have_all_that_inventory_tells(demo):
    plans = {plan.id: plan for plan in rows(PricePlan)}
    puks = {line.number: line.puk for owned in Files(TODAY).estates for line in owned.lines}
    for row in rows(Subscription):
        assert plans[row.price_plan_id].monthly_fee > 0
        assert row.cost_centre
        assert (row.bound_until is not None) is (plans[row.price_plan_id].binding_months > 0)
        assert bool(row.sim) is (row.type in ("mobile", "broadband", "m2m"))
        assert secrets.decrypt(row.puk, row.number) == puks[row.number]
    for company in rows(Company):
        connections = [row for row in rows(Connection) if row.company_id == company.id]
        assert len(connections) == 18
        assert len({row.city for row in connections}) == 9
        asked = {row.connection_id for row in rows(ConnectionContact)}
        assert all(row.equipment and row.sla and row.id in asked for row in connections)
        added = [row for row in rows(AddOn) if row.company_id == company.id]
        assert {row.connection_id is None for row in added} == {True, False}


def test_phone_numbers_are_of_the_ranges_reserved_for_fiction_and_only_where_they_may_be(demo):
    subscriptions = rows(Subscription)
    phones = [row.phone for row in subscriptions if row.phone]
    assert len(set(phones)) == len(phones)
    others = [row.phone for model in (User, ConnectionContact) for row in rows(model) if row.phone]
    for phone in [*phones, *others]:
        assert FICTION.fullmatch(phone)
        assert phonenumbers.is_valid_number(phonenumbers.parse(phone))
    assert "+46701740699" not in phones
    for company_id in (1, 2):
        kinds = Counter(row.type for row in subscriptions if row.company_id == company_id)
        assert kinds["mobile"] <= 40
        assert set(kinds) == {"mobile", "fixed", "extension", "broadband", "m2m"}
    assert {row.type for row in subscriptions if row.phone} == {"mobile", "fixed"}


def test_no_member_is_in_two_groups_of_a_category_in_one_month(demo):
    opened = {row.id: row.opened for row in rows(CustomerNumber)}
    number_of = {row.id: row.customer_number_id for row in rows(Subscription)}
    company_of_group = {row.id: (row.company_id, row.category_id) for row in rows(Group)}
    by_member = defaultdict(list)
    for row in rows(GroupMembership):
        assert company_of_group[row.group_id] == (row.company_id, row.category_id)
        assert row.start_month.day == 1
        assert row.start_month >= opened[row.customer_number_id or number_of[row.subscription_id]].replace(day=1)
        assert row.start_month <= date(2027, 11, 1)
        by_member[row.customer_number_id, row.subscription_id, row.category_id].append(row)
    for memberships in by_member.values():
        memberships.sort(key=lambda row: row.start_month)
        for earlier, later in pairwise(memberships):
            assert earlier.end_month is not None
            assert earlier.end_month < later.start_month


def test_there_are_past_present_and_coming_memberships_of_both_kinds(demo):
    seen = set()
    for row in rows(GroupMembership):
        when = "past" if row.end_month and row.end_month < THIS_MONTH else "present"
        kind = "customer number" if row.customer_number_id else "subscription"
        seen.add((row.company_id, kind, "coming" if row.start_month > THIS_MONTH else when))
    assert len(seen) == 2 * 2 * 3


def test_every_sign_in_of_the_list_works_with_the_demo_password_and_is_whom_it_says(demo):
    stored = {row.email: row for row in rows(SignIn)}
    assert {email for _, email in DEMO_SIGN_INS} == stored.keys() - {"invited@bjorko.example"}
    assert passwords.verify(stored["reader@bjorko.example"].password_hash, DEMO_PASSWORD)
    hashes = {row.password_hash for row in stored.values()}
    assert len(hashes) == 2
    assert stored["invited@bjorko.example"].password_hash == ""
    roles = {
        "superuser": Role.SUPERUSER,
        "superuser2": Role.SUPERUSER,
        "admin": Role.ADMINISTRATOR,
        "orderer": Role.ORDERER,
        "approver1": Role.APPROVER,
        "approver2": Role.APPROVER,
        "finance": Role.FINANCE,
        "reader": Role.READER,
        "partial": Role.CUSTOM,
    }
    for name, role in roles.items():
        _, user = user_of(f"{name}@bjorko.example", "Björkö Bygg AB")
        assert (user.role, user.activated_at is not None, user.disabled_at) == (role, True, None)
        assert user.access_all is (name != "partial")
    assert user_of("superuser@sjovik.example", "Sjövik Vård AB")[1].role == Role.SUPERUSER
    both = [user_of("both@konsult.example", company.name)[1] for company in COMPANIES]
    assert both[0].sign_in_id == both[1].sign_in_id
    assert both[0].role != both[1].role
    (staff,) = rows(OperatorUser)
    assert (staff.sign_in_id, staff.role) == (stored["staff@exempelnat.example"].id, OperatorRole.ADMINISTRATOR)


def test_the_partial_user_sees_exactly_two_customer_numbers_and_what_lies_under_them(demo):
    actor, _ = user_of("partial@bjorko.example", "Björkö Bygg AB")
    with session() as db:
        numbers = list(db.exec(access.visible(select(CustomerNumber), actor, CustomerNumber)).scalars())
        lines_seen = list(db.exec(access.visible(select(Subscription), actor, Subscription)).scalars())
    assert {row.number for row in numbers} == {"10024", "10027"}
    assert {row.customer_number_id for row in lines_seen} == {row.id for row in numbers}
    assert len(rows(AccessGrant)) == 2


def test_a_superuser_sees_the_whole_company_and_nothing_of_the_other(demo):
    for email, company, first in (
        ("superuser@bjorko.example", "Björkö Bygg AB", "1"),
        ("superuser@sjovik.example", "Sjövik Vård AB", "2"),
    ):
        actor, _ = user_of(email, company)
        with session() as db:
            numbers = list(db.exec(access.visible(select(CustomerNumber.number), actor, CustomerNumber)).scalars())
        assert len(numbers) == 7
        assert all(number.startswith(first) for number in numbers)


def test_it_came_through_the_feeds_and_feeding_the_same_files_again_changes_nothing(demo):
    fed = Files(TODAY).inventory()
    assert [run.kind for run in rows(FeedRun)] == list(fed)
    for kind, content in fed.items():
        report = feed(OPERATOR, kind, "again.csv", content)
        assert (report.created, report.changed, report.refused) == (0, 0, 0)
        assert report.unchanged > 0


def test_everything_written_is_in_the_log_without_secrets(demo):
    entries = rows(AuditEntry)
    logged = Counter(entry.object_kind for entry in entries)
    for model in (
        Company,
        CustomerNumber,
        Subscription,
        FrameworkAgreement,
        PricePlan,
        Connection,
        ConnectionContact,
        AddOn,
        GroupMembership,
        User,
        SignIn,
        AccessGrant,
    ):
        assert logged[model.__tablename__] == len(rows(model))
    written = str([entry.after for entry in entries])
    secret = {text for owned in Files(TODAY).estates for line in owned.lines for text in (line.sim, line.puk) if text}
    assert "argon2" not in written
    assert not [text for text in secret if text in written]


def test_a_database_that_is_not_empty_is_left_alone(demo):
    with session() as db:
        before = db.exec(select(func.count()).select_from(AuditEntry)).scalar_one()
    with pytest.raises(NotEmpty):
        load_demo(OPERATOR, make.NOW)
    assert len(rows(AuditEntry)) == before
    assert len(rows(Company)) == 2


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


@settings(deadline=None, max_examples=60)
@given(st.dates(min_value=date(2024, 1, 1), max_value=date(2060, 12, 31)))
def test_on_any_day_the_files_are_the_same_bytes_and_no_subscription_ends_before_it_begins(today):
    assert Files(today).inventory() == Files(today).inventory()
    for company in COMPANIES:
        for line in lines(company, today):
            place_opened = month_from(today, line.place.opened_month)
            assert place_opened <= line.opened
            assert line.ended is None or line.opened < line.ended
        assert all(end is None or end >= start for *_, start, end in people.memberships(company, today))


@pytest.mark.parametrize("day", [(2028, 2, 29), (2026, 12, 31)])
def test_it_loads_on_leap_days_and_at_the_turn_of_the_year(database, day):
    assert all(report.applied for report in load_demo(OPERATOR, datetime(*day, 23, 30, tzinfo=UTC)))


def test_each_sign_in_has_a_text_in_both_languages():
    for language in LANGUAGES:
        assert all(catalogue(language)[key] for key, _ in DEMO_SIGN_INS)
