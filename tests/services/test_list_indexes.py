"""A large list is read in its order from an index, and never sorted whole for one page (quality.md, Speed)."""

from __future__ import annotations

import pytest
from sqlalchemy import event

from selfcare_app.services import listing
from selfcare_app.services.database import writing
from selfcare_app.specs.lists import LISTS
from selfcare_app.specs.queries import parse
from tests import factories as make

BY_INDEX = {
    "customer-numbers": ("number", "name", "opened"),
    "subscriptions": ("subscription", "person", "customer_number", "price_plan"),
    "connections": ("connection", "city", "address", "customer_number"),
    "invoices": ("invoice", "buyer_name", "customer_number", "period", "issued"),
    "users": ("name",),
}
"""Headings by which a company of any size is sorted at once; the others are worked out from the day it is."""
CASES = [(key, sign + column) for key, columns in BY_INDEX.items() for column in columns for sign in ("", "-")]


def plan_of_the_page(engine, actor, key: str, sort: str) -> str:
    """How SQLite finds the ids of a page."""
    asked: list[tuple] = []

    def note(_connection, _cursor, statement, parameters, *_rest) -> None:
        asked.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    listing.page(actor, LISTS[key], parse(LISTS[key], {"sort": sort}))
    event.remove(engine, "before_cursor_execute", note)
    table = LISTS[key].model.__tablename__
    page = next(
        (s, p) for s, p in asked if ("LIMIT" in s and s.startswith(f"SELECT {table}.id")) or f'SELECT "{table}".id' in s
    )
    with engine.connect() as connection:
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {page[0]}", page[1]).all()
    return "\n".join(row[-1] for row in rows)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("key", "sort"), CASES)
def test_a_page_is_read_in_order_from_an_index(database, key, sort):
    with writing() as db:
        me = make.actor(make.user(db, make.company(db), "a@bjorko.example"))
    plan = plan_of_the_page(database, me, key, sort)
    assert "TEMP B-TREE" not in plan, plan
    assert "company_id" in plan, plan
