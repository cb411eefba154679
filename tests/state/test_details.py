"""Facts stand while one moves about on the same page, and no longer."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from selfcare_app.services.access import Actor
from selfcare_app.services.memberships import Membership
from selfcare_app.specs.permissions import EVERYTHING, READ, Permission
from selfcare_app.state import details
from tests.factories import NOW

PATH = "/subscriptions/710001"
ACTOR = Actor(name="Åsa", at=NOW, company_id=1, user_id=1, permissions=READ, access_all=True)
KEPT = details._Kept(PATH, "tab=groups", details._rights(ACTOR), NOW, {"groups": 3})
LATER = replace(ACTOR, at=NOW + timedelta(seconds=9))


@pytest.mark.parametrize(
    ("actor", "path", "query", "stands"),
    [
        (LATER, PATH, "tab=groups&q=a", True),
        (LATER, PATH, "", True),
        (LATER, PATH, "tab=groups", False),
        (LATER, "/subscriptions/710002", "tab=usage", False),
        (replace(LATER, at=NOW + timedelta(seconds=10)), PATH, "", False),
        (replace(LATER, at=NOW - timedelta(seconds=1)), PATH, "", False),
        (replace(LATER, permissions=READ - {Permission.GROUPS_READ}), PATH, "", False),
        (replace(LATER, user_id=2), PATH, "", False),
        (replace(LATER, access_all=False), PATH, "", False),
    ],
)
def test_facts_stand_only_for_the_same_page_reader_and_moment(actor, path, query, stands):
    assert KEPT.stands(actor, path, query) is stands


def test_lists_of_what_belongs_to_a_customer_number_are_offered_to_those_who_may_read_them():
    everyone = replace(ACTOR, permissions=EVERYTHING)
    assert details.list_leads(everyone, "1:0", {"invoices", "subscriptions"}) == {
        "show_subscriptions": "/subscriptions?customer_number=1%3A0",
        "show_invoices": "/invoices?customer_number=1%3A0",
    }
    reader = replace(ACTOR, permissions=READ - {Permission.INVOICES_READ})
    assert list(details.list_leads(reader, "10023", {"invoices", "subscriptions"})) == ["show_subscriptions"]
    assert details.customer_number_leads(reader, "10023") == {"show_customer_number": "/customer-numbers/10023"}
    assert details.customer_number_leads(everyone, "") == {}


def test_the_groups_of_now_are_told_from_those_that_only_were_or_will_be():
    def group(state: str) -> Membership:
        return Membership("Region", "Mitt", date(2026, 1, 1), None, state)

    assert details.group_facts([group("past"), group("coming"), group("replaced")]) == {"groups": ""}
    assert details.group_facts([group("past"), group("active")]) == {"groups": "1"}
