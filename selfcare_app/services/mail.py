"""Mail as it is written: one function per kind, a row in the outbox in the transaction of the fact it tells.

A kind that its receiver may choose (`specs.mail`) is left out, or waits for the daily mail, as they have chosen (C3).
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Mapping, Sequence
from datetime import datetime
from email.utils import parseaddr

from sqlmodel import Session as DatabaseSession

from selfcare_app.config import settings
from selfcare_app.locales import language_or_default
from selfcare_app.models import OutgoingMail, User, WaitingLetter
from selfcare_app.services import clock, mail_choices
from selfcare_app.services.database import after_commit
from selfcare_app.services.letters import CHOOSING, Facts, Letter, compose
from selfcare_app.specs import mail as kinds
from selfcare_app.specs.mail import How

WITH_ONE_TIME_LINK = frozenset(key for key, kind in kinds.KINDS.items() if kind.one_time_link)
"""Kinds whose text opens an account: it is wiped once it is delivered."""
WRITTEN = threading.Event()
"""Set when there is something new to deliver."""


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
        link=f"/invitation/{token}",
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
        link=f"/reset-password/{token}",
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
        link="/login",
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
        link="/profile",
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
        link=f"/confirm-address/{token}",
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
        link="/login",
    )


def approvers_changed(
    db: DatabaseSession,
    *,
    to: User,
    recipient: str,
    language: str,
    who: str,
    company: str,
    product: str,
    added: str,
    removed: str,
    chain: str,
    own: bool,
    now: datetime,
) -> None:
    """Tell a user that a chain of order approvers has changed (C4). `own`: it is they who came or went; `product` is
    the key of its name."""
    _write(
        db,
        "own_approvals" if own else "approvers_changed",
        recipient,
        language,
        now,
        to=to,
        texts={"product": product},
        who=who,
        company=company,
        added=added,
        removed=removed,
        chain=chain,
        at=clock.show(now),
        link="/company",
    )


def daily(
    db: DatabaseSession, letters: Sequence[Facts], *, recipient: str, language: str, company: str, now: datetime
) -> None:
    """What somebody wants once a day, in one mail (C3)."""
    facts = Facts(kinds.DAILY, CHOOSING, {"company": company, "day": clock.day(now).isoformat()})
    _put_out(db, kinds.DAILY, recipient, language, compose(facts, language_or_default(language), letters), now)


def _write(
    db: DatabaseSession | None,
    kind: str,
    recipient: str,
    language: str,
    now: datetime,
    *,
    link: str,
    to: User | None = None,
    texts: Mapping[str, str] | None = None,
    **values: str,
) -> None:
    """Put it into the outbox, or where it waits. `to`: the user it is for, whose choice counts; None: whoever has
    nothing to choose."""
    facts = Facts(kind, link, values, texts or {})
    how = mail_choices.wish(db, to, kind) if db is not None and to is not None else How.AT_ONCE
    if how is How.AT_ONCE:
        _put_out(db, kind, recipient, language, compose(facts, language_or_default(language)), now)
    elif how is How.DAILY and db is not None and to is not None:
        db.add(
            WaitingLetter(
                company_id=to.company_id,
                user_id=to.id or 0,
                kind=kind,
                facts=facts.stored(),
                created_at=now,
                due_at=clock.next_at(kinds.DAILY_AT, now),
            )
        )


def _put_out(
    db: DatabaseSession | None, kind: str, recipient: str, language: str, letter: Letter, now: datetime
) -> None:
    row = OutgoingMail(
        message_id=f"<{secrets.token_hex(16)}@{parseaddr(settings().sender)[1].rpartition('@')[2]}>",
        kind=kind,
        recipient=recipient,
        language=language_or_default(language),
        subject=letter.subject,
        text=letter.text,
        html=letter.html,
        created_at=now,
        next_attempt_at=now,
    )
    if db is not None:
        db.add(row)
        after_commit(db, WRITTEN.set)
