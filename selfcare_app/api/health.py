"""GET /healthz: whether this process, its database and the mail queue work, as JSON for whoever watches over them."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from selfcare_app.services import clock, health


async def healthz(_request: Request) -> JSONResponse:
    """200 when all is well, 503 when the database doesn't answer. Counts only, nothing of anybody."""
    found = await run_in_threadpool(health.check, clock.now())
    return JSONResponse(found, 200 if found["status"] == "ok" else 503)


routes = [Route("/healthz", healthz, methods=["GET"])]
