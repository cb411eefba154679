"""Who may sign in, as whom in which company, with what rights, and their sessions and mailed links."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, Column, Index, UniqueConstraint
from sqlmodel import Field

from selfcare_app.models.base import Moment, SortText, Table


class SignIn(Table, table=True):
    """An e-mail address with a password: one for the whole portal (S5)."""

    __tablename__ = "sign_in"
    id: int | None = Field(default=None, primary_key=True)
    email: str
    """As the person writes it."""
    email_key: str = Field(unique=True)
    """`specs.text.email_key(email)`: case ignored."""
    password_hash: str = ""
    """argon2id; empty until the first registration is finished."""
    language: str = "sv"
    totp_secret: str = ""
    """Encrypted by `services.secrets`; empty while there is no second factor (S2)."""
    totp_since: datetime | None = Field(default=None, sa_column=Column(Moment))
    """When it was confirmed with a first code; None: begun at most, and not asked for."""
    totp_step: int = 0
    """The time step of the last code that was used: none is good twice."""
    created_at: datetime = Field(sa_column=Column(Moment, nullable=False))
    version: int = 1


class RecoveryCode(Table, table=True):
    """One of the codes that stand in for a lost second factor, each good once. Only hashes are kept."""

    __tablename__ = "recovery_code"
    id: int | None = Field(default=None, primary_key=True)
    sign_in_id: int = Field(foreign_key="sign_in.id", index=True)
    code_hash: str
    used_at: datetime | None = Field(default=None, sa_column=Column(Moment))


class User(Table, table=True):
    """A sign-in's place in one company: role, permissions, access (S5)."""

    __tablename__ = "user"
    __table_args__ = (
        UniqueConstraint("company_id", "sign_in_id"),
        Index(None, "company_id", "name_sort", "id"),
    )
    id: int | None = Field(default=None, primary_key=True)
    company_id: int = Field(foreign_key="company.id")
    sign_in_id: int = Field(foreign_key="sign_in.id", index=True)
    name: str
    name_sort: str = Field(sa_column=Column(SortText, nullable=False))
    phone: str = ""
    role: str
    """Value of `specs.permissions.Role`."""
    permissions: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    """Values of `specs.permissions.Permission`; used when the role is custom, else the role's own count."""
    access_all: bool = False
    """True: every customer number, those added later too (U5). False: what the grants say."""
    created_at: datetime = Field(sa_column=Column(Moment, nullable=False))
    activated_at: datetime | None = Field(default=None, sa_column=Column(Moment))
    disabled_at: datetime | None = Field(default=None, sa_column=Column(Moment))
    removed_at: datetime | None = Field(default=None, sa_column=Column(Moment))
    """A removed user signs in no more and stands in no list; the row stays, since history names it (P6)."""
    last_sign_in_at: datetime | None = Field(default=None, sa_column=Column(Moment))
    search_key: str = ""
    """Made by `specs.text.user_search` from name, e-mail address and phone number (L8)."""
    version: int = 1


class AccessGrant(Table, table=True):
    """One customer number, subscription or group that a user may see (U5)."""

    __tablename__ = "access_grant"
    __table_args__ = (
        UniqueConstraint("company_id", "user_id", "customer_number_id", "subscription_id", "group_id"),
        CheckConstraint(
            "(CASE WHEN customer_number_id IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN subscription_id IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN group_id IS NULL THEN 0 ELSE 1 END) = 1",
            name="one_object",
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    company_id: int = Field(foreign_key="company.id")
    user_id: int = Field(foreign_key="user.id")
    customer_number_id: int | None = Field(default=None, foreign_key="customer_number.id")
    subscription_id: int | None = Field(default=None, foreign_key="subscription.id")
    group_id: int | None = Field(default=None, foreign_key="group.id")


class OperatorUser(Table, table=True):
    """A sign-in's place with the operator (P1)."""

    __tablename__ = "operator_user"
    id: int | None = Field(default=None, primary_key=True)
    sign_in_id: int = Field(foreign_key="sign_in.id", unique=True)
    name: str
    role: str
    """Value of `specs.permissions.OperatorRole`."""
    created_at: datetime = Field(sa_column=Column(Moment, nullable=False))
    disabled_at: datetime | None = Field(default=None, sa_column=Column(Moment))
    version: int = 1


class Session(Table, table=True):
    """A browser that has signed in (S4). The cookie's token is stored hashed; `ref` is what sockets carry."""

    __tablename__ = "session"
    id: int | None = Field(default=None, primary_key=True)
    token_hash: str = Field(unique=True)
    ref: str = Field(unique=True)
    """Public reference; changes whenever the session becomes another user."""
    sign_in_id: int = Field(foreign_key="sign_in.id", index=True)
    user_id: int | None = Field(default=None, foreign_key="user.id")
    """None until a company is chosen, and for operator staff."""
    created_at: datetime = Field(sa_column=Column(Moment, nullable=False))
    last_used_at: datetime = Field(sa_column=Column(Moment, nullable=False))
    password_at: datetime = Field(sa_column=Column(Moment, nullable=False))
    factor_pending: bool = False
    """The password was right and the second factor has yet to be given: it leads nowhere until then."""
    ended_at: datetime | None = Field(default=None, sa_column=Column(Moment))
    source: str = ""
    """Network address at sign-in."""
    device: str = ""
    """What the browser says it is."""


class MailedLink(Table, table=True):
    """A one-time link sent by mail: invitation (U7), new password (S2) or new address. Only a hash of its token is
    kept."""

    __tablename__ = "mailed_link"
    id: int | None = Field(default=None, primary_key=True)
    token_hash: str = Field(unique=True)
    kind: str
    """'invitation', 'reset' or 'address'."""
    sign_in_id: int = Field(foreign_key="sign_in.id", index=True)
    user_id: int | None = Field(default=None, foreign_key="user.id")
    """The user an invitation makes active; None for staff and resets."""
    address: str = ""
    """The address that following the link confirms; empty for other kinds."""
    created_at: datetime = Field(sa_column=Column(Moment, nullable=False))
    expires_at: datetime = Field(sa_column=Column(Moment, nullable=False))
    used_at: datetime | None = Field(default=None, sa_column=Column(Moment))


class Throttle(Table, table=True):
    """How often something failed lately, under a hashed key: an account or a source."""

    __tablename__ = "throttle"
    key: str = Field(primary_key=True)
    failures: int = 0
    last_at: datetime = Field(sa_column=Column(Moment, nullable=False))
    blocked_until: datetime | None = Field(default=None, sa_column=Column(Moment))


class KnownSource(Table, table=True):
    """A source from which this account has signed in before: an attack from elsewhere doesn't lock it out."""

    __tablename__ = "known_source"
    sign_in_id: int = Field(primary_key=True, foreign_key="sign_in.id")
    source_hash: str = Field(primary_key=True)
    last_at: datetime = Field(sa_column=Column(Moment, nullable=False))


class Deputy(Table, table=True):
    """Who decides in an approver's place from a day to a day (C6)."""

    __tablename__ = "deputy"
    __table_args__ = (Index(None, "company_id", "user_id", "starts"),)
    id: int | None = Field(default=None, primary_key=True)
    company_id: int = Field(foreign_key="company.id")
    user_id: int = Field(foreign_key="user.id")
    """Who is stood in for."""
    deputy_id: int = Field(foreign_key="user.id")
    starts: date
    ends: date
    """Last day."""
    version: int = 1


class Preference(Table, table=True):
    """A choice a user made for themselves: hidden columns of a list (L7), how a kind of mail comes (C3)."""

    __tablename__ = "preference"
    __table_args__ = (UniqueConstraint("company_id", "user_id", "key"),)
    id: int | None = Field(default=None, primary_key=True)
    company_id: int = Field(foreign_key="company.id")
    user_id: int = Field(foreign_key="user.id")
    key: str
    value: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
