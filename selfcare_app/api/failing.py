"""What a request gets that could not be answered, such as one while the database is out of reach."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from selfcare_app.api.public_pages import failed, language_of
from selfcare_app.locales import text


async def answer(request: Request, _exception: Exception) -> Response:
    """503 and that nothing has changed: a page for browsers, `{"error": <sentence>}` for everything else. The server
    logs the exception afterwards; nothing of it is told."""
    language = language_of(request)
    if "text/html" not in request.headers.get("accept", ""):
        headers = {"cache-control": "no-store", "retry-after": "30"}
        return JSONResponse({"error": text(language, "refused.failed")}, 503, headers)
    query = request.url.query if request.method == "GET" else ""
    return failed(request, language, request.url.path + (f"?{query}" if query else ""))
