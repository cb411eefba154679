"""The tabs of a user's page, in order. Texts: details.tabs.<key>."""

from __future__ import annotations

from dataclasses import dataclass

from selfcare_app.specs.permissions import Permission


@dataclass(frozen=True, kw_only=True)
class UserTab:
    """One tab: `?tab=<key>` on the page of a user."""

    key: str
    permission: Permission | None = None
    """What it asks for beside the page's own permission."""


USER_TABS: tuple[UserTab, ...] = (
    UserTab(key="profile"),
    UserTab(key="permissions"),
    UserTab(key="access"),
    UserTab(key="sees"),
    UserTab(key="sessions"),
    UserTab(key="audit", permission=Permission.READ_AUDIT),
)
"""What each draws and loads stands in pages/user.py."""
