"""Files that people sent in to change many things at once, and what came of them (R6)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Index, LargeBinary
from sqlmodel import Field

from selfcare_app.models.base import Moment, Table


class Upload(Table, table=True):
    """One file: as it came, as rows, and once it was applied what it did and how that is undone."""

    __tablename__ = "upload"
    __table_args__ = (
        Index(None, "company_id", "kind", "applied_at"),
        Index(None, "company_id", "user_id", "kind", "created_at"),
    )
    id: int | None = Field(default=None, primary_key=True)
    company_id: int = Field(foreign_key="company.id")
    user_id: int = Field(foreign_key="user.id")
    who: str
    """Name at the time; stays when the user is gone."""
    kind: str
    """Key of UPLOADS."""
    file_name: str
    size: int
    """Bytes of the file."""
    state: str = "received"
    """received, applied or undone."""
    created_at: datetime = Field(sa_column=Column(Moment, nullable=False))
    applied_at: datetime | None = Field(default=None, sa_column=Column(Moment))
    undone_at: datetime | None = Field(default=None, sa_column=Column(Moment))
    created: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0
    content: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    """The file; None when it has stood its time (P6)."""
    rows: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    """What was read from it, so that an untrusted file is opened once."""
    result: list[Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    """Of each row its number and what came of it."""
    undo: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    """What its kind needs to undo it."""
