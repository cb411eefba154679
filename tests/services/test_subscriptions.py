"""The page of a subscription, and its SIM and PUK: who sees what, and what is written of it (O1, O4, U2, U5, P4)."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlmodel import select

from selfcare_app.models import AuditEntry, Subscription, Throttle
from selfcare_app.services import secrets, subscriptions
from selfcare_app.services.access import Forbidden, NotFound
from selfcare_app.services.database import session, writing
from selfcare_app.services.subscriptions import Secrets, SecretsRationed, SecretsUnavailable
from selfcare_app.services.throttle import SECRETS_AN_HOUR
from selfcare_app.specs.permissions import EVERYTHING, READ, Permission, Role
from tests import factories as make
from tests.factories import NOW
from tests.services.counting import statements

TODAY = NOW.date()
SIM, PUK = "8946070100012345678", "83746152"


def _subscription(db, number, name, **values):
    return make.subscription(db, number, name, puk=secrets.encrypt(PUK, name), sim=SIM, **values)


@pytest.fixture
def world(database):
    """Two customer numbers with subscriptions, groups on both levels, and another company."""
    with writing() as db:
        company, other = make.company(db), make.company(db, "Sjövik Vård AB", "5566778899")
        number = make.customer_number(db, company, "10023")
        aside = make.customer_number(db, company, "10024", "Mark")
        plan = make.price_plan(db, binding_months=24, notice_months=1)
        first = _subscription(
            db, number, "710001", phone="+46701740605", person="Åsa Lindström", price_plan_id=plan.id,
            cost_centre="6210", bound_until=date(2026, 12, 31),
        )  # fmt: skip
        _subscription(db, aside, "710002", type="m2m")
        foreign = make.customer_number(db, other, "20011", "Kansli")
        _subscription(db, foreign, "720001")
        make.add_on(db, first, "DATA10")
        make.add_on(db, first, "VPN", "Mobil VPN")
        invoice = make.invoice(db, number, "80001", (("229.00", first), ("49.00", first), ("100.00", None)))
        assert invoice
        groups = {
            name: make.group(db, company, category, name)
            for category, name in (("Avdelning", "Ekonomi"), ("Avdelning", "Mark"), ("Region", "Mitt"))
        }
        make.member(db, groups["Mark"], first, date(2026, 1, 1))
        make.member(db, groups["Ekonomi"], number, date(2020, 1, 1))
        make.member(db, groups["Mitt"], number, date(2020, 1, 1), date(2026, 11, 1))
        users = {
            "superuser": make.user(db, company, "super@bjorko.example"),
            "reader": make.user(db, company, "reader@bjorko.example", Role.READER),
            "number": make.user(db, company, "number@bjorko.example", Role.ADMINISTRATOR, access_all=False),
            "single": make.user(db, company, "single@bjorko.example", Role.ADMINISTRATOR, access_all=False),
            "grouped": make.user(db, company, "grouped@bjorko.example", Role.ADMINISTRATOR, access_all=False),
            "foreign": make.user(db, other, "super@sjovik.example"),
        }
        make.grant(db, users["number"], number)
        make.grant(db, users["single"], first)
        make.grant(db, users["grouped"], groups["Mark"])
        return {name: make.actor(user) for name, user in users.items()}


def change(number="710001", **values):
    with writing() as db:
        row = db.exec(select(Subscription).where(Subscription.number == number)).one()
        for name, value in values.items():
            setattr(row, name, value)
        db.add(row)


def log():
    with session() as db:
        return db.exec(select(AuditEntry).order_by(AuditEntry.id)).all()


# --- the page


def test_it_tells_what_it_is_and_what_it_costs(world):
    shown = subscriptions.overview(world["superuser"], "710001")
    assert (shown.label, shown.phone, shown.person) == ("070-174 06 05", "+46701740605", "Åsa Lindström")
    assert (shown.type, shown.status, shown.cost_centre) == ("mobile", "active", "6210")
    assert (shown.customer_number, shown.customer_number_name) == ("10023", "Huvudkontor")
    assert shown.plan
    assert (shown.plan.name, shown.plan.monthly_fee) == ("Företag M", Decimal("229.00"))
    assert (shown.plan.binding_months, shown.plan.notice_months) == (24, 1)
    assert shown.parts == {"add-ons": 2, "invoice-lines": 2}


def test_one_without_a_phone_number_or_a_price_plan_is_called_by_its_id(world):
    shown = subscriptions.overview(world["superuser"], "710002")
    assert (shown.label, shown.plan, shown.person) == ("710002", None, "")


def test_groups_of_its_own_are_told_from_those_of_its_customer_number(world):
    groups = subscriptions.overview(world["superuser"], "710001").groups
    assert [(g.name, g.inherited, g.state) for g in groups] == [
        ("Avdelning:Mark", False, "active"),
        ("Region:Mitt", True, "active"),
        ("Avdelning:Ekonomi", True, "replaced"),
    ]


@pytest.mark.parametrize(
    ("bound_until", "ended", "told"),
    [
        (TODAY - timedelta(days=1), None, False),
        (TODAY, None, True),
        (TODAY + timedelta(days=60), None, True),
        (TODAY + timedelta(days=61), None, False),
        (TODAY + timedelta(days=30), TODAY, False),
        (None, None, False),
    ],
)
def test_a_commitment_that_ends_within_sixty_days_is_pointed_out(world, bound_until, ended, told):
    change(bound_until=bound_until, ended=ended)
    assert subscriptions.overview(world["superuser"], "710001").binding_ends is told


@pytest.mark.parametrize(
    ("missing", "parts"),
    [
        (Permission.INVOICES_READ, {"add-ons": 2}),
        (Permission.GROUPS_READ, {"add-ons": 2, "invoice-lines": 2}),
    ],
)
def test_what_one_may_not_read_is_not_even_counted(world, missing, parts):
    shown = subscriptions.overview(replace(world["superuser"], permissions=READ - {missing}), "710001")
    assert shown.parts == parts
    assert bool(shown.groups) == (missing is not Permission.GROUPS_READ)


def test_access_to_the_single_subscription_shows_its_lines_but_nothing_of_its_customer_number(world):
    shown = subscriptions.overview(world["single"], "710001")
    assert shown.parts == {"add-ons": 2, "invoice-lines": 2}
    assert (shown.customer_number, shown.customer_number_name) == ("", "")


def test_the_customer_number_is_not_told_to_who_may_not_read_customer_numbers(world):
    actor = replace(world["superuser"], permissions=READ - {Permission.CUSTOMER_NUMBERS_READ})
    shown = subscriptions.overview(actor, "710001")
    assert (shown.customer_number, shown.customer_number_name) == ("", "")


BEYOND = [
    ("superuser", "nope"),
    ("superuser", "070-174 06 05"),
    ("superuser", "720001"),
    ("number", "710002"),
    ("single", "710002"),
    ("grouped", "710002"),
    ("foreign", "710001"),
]


@pytest.mark.parametrize("ask", [subscriptions.overview, subscriptions.read_secrets])
@pytest.mark.parametrize(("who", "number"), BEYOND)
def test_unknown_foreign_and_beyond_ones_access_are_the_same(world, ask, who, number):
    with pytest.raises(NotFound) as refused:
        ask(world[who], number)
    assert (refused.value.key, refused.value.values) == ("refused.not_found", {})
    assert not log()


@pytest.mark.parametrize("who", ["number", "single", "grouped"])
def test_each_manner_of_access_is_enough(world, who):
    assert subscriptions.overview(world[who], "710001").label == "070-174 06 05"
    assert subscriptions.read_secrets(world[who], "710001") == Secrets(SIM, PUK)


def test_how_many_statements_it_takes_does_not_grow_with_what_belongs_to_it(world, database):
    counted = []
    for number in ("710001", "710002"):
        with statements(database) as seen:
            subscriptions.overview(world["single"] if number == "710001" else world["superuser"], number)
        counted.append(len(seen))
    assert counted == [4, 4]


# --- SIM and PUK


def test_the_page_tells_nothing_of_sim_and_puk_but_that_there_are_some(world):
    shown = subscriptions.overview(world["superuser"], "710001")
    assert shown.has_secrets is True
    assert SIM not in repr(shown)
    assert PUK not in repr(shown)
    change(sim="", puk="")
    assert subscriptions.overview(world["superuser"], "710001").has_secrets is False


def test_who_may_only_read_is_not_told_that_there_is_something_to_ask_for(world):
    assert subscriptions.overview(world["reader"], "710001").has_secrets is False
    with pytest.raises(Forbidden):
        subscriptions.read_secrets(world["reader"], "710001")
    with pytest.raises(Forbidden):
        subscriptions.read_secrets(
            replace(world["superuser"], permissions=EVERYTHING - {Permission.SUBSCRIPTIONS_WRITE}), "nope"
        )
    assert not log()


def test_each_reading_is_logged_with_who_when_and_which_and_no_value(world):
    actor = world["superuser"]
    assert subscriptions.read_secrets(actor, "710001") == Secrets(SIM, PUK)
    subscriptions.read_secrets(replace(actor, at=NOW + timedelta(minutes=1)), "710001")
    first, second = log()
    assert (first.action, first.object_kind, first.object_label) == (
        "subscription.secrets_read",
        "subscription",
        "710001",
    )
    assert (first.user_id, first.who, first.at, first.source) == (actor.user_id, actor.name, NOW, "127.0.0.1")
    assert second.at == NOW + timedelta(minutes=1)
    for entry in (first, second):
        assert (entry.before, entry.after) == (None, None)
        assert not {SIM, PUK} & set(entry.model_dump().values())


def test_what_is_printed_of_them_tells_nothing(world):
    read = subscriptions.read_secrets(world["superuser"], "710001")
    assert SIM not in repr(read)
    assert PUK not in str(read)


def test_what_is_stored_is_readable_with_the_secret_only_and_for_this_subscription_only(world):
    with session() as db:
        stored = {row.number: row.puk for row in db.exec(select(Subscription).order_by(Subscription.id)).all()}
    assert not any(PUK in puk for puk in stored.values())
    change(puk=stored["710002"])
    with pytest.raises(SecretsUnavailable):
        subscriptions.read_secrets(world["superuser"], "710001")
    assert not log(), "nothing was read"


def test_a_user_reads_thirty_in_an_hour_and_then_has_to_wait(world):
    actor = world["superuser"]
    for _ in range(SECRETS_AN_HOUR):
        subscriptions.read_secrets(actor, "710001")
    with pytest.raises(SecretsRationed) as refused:
        subscriptions.read_secrets(replace(actor, at=NOW + timedelta(minutes=50)), "710002")
    assert refused.value.values == {"n": 10, "most": 30}
    assert refused.value.seconds == 600
    assert len(log()) == SECRETS_AN_HOUR
    assert subscriptions.read_secrets(world["number"], "710001"), "another user is not held up"
    assert subscriptions.read_secrets(replace(actor, at=NOW + timedelta(hours=1)), "710001")


def test_asking_for_what_is_not_there_spends_nothing(world):
    for _ in range(SECRETS_AN_HOUR + 1):
        with pytest.raises(NotFound):
            subscriptions.read_secrets(world["superuser"], "720001")
    with session() as db:
        assert not db.exec(select(Throttle)).all()
