"""Passwords: hashing, checking, refusing weak ones."""

import pytest

from selfcare_app.services import passwords
from tests.conftest import NOBODYS, STRONG


@pytest.fixture(autouse=True)
def as_people_have_it(monkeypatch):
    monkeypatch.setattr(passwords, "_HASHER", STRONG)
    monkeypatch.setattr(passwords, "_NOBODYS", NOBODYS)


def test_a_password_matches_its_hash_and_no_other():
    stored = passwords.hash_password("gröna äpplen i gräset")
    assert stored.startswith("$argon2id$v=19$m=32768,t=3,p=1$")
    assert passwords.verify(stored, "gröna äpplen i gräset")
    assert not passwords.verify(stored, "Gröna äpplen i gräset")
    assert passwords.hash_password("gröna äpplen i gräset") != stored


def test_it_does_not_matter_how_a_keyboard_composes_letters():
    stored = passwords.hash_password("gro\u0308na a\u0308pplen")
    assert passwords.verify(stored, "gr\u00f6na \u00e4pplen")


@pytest.mark.parametrize("stored", ["", "nonsense", "$argon2id$v=19$m=8,t=1,p=1$broken"])
def test_nothing_matches_where_no_password_is_stored(stored):
    assert not passwords.verify(stored, "")
    assert not passwords.verify(stored, "gröna äpplen i gräset")


def test_the_hash_nobody_has_costs_the_same_as_a_real_one():
    def costs(stored):
        return stored.split("$")[3]

    real = passwords.hash_password("gröna äpplen i gräset")
    assert costs(passwords._NOBODYS) == costs(real)
    assert len(passwords._NOBODYS) == len(real)
    assert not passwords.outdated(passwords._NOBODYS)


@pytest.mark.parametrize("password", ["elva tecken", "            ", "åäö" * 3])
def test_a_short_password_is_refused(password):
    with pytest.raises(passwords.WeakPassword):
        passwords.refuse_weak(password, "asa@bjorko.example")


@pytest.mark.parametrize(
    ("password", "key"),
    [
        ("elva tecken", "auth.password.too_short"),
        ("abcde" * 201, "auth.password.too_long"),
        ("xx ASA@bjorko.example", "auth.password.contains_address"),
        ("abababababababab", "auth.password.too_simple"),
        ("MailCreated5240", "auth.password.leaked"),
        ("qwertyuiop1234", "auth.password.guessable"),
        ("abcde" * 200, "auth.password.guessable"),
    ],
)
def test_a_refusal_says_what_is_wrong(password, key):
    with pytest.raises(passwords.WeakPassword) as refused:
        passwords.refuse_weak(password, "Asa@Bjorko.example")
    assert refused.value.key == key


@pytest.mark.parametrize("password", ["tolv tecken!", "gröna äpplen i gräset " * 45, "demo-demo-demo", "дванадцять сл"])
def test_a_good_password_is_taken(password):
    passwords.refuse_weak(password, "asa@bjorko.example")
