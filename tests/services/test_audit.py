"""The log as it is read (P4): every write has its words, each reader only what is about their own."""

from __future__ import annotations

import ast
import csv
import io
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from selfcare_app import services
from selfcare_app.locales import LANGUAGES, catalogue
from selfcare_app.services import audit, audit_entries, audit_reading, exporting, listing, sessions
from selfcare_app.services.access import Forbidden, NotFound
from selfcare_app.services.database import session, writing
from selfcare_app.services.feeds.kinds import KINDS
from selfcare_app.specs.audit import (
    ACTIONS,
    FIELDS,
    OBJECTS,
    OF_THE_PORTAL,
    TECHNICAL,
    VERBS,
    ActionKind,
    Reads,
    action_words,
    change_words,
    changes,
    field_words,
)
from selfcare_app.specs.lists import AUDIT, LISTS
from selfcare_app.specs.permissions import Permission, Role
from selfcare_app.specs.queries import Parent, parse
from tests import factories as make
from tests.services.counting import statements

PORTAL_ACTIONS = {"purged", "operator_created"}
"""About no company: told to the operator."""
MADE = {"created", "changed"}
"""What a feed and the demo make of a kind of object."""


def recorded() -> set[str]:
    """Every action that stands in the code as one: given to the recorder, or to a function that hands it on."""
    found = set()
    for path in Path(services.__path__[0]).rglob("*.py"):
        for call in (node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)):
            named = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
            place = {"record": 2, "record_of_sign_in": 2, "entry": 1, "_changed": 3}.get(named)
            if place is None or len(call.args) <= place or (named != "_changed" and path.name == "audit.py"):
                continue
            said = call.args[place]
            if isinstance(said, ast.Constant):
                found.add(said.value)
            else:
                assert isinstance(said, ast.Name | ast.JoinedStr), f"{path.name}: nobody knows what {named} records"
    return found


def test_every_action_in_the_code_is_declared_and_has_words_in_both_languages():
    assert len(recorded()) > 30, "the search finds them"
    assert recorded() - PORTAL_ACTIONS <= set(ACTIONS)
    fed = {f"{kind.object_kind}.{verb}" for kind in KINDS.values() for verb in MADE if kind.object_kind in OBJECTS}
    assert fed <= set(ACTIONS)
    assert {kind.object_kind for kind in KINDS.values()} <= set(OBJECTS) | OF_THE_PORTAL
    for language in LANGUAGES:
        for action in ACTIONS:
            assert action_words(language, action) != action, (language, action)
        for verb in VERBS:
            assert "{object}" in catalogue(language)[f"audit.verbs.{verb}"]
    assert action_words("sv", "group.removed") == "Tog bort grupp"
    assert action_words("en", "group.removed") == "Removed group"


def test_every_field_that_is_recorded_has_words_in_both_languages():
    for language in LANGUAGES:
        for field in FIELDS:
            assert field_words(language, field) != field, (language, field)
        for field in FIELDS.values():
            for where in field.texts:
                assert any(key.startswith(f"{where}.") for key in catalogue(language)), where
    told = {column.field for kind in KINDS.values() if kind.object_kind in OBJECTS for column in kind.columns}
    assert told - {"owner"} <= set(FIELDS) | TECHNICAL, "an owner is a subscription or a connection"


def test_what_was_there_before_and_after_is_told_in_the_readers_language():
    told = changes(
        {"role": "reader", "permissions": ["subscriptions.read"], "phone": "", "access_all": False, "version": 1},
        {"role": "custom", "permissions": ["subscriptions.read", "manage_users"], "phone": "+46701740605",
         "access_all": True, "version": 2},
    )  # fmt: skip
    assert change_words("sv", told).replace("\u00a0", " ") == (
        "Telefon: – → 070-174 06 05; Roll: Läsare → Egendefinierad; "
        "Behörigheter: – → Hantera användare; Åtkomst till allt: nej → ja"
    )
    assert "Role: Viewer → Custom; Permissions: – → Manage users; Access to everything: no → yes" in change_words(
        "en", told
    )
    made = changes(None, {"payable": "-1234.50", "kind": "credit_note", "start_month": "2026-04-01", "due": None})
    assert change_words("sv", made) == "Slag: kreditnota; Från och med: 2026-04; Att betala: \u22121\u00a0234,50"
    assert change_words("sv", changes(None, {"activated_at": "2026-03-29T01:30:00+00:00"})).endswith("2026-03-29 03:30")
    assert changes(None, None) == []


# --- who sees what


@pytest.fixture
def world(database):
    """Two customer numbers with something of each kind on them, and an entry about each; another company."""
    with writing() as db:
        company, other = make.company(db), make.company(db, "Sjövik Vård AB", "5560125790")
        boss = make.user(db, company, "boss@bjorko.example", name="Anna Chef")
        numbers = {}
        for name, of in (("OWN", company), ("HIDDEN", company), ("FOREIGN", other)):
            number = make.customer_number(db, of, f"1{len(numbers)}000", f"{name} nummer")
            subscription = make.subscription(db, number, f"{name}-A", person=f"{name} person")
            connection = make.connection(db, number, f"{name}-F")
            add_on = make.add_on(db, subscription, f"{name}-T")
            contact = make.contact(db, connection, f"{name}@plats.example")
            invoice = make.invoice(db, number, f"{name}-I")
            payment = make.payment(db, invoice, "10.00", f"{name}-P")
            group = make.group(db, of, f"{name}kategori", f"{name}grupp")
            member = make.member(db, group, number, date(2026, 1, 1))
            things = {
                "customer_number": number, "subscription": subscription, "connection": connection, "add_on": add_on,
                "connection_contact": contact, "invoice": invoice, "payment": payment, "group_membership": member,
            }  # fmt: skip
            for at, (kind, row) in enumerate(things.items()):
                make.entry(
                    db, of, boss if of is company else None, f"{kind}.changed", object_kind=kind, object_id=row.id,
                    object_label=f"{name} {kind}", at=make.NOW - timedelta(hours=at),
                    before={"customer_number_id": number.id}, after={"customer_number_id": number.id, "name": name},
                )  # fmt: skip
            for kind in ("user", "company", "group", "list", "access_grant", "usage", "sign_in"):
                make.entry(db, of, None, f"{kind}.changed", object_kind=kind, object_id=number.id, object_label=name)
            numbers[name] = (number, subscription, group)
        make.entry(db, company, None, "purged", object_kind="portal")
        partial = make.user(db, company, "p@bjorko.example", Role.ADMINISTRATOR, access_all=False, name="Pia Del")
        single = make.user(db, company, "s@bjorko.example", Role.ADMINISTRATOR, access_all=False, name="Sten Enstaka")
        grouped = make.user(db, company, "g@bjorko.example", Role.ADMINISTRATOR, access_all=False, name="Gun Grupp")
        narrow = make.user(
            db, company, "n@bjorko.example", Role.CUSTOM, permissions=["read_audit", "subscriptions.read"], name="Nils"
        )
        make.grant(db, partial, numbers["OWN"][0])
        make.grant(db, single, numbers["OWN"][1])
        make.grant(db, grouped, numbers["OWN"][2])
        return {
            "boss": make.actor(boss), "partial": make.actor(partial), "single": make.actor(single),
            "grouped": make.actor(grouped), "narrow": make.actor(narrow), "subscription": numbers["OWN"][1].id,
        }  # fmt: skip


def everything(**parameters):
    return replace(parse(AUDIT, parameters), size=100)


def seen(actor, **parameters):
    """All that a reader gets to know: rows, counts, offers, file."""
    page = listing.page(actor, AUDIT, everything(**parameters))
    file = b"".join(exporting.export(actor, AUDIT, everything(**parameters), "csv").pieces).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(file), delimiter=";"))
    assert len(rows) == 1 + page.total == 1 + len(page.rows), "the file is what the screen shows"
    return page, file + repr(page)


def kinds(page):
    return {row.values["object_kind"] for row in page.rows}


def test_whoever_sees_all_sees_every_entry_of_the_company_and_none_of_another(world):
    page, told = seen(world["boss"])
    assert page.total == 31
    assert kinds(page) >= set(OBJECTS) - {"framework_agreement", "group_category", "upload", "deputy"}
    assert "FOREIGN" not in told
    assert [row.values["at"] for row in page.rows] == sorted((row.values["at"] for row in page.rows), reverse=True)


@pytest.mark.parametrize("who", ["partial", "grouped"])
def test_partial_access_reads_the_entries_about_its_own_objects_only(world, who):
    page, told = seen(world[who])
    assert page.total == 8
    assert "HIDDEN" not in told
    assert "FOREIGN" not in told
    assert not kinds(page) & {"user", "company", "group", "list", "access_grant", "usage", "sign_in"}
    assert [choice.label for choice in page.choices["who"]] == ["Anna Chef"]
    assert listing.page(world[who], AUDIT, everything(q="hidden")).total == 0
    if who == "grouped":
        later = replace(world[who], at=datetime(2027, 2, 1, tzinfo=UTC))
        assert seen(later)[0].total == 8, "until further notice"


def test_a_single_subscription_tells_nothing_of_its_customer_number(world):
    page, told = seen(world["single"])
    assert sorted(kinds(page)) == ["add_on", "subscription"]
    assert "OWN nummer" not in told
    assert [each.field for row in page.rows for each in row.values["change"]] == ["name", "name"]


def test_the_log_is_no_way_round_a_right_one_lacks(world):
    page, told = seen(world["narrow"])
    assert not kinds(page) & {"customer_number", "connection", "add_on", "invoice", "payment", "group", "usage"}
    assert "nummer" not in told, "an id is no way round it either"
    assert "subscription" in kinds(page)
    assert "company" in kinds(page), "they see everything"


def test_an_entry_is_looked_at_by_those_who_see_it_in_the_list(world):
    boss, partial = world["boss"], world["partial"]
    own = {row.id for row in listing.page(partial, AUDIT, everything()).rows}
    for row in listing.page(boss, AUDIT, everything()).rows:
        assert audit_entries.overview(boss, row.id) == replace(row, fits=row.fits)
        if row.id in own:
            assert audit_entries.overview(partial, row.id).values == row.values
        else:
            with pytest.raises(NotFound):
                audit_entries.overview(partial, row.id)
    with pytest.raises(NotFound):
        audit_entries.overview(boss, 10**9)
    with pytest.raises(Forbidden):
        audit_entries.overview(replace(boss, permissions=boss.permissions - {Permission.READ_AUDIT}), 1)


def test_an_object_leads_to_its_page_where_the_reader_sees_it(world):
    led = {row.values["object"]: row.also["object"] for row in listing.page(world["boss"], AUDIT, everything()).rows}
    assert led["OWN customer_number"] == "customer-numbers 10000"
    assert led["OWN invoice"] == "invoices OWN-I"
    assert led["OWN payment"] is None
    page = listing.page(world["partial"], AUDIT, everything())
    assert {row.also["who"] for row in page.rows} == {None}, "they may not see users"
    assert {row.also["object"] for row in page.rows} >= {"subscriptions OWN-A", "connections OWN-F"}


# --- filters


def test_the_log_is_narrowed_by_person_object_kind_what_was_done_and_days(world):
    boss = world["boss"]
    whole = listing.page(boss, AUDIT, everything())
    who = whole.choices["who"][0]
    assert who.label == "Anna Chef"
    assert listing.page(boss, AUDIT, everything(who=who.value)).total == 16
    assert listing.page(boss, AUDIT, everything(object_kind="invoice,payment")).total == 4
    assert listing.page(boss, AUDIT, everything(done="changed")).total == 30
    assert listing.page(boss, AUDIT, everything(done="created,removed,read")).total == 0
    assert listing.page(boss, AUDIT, everything(q="chef own invoice")).total == 1
    assert sum(listing.page(boss, AUDIT, everything(done=sort)).total for sort in ActionKind) == 30


def test_days_begin_at_midnight_in_sweden(database):
    moments = {
        "2026-10-24 23:59": datetime(2026, 10, 24, 21, 59, tzinfo=UTC),
        "2026-10-25 00:00": datetime(2026, 10, 24, 22, 0, tzinfo=UTC),
        "2026-10-25 23:59": datetime(2026, 10, 25, 22, 59, tzinfo=UTC),
        "2026-10-26 00:00": datetime(2026, 10, 25, 23, 0, tzinfo=UTC),
    }
    with writing() as db:
        company = make.company(db)
        me = make.user(db, company, "a@bjorko.example")
        for said, at in moments.items():
            make.entry(db, company, me, "signed_in", object_kind="sign_in", object_label=said, at=at)
        actor = make.actor(me)

    def found(days):
        return sorted(row.values["object"] for row in listing.page(actor, AUDIT, everything(days=days)).rows)

    said = sorted(moments)
    assert found("2026-10-25") == said[1:3], "a day of 25 hours"
    assert found("2026-10-24..2026-10-24") == said[:1]
    assert found("2026-10-26..") == said[3:]
    assert found("..2026-10-25") == said[:3]
    assert found("2026-10-32") == found("") == said


def test_what_a_user_did_and_what_was_done_with_them_stands_on_their_page(database):
    with writing() as db:
        company, other = make.company(db), make.company(db, "Sjövik Vård AB", "5560125790")
        me, ada = make.user(db, company, "a@bjorko.example"), make.user(db, company, "ada@bjorko.example", name="Ada")
        abroad = make.user(db, other, "ada@bjorko.example", name="Ada")
        about = {"object_kind": "user", "object_id": ada.id}
        make.entry(db, company, ada, "signed_in", object_kind="sign_in", object_id=ada.sign_in_id, object_label="1")
        make.entry(db, company, me, "user_disabled", **about, object_label="2")
        make.entry(
            db, company, None, "sign_in_failed", object_kind="sign_in", object_id=ada.sign_in_id, object_label="3"
        )
        make.entry(db, company, me, "user_changed", object_kind="user", object_id=me.id, object_label="not")
        make.entry(db, company, me, "group.changed", object_kind="group", object_id=ada.id, object_label="not")
        make.entry(db, other, abroad, "signed_in", object_kind="sign_in", object_id=ada.sign_in_id, object_label="not")
        boss, manager = make.actor(me), make.user(db, company, "m@bjorko.example", access_all=False)
        without = make.actor(make.user(db, company, "r@bjorko.example", Role.ADMINISTRATOR))
        manager = make.actor(manager)
    query = replace(everything(), within=Parent("users", str(ada.id)))
    assert {row.values["object"] for row in listing.page(boss, AUDIT, query).rows} == {"1", "2", "3"}
    assert listing.page(without, AUDIT, query).total == 0, "they may not see the user's page"
    assert listing.page(manager, AUDIT, query).total == 0, "entries about users are for those who see everything"
    assert listing.page(boss, AUDIT, replace(query, within=Parent("users", str(abroad.id)))).total == 0


def test_secrets_never_stand_in_the_log(database):
    with writing() as db:
        company = make.company(db)
        me = make.actor(make.user(db, company, "a@bjorko.example"))
        audit.record(
            db, me, "subscription.changed", kind="subscription", object_id=1, label="A-1",
            before={"puk": "11111111"}, after={"puk": "22222222", "sim": "894600"},
        )  # fmt: skip
    page = listing.page(replace(me, permissions=frozenset(Permission)), AUDIT, everything())
    assert change_words("sv", page.rows[0].values["change"]) == "SIM-nummer: – → •••; PUK: ••• → •••"
    with session() as db:
        assert not [
            each for each in db.connection().exec_driver_sql("SELECT * FROM audit_entry") if "2222" in repr(each)
        ]


def test_every_kind_of_object_that_has_a_page_has_a_list():
    assert {each.to for each in OBJECTS.values()} - {""} <= set(LISTS)
    assert {field.names for field in FIELDS.values() if field.reads is Reads.NAMED} == set(audit_reading.NAMED)


def test_a_failed_sign_in_stands_in_the_log_of_each_company_it_would_have_led_to(database):
    """And whoever tried learns nothing of it: known or not, the same answer after the same work."""
    with writing() as db:
        companies = [make.company(db), make.company(db, "Sjövik Vård AB", "5560125790"), make.company(db, "C", "1")]
        bosses = [make.user(db, each, f"boss{at}@x.example") for at, each in enumerate(companies)]
        make.user(db, companies[0], "asa@bjorko.example", Role.READER)
        make.user(db, companies[1], "asa@bjorko.example", Role.READER, disabled_at=make.NOW)
        make.user(db, companies[2], "asa@bjorko.example", Role.READER, removed_at=make.NOW)
        partial = make.user(db, companies[0], "p@x.example", Role.ADMINISTRATOR, access_all=False)
    asked, given = [], {"source": "192.0.2.7", "device": "", "now": make.NOW}
    for email in ("ASA@bjorko.example", "nobody@bjorko.example"):
        with statements(database) as seen, pytest.raises(sessions.SignInRefused) as refused:
            sessions.sign_in(email, "fel", **given)
        asked.append((len(seen), refused.value.key))
    assert asked[0] == asked[1]
    failed = parse(AUDIT, {"done": "sign_in"})
    seen_by = [
        [row.values for row in listing.page(make.actor(each), AUDIT, failed).rows] for each in (*bosses, partial)
    ]
    assert [len(rows) for rows in seen_by] == [1, 1, 0, 0]
    entry = seen_by[0][0]
    assert (entry["action"], entry["object"], entry["source"]) == ("sign_in_failed", "asa@bjorko.example", "192.0.2.7")
