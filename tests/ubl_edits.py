"""Small changes to the files that tests/ubl.py makes, to break one thing at a time.

Each function gives a change: from the file's bytes to other bytes. A change that finds nothing to change fails.
"""

from __future__ import annotations

import re
from collections.abc import Callable

Edit = Callable[[bytes], bytes]


def _at(found: list[re.Match[str]], last: bool, name: str) -> re.Match[str]:
    assert found, f"no {name} in the file"
    return found[-1 if last else 0]


def edited(old: str, new: str, count: int = 1) -> Edit:
    """The first `count` times that the text stands there, the other stands instead."""

    def edit(xml: bytes) -> bytes:
        text = xml.decode()
        assert old in text, f"{old} not in the file"
        return text.replace(old, new, count).encode()

    return edit


def element(xml: bytes, name: str, last: bool = False) -> str:
    """The first (or last) element of the name, with all in it."""
    return _at(list(re.finditer(rf"<(c[ab]c:{name})\b[^>]*>.*?</\1>", xml.decode(), re.DOTALL)), last, name)[0]


def without(*names: str, last: bool = False) -> Edit:
    """The first (or last) element of each name is left out, with all in it; a name may stand there twice."""

    def edit(xml: bytes) -> bytes:
        for name in names:
            gone = element(xml, name, last)
            text = xml.decode()
            at = text.rindex(gone) if last else text.index(gone)
            xml = (text[:at] + text[at + len(gone) :]).encode()
        return xml

    return edit


def twice(name: str) -> Edit:
    """The first element of the name stands there again."""
    return lambda xml: edited(element(xml, name), element(xml, name) * 2)(xml)


def amount(name: str, value: str, last: bool = False) -> Edit:
    """The first (or last) element of the name has another value."""

    def edit(xml: bytes) -> bytes:
        text = xml.decode()
        chosen = _at(list(re.finditer(rf"<cbc:{name}\b[^>]*>([^<]*)</cbc:{name}>", text)), last, name)
        return (text[: chosen.start(1)] + value + text[chosen.end(1) :]).encode()

    return edit


def everywhere(old: str, new: str) -> Edit:
    """Every value that is the one becomes the other."""
    return edited(f">{old}<", f">{new}<", count=-1)


def inserted(before: str, new: str) -> Edit:
    """Something stands before the first place where the text does."""
    return edited(before, new + before)


def both(*edits: Edit) -> Edit:
    """One change after the other."""

    def edit(xml: bytes) -> bytes:
        for change in edits:
            xml = change(xml)
        return xml

    return edit


def money(name: str, value: str) -> str:
    return f'<cbc:{name} currencyID="SEK">{value}</cbc:{name}>'


def price_reduced(less: str, before: str, charge: str = "false") -> Edit:
    """The first price says what it was before a reduction."""
    reduction = f"<cbc:ChargeIndicator>{charge}</cbc:ChargeIndicator>{money('Amount', less)}"
    base = money("BaseAmount", before) if before else ""
    return inserted("</cac:Price>", f"<cac:AllowanceCharge>{reduction}{base}</cac:AllowanceCharge>")


def percentage(percent: str, base: str) -> Edit:
    """The first allowance or charge says of what it is how many percent."""
    factor = f"<cbc:MultiplierFactorNumeric>{percent}</cbc:MultiplierFactorNumeric>" if percent else ""
    return both(
        inserted("<cbc:Amount ", factor),
        edited("</cbc:Amount>", "</cbc:Amount>" + (money("BaseAmount", base) if base else "")),
    )


def line_category(code: str) -> Edit:
    """The first line has another VAT category."""
    return edited("<cac:ClassifiedTaxCategory>\n<cbc:ID>S<", f"<cac:ClassifiedTaxCategory>\n<cbc:ID>{code}<")


def sum_category(code: str) -> Edit:
    """The first sum of VAT has another category."""
    return edited("<cac:TaxCategory>\n<cbc:ID>S<", f"<cac:TaxCategory>\n<cbc:ID>{code}<")
