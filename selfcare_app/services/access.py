"""Who is asking, what they may do, which rows they may see: the only code that decides it.

What you may do stands on the operation (`@allowed`), which rows in the query (`visible`, `fetch`). Neither knows
whether a screen, an HTTP route or the command line called.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast

from sqlalchemy import BindParameter, ColumnElement, String, and_, false, or_, select, true
from sqlalchemy import cast as cast_to
from sqlmodel import Session as DatabaseSession
from sqlmodel import col

from selfcare_app.models import (
    AccessGrant,
    AddOn,
    AuditEntry,
    CompanyUsage,
    Connection,
    ConnectionContact,
    CostMonth,
    CustomerNumber,
    FrameworkAgreement,
    Group,
    GroupCategory,
    GroupCostMonth,
    GroupMembership,
    Invoice,
    InvoiceLine,
    Payment,
    Subscription,
    Table,
    UsageMonth,
    UsageRecord,
    UsageTotal,
    User,
)
from selfcare_app.services import clock
from selfcare_app.specs.audit import OBJECTS
from selfcare_app.specs.permissions import OperatorRole, Permission

P = ParamSpec("P")
R = TypeVar("R")
Row = TypeVar("Row", bound=Table)
Statement = Any
"""A select of any columns: the library types them by count, which a scope neither knows nor changes."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something, when and from where; made anew for every event and request.

    `at` is the clock of everything done with it. `company_id` None: operator staff, or a system.
    """

    name: str
    at: datetime
    company_id: int | None = None
    company_name: str = ""
    user_id: int | None = None
    sign_in_id: int | None = None
    session_id: int | None = None
    session_ref: str = ""
    """The session's public reference: what its sockets carry."""
    permissions: frozenset[Permission] = frozenset()
    access_all: bool = False
    role: str = ""
    operator_role: OperatorRole | None = None
    language: str = "sv"
    email: str = ""
    source: str = ""
    companies: int = 1
    """How many companies the sign-in is a user in."""
    password_at: datetime | None = None
    """When the password was last given in this session (S4)."""
    needs_second_factor: bool = False
    """The company, or the operator, asks for a second factor and there is none: nothing else can be done until then."""

    @property
    def month(self) -> date:
        """The present month in Sweden."""
        return clock.month(self.at)

    @property
    def today(self) -> date:
        """The date in Sweden."""
        return clock.day(self.at)

    def may(self, permission: Permission | None) -> bool:
        """Whether the permission is held; None asks only for a user of a company."""
        if self.company_id is None:
            return False
        return permission is None or permission in self.permissions


class Refused(Exception):
    """An operation said no. `key` names the sentence in locales, `values` fill it."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key)
        self.key = key
        self.values = values


class Forbidden(Refused):
    """The actor lacks the permission."""

    def __init__(self, permission: Permission | None) -> None:
        super().__init__("refused.permission", permission=permission.value if permission else "")
        self.permission = permission


class PasswordNeeded(Refused):
    """The password was given too long ago for what is to be done (S4); the way on is to give it again."""

    def __init__(self) -> None:
        super().__init__("refused.password_needed")


PASSWORD_STANDS = timedelta(minutes=15)
"""How long after the password was given what S4 names may be changed."""


def demand_recent_password(actor: Actor) -> None:
    """Raise PasswordNeeded unless the password was given within PASSWORD_STANDS in this session (S4)."""
    if actor.password_at is None or actor.at - actor.password_at > PASSWORD_STANDS:
        raise PasswordNeeded


class NotFound(Refused):
    """It doesn't exist, or not for this actor: the two are never told apart."""

    def __init__(self) -> None:
        super().__init__("refused.not_found")


OPERATIONS: dict[str, Permission | str | None] = {}
"""Every operation with what it asks for: a permission, None (any user of a company), 'operator', or 'sign-in'
(anyone signed in)."""


def allowed(permission: Permission | None) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Mark an operation: its first argument is the Actor, who must hold the permission. Refuses with Forbidden."""

    def mark(operation: Callable[P, R]) -> Callable[P, R]:
        OPERATIONS[_name(operation)] = permission

        @wraps(operation)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            if not cast(Actor, args[0]).may(permission):
                raise Forbidden(permission)
            return operation(*args, **kwargs)

        return guarded

    return mark


def for_operator(operation: Callable[P, R]) -> Callable[P, R]:
    """Mark an operation that only the operator's staff and command line may do."""
    OPERATIONS[_name(operation)] = "operator"

    @wraps(operation)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        if cast(Actor, args[0]).operator_role is None:
            raise Forbidden(None)
        return operation(*args, **kwargs)

    return guarded


def for_administrator(operation: Callable[P, R]) -> Callable[P, R]:
    """Mark an operation that only the operator's administrators and command line may do (P1)."""

    @wraps(operation)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        demand_administrator(cast(Actor, args[0]))
        return operation(*args, **kwargs)

    return for_operator(guarded)


def demand_administrator(actor: Actor) -> None:
    """Raise Forbidden for anybody but the operator's administrators and command line (P1)."""
    if actor.operator_role != OperatorRole.ADMINISTRATOR:
        raise Forbidden(None)


def for_sign_in(operation: Callable[P, R]) -> Callable[P, R]:
    """Mark an operation on the caller's own sign-in: anyone signed in may, also before a company is chosen."""
    OPERATIONS[_name(operation)] = "sign-in"

    @wraps(operation)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        if cast(Actor, args[0]).sign_in_id is None:
            raise Forbidden(None)
        return operation(*args, **kwargs)

    return guarded


def _name(operation: Callable[..., Any]) -> str:
    return f"{operation.__module__.removeprefix('selfcare_app.services.')}.{operation.__qualname__}"


def active_in(month: date | BindParameter[date]) -> ColumnElement[bool]:
    """Group memberships that count in the month (R2): the end month is the last included."""
    return and_(
        col(GroupMembership.start_month) <= month,
        or_(col(GroupMembership.end_month).is_(None), col(GroupMembership.end_month) >= month),
    )


def _granted(actor: Actor, column: Any) -> Statement:
    return select(column).where(
        col(AccessGrant.company_id) == actor.company_id,
        col(AccessGrant.user_id) == actor.user_id,
        column.is_not(None),
    )


def _members_of_granted_groups(actor: Actor, column: Any) -> Statement:
    # IN, not a join: a planner that knows nothing of a user's few grants would go through them for every member.
    return select(column).where(
        col(GroupMembership.company_id) == actor.company_id,
        col(GroupMembership.group_id).in_(_granted(actor, col(AccessGrant.group_id))),
        column.is_not(None),
        active_in(actor.month),
    )


def _seen_customer_numbers(actor: Actor) -> Statement:
    return _granted(actor, col(AccessGrant.customer_number_id)).union_all(
        _members_of_granted_groups(actor, col(GroupMembership.customer_number_id))
    )


def _seen_subscriptions(actor: Actor) -> Statement:
    return _granted(actor, col(AccessGrant.subscription_id)).union_all(
        _members_of_granted_groups(actor, col(GroupMembership.subscription_id))
    )


def _customer_numbers(actor: Actor) -> ColumnElement[bool]:
    return col(CustomerNumber.id).in_(_seen_customer_numbers(actor))


def _subscriptions(actor: Actor) -> ColumnElement[bool]:
    return or_(
        col(Subscription.id).in_(_seen_subscriptions(actor)),
        col(Subscription.customer_number_id).in_(_seen_customer_numbers(actor)),
    )


def _on_seen_customer_number(column: Any) -> Callable[[Actor], ColumnElement[bool]]:
    return lambda actor: column.in_(_seen_customer_numbers(actor))


def _of_seen_subscription(column: Any) -> Callable[[Actor], ColumnElement[bool]]:
    return lambda actor: column.in_(visible(select(col(Subscription.id)), actor, Subscription))


def _of_seen_connection(column: Any) -> Callable[[Actor], ColumnElement[bool]]:
    return lambda actor: column.in_(visible(select(col(Connection.id)), actor, Connection))


def _add_ons(actor: Actor) -> ColumnElement[bool]:
    return or_(
        _of_seen_subscription(col(AddOn.subscription_id))(actor), _of_seen_connection(col(AddOn.connection_id))(actor)
    )


def _invoice_lines(actor: Actor) -> ColumnElement[bool]:
    """Those of seen invoices, and those of seen subscriptions though the invoice is not (U5)."""
    return or_(
        col(InvoiceLine.customer_number_id).in_(_seen_customer_numbers(actor)),
        _of_seen_subscription(col(InvoiceLine.subscription_id))(actor),
    )


def _memberships(actor: Actor) -> ColumnElement[bool]:
    return or_(
        col(GroupMembership.customer_number_id).in_(_seen_customer_numbers(actor)),
        _of_seen_subscription(col(GroupMembership.subscription_id))(actor),
    )


def _of_seen_invoice(column: Any) -> Callable[[Actor], ColumnElement[bool]]:
    return lambda actor: column.in_(visible(select(col(Invoice.id)), actor, Invoice))


LOGGED: dict[str, Any] = {
    "customer_number": CustomerNumber,
    "subscription": Subscription,
    "connection": Connection,
    "connection_contact": ConnectionContact,
    "add_on": AddOn,
    "invoice": Invoice,
    "payment": Payment,
    "group_membership": GroupMembership,
}
"""The kinds of object whose log entries a user with partial access sees: those about what they see itself (P4).
Entries about anything else, users and the company among them, are for those who see everything."""


def _entries(actor: Actor) -> ColumnElement[bool]:
    return or_(
        *(
            and_(
                col(AuditEntry.object_kind) == kind,
                col(AuditEntry.object_id).in_(visible(select(model.id), actor, model)),
            )
            for kind, model in LOGGED.items()
        )
    )


def _told_kinds(actor: Actor) -> ColumnElement[bool]:
    """The log is no way round a right: what one may not read anywhere else one doesn't read there."""
    hidden = [kind for kind, each in OBJECTS.items() if not actor.permissions.issuperset(each.needs)]
    return col(AuditEntry.object_kind).not_in(hidden) if hidden else true()


def _nothing(_actor: Actor) -> ColumnElement[bool]:
    return false()


def _whole_company(_actor: Actor) -> ColumnElement[bool]:
    return true()


SCOPES: dict[type[Table], Callable[[Actor], ColumnElement[bool]]] = {
    CustomerNumber: _customer_numbers,
    Subscription: _subscriptions,
    Connection: _on_seen_customer_number(col(Connection.customer_number_id)),
    ConnectionContact: _of_seen_connection(col(ConnectionContact.connection_id)),
    AddOn: _add_ons,
    Invoice: _on_seen_customer_number(col(Invoice.customer_number_id)),
    InvoiceLine: _invoice_lines,
    CostMonth: _on_seen_customer_number(col(CostMonth.customer_number_id)),
    GroupCostMonth: _on_seen_customer_number(col(GroupCostMonth.customer_number_id)),
    UsageRecord: _of_seen_subscription(col(UsageRecord.subscription_id)),
    UsageMonth: _of_seen_subscription(col(UsageMonth.subscription_id)),
    GroupMembership: _memberships,
    Payment: _of_seen_invoice(col(Payment.invoice_id)),
    AuditEntry: _entries,
    UsageTotal: _on_seen_customer_number(col(UsageTotal.customer_number_id)),
    # A sum of everything tells of what one doesn't see.
    CompanyUsage: _nothing,
    User: _whole_company,
    FrameworkAgreement: _whole_company,
    GroupCategory: _whole_company,
    Group: _whole_company,
}
"""What narrows each table for a user with partial access (U5); the company is always added.
A table that isn't here can't be read for an actor at all."""

UNSEEN: dict[type[Table], ColumnElement[bool]] = {User: col(User.removed_at).is_(None)}
"""Rows that nobody sees any more, whatever their access: kept for history's sake."""


READ: dict[type[Table], Permission] = {
    CustomerNumber: Permission.CUSTOMER_NUMBERS_READ,
    Subscription: Permission.SUBSCRIPTIONS_READ,
}
"""What one must be permitted to be told of what can be in a group, beside seeing it."""


def _read_members(actor: Actor) -> ColumnElement[bool]:
    """What is in a group is told to those who may read what it is."""
    kinds = (
        (CustomerNumber, col(GroupMembership.customer_number_id)),
        (Subscription, col(GroupMembership.subscription_id)),
    )
    return or_(false(), *(member.is_not(None) for model, member in kinds if actor.may(READ[model])))


RIGHTS: dict[type[Table], Callable[[Actor], ColumnElement[bool]]] = {
    AuditEntry: _told_kinds,
    GroupMembership: _read_members,
}
"""Rows that depend on what one may do too, whatever their access."""

NUMBER: dict[type[Table], Any] = {
    CustomerNumber: CustomerNumber.number,
    Subscription: Subscription.number,
    Connection: Connection.number,
    Invoice: Invoice.number,
    FrameworkAgreement: FrameworkAgreement.number,
    User: cast_to(col(User.id), String),
    Group: cast_to(col(Group.id), String),
}
"""The column a person names a row by."""


def scope(actor: Actor, model: type[Table]) -> ColumnElement[bool]:
    """The condition under which the actor may see a row of the model; false for whoever has no company."""
    if actor.company_id is None:
        return false()
    company: ColumnElement[bool] = cast(Any, model).company_id == actor.company_id
    if model in UNSEEN:
        company = and_(company, UNSEEN[model])
    if model in RIGHTS:
        company = and_(company, RIGHTS[model](actor))
    return company if actor.access_all else and_(company, SCOPES[model](actor))


def visible(statement: Statement, actor: Actor, model: type[Table]) -> Statement:
    """The statement with the actor's scope on the model (U6)."""
    return statement.where(scope(actor, model))


def fetch(db: DatabaseSession, actor: Actor, model: type[Row], number: str) -> Row:
    """The row a person names; NotFound when there is none the actor may see."""
    if "\x00" in number:
        # PostgreSQL knows no such text, and would fail where SQLite finds nothing.
        raise NotFound
    found = db.exec(visible(select(model), actor, model).where(NUMBER[model] == number)).scalar_one_or_none()
    if found is None:
        raise NotFound
    return cast(Row, found)


def seen_singly(actor: Actor) -> Statement:
    """Ids of the subscriptions that the actor sees though not their customer number (U5); none for who sees all."""
    return select(col(Subscription.id)).where(
        false() if actor.access_all else true(),
        col(Subscription.company_id) == actor.company_id,
        col(Subscription.id).in_(_seen_subscriptions(actor)),
        col(Subscription.customer_number_id).not_in(_seen_customer_numbers(actor)),
    )
