"""A large list is read in its order from an index, and never sorted whole for one page (quality.md, Speed)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import event

from selfcare_app.models import CustomerNumber, Subscription
from selfcare_app.services import database as database_module
from selfcare_app.services import listing
from selfcare_app.services.database import writing
from selfcare_app.specs.lists import LISTS
from selfcare_app.specs.queries import parse
from tests import factories as make
from tests.lists import FILL

BY_INDEX = {
    "customer-numbers": ("number", "name", "opened"),
    "subscriptions": ("subscription", "person", "customer_number", "price_plan"),
    "connections": ("connection", "city", "address", "customer_number"),
    "invoices": ("invoice", "buyer_name", "customer_number", "period", "issued"),
    "users": ("name",),
}
"""Headings by which a company of any size is sorted at once; the others are worked out from the day it is."""
CASES = [(key, sign + column) for key, columns in BY_INDEX.items() for column in columns for sign in ("", "-")]


def plan_of(engine, actor, key: str, parameters: dict[str, str], wanted: Callable[[str], bool]) -> str:
    """How SQLite goes about the wanted statement of those that a page takes."""
    asked: list[tuple] = []

    def note(_connection, _cursor, statement, parameters, *_rest) -> None:
        asked.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    listing.page(actor, LISTS[key], parse(LISTS[key], parameters))
    event.remove(engine, "before_cursor_execute", note)
    statement, values = next((s, p) for s, p in asked if wanted(s))
    with engine.connect() as connection:
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
    return "\n".join(row[-1] for row in rows)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("key", "sort"), CASES)
def test_a_page_is_read_in_order_from_an_index(database, key, sort):
    with writing() as db:
        company = make.company(db)
        FILL[key](db, company, 10020)
        me = make.actor(make.user(db, company, "a@bjorko.example"))
    table = LISTS[key].model.__tablename__
    page = re.compile(rf'SELECT "?{table}"?\.id, .*LIMIT', re.DOTALL)
    plan = plan_of(database, me, key, {"sort": sort}, page.match)
    assert "TEMP B-TREE" not in plan, plan
    assert "company_id" in plan, plan


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("key", ["customer-numbers", "subscriptions", "connections"])
def test_what_a_search_or_filter_leaves_is_counted_from_an_index_alone(database, monkeypatch, key):
    monkeypatch.setattr(listing, "FEW", 0)
    with writing() as db:
        company = make.company(db)
        FILL[key](db, company, 10020)
        me = make.actor(make.user(db, company, "a@bjorko.example"))
    choice = next(each for each in LISTS[key].filters if each.values)
    asked = {"q": "o", choice.key: choice.values[0]}
    plan = plan_of(database, me, key, asked, lambda statement: statement.startswith("SELECT count(*) AS"))
    assert f"USING COVERING INDEX ix_{LISTS[key].model.__tablename__}_counted" in plan, plan


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_subscriptions_of_one_type_by_person_are_read_in_order_from_an_index(database, monkeypatch):
    monkeypatch.setattr(listing, "FEW", 0)
    with writing() as db:
        company = make.company(db)
        FILL["subscriptions"](db, company, 10020)
        me = make.actor(make.user(db, company, "a@bjorko.example"))
    page = re.compile(r"SELECT subscription\.id, subscription\.person_sort", re.DOTALL)
    plan = plan_of(database, me, "subscriptions", {"type": "mobile", "sort": "-person"}, page.match)
    assert "(company_id=? AND type=?)" in plan, plan
    assert "TEMP B-TREE" not in plan, plan


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_groups_of_a_page_are_read_from_its_own_rows_however_many_are_in_groups(database, monkeypatch):
    monkeypatch.setattr(database_module, "STOCK_ROWS", 8)
    with writing() as db:
        company = make.company(db)
        FILL["subscriptions"](db, company, 10020)
        me = make.actor(make.user(db, company, "a@bjorko.example"))
        groups = [make.group(db, company, "Ort", name) for name in ("Kiruna", "Luleå", "Skellefteå")]
        for at, owned in enumerate([*db.query(Subscription), *db.query(CustomerNumber)]):
            make.member(db, groups[at % 3], owned, date(2020, 1, 1))
    database_module.take_stock()
    plan = plan_of(database, me, "subscriptions", {}, lambda statement: statement.startswith('SELECT found."of"'))
    for kind in ("customer_number", "subscription"):
        assert f"COVERING INDEX ix_group_membership_of_{kind} (company_id=? AND {kind}_id=?" in plan, plan


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_postgresql_sees_at_once_that_a_loaded_table_is_whole(database, monkeypatch):
    monkeypatch.setattr(database_module, "LARGE", 0)
    with writing() as db:
        make.company(db)
    database_module.take_stock()
    with database.connect() as connection:
        assert connection.exec_driver_sql("SELECT relallvisible FROM pg_class WHERE relname = 'company'").scalar_one()
