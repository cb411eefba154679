"""The tables: plain SQLModel, no rules."""

from selfcare_app.models.base import Table
from selfcare_app.models.billing import (
    Invoice,
    InvoiceAllowance,
    InvoiceLine,
    InvoiceOriginal,
    InvoiceReference,
    InvoiceVat,
    Payment,
)
from selfcare_app.models.companies import Approver, ApproverChain, Company, CompanyProfile, FrameworkAgreement
from selfcare_app.models.costs import CostMonth, GroupCostMonth
from selfcare_app.models.groups import Group, GroupCategory, GroupMembership
from selfcare_app.models.inventory import AddOn, Connection, ConnectionContact, CustomerNumber, PricePlan, Subscription
from selfcare_app.models.journal import AuditEntry, FeedRun, OutgoingMail, WaitingLetter
from selfcare_app.models.people import (
    AccessGrant,
    Deputy,
    KnownSource,
    MailedLink,
    OperatorUser,
    Preference,
    RecoveryCode,
    Session,
    SignIn,
    Throttle,
    User,
)
from selfcare_app.models.uploads import Upload
from selfcare_app.models.usage import CompanyUsage, UsageMonth, UsageRecord, UsageTotal

__all__ = [
    "AccessGrant",
    "AddOn",
    "Approver",
    "ApproverChain",
    "AuditEntry",
    "Company",
    "CompanyProfile",
    "CompanyUsage",
    "Connection",
    "ConnectionContact",
    "CostMonth",
    "CustomerNumber",
    "Deputy",
    "FeedRun",
    "FrameworkAgreement",
    "Group",
    "GroupCategory",
    "GroupCostMonth",
    "GroupMembership",
    "Invoice",
    "InvoiceAllowance",
    "InvoiceLine",
    "InvoiceOriginal",
    "InvoiceReference",
    "InvoiceVat",
    "KnownSource",
    "MailedLink",
    "OperatorUser",
    "OutgoingMail",
    "Payment",
    "Preference",
    "PricePlan",
    "RecoveryCode",
    "Session",
    "SignIn",
    "Subscription",
    "Table",
    "Throttle",
    "Upload",
    "UsageMonth",
    "UsageRecord",
    "UsageTotal",
    "User",
    "WaitingLetter",
]
