"""Many rows at once: all of each row is stored, and found, as if they had come one by one; a failure leaves nothing."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import inspect, select, text
from sqlalchemy.exc import IntegrityError

from selfcare_app.models import AuditEntry, Company, CustomerNumber, FrameworkAgreement, PricePlan
from selfcare_app.services import bulk
from selfcare_app.services.database import session, writing
from selfcare_app.specs.text import sort_key
from tests import factories as make

FIELDS = ("id", "company_id", "number", "number_sort", "name", "name_sort", "type", "opened", "search_key",
          "name_search", "version")  # fmt: skip


@pytest.fixture
def company(database):
    with writing() as db:
        return make.company(db).id


def numbers(ids, company, name="plats"):
    for row_id in ids:
        number = f"N{row_id}"
        yield (row_id, company, number, sort_key(number), name, name, "mobile", date(2020, 1, 1),
               f"{number.lower()}\n{name} {row_id}", name, 1)  # fmt: skip


def found(database, words):
    """How many customer numbers the database's search index finds."""
    sqlite = "SELECT count(*) FROM customer_number_search WHERE customer_number_search MATCH :words"
    postgres = "SELECT count(*) FROM customer_number WHERE search_key LIKE '%' || :words || '%'"
    with session() as db:
        statement = sqlite if database.dialect.name == "sqlite" else postgres
        quoted = f'"{words}"' if database.dialect.name == "sqlite" else words
        return db.connection().execute(text(statement), {"words": quoted}).scalar_one()


def consistent(database):
    """SQLite's index holds what the table holds, and its triggers are there."""
    if database.dialect.name != "sqlite":
        return True
    check = "INSERT INTO customer_number_search(customer_number_search, rank) VALUES('integrity-check', 1)"
    with session() as db:
        db.connection().exec_driver_sql(check)
        triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'customer_number'"
        return len(db.connection().exec_driver_sql(triggers).scalars().all()) == 3


@pytest.mark.parametrize("count", [1, bulk.FEW - 1, bulk.FEW, 3 * bulk.FEW])
def test_any_number_of_rows_is_stored_and_found(database, company, count):
    with writing() as db:
        ids = bulk.new_ids(db, CustomerNumber, count)
        bulk.insert(db, CustomerNumber, FIELDS, numbers(ids, company))
    assert found(database, "plats") == count
    with session() as db:
        stored = list(db.exec(select(CustomerNumber).order_by(CustomerNumber.id)).scalars())
    assert sorted(row.id for row in stored) == sorted(ids)
    assert {(row.opened, row.closed, row.name) for row in stored} == {(date(2020, 1, 1), None, "plats")}
    with writing() as db:
        bulk.update(
            db, CustomerNumber, ("name", "search_key"), ((row_id, "kajen", f"kajen {row_id}") for row_id in ids)
        )
    assert (found(database, "plats"), found(database, "kajen")) == (0, count)
    assert consistent(database)
    with writing() as db:
        bulk.update(db, CustomerNumber, ("search_key",), ((row_id, "udden") for row_id in ids), new_version=False)
    assert (found(database, "kajen"), found(database, "udden")) == (0, count)
    with session() as db:
        assert {
            (row.name, row.version) for row in db.exec(select(CustomerNumber).order_by(CustomerNumber.id)).scalars()
        } == {("kajen", 2)}
    assert consistent(database)


def test_rows_that_come_one_by_one_afterwards_are_found_too(database, company):
    with writing() as db:
        bulk.insert(db, CustomerNumber, FIELDS, numbers(bulk.new_ids(db, CustomerNumber, 500), company))
    with writing() as db:
        make.customer_number(db, db.get(Company, company), "X", "strandvägen")
    assert found(database, "strandvagen") == 1
    assert found(database, "plats") == 500
    assert consistent(database)


@pytest.mark.parametrize("count", [3, 500])
def test_a_failure_leaves_nothing_behind_and_tells_no_values(database, company, count):
    def twice_the_same(db):
        with db.begin_nested():
            ids = list(bulk.new_ids(db, CustomerNumber, count))
            bulk.insert(db, CustomerNumber, FIELDS, numbers([*ids, ids[0]], company, "hemligt"))

    with writing() as db:
        with pytest.raises(IntegrityError) as failed:
            twice_the_same(db)
        assert "hemligt" not in str(failed.value)
    with session() as db:
        assert list(db.exec(select(CustomerNumber).order_by(CustomerNumber.id)).scalars()) == []
    assert found(database, "hemligt") == 0
    assert consistent(database)
    with writing() as db:
        make.customer_number(db, db.get(Company, company), "X", "strandvägen")
    assert found(database, "strandvagen") == 1


def test_every_type_of_column_comes_back_as_it_was(database, company):
    with writing() as db:
        bulk.insert(
            db,
            PricePlan,
            ("code", "product", "name", "name_sort", "one_off_fee", "monthly_fee", "sold_from", "sold_to",
             "binding_months", "notice_months", "version"),
            [("A\tB\\N", "data", 'å"ä\\', "a", Decimal("0.10"), Decimal("-229.95"), date(2020, 2, 29), None, 0, 3, 1)],
        )  # fmt: skip
        fields = ("id", "company_id", "number", "products", "valid_from", "valid_to", "version")
        (row_id,) = bulk.new_ids(db, FrameworkAgreement, 1)
        bulk.insert(db, FrameworkAgreement, fields, [(row_id, company, "R", ["data"], date(2020, 1, 1), None, 1)])
        bulk.insert(
            db, AuditEntry, ("at", "who", "source", "action", "object_kind", "object_label", "after", "search_key"),
            [(make.NOW, "a", "", "b", "", "", {"å": [1, None]}, ""), (make.NOW, "a", "", "b", "", "", None, "")],
        )  # fmt: skip
    with session() as db:
        plan = db.exec(select(PricePlan)).scalar_one()
        assert (plan.code, plan.name, plan.one_off_fee) == ("A\tB\\N", 'å"ä\\', Decimal("0.10"))
        assert (plan.monthly_fee, plan.sold_from, plan.sold_to) == (Decimal("-229.95"), date(2020, 2, 29), None)
        entries = list(db.exec(select(AuditEntry).order_by(AuditEntry.id)).scalars())
        assert [(entry.at, entry.after) for entry in entries] == [(make.NOW, {"å": [1, None]}), (make.NOW, None)]
    with writing() as db:
        bulk.update(db, FrameworkAgreement, ("products", "valid_to"), [(row_id, ["mobile", "data"], date(2027, 1, 1))])
    with session() as db:
        agreement = db.exec(select(FrameworkAgreement)).scalar_one()
        assert (agreement.products, agreement.valid_to) == (["mobile", "data"], date(2027, 1, 1))
        assert agreement.version == 2


def test_ids_are_new_and_nobody_elses(database, company):
    with writing() as db:
        first = list(bulk.new_ids(db, CustomerNumber, 5))
        bulk.insert(db, CustomerNumber, FIELDS, numbers(first, company))
        later = make.customer_number(db, db.get(Company, company), "X").id
        second = list(bulk.new_ids(db, CustomerNumber, 5))
        assert len({*first, later, *second}) == 11
        assert list(bulk.new_ids(db, CustomerNumber, 0)) == []


def test_every_search_index_is_written_by_triggers_that_bulk_knows(database):
    """A search index with triggers of other names would be left behind by a bulk load."""
    if database.dialect.name != "sqlite":
        return
    with session() as db:
        names = db.connection().exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").scalars()
        triggers = set(names)
    tables = [name for name in inspect(database).get_table_names() if name.endswith("_search")]
    assert len(tables) >= 4
    assert {f"{name}_{when}" for name in tables for when in ("insert", "update", "delete")} <= triggers
