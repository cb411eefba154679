"""Usage records of generated companies, as a file that the usage feed reads."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from random import Random
from typing import BinaryIO, Protocol, cast

from selfcare_app.specs.months import months_later
from selfcare_app.specs.products import SubscriptionType
from selfcare_app.specs.usage import UsageType

MONTHS = 14
"""The present one and those before it: as long as records are kept."""
_HEADINGS = "start time;subscription;type;counterpart;destination;quantity;unit;amount\n"
_LINES_AT_ONCE = 1000
_PLACES = ("Norge", "Danmark", "Finland", "Tyskland", "Storbritannien", "USA")
_VOICE = (UsageType.CALL, UsageType.CALL, UsageType.SMS, UsageType.DATA, UsageType.ROAMING)
_KINDS: dict[SubscriptionType, tuple[UsageType, ...]] = {
    SubscriptionType.MOBILE: _VOICE,
    SubscriptionType.FIXED: (UsageType.CALL,),
    SubscriptionType.EXTENSION: (UsageType.CALL,),
    SubscriptionType.BROADBAND: (UsageType.DATA,),
    SubscriptionType.M2M: (UsageType.DATA,),
}


class Used(Protocol):
    """What is used: a subscription, stored or as it was made."""

    @property
    def number(self) -> str:
        """Its id."""

    @property
    def type(self) -> str:
        """Value of SubscriptionType."""

    @property
    def opened(self) -> date:
        """First day in use."""

    @property
    def ended(self) -> date | None:
        """First day no longer in use."""


def file(owned: Sequence[Used], count: int, seed: int, today: date) -> BinaryIO:
    """So many records in CSV, made while they are read."""
    return cast(BinaryIO, io.BufferedReader(_Pieces(_pieces(owned, count, seed, today))))


class _Pieces(io.RawIOBase):
    """A stream of the pieces that an iterator gives."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._left = b""

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        """Fill what fits."""
        if not self._left:
            self._left = next(self._pieces, b"")
        taken = min(len(buffer), len(self._left))
        buffer[:taken], self._left = self._left[:taken], self._left[taken:]
        return taken


def _pieces(owned: Sequence[Used], count: int, seed: int, today: date) -> Iterator[bytes]:
    chance = Random(f"usage {seed}")  # noqa: S311  the same rows each time are the point
    first = months_later(today, 1 - MONTHS)
    used = [one for one in owned if one.opened < today and (one.ended is None or one.ended > first)]
    yield _HEADINGS.encode()
    for start in range(0, count if used else 0, _LINES_AT_ONCE):
        many = min(_LINES_AT_ONCE, count - start)
        yield "".join(_line(chance.choice(used), first, today, chance) for _ in range(many)).encode()


def _line(one: Used, first: date, today: date, chance: Random) -> str:
    begin, end = max(one.opened, first), min(one.ended or today, today)
    day = begin + timedelta(days=int(chance.random() * max(1, (end - begin).days)))
    # By day: at night there are hours that come twice or not at all.
    at = f"{day} {6 + int(chance.random() * 17):02}:{int(chance.random() * 60):02}:{int(chance.random() * 60):02}"
    kind = chance.choice(_KINDS[SubscriptionType(one.type)])
    counterpart, destination, amount = "", "Sverige", "0"
    if kind is UsageType.CALL or kind is UsageType.SMS:
        counterpart = f"+467{int(chance.random() * 10)}{int(chance.random() * 1000):03}****"
    if kind is UsageType.ROAMING:
        destination = chance.choice(_PLACES)
    if chance.random() < 0.3:
        amount = f"{chance.random() * 9:.4f}"
    quantity = {
        UsageType.CALL: f"{1 + int(chance.random() * 1800)};s",
        UsageType.SMS: "1;pcs",
    }.get(kind, f"{chance.random() * 400:.3f};MB")
    return f"{at};{one.number};{kind.value};{counterpart};{destination};{quantity};{amount}\n"
