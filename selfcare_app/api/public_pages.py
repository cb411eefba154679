"""The pages one needs before there is a session, as plain HTML with native forms: they work without scripts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

import htpy as h
from starlette.requests import Request
from starlette.responses import HTMLResponse

from selfcare_app.api.public_parts import (
    ART,
    HALF,
    MARK,
    NONE,
    TICK,
    WARNING,
    Problems,
    callout,
    field_of,
    form,
    new_password,
    submit,
    summary,
    titled,
)
from selfcare_app.config import settings
from selfcare_app.locales import LANGUAGES, language_or_default, text
from selfcare_app.services.access import Refused
from selfcare_app.services.invitations import NAME_LENGTH, PHONE_LENGTH, Invitation
from selfcare_app.services.sessions import Place
from selfcare_app.specs.demo import DEMO_PASSWORD, DEMO_SIGN_INS

LANGUAGE_COOKIE = "selfcare_language"
OPERATOR = "operator"
"""What the company choice sends for the operator's desk."""


def page(
    request: Request,
    language: str,
    title: str,
    *content: h.Node,
    side: h.Node = None,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> HTMLResponse:
    """The whole document: brand, language and theme above the content, customer service under it."""
    portal = settings()
    brand = text(language, "auth.frame.brand", operator=portal.operator_name)
    stylesheet = getattr(request.app.state, "stylesheet", "/styles.css")
    document = h.html(lang=language)[
        h.head[
            h.meta(charset="utf-8"),
            h.meta(name="viewport", content="width=device-width, initial-scale=1"),
            h.title[f"{title} – {brand}"],
            h.link(rel="icon", href="/favicon.svg", type="image/svg+xml"),
            h.script(src="/theme.js"),
            h.link(rel="stylesheet", href=stylesheet),
            h.script(src="/selfcare.js", defer=True),
        ],
        h.body[
            h.a(".skip", href="#content")[text(language, "auth.frame.skip")],
            h.main(".gate")[
                h.div(".gate-form")[
                    _head(request, language),
                    h.div("#content.in", tabindex="-1")[content],
                    h.p(".muted.small")[
                        text(language, "auth.frame.support", operator=portal.operator_name),
                        " ",
                        h.span(".num")[portal.service_phone],
                        ", ",
                        text(language, "auth.frame.support_hours", hours=portal.service_hours),
                    ],
                ],
                h.div(".gate-side")[ART, h.div(".in")[side]],
            ],
        ],
    ]
    return HTMLResponse(
        str(document),
        status,
        headers={"cache-control": "no-store", "referrer-policy": "same-origin", **(headers or {})},
    )


def _head(request: Request, language: str) -> h.Element:
    other = "sv" if language == "en" else "en"
    kept = [(name, value) for name, value in request.query_params.multi_items() if name != "language"]
    label = text(language, "auth.frame.to_swedish" if other == "sv" else "auth.frame.to_english")
    return h.div(".row", style="justify-content:space-between")[
        h.a(".brand", href="/login")[MARK, h.div[settings().operator_name, " ", h.span["Selfcare"]]],
        h.div(".row", style="gap:0")[
            h.a(
                ".lang",
                href=f"{request.url.path}?{urlencode([*kept, ('language', other)])}",
                hreflang=other,
                aria_label=label,
                style="display:inline-flex",
            )[other.upper()],
            h.button(".iconbtn", type="button", aria_label=text(language, "auth.frame.theme"), data_theme_toggle=True)[
                HALF
            ],
        ],
    ]


# --- The pages


def login(
    request: Request,
    language: str,
    *,
    next_path: str,
    email: str = "",
    refused: Refused | None = None,
    notice: str = "",
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> HTMLResponse:
    """Address and password; one and the same message for every failure, tied to both fields."""
    demo = settings().demo_mode
    chosen = request.query_params.get("email", "") if demo else ""
    known_demo = chosen in {address for _, address in DEMO_SIGN_INS}
    email = email or (chosen if known_demo else "")
    described_by = "login-error" if refused else ""
    say = text(language, "auth.login.title")
    return page(
        request,
        language,
        say,
        form(
            titled(say, text(language, "auth.login.lead", operator=settings().operator_name)),
            notice and callout("success", TICK, h.p[text(language, notice)], role="status"),
            refused is not None
            and callout(
                "danger",
                WARNING,
                h.p(".medium")[text(language, refused.key, **refused.values)],
                status == 401 and h.p[text(language, "auth.login.check")],
                id="login-error",
                role="alert",
            ),
            h.input(type="hidden", name="next", value=next_path),
            field_of(
                language,
                "email",
                text(language, "auth.login.email"),
                kind="email",
                value=email,
                autocomplete="username",
                described_by=described_by,
                autofocus=not refused and not email,
            ),
            h.div(style="display:grid;gap:var(--s1)")[
                field_of(
                    language,
                    "password",
                    text(language, "auth.login.password"),
                    kind="password",
                    value=DEMO_PASSWORD if known_demo and not refused else None,
                    autocomplete="current-password",
                    described_by=described_by,
                    autofocus=bool(refused or email),
                ),
                h.a(".small", href="/forgot-password")[text(language, "auth.login.forgotten")],
            ],
            submit(text(language, "auth.login.button")),
            h.p(".muted.small")[text(language, "auth.login.no_sign_in")],
            action="/login",
        ),
        side=_demo(language, next_path) if demo else None,
        status=status,
        headers=headers,
    )


def _demo(language: str, next_path: str) -> h.Element:
    return h.section(".panel", aria_labelledby="demo-title")[
        h.div(".panel-head")[
            h.h2("#demo-title")[text(language, "auth.demo.title")],
            h.span(".more.muted")[text(language, "auth.demo.password", password=DEMO_PASSWORD)],
        ],
        h.ul(".rows")[
            (
                h.li(style="flex-wrap:wrap;gap:0 var(--s3);padding-block:var(--s2)")[
                    h.span[text(language, key)],
                    h.a(
                        ".grow",
                        href=f"/login?{urlencode({'email': address, 'next': next_path})}",
                        style="flex-basis:11rem",
                    )[address],
                ]
                for key, address in DEMO_SIGN_INS
            )
        ],
    ]


def forgotten(
    request: Request,
    language: str,
    *,
    email: str = "",
    problems: Problems = NONE,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> HTMLResponse:
    """Ask for a link to choose a new password with."""
    say = text(language, "auth.forgotten.title")
    return page(
        request,
        language,
        say,
        form(
            titled(say, text(language, "auth.forgotten.lead")),
            summary(language, problems),
            field_of(
                language,
                "email",
                text(language, "auth.login.email"),
                problems,
                kind="email",
                value=email,
                autocomplete="username",
                autofocus=not problems.by_field,
            ),
            submit(text(language, "auth.forgotten.button")),
            h.a(".small", href="/login")[text(language, "auth.forgotten.back")],
            action="/forgot-password",
        ),
        status=status,
        headers=headers,
    )


def forgotten_sent(request: Request, language: str, email: str) -> HTMLResponse:
    """The same answer whether the address is known or not."""
    say = text(language, "auth.forgotten.sent_title")
    return page(
        request,
        language,
        say,
        titled(say, text(language, "auth.forgotten.sent", email=email)),
        h.p(".second")[text(language, "auth.forgotten.sent_more")],
        h.a(".small", href="/login")[text(language, "auth.forgotten.back")],
    )


def reset(request: Request, language: str, *, email: str, problems: Problems = NONE, status: int = 200) -> HTMLResponse:
    """Choose a new password, twice."""
    say = text(language, "auth.reset.title")
    return page(
        request,
        language,
        say,
        form(
            titled(say, text(language, "auth.reset.lead", email=email)),
            summary(language, problems),
            # Lets password safes file the new password under the right name.
            h.input(type="hidden", name="username", value=email, autocomplete="username"),
            *new_password(language, "auth.reset.new", "auth.reset.again", problems),
            submit(text(language, "auth.reset.button")),
            action=request.url.path,
        ),
        status=status,
    )


def invitation(
    request: Request,
    language: str,
    invited: Invitation,
    *,
    name: str,
    phone: str,
    chosen_language: str,
    problems: Problems = NONE,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> HTMLResponse:
    """Finish a registration: name, number, password and language; a known address confirms with its password."""
    say = text(language, "auth.invitation.title")
    known = invited.has_password
    lead = text(language, f"auth.invitation.lead{'_known' if known else ''}", company=invited.company_name)
    choice = h.fieldset(style="border:0;padding:0;margin:0;display:grid;gap:var(--s2)")[
        h.legend(".label", style="padding:0;margin-bottom:var(--s1)")[text(language, "auth.invitation.language")],
        (
            h.label(".option", lang=code)[
                h.input(".check", type="radio", name="language", value=code, checked=code == chosen_language), said
            ]
            for code, said in ((code, text(code, "auth.frame.own_name")) for code in LANGUAGES)
        ),
    ]
    return page(
        request,
        language,
        say,
        form(
            titled(say, lead),
            summary(language, problems),
            h.div(".field")[
                h.span(".label")[text(language, "auth.invitation.email")],
                h.span[invited.email],
            ],
            h.input(type="hidden", name="username", value=invited.email, autocomplete="username"),
            field_of(
                language,
                "name",
                text(language, "auth.invitation.name"),
                problems,
                value=name,
                autocomplete="name",
                star=True,
                maxlength=str(NAME_LENGTH),
            ),
            field_of(
                language,
                "phone",
                text(language, "auth.invitation.phone"),
                problems,
                kind="tel",
                value=phone,
                required=False,
                autocomplete="tel",
                maxlength=str(PHONE_LENGTH),
            ),
            (
                field_of(
                    language,
                    "password",
                    text(language, "auth.invitation.current"),
                    problems,
                    kind="password",
                    autocomplete="current-password",
                    star=True,
                )
                if known
                else new_password(language, "auth.invitation.password", "auth.invitation.again", problems, star=True)
            ),
            None if known else choice,
            invited.then_factor
            and h.p(".second.small")[text(language, "auth.invitation.then_factor", company=invited.company_name)],
            submit(text(language, f"auth.invitation.button{'_known' if known else ''}")),
            known and h.a(".small", href="/forgot-password")[text(language, "auth.login.forgotten")],
            action=request.url.path,
        ),
        status=status,
        headers=headers,
    )


def dead_link(request: Request, language: str, kind: str) -> HTMLResponse:
    """One page for used, expired, replaced and unknown links, with what to do. `kind`: reset or invitation."""
    say = text(language, "auth.dead.title")
    return page(
        request,
        language,
        say,
        titled(say, text(language, "auth.dead.lead")),
        h.p(".second")[text(language, f"auth.dead.{kind}")],
        h.a(".btn.primary", href="/forgot-password" if kind == "reset" else "/login", style="width:fit-content")[
            text(language, f"auth.dead.{kind}_button")
        ],
        status=404,
    )


def choose_company(
    request: Request,
    language: str,
    *,
    email: str,
    places: Sequence[Place],
    operator: bool,
    next_path: str,
    refused: bool = False,
    status: int = 200,
) -> HTMLResponse:
    """The companies of the sign-in, one button each (S5)."""
    say = text(language, "auth.choose.title")
    choices = [(str(place.user_id), place.company_name) for place in places]
    if operator:
        choices.append((OPERATOR, text(language, "auth.choose.operator", operator=settings().operator_name)))
    return page(
        request,
        language,
        say,
        form(
            titled(say, text(language, "auth.choose.lead", email=email)),
            refused and callout("danger", WARNING, h.p[text(language, "auth.choose.not_found")], role="alert"),
            h.input(type="hidden", name="next", value=next_path),
            (
                h.button(".btn", type="submit", name="user_id", value=value, style="min-height:2.75rem")[name]
                for value, name in choices
            ),
            action="/choose-company",
        ),
        h.form(method="post", action="/logout")[
            h.button(".btn.quiet", type="submit")[text(language, "auth.choose.sign_out")]
        ],
        status=status,
    )


def too_large(request: Request, language: str) -> HTMLResponse:
    """A form that no person filled in."""
    say = text(language, "auth.frame.too_large")
    return page(request, language, say, h.h1[say], status=413)


def failed(request: Request, language: str, back: str) -> HTMLResponse:
    """What was asked for could not be done, through no fault of the person's; `back`: where to try again."""
    say = text(language, "auth.failed.title")
    return page(
        request,
        language,
        say,
        titled(say, text(language, "auth.failed.lead")),
        h.a(".btn.primary", href=back, style="width:fit-content")[text(language, "auth.failed.button")],
        status=503,
        headers={"retry-after": "30"},
    )


def language_of(request: Request, otherwise: str = "") -> str:
    """The language chosen on these pages, else the one given, else Swedish."""
    return language_or_default(request.cookies.get(LANGUAGE_COOKIE) or otherwise)
