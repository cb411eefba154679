"""What a company decides about itself (C2): notification, delivery address, second factor, approver chains (C4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import update
from sqlmodel import Session as DatabaseSession
from sqlmodel import col, select

from selfcare_app.models import Approver, ApproverChain, CompanyProfile, FrameworkAgreement, SignIn, User
from selfcare_app.services import access, audit, mail
from selfcare_app.services.access import (
    Actor,
    Forbidden,
    NotFound,
    Refused,
    allowed,
    demand_recent_password,
)
from selfcare_app.services.changed import changed
from selfcare_app.services.database import lock_company, session, writing
from selfcare_app.specs.permissions import Permission, Role, permissions_of
from selfcare_app.specs.products import Product

MOST_APPROVERS = 5
ADDRESS_LENGTH = 500
MOST_DAYS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What the company has decided, as of a version."""

    email_notification: bool = True
    delivery_address: str = ""
    require_second_factor: bool = False
    remind_after: int = 2
    escalate_after: int = 5
    version: int = 1


@dataclass(frozen=True, slots=True)
class Step:
    """A person in a chain. Whoever can't decide any more is passed over (C6), and pointed out here."""

    user_id: int
    name: str
    able: bool


@dataclass(frozen=True, slots=True)
class Chain:
    """The approvers of one product, in order, as of a version."""

    product: Product
    version: int
    steps: list[Step]


@dataclass(frozen=True, slots=True)
class Agreement:
    """A framework agreement (C8)."""

    number: str
    products: list[str]
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class CompanyPage:
    """What the page of the company shows."""

    decided: Decided
    chains: list[Chain]
    agreements: list[Agreement]
    candidates: list[tuple[int, str]]
    """Who could be chosen; for superusers only."""


@allowed(Permission.COMPANY_READ)
def overview(actor: Actor) -> CompanyPage:
    """The company's profile, chains and agreements."""
    with session() as db:
        able = able_to_approve(db, actor)
        chains = [_chain(db, actor, product, able) for product in Product]
        agreements = db.exec(
            access.visible(select(FrameworkAgreement), actor, FrameworkAgreement).order_by(
                col(FrameworkAgreement.valid_from).desc(), FrameworkAgreement.number
            )
        ).all()
        return CompanyPage(
            decided=_decided(db.get(CompanyProfile, actor.company_id)),
            chains=chains,
            agreements=[Agreement(a.number, list(a.products), a.valid_from, a.valid_to) for a in agreements],
            candidates=sorted(able.items(), key=lambda each: each[1]) if actor.role == Role.SUPERUSER else [],
        )


@allowed(Permission.COMPANY_WRITE)
def change(actor: Actor, wanted: Decided) -> Decided:
    """Change what the company decides; `wanted.version` is what was read. Refuses with Changed, and figures without
    sense."""
    assert actor.company_id is not None
    address = "\n".join(line.strip() for line in wanted.delivery_address.strip().splitlines())
    if len(address) > ADDRESS_LENGTH or any(not c.isprintable() and c != "\n" for c in address):
        raise Refused("company_profile.refused.address", most=ADDRESS_LENGTH)
    if not 1 <= wanted.remind_after < wanted.escalate_after <= MOST_DAYS:
        raise Refused("company_profile.refused.days", most=MOST_DAYS)
    with writing() as db:
        company = lock_company(db, actor.company_id)
        row = db.get(CompanyProfile, actor.company_id) or CompanyProfile(company_id=actor.company_id)
        before = _decided(row)
        after = Decided(
            email_notification=wanted.email_notification,
            delivery_address=address,
            require_second_factor=wanted.require_second_factor,
            remind_after=wanted.remind_after,
            escalate_after=wanted.escalate_after,
            version=before.version + 1,
        )
        if _values(before) == _values(after):
            return before
        if before.version != wanted.version:
            raise changed(db, actor, before, kind="company", object_id=actor.company_id, actions=("company_changed",))
        for name, value in (*_values(after).items(), ("version", after.version)):
            setattr(row, name, value)
        db.add(row)
        audit.record(
            db,
            actor,
            "company_changed",
            kind="company",
            object_id=company.id,
            label=company.name,
            before=_values(before),
            after=_values(after),
        )
        return after


def _decided(row: CompanyProfile | None) -> Decided:
    if row is None:
        return Decided()
    return Decided(**{name: getattr(row, name) for name in (*_FIELDS, "version")})


_FIELDS = ("email_notification", "delivery_address", "require_second_factor", "remind_after", "escalate_after")


def _values(decided: Decided) -> dict[str, Any]:
    return {name: getattr(decided, name) for name in _FIELDS}


# --- Approver chains


@allowed(Permission.COMPANY_WRITE)
def add_approver(actor: Actor, product: Product, version: int, user_id: int) -> Chain:
    """Put a person last in a chain. Refuses all but superusers (C4), a sixth person, one who stands in it already or
    can't approve, a chain that has changed since it was read (Changed), and with PasswordNeeded (S4)."""
    with writing() as db:
        chain = _held(db, actor, product, version)
        if len(chain.steps) >= MOST_APPROVERS:
            raise Refused("company_profile.refused.full", most=MOST_APPROVERS)
        _refuse_unfit(db, actor, chain, user_id)
        assert actor.company_id is not None
        position = len(chain.steps) + 1
        db.add(Approver(company_id=actor.company_id, product=product, position=position, user_id=user_id))
        return _changed(db, actor, chain, added=user_id)


@allowed(Permission.COMPANY_WRITE)
def replace_approver(actor: Actor, product: Product, version: int, present_id: int, user_id: int) -> Chain:
    """Put another in a person's place, or the same one back into a place that lapsed when they were removed from the
    company. Refuses as `add_approver` does."""
    with writing() as db:
        chain = _held(db, actor, product, version)
        position = _position(chain, present_id)
        row = db.get(Approver, (actor.company_id, product, position), populate_existing=True)
        assert row is not None
        if user_id == present_id and not row.lapsed:
            return chain
        others = replace(chain, steps=[step for step in chain.steps if step.user_id != present_id])
        _refuse_unfit(db, actor, others, user_id)
        row.user_id, row.lapsed = user_id, False
        db.add(row)
        return _changed(db, actor, chain, added=user_id, removed=present_id if user_id != present_id else None)


@allowed(Permission.COMPANY_WRITE)
def remove_approver(actor: Actor, product: Product, version: int, user_id: int) -> Chain:
    """Take the last person out of a chain. Refuses anyone but the last, and as `add_approver` does."""
    with writing() as db:
        chain = _held(db, actor, product, version)
        position = _position(chain, user_id)
        if position != len(chain.steps):
            raise Refused("company_profile.refused.not_last")
        row = db.get(Approver, (actor.company_id, product, position))
        assert row is not None
        db.delete(row)
        return _changed(db, actor, chain, removed=user_id)


def _held(db: DatabaseSession, actor: Actor, product: Product, version: int) -> Chain:
    """The chain as it stands, with the company held."""
    if actor.role != Role.SUPERUSER:
        raise Forbidden(Permission.COMPANY_WRITE)
    demand_recent_password(actor)
    assert actor.company_id is not None
    lock_company(db, actor.company_id)
    chain = _chain(db, actor, product, able_to_approve(db, actor))
    if chain.version != version:
        raise changed(
            db,
            actor,
            chain,
            kind="company",
            object_id=actor.company_id,
            actions=("approvers_changed",),
            field=f"approvers_{product}",
        )
    return chain


def _position(chain: Chain, user_id: int) -> int:
    found = next((at for at, step in enumerate(chain.steps, 1) if step.user_id == user_id), None)
    if found is None:
        raise NotFound
    return found


def _refuse_unfit(db: DatabaseSession, actor: Actor, chain: Chain, user_id: int) -> None:
    if any(step.user_id == user_id for step in chain.steps):
        raise Refused("company_profile.refused.twice")
    if user_id not in able_to_approve(db, actor):
        raise Refused("company_profile.refused.cannot_approve")


def lapse(db: DatabaseSession, user: User) -> None:
    """Give up the places that a user who is removed has in chains, in the caller's transaction. The places stay, as C6
    has it: an empty chain would have orders sent unapproved, which only a superuser may decide (C4)."""
    db.exec(
        update(Approver)
        .where(col(Approver.company_id) == user.company_id, col(Approver.user_id) == user.id)
        .values(lapsed=True)
    )


def able_to_approve(db: DatabaseSession, actor: Actor) -> dict[int, str]:
    """Active users of the company who hold *Godkänna order*, by id."""
    found = db.exec(
        select(User).where(
            User.company_id == actor.company_id,
            col(User.activated_at).is_not(None),
            col(User.disabled_at).is_(None),
        )
    ).all()
    return {
        user.id or 0: user.name
        for user in sorted(found, key=lambda user: user.name_sort)
        if Permission.APPROVE_ORDER in permissions_of(user.role, user.permissions)
    }


def _chain(db: DatabaseSession, actor: Actor, product: Product, able: dict[int, str]) -> Chain:
    head = db.get(ApproverChain, (actor.company_id, product), populate_existing=True)
    rows: Sequence[Any] = db.exec(
        select(Approver.user_id, User.name, Approver.lapsed)
        .join(User, col(User.id) == col(Approver.user_id))
        .where(Approver.company_id == actor.company_id, Approver.product == product)
        .order_by(col(Approver.position))
    ).all()
    steps = [Step(user_id, name, user_id in able and not lapsed) for user_id, name, lapsed in rows]
    return Chain(product, head.version if head else 0, steps)


def _changed(
    db: DatabaseSession, actor: Actor, before: Chain, *, added: int | None = None, removed: int | None = None
) -> Chain:
    """Count the change, log it, and tell those it concerns: added, removed, and the other superusers (C4)."""
    assert actor.company_id is not None
    head = db.get(ApproverChain, (actor.company_id, before.product)) or ApproverChain(
        company_id=actor.company_id, product=before.product, version=0
    )
    head.version += 1
    db.add(head)
    db.flush()
    after = _chain(db, actor, before.product, able_to_approve(db, actor))
    audit.record(
        db,
        actor,
        "approvers_changed",
        kind="company",
        object_id=actor.company_id,
        label=actor.company_name,
        before={f"approvers_{before.product}": [step.name for step in before.steps]},
        after={f"approvers_{before.product}": [step.name for step in after.steps]},
    )
    concerned = db.exec(
        select(User, SignIn)
        .join(SignIn, col(SignIn.id) == col(User.sign_in_id))
        .where(
            User.company_id == actor.company_id,
            col(User.activated_at).is_not(None),
            col(User.disabled_at).is_(None),
            col(User.id).in_([each for each in (added, removed) if each is not None])
            | (col(User.role) == Role.SUPERUSER),
            col(User.id) != actor.user_id,
        )
        .order_by(col(User.id))
    ).all()
    names = {step.user_id: step.name for step in (*before.steps, *after.steps)}
    for user, row in concerned:
        mail.approvers_changed(
            db,
            to=user,
            recipient=row.email,
            language=row.language,
            who=actor.name,
            company=actor.company_name,
            product=f"pages.product.{before.product}",
            added=names.get(added or 0, "–"),
            removed=names.get(removed or 0, "–"),
            chain=", ".join(step.name for step in after.steps) or "–",
            own=user.id in (added, removed),
            now=actor.at,
        )
    return after
