"""Keys of sorting and searching, and phone numbers: what is fast gives what is thorough."""

import re
import unicodedata

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from selfcare_app.specs.phones import e164, national
from selfcare_app.specs.text import search_key, sort_key

LETTERS = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i", "ð": "d", "þ": "th"})
KEEP = str.maketrans({"å": "\ue001", "ä": "\ue002", "ö": "\ue003", "æ": "\ue002", "ø": "\ue003", "ü": "y"})
BACK = str.maketrans({"\ue001": "{", "\ue002": "|", "\ue003": "}"})
TEXTS = st.one_of(
    st.text(),
    st.text(alphabet="aåäöÅÄÖøæüÜéŁđıſßﬁ ²\u030a\u0308\u0301\u00a0\t0129"),
    st.text(alphabet=st.characters(min_codepoint=0x80, max_codepoint=0x24F)),
)


def bare(text):
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


@given(TEXTS)
def test_a_search_key_is_casefolded_without_marks(text):
    assert search_key(text) == re.sub(r"\s+", " ", bare(text.casefold()).translate(LETTERS)).strip()


@given(TEXTS)
def test_a_sort_key_puts_letters_in_swedish_order_and_numbers_by_value(text):
    composed = unicodedata.normalize("NFKC", text).casefold().translate(KEEP)
    letters = bare(composed).translate(LETTERS).translate(BACK)
    numbered = re.sub(r"[0-9]+", lambda found: padded(found.group().lstrip("0") or "0"), letters)
    assert sort_key(text) == re.sub(r"\s+", " ", numbered).strip()


def padded(digits):
    return digits.rjust(20, "0") if len(digits) <= 20 else f"9{len(digits):019d}{digits}"


def test_names_sort_as_in_a_swedish_register():
    names = ["Ö 2", "ö 10", "Ä", "å", "Zeta", "z", "Émile", "emma", "Andersson 9", "andersson 10", "Ål"]
    assert sorted(names, key=sort_key) == [
        "andersson 9".title(), "andersson 10", "Émile", "emma", "z", "Zeta", "å", "Ål", "Ä", "Ö 2", "ö 10",
    ]  # fmt: skip


WRITTEN = st.builds(
    lambda prefix, digits, blanks: prefix + "".join(a + b for a, b in zip(digits, blanks + [""] * 20, strict=False)),
    st.sampled_from(["0", "+46", "0046", "+46 ", "46", "", "+46 (0)", "+45", "00 46"]),
    st.one_of(
        st.from_regex(r"7[0-9][0-9]{7}", fullmatch=True),
        st.from_regex(r"[1-9][0-9]{4,11}", fullmatch=True),
        st.from_regex(r"[0-9]{1,13}", fullmatch=True),
    ),
    st.lists(st.sampled_from(["", "", " ", "-"]), max_size=12),
)


def as_the_library_reads(written):
    try:
        found = phonenumbers.parse(written, "SE")
    except phonenumbers.NumberParseException:
        return None
    if found.extension or not phonenumbers.is_valid_number(found):
        return None
    return phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164)


@settings(max_examples=1000, deadline=None)
@given(WRITTEN)
def test_a_phone_number_is_what_the_library_says_it_is(written):
    assert e164(written) == as_the_library_reads(written)


@settings(max_examples=1000, deadline=None)
@given(st.from_regex(r"(\+46|\+45|\+1)[0-9]{4,12}", fullmatch=True))
def test_a_phone_number_is_written_as_the_library_writes_it(phone):
    found = phonenumbers.parse(phone, "SE")
    home = found.country_code == 46
    form = phonenumbers.PhoneNumberFormat.NATIONAL if home else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    assert national(phone) == phonenumbers.format_number(found, form)


@pytest.mark.parametrize(
    "kind",
    [
        "MOBILE",
        "FIXED_LINE",
        "TOLL_FREE",
        "PREMIUM_RATE",
        "SHARED_COST",
        "PERSONAL_NUMBER",
        "PAGER",
        "UAN",
        "VOICEMAIL",
    ],
)
def test_numbers_of_every_kind_are_known(kind):
    example = phonenumbers.example_number_for_type("SE", getattr(phonenumbers.PhoneNumberType, kind))
    for form in (phonenumbers.PhoneNumberFormat.NATIONAL, phonenumbers.PhoneNumberFormat.E164):
        written = phonenumbers.format_number(example, form)
        assert e164(written) == as_the_library_reads(written) is not None
    assert national(e164(written)) == phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.NATIONAL)
