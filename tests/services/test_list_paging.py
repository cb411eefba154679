"""Whichever way a page is found - few rows sorted, many walked to from either end - it holds the same rows."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from selfcare_app.services import listing, narrowing
from selfcare_app.services.access import Actor
from selfcare_app.services.database import writing
from selfcare_app.specs.lists import LISTS, ListSpec
from selfcare_app.specs.queries import ListQuery, parse
from tests import factories as make
from tests.lists import FILL

SEARCHES = ("", "a", "as", "asa", "bo", "bo 1", "o", "zeta ab", "bjorko", "%", "xq", "%_")
READS_DATABASE = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def actor(database) -> Actor:
    """A superuser of a company with rows in every list, beside another that has the like."""
    with writing() as db:
        mine, theirs = make.company(db), make.company(db, "Sjövik Vård AB", "5560125790")
        for at, fill in enumerate(FILL.values()):
            fill(db, mine, 10020 + 100 * at)
            fill(db, theirs, 30020 + 100 * at)
        return make.actor(make.user(db, mine, "a@bjorko.example"))


@st.composite
def asked(draw: st.DrawFn) -> tuple[ListSpec, ListQuery]:
    """A list, and anything it can be asked for."""
    spec = LISTS[draw(st.sampled_from(sorted(LISTS)))]
    column = draw(st.sampled_from([column for column in spec.columns if column.sort]))
    parameters = {
        "q": draw(st.sampled_from(SEARCHES)),
        "tab": draw(st.sampled_from(spec.tabs)).key,
        "sort": draw(st.sampled_from(("", "-"))) + column.key,
    }
    fixed = [each for each in spec.filters if each.values]
    if fixed and draw(st.booleans()):
        chosen = draw(st.sampled_from(fixed))
        parameters[chosen.key] = draw(st.sampled_from(chosen.values))
    return spec, replace(parse(spec, parameters), size=draw(st.integers(2, 4)))


def pages(actor: Actor, spec: ListSpec, query: ListQuery) -> tuple[list[int], dict[str, int]]:
    """Ids of all pages one after the other, and the counts of the tabs."""
    first = listing.page(actor, spec, query)
    found = [
        row.id
        for page in range(1, first.pages + 1)
        for row in listing.page(actor, spec, replace(query, page=page), first.narrowed).rows
    ]
    assert [row.id for row in first.rows] == found[: query.size]
    last = listing.page(actor, spec, replace(query, page=first.pages + 3))
    assert last.query.page == first.pages
    assert [row.id for row in last.rows] == found[(first.pages - 1) * query.size :]
    return found, first.tab_counts


def walked(actor: Actor, spec: ListSpec, query: ListQuery) -> tuple[list[int], list[int]]:
    """Ids of all pages, each found from the one before; and those of all pages back from the last."""
    page = listing.page(actor, spec, query)
    forth = [row.id for row in page.rows]
    while page.query.page < page.pages:
        beside = page.ends and listing.Beside(page.ends[1], after=True)
        page = listing.page(actor, spec, replace(query, page=page.query.page + 1), page.narrowed, beside=beside)
        forth += [row.id for row in page.rows]
    back = [row.id for row in page.rows]
    while page.query.page > 1:
        beside = page.ends and listing.Beside(page.ends[0], after=False)
        page = listing.page(actor, spec, replace(query, page=page.query.page - 1), page.narrowed, beside=beside)
        back = [row.id for row in page.rows] + back
    return forth, back


@READS_DATABASE
@given(asked=asked())
def test_many_rows_are_the_same_rows_as_few(actor, asked):
    spec, query = asked
    few = pages(actor, spec, query)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(listing, "FEW", 0)
        many = pages(actor, spec, query)
        patch.setattr(narrowing, "FEW_HITS", 0)
        found_often = pages(actor, spec, query)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(narrowing, "FEW_HITS", 0)
        others = pages(actor, spec, query)
    assert many == few
    assert found_often == few
    assert others == few, "found often, though mostly with others"
    assert len(few[0]) == few[1][query.tab]
    assert few[0] == listing.matching_ids(actor, spec, query)
    assert walked(actor, spec, query) == (few[0], few[0])


@pytest.mark.parametrize("sort", ["person", "-person", "price_plan", "-customer_number"])
def test_the_next_page_begins_after_the_last_row_that_was_shown_whatever_has_come_and_gone(database, sort):
    spec = LISTS["subscriptions"]
    with writing() as db:
        company = make.company(db)
        of = make.customer_number(db, company, "10023")
        for at in range(12):
            make.subscription(db, of, f"B-{at}", person="Bo" if at % 3 else "Åsa")
        me = make.actor(make.user(db, company, "a@bjorko.example"))
    query = replace(parse(spec, {"sort": sort}), size=3)
    first = listing.page(me, spec, replace(query, page=2))
    by_number = [row.id for row in listing.page(me, spec, replace(query, page=3), first.narrowed).rows]
    with writing() as db:
        db.delete(db.get(spec.model, listing.page(me, spec, query).rows[0].id))
    beside = listing.Beside(first.ends[1], after=True)
    after = listing.page(me, spec, replace(query, page=3), first.narrowed, beside=beside)
    assert [row.id for row in after.rows] == by_number, "no row is passed over because one before it has gone"
    beside = listing.Beside(replace(first.ends[1], id=2**62), after=True)
    assert listing.page(me, spec, replace(query, page=4), beside=beside).rows, "a page that runs out is told by number"
