"""Products and the types of what a company owns (data.md). Values are stored; labels are in locales."""

from __future__ import annotations

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
