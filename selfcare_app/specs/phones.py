"""Phone numbers: what people write as E.164, and E.164 as people write it. The library's data decide, always.

The library takes a tenth of a millisecond for each number, and files hold a hundred thousand: what is plainly Swedish
is asked of its patterns alone. Everything else goes the long way.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import phonenumbers

COUNTRY = "SE"
"""Phone numbers without a country code are Swedish."""
HOME = f"+{phonenumbers.country_code_for_region(COUNTRY)}"
"""What their E.164 begins with."""
_DATA: Any = phonenumbers.PhoneMetadata.metadata_for_region(COUNTRY)
# Mobile numbers first: they are the most.
_KINDS = tuple(
    (re.compile(kind.national_number_pattern), frozenset(kind.possible_length))
    for kind in (
        _DATA.mobile,
        _DATA.fixed_line,
        _DATA.toll_free,
        _DATA.premium_rate,
        _DATA.shared_cost,
        _DATA.voip,
        _DATA.personal_number,
        _DATA.pager,
        _DATA.uan,
        _DATA.voicemail,
    )
    if kind is not None and kind.national_number_pattern
)
_GENERAL = re.compile(_DATA.general_desc.national_number_pattern)
_GROUP = re.compile(r"\\([0-9])")
_FORMS: tuple[tuple[re.Pattern[str], re.Pattern[str], str], ...] = tuple(
    (
        re.compile(form.leading_digits_pattern[-1]),
        re.compile(form.pattern),
        # The prefix of calls within the country stands before the first group.
        _GROUP.sub(r"{\1}", form.format.replace(r"\1", form.national_prefix_formatting_rule, 1)),
    )
    for form in _DATA.number_format
)
_PLAIN = re.compile(rf"(?:{re.escape(HOME)}|00{HOME[1:]}|0)([1-9][0-9]{{5,11}})")
_BLANKS = str.maketrans("", "", " -")


def e164(written: str) -> str | None:
    """A valid phone number as E.164; None for what is none, and for one with an extension, which E.164 has no place
    for."""
    plain = _PLAIN.fullmatch(written.translate(_BLANKS))
    if plain and _is_swedish(plain.group(1)):
        return HOME + plain.group(1)
    try:
        found = phonenumbers.parse(written, COUNTRY)
    except phonenumbers.NumberParseException:
        return None
    if found.extension or not phonenumbers.is_valid_number(found):
        return None
    return str(phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164))


@lru_cache(maxsize=1_024)
def national(phone: str) -> str:
    """A phone number as people write it: +46701740605 -> 070-174 06 05, foreign ones with their country's code."""
    if not phone:
        return ""
    plain = _PLAIN.fullmatch(phone) if phone.startswith(HOME) else None
    if plain and _is_swedish(plain.group(1)):
        for leading, pattern, form in _FORMS:
            whole = pattern.fullmatch(plain.group(1))
            if whole and leading.match(plain.group(1)):
                return form.format(phone, *whole.groups())
    try:
        found = phonenumbers.parse(phone, COUNTRY)
    except phonenumbers.NumberParseException:
        return phone
    home = found.country_code == phonenumbers.country_code_for_region(COUNTRY)
    manner = phonenumbers.PhoneNumberFormat.NATIONAL if home else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return str(phonenumbers.format_number(found, manner))


MOST_DIGITS = 15
"""In a phone number (E.164)."""
_BETWEEN_DIGITS = re.compile(r"[\s().\u2010-\u2015\u2212/-]+")
_TRUNK_ZERO = re.compile(r"(\+\d{1,3})\(0\)")


def bare(written: str) -> str:
    """What was written without all that stands between digits, for comparing and not for calling: 0046 counts as +46,
    and Swedish numbers stand in national form. A part of a number is as welcome as a whole one."""
    number = _BETWEEN_DIGITS.sub("", _TRUNK_ZERO.sub(r"\1", "".join(written.split())))
    number = "+" + number[2:] if number.startswith("00") else number
    return "0" + number.removeprefix(HOME) if number.startswith(HOME) else number


def _is_swedish(digits: str) -> bool:
    """Whether the digits after 0 or +46 are a valid number."""
    return bool(_GENERAL.fullmatch(digits)) and any(
        len(digits) in lengths and kind.fullmatch(digits) for kind, lengths in _KINDS
    )
