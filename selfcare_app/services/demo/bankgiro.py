"""Payment references: a number that tells the bank's machine by itself that it was typed right (OCR)."""

from __future__ import annotations

from stdnum import luhn

LONGEST = 25


def payment_reference(base: str) -> str:
    """The digits with their total length, modulo ten, and a mod-10 check digit after them: 123 becomes 12351.

    Raises ValueError for what isn't 1 to 23 ASCII digits: a reference has at most 25.
    """
    length = len(base) + 2
    if not (base.isascii() and base.isdigit()) or length > LONGEST:
        raise ValueError(f"no base of a payment reference: {base!r}")
    with_length = f"{base}{length % 10}"
    return with_length + str(luhn.calc_check_digit(with_length))


def shown(number: str) -> str:
    """A Bankgiro number as it is printed: 991-2346 or 5050-1055."""
    return f"{number[:-4]}-{number[-4:]}"
