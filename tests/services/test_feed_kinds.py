"""Every kind of inventory file (data.md): what its rows become, what is kept up from them, what makes no sense."""

import re
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from selfcare_app import config
from selfcare_app.locales import LANGUAGES
from selfcare_app.models import (
    AddOn,
    AuditEntry,
    Company,
    Connection,
    ConnectionContact,
    CustomerNumber,
    FeedRun,
    Invoice,
    Payment,
    PricePlan,
    Subscription,
)
from selfcare_app.services.database import session, writing
from selfcare_app.services.feeds.kinds import KINDS
from selfcare_app.services.secrets import decrypt
from selfcare_app.specs.text import (
    add_on_search,
    connection_search,
    customer_number_search,
    invoice_search,
    label_sort,
    search_key,
    sort_key,
    subscription_search,
)
from tests import factories as make
from tests.feeds import (
    ADD_ONS,
    COMPANIES,
    CONNECTIONS,
    CONTACTS,
    FULL_SUBSCRIPTIONS,
    PAYMENTS,
    PRICE_PLANS,
    counts,
    feed_everything,
    put,
    reasons,
    rows,
)

FILES = {
    "companies": COMPANIES,
    "price-plans": PRICE_PLANS,
    "subscriptions": FULL_SUBSCRIPTIONS,
    "connections": CONNECTIONS,
    "add-ons": ADD_ONS,
    "contacts": CONTACTS,
}
MODELS = (Company, CustomerNumber, PricePlan, Subscription, Connection, AddOn, ConnectionContact)


@pytest.fixture
def fed(database):
    """Everything two companies have, but invoices."""
    feed_everything()
    return database


@pytest.fixture
def invoiced(fed):
    """Invoices 90001 of Björkö and 90009 of Sjövik."""
    with writing() as db:
        for number, on in (("90001", "10023"), ("90002", "10023"), ("90009", "20023")):
            customer_number = db.exec(select(CustomerNumber).where(CustomerNumber.number == on)).scalar_one()
            make.invoice(db, customer_number, number)
    return fed


def paid():
    return {row.number: row.paid for row in rows(Invoice)}


def test_the_kinds_are_those_of_the_specification_with_the_key_first():
    assert {key: list(kind.headings) for key, kind in KINDS.items()} == {
        "companies": ["organisation number", "name", "address", "e-mail"],
        "framework-agreements": ["number", "company", "products", "from", "to"],
        "customer-numbers": ["number", "company", "name", "type", "opened", "closed"],
        "price-plans": [
            "code", "product", "name", "one-off fee", "monthly fee", "sold from", "sold to", "binding months",
            "notice months",
        ],
        "subscriptions": [
            "id", "customer number", "type", "phone number", "person", "cost centre", "price plan", "opened", "ended",
            "bound until", "SIM", "PUK",
        ],
        "connections": [
            "id", "customer number", "product", "service type", "capacity", "address", "city", "SLA level",
            "equipment", "opened", "ended",
        ],
        "add-ons": ["subscription or connection id", "code", "name", "monthly fee", "from", "to"],
        "contacts": ["connection id", "e-mail", "name", "phone"],
        "payments": ["reference", "invoice number", "date", "amount"],
    }  # fmt: skip
    assert all(column.required for kind in KINDS.values() for column in kind.identity)
    assert {key: kind.keys for key, kind in KINDS.items() if kind.keys > 1} == {"add-ons": 2, "contacts": 2}


def test_no_heading_means_two_columns_of_a_kind():
    for kind in KINDS.values():
        headings = [heading.casefold() for column in kind.columns for heading in column.headings]
        assert len(set(headings)) == len(headings)
        assert len(kind.accepted) == len(headings)


def test_price_plans_hold_exact_fees(fed):
    mobile, fixed = rows(PricePlan)
    assert (mobile.code, mobile.product, mobile.name, mobile.name_sort) == ("MOB-M", "mobile", "Företag M", "f}retag m")
    assert (mobile.one_off_fee, mobile.monthly_fee) == (Decimal("0.00"), Decimal("229.00"))
    assert (mobile.binding_months, mobile.notice_months, mobile.sold_to) == (24, 3, None)
    assert (fixed.one_off_fee, fixed.binding_months, fixed.sold_to) == (Decimal("495.50"), 0, date(2025, 12, 31))
    (entry, _) = [entry for entry in rows(AuditEntry) if entry.object_kind == "price_plan"]
    assert entry.company_id is None
    assert entry.after["monthly_fee"] == "229.00"


def test_a_subscription_holds_all_its_columns_and_what_follows_from_them(fed):
    plan = rows(PricePlan)[0]
    row = rows(Subscription)[0]
    assert (row.number, row.phone, row.person, row.cost_centre) == ("S1", "+46701740605", "Åsa Lindström", "4711")
    assert (row.price_plan_id, row.price_plan_sort, row.bound_until) == (plan.id, plan.name_sort, date(2027, 1, 31))
    assert (row.label, row.label_sort) == ("070-174 06 05", label_sort("070-174 06 05"))
    assert (row.person_sort, row.customer_number_sort) == (sort_key("Åsa Lindström"), sort_key("10023"))
    assert row.search_key == subscription_search("S1", "+46701740605", "Åsa Lindström", "Björkö Bygg AB")
    m2m = rows(Subscription)[1]
    assert (m2m.label, m2m.price_plan_id, m2m.price_plan_sort, m2m.sim, m2m.puk) == ("S2", None, "", "", "")


def test_a_connection_holds_all_its_columns_and_what_follows_from_them(fed):
    row, other = rows(Connection)
    assert (row.number, row.product, row.service_type, row.sla) == ("F1", "data", "internet", "plus")
    assert (row.capacity, row.address, row.city, row.equipment) == ("100/100", "Kajgatan 4", "Gävle", "Router X1")
    assert (row.city_sort, row.address_sort) == (sort_key("Gävle"), sort_key("Kajgatan 4"))
    assert (row.capacity_sort, row.number_sort) == (sort_key("100/100"), sort_key("F1"))
    assert row.customer_number_sort == sort_key("10023")
    assert row.search_key == connection_search("F1", "Kajgatan 4", "Gävle", "Björkö Bygg AB")
    assert (other.sla, other.ended, other.company_id) == ("basic", date(2026, 1, 1), rows(Company)[1].id)


def test_add_ons_belong_to_a_subscription_or_a_connection_and_are_known_by_it_and_their_code(fed):
    data, abroad, addresses = rows(AddOn)
    subscription, connection = rows(Subscription)[0], rows(Connection)[0]
    assert (data.subscription_id, data.connection_id, data.code) == (subscription.id, None, "DATA5")
    assert (addresses.subscription_id, addresses.connection_id) == (None, connection.id)
    assert (addresses.monthly_fee, abroad.valid_to) == (Decimal("25.50"), date(2022, 12, 31))
    assert (data.company_id, data.name_sort) == (subscription.company_id, sort_key("Extra data 5 GB"))
    assert data.search_key == add_on_search("Extra data 5 GB", "DATA5", "S1")
    head = "subscription or connection id;code;name;monthly fee;from\n"
    assert counts(put("add-ons", head + "F1;DATA5;Fler IP-adresser;30;2022-01-01\n")) == (0, 1, 0, 0)
    assert [row.monthly_fee for row in rows(AddOn)] == [Decimal(49), Decimal(0), Decimal(30)]
    entry = rows(AuditEntry)[-1]
    assert (entry.action, entry.object_label, entry.object_id) == ("add_on.changed", "F1 DATA5", addresses.id)


def test_contacts_are_known_by_connection_and_address_whatever_its_case(fed):
    erik, guard = rows(ConnectionContact)
    assert (erik.email, erik.name, erik.phone, erik.name_sort) == (
        "drift@bjorko.example",
        "Erik Ström",
        "+46701740607",
        sort_key("Erik Ström"),
    )
    assert erik.connection_id == rows(Connection)[0].id
    report = put("contacts", "connection id;e-mail;name\nF1;vakt@bjorko.example;Vakten\nF2;vakt@bjorko.example;\n")
    assert counts(report) == (1, 1, 0, 0)
    assert [(row.id, row.email, row.name) for row in rows(ConnectionContact)][1] == (
        guard.id,
        "vakt@bjorko.example",
        "Vakten",
    )


def test_feeding_everything_again_changes_nothing_and_writes_only_the_runs(invoiced):
    put("payments", PAYMENTS)

    def everything():
        return {model: [row.model_dump() for row in rows(model)] for model in (*MODELS, Payment, Invoice)}

    before, entries, runs = everything(), len(rows(AuditEntry)), len(rows(FeedRun))
    for kind, text in {**FILES, "payments": PAYMENTS}.items():
        assert counts(put(kind, text)) == (0, 0, text.count("\n") - 1, 0)
    assert everything() == before
    assert len(rows(AuditEntry)) == entries
    assert len(rows(FeedRun)) == runs + len(FILES) + 1


@pytest.mark.parametrize("kind", FILES)
def test_a_file_of_the_required_columns_alone_leaves_the_rest_as_it_is(fed, kind):
    def everything():
        return [row.model_dump() for row in rows(KINDS[kind].model)]

    before = everything()
    head, *lines = [line.split(";") for line in FILES[kind].splitlines()]
    required = [at for at, heading in enumerate(head) if KINDS[kind].column(heading).required]
    text = "".join(";".join(line[at] for at in required) + "\n" for line in (head, *lines))
    assert counts(put(kind, text)) == (0, 0, len(lines), 0)
    assert everything() == before


def test_payments_are_summed_on_their_invoice_and_follow_it_when_they_move(invoiced):
    assert counts(put("payments", PAYMENTS)) == (2, 0, 0, 0)
    assert paid() == {"90001": Decimal(75), "90002": Decimal(0), "90009": Decimal(0)}
    assert [(row.reference, row.paid_on, row.amount) for row in rows(Payment)] == [
        ("P1", date(2026, 11, 20), Decimal(100)),
        ("P2", date(2026, 11, 21), Decimal(-25)),
    ]
    report = put("payments", "reference;invoice number;date;amount\nP1;90002;2026-11-20;60\n")
    assert counts(report) == (0, 1, 0, 0)
    assert paid() == {"90001": Decimal(-25), "90002": Decimal(60), "90009": Decimal(0)}


def test_a_payment_never_moves_to_another_companys_invoice(invoiced):
    put("payments", PAYMENTS)
    report = put("payments", "reference;invoice number;date;amount\nP1;90009;2026-11-20;100\nP3;1;2026-11-20;1\n")
    assert reasons(report) == [(2, "reference", "row.other_company"), (3, "invoice number", "row.unknown_invoice")]
    assert paid()["90009"] == 0


def test_what_is_found_by_its_company_is_found_by_its_new_name_and_keeps_its_version(invoiced):
    put("companies", "organisation number;name\n559998-0017;Ångström & Söner AB\n")
    for model, made in (
        (CustomerNumber, lambda row: customer_number_search(row.number, row.name, "Ångström & Söner AB")),
        (
            Subscription,
            lambda row: subscription_search(row.number, row.phone, row.person, "Ångström & Söner AB"),
        ),
        (Connection, lambda row: connection_search(row.number, row.address, row.city, "Ångström & Söner AB")),
        (Invoice, lambda row: invoice_search(row.number, row.buyer_name, "Ångström & Söner AB")),
    ):
        company = rows(Company)[0]
        assert company.name == "Ångström & Söner AB"
        own = [row for row in rows(model) if row.company_id == company.id]
        assert own
        assert [row.search_key for row in own] == [made(row) for row in own]
        assert all("angstrom" not in row.search_key for row in rows(model) if row.company_id != company.id)
    assert {row.version for row in rows(CustomerNumber)} == {1}


def test_subscriptions_sort_by_the_new_name_of_their_price_plan(fed):
    version = rows(Subscription)[0].version
    put("price-plans", PRICE_PLANS.replace("Företag M", "Öppet M"))
    plan, row = rows(PricePlan)[0], rows(Subscription)[0]
    assert plan.name == "Öppet M"
    assert (row.price_plan_sort, row.version) == (sort_key("Öppet M"), version)
    assert rows(Subscription)[2].price_plan_sort == sort_key("Fast Bas")


def test_a_subscription_that_moves_sorts_and_is_found_where_it_is_now(fed):
    head = "id;customer number;type;opened;person\n"
    put("subscriptions", head + "S1;10024;Mobil;2020-02-01;Örjan\n")
    row = rows(Subscription)[0]
    assert row.customer_number_sort == sort_key("10024")
    assert row.person_sort == sort_key("Örjan")
    assert row.search_key == subscription_search("S1", "+46701740605", "Örjan", "Björkö Bygg AB")
    assert (row.price_plan_sort, row.label) == (sort_key("Företag M"), "070-174 06 05")


@pytest.mark.parametrize(
    ("kind", "line", "expected"),
    [
        ("price-plans", "X;data;A;0;1;2024-01-02;2024-01-01;;", ("sold to", "row.ends_before_start")),
        ("price-plans", "X;data;A;-1;1;2024-01-02;;;", ("one-off fee", "cell.negative")),
        ("price-plans", "X;data;A;0;1,005;2024-01-02;;;", ("monthly fee", "cell.places")),
        ("price-plans", "X;data;A;0;ett;2024-01-02;;;", ("monthly fee", "cell.amount")),
        ("price-plans", "X;data;A;0;;2024-01-02;;;", ("monthly fee", "cell.required")),
        ("price-plans", "X;data;A;0;1;2024-01-02;;två;", ("binding months", "cell.months")),
        ("price-plans", "MOB-M;fixed;Företag M;0;229;2020-01-01;;;", ("product", "row.plan_in_use")),
        ("subscriptions", "X;10023;Mobil;;;;NOPE;2024-01-01;;;;", ("price plan", "row.unknown_price_plan")),
        ("subscriptions", "X;10023;Fast;;;;MOB-M;2024-01-01;;;;", ("price plan", "row.plan_of_other_product")),
        ("subscriptions", "X;10023;M2M;;;;FAST;2024-01-01;;;;", ("price plan", "row.plan_of_other_product")),
        ("subscriptions", "X;10023;M2M;;;;;2024-01-01;2023-12-31;;;", ("ended", "row.ends_before_start")),
        ("subscriptions", "X;10023;M2M;;;;;2024-01-01;;2023-12-31;;", ("bound until", "row.ends_before_start")),
        ("subscriptions", "X;10023;M2M;;;;;2024-01-01;;;7946203800000010244;", ("SIM", "cell.sim")),
        ("subscriptions", "X;10023;M2M;;;;;2024-01-01;;;;1234567", ("PUK", "cell.puk")),
        ("subscriptions", "S9;10023;M2M;;;;;2024-01-01;;;;", ("id", "row.other_company")),
        ("connections", "X;99;data;SIP;;;;;;2024-01-01;", ("customer number", "row.unknown_customer_number")),
        ("connections", "X;10023;mobile;SIP;;;;;;2024-01-01;", ("product", "cell.choice")),
        ("connections", "X;10023;data;FTP;;;;;;2024-01-01;", ("service type", "cell.choice")),
        ("connections", "X;10023;data;SIP;;;;Guld;;2024-01-01;", ("SLA level", "cell.choice")),
        ("connections", "X;10023;data;SIP;;;;;;2024-01-01;2023-01-01", ("ended", "row.ends_before_start")),
        ("connections", "F2;10023;data;SIP;;;;;;2024-01-01;", ("id", "row.other_company")),
        ("add-ons", "X;DATA5;A;1;2024-01-01;", ("subscription or connection id", "row.unknown_owner")),
        ("add-ons", "S1;;A;1;2024-01-01;", ("code", "cell.required")),
        ("add-ons", "S1;DATA5;A;-1;2024-01-01;", ("monthly fee", "cell.negative")),
        ("add-ons", "S1;DATA5;A;1;2024-01-01;2023-01-01", ("to", "row.ends_before_start")),
        ("contacts", "S1;a@bjorko.example;;", ("connection id", "row.unknown_connection")),
        ("contacts", "F1;drift;;", ("e-mail", "cell.email")),
        ("contacts", "F1;a@bjorko.example;;12", ("phone", "cell.phone")),
        ("payments", "P9;90001;2024-01-01;0", ("amount", "cell.zero")),
        ("payments", "P9;nope;2024-01-01;1", ("invoice number", "row.unknown_invoice")),
        ("payments", "P9;90001;;1", ("date", "cell.required")),
    ],
)
def test_what_makes_no_sense_is_refused_by_row_and_column_and_nothing_is_stored(invoiced, kind, line, expected):
    head = {**FILES, "payments": PAYMENTS}[kind].splitlines()[0]
    before = [row.model_dump() for row in rows(KINDS[kind].model)]
    report = put(kind, f"{head}\n\n{line}\n")
    assert reasons(report) == [(3, *expected)]
    for language in LANGUAGES:
        (sentence,) = report.sentences(language)
        assert "{" not in sentence
    assert [row.model_dump() for row in rows(KINDS[kind].model)] == before


def test_a_price_plan_that_is_stored_counts_when_the_type_changes(fed):
    report = put("subscriptions", "id;customer number;type;opened\nS1;10023;Fast;2020-02-01\n")
    assert reasons(report) == [(2, "price plan", "row.plan_of_other_product")]
    both = "id;customer number;type;opened;price plan\nS1;10023;Fast;2020-02-01;FAST\n"
    assert counts(put("subscriptions", both)) == (0, 1, 0, 0)


def test_a_price_plan_that_nobody_has_may_change_product(fed):
    put("price-plans", PRICE_PLANS + "NEW;data;Ny;0;1;2026-01-01;;;\n")
    assert counts(put("price-plans", PRICE_PLANS + "NEW;mobile;Ny;0;1;2026-01-01;;;\n")) == (0, 1, 2, 0)


def test_an_id_of_both_a_subscription_and_a_connection_is_told_apart_by_the_heading(fed):
    put("connections", CONNECTIONS.replace("F1;", "S1;"))
    line = "S1;X;Något;1;2024-01-01\n"
    report = put("add-ons", "subscription or connection id;code;name;monthly fee;from\n" + line)
    assert reasons(report) == [(2, "subscription or connection id", "row.ambiguous_owner")]
    for heading in ("connection id", "Subscription_ID"):
        assert counts(put("add-ons", f"{heading};code;name;monthly fee;from\n" + line)) == (1, 0, 0, 0)
    connection, subscription = rows(AddOn)[-2:]
    assert (connection.subscription_id, subscription.connection_id) == (None, None)
    report = put("add-ons", "connection;code;name;monthly fee;from\nS2;X;Något;1;2024-01-01\n")
    assert reasons(report) == [(2, "subscription or connection id", "row.unknown_owner")]


def test_swedish_headings_mean_the_same(fed):
    text = CONNECTIONS.replace(
        CONNECTIONS.splitlines()[0],
        "ID;Kundnummer;Produkt;Tjänstetyp;Kapacitet;Adress;Ort;SLA-nivå;Utrustning;Öppnad;Avslutad",
    )
    assert counts(put("connections", text)) == (0, 0, 2, 0)


def test_the_puk_is_stored_so_that_only_the_portal_reads_it(fed):
    first = rows(Subscription)[0]
    assert first.puk.startswith("v1.")
    assert decrypt(first.puk, "S1") == "01234567"
    assert counts(put("subscriptions", FULL_SUBSCRIPTIONS)) == (0, 0, 3, 0)
    assert counts(put("subscriptions", FULL_SUBSCRIPTIONS.replace("4711", "4712"))) == (0, 1, 2, 0)
    assert rows(Subscription)[0].puk == first.puk
    assert counts(put("subscriptions", FULL_SUBSCRIPTIONS.replace("01234567", "76543210"))) == (0, 1, 2, 0)
    changed = rows(Subscription)[0]
    assert (decrypt(changed.puk, "S1"), changed.version) == ("76543210", 4)


def test_a_puk_of_another_secret_is_stored_anew_when_it_is_fed_again(fed, monkeypatch):
    monkeypatch.setenv("SELFCARE_SECRET", "another-" + "1" * 40)
    config.settings.cache_clear()
    assert counts(put("subscriptions", FULL_SUBSCRIPTIONS)) == (0, 1, 2, 0)
    assert decrypt(rows(Subscription)[0].puk, "S1") == "01234567"


def test_sim_and_puk_stand_in_no_report_and_no_audit_entry_which_still_tell_that_they_changed(fed):
    report = put(
        "subscriptions",
        FULL_SUBSCRIPTIONS.replace("01234567", "76543210").replace("8946203800000010243", "8946203800000010250"),
    )
    assert counts(report) == (0, 1, 2, 0)
    entry = rows(AuditEntry)[-1]
    assert (entry.action, entry.before, entry.after) == (
        "subscription.changed",
        {"sim": "•••", "puk": "•••"},
        {"sim": "•••", "puk": "•••"},
    )
    refused = put("subscriptions", FULL_SUBSCRIPTIONS.replace(";01234567", ";0123456").replace("10243", "10244"))
    twice = put("subscriptions", FULL_SUBSCRIPTIONS + FULL_SUBSCRIPTIONS.splitlines()[1].replace("012", "112") + "\n")
    said = repr([refused, twice, [row.model_dump() for row in rows(AuditEntry)], rows(FeedRun)])
    said += " ".join(refused.sentences("sv") + twice.sentences("en"))
    for secret in ("01234567", "76543210", "11234567", "0123456", "89462038000000102"):
        assert secret not in said


def test_the_search_key_of_a_customer_number_is_as_before(fed):
    assert rows(CustomerNumber)[0].search_key == search_key("10023", "Huvudkontor", "Björkö Bygg AB")


def test_agreements_and_numbers_know_their_rows_by_number_and_all_is_logged_with_its_company(fed):
    companies = {row.id for row in rows(Company)}
    for entry in rows(AuditEntry):
        assert entry.action == f"{entry.object_kind}.created" or entry.action.endswith(".changed")
        assert (entry.company_id in companies) != (entry.object_kind == "price_plan")
        assert entry.object_id
    with session() as db:
        for model in MODELS:
            logged = select(AuditEntry.object_id).where(
                AuditEntry.object_kind == model.__tablename__, AuditEntry.action.like("%.created")
            )
            assert set(db.exec(logged).scalars()) == {row.id for row in rows(model)}


def test_the_operators_handbook_names_every_column_and_which_must_be_there():
    page = (config.PROJECT / "docs" / "operations.md").read_text(encoding="utf-8")
    told = dict(re.findall(r"^\| `([a-z-]+)` \| (.+) \|$", page, re.MULTILINE))
    for kind in KINDS.values():
        columns = [word.strip() for word in re.split(r", | \+ ", told[kind.key])]
        assert [column.strip("*") for column in columns] == list(kind.headings)
        assert [not column.startswith("*") for column in columns] == [column.required for column in kind.columns]
