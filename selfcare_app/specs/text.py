"""How texts are compared: Swedish sorting, forgiving search, e-mail addresses; pure, the same for both databases."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import date

from selfcare_app.specs.phones import HOME, MOST_DIGITS, bare, national

_LETTERS = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i", "ð": "d", "þ": "th"})
# "{", "|" and "}" come right after "z" in ASCII.
_KEEP = str.maketrans({"å": "{", "ä": "|", "ö": "}", "æ": "|", "ø": "}", "ü": "y"})
_DIGITS = re.compile(r"[0-9]+")
_PUNCTUATION = re.compile(r"[\s-]+")
_NUMBER_WIDTH = 20
_REMEMBERED = 0x2000
"""Characters before this, all letters of Europe among them, are looked up once."""


def _bare(character: str) -> str:
    """Without marks, and letters that are none of their own as those they are taken for."""
    decomposed = unicodedata.normalize("NFKD", character)
    return "".join(c for c in decomposed if not unicodedata.combining(c)).translate(_LETTERS)


class _Bare(dict[int, str]):
    """What `str.translate` puts in place of each character: `keep`'s letters as they are there, others bare."""

    def __init__(self, keep: dict[int, str]) -> None:
        super().__init__(keep)

    def __missing__(self, code: int) -> str:
        found = _bare(chr(code))
        if code < _REMEMBERED:
            self[code] = found
        return found


_SEARCHED = _Bare({})
_SORTED = _Bare(_KEEP)


def _plain(text: str) -> str:
    """Casefolded, without marks: Åsa -> asa, Café -> cafe."""
    folded = text.casefold()
    return " ".join((folded if folded.isascii() else folded.translate(_SEARCHED)).split())


def search_key(*texts: str) -> str:
    """What is searched in: the texts normalised and joined. Values in it are kept apart, so no hit spans two."""
    return "\n".join(filter(None, map(_plain, texts)))


MAX_TERMS = 100
"""More different words than any text that is searched holds."""


def search_terms(query: str) -> list[str]:
    """The words of a search, normalised as `search_key` does; a row is found when it contains all of them.

    A word that is part of another asks for nothing more and is left out. A phone number, or its beginning, is one word
    however it is written: its groups of two digits would be found in too many others.
    """
    if number := _phone_digits(query.strip()):
        return [number]
    words = sorted(set(_plain(query).split()), key=lambda word: (-len(word), word))
    terms: list[str] = []
    for word in words:
        if len(terms) > MAX_TERMS:
            break
        if not any(word in longer for longer in terms):
            terms.append(word)
    return terms


def sort_key(text: str) -> str:
    """A key whose byte order is the Swedish order (L1): case ignored, å ä ö after z, numbers by their value."""
    folded = text.casefold() if text.isascii() else unicodedata.normalize("NFKC", text).casefold().translate(_SORTED)
    return " ".join(_DIGITS.sub(_by_value, folded).split())


def _by_value(found: re.Match[str]) -> str:
    """Longer numbers sort after shorter: padded, and past the padding by their length first."""
    significant = found.group().lstrip("0") or "0"
    if len(significant) <= _NUMBER_WIDTH:
        return significant.rjust(_NUMBER_WIDTH, "0")
    return f"9{len(significant):019d}{significant}"


def subscription_label(number: str, phone: str) -> str:
    """What people call a subscription (O4): its phone number, else its id."""
    return national(phone) or number


def label_sort(label: str) -> str:
    """Phone numbers sort by their digits, wherever the blanks stand in them."""
    return sort_key(_PUNCTUATION.sub("", label))


_FEWEST_DIGITS = 5
"""Of what is taken for a phone number when it is searched for."""


def _phone_digits(query: str) -> str:
    """0701740605 or +4722123456 for a phone number however it is written; empty for anything else."""
    if query[:1] not in ("0", "+", "(") or not _PHONE.fullmatch(query):
        return ""
    number = bare(query)
    digits = number.removeprefix("+")
    return number if digits.isdigit() and _FEWEST_DIGITS <= len(digits) <= MOST_DIGITS else ""


def phone_lookup(written: str) -> tuple[str, ...]:
    """The `label_sort` that a phone number may have, however it is written (L8): +46 (0)70-174 06 05, 0046701740605,
    46701740605, and 701740605, as a spreadsheet leaves it. Empty for what is no phone number."""
    number = bare(written)
    if not re.fullmatch(r"\+?[0-9]{5,15}", number):
        return ()
    home = HOME.removeprefix("+")
    with_country = (label_sort("0" + number.removeprefix(home)),) if number.startswith(home) else ()
    return (label_sort(number), *with_country)


def phone_search(phone: str) -> tuple[str, ...]:
    """What a phone number (E.164) is found by: as it is shown, and its digits in national and international form."""
    if not phone:
        return ()
    shown = national(phone)
    return (shown, _PUNCTUATION.sub("", shown), phone)


def subscription_search(number: str, phone: str, person: str, company_name: str) -> str:
    """What a subscription is found by (L8): id, person, phone number, company."""
    return search_key(number, person, *phone_search(phone), company_name)


def connection_search(number: str, address: str, city: str, company_name: str) -> str:
    """What a connection is found by (L8): id, address, city, company."""
    return search_key(number, address, city, company_name)


def add_on_search(name: str, code: str, owner_number: str) -> str:
    """What an add-on is found by: name, code, id of the subscription or connection."""
    return search_key(name, code, owner_number)


def invoice_search(number: str, buyer_name: str, company_name: str) -> str:
    """What an invoice is found by (L8): number, buyer, company."""
    return search_key(number, buyer_name, company_name)


def customer_number_search(number: str, name: str, company_name: str) -> str:
    """What a customer number is found by (L8): number, name, company."""
    return search_key(number, name, company_name)


def user_search(name: str, email: str, phone: str) -> str:
    """What a user is found by (L8): name, e-mail address, phone number."""
    return search_key(name, email, *phone_search(phone))


def period(first: date | None, last: date | None) -> str:
    """A period by its months: 2026-10, or 2026-10 – 2026-12 when it is longer than one."""
    if first is None:
        return ""
    if last is None or (last.year, last.month) == (first.year, first.month):
        return f"{first:%Y-%m}"
    return f"{first:%Y-%m} – {last:%Y-%m}"


def email_key(address: str) -> str:
    """Two addresses with the same key are one sign-in (S5)."""
    return unicodedata.normalize("NFKC", address).strip().casefold()


_BETWEEN_LINES = re.compile(r"[\n\r]+|;\s+")
_BETWEEN_CELLS = re.compile(r"[\t,;]+")
_NUMBER = re.compile(r"(?=[^0-9]*[0-9])[A-Za-z0-9.:_+-]{1,50}")
"""What a feed takes for a number, with a digit in it: words are searched for as words."""
_PHONE = re.compile(r"[+(]{0,2}[0-9][0-9\s().\u2010-\u2015\u2212/-]{3,30}")
MAX_PASTED = 5000


def as_column(numbers: Iterable[str]) -> str:
    """Numbers as the search holds a column of them, on one line; the paste of a column is made the same
    (assets/selfcare.js)."""
    return "; ".join(numbers)


def pasted_numbers(query: str) -> list[str]:
    """The numbers of a column pasted into the search (L8), in order and each once; empty when it is not one.

    Of several lines each is a number, whatever is written there. One line is a list when all on it look like numbers:
    parted by commas, semicolons, tabs, or by blanks when each has three characters or more, since "10 20" may be words
    of a name. "070 1740605" is one number, which is searched for as words are.
    """
    lines = [line for each in _BETWEEN_LINES.split(query) if (line := _trimmed(each))]
    if len(lines) > 1:
        numbers = [cell for line in lines for each in line.split("\t") if (cell := _trimmed(each))]
    else:
        numbers = _listed(lines[0]) if lines else []
    return list(dict.fromkeys(unicodedata.normalize("NFC", " ".join(number.split())) for number in numbers))[
        :MAX_PASTED
    ]


def _trimmed(cell: str) -> str:
    """Without what parts it from the next."""
    return cell.strip().rstrip(",;").rstrip()


def _listed(line: str) -> list[str]:
    """The numbers on one line; empty when they are words, or a single number."""
    cells = [cell for part in _BETWEEN_CELLS.split(line) if (cell := part.strip())]
    if len(cells) == 1 and min(map(len, cells[0].split())) < _LEAST:
        return []
    numbers = [number for cell in cells for number in ([cell] if _one_phone(cell) else cell.split())]
    alike = all(_NUMBER.fullmatch(number) or _PHONE.fullmatch(number) for number in numbers)
    return numbers if alike and len(numbers) > 1 else []


_LEAST = 3


def _one_phone(cell: str) -> bool:
    """Whether the blanks in a cell are within a phone number, and not between numbers."""
    if not _PHONE.fullmatch(cell) or sum(map(str.isdigit, cell)) > MOST_DIGITS:
        return False
    return cell[0] in "0+(" or min(map(len, cell.split())) < _LEAST


def like_pattern(term: str) -> str:
    r"""A LIKE pattern for "contains", with % _ and \ meant literally; use with escape='\\'."""
    return "%" + term.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_") + "%"


def same_but_for_case(text: str) -> tuple[str, ...]:
    """What the text is under either database's lower(): that of SQLite, and of PostgreSQL with some collations, knows
    the letters a-z only. Texts with both å and Å in them aside, of which one is then missed."""
    return tuple(dict.fromkeys((text.lower(), _CAPITALS.sub(lambda found: found[0].lower(), text.upper()))))


_CAPITALS = re.compile("[A-Z]+")
