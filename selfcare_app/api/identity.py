"""Who an HTTP request comes from: the session cookie, the network address, the device."""

from __future__ import annotations

import ipaddress

from starlette.requests import HTTPConnection
from starlette.responses import Response

from selfcare_app.config import settings
from selfcare_app.services import clock, sessions
from selfcare_app.services.access import Actor

COOKIE = "selfcare_session"


def actor_of(connection: HTTPConnection) -> Actor | None:
    """The actor behind the session cookie; None for a stranger. Costs one query: call it in a thread."""
    return sessions.actor_by_token(token_of(connection), clock.now(), source_of(connection))


def token_of(connection: HTTPConnection) -> str:
    """What the session cookie holds; empty without one."""
    return connection.cookies.get(COOKIE, "")


def device_of(connection: HTTPConnection) -> str:
    """What the browser says it is."""
    return connection.headers.get("user-agent", "")


def source_of(connection: HTTPConnection) -> str:
    """The network address of whoever asks.

    Each of our own proxies adds the address it was reached from at the end of X-Forwarded-For, so that many entries
    from the end are to be believed, and nothing before them: anyone can write those.
    """
    peer = connection.client.host if connection.client else ""
    hops = settings().trusted_proxies
    if not hops:
        return peer
    forwarded = [part.strip() for part in ",".join(connection.headers.getlist("x-forwarded-for")).split(",")]
    if len(forwarded) < hops:
        return peer
    return _address(forwarded[-hops]) or peer


def _address(text: str) -> str:
    """The address without a port; empty when it is none."""
    bare = text
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        return str(ipaddress.ip_address(bare))
    except ValueError:
        return ""


def set_session(response: Response, token: str) -> None:
    """Give the browser the session; how long it lives is decided by the portal (S4)."""
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(sessions.LIFETIME.total_seconds()),
        path="/",
        httponly=True,
        samesite="lax",
        secure=settings().secure,
    )


def delete_session(response: Response) -> None:
    """Take the cookie away."""
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax", secure=settings().secure)
