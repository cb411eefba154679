"""The menu, as data, in the guide's order; an entry inherits the permission of what it leads to.

Texts: navigation.<key> is the noun, navigation.<key>_full the guide's full entry (the accessible name).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from selfcare_app.specs.lists import AUDIT, CONNECTIONS, CUSTOMER_NUMBERS, INVOICES, SUBSCRIPTIONS, USERS, ListSpec
from selfcare_app.specs.permissions import Permission


class Section(StrEnum):
    """Part of the main menu."""

    OVERVIEW = "overview"
    SHOW = "show"
    CREATE = "create"
    ACCOUNT = "account"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One entry; shown to those who hold the permission (None: everyone signed in)."""

    key: str
    route: str
    section: Section
    icon: str
    permission: Permission | None = None


def _list(spec: ListSpec) -> Entry:
    return Entry(
        key=spec.key.replace("-", "_"),
        route=spec.route,
        section=Section.SHOW,
        icon=spec.icon,
        permission=spec.permission,
    )


NAVIGATION: tuple[Entry, ...] = (
    Entry(key="overview", route="/", section=Section.OVERVIEW, icon="layout-dashboard"),
    _list(CUSTOMER_NUMBERS),
    _list(SUBSCRIPTIONS),
    _list(CONNECTIONS),
    _list(INVOICES),
    _list(USERS),
    _list(AUDIT),
    Entry(
        key="create_user",
        route=f"{USERS.route}/new",
        section=Section.CREATE,
        icon="user-plus",
        permission=Permission.MANAGE_USERS,
    ),
    Entry(key="groups", route="/groups", section=Section.SHOW, icon="layers", permission=Permission.GROUPS_READ),
    Entry(
        key="create_group",
        route="/groups?tab=categories",
        section=Section.CREATE,
        icon="layers",
        permission=Permission.GROUPS_WRITE,
    ),
    Entry(
        key="add_to_group",
        route="/group-memberships",
        section=Section.CREATE,
        icon="layers",
        permission=Permission.GROUPS_WRITE,
    ),
    Entry(key="profile", route="/profile", section=Section.ACCOUNT, icon="user-round"),
    Entry(
        key="company",
        route="/company",
        section=Section.ACCOUNT,
        icon="building",
        permission=Permission.COMPANY_READ,
    ),
)
"""Only what exists."""
