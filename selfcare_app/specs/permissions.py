"""Permissions, the roles made of them, and who may give what (U2-U4)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum


class Permission(StrEnum):
    """One right. The value is stored and names its texts: permission.<value>."""

    CUSTOMER_NUMBERS_READ = "customer_numbers.read"
    CUSTOMER_NUMBERS_WRITE = "customer_numbers.write"
    SUBSCRIPTIONS_READ = "subscriptions.read"
    SUBSCRIPTIONS_WRITE = "subscriptions.write"
    CONNECTIONS_READ = "connections.read"
    CONNECTIONS_WRITE = "connections.write"
    GROUPS_READ = "groups.read"
    GROUPS_WRITE = "groups.write"
    REPORTS_READ = "reports.read"
    REPORTS_WRITE = "reports.write"
    COMPANY_READ = "company.read"
    COMPANY_WRITE = "company.write"
    INVOICES_READ = "invoices.read"
    USAGE_READ = "usage.read"
    MANAGE_USERS = "manage_users"
    CREATE_ORDER = "create_order"
    CREATE_CHANGE = "create_change"
    CREATE_CASE = "create_case"
    CREATE_FAULT = "create_fault"
    APPROVE_ORDER = "approve_order"
    SWITCH_SERVICES = "switch_services"
    READ_AUDIT = "read_audit"


class Role(StrEnum):
    """A predefined permission set (U3). The value names its texts: role.<value>."""

    SUPERUSER = "superuser"
    ADMINISTRATOR = "administrator"
    ORDERER = "orderer"
    APPROVER = "approver"
    FINANCE = "finance"
    READER = "reader"
    CUSTOM = "custom"


class OperatorRole(StrEnum):
    """What a member of the operator's staff is (P1)."""

    ADMINISTRATOR = "administrator"
    HANDLER = "handler"


KINDS = ("customer_numbers", "subscriptions", "connections", "groups", "reports", "company", "invoices", "usage")
"""Kinds of information one may read, and write where a write exists (U2). Texts: permissions.kind.<kind>."""
SINGLE = tuple(p for p in Permission if p.value.partition(".")[0] not in KINDS)
"""Rights that stand alone (U2). Texts: permissions.single.<value>."""


class Level(StrEnum):
    """What one may do with a kind of information. Texts: permissions.level.<value>."""

    NONE = "none"
    READ = "read"
    WRITE = "write"


def level(kind: str, permissions: Collection[Permission]) -> Level:
    """What the permissions allow with the kind."""
    held = {p.value for p in permissions}
    return next((each for each in (Level.WRITE, Level.READ) if f"{kind}.{each}" in held), Level.NONE)


def of_kind(kind: str) -> frozenset[Permission]:
    """The permissions there are for the kind."""
    return frozenset(p for p in Permission if p.value.partition(".")[0] == kind)


def at_level(kind: str, level: Level) -> frozenset[Permission]:
    """What holds who has that level of the kind: to write is to read too."""
    if level is Level.NONE:
        return frozenset()
    return of_kind(kind) if level is Level.WRITE else frozenset({Permission(f"{kind}.{Level.READ}")})


def levels_of(kind: str) -> tuple[Level, ...]:
    """The levels there are for the kind (U2): some can't be written."""
    return tuple(each for each in Level if each is not Level.WRITE or f"{kind}.{Level.WRITE}" in list(Permission))


def permissions_at(levels: Mapping[str, str], singles: Collection[str]) -> frozenset[Permission]:
    """The permissions that a level for each kind and single rights make; what means nothing counts for nothing."""
    kinds = (
        at_level(kind, level)
        for kind in KINDS
        for level in levels_of(kind)
        if level is not Level.NONE and levels.get(kind) == level.value
    )
    return frozenset().union(*kinds, (p for p in SINGLE if p.value in singles))


READ = frozenset(p for p in Permission if p.value.endswith(".read"))
WRITE = frozenset(p for p in Permission if p.value.endswith(".write"))
EVERYTHING = frozenset(Permission)
CREATE = frozenset({Permission.CREATE_ORDER, Permission.CREATE_CHANGE, Permission.CREATE_CASE, Permission.CREATE_FAULT})

ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.SUPERUSER: EVERYTHING,
    Role.ADMINISTRATOR: EVERYTHING - {Permission.MANAGE_USERS, Permission.APPROVE_ORDER, Permission.COMPANY_WRITE},
    Role.ORDERER: READ | CREATE,
    Role.APPROVER: READ | {Permission.APPROVE_ORDER},
    Role.FINANCE: frozenset(
        {
            Permission.CUSTOMER_NUMBERS_READ,
            Permission.SUBSCRIPTIONS_READ,
            Permission.CONNECTIONS_READ,
            Permission.INVOICES_READ,
            Permission.USAGE_READ,
            Permission.GROUPS_READ,
            Permission.GROUPS_WRITE,
            Permission.REPORTS_READ,
            Permission.REPORTS_WRITE,
        }
    ),
    Role.READER: READ,
}
"""Every role but custom, whose permissions are the user's own."""


def permissions_of(role: str, own: Collection[str]) -> frozenset[Permission]:
    """What a user may do: the role's permissions, or for a custom user their own; unknown values count for nothing."""
    if role == Role.CUSTOM:
        known = {p.value for p in Permission}
        return with_read(Permission(p) for p in own if p in known)
    try:
        return ROLE_PERMISSIONS[Role(role)]
    except (ValueError, KeyError):
        return frozenset()


def with_read(permissions: Iterable[Permission]) -> frozenset[Permission]:
    """Add to each write the read it rests on."""
    given = frozenset(permissions)
    return given | {Permission(p.value.replace(".write", ".read")) for p in given & WRITE}


def role_of(permissions: Collection[Permission]) -> Role:
    """The role that has exactly these permissions, else custom (U3)."""
    given = frozenset(permissions)
    return next((role for role, has in ROLE_PERMISSIONS.items() if has == given), Role.CUSTOM)


def may_give(own: Collection[Permission], changed: Collection[Permission]) -> bool:
    """Nobody gives or takes away what they lack (U4): `changed` are the permissions that differ."""
    return frozenset(changed) <= frozenset(own)


def open_levels(kind: str, has: Collection[Permission], own: Collection[Permission]) -> tuple[Level, ...]:
    """The levels of the kind that one who holds `own` may give to one who has `has` (U4), the present one too."""
    present = frozenset(has) & of_kind(kind)
    return tuple(each for each in levels_of(kind) if may_give(own, present ^ at_level(kind, each)))


def open_roles(has: Collection[Permission], own: Collection[Permission]) -> tuple[Role, ...]:
    """The roles that one who holds `own` may give to one who has `has` (U4). Custom may always be begun with."""
    given = (role for role, holds in ROLE_PERMISSIONS.items() if may_give(own, frozenset(has) ^ holds))
    return (*given, Role.CUSTOM)
