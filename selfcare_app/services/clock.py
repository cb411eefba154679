"""Time: UTC inside, Europe/Stockholm at the edges. The only module that reads the clock."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

STOCKHOLM = ZoneInfo("Europe/Stockholm")


def now() -> datetime:
    """This moment."""
    return datetime.now(UTC)


def local(moment: datetime) -> datetime:
    """The moment on a clock in Sweden."""
    return moment.astimezone(STOCKHOLM)


def day(moment: datetime) -> date:
    """The date in Sweden at that moment."""
    return local(moment).date()


def month(moment: datetime) -> date:
    """The first day of the month it is in Sweden at that moment."""
    return day(moment).replace(day=1)


def show(moment: datetime | None) -> str:
    """2026-11-22 14:32, Swedish time; empty for none."""
    return local(moment).strftime("%Y-%m-%d %H:%M") if moment else ""
