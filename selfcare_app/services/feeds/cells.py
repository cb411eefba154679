"""Single cells of a fed file: each parser takes a trimmed, not empty text and gives the value to store."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from enum import StrEnum

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from stdnum.exceptions import ValidationError
from stdnum.se import orgnr, personnummer

from selfcare_app.specs.products import CustomerNumberType, Product, SubscriptionType

TEXT_LIMIT = 200
NUMBER_LIMIT = 50
CELL_LIMIT = 10 * TEXT_LIMIT
"""Longer than any cell can be, however its letters are composed: a refusal need not repeat it all."""
COUNTRY = "SE"

Parse = Callable[[str], object]

_NUMBER = re.compile(r"[0-9A-Za-z][0-9A-Za-z.:_-]*")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_FIRST_DATE = date(1900, 1, 1)
_SEVERAL = re.compile(r"[,|]")
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
"""The Swedish words a file may hold instead of the stored values (data.md). They are the files' language, not the
screen's: a label that is reworded on screen must not break a feed."""


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


def agreement_number(cell: str) -> str:
    """A framework agreement's number: any text of at most 50 characters, for it is never part of an address."""
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
    try:
        found = phonenumbers.parse(words(cell), COUNTRY)
    except phonenumbers.NumberParseException:
        raise CellError("phone", value=cell) from None
    # E.164 has no place for an extension: it would be lost without a word.
    if found.extension or not phonenumbers.is_valid_number(found):
        raise CellError("phone", value=cell)
    return str(phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164))


def choice(kind: type[StrEnum], labels: Mapping[str, StrEnum]) -> Parse:
    """A parser of one stored value, written as such or as its Swedish word, case ignored."""
    known = {label.casefold(): member for label, member in labels.items()} | {member.value: member for member in kind}
    allowed = ", ".join([*labels, *(member.value for member in kind)])

    def parse(cell: str) -> str:
        found = known.get(cell.casefold())
        if found is None:
            raise CellError("choice", value=cell, allowed=allowed)
        return found.value

    return parse


def choices(kind: type[StrEnum], labels: Mapping[str, StrEnum]) -> Parse:
    """A parser of several stored values with comma or | between them; the result is in the order of declaration."""
    one = choice(kind, labels)

    def parse(cell: str) -> list[str]:
        found = {one(part.strip()) for part in _SEVERAL.split(cell) if part.strip()}
        if not found:
            raise CellError("required")
        return [member.value for member in kind if member.value in found]

    return parse
