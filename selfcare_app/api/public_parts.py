"""What the public pages are put together from: marks, forms, fields, messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import htpy as h
from markupsafe import Markup

from selfcare_app.locales import text
from selfcare_app.services.access import Refused
from selfcare_app.services.passwords import MAX_LENGTH, MIN_LENGTH

MARK = Markup(
    '<svg viewBox="0 0 26 26" aria-hidden="true"><rect width="26" height="26" rx="7" fill="var(--accent)"/>'
    '<path d="M7.5 18.5V8.2l11 9.6V7.5" fill="none" stroke="var(--on-accent)" stroke-width="2.2"'
    ' stroke-linecap="round" stroke-linejoin="round"/><circle cx="7.5" cy="18.5" r="1.9" fill="var(--on-accent)"/>'
    '<circle cx="18.5" cy="7.5" r="1.9" fill="var(--on-accent)"/></svg>'
)
HALF = Markup(
    '<svg class="i" viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="9.5"/>'
    '<path d="M12 2.5v19a9.5 9.5 0 0 0 0-19" fill="currentColor" stroke="none"/></svg>'
)
EYE = Markup(
    '<svg class="i" viewBox="0 0 24 24" aria-hidden="true">'
    '<path d="M2 12s3.5-7 10-7 10 7 10 7-3.5 7-10 7-10-7-10-7"/><circle cx="12" cy="12" r="3"/></svg>'
)
WARNING = Markup(
    '<svg class="i" viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="9.5"/>'
    '<path d="M12 7v6M12 16.5v.01"/></svg>'
)
TICK = Markup(
    '<svg class="i" viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="9.5"/>'
    '<path d="m8 12.5 2.7 2.7L16 9.5"/></svg>'
)
_RINGS = "".join(
    f'<circle cx="640" cy="120" r="{radius}" opacity="{max(0.12, 1 - radius / 900):.2f}"/>'
    for radius in range(60, 841, 60)
)
ART = Markup(  # noqa: S704  made of the numbers above
    '<svg class="art" viewBox="0 0 800 900" preserveAspectRatio="xMidYMid slice" aria-hidden="true">'
    f'{_RINGS}<circle class="dot" cx="640" cy="120" r="5"/></svg>'
)


@dataclass(frozen=True, slots=True)
class Problems:
    """What stops a form: a sentence for each field, or for all of it under the empty name."""

    by_field: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, language: str, refused: Refused, name: str = "") -> Problems:
        """From an operation's refusal; `name` is the field it concerns."""
        return cls({name: text(language, refused.key, **refused.values)})

    def at(self, name: str) -> str:
        """The sentence for a field; empty when there is nothing wrong with it."""
        return self.by_field.get(name, "")


NONE = Problems()


def titled(title: str, lead: str) -> h.Element:
    """The heading with what it is about."""
    return h.div[h.h1[title], h.p(".lead")[lead]]


def callout(kind: str, icon: Markup, *content: h.Node, **attributes: Any) -> h.Element:
    """A message of the kind danger or success, with its mark."""
    return h.div(f".callout.is-{kind}", **attributes)[icon, h.div[content]]


def summary(language: str, problems: Problems) -> h.Node:
    """What is wrong, at the top, with a link to each field; focus goes here."""
    if not problems.by_field:
        return None
    return callout(
        "danger",
        WARNING,
        h.p(".medium")[text(language, "auth.errors.summary")],
        h.ul(style="margin:0;padding:0;list-style:none")[
            (h.li[h.a(href=f"#{name}")[said] if name else said] for name, said in problems.by_field.items())
        ],
        id="errors",
        role="alert",
        tabindex="-1",
        autofocus=True,
    )


def field_of(
    language: str,
    name: str,
    label: str,
    problems: Problems = NONE,
    *,
    kind: str = "text",
    hint: str = "",
    required: bool = True,
    described_by: str = "",
    star: bool = False,
    **attributes: Any,
) -> h.Element:
    """A labelled field with its hint and its error. `star` marks a required one among others that aren't;
    `described_by` names a message elsewhere that says what is wrong."""
    said = problems.at(name)
    described = " ".join(filter(None, (f"{name}-hint" if hint else "", f"{name}-error" if said else "", described_by)))
    shared: dict[str, Any] = {
        "id": name,
        "name": name,
        "type": kind,
        "required": required,
        "aria_describedby": described or None,
        "aria_invalid": "true" if said or described_by else None,
        **attributes,
    }
    control: h.Node = h.input(".input", **shared)
    if kind == "password":
        control = h.div(".withicon.end")[
            h.input(".input", style="padding-left:var(--s3)", maxlength=str(MAX_LENGTH), **shared),
            h.button(
                ".iconbtn.sm",
                type="button",
                # Without the label's own words, so that nothing but the field itself bears the field's name.
                aria_label=text(language, "auth.frame.show_password"),
                aria_controls=name,
                aria_pressed="false",
                data_show_password=name,
            )[EYE],
        ]
    return h.div(".field")[
        h.label(for_=name)[label, star and h.span(".req", aria_hidden="true")["*"]],
        control,
        hint and h.span(".hint", id=f"{name}-hint")[hint],
        said and h.span(".error", id=f"{name}-error")[said],
    ]


def submit(label: str) -> h.Element:
    """The one primary button."""
    return h.button(".btn.primary", type="submit", style="min-height:2.5rem")[label]


def form(*content: h.Node, **attributes: Any) -> h.Element:
    """A native form that posts."""
    # What is missing is said by the portal, in its own words and language.
    return h.form(method="post", novalidate=True, style="display:grid;gap:var(--s4)", **attributes)[content]


def new_password(language: str, new: str, again: str, problems: Problems, star: bool = False) -> Sequence[h.Node]:
    """A new password, twice."""
    return (
        field_of(
            language,
            "password",
            text(language, new),
            problems,
            kind="password",
            hint=text(language, "auth.reset.hint", least=MIN_LENGTH),
            autocomplete="new-password",
            star=star,
        ),
        field_of(
            language, "again", text(language, again), problems, kind="password", autocomplete="new-password", star=star
        ),
    )
