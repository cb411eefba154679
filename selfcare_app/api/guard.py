"""The outermost wall of HTTP: everything passes here before Starlette or Reflex sees it.

Deny by default: what a stranger may reach is listed; every other page leads to /login, everything else is refused.
Sockets lose their cookie and get a public session reference in a header of our own; their client token is bound to
the session, so that a token left behind is worth nothing to anybody else.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import re
from base64 import b64encode
from pathlib import Path
from urllib.parse import parse_qs, quote, urlencode

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from selfcare_app.api.identity import COOKIE, source_of
from selfcare_app.config import Settings
from selfcare_app.services import clock, sessions
from selfcare_app.services.access import Actor

SESSION_HEADER = b"x-selfcare-session"
SOURCE_HEADER = b"x-selfcare-source"
SOCKET = "/_event"

PUBLIC = ("/login", "/logout", "/forgot-password", "/healthz", "/second-factor")
PUBLIC_UNDER = ("/reset-password/", "/invitation/", "/confirm-address/", "/assets/", "/fonts/")
PUBLIC_FILES = re.compile(r"/[a-z0-9_-]+\.(css|js|svg|ico|png|webmanifest|txt)")
"""Files at the root of assets/: styles, scripts and marks, the same for everyone."""
CLOSED = ("/_upload", "/_health", "/_all_routes", "/auth-codespace", "/ping")
"""The framework's own doors that the portal has no use for."""
WITHOUT_COMPANY = ("/choose-company", "/logout", "/login", "/confirm-password")
FACTOR_FIRST = ("/second-factor/set-up", "/confirm-password", "/logout", "/login")
"""All that is open to whoever must set up a second factor first."""
READS = frozenset({"GET", "HEAD", "OPTIONS"})
FILES = re.compile(r"/export/.*|/invoices/.+/original\.pdf|/uploads/.*|/profile/own-data\.zip", re.DOTALL)
"""What is saved, not shown: a program that fetches it wants an answer, not a page to sign in on."""
FILE_POLICY = "default-src 'none'; sandbox; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""Nothing in a file may run, whatever a browser makes of it."""
IMMUTABLE = "public, max-age=31536000, immutable"
_SCRIPT = re.compile(rb"<script\b(?![^>]*\bsrc=)[^>]*>(.*?)</script>", re.DOTALL)


class Guard:
    """ASGI middleware; see the module."""

    def __init__(self, app: ASGIApp, settings: Settings, build: Path) -> None:
        self.app = app
        self.settings = settings
        self.policy = content_security_policy(settings, build)
        self.key = settings.key
        self.pages = frozenset("/" + page.parent.relative_to(build).as_posix() for page in build.rglob("*/index.html"))
        """Addresses of pages that were drawn in advance; served without the detour to a closing slash."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, redirect, or pass on with headers added."""
        if scope["type"] == "websocket":
            await self._socket(scope, receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    # --- HTTP

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        path = scope["path"]
        answer = self._refusal(request, path)
        if answer is None and not is_public(path):
            answer = await self._admission(request, path)
        if answer is None and path in self.pages and path not in PUBLIC and request.method in READS:
            scope = {**scope, "path": f"{path}/index.html", "raw_path": None}
        target: ASGIApp = answer or self.app
        await target(scope, receive, self._with_headers(send, path))

    def _refusal(self, request: Request, path: str) -> Response | None:
        if path.startswith(CLOSED) or path.startswith(SOCKET):
            return JSONResponse({"error": "not found"}, 404)
        if request.method not in READS and not self._same_origin(request):
            return JSONResponse({"error": "another origin"}, 403)
        return None

    async def _admission(self, request: Request, path: str) -> Response | None:
        """None for those who may go on; sign-in and company choice come first."""
        actor = await self._actor(request)
        wanted = path + (f"?{request.url.query}" if request.url.query else "")
        is_page = request.method in READS and not FILES.fullmatch(path)
        if actor is None:
            if is_page:
                return RedirectResponse(f"/login?next={quote(wanted, safe='')}", 303)
            return JSONResponse({"error": "not signed in"}, 401)
        if actor.needs_second_factor:
            if path in FACTOR_FIRST:
                return None
            keep = f"?next={quote(wanted, safe='')}" if is_page and wanted != "/" else ""
            return RedirectResponse(f"/second-factor/set-up{keep}", 303)
        if actor.company_id is None and actor.operator_role is None and path not in WITHOUT_COMPANY:
            keep = f"?next={quote(wanted, safe='')}" if is_page and wanted != "/" else ""
            return RedirectResponse(f"/choose-company{keep}", 303)
        return None

    async def _actor(self, connection: HTTPConnection) -> Actor | None:
        token = connection.cookies.get(COOKIE, "")
        if not token:
            return None
        return await asyncio.to_thread(sessions.actor_by_token, token, clock.now(), source_of(connection))

    def _same_origin(self, connection: HTTPConnection) -> bool:
        """Browsers say where a write comes from. Programs that say nothing bring no one else's cookie."""
        origin = connection.headers.get("origin")
        if origin is not None:
            return origin in self.settings.origins
        return connection.headers.get("sec-fetch-site", "none") in ("none", "same-origin")

    def _with_headers(self, send: Send, path: str) -> Send:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["content-security-policy"] = FILE_POLICY if FILES.fullmatch(path) else self.policy
                headers["x-content-type-options"] = "nosniff"
                headers["x-frame-options"] = "DENY"
                headers.setdefault("referrer-policy", "same-origin")
                headers["permissions-policy"] = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
                headers["cross-origin-opener-policy"] = "same-origin"
                headers["cross-origin-resource-policy"] = "same-origin"
                if self.settings.secure:
                    headers["strict-transport-security"] = "max-age=31536000; includeSubDomains"
                if path.startswith(("/assets/", "/fonts/")) and message["status"] in (200, 304):
                    headers["cache-control"] = IMMUTABLE
                elif PUBLIC_FILES.fullmatch(path):
                    headers.setdefault("cache-control", "no-cache")
                else:
                    headers.setdefault("cache-control", "no-store")
            await send(message)

        return send_with_headers

    # --- Sockets

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        connection = HTTPConnection(scope)
        origin = connection.headers.get("origin")
        if not scope["path"].startswith(SOCKET) or (origin is not None and origin not in self.settings.origins):
            await send({"type": "websocket.close", "code": 1008})
            return
        source = source_of(connection)
        actor = await self._actor(connection)
        reference = actor.session_ref if actor else ""
        scope = dict(scope)
        ours = (b"cookie", b"authorization", SESSION_HEADER, SOURCE_HEADER)
        scope["headers"] = [
            *((name, value) for name, value in scope["headers"] if name.lower() not in ours),
            (SESSION_HEADER, reference.encode()),
            (SOURCE_HEADER, source.encode()),
        ]
        scope["query_string"] = self._bound(scope["query_string"].decode("latin-1"), reference)
        await self.app(scope, receive, send)

    def _bound(self, query: str, reference: str) -> bytes:
        """The socket's address with its client token replaced by one that only this session gets from it."""
        said = parse_qs(query, keep_blank_values=True)
        token = (said.pop("token", [""]) or [""])[0]
        bound = hmac.new(self.key, f"{reference}\n{token}".encode(), hashlib.sha256).hexdigest()[:40]
        return urlencode({**said, "token": [bound]}, doseq=True).encode()


def is_public(path: str) -> bool:
    """Whether a stranger may reach the path."""
    return (
        path in PUBLIC
        or (path.startswith(PUBLIC_UNDER) and ".." not in path)
        or PUBLIC_FILES.fullmatch(path) is not None
    )


def content_security_policy(settings: Settings, build: Path) -> str:
    """The policy of every answer: own files, and by hash the few scripts the built pages carry inline.

    No unsafe-eval; inline styles are allowed because React sets them.
    """
    found = {script for page in build.rglob("*.html") for script in _SCRIPT.findall(page.read_bytes()) if script}
    hashes = sorted(f"'sha256-{b64encode(hashlib.sha256(script).digest()).decode()}'" for script in found)
    # 'self' is enough for sockets in today's browsers; older ones want them named, and none takes an IPv6 address.
    sockets = sorted(origin.replace("http", "ws", 1) for origin in settings.origins if "[" not in origin)
    return "; ".join(
        (
            "default-src 'self'",
            " ".join(("script-src 'self'", *hashes)),
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data:",
            "font-src 'self'",
            " ".join(("connect-src 'self'", *sockets)),
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )
