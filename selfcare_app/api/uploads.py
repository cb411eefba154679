"""POST /uploads/<kind>: a file for many things at once (R6); GET /uploads/<kind>/…: the template and files about one.

A route of our own, under the session cookie: the framework's upload takes any size from anyone.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from selfcare_app.api.exports import attachment
from selfcare_app.api.identity import actor_of
from selfcare_app.locales import text
from selfcare_app.services.access import Actor, Forbidden, NotFound, Refused
from selfcare_app.services.uploads import uploading
from selfcare_app.services.uploads.files import File
from selfcare_app.services.uploads.reading import MAX_BYTES
from selfcare_app.services.workbooks import WorkbookError
from selfcare_app.specs.uploads import UPLOADS

_AROUND = 20_000
"""Bytes of a form around the file in it."""
_IN_MEMORY = MAX_BYTES + _AROUND
_STATUSES: tuple[tuple[type[Refused], int], ...] = ((Forbidden, 403), (NotFound, 404))


async def receive(request: Request) -> Response:
    """Take the file of the form's field `file` and lead to its page with 303. A refusal is `{"error": <sentence>}`:
    401 for strangers, 403 without the right, 404 for no such kind, 413 while reading what is too big, 422 for what
    can't be taken."""
    actor = await run_in_threadpool(actor_of, request)
    if actor is None:
        return JSONResponse({"error": "not signed in"}, 401)
    spec = UPLOADS.get(request.path_params["kind"])
    if spec is None:
        return _refusal(actor, NotFound())
    if not actor.may(spec.permission):
        # Before its bytes are taken.
        return _refusal(actor, Forbidden(spec.permission))
    try:
        file_name, content = await _file_of(request)
        upload_id = await run_in_threadpool(uploading.receive, actor, spec.key, file_name, content)
    except _TooBig:
        return _refusal(actor, WorkbookError("too_big", megabytes=MAX_BYTES // 1_000_000), 413)
    except Refused as refused:
        return _refusal(actor, refused)
    return RedirectResponse(f"{spec.route}?upload={upload_id}", 303)


class _TooBig(Exception):
    """More came than is taken."""


async def _file_of(request: Request) -> tuple[str, bytes]:
    """Name and bytes of the file in the form; reading ends where it gets too big."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise Refused("uploads.refused.no_file")
    said = request.headers.get("content-length", "")
    if said.isdigit() and int(said) > _IN_MEMORY:
        raise _TooBig
    parser = MultiPartParser(request.headers, _limited(request), max_files=1, max_fields=4)
    parser.spool_max_size = _IN_MEMORY
    try:
        form = await parser.parse()
    except MultiPartException:
        raise Refused("uploads.refused.no_file") from None
    file = form.get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        raise Refused("uploads.refused.no_file")
    return file.filename, await file.read()


async def _limited(request: Request) -> AsyncGenerator[bytes, None]:
    left = _IN_MEMORY
    async for piece in request.stream():
        left -= len(piece)
        if left < 0:
            raise _TooBig
        yield piece


async def template(request: Request) -> Response:
    """The file to fill in."""
    return await _answer(request, lambda actor: uploading.template(actor, request.path_params["kind"]))


async def document(request: Request) -> Response:
    """A file about an upload of one's own: `original`, `problems`, `preview` or `result`."""
    kind, upload_id, which = (request.path_params[name] for name in ("kind", "upload_id", "which"))
    return await _answer(request, lambda actor: uploading.document(actor, kind, upload_id, which))


async def _answer(request: Request, make: Callable[[Actor], File]) -> Response:
    """The file, to be saved. 401 for strangers, 403 without the right, 404 for one that isn't there: unknown, foreign
    or none."""
    actor = await run_in_threadpool(actor_of, request)
    if actor is None:
        return JSONResponse({"error": "not signed in"}, 401)
    try:
        file = await run_in_threadpool(make, actor)
    except Refused as refused:
        return _refusal(actor, refused)
    return Response(
        file.content,
        media_type=file.media_type,
        headers={"content-disposition": attachment(file.name), "cache-control": "private, no-store"},
    )


def _refusal(actor: Actor, refused: Refused, status: int = 0) -> Response:
    status = status or next((number for kind, number in _STATUSES if isinstance(refused, kind)), 422)
    return JSONResponse({"error": text(actor.language, refused.key, **refused.values)}, status)


routes = [
    Route("/uploads/{kind}", receive, methods=["POST"]),
    Route("/uploads/{kind}/template.xlsx", template, methods=["GET"]),
    Route("/uploads/{kind}/{upload_id:int}/{which}", document, methods=["GET"]),
]
