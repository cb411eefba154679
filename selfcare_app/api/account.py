"""Routes that ask for something secret: the second factor, the password again, a new password, a new address."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import wraps

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from selfcare_app.api import account_pages as pages
from selfcare_app.api import public_pages
from selfcare_app.api.identity import actor_of, source_of, token_of
from selfcare_app.api.public import enter, form_of, public_page, safe_next, wait, with_next
from selfcare_app.api.public_pages import language_of
from selfcare_app.api.public_parts import Problems
from selfcare_app.locales import text
from selfcare_app.services import clock, passwords, profile, second_factor, sessions
from selfcare_app.services.access import Actor, PasswordNeeded, Refused, demand_recent_password
from selfcare_app.services.links import LinkDead
from selfcare_app.services.second_factor import AlreadyOn, WrongCode
from selfcare_app.services.throttle import Throttled

SignedInHandler = Callable[[Request, Actor], Awaitable[Response]]


def _signed_in(handler: SignedInHandler) -> Callable[[Request], Awaitable[Response]]:
    """A page for whoever is signed in, also before a company is chosen or the second factor is set up.

    PasswordNeeded leads by way of the password and back to the page.
    """

    @public_page
    @wraps(handler)
    async def answered(request: Request) -> Response:
        actor = await asyncio.to_thread(actor_of, request)
        if actor is None:
            return RedirectResponse(with_next("/login", request.url.path), 303)
        try:
            return await handler(request, actor)
        except PasswordNeeded:
            return RedirectResponse(with_next("/confirm-password", request.url.path), 303)

    return answered


def _in_words(language: str, refused: Refused, field: str) -> tuple[Problems, int, dict[str, str]]:
    """What a refusal is on a form: the sentence by its field, the status, headers."""
    if isinstance(refused, Throttled):
        return Problems.of(language, refused), 429, wait(refused)
    if isinstance(refused, sessions.SignInRefused):
        return Problems({field: text(language, "auth.account.wrong_password")}), 401, {}
    return Problems.of(language, refused, field), 422, {}


# --- The second factor at sign-in


@public_page
async def factor(request: Request) -> Response:
    """Ask for the code; whoever doesn't wait for one goes to the sign-in page."""
    next_path = safe_next(request.query_params.get("next", "/"))
    if not await asyncio.to_thread(second_factor.waits, token_of(request), clock.now()):
        return RedirectResponse(with_next("/login", next_path), 303)
    return pages.second_factor(request, language_of(request), next_path=next_path)


@public_page
async def factor_post(request: Request) -> Response:
    """Take the code: 303 with a new cookie, 401 with one sentence for every wrong code, 429 after too many."""
    form, language = await form_of(request), language_of(request)
    next_path = safe_next(form.get("next", "/"))
    try:
        signed_in = await asyncio.to_thread(
            second_factor.prove,
            token_of(request),
            form.get("code", ""),
            source=source_of(request),
            now=clock.now(),
        )
    except sessions.SignInRefused:
        return RedirectResponse(with_next("/login", next_path), 303)
    except (WrongCode, Throttled) as refused:
        problems, status, headers = _in_words(language, refused, "code")
        status = 401 if status == 422 else status
        return pages.second_factor(
            request, language, next_path=next_path, problems=problems, status=status, headers=headers
        )
    return enter(signed_in, next_path)


# --- Setting it up and switching it off


@_signed_in
async def set_up(request: Request, actor: Actor) -> Response:
    """The QR code and a first code."""
    # Whoever must set it up before anything else goes on to where they were going, not to where it is changed.
    otherwise = "/" if actor.needs_second_factor else "/profile"
    return await _set_up(request, actor, safe_next(request.query_params.get("next", otherwise)))


async def _set_up(
    request: Request,
    actor: Actor,
    next_path: str,
    problems: Problems | None = None,
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> Response:
    try:
        setup = await asyncio.to_thread(second_factor.begin, actor)
    except AlreadyOn:
        # An old tab, or the back button. Nothing else may lead there: the guard sends whoever must set it up back here.
        return RedirectResponse("/profile", 303)
    return pages.set_up(
        request,
        language_of(request, actor.language),
        setup,
        required=actor.needs_second_factor,
        next_path=next_path,
        problems=problems or Problems(),
        status=status,
        headers=headers,
    )


@_signed_in
async def set_up_post(request: Request, actor: Actor) -> Response:
    """Switch it on and show the recovery codes."""
    form, language = await form_of(request), language_of(request, actor.language)
    next_path = safe_next(form.get("next", "/profile"))
    try:
        codes = await asyncio.to_thread(second_factor.confirm, actor, form.get("code", ""))
    except PasswordNeeded:
        raise
    except AlreadyOn:
        return RedirectResponse("/profile", 303)
    except Refused as refused:
        problems, status, headers = _in_words(language, refused, "code")
        return await _set_up(request, actor, next_path, problems, status, headers)
    return pages.recovery_codes(request, language, codes, next_path=next_path)


@_signed_in
async def recovery_codes_post(request: Request, actor: Actor) -> Response:
    """New recovery codes in place of the old ones."""
    try:
        codes = await asyncio.to_thread(second_factor.renew_recovery_codes, actor)
    except PasswordNeeded:
        # A form can't be sent on: after the password one is back where its button is.
        return RedirectResponse(with_next("/confirm-password", "/profile?tab=security"), 303)
    except Refused:
        return RedirectResponse("/profile", 303)
    return pages.recovery_codes(request, language_of(request, actor.language), codes, next_path="/profile?tab=security")


@_signed_in
async def turn_off(request: Request, actor: Actor) -> Response:
    """Ask for password and code."""
    return pages.turn_off(request, language_of(request, actor.language))


@_signed_in
async def turn_off_post(request: Request, actor: Actor) -> Response:
    """Switch it off."""
    form, language = await form_of(request), language_of(request, actor.language)
    try:
        await asyncio.to_thread(second_factor.turn_off, actor, form.get("current", ""), form.get("code", ""))
    except Refused as refused:
        problems, status, headers = _in_words(language, refused, "")
        return pages.turn_off(request, language, problems=problems, status=status, headers=headers)
    return RedirectResponse("/profile?tab=security", 303)


# --- The password again, and a new one


@_signed_in
async def confirm_password(request: Request, actor: Actor) -> Response:
    """Ask for it."""
    next_path = safe_next(request.query_params.get("next", "/"))
    return pages.confirm_password(request, language_of(request, actor.language), email=actor.email, next_path=next_path)


@_signed_in
async def confirm_password_post(request: Request, actor: Actor) -> Response:
    """Take it, and go on to what needed it."""
    form, language = await form_of(request), language_of(request, actor.language)
    next_path = safe_next(form.get("next", "/"))
    try:
        await asyncio.to_thread(profile.confirm_password, actor, form.get("password", ""))
    except (sessions.SignInRefused, Throttled) as refused:
        problems, status, headers = _in_words(language, refused, "password")
        return pages.confirm_password(
            request,
            language,
            email=actor.email,
            next_path=next_path,
            problems=problems,
            status=status,
            headers=headers,
        )
    return RedirectResponse(next_path, 303)


@_signed_in
async def change_password(request: Request, actor: Actor) -> Response:
    """Ask for the present and a new one."""
    return pages.change_password(request, language_of(request, actor.language), email=actor.email)


@_signed_in
async def change_password_post(request: Request, actor: Actor) -> Response:
    """Change it; all other sessions end."""
    form, language = await form_of(request), language_of(request, actor.language)
    new = form.get("password", "")
    try:
        if new != form.get("again", ""):
            raise passwords.WeakPassword("auth.password.different")
        await asyncio.to_thread(profile.change_password, actor, form.get("current", ""), new)
    except Refused as refused:
        field = "current" if isinstance(refused, sessions.SignInRefused) else "password"
        field = "again" if refused.key == "auth.password.different" else field
        problems, status, headers = _in_words(language, refused, field)
        return pages.change_password(
            request, language, email=actor.email, problems=problems, status=status, headers=headers
        )
    return RedirectResponse("/profile?tab=security", 303)


@_signed_in
async def password_strength(request: Request, actor: Actor) -> Response:
    """How strong what is being typed is, 0 to 4."""
    form = await form_of(request)
    strength = await asyncio.to_thread(passwords.strength, form.get("password", ""), actor.email)
    return JSONResponse({"strength": strength}, headers={"cache-control": "no-store"})


# --- A new address


@_signed_in
async def change_address(request: Request, actor: Actor) -> Response:
    """Ask for it, after the password."""
    demand_recent_password(actor)
    return pages.change_address(request, language_of(request, actor.language), email=actor.email)


@_signed_in
async def change_address_post(request: Request, actor: Actor) -> Response:
    """Mail a link to it."""
    form, language = await form_of(request), language_of(request, actor.language)
    wanted = form.get("email", "").strip()
    try:
        await asyncio.to_thread(profile.ask_for_address, actor, wanted)
    except PasswordNeeded:
        raise
    except Refused as refused:
        problems, status, headers = _in_words(language, refused, "email")
        return pages.change_address(
            request,
            language,
            email=actor.email,
            wanted=wanted,
            problems=problems,
            status=status,
            headers=headers,
        )
    return pages.address_sent(request, language, wanted)


@public_page
async def confirm_address(request: Request) -> Response:
    """The page behind the mailed link."""
    language = language_of(request)
    try:
        address = await asyncio.to_thread(profile.open_address, request.path_params["token"], clock.now())
    except LinkDead:
        return public_pages.dead_link(request, language, "address")
    return pages.confirm_address(request, language, address)


@public_page
async def confirm_address_post(request: Request) -> Response:
    """Make it the sign-in's address."""
    language, token, now = language_of(request), request.path_params["token"], clock.now()
    try:
        address = await asyncio.to_thread(profile.open_address, token, now)
        await asyncio.to_thread(profile.confirm_address, token, source=source_of(request), now=now)
    except LinkDead:
        return public_pages.dead_link(request, language, "address")
    return pages.address_confirmed(request, language, address)


routes: list[Route] = [
    Route("/second-factor", factor),
    Route("/second-factor", factor_post, methods=["POST"]),
    Route("/second-factor/set-up", set_up),
    Route("/second-factor/set-up", set_up_post, methods=["POST"]),
    Route("/second-factor/recovery-codes", recovery_codes_post, methods=["POST"]),
    Route("/second-factor/off", turn_off),
    Route("/second-factor/off", turn_off_post, methods=["POST"]),
    Route("/confirm-password", confirm_password),
    Route("/confirm-password", confirm_password_post, methods=["POST"]),
    Route("/profile/password", change_password),
    Route("/profile/password", change_password_post, methods=["POST"]),
    Route("/profile/password-strength", password_strength, methods=["POST"]),
    Route("/profile/address", change_address),
    Route("/profile/address", change_address_post, methods=["POST"]),
    Route("/confirm-address/{token}", confirm_address),
    Route("/confirm-address/{token}", confirm_address_post, methods=["POST"]),
]
"""Blocking work runs in threads."""
