"""The demo companies (data.md): loaded whole into an empty database, the same each time, within their own rules."""

import io
import re
import shutil
from collections import Counter, defaultdict
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from itertools import pairwise

import phonenumbers
import pytest
from sqlalchemy import select
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
    Invoice,
    InvoiceLine,
    InvoiceOriginal,
    OperatorUser,
    Payment,
    PricePlan,
    SignIn,
    Subscription,
    UsageMonth,
    User,
)
from selfcare_app.services import access, passwords, secrets
from selfcare_app.services import database as database_module
from selfcare_app.services.access import Actor
from selfcare_app.services.database import session, writing
from selfcare_app.services.demo import NotEmpty, load_demo
from selfcare_app.services.demo.content import COMPANIES
from selfcare_app.services.demo.files import Files
from selfcare_app.services.feeds.inventory import feed_within
from selfcare_app.services.feeds.invoices import feed_invoices_within
from selfcare_app.services.feeds.runs import one_feed_at_a_time
from selfcare_app.services.feeds.usage import feed_usage_within
from selfcare_app.specs.demo import DEMO_PASSWORD, DEMO_SIGN_INS
from selfcare_app.specs.invoices import CostType, InvoiceKind, InvoiceStatus, status_expression, status_of
from selfcare_app.specs.permissions import OperatorRole, Role
from selfcare_app.specs.usage import UsageType
from tests import factories as make
from tests.conftest import postgres_database

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
OPERATOR = Actor(name="selfcare demo", at=NOW, operator_role=OperatorRole.ADMINISTRATOR)
FICTION = re.compile(r"\+4670174(060[5-9]|06[1-9][0-9])|\+46846500(4[0-9]{2})|\+4631390(06[0-9]{2})")
TODAY = date(2026, 11, 24)
THIS_MONTH = date(2026, 11, 1)


def rows(model):
    with session() as db:
        return list(db.exec(select(model).order_by(model.id)).scalars())


def fetch(statement):
    with session() as db:
        return list(db.exec(statement))


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


@contextmanager
def emptied_sqlite(path, template):
    shutil.copy(template, path)
    engine = database_module.make_engine(f"sqlite:///{path}")
    yield engine
    engine.dispose()


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def loaded(request, sqlite_template, tmp_path_factory, worker_id):
    """A database with the demo, loaded once for all tests here: they leave it as it is."""
    if request.param == "sqlite":
        made = emptied_sqlite(tmp_path_factory.mktemp("demo") / "demo.db", sqlite_template)
    else:
        made = postgres_database(f"selfcare_demo_{worker_id}")
    with made as engine, pytest.MonkeyPatch.context() as patched:
        patched.setattr(database_module, "engine", lambda: engine)
        load_demo(OPERATOR, NOW)
        yield engine


@pytest.fixture
def demo(loaded, monkeypatch):
    monkeypatch.setattr(database_module, "engine", lambda: loaded)
    return loaded


class Undo(Exception):
    """Ends a transaction that is to leave nothing."""


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
    files = Files(TODAY)
    kinds = [
        *files.inventory(),
        *["invoices"] * sum(map(len, files.bills)),
        "payments",
        *["usage"] * len(files.usage()),
    ]
    assert [run.kind for run in rows(FeedRun)] == kinds
    inventory = {**files.inventory(), "payments": files.payments()}
    reports = []
    with suppress(Undo), writing() as db:
        one_feed_at_a_time(db)
        reports += [feed_within(db, OPERATOR, kind, "again.csv", content) for kind, content in inventory.items()]
        for name, content in files.invoices().items():
            reports += feed_invoices_within(db, OPERATOR, name, content)
        reports += [
            feed_usage_within(db, OPERATOR, name, io.BytesIO(content)) for name, content in files.usage().items()
        ]
        raise Undo
    assert len(reports) == len(kinds)
    for report in reports:
        assert (report.created, report.changed, report.refusals) == (0, 0, ())
        assert report.unchanged > 0


def test_what_was_used_is_what_the_invoices_charge_by_cost_type_and_month_to_the_oere(demo):
    used, charged, months = Counter(), Counter(), defaultdict(set)
    for row in fetch(
        select(UsageMonth.company_id, UsageMonth.subscription_id, UsageMonth.month, UsageMonth.type, UsageMonth.amount)
    ):
        kind = CostType.ROAMING if row.type == UsageType.ROAMING else CostType.TRAFFIC
        used[row.subscription_id, row.month, kind] += row.amount
        months[row.company_id].add(row.month)
    lines = (
        select(InvoiceLine.subscription_id, InvoiceLine.month, InvoiceLine.cost_type, InvoiceLine.net)
        .join(Invoice, Invoice.id == InvoiceLine.invoice_id)
        .where(Invoice.kind == InvoiceKind.INVOICE, InvoiceLine.cost_type.in_(["traffic", "roaming"]))
    )
    for subscription, month, kind, net in fetch(lines):
        charged[subscription, month, kind] += net
    assert sum(charged.values()) > 0
    assert {key: amount for key, amount in used.items() if amount} == dict(charged)
    billed = {row.month for row in rows(Invoice)}
    assert len(billed) == 14
    assert months == {row.id: billed for row in rows(Company)}


def test_there_is_an_invoice_of_every_status_and_some_with_their_original(demo):
    for company in rows(Company):
        invoices = [row for row in rows(Invoice) if row.company_id == company.id]
        sent = [row for row in invoices if row.kind == InvoiceKind.INVOICE]
        assert len(sent) == len(invoices) - 1 >= 6 * 14
        found = Counter(status_of(row, TODAY) for row in sent)
        assert set(found) == set(InvoiceStatus)
        assert (found["credited"], found["overdue"], found["part_paid"]) == (1, 1, 1)
        by_expression = Counter(
            status
            for (status,) in fetch(
                select(status_expression(TODAY)).where(Invoice.company_id == company.id, Invoice.kind == "invoice")
            )
        )
        assert by_expression == found
        originals = [row for row in rows(InvoiceOriginal) if row.company_id == company.id]
        assert len(originals) == len(invoices)
        assert 4 <= sum(row.pdf is not None for row in originals) < 20
    names = {row.number: (row.buyer_name, row.payment_reference, row.payment_account) for row in rows(Invoice)}
    assert names["80004417"] == ("Björkö Bygg AB, Huvudkontor", "100238000441753", "9912346")
    assert {row.number for row in rows(Invoice) if status_of(row, TODAY) == "overdue"} == {"80004417", "80004437"}


def test_every_line_that_says_a_subscription_is_that_subscriptions(demo):
    numbers = {row.id: row.number for row in rows(Subscription)}
    lines_found = rows(InvoiceLine)
    assert {row.cost_type for row in lines_found} == {"fee", "traffic", "roaming", "one_off"}
    for row in lines_found:
        assert numbers.get(row.subscription_id, "") == row.accounting_cost
    assert sum(row.subscription_id is None for row in lines_found) < len(lines_found) / 8


def test_everything_written_is_in_the_log_without_secrets(demo):
    entries = rows(AuditEntry)
    logged = Counter(entry.object_kind for entry in entries if entry.action != "approvers_changed")
    for model in (
        Company,
        CustomerNumber,
        Subscription,
        FrameworkAgreement,
        PricePlan,
        Connection,
        ConnectionContact,
        AddOn,
        Invoice,
        Payment,
        GroupMembership,
        User,
        SignIn,
        AccessGrant,
    ):
        assert logged[model.__tablename__] == len(rows(model))
    written = str([entry.after for entry in entries])
    secret = {text for owned in Files(TODAY).estates for line in owned.lines for text in (line.sim, line.puk) if text}
    assert logged["usage"] == len(COMPANIES), "one entry for a company's records"
    assert "argon2" not in written
    assert not [text for text in secret if text in written]


def test_a_database_that_is_not_empty_is_left_alone(demo):
    before = len(rows(AuditEntry))
    with pytest.raises(NotEmpty):
        load_demo(OPERATOR, NOW)
    assert len(rows(AuditEntry)) == before
    assert len(rows(Company)) == 2


def test_each_sign_in_has_a_text_in_both_languages():
    for language in LANGUAGES:
        assert all(catalogue(language)[key] for key, _ in DEMO_SIGN_INS)
