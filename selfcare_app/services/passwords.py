"""Passwords: how they are hashed, checked, and which are too weak to take."""

from __future__ import annotations

import base64
import secrets
import threading
import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from selfcare_app.services.access import Refused
from selfcare_app.specs.text import email_key

MIN_LENGTH = 12
MAX_LENGTH = 1000
LEAST_STRENGTH = 2
"""Of `strength`: below it a password falls to a few million guesses."""
_JUDGED = 72
"""Characters whose strength is judged: the work grows with their square."""
MIN_DISTINCT = 5
"""Fewer different characters than this is a pattern, not a password."""

_HASHER = PasswordHasher(time_cost=3, memory_cost=32 * 1024, parallelism=1)
_AT_ONCE = threading.BoundedSemaphore(4)
"""Each hashing takes 32 MB: a flood of sign-ins must wait rather than fill the memory."""


class WeakPassword(Refused):
    """The password is too short, too long, or too easy to guess."""


def hash_password(password: str) -> str:
    """The argon2id hash to store (S2)."""
    with _AT_ONCE:
        return _HASHER.hash(_normal(password))


def verify(stored: str, password: str) -> bool:
    """Whether the password is the one stored.

    Exactly one hashing whatever `stored` is: nothing stored (no such address, not yet registered) is compared with a
    hash that no password has, so that the time tells nothing.
    """
    with _AT_ONCE:
        try:
            return _HASHER.verify(stored or _NOBODYS, _normal(password))
        except (VerificationError, InvalidHashError):
            return False


def outdated(stored: str) -> bool:
    """Whether the hash was made with other parameters than today's and should be made anew."""
    return _HASHER.check_needs_rehash(stored)


def refuse_weak(password: str, email: str) -> None:
    """Raise WeakPassword for one that is shorter than 12 characters, longer than 1,000, contains the address, repeats
    a few characters, is on the list of passwords that have leaked, or is as easy to guess as those."""
    plain = _normal(password)
    if len(plain) < MIN_LENGTH:
        raise WeakPassword("auth.password.too_short", least=MIN_LENGTH)
    if len(plain) > MAX_LENGTH:
        raise WeakPassword("auth.password.too_long", most=MAX_LENGTH)
    address = email_key(email)
    if address and address in plain.casefold():
        raise WeakPassword("auth.password.contains_address")
    if len(set(plain)) < MIN_DISTINCT:
        raise WeakPassword("auth.password.too_simple")
    if _leaked(plain):
        raise WeakPassword("auth.password.leaked")
    if strength(plain, address) < LEAST_STRENGTH:
        raise WeakPassword("auth.password.guessable")


def strength(password: str, email: str = "") -> int:
    """How hard it is to guess: 0 at once, to 4 for as good as never (zxcvbn). The address counts as known."""
    # Not at the top: its word lists are large, and signing in has no need of them.
    from zxcvbn import zxcvbn

    known = [part for part in email_key(email).replace("@", ".").split(".") if part]
    return int(zxcvbn(_normal(password)[:_JUDGED], user_inputs=known)["score"])


def _leaked(plain: str) -> bool:
    return plain.casefold() in _passwords_that_leaked()


@cache
def _passwords_that_leaked() -> frozenset[str]:
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    return frozenset(FREQUENCY_LISTS["passwords"])


def _normal(password: str) -> str:
    """The same characters however the keyboard composed them."""
    return unicodedata.normalize("NFKC", password)


def _nobodys_hash() -> str:
    """A well-formed hash that no password is known to have, made without the work of hashing."""
    salt, digest = (
        base64.b64encode(secrets.token_bytes(size)).decode().rstrip("=")
        for size in (_HASHER.salt_len, _HASHER.hash_len)
    )
    costs = f"m={_HASHER.memory_cost},t={_HASHER.time_cost},p={_HASHER.parallelism}"
    return f"$argon2id$v=19${costs}${salt}${digest}"


_NOBODYS = _nobodys_hash()
