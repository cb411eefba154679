"""How texts are compared: Swedish sorting, forgiving search, e-mail addresses; pure, the same for both databases."""

from __future__ import annotations

import re
import unicodedata

import phonenumbers

_LETTERS = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i", "ð": "d", "þ": "th"})
# "{", "|" and "}" come right after "z" in ASCII.
_KEEP = str.maketrans({"å": "\ue001", "ä": "\ue002", "ö": "\ue003", "æ": "\ue002", "ø": "\ue003", "ü": "y"})
_BACK = str.maketrans({"\ue001": "{", "\ue002": "|", "\ue003": "}"})
_DIGITS = re.compile(r"[0-9]+")
_SPACES = re.compile(r"\s+")
_PUNCTUATION = re.compile(r"[\s-]+")
_NUMBER_WIDTH = 20
COUNTRY = "SE"
"""Phone numbers without a country code are Swedish."""


def _plain(text: str) -> str:
    """Casefolded, without marks: Åsa -> asa, Café -> cafe."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(c for c in decomposed if not unicodedata.combining(c))
    return _SPACES.sub(" ", bare.translate(_LETTERS)).strip()


def search_key(*texts: str) -> str:
    """What is searched in: the texts normalised and joined. Values in it are kept apart, so no hit spans two."""
    return "\n".join(filter(None, map(_plain, texts)))


MAX_TERMS = 100
"""More different words than any text that is searched holds."""


def search_terms(query: str) -> list[str]:
    """The words of a search, normalised as `search_key` does; a row is found when it contains all of them.

    A word that is part of another asks for nothing more and is left out.
    """
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
    composed = unicodedata.normalize("NFKC", text).casefold().translate(_KEEP)
    decomposed = unicodedata.normalize("NFKD", composed)
    bare = "".join(c for c in decomposed if not unicodedata.combining(c)).translate(_LETTERS).translate(_BACK)
    numbered = _DIGITS.sub(lambda found: _by_value(found.group()), bare)
    return _SPACES.sub(" ", numbered).strip()


def _by_value(digits: str) -> str:
    """Longer numbers sort after shorter: padded, and past the padding by their length first."""
    significant = digits.lstrip("0") or "0"
    if len(significant) <= _NUMBER_WIDTH:
        return significant.rjust(_NUMBER_WIDTH, "0")
    return f"9{len(significant):019d}{significant}"


def national(phone: str) -> str:
    """A phone number as people write it: +46701740605 -> 070-174 06 05, foreign ones with their country's code."""
    if not phone:
        return ""
    try:
        found = phonenumbers.parse(phone, COUNTRY)
    except phonenumbers.NumberParseException:
        return phone
    home = found.country_code == phonenumbers.country_code_for_region(COUNTRY)
    form = phonenumbers.PhoneNumberFormat.NATIONAL if home else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return str(phonenumbers.format_number(found, form))


def subscription_label(number: str, phone: str) -> str:
    """What people call a subscription (O4): its phone number, else its id."""
    return national(phone) or number


def label_sort(label: str) -> str:
    """Phone numbers sort by their digits, wherever the blanks stand in them."""
    return sort_key(_PUNCTUATION.sub("", label))


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


def email_key(address: str) -> str:
    """Two addresses with the same key are one sign-in (S5)."""
    return unicodedata.normalize("NFKC", address).strip().casefold()


_BETWEEN_NUMBERS = re.compile(r"[\s,;]+")
_IN_A_COLUMN = re.compile(r"[\n\r\t,;]")
_NUMBER = re.compile(r"(?=[^0-9]*[0-9])[A-Za-z0-9.:_+-]{1,50}")
"""What a feed takes for a number, with a digit in it: words are searched for as words."""
MAX_PASTED = 5000


def pasted_numbers(query: str) -> list[str]:
    """The numbers of a column pasted into the search (L8), in order and each once; empty when it is not one.

    Numbers with only blanks between them must be three characters or more: "10 20" may be words of a name.
    """
    parts = [part for part in _BETWEEN_NUMBERS.split(query.strip()) if part]
    if len(parts) < 2 or not all(_NUMBER.fullmatch(part) for part in parts):
        return []
    if not _IN_A_COLUMN.search(query.strip()) and min(map(len, parts)) < 3:
        return []
    return list(dict.fromkeys(parts))[:MAX_PASTED]


def like_pattern(term: str) -> str:
    r"""A LIKE pattern for "contains", with % _ and \ meant literally; use with escape='\\'."""
    return "%" + term.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_") + "%"
