"""What a tab knows of the list it shows stands for the same reader and the same question, a moment long."""

from dataclasses import replace
from datetime import timedelta

import pytest

from selfcare_app.services.access import Actor
from selfcare_app.services.listing import Beside, Choice, Mark, Narrowed, Offer, Page
from selfcare_app.specs.lists import SUBSCRIPTIONS
from selfcare_app.specs.permissions import READ, Permission
from selfcare_app.specs.queries import Place, parse
from selfcare_app.state.known import known
from tests.factories import NOW

PLACE = Place(SUBSCRIPTIONS, SUBSCRIPTIONS.route)
ACTOR = Actor(name="Åsa", at=NOW, company_id=1, user_id=1, permissions=READ, access_all=True)
LATER = replace(ACTOR, at=NOW + timedelta(seconds=9))
OFFERS = {"price_plan": Offer([Choice("M", "Mobil M")])}
FIRST, LAST = Mark("0701", 3), Mark("0709", 8)


def query(**said):
    return parse(SUBSCRIPTIONS, {"q": "as", "type": "mobile", "page": "2", **said})


def page(asked, offers=OFFERS):
    return Page(asked, (), [], 200, 4, Narrowed({"all": 200}, offers, []), (FIRST, LAST))


KNOWN = known(PLACE, query(), ACTOR, page(query()), None)


@pytest.mark.parametrize(
    ("actor", "said", "counts", "offers"),
    [
        (LATER, {"page": "3"}, True, True),
        (LATER, {"sort": "person"}, True, True),
        (LATER, {"tab": "active"}, True, True),
        (LATER, {"q": "asa"}, False, True),
        (LATER, {"type": "fixed"}, False, False),
        (LATER, {"group": "7"}, False, False),
        (LATER, {}, False, False),
        (replace(LATER, at=NOW + timedelta(seconds=10)), {"page": "3"}, False, False),
        (replace(LATER, at=NOW - timedelta(seconds=1)), {"page": "3"}, False, False),
        (replace(LATER, permissions=READ - {Permission.GROUPS_READ}), {"page": "3"}, False, False),
        (replace(LATER, access_all=False), {"page": "3"}, False, False),
        (replace(LATER, user_id=2), {"page": "3"}, False, False),
    ],
)
def test_counts_and_offers_stand_where_nothing_they_depend_on_is_another(actor, said, counts, offers):
    asked = query(**said)
    assert (KNOWN.counts(PLACE, asked, actor) is not None, KNOWN.offers(PLACE, asked, actor) is not None) == (
        counts,
        offers,
    )


def test_what_is_handed_on_grows_no_younger():
    further = query(page="3")
    paged = known(PLACE, further, LATER, replace(page(further), narrowed=KNOWN.narrowed), KNOWN)
    at = replace(LATER, at=NOW + timedelta(seconds=12))
    assert paged.counts(PLACE, query(page="4"), at) is paged.offers(PLACE, query(page="4"), at) is None
    typed = known(PLACE, query(q="asa"), LATER, page(query(q="asa")), KNOWN)
    assert typed.counts(PLACE, query(q="asa", page="3"), at) is not None, "they were counted for it"
    assert typed.offers(PLACE, query(q="asas"), at) is None, "they were asked for before"
    assert known(PLACE, query(q="asa"), LATER, page(query(q="asa"), {}), KNOWN).offered_at == LATER.at


def test_the_pages_beside_are_read_from_the_rows_on_screen():
    assert KNOWN.beside(PLACE, query(page="3"), LATER) == Beside(LAST, after=True)
    assert KNOWN.beside(PLACE, query(page="1"), LATER) == Beside(FIRST, after=False)
    for said in ({"page": "4"}, {"page": "3", "sort": "person"}, {"page": "3", "q": "asa"}):
        assert KNOWN.beside(PLACE, query(**said), LATER) is None
