"""Time: UTC inside, Europe/Stockholm at the edges. The only module that reads the clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
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


def next_at(hour: time, after: datetime) -> datetime:
    """The next moment after that one at which clocks in Sweden show the hour."""
    today = datetime.combine(day(after), hour, STOCKHOLM)
    return (today if today > after else datetime.combine(day(after) + timedelta(days=1), hour, STOCKHOLM)).astimezone(
        UTC
    )
