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
        for fill in FILL.values():
            fill(db, mine, 10020)
            fill(db, theirs, 30020)
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
    last = listing.page(actor, spec, replace(query, page=first.pages))
    assert [row.id for row in last.rows] == found[(first.pages - 1) * query.size :]
    return found, first.tab_counts


@READS_DATABASE
@given(asked=asked())
def test_many_rows_are_the_same_rows_as_few(actor, asked):
    spec, query = asked
    few = pages(actor, spec, query)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(listing, "FEW", 0)
        patch.setattr(narrowing, "FEW_HITS", 0)
        many = pages(actor, spec, query)
    assert many == few
    assert len(few[0]) == few[1][query.tab]
    assert few[0] == listing.matching_ids(actor, spec, query)
