"""POST /api/subscriptions/<id>/secrets: SIM and PUK, once, to whoever asked (O1).

A route and no event: what an event answers becomes state, which is kept, pickled and sent again. The value stands in
this one answer and nowhere else.
"""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from selfcare_app.api.identity import actor_of
from selfcare_app.locales import text
from selfcare_app.services import subscriptions
from selfcare_app.services.access import Actor, Forbidden, NotFound, Refused
from selfcare_app.services.subscriptions import SecretsRationed

_UNAVAILABLE = 503


async def secrets(request: Request) -> Response:
    """`{"sim": …, "puk": …}`; 401 for strangers, 403 without the right, 404 for unknown and foreign alike, 429 after
    too many in an hour. A refusal is `{"error": <sentence>}` in the user's language."""
    actor = await run_in_threadpool(actor_of, request)
    if actor is None:
        return JSONResponse({"error": "not signed in"}, 401)
    try:
        read = await run_in_threadpool(subscriptions.read_secrets, actor, request.path_params["number"])
    except Forbidden as refused:
        return _refusal(actor, refused, 403)
    except NotFound as refused:
        return _refusal(actor, refused, 404)
    except SecretsRationed as refused:
        return _refusal(actor, refused, 429, {"retry-after": str(refused.seconds)})
    except Refused as refused:
        return _refusal(actor, refused, _UNAVAILABLE)
    return _answer({"sim": read.sim, "puk": read.puk}, 200)


def _refusal(actor: Actor, refused: Refused, status: int, headers: dict[str, str] | None = None) -> Response:
    return _answer({"error": text(actor.language, refused.key, **refused.values)}, status, headers)


def _answer(said: dict[str, str], status: int, headers: dict[str, str] | None = None) -> Response:
    """Kept by nobody on its way."""
    return JSONResponse(said, status, headers={"cache-control": "private, no-store", **(headers or {})})


routes = [Route("/api/subscriptions/{number}/secrets", secrets, methods=["POST"])]
