"""What happened: the audit log, outgoing mail, and what was fed in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Index
from sqlmodel import Field

from selfcare_app.models.base import Moment, Table


class AuditEntry(Table, table=True):
    """One thing that was written: who, when, from where, what, before and after (P4)."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index(None, "company_id", "at", "id"),
        Index(None, "company_id", "object_kind", "object_id", "at"),
        Index(None, "company_id", "user_id", "at", "id"),
        Index(None, "company_id", "action", "at", "id"),
    )
    id: int | None = Field(default=None, primary_key=True)
    company_id: int | None = Field(default=None, foreign_key="company.id")
    """None: concerns the portal, not a company."""
    at: datetime = Field(sa_column=Column(Moment, nullable=False))
    user_id: int | None = None
    sign_in_id: int | None = None
    who: str
    """Name at the time; stays when the user is gone."""
    source: str = ""
    action: str
    """One of `specs.audit.ACTIONS`."""
    object_kind: str = ""
    """One of `specs.audit.OBJECTS`, when it is about a company."""
    object_id: int | None = None
    object_label: str = ""
    before: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    after: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    search_key: str = ""
    """Made by `specs.text.search_key` from who and what it was about."""


class OutgoingMail(Table, table=True):
    """A mail written in the same transaction as the fact it tells; the sender delivers it."""

    __tablename__ = "outgoing_mail"
    __table_args__ = (Index(None, "sent_at", "next_attempt_at"),)
    id: int | None = Field(default=None, primary_key=True)
    message_id: str = Field(unique=True)
    kind: str
    recipient: str
    language: str
    subject: str
    text: str
    html: str = ""
    created_at: datetime = Field(sa_column=Column(Moment, nullable=False))
    attempts: int = 0
    next_attempt_at: datetime = Field(sa_column=Column(Moment, nullable=False))
    sent_at: datetime | None = Field(default=None, sa_column=Column(Moment))
    failed_at: datetime | None = Field(default=None, sa_column=Column(Moment))
    """Given up."""
    error: str = ""


class WaitingLetter(Table, table=True):
    """A mail that its receiver wants once a day. It waits as facts: the daily mail puts them into words (C3)."""

    __tablename__ = "waiting_letter"
    __table_args__ = (Index(None, "company_id", "user_id", "id"), Index(None, "due_at"))
    id: int | None = Field(default=None, primary_key=True)
    company_id: int = Field(foreign_key="company.id")
    user_id: int = Field(foreign_key="user.id")
    kind: str
    """One of `specs.mail.KINDS`."""
    facts: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    """`services.letters.Facts`, stored."""
    created_at: datetime = Field(sa_column=Column(Moment, nullable=False))
    due_at: datetime = Field(sa_column=Column(Moment, nullable=False))


class FeedRun(Table, table=True):
    """One file that was fed in, and what came of it (P2)."""

    __tablename__ = "feed_run"
    id: int | None = Field(default=None, primary_key=True)
    kind: str
    file_name: str
    sha256: str
    at: datetime = Field(sa_column=Column(Moment, nullable=False))
    who: str
    created: int = 0
    changed: int = 0
    unchanged: int = 0
