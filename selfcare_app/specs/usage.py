"""What a subscription can be used for, as data. Values are stored; labels are in locales."""

from __future__ import annotations

from enum import StrEnum


class UsageType(StrEnum):
    """What was done."""

    CALL = "call"
    SMS = "sms"
    DATA = "data"
    ROAMING = "roaming"


class UsageUnit(StrEnum):
    """What its quantity is counted in."""

    SECONDS = "s"
    PIECES = "pcs"
    MEGABYTES = "MB"
