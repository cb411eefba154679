"""Who signs in at a generated company, what they see, and its groups."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from random import Random

from sqlmodel import Session as DatabaseSession

from selfcare_app.models import AccessGrant, Group, GroupCategory, GroupMembership, SignIn, User
from selfcare_app.services.access import Actor
from selfcare_app.services.generating import names
from selfcare_app.services.generating.estates import Estate
from selfcare_app.services.generating.rows import Row, put
from selfcare_app.specs.groups import name_fields
from selfcare_app.specs.months import months_later
from selfcare_app.specs.permissions import Role
from selfcare_app.specs.text import email_key, sort_key, user_search

SUPERUSER, PARTIAL = "superuser", "partial"
"""Who stands before the @ of the two sign-ins that are always there."""
SEEN = 3
"""Customer numbers that a user with partial access sees."""
SUBSCRIPTIONS_PER_USER = 500
MOST_USERS = 200
_ROLES = (Role.READER, Role.ORDERER, Role.FINANCE, Role.APPROVER, Role.ADMINISTRATOR)
_REGISTERED = timedelta(days=200)
GROUPS = {
    "Avdelning": tuple(f"Avdelning {at}" for at in range(1, 21)),
    "Region": ("Norr", "Mitt", "Väst", "Öst", "Syd"),
    "Projekt": tuple(f"Projekt {at}" for at in range(1, 21)),
}
"""Groups by category: fewer than a company may have (R1)."""
_IN_DEPARTMENT, _CHANGED, _IN_REGION, _IN_PROJECT = 0.6, 0.15, 0.4, 0.1


def address_of(estate: Estate, who: str) -> str:
    """The address somebody signs in with."""
    return f"{who}@{estate.keys.domain}"


def move_in(db: DatabaseSession, actor: Actor, estate: Estate, password_hash: str) -> None:
    """Make users, all with the same password, and the groups with what is in them."""
    chance = Random(f"people {estate.keys.start}")  # noqa: S311  the same rows each time are the point
    _users(db, actor, estate, password_hash, chance)
    put(db, GroupMembership, list(_memberships(actor, estate, _groups(db, estate), chance)))


def _users(db: DatabaseSession, actor: Actor, estate: Estate, password_hash: str, chance: Random) -> None:
    others = min(MOST_USERS, len(estate.subscriptions) // SUBSCRIPTIONS_PER_USER)
    people = [(SUPERUSER, Role.SUPERUSER, True), (PARTIAL, Role.READER, False)]
    people += [(f"person{at}", chance.choice(_ROLES), chance.random() < 0.8) for at in range(1, others + 1)]
    since = actor.at - _REGISTERED
    addresses = [address_of(estate, who) for who, _, _ in people]
    sign_ins = put(
        db,
        SignIn,
        [
            {"email": email, "email_key": email_key(email), "password_hash": password_hash, "created_at": since}
            for email in addresses
        ],
    )
    users: list[Row] = []
    for at, ((_, role, access_all), email, sign_in) in enumerate(zip(people, addresses, sign_ins, strict=True)):
        name, phone = names.person(chance), names.fixed_number(estate.keys.seed, at)
        users.append(
            {
                "company_id": estate.company_id,
                "sign_in_id": sign_in,
                "name": name,
                "name_sort": sort_key(name),
                "phone": phone,
                "role": role.value,
                "access_all": access_all,
                "created_at": since,
                "activated_at": since,
                "search_key": user_search(name, email, phone),
            }
        )
    ids = put(db, User, users)
    grants = [
        {"company_id": estate.company_id, "user_id": id_, "customer_number_id": number.id}
        for id_, (_, _, access_all) in zip(ids, people, strict=True)
        if not access_all
        for number in chance.sample(estate.numbers, min(SEEN, len(estate.numbers)))
    ]
    put(db, AccessGrant, grants)


def _groups(db: DatabaseSession, estate: Estate) -> dict[str, tuple[int, list[int]]]:
    """The id of each category, and of its groups."""
    company = {"company_id": estate.company_id}
    found: dict[str, tuple[int, list[int]]] = {}
    for category, groups in GROUPS.items():
        (category_id,) = put(db, GroupCategory, [{**company, **name_fields(category)}])
        rows = [{**company, "category_id": category_id, **name_fields(name)} for name in groups]
        found[category] = category_id, put(db, Group, rows)
    return found


def _memberships(
    actor: Actor, estate: Estate, groups: dict[str, tuple[int, list[int]]], chance: Random
) -> Iterator[Row]:
    """At most one group of a category in any month (R2)."""

    def row(
        category: str, group: int, number: int | None, subscription: int | None, start: int, end: int | None
    ) -> Row:
        return {
            "company_id": estate.company_id,
            "category_id": groups[category][0],
            "group_id": group,
            "customer_number_id": number,
            "subscription_id": subscription,
            "start_month": months_later(actor.today, start),
            "end_month": None if end is None else months_later(actor.today, end),
        }

    for number in estate.numbers:
        if chance.random() < _IN_DEPARTMENT:
            first, second = chance.sample(groups["Avdelning"][1], 2)
            if chance.random() < _CHANGED:
                change = chance.randint(-12, 6)
                yield row("Avdelning", first, number.id, None, -24, change - 1)
                yield row("Avdelning", second, number.id, None, change, None)
            else:
                yield row("Avdelning", first, number.id, None, -24, None)
        if chance.random() < _IN_REGION:
            yield row("Region", chance.choice(groups["Region"][1]), number.id, None, -24, None)
    for one in estate.subscriptions:
        if chance.random() < _IN_PROJECT:
            start = chance.randint(-18, 3)
            end = start + chance.randint(2, 24) if chance.random() < 0.5 else None
            yield row("Projekt", chance.choice(groups["Projekt"][1]), None, one.id, start, end)
