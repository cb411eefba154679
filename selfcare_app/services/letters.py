"""What a mail says: facts put into words, in the language of whoever gets it (emails/<kind>/)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import htpy as h

from selfcare_app.config import settings
from selfcare_app.locales import text
from selfcare_app.specs import mail as kinds

FOLDER = Path(__file__).parent.parent / "emails"
ACCENT = "#025D6B"
"""The portal's petrol, unless the operator has a colour of its own; mail programs read no style sheets."""
CHOOSING = "/profile?tab=mail"
"""Where one says which mail one wants."""
_PLACE = re.compile(r"\{(\w+)\}")
_SPACE = re.compile(r"\s+")
_SMALL = "font-size:13px"


@dataclass(frozen=True, slots=True)
class Facts:
    """What a mail tells, in no language yet."""

    kind: str
    link: str
    """A path of the portal."""
    values: Mapping[str, str] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    """Keys of texts, for values that are words."""

    def stored(self) -> dict[str, Any]:
        """As JSON takes it; `Facts(**stored)` is the same again."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail in words."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class _Part:
    """A paragraph, a heading, or a link with the words on its button."""

    words: str
    link: str = ""
    heading: bool = False


def compose(facts: Facts, language: str, letters: Iterable[Facts] = ()) -> Letter:
    """The mail in words; `letters`: those that the daily one gathers, each under its own subject."""
    subject, greeting, body, signature = _filled(facts, language)
    parts = [greeting, *body, signature]
    if facts.kind == kinds.DAILY:
        at = next(index for index, part in enumerate(parts) if part.words == _GATHERED)
        parts[at : at + 1] = [part for each in letters for part in _within(each, language)]
    elif kinds.KINDS[facts.kind].always is None:
        parts.append(_Part(text(language, "mail.choosing", address=settings().origin + CHOOSING)))
    return Letter(subject, "\n\n".join(map(_plain, parts)) + "\n", _html(language, subject, parts))


def _within(facts: Facts, language: str) -> list[_Part]:
    """A mail as it stands in the daily one: without greeting and signature."""
    subject, _, body, _ = _filled(facts, language)
    return [_Part(subject, heading=True), *body]


def _filled(facts: Facts, language: str) -> tuple[str, _Part, list[_Part], _Part]:
    """Subject, greeting, what it says, signature."""
    portal = settings()
    words = {name: text(language, key) for name, key in facts.texts.items()}
    # One line each: a name can't add lines to the mail.
    said = {name: _SPACE.sub(" ", value).strip() for name, value in {**facts.values, **words}.items()}
    said |= {"operator": portal.operator_name, "phone": portal.service_phone, "hours": portal.service_hours}
    subject, _, body = _template(facts.kind, language).partition("\n")
    link = portal.origin + facts.link
    button = text(language, f"mail.button.{facts.kind}")
    parts = [
        _Part(button, link) if part.strip() == "{link}" else _Part(part if part == _GATHERED else _put(part, said))
        for part in body.strip().split("\n\n")
    ]
    return _put(subject, said), parts[0], parts[1:-1], parts[-1]


_GATHERED = "{letters}"


@cache
def _template(kind: str, language: str) -> str:
    return (FOLDER / kind / f"{language}.txt").read_text(encoding="utf-8")


def _put(template: str, values: Mapping[str, str]) -> str:
    """In one pass, so that braces in a value stay what they are."""
    return _PLACE.sub(lambda found: values[found.group(1)], template)


def _plain(part: _Part) -> str:
    if part.heading:
        return f"{part.words}\n{'-' * len(part.words)}"
    return part.link or part.words


def _html(language: str, subject: str, parts: Sequence[_Part]) -> str:
    accent = settings().operator_accent or ACCENT
    links = [part.link for part in parts if part.link]
    return str(
        h.html(lang=language)[
            h.head[
                h.meta(charset="utf-8"),
                h.meta(name="viewport", content="width=device-width"),
                h.title[subject],
            ],
            h.body(
                style="margin:0 auto;padding:24px;max-width:560px;"
                "font:16px/1.5 system-ui,-apple-system,'Segoe UI',Arial,sans-serif"
            )[
                h.main[
                    *(_drawn(part, accent) for part in parts),
                    # Of several links none is the mail's own.
                    len(links) == 1
                    and h.p(style=_SMALL)[text(language, "mail.copy_address"), h.br, h.a(href=links[0])[links[0]]],
                ]
            ],
        ]
    )


def _drawn(part: _Part, accent: str) -> h.Node:
    if part.heading:
        return h.h2(style="font-size:17px;margin:28px 0 8px")[part.words]
    if part.link:
        return h.p(style="margin:24px 0")[
            h.a(
                href=part.link,
                style=f"background:{accent};color:#fff;padding:12px 20px;border-radius:6px;"
                "text-decoration:none;display:inline-block;font-weight:600",
            )[part.words]
        ]
    lines = part.words.split("\n")
    return h.p[[piece for line in lines for piece in (line, h.br)][:-1]]
