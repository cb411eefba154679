"""GET /profile/own-data.zip: what is kept about whoever asks (P6)."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from selfcare_app.api.exports import attachment
from selfcare_app.api.identity import actor_of
from selfcare_app.services import own_data
from selfcare_app.services.throttle import Throttled


async def download(request: Request) -> Response:
    """The file. 401 for strangers, 429 after a few in an hour."""
    actor = await run_in_threadpool(actor_of, request)
    if actor is None:
        return JSONResponse({"error": "not signed in"}, 401)
    try:
        file = await run_in_threadpool(own_data.download, actor)
    except Throttled as refused:
        return JSONResponse({"error": "too many"}, 429, headers={"retry-after": str(refused.seconds)})
    return Response(
        file.content,
        media_type="application/zip",
        headers={"content-disposition": attachment(file.file_name), "cache-control": "private, no-store"},
    )


routes = [Route(own_data.ADDRESS, download, methods=["GET"])]
