"""The kinds of mail there are, and which of them the receiver may have once a day or not at all (C3).

Texts of a kind: `emails/<kind>/`, mail.button.<kind>, mail.kinds.<kind>; of one that may be chosen also
audit.fields.mail_<kind>.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from enum import StrEnum

from selfcare_app.specs.permissions import Role


class How(StrEnum):
    """How somebody wants a kind of mail. Texts: profile.mail.how.<value>."""

    AT_ONCE = "at_once"
    DAILY = "daily"
    NEVER = "never"


class Reason(StrEnum):
    """Why a kind of mail always comes at once. Texts: profile.mail.reasons.<value>."""

    SECURITY = "security"
    APPROVAL = "approval"


@dataclass(frozen=True, kw_only=True)
class MailKind:
    """A kind of mail."""

    always: Reason | None = None
    """Why it always comes at once; None: its receiver chooses."""
    role: Role | None = None
    """Only users of this role are sent it; None: any user."""
    one_time_link: bool = False
    """Its text opens an account: it is wiped once it is delivered."""


KINDS: dict[str, MailKind] = {
    "invitation": MailKind(always=Reason.SECURITY, one_time_link=True),
    "reset": MailKind(always=Reason.SECURITY, one_time_link=True),
    "password_changed": MailKind(always=Reason.SECURITY),
    "second_factor_on": MailKind(always=Reason.SECURITY),
    "second_factor_off": MailKind(always=Reason.SECURITY),
    "address_confirmation": MailKind(always=Reason.SECURITY, one_time_link=True),
    "address_changed": MailKind(always=Reason.SECURITY),
    "own_approvals": MailKind(always=Reason.APPROVAL),
    "approvers_changed": MailKind(role=Role.SUPERUSER),
}
"""Every kind that tells of something, in the order in which they are shown."""
DAILY = "daily"
"""The mail in which those wait that somebody wants once a day; itself no kind one could choose."""
DAILY_AT = time(7)
"""When it goes out, on a clock in Sweden."""


def choosable(role: str) -> tuple[str, ...]:
    """The kinds that a user of that role is sent and may choose how to have."""
    return tuple(
        key for key, kind in KINDS.items() if kind.always is None and (kind.role is None or kind.role.value == role)
    )


def always(reason: Reason) -> tuple[str, ...]:
    """The kinds that come at once for that reason."""
    return tuple(key for key, kind in KINDS.items() if kind.always is reason)
