"""Rows of every list for the tests that all lists inherit: each type and status, and awkward names."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from sqlmodel import Session as DatabaseSession

from selfcare_app.models import Company, CustomerNumber, PricePlan
from selfcare_app.specs.invoices import CostType
from selfcare_app.specs.permissions import Role
from selfcare_app.specs.products import ServiceType, SlaLevel, SubscriptionType
from tests import factories as make

NAMES = ("Åsa Lager", "ärla", "Öberg", "Zeta", "Bo 10", "bo 9", "50 % rabatt_a", "Café Ö", "O'Brien \\ co")
DAY = make.NOW.date()
"""The day it is in these tests."""


def customer_numbers(db: DatabaseSession, company: Company, first: int) -> None:
    for at, name in enumerate(NAMES):
        row = make.customer_number(
            db,
            company,
            str(first + at),
            name,
            type=("mobile", "fixed", "data", "mixed")[at % 4],
            opened=date(2020 + at % 3, 1 + at, 1),
            closed=date(2026, 1, 1) if at % 3 == 2 else None,
        )
        for which in range(at):
            make.subscription(db, row, f"S{first + at}-{which}")


def owner(db: DatabaseSession, company: Company, first: int) -> CustomerNumber:
    """What the rows of the other lists belong to; the same one for all of them."""
    found = db.query(CustomerNumber).filter_by(number=str(first + 500)).first()
    return found or make.customer_number(db, company, str(first + 500))


def _plans(db: DatabaseSession) -> list[PricePlan]:
    found = db.query(PricePlan).order_by(PricePlan.id).all()
    return found or [make.price_plan(db, f"P{n}", name) for n, name in enumerate(("Företag L", "företag M", "Ägare"))]


def ends(at: int) -> dict[str, Any]:
    """Active, coming and inactive in turn; what ended yesterday, ends tomorrow, ends today."""
    if at % 3 == 0:
        return {"opened": date(2021, 1, 1 + at), "ended": (None, DAY + timedelta(days=1))[at % 2]}
    if at % 3 == 1:
        return {"opened": DAY + timedelta(days=1 + at)}
    return {"opened": date(2020, 1, 1), "ended": (DAY, DAY - timedelta(days=at))[at % 2]}


def subscriptions(db: DatabaseSession, company: Company, first: int) -> None:
    of, plans = owner(db, company, first), _plans(db)
    types = list(SubscriptionType)
    for at, name in enumerate(NAMES):
        make.subscription(
            db,
            of,
            f"A-{first + at}",
            person=name,
            type=types[at % len(types)],
            phone=f"+4670174{first // 10000}{at:03}" if at % 2 else "",
            price_plan_id=plans[at % 3].id if at % 4 else None,
            cost_centre=f"K{at}",
            bound_until=DAY + timedelta(days=at) if at % 2 else None,
            sim="8946000000000000001",
            puk="secret-puk",
            **ends(at),
        )


def connections(db: DatabaseSession, company: Company, first: int) -> None:
    of = owner(db, company, first)
    for at, name in enumerate(NAMES):
        make.connection(
            db,
            of,
            f"F-{first + at}",
            address=name,
            city=("Gävle", "Åmål, södra", "")[at % 3],
            service_type=list(ServiceType)[at % 4],
            capacity=("100/100", "1000/1000", "10/10")[at % 3],
            sla=list(SlaLevel)[at % 3],
            **ends(at),
        )


def contacts(db: DatabaseSession, company: Company, first: int) -> None:
    to = make.connection(db, owner(db, company, first), f"FK-{first}")
    for at, name in enumerate(NAMES):
        make.contact(db, to, f"{at}@plats{first}.example", name, "+46701740605" if at % 2 else "")


def invoices(db: DatabaseSession, company: Company, first: int) -> None:
    """Unpaid, overdue, part-paid, paid, credited, a credit note, other currency."""
    of = owner(db, company, first)
    for at, name in enumerate(NAMES):
        month = date(2026, 1 + at, 1)
        values: dict[str, Any] = {
            "buyer_name": name,
            "issued": date(2026, 2 + at, 3),
            "period_start": month,
            "period_end": date(2026, 1 + at, 28),
            "due": DAY + timedelta(days=30 - 7 * at),
            "currency": "EUR" if at == 4 else "SEK",
        }
        net = f"{100 * (at + 1)}.10"
        if at == 8:
            values |= {"kind": "credit_note", "due": None}
        made = make.invoice(db, of, f"{80000 + first + at}", [(net, None)], **values)
        if at in (1, 2):
            make.payment(db, made, str(made.payable) if at == 1 else "50.00", f"B{first}-{at}")
        if at == 3:
            made.credited = made.payable
    db.flush()


def invoice_lines(db: DatabaseSession, company: Company, first: int) -> None:
    of = owner(db, company, first)
    invoice = make.invoice(db, of, f"{90000 + first}", [])
    for at, name in enumerate(NAMES):
        make.invoice_line(
            db,
            invoice,
            f"{at}.50",
            make.subscription(db, of, f"R{first}-{at}", person=name) if at % 2 else None,
            name=name,
            position=at + 1,
            cost_type=list(CostType)[at % 5],
            month=date(2026, 1 + at // 2, 1),
        )


def add_ons(db: DatabaseSession, company: Company, first: int) -> None:
    of = owner(db, company, first)
    subscription, connection = make.subscription(db, of, f"T{first}"), make.connection(db, of, f"FT-{first}")
    for at, name in enumerate(NAMES):
        since, until = ends(at)["opened"], ends(at).get("ended")
        make.add_on(
            db,
            connection if at % 4 == 3 else subscription,
            f"X{first}-{at}",
            name,
            valid_from=since,
            valid_to=until and until - timedelta(days=1),
        )


def users(db: DatabaseSession, company: Company, first: int) -> None:
    for at, name in enumerate(NAMES):
        state = ({"activated_at": None}, {}, {"disabled_at": make.NOW})[at % 3]
        make.user(
            db,
            company,
            f"{at}@{first}.example",
            list(Role)[at % len(Role)],
            access_all=at % 2 == 0,
            name=name,
            phone="+46701740605" if at % 2 else "",
            last_sign_in_at=make.NOW - timedelta(days=at) if at % 3 == 1 else None,
            **state,
        )
    make.user(db, company, f"gone@{first}.example", name="Borttagen", removed_at=make.NOW)


def audit(db: DatabaseSession, company: Company, first: int) -> None:
    """Entries of several kinds, each by another person."""
    of = owner(db, company, first)
    for at, name in enumerate(NAMES):
        user = make.user(db, company, f"{'abcdefghi'[at]}@{first}.example", name=name)
        kind = ("customer_number", "user", "subscription")[at % 3]
        make.entry(
            db,
            company,
            user,
            f"{kind}.{('created', 'changed', 'removed')[at // 3]}",
            at=make.NOW - timedelta(days=40 * at, hours=at),
            object_kind=kind,
            object_id=(of.id, user.id, None)[at % 3],
            object_label=f"L-{at}",
            before={"customer_number_id": of.id, "cost_centre": "4100"} if at % 2 else None,
            after={"customer_number_id": of.id, "cost_centre": f"=K{at}"},
        )


def group_categories(db: DatabaseSession, company: Company, first: int) -> None:
    for at, name in enumerate(NAMES):
        make.category(db, company, name)
        for which in range(at % 3):
            make.group(db, company, name, f"Grupp {first}-{which}")


def groups(db: DatabaseSession, company: Company, first: int) -> None:
    of = owner(db, company, first)
    for at, name in enumerate(NAMES):
        group = make.group(db, company, (f"Avdelning {first}", f"Bolag {first}")[at % 2], name)
        if at < 2:
            make.member(db, group, of, date(2024, 1, 1))


def group_members(db: DatabaseSession, company: Company, first: int) -> None:
    """Customer numbers and subscriptions; past, present and coming."""
    group, month = make.group(db, company, "Avdelning", "Ekonomi"), DAY.replace(day=1)
    for at, name in enumerate(NAMES):
        of = make.customer_number(db, company, str(first + at), name) if at % 2 else owner(db, company, first)
        start, end = ((date(2025, 1 + at, 1), (None, month)[at // 3 % 2]), (date(2027, 1, 1), None))[at % 3 == 1]
        if at % 3 == 2:
            end = date(2026, 9, 1)
        make.member(db, group, of if at % 2 else make.subscription(db, of, f"G{first}-{at}", person=name), start, end)


FILL: dict[str, Callable[[DatabaseSession, Company, int], None]] = {
    "customer-numbers": customer_numbers,
    "subscriptions": subscriptions,
    "connections": connections,
    "contacts": contacts,
    "invoices": invoices,
    "invoice-lines": invoice_lines,
    "add-ons": add_ons,
    "group-categories": group_categories,
    "groups": groups,
    "group-members": group_members,
    "users": users,
    "audit": audit,
}
"""How each list's rows are made, one for each of NAMES; a list missing here fails every test that lists inherit."""
