"""What a manager can do to users, one or many (U4, L3). Texts: lists.actions.<value>, users.doings.<value>."""

from __future__ import annotations

from enum import StrEnum


class Doing(StrEnum):
    """One thing that can be done; the value is the key of the action in the list of users."""

    EDIT = "edit_user"
    CHANGE_PERMISSIONS = "change_permissions"
    CHANGE_ACCESS = "change_access"
    INVITE_AGAIN = "invite_again"
    RESET_FACTOR = "reset_second_factor"
    DISABLE = "disable_user"
    ENABLE = "enable_user"
    REMOVE = "remove_user"
