"""What a row of a usage file says: cells to the values that are stored, fast enough for millions of rows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import blake2b
from typing import Any, TypeVar

from selfcare_app.services import clock
from selfcare_app.services.feeds import cells
from selfcare_app.services.feeds.cells import CellError, clean
from selfcare_app.services.feeds.kind import Column, same_heading
from selfcare_app.services.feeds.report import Refusal, Refusals
from selfcare_app.specs.usage import UsageType, UsageUnit

T = TypeVar("T")
USAGE_TYPES: Mapping[str, UsageType] = {
    "Samtal": UsageType.CALL,
    "SMS": UsageType.SMS,
    "Data": UsageType.DATA,
    "Roaming": UsageType.ROAMING,
}
"""The Swedish words a file may hold instead of the stored values, as in `cells`."""
FINEST = 6
"""Places that a quantity may have in the file: GB with six is MB with the three that are stored."""
PLACES = 3
AMOUNT_PLACES = 4
UNITS: Mapping[str, tuple[UsageUnit, int]] = {
    "s": (UsageUnit.SECONDS, PLACES),
    "pcs": (UsageUnit.PIECES, PLACES),
    "st": (UsageUnit.PIECES, PLACES),
    "MB": (UsageUnit.MEGABYTES, PLACES),
    "GB": (UsageUnit.MEGABYTES, PLACES + 3),
    "kB": (UsageUnit.MEGABYTES, PLACES - 3),
}
"""What a unit is stored as, and the places that a quantity in it may have. GB and kB are thousands and thousandths of
a MB."""
LARGEST = 10**12
"""More thousandths, or ten-thousandths of a krona, than any record has: so that no sum outgrows 64 bits."""
REMEMBERED = 20_000
"""Different texts of a column whose meaning is remembered: most of a file's cells have been seen before."""

_MOMENT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]{1,6})?)?"
    r"(?: ?(Z|[+-][0-9]{2}(?::?[0-9]{2})?))?",
    re.IGNORECASE,
)
_MINUTE = re.compile(r":[0-5][0-9]:[0-5][0-9]")
_USUAL, _HOUR = len("2026-11-22 14:32:07"), len("2026-11-22 14")
_FIRST_DAY = "1900-01-01"
_NUMBER = re.compile(r"([-\N{MINUS SIGN}]?)([0-9]+)(?:[.,]([0-9]+))?")


Record = tuple[Any, ...]
"""A row as it is staged: texts and whole numbers that both databases take as they are."""
FIELDS = (
    "place",
    "subscription",
    "started_at",
    "digest",
    "month",
    "type",
    "counterpart",
    "destination",
    "quantity",
    "unit",
    "amount",
)
"""What stands in it: `place` is the file's own row number, `subscription` the one that the file names, `started_at` UTC
as SQLite keeps moments, `quantity` thousandths and `amount` ten-thousandths."""


def moment(cell: str) -> tuple[str, str]:
    """A point in time and the first day of its month in Sweden.

    Without a zone it is the time on clocks in Sweden. Of the hour that comes twice in autumn the first is meant (summer
    time); a time in the hour that is left out in spring is refused.
    """
    found = _MOMENT.fullmatch(cell)
    if found is None:
        raise CellError("moment", value=cell)
    day, zone = found.groups()
    if day < _FIRST_DAY:
        raise CellError("moment", value=cell)
    try:
        # Python 3.11 knows Z and any separator, but no blank before the zone.
        at = datetime.fromisoformat(cell.replace(" " + zone, zone).upper() if zone else cell)
        if zone:
            utc = at.astimezone(UTC)
            return _as_stored(utc.replace(tzinfo=None)), clock.month(utc).isoformat()
        offset = _offsets[day]
        return _as_stored(at - (_offset(at, cell) if offset is None else offset)), day[:8] + "01"
    except (ValueError, OverflowError):
        raise CellError("moment", value=cell) from None


def _as_stored(utc: datetime) -> str:
    return utc.isoformat(" ", "microseconds")


def _offset(at: datetime, cell: str) -> timedelta:
    """How far clocks in Sweden are ahead of UTC at that local time."""
    local = at.replace(tzinfo=clock.STOCKHOLM)
    if local.astimezone(UTC).astimezone(clock.STOCKHOLM).replace(tzinfo=None) != at:
        raise CellError("missing_hour", value=cell)
    offset = local.utcoffset()
    assert offset is not None
    return offset


def _offset_of_day(day: str) -> timedelta | None:
    """How far clocks in Sweden are ahead of UTC on a day; None when they are changed on it."""
    midnight = datetime.fromisoformat(day).replace(tzinfo=clock.STOCKHOLM)
    offset = midnight.utcoffset()
    return offset if offset == (midnight + timedelta(days=1)).utcoffset() else None


def unit(cell: str) -> tuple[str, int]:
    """The stored unit, and the places that a quantity in it may have."""
    found = _UNITS.get(cell.casefold())
    if found is None:
        raise CellError("choice", value=cell, allowed=", ".join(UNITS))
    return found[0].value, found[1]


_UNITS = {name.casefold(): found for name, found in UNITS.items()}


def quantity(cell: str) -> int:
    """Millionths of whatever unit the row says; from 0."""
    found = _NUMBER.fullmatch(cell)
    if found is None or found[1]:
        raise CellError("quantity", value=cell)
    return _scaled(found, FINEST)


def stored_quantity(millionths: int, places: int) -> int:
    """Thousandths of the stored unit, of a quantity in a unit that may have so many places."""
    step: int = 10 ** (FINEST - places)
    thousandths, rest = divmod(millionths, step)
    if rest:
        raise CellError("more_places" if places else "no_places", value=_shown(millionths), most=places)
    if thousandths >= LARGEST:
        raise CellError("too_much", value=_shown(millionths))
    return thousandths


def _shown(millionths: int) -> str:
    return format(Decimal(millionths).scaleb(-FINEST).normalize(), "f")


def amount(cell: str) -> int:
    """Ten-thousandths of a krona; negative for what was taken back."""
    found = _NUMBER.fullmatch(cell)
    if found is None:
        raise CellError("amount_fine", value=cell)
    scaled = _scaled(found, AMOUNT_PLACES)
    if scaled >= LARGEST:
        raise CellError("too_much", value=cell)
    return -scaled if found[1] else scaled


def _scaled(found: re.Match[str], places: int) -> int:
    fraction = (found[3] or "").rstrip("0")
    if len(fraction) > places:
        raise CellError("more_places", value=found[0], most=places)
    return int(found[2] + fraction.ljust(places, "0"))


class _Remembered(dict[str, T]):
    """What texts mean, worked out once; forgotten when they are many."""

    def __init__(self, meaning: Callable[[str], T]) -> None:
        super().__init__()
        self._meaning = meaning

    def __missing__(self, text: str) -> T:
        if len(self) >= REMEMBERED:
            self.clear()
        meaning = self[text] = self._meaning(text)
        return meaning


def _hour(cell: str) -> tuple[str, str]:
    """The stored form of a local hour such as 2026-11-22 14, and the first day of its month."""
    started_at, month = moment(f"{cell}:00:00")
    return started_at.removesuffix(":00:00.000000"), month


def _minute(cell: str) -> str:
    if not _MINUTE.fullmatch(cell):
        raise CellError("moment", value=cell)
    return cell + ".000000"


_offsets = _Remembered(_offset_of_day)
_hours, _minutes = _Remembered(_hour), _Remembered(_minute)


def _moment(text: str) -> tuple[str, str]:
    """As `moment`, without any reckoning for what nearly all cells of a file are: 2026-11-22 14:32:07, Swedish time,
    which is always whole hours from UTC."""
    if len(text) == _USUAL:
        try:
            hour, month = _hours[text[:_HOUR]]
            return hour + _minutes[text[_HOUR:]], month
        except CellError:
            pass
    return moment(text.strip())


_TYPE = cells.choice(USAGE_TYPES)

START, SUBSCRIPTION, TYPE, COUNTERPART, DESTINATION, QUANTITY, UNIT, AMOUNT = COLUMNS = (
    Column(heading="start time", field="started_at", parse=moment, also=("start",), required=True),
    Column(
        heading="subscription", field="subscription_id", parse=cells.number, also=("subscription id",), required=True
    ),
    Column(heading="type", field="type", parse=_TYPE, required=True),
    Column(heading="counterpart", field="counterpart", parse=cells.words, also=("counterpart masked",), empty=""),
    Column(heading="destination", field="destination", parse=cells.words, empty=""),
    Column(heading="quantity", field="quantity", parse=quantity, required=True),
    Column(heading="unit", field="unit", parse=unit, required=True),
    Column(
        heading="amount",
        field="amount",
        parse=amount,
        also=("amount excl. VAT", "amount (excl. VAT)", "belopp exkl. moms"),
        required=True,
    ),
)
ACCEPTED = {same_heading(heading): column.heading for column in COLUMNS for heading in column.headings}
"""The heading meant by each that may stand in a file."""
REQUIRED = tuple(column.heading for column in COLUMNS if column.required)


def _meaning(column: Column) -> Callable[[str], Any]:
    def meaning(text: str) -> Any:
        cell = clean(text)
        if not cell and column.required:
            raise CellError("required")
        return column.parse(cell) if cell else column.empty

    return meaning


def records(rows: Iterable[tuple[int, list[str]]], columns: tuple[str, ...], refusals: Refusals) -> Iterator[Record]:
    """What each row says, `columns` being the headings of its cells.

    A row that can't be taken goes to `refusals`, cell by cell; of it only the subscription is given, which may be
    unknown besides.
    """
    # A column that the file doesn't have is an empty cell after the others.
    places_of = [columns.index(each.heading) if each.heading in columns else len(columns) for each in COLUMNS]
    start, *others = places_of
    subscription, kind, counterpart, destination, number, counted_in, price = others
    subscriptions, types, counterparts, destinations, units = (
        _Remembered(_meaning(column)) for column in (SUBSCRIPTION, TYPE, COUNTERPART, DESTINATION, UNIT)
    )
    # A text that is a number has nothing in it that need be cleaned away.
    quantities = _Remembered(lambda text: quantity(text.strip()))
    amounts = _Remembered(lambda text: amount(text.strip()))
    for row, found in rows:
        found.append("")
        try:
            started_at, month = _moment(found[start])
            stored_unit, places = units[found[counted_in]]
            says = (
                types[found[kind]],
                counterparts[found[counterpart]],
                destinations[found[destination]],
                stored_quantity(quantities[found[number]], places),
                stored_unit,
                amounts[found[price]],
            )
            yield row, subscriptions[found[subscription]], started_at, _digest(says), month, *says
        except CellError:
            yield from _refuse(row, [found[at] for at in places_of], refusals)


def _refuse(row: int, found: list[str], refusals: Refusals) -> Iterator[Record]:
    """Say why each cell that doesn't fit doesn't; gives the subscription when it isn't one of them."""
    values: dict[str, Any] = {}

    def refuse(column: Column, unfit: CellError) -> None:
        refusals.add(Refusal(row, column.heading, unfit.key, unfit.values))

    for column, text in zip(COLUMNS, found, strict=True):
        try:
            values[column.field] = _meaning(column)(text)
        except CellError as unfit:
            refuse(column, unfit)
    if QUANTITY.field in values and UNIT.field in values:
        try:
            stored_quantity(values[QUANTITY.field], values[UNIT.field][1])
        except CellError as unfit:
            refuse(QUANTITY, unfit)
    if SUBSCRIPTION.field in values:
        yield row, values[SUBSCRIPTION.field], *[None] * (len(FIELDS) - 2)


def _digest(says: tuple[object, ...]) -> int:
    """The same for the same values, whatever process reads them; nothing else has it but by a chance of 1 in 2**64."""
    # No cell holds a line break.
    text = "{}\n{}\n{}\n{}\n{}\n{}".format(*says)
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big", signed=True)
