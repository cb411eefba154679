"""Unguessable tokens and the hashes they are kept as."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import secrets

from selfcare_app.config import settings

IPV6_NETWORK = 64
"""Bits of an IPv6 address that belong to one subscriber line; the rest its owner chooses freely."""


def new_token() -> str:
    """A fresh token of 256 random bits, safe in an address and a cookie."""
    return secrets.token_urlsafe(32)


def hash_token(token: str) -> str:
    """What is stored of a token: it is random, so a plain hash gives nothing away."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def hash_guessable(purpose: str, *parts: str) -> str:
    """What is stored of something guessable, such as an address: keyed with the portal's secret."""
    message = "\0".join((purpose, *parts)).encode("utf-8", "surrogatepass")
    return hmac.new(settings().key, message, hashlib.sha256).hexdigest()


def network(source: str) -> str:
    """The part of a network address that one party holds: IPv4 whole, IPv6 its /64."""
    try:
        address = ipaddress.ip_address(source)
    except ValueError:
        return source
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    bare = ipaddress.IPv6Address(int(address))
    return str(ipaddress.ip_network((bare, IPV6_NETWORK), strict=False))
