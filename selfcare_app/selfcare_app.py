"""Builds the rx.App: gate, pages, HTTP routes. Nothing else."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import threading
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor

import reflex as rx
from reflex.utils.prerequisites import get_web_dir
from starlette.types import ASGIApp

from selfcare_app.api.guard import Guard
from selfcare_app.api.routes import make_routes
from selfcare_app.components.frame import boundary, head, overlay
from selfcare_app.components.theme import STYLESHEETS
from selfcare_app.config import settings
from selfcare_app.logs import keep_clients_out
from selfcare_app.pages import PAGES
from selfcare_app.services import mail_delivery
from selfcare_app.state import live
from selfcare_app.state.failing import tell_failure
from selfcare_app.state.gate import Gate

BUILD = (get_web_dir() / "build" / "client").resolve()


YOUNG = 20_000
"""New objects before the collector looks at them; Python's 700 are made and dropped many times over in one event."""


AT_ONCE = max(4, os.cpu_count() or 4)
"""Events whose reading and writing is done at the same time; files and exports have threads of their own. Python does
one thing at a time: with many of them each spends its time on taking turns, row by row. Not fewer than four: two that
wait for a lock that a feed holds must not keep everybody else from reading."""
STANDING = 2
"""Threads that work to the end, beside the events: mail delivery and the ears for news."""


@contextlib.asynccontextmanager
async def _settled() -> AsyncIterator[None]:
    """What was loaded at the start stays to the end: the collector need not walk through it again and again."""
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(AT_ONCE + STANDING, "event"))
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 20, 20)
    yield


@contextlib.asynccontextmanager
async def _mail_delivery() -> AsyncIterator[None]:
    stop = threading.Event()
    delivery = asyncio.create_task(asyncio.to_thread(mail_delivery.run, stop))
    try:
        yield
    finally:
        stop.set()
        await delivery


@contextlib.asynccontextmanager
async def _live() -> AsyncIterator[None]:
    async with live.HALL.open(app):
        yield


def _guarded(app: ASGIApp) -> ASGIApp:
    return Guard(app, settings(), BUILD)


keep_clients_out()
app = rx.App(
    theme=None,
    toaster=None,
    stylesheets=list(STYLESHEETS),
    reset_style=False,
    head_components=head(),
    html_lang="sv",
    app_wraps={(55, "ErrorBoundary"): lambda _stateful: boundary()},
    extra_app_wraps={(5, "Overlay"): lambda stateful: overlay() if stateful else None},
    backend_exception_handler=tell_failure,
    api_transformer=[make_routes(BUILD), _guarded],
)
app.add_middleware(Gate(), index=0)
app.register_lifespan_task(_settled)
app.register_lifespan_task(_mail_delivery)
app.register_lifespan_task(_live)
for page in PAGES:
    app.add_page(page.draw, route=page.route, title=page.title, on_load=page.on_load)
    live.declare(page.route, page.on_rights or page.on_load, page.on_news)
