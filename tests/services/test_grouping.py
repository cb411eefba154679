"""Groups of rows (R7) against a plain model: in each category the subscription's, else its customer number's."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from selfcare_app.services import listing
from selfcare_app.services.database import writing
from selfcare_app.specs.lists import LISTS
from selfcare_app.specs.queries import parse
from tests import factories as make

MONTHS = [date(2026, month, 1) for month in range(8, 13)]
CATEGORIES = {"Avdelning": ("Ekonomi", "Service"), "Region": ("Mitt", "Norr", "Syd")}
GROUPS = [(category, group) for category, groups in CATEGORIES.items() for group in groups]
NUMBERS, EACH = 2, 2
"""Customer numbers, and how many subscriptions, connections and invoices each has."""
FIRST = count(10)

Member = tuple[int, int | None]
"""Which customer number; which of its subscriptions, or itself."""
members = st.tuples(st.integers(0, NUMBERS - 1), st.one_of(st.none(), st.integers(0, EACH - 1)))
spans = st.tuples(st.sampled_from(MONTHS), st.one_of(st.none(), st.sampled_from(MONTHS)))
memberships = st.lists(st.tuples(members, st.sampled_from(GROUPS), spans), max_size=12)


def in_force(span: tuple[date, date | None], month: date) -> bool:
    start, end = span
    return start <= month and (end is None or month <= end)


def without_overlaps(asked: list) -> list:
    """Those that a company may have: in one group of a category at a time (R2)."""
    kept: list = []
    for member, group, span in asked:
        if span[1] is not None and span[1] < span[0]:
            continue
        clash = any(
            member == other and group[0] == of[0] and any(in_force(span, m) and in_force(there, m) for m in MONTHS)
            for other, of, there in kept
        )
        if not clash:
            kept.append((member, group, span))
    return kept


def groups_of(kept: list, number: int, subscription: int | None, month: date) -> dict[str, str]:
    """The model: category -> group."""
    found: dict[str, str] = {}
    for member in ((number, None), (number, subscription)):
        found |= {group[0]: group[1] for who, group, span in kept if who == member and in_force(span, month)}
    return found


@pytest.fixture
def made(database):
    """Makes a company with these memberships; gives who asks, the groups' ids, and each row's owner by its number."""

    def make_company(kept: list):
        first = next(FIRST)
        with writing() as db:
            company = make.company(db, f"Bolag {first}", f"55{first:08}")
            groups = {pair: make.group(db, company, *pair) for pair in GROUPS}
            owners: dict[str, tuple[int, int | None]] = {}
            things: dict[tuple[int, int | None], object] = {}
            for at in range(NUMBERS):
                things[at, None] = of = make.customer_number(db, company, f"{first}0{at}")
                owners[of.number] = (at, None)
                for which in range(EACH):
                    things[at, which] = subscription = make.subscription(db, of, f"S{first}-{at}{which}")
                    owners[subscription.number] = (at, which)
                    owners[make.connection(db, of, f"F{first}-{at}{which}").number] = (at, None)
                    charge = ("1.00", subscription if which else None)
                    owners[make.invoice(db, of, f"I{first}-{at}{which}", [charge]).number] = (at, None)
            for member, group, (start, end) in kept:
                make.member(db, groups[group], things[member], start, end)
            me = make.actor(make.user(db, company, f"a@{first}.example"))
            return me, {pair: str(group.id) for pair, group in groups.items()}, owners

    return make_company


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    asked=memberships,
    month=st.sampled_from(MONTHS),
    chosen=st.lists(st.sampled_from(GROUPS), min_size=1, max_size=4, unique=True),
)
def test_lists_agree_with_the_model(made, asked, month, chosen):
    kept = without_overlaps(asked)
    me, ids, owners = made(kept)
    wanted: dict[str, set[str]] = {}
    for category, group in chosen:
        wanted.setdefault(category, set()).add(group)
    for key in ("customer-numbers", "subscriptions", "connections", "invoices"):
        spec = LISTS[key]
        query = replace(parse(spec, {"size": "100"}), month=month)
        rows = listing.page(me, spec, query).rows
        for row in rows:
            model = groups_of(kept, *owners[row.number], month)
            if spec.column("groups"):
                assert row.values["groups"] == [f"{c}:{g}" for c, g in sorted(model.items())]
        narrowed = listing.page(me, spec, query.with_filter("group", tuple(ids[pair] for pair in chosen)))
        expected = {
            number
            for number in (row.number for row in rows)
            if all(groups_of(kept, *owners[number], month).get(c) in groups for c, groups in wanted.items())
        }
        assert {row.number for row in narrowed.rows} == expected, key
        assert narrowed.total == len(expected)
