"""Making companies of any size (`selfcare generate`), all in one transaction, beside whatever is there already."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import ColumnElement, literal, select
from sqlmodel import Session as DatabaseSession
from sqlmodel import col

from selfcare_app.models import Company, Connection, CustomerNumber, Invoice, PricePlan, SignIn, Subscription
from selfcare_app.services import audit
from selfcare_app.services.access import Actor, Refused, for_administrator
from selfcare_app.services.database import writing
from selfcare_app.services.feeds.runs import count_afterwards, one_feed_at_a_time
from selfcare_app.services.feeds.usage import feed_usage_within
from selfcare_app.services.generating import billing, estates, names, people, usage
from selfcare_app.services.generating.estates import Estate, Told
from selfcare_app.services.generating.names import Keys
from selfcare_app.services.passwords import hash_password, refuse_weak

SUBSCRIPTIONS_PER_NUMBER = 100
MADE_UP = ".example"
MOST_INVOICES = 120
"""Months back that customer numbers are billed for at most: as old as they get."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """How much of what. The same seed makes the same rows, on the same day."""

    subscriptions: int
    """In all; the companies share them evenly."""
    companies: int = 1
    customer_numbers: int = 0
    """In all; 0: one for every hundred subscriptions."""
    usage: int = 0
    """Usage records in all, of the present month and the 13 before it."""
    invoices: int = 0
    """Of each customer number: one for each of the latest billed months."""
    seed: int = 1
    password: str = ""
    """Of every sign-in; empty: one is made up."""
    among_real: bool = False
    """Even where there are companies that aren't made up."""


@dataclass(frozen=True, slots=True)
class Made:
    """A company that was made."""

    name: str
    organisation_number: str
    superuser: str
    """The address its superuser signs in with."""
    partial: str
    """The address of a user who sees three customer numbers."""
    customer_numbers: int
    subscriptions: int
    connections: int
    invoices: int


@dataclass(frozen=True, slots=True)
class Generated:
    """What was made."""

    companies: tuple[Made, ...]
    usage: int
    password: str


def _untold(_what: str, _count: int) -> None:
    pass


@for_administrator
def generate(actor: Actor, wanted: Wanted, told: Told = _untold) -> Generated:
    """Make companies with users, inventory, groups, invoices, payments and usage; whole or not at all. Sends no mail.

    Refuses figures out of bounds, a weak password (WeakPassword), a database with companies that aren't made up unless
    told, and a seed that this database has been given already, or whose numbers are taken. Raises Forbidden for staff
    who are not administrators.
    """
    _check(wanted)
    password = wanted.password or secrets.token_urlsafe(12)
    password_hash = hash_password(password)
    keys = [Keys(wanted.seed, place) for place in range(1, wanted.companies + 1)]
    with writing() as db:
        one_feed_at_a_time(db)
        count_afterwards(db)
        if not wanted.among_real:
            _refuse_real(db)
        _refuse_taken(db, wanted.seed, keys)
        plans = estates.put_on_sale(db, actor, wanted.seed)
        made: list[Made] = []
        found: list[Estate] = []
        numbers = wanted.customer_numbers or -(-wanted.subscriptions // SUBSCRIPTIONS_PER_NUMBER)
        shares = zip(
            keys, _shares(max(numbers, wanted.companies), wanted), _shares(wanted.subscriptions, wanted), strict=True
        )
        for of, customer_numbers, subscriptions in shares:
            estate = estates.settle(db, actor, of, customer_numbers, subscriptions, plans, told)
            people.move_in(db, actor, estate, password_hash)
            invoices = billing.bill(db, actor, estate, wanted.invoices, told)
            found.append(estate)
            made.append(_made(estate, invoices))
            _log(db, actor, estate, invoices)
        records = _use(db, actor, found, wanted, told)
    return Generated(tuple(made), records, password)


def _check(wanted: Wanted) -> None:
    for name, value, least, most in (
        ("seed", wanted.seed, 1, names.SEEDS),
        ("companies", wanted.companies, 1, names.COMPANIES),
        ("subscriptions", wanted.subscriptions, wanted.companies, names.SUBSCRIPTIONS * wanted.companies),
        ("customer numbers", wanted.customer_numbers, 0, names.CUSTOMER_NUMBERS * wanted.companies),
        ("usage", wanted.usage, 0, None),
        ("invoices", wanted.invoices, 0, MOST_INVOICES),
    ):
        if value < least or (most is not None and value > most):
            key = "generating.too_few" if most is None else "generating.out_of_bounds"
            raise Refused(key, name=name, least=least, most=most)
    if wanted.password:
        refuse_weak(wanted.password, "")


def _shares(of: int, wanted: Wanted) -> Iterator[int]:
    share, rest = divmod(of, wanted.companies)
    return (share + (at < rest) for at in range(wanted.companies))


def _refuse_real(db: DatabaseSession) -> None:
    """The demo's companies and those made here have addresses under .example, as nothing real can (RFC 2606)."""
    real = select(col(Company.name)).where(col(Company.email).not_like(f"%{MADE_UP}")).limit(1)
    if (name := db.connection().execute(real).scalar_one_or_none()) is not None:
        raise Refused("generating.real", company=name)


def _refuse_taken(db: DatabaseSession, seed: int, keys: list[Keys]) -> None:
    """Nothing may be there under a number that is going to be made."""
    taken: list[ColumnElement[bool]] = [col(PricePlan.code).like(f"%-{seed}")]
    for of in keys:
        taken += [
            col(Company.organisation_number) == of.organisation_number,
            col(SignIn.email_key).like(f"%@{of.domain}"),
            col(CustomerNumber.number).like(of.start + "_" * 6),
            col(Subscription.number).like(f"S{of.start}" + "_" * 7),
            col(Connection.number).like(f"F{of.start}" + "_" * 6),
            col(Invoice.number).like(of.start + "_" * 8),
        ]
    for which in taken:
        if db.connection().execute(select(literal(1)).where(which).limit(1)).first() is not None:
            raise Refused("generating.taken", seed=seed)


def _use(db: DatabaseSession, actor: Actor, found: list[Estate], wanted: Wanted, told: Told) -> int:
    if not wanted.usage:
        return 0
    owned = [one for estate in found for one in estate.subscriptions]
    content = usage.file(owned, wanted.usage, wanted.seed, actor.today)
    report = feed_usage_within(db, actor, f"generated-{wanted.seed}.csv", content, lambda rows: told("usage", rows))
    if report.refusals:
        raise AssertionError("\n".join(report.sentences("en")))
    return report.created


def _made(estate: Estate, invoices: int) -> Made:
    return Made(
        name=estate.name,
        organisation_number=estate.keys.organisation_number,
        superuser=people.address_of(estate, people.SUPERUSER),
        partial=people.address_of(estate, people.PARTIAL),
        customer_numbers=len(estate.numbers),
        subscriptions=len(estate.subscriptions),
        connections=len(estate.connections),
        invoices=invoices,
    )


def _log(db: DatabaseSession, actor: Actor, estate: Estate, invoices: int) -> None:
    """What no feed has logged: the company's users, groups and invoices came with it."""
    audit.record(
        db,
        actor,
        "company.generated",
        kind="company",
        object_id=estate.company_id,
        label=estate.name,
        after={"seed": estate.keys.seed, "invoices": invoices},
        company_id=estate.company_id,
    )
