"""All HTTP routes of the portal, in one Starlette application that Reflex is mounted under."""

from __future__ import annotations

import re
from pathlib import Path

from starlette.applications import Starlette

from selfcare_app.api import account, exports, failing, health, invoices, own_data, public, secrets, uploads

_PARTS = (public, account, exports, invoices, own_data, secrets, uploads, health)
ROUTES = [route for part in _PARTS for route in part.routes]
_STYLESHEET = re.compile(r'href="(/assets/[^"]+\.css)"')


def make_routes(build: Path) -> Starlette:
    """The application; the sign-in pages wear the stylesheet of the built front end."""
    app = Starlette(routes=list(ROUTES), exception_handlers={Exception: failing.answer})
    app.state.stylesheet = stylesheet(build)
    return app


def stylesheet(build: Path) -> str:
    """Address of the built stylesheet, whose name changes with its content."""
    page = build / "index.html"
    found = _STYLESHEET.search(page.read_text(encoding="utf-8")) if page.exists() else None
    return found[1] if found else "/styles.css"
