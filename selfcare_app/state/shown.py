"""How values look on screen: Swedish formats, page links. Pure functions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from babel.numbers import format_decimal

NO_BREAK_SPACE = "\u00a0"
MINUS = "\u2212"


def grouped(number: int) -> str:
    """1 234 567, with no-break spaces."""
    return f"{number:,}".replace(",", NO_BREAK_SPACE)


def page_links(current: int, last: int, neighbours: int, address: Callable[[int], str]) -> list[dict[str, str]]:
    """1 … 4 5 6 … 20: the first, the last, the current and its neighbours; a gap of one page is that page."""
    wanted = {1, last, *range(max(1, current - neighbours), min(last, current + neighbours) + 1)}
    wanted |= {page + 1 for page in wanted if page + 2 in wanted}
    links: list[dict[str, str]] = []
    before = 0
    for page in sorted(wanted):
        if page - before > 1:
            links.append({"label": "…", "href": "", "kind": "gap"})
        links.append({"label": grouped(page), "href": address(page), "kind": "current" if page == current else "page"})
        before = page
    return links


# --- Money and quantities (I6). The screen writes numbers the Swedish way in both languages; files carry real numbers.

_LOCALE = "sv_SE"
_UNITS = {"SEK": "kr"}
"""What stands after an amount; other currencies by their code."""


def amount(value: Decimal) -> str:
    """1 234,50: two places, no-break spaces, a true minus sign; for where the currency is said in words beside it."""
    return _number(value, "#,##0.00")


def money(value: Decimal, currency: str = "SEK") -> str:
    """1 234,50 kr; other currencies by their code: 1 234,50 EUR."""
    return f"{amount(value)}{NO_BREAK_SPACE}{_UNITS.get(currency, currency)}"


def price(value: Decimal) -> str:
    """A price of one unit: at least two places, and as many more as it has, up to six."""
    return _number(value, "#,##0.00####")


def quantity(value: Decimal) -> str:
    """1 234,5: as many places as there are, up to six."""
    return _number(value, "#,##0.######")


def signed(value: Decimal) -> str:
    """+12,0 or −2,5: as many places as it is given with; 0 without a sign."""
    places = "0" * max(0, -int(value.as_tuple().exponent))
    shown = _number(value, "#,##0." + places if places else "#,##0")
    return f"+{shown}" if value > 0 else shown


def percent(value: Decimal) -> str:
    """25 %, with the no-break space that Swedish has there."""
    return f"{quantity(value)}{NO_BREAK_SPACE}%"


TENTH, HUNDREDTH = Decimal("0.1"), Decimal("0.01")
_SECONDS_IN_MINUTE = 60


def sum_of_parts(value: Decimal) -> str:
    """An amount that is a sum of ones priced finer than whole öre: rounded once, here, half up."""
    return amount(value.quantize(HUNDREDTH, ROUND_HALF_UP))


def used(value: Decimal, unit: str) -> str:
    """What was used, with at most one place: seconds as minutes, others as they are; empty for nothing, and never 0
    for something."""
    if not value:
        return ""
    whole = (value / _SECONDS_IN_MINUTE if unit == "s" else value).quantize(TENTH, ROUND_HALF_UP)
    return quantity(whole) if whole else f"<{NO_BREAK_SPACE}{quantity(TENTH)}"


def bar_rows(
    months: Sequence[tuple[date, Decimal]], now: date | None, said: Callable[[Decimal], str]
) -> list[dict[str, str]]:
    """Months as bars: each with its share of the largest in percent, and its amount as `said`; `now` stands out."""
    largest = max((value for _, value in months), default=Decimal(0))
    return [
        {
            "month": str(month.month),
            "year": str(month.year),
            "amount": said(value),
            "share": str((100 * max(value, Decimal(0)) / largest).quantize(TENTH)) if largest > 0 else "0",
            "now": "1" if month == now else "",
        }
        for month, value in months
    ]


def _number(value: Decimal, pattern: str) -> str:
    shown = format_decimal(value, pattern, locale=_LOCALE)
    # What a no-break space and a minus are has changed between editions of the locale data.
    return shown.replace("\u202f", NO_BREAK_SPACE).replace("-", MINUS)


_BROWSERS = (("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def device_name(said: str) -> str:
    """What a browser says it is, in the words people know it by: Firefox, Windows. Empty when it says nothing."""
    known = [next((name for mark, name in marks if mark in said), "") for marks in (_BROWSERS, _SYSTEMS)]
    return ", ".join(filter(None, known)) or said[:40]
