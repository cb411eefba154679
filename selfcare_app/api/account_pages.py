"""Pages that ask for something secret of whoever is signed in, or half signed in: plain HTML, so that no password, code
or secret ever passes through the app's state (decision 2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

import htpy as h
import segno
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse

from selfcare_app.api.public_pages import page
from selfcare_app.api.public_parts import (
    NONE,
    Problems,
    field_of,
    form,
    new_password,
    submit,
    summary,
    titled,
)
from selfcare_app.locales import text
from selfcare_app.services.second_factor import Setup

QR_SCALE = 5
STRENGTHS = 5
"""Steps of `passwords.strength`."""


def _back(language: str, to: str = "/profile") -> h.Element:
    return h.a(".small", href=to)[text(language, "auth.account.back")]


def _code(language: str, problems: Problems, *, hint: str, numeric: bool) -> h.Element:
    return field_of(
        language,
        "code",
        text(language, "auth.factor.code"),
        problems,
        hint=text(language, hint),
        autocomplete="one-time-code",
        inputmode="numeric" if numeric else None,
        maxlength="20",
        autocapitalize="none",
        spellcheck="false",
        autofocus=not problems.by_field,
    )


def _current(language: str, problems: Problems, name: str = "current", autofocus: bool = False) -> h.Element:
    return field_of(
        language,
        name,
        text(language, "auth.account.current"),
        problems,
        kind="password",
        autocomplete="current-password",
        autofocus=autofocus,
    )


def second_factor(
    request: Request,
    language: str,
    *,
    next_path: str,
    problems: Problems = NONE,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> HTMLResponse:
    """The code of the second factor, between password and portal."""
    say = text(language, "auth.factor.title")
    return page(
        request,
        language,
        say,
        form(
            titled(say, text(language, "auth.factor.lead")),
            summary(language, problems),
            h.input(type="hidden", name="next", value=next_path),
            _code(language, problems, hint="auth.factor.code_hint", numeric=False),
            submit(text(language, "auth.login.button")),
            h.p(".muted.small")[text(language, "auth.factor.lost")],
            h.a(".small", href=f"/login?{urlencode({'next': next_path})}")[text(language, "auth.factor.start_over")],
            action="/second-factor",
        ),
        status=status,
        headers=headers,
    )


def set_up(
    request: Request,
    language: str,
    setup: Setup,
    *,
    required: bool,
    next_path: str,
    problems: Problems = NONE,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> HTMLResponse:
    """The QR code for an authenticator, its secret in letters, and a first code."""
    say = text(language, "auth.factor.set_up.title")
    drawn = segno.make(setup.uri, error="m").svg_inline(
        scale=QR_SCALE, border=3, dark="#000", light="#fff", svgclass="qr", lineclass=None
    )
    grouped = " ".join(setup.secret[at : at + 4] for at in range(0, len(setup.secret), 4))
    return page(
        request,
        language,
        say,
        form(
            titled(say, text(language, f"auth.factor.set_up.{'lead_required' if required else 'lead'}")),
            summary(language, problems),
            h.input(type="hidden", name="next", value=next_path),
            h.ol(".steps")[
                h.li[text(language, "auth.factor.set_up.step_app")],
                h.li[
                    text(language, "auth.factor.set_up.step_scan"),
                    h.div(role="img", aria_label=text(language, "auth.factor.set_up.qr"))[
                        Markup(drawn)  # noqa: S704  made by the library of a secret of ours
                    ],
                    h.p(".small.second")[
                        text(language, "auth.factor.set_up.by_hand"), " ", h.code(".num.medium")[grouped]
                    ],
                ],
                h.li[text(language, "auth.factor.set_up.step_code")],
            ],
            _code(language, problems, hint="auth.factor.set_up.code_hint", numeric=True),
            submit(text(language, "auth.factor.set_up.button")),
            _sign_out_or_back(language, required),
            action="/second-factor/set-up",
        ),
        status=status,
        headers=headers,
    )


def _sign_out_or_back(language: str, required: bool) -> h.Element:
    """Where a second factor is required there is nowhere to go back to but out."""
    if not required:
        return _back(language)
    return h.button(".btn.quiet", type="submit", formaction="/logout", formnovalidate=True, style="width:fit-content")[
        text(language, "auth.choose.sign_out")
    ]


def recovery_codes(request: Request, language: str, codes: Sequence[str], *, next_path: str) -> HTMLResponse:
    """The recovery codes, shown this once."""
    say = text(language, "auth.factor.codes.title")
    return page(
        request,
        language,
        say,
        titled(say, text(language, "auth.factor.codes.lead")),
        h.ul(".codes.num", aria_label=text(language, "auth.factor.codes.list"))[(h.li[h.code[code]] for code in codes)],
        h.p(".second.small")[text(language, "auth.factor.codes.once")],
        h.a(".btn.primary", href=next_path, style="width:fit-content")[text(language, "auth.factor.codes.done")],
    )


def turn_off(
    request: Request,
    language: str,
    *,
    problems: Problems = NONE,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> HTMLResponse:
    """Switch the second factor off with password and code."""
    say = text(language, "auth.factor.off.title")
    return page(
        request,
        language,
        say,
        form(
            titled(say, text(language, "auth.factor.off.lead")),
            summary(language, problems),
            _current(language, problems, autofocus=not problems.by_field),
            _code(language, problems, hint="auth.factor.code_hint", numeric=False),
            submit(text(language, "auth.factor.off.button")),
            _back(language),
            action="/second-factor/off",
        ),
        status=status,
        headers=headers,
    )


def confirm_password(
    request: Request,
    language: str,
    *,
    email: str,
    next_path: str,
    problems: Problems = NONE,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> HTMLResponse:
    """The password again, before something weighty is changed (S4)."""
    say = text(language, "auth.confirm.title")
    return page(
        request,
        language,
        say,
        form(
            titled(say, text(language, "auth.confirm.lead", email=email)),
            summary(language, problems),
            h.input(type="hidden", name="next", value=next_path),
            h.input(type="hidden", name="username", value=email, autocomplete="username"),
            _current(language, problems, name="password", autofocus=not problems.by_field),
            submit(text(language, "auth.confirm.button")),
            _back(language, next_path if next_path.startswith("/company") else "/profile"),
            action="/confirm-password",
        ),
        status=status,
        headers=headers,
    )


def change_password(
    request: Request,
    language: str,
    *,
    email: str,
    problems: Problems = NONE,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> HTMLResponse:
    """The present password and a new one, twice; how strong it is shows while it is typed."""
    say = text(language, "auth.change.title")
    return page(
        request,
        language,
        say,
        form(
            titled(say, text(language, "auth.change.lead", email=email)),
            summary(language, problems),
            h.input(type="hidden", name="username", value=email, autocomplete="username"),
            _current(language, problems, autofocus=not problems.by_field),
            *new_password(language, "auth.reset.new", "auth.reset.again", problems),
            _strength(language),
            submit(text(language, "auth.reset.button")),
            _back(language),
            action="/profile/password",
        ),
        status=status,
        headers=headers,
    )


def _strength(language: str) -> h.Element:
    words = {f"data-word-{at}": text(language, f"auth.change.strengths.{at}") for at in range(STRENGTHS)}
    return h.div(".strength", data_strength_of="password", hidden=True, **words)[
        h.meter(min="0", max=str(STRENGTHS - 1), value="0", aria_label=text(language, "auth.change.strength")),
        h.output(".small.second", for_="password"),
    ]


def change_address(
    request: Request,
    language: str,
    *,
    email: str,
    wanted: str = "",
    problems: Problems = NONE,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> HTMLResponse:
    """A new address to sign in with."""
    say = text(language, "auth.address.title")
    return page(
        request,
        language,
        say,
        form(
            titled(say, text(language, "auth.address.lead", email=email)),
            summary(language, problems),
            field_of(
                language,
                "email",
                text(language, "auth.address.new"),
                problems,
                kind="email",
                value=wanted,
                autocomplete="email",
                autofocus=not problems.by_field,
            ),
            submit(text(language, "auth.address.button")),
            _back(language),
            action="/profile/address",
        ),
        status=status,
        headers=headers,
    )


def address_sent(request: Request, language: str, wanted: str) -> HTMLResponse:
    """The same answer whether another sign-in has the address or not."""
    say = text(language, "auth.address.sent_title")
    return page(request, language, say, titled(say, text(language, "auth.address.sent", email=wanted)), _back(language))


def confirm_address(request: Request, language: str, address: str) -> HTMLResponse:
    """Behind the mailed link: nothing happens until the button is pressed."""
    say = text(language, "auth.address.confirm_title")
    return page(
        request,
        language,
        say,
        form(
            titled(say, text(language, "auth.address.confirm_lead", email=address)),
            submit(text(language, "auth.address.confirm_button")),
            action=request.url.path,
        ),
    )


def address_confirmed(request: Request, language: str, address: str) -> HTMLResponse:
    """The address is the sign-in's now."""
    say = text(language, "auth.address.done_title")
    return page(
        request,
        language,
        say,
        titled(say, text(language, "auth.address.done", email=address)),
        h.a(".btn.primary", href="/", style="width:fit-content")[text(language, "auth.address.done_button")],
    )
