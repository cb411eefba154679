"""Mail as it is written: one function per kind, a row in the outbox in the transaction of the fact it tells."""

from __future__ import annotations

import re
import secrets
import threading
from collections.abc import Sequence
from datetime import datetime
from email.utils import parseaddr
from functools import cache
from pathlib import Path

import htpy as h
from sqlmodel import Session as DatabaseSession

from selfcare_app.config import settings
from selfcare_app.locales import language_or_default, text
from selfcare_app.models import OutgoingMail
from selfcare_app.services import clock
from selfcare_app.services.database import after_commit

FOLDER = Path(__file__).parent.parent / "emails"
WITH_ONE_TIME_LINK = frozenset({"invitation", "reset", "address_confirmation"})
"""Kinds whose text opens an account: it is wiped once it is delivered."""
WRITTEN = threading.Event()
"""Set when there is something new to deliver."""

ACCENT = "#025D6B"
"""The portal's petrol, unless the operator has a colour of its own; mail programs read no style sheets."""
_PLACE = re.compile(r"\{(\w+)\}")
_SPACE = re.compile(r"\s+")


def invitation(
    db: DatabaseSession,
    *,
    recipient: str,
    language: str,
    name: str,
    company: str,
    inviter: str,
    token: str,
    expires_at: datetime,
    now: datetime,
) -> None:
    """Ask somebody to finish their registration in a company (U7)."""
    _write(
        db,
        "invitation",
        recipient,
        language,
        now,
        name=name,
        company=company,
        inviter=inviter,
        link=f"{settings().origin}/invitation/{token}",
        expires=clock.show(expires_at),
    )


def reset(
    db: DatabaseSession | None, *, recipient: str, language: str, token: str, expires_at: datetime, now: datetime
) -> None:
    """The link to choose a new password with (S2). Without a database it is only composed, so that an unknown address
    takes the same time."""
    _write(
        db,
        "reset",
        recipient,
        language,
        now,
        email=recipient,
        link=f"{settings().origin}/reset-password/{token}",
        expires=clock.show(expires_at),
    )


def password_changed(db: DatabaseSession, *, recipient: str, language: str, now: datetime) -> None:
    """Tell the owner of an address that its password was changed."""
    _write(
        db,
        "password_changed",
        recipient,
        language,
        now,
        email=recipient,
        at=clock.show(now),
        link=f"{settings().origin}/login",
    )


def second_factor(db: DatabaseSession, what: str, *, recipient: str, language: str, now: datetime) -> None:
    """Tell the owner of an address that its second factor was switched `on` or `off`."""
    _write(
        db,
        f"second_factor_{what}",
        recipient,
        language,
        now,
        email=recipient,
        at=clock.show(now),
        link=f"{settings().origin}/profile",
    )


def address_confirmation(
    db: DatabaseSession | None,
    *,
    recipient: str,
    language: str,
    old: str,
    token: str,
    expires_at: datetime,
    now: datetime,
) -> None:
    """Ask the holder of a new address to confirm it. Without a database it is only composed, as `reset` is."""
    _write(
        db,
        "address_confirmation",
        recipient,
        language,
        now,
        email=old,
        address=recipient,
        link=f"{settings().origin}/confirm-address/{token}",
        expires=clock.show(expires_at),
    )


def address_changed(db: DatabaseSession, *, recipient: str, language: str, address: str, now: datetime) -> None:
    """Tell the old address that the sign-in has another one from now on."""
    _write(
        db,
        "address_changed",
        recipient,
        language,
        now,
        email=recipient,
        address=address,
        at=clock.show(now),
        link=f"{settings().origin}/login",
    )


def approvers_changed(
    db: DatabaseSession,
    *,
    recipient: str,
    language: str,
    who: str,
    company: str,
    product: str,
    added: str,
    removed: str,
    chain: str,
    now: datetime,
) -> None:
    """Tell somebody that a chain of order approvers has changed (C4)."""
    _write(
        db,
        "approvers_changed",
        recipient,
        language,
        now,
        who=who,
        company=company,
        product=product,
        added=added,
        removed=removed,
        chain=chain,
        at=clock.show(now),
        link=f"{settings().origin}/company",
    )


def _write(
    db: DatabaseSession | None, kind: str, recipient: str, language: str, now: datetime, *, link: str, **values: str
) -> None:
    language = language_or_default(language)
    portal = settings()
    # One line each: a name can't add lines to the mail.
    said = {name: _SPACE.sub(" ", value).strip() for name, value in values.items()}
    said |= {"operator": portal.operator_name, "phone": portal.service_phone, "hours": portal.service_hours}
    subject, _, body = _template(kind, language).partition("\n")
    parts = body.strip().split("\n\n")
    letter = OutgoingMail(
        message_id=f"<{secrets.token_hex(16)}@{parseaddr(portal.sender)[1].rpartition('@')[2]}>",
        kind=kind,
        recipient=recipient,
        language=language,
        subject=_filled(subject, said),
        text="\n\n".join(_filled(part, said | {"link": link}) for part in parts) + "\n",
        html=_html(kind, language, _filled(subject, said), parts, said, link),
        created_at=now,
        next_attempt_at=now,
    )
    if db is not None:
        db.add(letter)
        after_commit(db, WRITTEN.set)


@cache
def _template(kind: str, language: str) -> str:
    return (FOLDER / kind / f"{language}.txt").read_text(encoding="utf-8")


def _filled(template: str, values: dict[str, str]) -> str:
    """In one pass, so that braces in a value stay what they are."""
    return _PLACE.sub(lambda found: values[found.group(1)], template)


def _html(kind: str, language: str, subject: str, parts: list[str], said: dict[str, str], link: str) -> str:
    accent = settings().operator_accent or ACCENT
    button = h.p(style="margin:24px 0")[
        h.a(
            href=link,
            style=f"background:{accent};color:#fff;padding:12px 20px;border-radius:6px;"
            "text-decoration:none;display:inline-block;font-weight:600",
        )[text(language, f"mail.button.{kind}")]
    ]
    address = h.p(style="font-size:13px")[text(language, "mail.copy_address"), h.br, h.a(href=link)[link]]
    body = [
        button if part.strip() == "{link}" else h.p[_with_breaks(_filled(part, said | {"link": link}))]
        for part in parts
    ]
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
            )[h.main[*body, address]],
        ]
    )


def _with_breaks(part: str) -> Sequence[h.Node]:
    lines = part.split("\n")
    return [piece for line in lines for piece in (line, h.br)][:-1]
