"""Products and the types of what a company owns (data.md). Values are stored; labels are in locales."""

from __future__ import annotations

from datetime import date
from enum import StrEnum


class Product(StrEnum):
    """What an order, an approver chain or an agreement is about."""

    MOBILE = "mobile"
    FIXED = "fixed"
    DATA = "data"


class CustomerNumberType(StrEnum):
    """Kind of services billed on a customer number."""

    MOBILE = "mobile"
    FIXED = "fixed"
    DATA = "data"
    MIXED = "mixed"


class SubscriptionType(StrEnum):
    """Kind of subscription."""

    MOBILE = "mobile"
    BROADBAND = "broadband"
    M2M = "m2m"
    FIXED = "fixed"
    EXTENSION = "extension"


class ServiceType(StrEnum):
    """What a connection carries (data.md)."""

    INTERNET = "internet"
    IP_VPN = "ip_vpn"
    SIP = "sip"
    WIFI = "wifi"


class SlaLevel(StrEnum):
    """How soon a fault is put right (catalogue.md)."""

    BASIC = "basic"
    PLUS = "plus"
    PREMIUM = "premium"


def status_of(opened: date, ended: date | None, today: date) -> str:
    """active, coming or inactive: the end of a thing is the first day it is no longer in use."""
    if ended is not None and ended <= today:
        return "inactive"
    return "coming" if opened > today else "active"
