"""The daily mail: what somebody wants once a day, gathered into one (C3)."""

from __future__ import annotations

import logging
from datetime import datetime

from sqlmodel import Session as DatabaseSession
from sqlmodel import col, select

from selfcare_app.models import Company, SignIn, User, WaitingLetter
from selfcare_app.services import mail, mail_choices
from selfcare_app.services.database import session, writing
from selfcare_app.services.letters import Facts
from selfcare_app.specs.mail import How, choosable

log = logging.getLogger(__name__)

AT_A_TIME = 1000
"""Receivers in one go; the others a moment later."""


def gather_due(now: datetime) -> int:
    """Write the daily mails that are due into the outbox, and give how many.

    One transaction for each receiver takes what waits and puts the mail in its place: whatever dies, a letter is in
    one of the two and never in both. Safe in several workers at once: the receiver is held, and one that another
    worker holds is left to it.
    """
    with session() as db:
        due = select(WaitingLetter.user_id).where(WaitingLetter.due_at <= now).distinct().limit(AT_A_TIME)
        receivers = db.exec(due.order_by(col(WaitingLetter.user_id))).all()
    gathered = 0
    for user_id in receivers:
        try:
            gathered += _gather(user_id, now)
        except Exception as error:  # one odd letter must not hold up the others
            # The message may quote the letter.
            log.error("a daily mail could not be made, trying again: %s", type(error).__name__)
    return gathered


def _gather(user_id: int, now: datetime) -> int:
    with writing() as db:
        held = select(User).where(User.id == user_id).with_for_update(key_share=True, skip_locked=True)
        user = db.exec(held).first()
        if user is None:
            return 0
        waiting = db.exec(
            select(WaitingLetter)
            .where(
                WaitingLetter.company_id == user.company_id,
                WaitingLetter.user_id == user_id,
                WaitingLetter.due_at <= now,
            )
            .order_by(col(WaitingLetter.id))
        ).all()
        sign_in, company = db.get(SignIn, user.sign_in_id), db.get(Company, user.company_id)
        assert sign_in is not None
        assert company is not None
        active = user.activated_at is not None and user.disabled_at is None and company.disabled_at is None
        letters = [Facts(**row.facts) for row in waiting if active and _wanted(db, user, row.kind)]
        for row in waiting:
            db.delete(row)
        if not letters:
            return 0
        mail.daily(db, letters, recipient=sign_in.email, language=sign_in.language, company=company.name, now=now)
        return 1


def _wanted(db: DatabaseSession, user: User, kind: str) -> bool:
    """Whether it is still theirs to get: not once they have another role or want it no more."""
    return kind in choosable(user.role) and mail_choices.wish(db, user, kind) is not How.NEVER
