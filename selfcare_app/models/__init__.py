"""The tables: plain SQLModel, no rules."""

from selfcare_app.models.base import Table
from selfcare_app.models.companies import Company, FrameworkAgreement
from selfcare_app.models.groups import Group, GroupCategory, GroupMembership
from selfcare_app.models.inventory import CustomerNumber, Subscription
from selfcare_app.models.journal import AuditEntry, FeedRun, OutgoingMail
from selfcare_app.models.people import (
    AccessGrant,
    KnownSource,
    MailedLink,
    OperatorUser,
    Preference,
    Session,
    SignIn,
    Throttle,
    User,
)

__all__ = [
    "AccessGrant",
    "AuditEntry",
    "Company",
    "CustomerNumber",
    "FeedRun",
    "FrameworkAgreement",
    "Group",
    "GroupCategory",
    "GroupMembership",
    "KnownSource",
    "MailedLink",
    "OperatorUser",
    "OutgoingMail",
    "Preference",
    "Session",
    "SignIn",
    "Subscription",
    "Table",
    "Throttle",
    "User",
]
