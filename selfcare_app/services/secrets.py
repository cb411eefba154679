"""What is kept encrypted in the database: made unreadable for whoever has the database but not SELFCARE_SECRET."""

from __future__ import annotations

import base64
import binascii
import os
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from selfcare_app.config import settings
from selfcare_app.services.access import Refused

_VERSION = "v1"
"""Stands before everything encrypted, so that a later manner can be told from this one: AES-256-GCM, key by HKDF."""
_PURPOSE = b"selfcare at rest v1"
"""The same secret keys other things too: each gets a key of its own."""
_KEY_BYTES = 32
_NONCE_BYTES = 12


class Unreadable(Refused):
    """It was encrypted under another SELFCARE_SECRET or for something else, or it has been altered."""

    def __init__(self) -> None:
        super().__init__("refused.unreadable_secret")


def encrypt(plain: str, about: str) -> str:
    """The text, unreadable; empty stays empty. Each time another text comes out.

    `about` says whose it is, such as a subscription's number: moved to anything else it can't be read.
    """
    if not plain:
        return ""
    nonce = os.urandom(_NONCE_BYTES)
    sealed = _cipher(settings().key).encrypt(nonce, plain.encode(), about.encode())
    return f"{_VERSION}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"


def decrypt(stored: str, about: str) -> str:
    """What `encrypt` was given. Raises Unreadable for anything else than its own work for the same `about`."""
    if not stored:
        return ""
    version, _, text = stored.partition(".")
    if version != _VERSION:
        raise Unreadable
    try:
        sealed = base64.b64decode(text, altchars=b"-_", validate=True)
        return _cipher(settings().key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], about.encode()).decode()
    except (binascii.Error, InvalidTag, ValueError):
        raise Unreadable from None


@lru_cache(maxsize=2)
def _cipher(secret: bytes) -> AESGCM:
    return AESGCM(HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=_PURPOSE).derive(secret))
