"""GET /export/<list>.csv and .xlsx with the list's own query string (L2): permission and scope as on screen."""

from __future__ import annotations

from urllib.parse import quote

from starlette.concurrency import iterate_in_threadpool, run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from selfcare_app.api.identity import actor_of
from selfcare_app.services import exporting
from selfcare_app.services.access import Forbidden
from selfcare_app.specs.lists import LISTS
from selfcare_app.specs.queries import parse


async def export(request: Request) -> Response:
    """The file, streamed. 404 for no such list or kind of file, 401 and 403 as the words say."""
    key, _, suffix = request.path_params["file"].rpartition(".")
    spec = LISTS.get(key)
    if spec is None or suffix not in exporting.MEDIA_TYPES:
        return JSONResponse({"error": "not found"}, 404)
    actor = await run_in_threadpool(actor_of, request)
    if actor is None:
        return JSONResponse({"error": "not signed in"}, 401)
    try:
        file = exporting.export(actor, spec, parse(spec, request.query_params), suffix)
    except Forbidden:
        return JSONResponse({"error": "forbidden"}, 403)
    return StreamingResponse(
        iterate_in_threadpool(file.pieces),
        media_type=file.media_type,
        headers={"content-disposition": attachment(file.file_name), "cache-control": "private, no-store"},
    )


def attachment(file_name: str) -> str:
    """Content-Disposition for a name with any characters (RFC 6266): plain for old programs, UTF-8 for the rest."""
    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"\\%' else "_" for c in file_name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(file_name, safe='')}"


routes = [Route("/export/{file}", export, methods=["GET"])]
