"""GET /invoices/<number>/original.pdf: the PDF that the operator supplied, unchanged (I4); permission and scope as the
invoice's page has them."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from selfcare_app.api.exports import attachment
from selfcare_app.api.identity import actor_of
from selfcare_app.services import invoices
from selfcare_app.services.access import Forbidden, NotFound


async def original(request: Request) -> Response:
    """The file. 401 for strangers, 403 without the right, 404 for one that isn't there: unknown, foreign, or none."""
    actor = await run_in_threadpool(actor_of, request)
    if actor is None:
        return JSONResponse({"error": "not signed in"}, 401)
    try:
        file = await run_in_threadpool(invoices.original, actor, request.path_params["number"])
    except Forbidden:
        return JSONResponse({"error": "forbidden"}, 403)
    except NotFound:
        return JSONResponse({"error": "not found"}, 404)
    return Response(
        file.content,
        media_type="application/pdf",
        headers={"content-disposition": attachment(file.file_name), "cache-control": "private, no-store"},
    )


# A number may have a slash in it.
routes = [Route("/invoices/{number:path}/original.pdf", original, methods=["GET"])]
