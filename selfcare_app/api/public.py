"""The routes of signing in, out, new passwords, invitations and company choice. GET changes nothing."""

from __future__ import annotations

import asyncio
import re
import unicodedata
from collections.abc import Awaitable, Callable
from functools import wraps
from urllib.parse import parse_qsl, urlencode

from email_validator import EmailNotValidError, validate_email
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from selfcare_app.api import public_pages as pages
from selfcare_app.api.identity import actor_of, delete_session, device_of, set_session, source_of, token_of
from selfcare_app.api.public_pages import language_of
from selfcare_app.api.public_parts import Problems
from selfcare_app.config import settings
from selfcare_app.locales import LANGUAGES, text
from selfcare_app.services import clock, invitations, sessions
from selfcare_app.services.access import NotFound, Refused
from selfcare_app.services.invitations import Invitation
from selfcare_app.services.links import LinkDead
from selfcare_app.services.passwords import WeakPassword
from selfcare_app.services.throttle import Throttled
from selfcare_app.specs.phones import national

FORM_LIMIT = 64 * 1024
FIELDS_LIMIT = 50
NEXT_LENGTH = 4000
YEAR = 365 * 24 * 3600
_ID = re.compile(r"[0-9]{1,18}", re.ASCII)
NOTICES = {"password-changed": "auth.login.password_is_changed"}

Handler = Callable[[Request], Awaitable[Response]]


class TooLarge(Exception):
    """The form is larger than any person's."""


async def form_of(request: Request) -> dict[str, str]:
    """The fields of a posted form; the last of a name counts. Raises TooLarge while reading, not after."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > FORM_LIMIT:
            raise TooLarge
    try:
        pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=FIELDS_LIMIT)
    except ValueError:
        raise TooLarge from None
    # PostgreSQL stores no NUL, and no keyboard writes one.
    return {name: value.replace("\0", "") for name, value in pairs}


def safe_next(path: str) -> str:
    """Where to go after signing in: a path of the portal, nothing else (S2)."""
    if len(path) > NEXT_LENGTH or not path.startswith("/") or path.startswith("//") or "\\" in path:
        return "/"
    if any(unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp") for c in path):
        return "/"
    return path


def with_next(page: str, next_path: str) -> str:
    """The page's address with where to go afterwards; the first page needs no saying."""
    return page if next_path == "/" else f"{page}?{urlencode({'next': next_path})}"


def public_page(handler: Handler) -> Handler:
    """What all these pages share: a choice of language in the address is kept and taken off; oversized forms."""

    @wraps(handler)
    async def answered(request: Request) -> Response:
        chosen = request.query_params.get("language", "")
        if request.method in ("GET", "HEAD") and chosen:
            kept = [(name, value) for name, value in request.query_params.multi_items() if name != "language"]
            back = RedirectResponse(request.url.path + (f"?{urlencode(kept)}" if kept else ""), 303)
            if chosen in LANGUAGES:
                _keep_language(back, chosen)
            return back
        try:
            return await handler(request)
        except TooLarge:
            return pages.too_large(request, language_of(request))

    return answered


def _keep_language(response: Response, language: str) -> None:
    response.set_cookie(
        pages.LANGUAGE_COOKIE, language, max_age=YEAR, path="/", samesite="lax", secure=settings().secure
    )


def wait(throttled: Throttled) -> dict[str, str]:
    """The header that says when to come back."""
    return {"retry-after": str(throttled.seconds)}


# --- Signing in and out


@public_page
async def login(request: Request) -> Response:
    """The sign-in page; whoever is signed in goes on."""
    next_path = safe_next(request.query_params.get("next", "/"))
    if await asyncio.to_thread(actor_of, request) is not None:
        return RedirectResponse(next_path, 303)
    notice = NOTICES.get(request.query_params.get("notice", ""), "")
    if not notice and await asyncio.to_thread(sessions.has_ended, token_of(request) or "", clock.now()):
        notice = "auth.login.session_ended"
    return pages.login(request, language_of(request), next_path=next_path, notice=notice)


@public_page
async def login_post(request: Request) -> Response:
    """Sign in: 303 with the cookie, 401 with one message for every failure, or 429 with how long to wait."""
    form, language = await form_of(request), language_of(request)
    email, next_path = form.get("email", ""), safe_next(form.get("next", "/"))
    try:
        signed_in = await asyncio.to_thread(
            sessions.sign_in,
            email,
            form.get("password", ""),
            source=source_of(request),
            device=device_of(request),
            now=clock.now(),
            presented=token_of(request),
        )
    except Throttled as refused:
        return pages.login(
            request, language, next_path=next_path, email=email, refused=refused, status=429, headers=wait(refused)
        )
    except sessions.SignInRefused as refused:
        return pages.login(request, language, next_path=next_path, email=email, refused=refused, status=401)
    return enter(signed_in, next_path)


def enter(signed_in: sessions.SignedIn, next_path: str) -> Response:
    """On to what was wanted, by way of what is still to be given or chosen."""
    on_the_way = "/second-factor" if signed_in.needs_factor else "/choose-company" if signed_in.needs_company else ""
    response = RedirectResponse(with_next(on_the_way, next_path) if on_the_way else next_path, 303)
    set_session(response, signed_in.token)
    return response


@public_page
async def logout(_request: Request) -> Response:
    """A link signs nobody out."""
    return RedirectResponse("/", 303)


@public_page
async def logout_post(request: Request) -> Response:
    """End the session and take the cookie; the language stays as it was inside."""
    response = RedirectResponse("/login", 303)
    actor = await asyncio.to_thread(actor_of, request)
    if actor is not None:
        await asyncio.to_thread(sessions.sign_out, actor)
        _keep_language(response, actor.language)
    delete_session(response)
    return response


# --- New password


@public_page
async def forgotten(request: Request) -> Response:
    """Ask for a link."""
    return pages.forgotten(request, language_of(request))


@public_page
async def forgotten_post(request: Request) -> Response:
    """Send the link; the answer doesn't tell whether the address is known."""
    form, language = await form_of(request), language_of(request)
    email = form.get("email", "").strip()
    try:
        validate_email(email, check_deliverability=False)
    except EmailNotValidError:
        problems = Problems({"email": text(language, "auth.forgotten.bad_email")})
        return pages.forgotten(request, language, email=email, problems=problems, status=422)
    try:
        await asyncio.to_thread(invitations.request_reset, email, source=source_of(request), now=clock.now())
    except Throttled as refused:
        problems = Problems.of(language, refused)
        return pages.forgotten(request, language, email=email, problems=problems, status=429, headers=wait(refused))
    return pages.forgotten_sent(request, language, email)


@public_page
async def reset(request: Request) -> Response:
    """The page behind the link."""
    language = language_of(request)
    try:
        email = await asyncio.to_thread(invitations.open_reset, request.path_params["token"], clock.now())
    except LinkDead:
        return pages.dead_link(request, language, "reset")
    return pages.reset(request, language, email=email)


@public_page
async def reset_post(request: Request) -> Response:
    """Set the password; everyone is signed out and signs in anew."""
    form, language, token = await form_of(request), language_of(request), request.path_params["token"]
    password, now = form.get("password", ""), clock.now()
    try:
        email = await asyncio.to_thread(invitations.open_reset, token, now)
        if password != form.get("again", ""):
            problems = Problems({"again": text(language, "auth.password.different")})
            return pages.reset(request, language, email=email, problems=problems, status=422)
        await asyncio.to_thread(invitations.reset_password, token, password, source=source_of(request), now=now)
    except LinkDead:
        return pages.dead_link(request, language, "reset")
    except WeakPassword as refused:
        problems = Problems.of(language, refused, "password")
        return pages.reset(request, language, email=email, problems=problems, status=422)
    response = RedirectResponse("/login?notice=password-changed", 303)
    delete_session(response)
    return response


# --- Invitation


@public_page
async def invitation(request: Request) -> Response:
    """The page behind the link; nothing happens until its button is pressed."""
    try:
        invited = await asyncio.to_thread(invitations.open_invitation, request.path_params["token"], clock.now())
    except LinkDead:
        return pages.dead_link(request, language_of(request), "invitation")
    language = language_of(request, invited.language)
    return pages.invitation(
        request, language, invited, name=invited.name, phone=national(invited.phone), chosen_language=language
    )


@public_page
async def invitation_post(request: Request) -> Response:
    """Finish the registration and go in."""
    form, token, now = await form_of(request), request.path_params["token"], clock.now()
    language = language_of(request)
    try:
        invited = await asyncio.to_thread(invitations.open_invitation, token, now)
        language = language_of(request, invited.language)
        return await _accept(request, form, token, invited, language)
    except LinkDead:
        return pages.dead_link(request, language, "invitation")


async def _accept(request: Request, form: dict[str, str], token: str, invited: Invitation, language: str) -> Response:
    chosen = form.get("language", language)
    chosen = chosen if chosen in LANGUAGES else language
    name, phone, password = form.get("name", ""), form.get("phone", ""), form.get("password", "")

    def again(problems: Problems, status: int = 422, headers: dict[str, str] | None = None) -> Response:
        return pages.invitation(
            request,
            language,
            invited,
            name=name,
            phone=phone,
            chosen_language=chosen,
            problems=problems,
            status=status,
            headers=headers,
        )

    if not invited.has_password and password != form.get("again", ""):
        return again(Problems({"again": text(language, "auth.password.different")}))
    try:
        signed_in = await asyncio.to_thread(
            invitations.accept_invitation,
            token,
            name=name,
            phone=phone,
            password=password,
            language=chosen,
            source=source_of(request),
            device=device_of(request),
            now=clock.now(),
            presented=token_of(request),
        )
    except LinkDead:
        raise
    except Throttled as refused:
        return again(Problems.of(language, refused), 429, wait(refused))
    except sessions.SignInRefused:
        return again(Problems({"password": text(language, "auth.invitation.wrong_password")}), 401)
    except Refused as refused:
        where = {
            "auth.password": "password",
            "auth.profile.name_missing": "name",
            "auth.profile.name_too_long": "name",
            "auth.profile.bad_phone": "phone",
        }
        field = next((name for prefix, name in where.items() if refused.key.startswith(prefix)), "")
        return again(Problems.of(language, refused, field))
    return enter(signed_in, "/")


# --- Company


@public_page
async def choose_company(request: Request) -> Response:
    """Where to go, for those with more than one place."""
    return await _choice(request, safe_next(request.query_params.get("next", "/")))


async def _choice(request: Request, next_path: str, refused: bool = False) -> Response:
    actor = await asyncio.to_thread(actor_of, request)
    if actor is None:
        return RedirectResponse(with_next("/login", next_path), 303)
    places = await asyncio.to_thread(sessions.companies_of, actor)
    operator = await asyncio.to_thread(sessions.may_choose_operator, actor)
    return pages.choose_company(
        request,
        language_of(request, actor.language),
        email=actor.email,
        places=places,
        operator=operator,
        next_path=next_path,
        refused=refused,
        status=404 if refused else 200,
    )


@public_page
async def choose_company_post(request: Request) -> Response:
    """Become that company's user and go on to what was wanted; foreign and missing ones answer alike."""
    form = await form_of(request)
    next_path = safe_next(form.get("next", "/"))
    actor = await asyncio.to_thread(actor_of, request)
    if actor is None:
        return RedirectResponse(with_next("/login", next_path), 303)
    chosen = form.get("user_id", "")
    user_id = None if chosen == pages.OPERATOR else int(chosen) if _ID.fullmatch(chosen) else 0
    try:
        token = await asyncio.to_thread(sessions.choose_company, actor, user_id)
    except NotFound:
        return await _choice(request, next_path, refused=True)
    response = RedirectResponse(next_path, 303)
    set_session(response, token)
    return response


routes: list[Route] = [
    Route("/login", login),
    Route("/login", login_post, methods=["POST"]),
    Route("/logout", logout),
    Route("/logout", logout_post, methods=["POST"]),
    Route("/forgot-password", forgotten),
    Route("/forgot-password", forgotten_post, methods=["POST"]),
    Route("/reset-password/{token}", reset),
    Route("/reset-password/{token}", reset_post, methods=["POST"]),
    Route("/invitation/{token}", invitation),
    Route("/invitation/{token}", invitation_post, methods=["POST"]),
    Route("/choose-company", choose_company),
    Route("/choose-company", choose_company_post, methods=["POST"]),
]
"""All public routes, for the app to mount. Blocking work runs in threads."""
