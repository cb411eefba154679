"""What is encrypted at rest is read back with the same secret, for the same thing, or not at all."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from selfcare_app import config
from selfcare_app.locales import LANGUAGES, text
from selfcare_app.services.secrets import Unreadable, decrypt, encrypt

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=50)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TEXTS, TEXTS)
def test_what_was_encrypted_is_read_back(plain, about):
    stored = encrypt(plain, about)
    assert decrypt(stored, about) == plain
    assert stored.isascii()


def test_the_same_text_never_looks_the_same_twice():
    made = {encrypt("12345678", "S1") for _ in range(100)}
    assert len(made) == 100
    assert all(stored.startswith("v1.") and "12345678" not in stored for stored in made)


def test_nothing_stays_nothing():
    assert encrypt("", "S1") == ""
    assert decrypt("", "S1") == ""


def test_another_secret_reads_nothing_and_says_so(monkeypatch):
    stored = encrypt("12345678", "S1")
    monkeypatch.setenv("SELFCARE_SECRET", "another-" + "1" * 40)
    config.settings.cache_clear()
    with pytest.raises(Unreadable) as refused:
        decrypt(stored, "S1")
    for language in LANGUAGES:
        assert "SELFCARE_SECRET" in text(language, refused.value.key)


def test_what_was_encrypted_for_one_subscription_is_useless_at_another():
    with pytest.raises(Unreadable):
        decrypt(encrypt("12345678", "S1"), "S2")


def test_every_altered_character_is_noticed():
    stored = encrypt("12345678", "S1")
    for at, character in enumerate(stored):
        altered = stored[:at] + ("A" if character != "A" else "B") + stored[at + 1 :]
        with pytest.raises(Unreadable):
            decrypt(altered, "S1")


@pytest.mark.parametrize("stored", ["12345678", "v1.", "v1.!!!!", "v1.åäö", "v2.AAAA", "v1.AAAA", "v1." + "A" * 15])
def test_what_encrypt_never_made_is_refused(stored):
    with pytest.raises(Unreadable):
        decrypt(stored, "S1")
