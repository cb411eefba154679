"""Single cells of a fed file: each parser takes a trimmed, not empty text and gives the value to store."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum

from email_validator import EmailNotValidError, validate_email
from stdnum.exceptions import ValidationError
from stdnum.se import orgnr, personnummer

from selfcare_app.specs.phones import e164
from selfcare_app.specs.products import CustomerNumberType, Product, ServiceType, SlaLevel, SubscriptionType

TEXT_LIMIT = 200
NUMBER_LIMIT = 50
CELL_LIMIT = 10 * TEXT_LIMIT
"""Longer than any cell can be, however its letters are composed: a refusal need not repeat it all."""
NOTHING = Decimal("0.00")

Parse = Callable[[str], object]

_NUMBER = re.compile(r"[0-9A-Za-z][0-9A-Za-z.:_-]*")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_FIRST_DATE = date(1900, 1, 1)
_SEVERAL = re.compile(r"[,|]")
_AMOUNT = re.compile(
    r"([-\N{MINUS SIGN}]?)"
    r"([0-9]{1,3}(?:[ \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}][0-9]{3})+|[0-9]+)"
    r"(?:[.,]([0-9]+))?"
)
_PLACES = 2
_LARGEST = 1_000_000_000
_MONTHS = re.compile(r"[0-9]{1,3}")
_BETWEEN_DIGITS = re.compile(r"[ -]+")
_SIM = re.compile(r"89[0-9]{16,20}")
_PUK = re.compile(r"[0-9]{8}")
_SPREADSHEET_ERROR = re.compile(r"#(?:N/A|DIV/0!|REF!|NAME\?|VALUE!|NUM!|NULL!|SPILL!|CALC!|GETTING_DATA)")
# Control characters, line and paragraph separators, and what turns the reading direction around.
_CONTROL_CATEGORIES = frozenset({"Cc", "Zl", "Zp"})
_CONTROL_BIDIRECTIONAL = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})

CUSTOMER_NUMBER_TYPES: Mapping[str, CustomerNumberType] = {
    "Mobiltelefoni": CustomerNumberType.MOBILE,
    "Fast telefoni": CustomerNumberType.FIXED,
    "Datanät": CustomerNumberType.DATA,
    "Blandat": CustomerNumberType.MIXED,
}
SUBSCRIPTION_TYPES: Mapping[str, SubscriptionType] = {
    "Mobil": SubscriptionType.MOBILE,
    "Mobilt bredband": SubscriptionType.BROADBAND,
    "M2M": SubscriptionType.M2M,
    "M2M (telematik)": SubscriptionType.M2M,
    "Fast": SubscriptionType.FIXED,
    "Växelanknytning": SubscriptionType.EXTENSION,
}
PRODUCTS: Mapping[str, Product] = {
    "Mobiltelefoni": Product.MOBILE,
    "Fast telefoni": Product.FIXED,
    "Datanät": Product.DATA,
}
CONNECTION_PRODUCTS: Mapping[str, Product] = {
    "Fast telefoni": Product.FIXED,
    "Datanät": Product.DATA,
}
SERVICE_TYPES: Mapping[str, ServiceType] = {
    "Internet": ServiceType.INTERNET,
    "IP-VPN": ServiceType.IP_VPN,
    "SIP": ServiceType.SIP,
    "WiFi": ServiceType.WIFI,
}
SLA_LEVELS: Mapping[str, SlaLevel] = {
    "Bas": SlaLevel.BASIC,
    "Plus": SlaLevel.PLUS,
    "Premium": SlaLevel.PREMIUM,
}
"""The Swedish words a file may hold instead of the stored values (data.md). They are the files' language, not the
screen's: a label that is reworded on screen must not break a feed."""
ENGLISH: Mapping[str, str] = {
    "fixed line": "fixed",
    "data network": "data",
    "mobile broadband": "broadband",
    "telematics": "m2m",
    "switchboard extension": "extension",
    "ip-vpn": "ip_vpn",
}
"""The English words that differ from the stored values, for those who write their files in English."""


class CellError(Exception):
    """The cell can't be taken; `key` names the reason in locales."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key)
        self.key = f"feeds.cell.{key}"
        self.values = values


def clean(cell: str) -> str:
    """The cell as people mean it: trimmed, letters composed (å is one character). Refuses control characters, and
    what is too long for any column."""
    trimmed = cell.strip()
    if len(trimmed) > CELL_LIMIT:
        raise CellError("too_long", most=TEXT_LIMIT)
    if _SPREADSHEET_ERROR.fullmatch(trimmed):
        raise CellError("spreadsheet_error", value=trimmed)
    if trimmed.isascii() and trimmed.isprintable():
        return trimmed
    for character in trimmed:
        if (
            unicodedata.category(character) in _CONTROL_CATEGORIES
            or unicodedata.bidirectional(character) in _CONTROL_BIDIRECTIONAL
        ):
            raise CellError("control")
    return unicodedata.normalize("NFC", trimmed)


def words(cell: str) -> str:
    """Free text of at most 200 characters."""
    if len(cell) > TEXT_LIMIT:
        raise CellError("too_long", most=TEXT_LIMIT)
    return cell


def number(cell: str) -> str:
    """A key that stands in addresses: letters a-z, digits and . : - _, at most 50."""
    if len(cell) > NUMBER_LIMIT:
        raise CellError("too_long", most=NUMBER_LIMIT)
    if not _NUMBER.fullmatch(cell):
        raise CellError("number", value=cell)
    return cell


def code(cell: str) -> str:
    """A key that never stands in an address, such as a price plan's code: any text of at most 50 characters."""
    if len(cell) > NUMBER_LIMIT:
        raise CellError("too_long", most=NUMBER_LIMIT)
    return cell


def organisation_number(cell: str) -> str:
    """Ten digits: a legal person's, or a sole trader's personal number, which may have its century (data.md)."""
    try:
        digits = str(orgnr.validate(cell))
        if digits[2] >= "2":
            return digits
    except ValidationError:
        pass
    try:
        personal = str(personnummer.validate(cell))
    except ValidationError:
        raise CellError("organisation_number", value=cell) from None
    return personal[-11:-5] + personal[-4:]


def day(cell: str) -> date:
    """An ISO date from 1900 on."""
    try:
        if not _DATE.fullmatch(cell) or (found := date.fromisoformat(cell)) < _FIRST_DATE:
            raise CellError("date", value=cell)
    except ValueError:
        raise CellError("date", value=cell) from None
    return found


def email(cell: str) -> str:
    """An e-mail address that may exist; nobody is asked whether it does."""
    try:
        return validate_email(words(cell), check_deliverability=False).normalized
    except EmailNotValidError:
        raise CellError("email", value=cell) from None


def phone(cell: str) -> str:
    """A valid phone number as E.164; national numbers are Swedish."""
    found = e164(words(cell))
    if found is None:
        raise CellError("phone", value=cell)
    return found


def amount(cell: str) -> Decimal:
    """An amount with decimal comma or point, at most two places, blanks between thousands; it may be negative."""
    found = _AMOUNT.fullmatch(cell)
    if found is None:
        raise CellError("amount", value=cell)
    sign, whole, places = found.groups(default="")
    if len(places) > _PLACES:
        raise CellError("places", value=cell)
    digits = "".join(character for character in whole if character.isdigit())
    if len(digits.lstrip("0")) >= len(str(_LARGEST)):
        raise CellError("amount", value=cell)
    made = Decimal(f"{'-' if sign else ''}{digits}.{places or 0}").quantize(Decimal("0.01"))
    return made or NOTHING


def paid(cell: str) -> Decimal:
    """An amount that was paid, or taken back when it is negative; never nothing."""
    found = amount(cell)
    if not found:
        raise CellError("zero", value=cell)
    return found


def fee(cell: str) -> Decimal:
    """An amount that is charged: not negative."""
    found = amount(cell)
    if found < 0:
        raise CellError("negative", value=cell)
    return found


def months(cell: str) -> int:
    """A number of months, 0 to 999."""
    if not _MONTHS.fullmatch(cell):
        raise CellError("months", value=cell)
    return int(cell)


def sim(cell: str) -> str:
    """The number of a SIM card (ICCID, ITU-T E.118): 19 digits that begin with 89; older cards have one less, some
    operators print more. The check digit is not asked for: inventories hold cards without a right one, and the number
    is shown, never computed with. A refusal doesn't repeat it."""
    digits = _BETWEEN_DIGITS.sub("", cell)
    if not _SIM.fullmatch(digits):
        raise CellError("sim")
    return digits


def puk(cell: str) -> str:
    """A PUK code: eight digits (3GPP TS 31.101). A refusal doesn't repeat it."""
    digits = _BETWEEN_DIGITS.sub("", cell)
    if not _PUK.fullmatch(digits):
        raise CellError("puk")
    return digits


def choice(labels: Mapping[str, StrEnum]) -> Parse:
    """A parser of one stored value, written as such or as its Swedish or English word, case ignored."""
    members = list(dict.fromkeys(labels.values()))
    values = {member.value: member for member in members}
    english = {word: values[value] for word, value in ENGLISH.items() if value in values}
    known = english | {label.casefold(): member for label, member in labels.items()} | values
    allowed = ", ".join(dict.fromkeys([*labels, *(member.value for member in members)]))

    def parse(cell: str) -> str:
        found = known.get(cell.casefold())
        if found is None:
            raise CellError("choice", value=cell, allowed=allowed)
        return found.value

    return parse


def choices(labels: Mapping[str, StrEnum]) -> Parse:
    """A parser of several stored values with comma or | between them; the result is in the order of declaration."""
    one = choice(labels)

    def parse(cell: str) -> list[str]:
        found = {one(part.strip()) for part in _SEVERAL.split(cell) if part.strip()}
        if not found:
            raise CellError("required")
        return [member.value for member in dict.fromkeys(labels.values()) if member.value in found]

    return parse
