"""The sender: takes mail from the outbox and delivers it by SMTP, or as files where there is no mail server."""

from __future__ import annotations

import ipaddress
import logging
import os
import smtplib
import ssl
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime, formataddr, parseaddr
from urllib.parse import unquote, urlsplit

from sqlalchemy import func
from sqlmodel import col, select

from selfcare_app.config import settings
from selfcare_app.models import OutgoingMail
from selfcare_app.services import clock, daily_mail
from selfcare_app.services.database import session, writing
from selfcare_app.services.mail import WITH_ONE_TIME_LINK, WRITTEN

log = logging.getLogger(__name__)

SMTP_TIMEOUT = 20.0
FIRST_DELAY = timedelta(seconds=30)
LONGEST_DELAY = timedelta(hours=6)
GIVEN_UP_AFTER = timedelta(hours=48)
CLAIM = timedelta(minutes=15)
"""How long a mail belongs to the worker that took it. One that dies meanwhile leaves it to the next after this."""
ERROR_LENGTH = 500
POLL = 1.0
LONGEST_POLL = 30.0


class ConnectionFailed(Exception):
    """The mail server can't be reached or won't talk: other mail would fare no better."""


def deliver_due(now: datetime, limit: int = 50) -> int:
    """Deliver what is due and give how many were delivered.

    Safe in several workers at once: each mail is claimed before it is sent. What fails is tried again after a delay
    that doubles up to 6 hours, and given up after 48 hours or at once when the recipient is refused for good.
    """
    delivered = 0
    sender = _BySmtp(settings().smtp_url) if settings().smtp_url else _ToFiles()
    with sender:
        for _ in range(limit):
            letter = _claim(now)
            if letter is None:
                break
            try:
                sender.send(letter)
            except ConnectionFailed as error:
                _failed(letter, now, str(error), permanent=False)
                break
            except smtplib.SMTPResponseException as error:
                # A refused sender is a setting to put right; refused data is not.
                permanent = error.smtp_code >= 500 and not isinstance(error, smtplib.SMTPSenderRefused)
                _failed(letter, now, _said(error), permanent)
            except smtplib.SMTPRecipientsRefused as error:
                code, answer = next(iter(error.recipients.values()))
                _failed(letter, now, f"{code} {_decoded(answer)}", permanent=code >= 500)
            except Exception as error:  # one odd mail must not hold up the others
                _failed(letter, now, type(error).__name__, permanent=False)
            else:
                _delivered(letter, now)
                delivered += 1
    return delivered


def queue_state(now: datetime) -> dict[str, int]:
    """For /healthz: how many mails wait, how many were given up, and the age in seconds of the oldest that waits."""
    with session() as db:
        waiting, oldest = db.exec(
            select(func.count(), func.min(OutgoingMail.created_at)).where(
                col(OutgoingMail.sent_at).is_(None), col(OutgoingMail.failed_at).is_(None)
            )
        ).one()
        failed = db.exec(
            select(func.count()).select_from(OutgoingMail).where(col(OutgoingMail.failed_at).is_not(None))
        ).one()
    age = max(0, int((now - oldest).total_seconds())) if oldest else 0
    return {"waiting": waiting, "failed": failed, "oldest_waiting_seconds": age}


def run(stop: threading.Event) -> None:
    """Gather and deliver until told to stop: at once when mail is written in this process, else every second."""
    pause = POLL
    while not stop.is_set():
        WRITTEN.clear()
        try:
            daily_mail.gather_due(clock.now())
            while not stop.is_set() and deliver_due(clock.now()):
                pass
            pause = POLL
        except Exception as error:  # the database may be away: it comes back
            # The message may quote a mail, and mail bears links: only the kind of error is logged.
            log.error("mail delivery failed, trying again: %s", type(error).__name__)
            pause = min(pause * 2, LONGEST_POLL)
        WRITTEN.wait(pause)


# --- The queue


def _claim(now: datetime) -> OutgoingMail | None:
    due = (
        col(OutgoingMail.sent_at).is_(None),
        col(OutgoingMail.failed_at).is_(None),
        col(OutgoingMail.next_attempt_at) <= now,
    )
    # Each worker asks every second: with nothing due none may stand in the way of those who write.
    with session() as db:
        if db.exec(select(OutgoingMail.id).where(*due).limit(1)).first() is None:
            return None
    with writing() as db:
        letter = db.exec(
            select(OutgoingMail)
            .where(*due)
            .order_by(col(OutgoingMail.next_attempt_at), col(OutgoingMail.id))
            .limit(1)
            .with_for_update(skip_locked=True)
        ).first()
        if letter is not None:
            letter.attempts += 1
            letter.next_attempt_at = now + CLAIM
            db.add(letter)
        return letter


def _delivered(letter: OutgoingMail, now: datetime) -> None:
    def settle(row: OutgoingMail) -> None:
        row.sent_at, row.error = now, ""
        _wipe(row)

    _settle(letter, settle)


def _failed(letter: OutgoingMail, now: datetime, error: str, permanent: bool) -> None:
    def settle(row: OutgoingMail) -> None:
        row.error = error[:ERROR_LENGTH]
        if permanent or now - row.created_at >= GIVEN_UP_AFTER:
            row.failed_at = now
            _wipe(row)
        else:
            row.next_attempt_at = now + delay_after(row.attempts)

    _settle(letter, settle)
    log.warning("mail %s not delivered (attempt %d)", letter.message_id, letter.attempts)


def _settle(letter: OutgoingMail, change: Callable[[OutgoingMail], None]) -> None:
    with writing() as db:
        row = db.get(OutgoingMail, letter.id, with_for_update=True)
        # Someone else took it over when this worker's claim ran out: the outcome is theirs to write.
        if row is not None and row.attempts == letter.attempts and row.sent_at is None:
            change(row)
            db.add(row)


def _wipe(row: OutgoingMail) -> None:
    if row.kind in WITH_ONE_TIME_LINK:
        row.text = row.html = ""


def delay_after(attempts: int) -> timedelta:
    """How long to wait after that many attempts: 30 s, 1 min, 2 min … 6 h."""
    # 2**12 half minutes are past six hours already.
    return min(FIRST_DELAY * (1 << min(attempts - 1, 12)), LONGEST_DELAY)


# --- The ways out


def message_of(letter: OutgoingMail) -> EmailMessage:
    """The mail as it goes over the wire, the same at every attempt."""
    portal = settings()
    message = EmailMessage(policy=policy.SMTP)
    message["From"] = formataddr((f"{portal.operator_name} Selfcare", parseaddr(portal.sender)[1]))
    message["To"] = letter.recipient
    if portal.service_email:
        message["Reply-To"] = portal.service_email
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(letter.created_at)
    message["Message-ID"] = letter.message_id
    message["Auto-Submitted"] = "auto-generated"
    message["Content-Language"] = letter.language
    message.set_content(letter.text)
    if letter.html:
        message.add_alternative(letter.html, subtype="html")
    return message


class _ToFiles(AbstractContextManager["_ToFiles"]):
    """Each mail becomes a file in data_dir/mail, whole or not at all."""

    def __exit__(self, *_: object) -> None:
        """Nothing is held open."""

    def send(self, letter: OutgoingMail) -> None:
        folder = settings().data_dir / "mail"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = folder / f"{letter.created_at:%Y%m%dT%H%M%S}-{letter.id:06d}-{letter.kind}.eml"
        draft = path.with_suffix(".part")
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(bytes(message_of(letter)))
        draft.replace(path)


class _BySmtp(AbstractContextManager["_BySmtp"]):
    """One connection for all mail of a round, opened at the first."""

    def __init__(self, address: str) -> None:
        self.parts = urlsplit(address)
        self.server: smtplib.SMTP | None = None

    def __exit__(self, *_: object) -> None:
        """Say goodbye; a server that is gone already is no matter."""
        if self.server is not None:
            try:
                self.server.quit()
            except (smtplib.SMTPException, OSError):
                self.server.close()

    def send(self, letter: OutgoingMail) -> None:
        message = message_of(letter)
        if self.server is None:
            self.server = self._connected()
        try:
            self.server.send_message(message, from_addr=parseaddr(settings().sender)[1], to_addrs=[letter.recipient])
        except (OSError, smtplib.SMTPServerDisconnected) as error:
            # smtplib's answers are OSErrors too: only a broken connection ends the round.
            if isinstance(error, smtplib.SMTPException) and not isinstance(error, smtplib.SMTPServerDisconnected):
                raise
            raise ConnectionFailed(type(error).__name__) from None

    def _connected(self) -> smtplib.SMTP:
        try:
            return self._greeted()
        except smtplib.SMTPResponseException as error:
            raise ConnectionFailed(_said(error)) from None
        except (OSError, smtplib.SMTPException) as error:
            raise ConnectionFailed(type(error).__name__) from None

    def _greeted(self) -> smtplib.SMTP:
        host, user = self.parts.hostname or "", unquote(self.parts.username or "")
        if self.parts.scheme == "smtps":
            context = ssl.create_default_context()
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, self.parts.port or 465, timeout=SMTP_TIMEOUT, context=context)
        else:
            server = smtplib.SMTP(host, self.parts.port or 587, timeout=SMTP_TIMEOUT)
        try:
            server.ehlo_or_helo_if_needed()
            if self.parts.scheme == "smtp":
                if server.has_extn("starttls"):
                    server.starttls(context=_context(host, bool(user)))
                    server.ehlo()
                elif user:
                    raise ConnectionFailed("no STARTTLS, and a password is not sent in clear")
            if user:
                server.login(user, unquote(self.parts.password or ""))
        except BaseException:
            server.close()
            raise
        return server


def _context(host: str, credentials: bool) -> ssl.SSLContext:
    """Certificates are checked, but for a mail server on this machine that is given no password."""
    context = ssl.create_default_context()
    if not credentials and _is_loopback(host):
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _said(error: smtplib.SMTPResponseException) -> str:
    return f"{error.smtp_code} {_decoded(error.smtp_error)}"


def _decoded(answer: bytes | str) -> str:
    return answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
