"""The settings of the portal: environment variables SELFCARE_* read once into one frozen object."""

from __future__ import annotations

import ipaddress
import secrets
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PROJECT = Path(__file__).resolve().parent.parent
"""The folder with rxconfig.py and alembic.ini."""

SECRET_MIN_LENGTH = 32


class SettingsError(Exception):
    """The environment can't be used; the message is one sentence for the person who starts the portal."""


class Settings(BaseSettings):
    """Everything that differs between one installation and another."""

    model_config = SettingsConfigDict(env_prefix="SELFCARE_", frozen=True, extra="ignore", env_ignore_empty=True)

    database_url: str = ""
    """SQLAlchemy address. Empty: SQLite in `data_dir`."""
    data_dir: Path = PROJECT / "var"
    port: int = Field(default=3000, ge=1, le=65535)
    public_url: str = ""
    """How browsers reach the portal. Empty: http://localhost:<port>."""
    secret: str = ""
    """Keys tokens and encrypts what is encrypted at rest. May be left out in demo mode only."""
    demo: Literal["", "0", "1", "public"] = ""
    """1: demo companies and sign-ins, loopback only. public: the same, on all addresses."""
    host: str = ""
    """Address to listen on. Empty: loopback in demo mode, else all."""
    workers: int = Field(default=1, ge=1, le=64)
    trusted_proxies: int = Field(default=0, ge=0, le=10)
    """How many reverse proxies of our own stand before the portal and add to X-Forwarded-For."""
    smtp_url: str = ""
    """smtp://user:password@host:587 (STARTTLS), smtps://… Empty: mail becomes files in data_dir/mail."""
    mail_from: str = ""
    redis_url: str = ""
    operator_name: str = "Exempelnät"
    operator_accent: str = Field(default="", pattern=r"^(#[0-9A-Fa-f]{6})?$")
    """The operator's own colour on light ground; empty: the portal's petrol."""
    operator_accent_dark: str = Field(default="", pattern=r"^(#[0-9A-Fa-f]{6})?$")
    service_phone: str = "070-174 06 99"
    service_hours: str = "07–18"
    """Opening hours on weekdays, as shown."""
    service_email: str = ""

    @field_validator("public_url")
    @classmethod
    def _an_origin(cls, value: str) -> str:
        if not value:
            return value
        if "*" in value:
            raise ValueError("must name one host, * is not one")
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.path not in ("", "/") or parts.query:
            raise ValueError("must look like https://selfcare.example, without a path")
        return value.rstrip("/")

    @field_validator("database_url")
    @classmethod
    def _a_database_we_know(cls, value: str) -> str:
        if value and not value.startswith(("sqlite:///", "postgresql+psycopg://")):
            raise ValueError("must begin with sqlite:/// or postgresql+psycopg://")
        return value

    @field_validator("smtp_url")
    @classmethod
    def _a_mail_server(cls, value: str) -> str:
        if value and (urlsplit(value).scheme not in ("smtp", "smtps") or not urlsplit(value).hostname):
            raise ValueError("must look like smtp://user:password@host:587 or smtps://user:password@host:465")
        return value

    @model_validator(mode="after")
    def _safe_together(self) -> Self:
        if self.demo_mode:
            return self
        if len(self.secret) < SECRET_MIN_LENGTH:
            raise ValueError(f"SELFCARE_SECRET must be set to at least {SECRET_MIN_LENGTH} random characters")
        parts = urlsplit(self.origin)
        if parts.scheme == "http" and not _is_loopback(parts.hostname or ""):
            raise ValueError("SELFCARE_PUBLIC_URL must be https for any host but localhost")
        return self

    @property
    def demo_mode(self) -> bool:
        """Whether demo companies and their known sign-ins may exist."""
        return self.demo in ("1", "public")

    @property
    def origin(self) -> str:
        """Scheme, host and port as browsers send them in the Origin header."""
        return self.public_url or f"http://localhost:{self.port}"

    @property
    def origins(self) -> frozenset[str]:
        """Every Origin that may write or open a socket: the public one, and loopback's other names with it."""
        parts = urlsplit(self.origin)
        if parts.scheme == "http" and _is_loopback(parts.hostname or ""):
            port = f":{parts.port}" if parts.port else ""
            return frozenset(f"http://{host}{port}" for host in ("localhost", "127.0.0.1", "[::1]"))
        return frozenset({self.origin})

    @property
    def secure(self) -> bool:
        """Whether cookies bear Secure: exactly when browsers come by https."""
        return self.origin.startswith("https://")

    @property
    def listen_host(self) -> str:
        """Address the server binds."""
        if self.demo == "1":
            return "127.0.0.1"
        return self.host or "0.0.0.0"  # noqa: S104  a server outside demo mode is meant to be reached

    @property
    def database(self) -> str:
        """The SQLAlchemy address in use."""
        return self.database_url or f"sqlite:///{self.data_dir / 'selfcare.db'}"

    @property
    def sender(self) -> str:
        """The From address of all mail."""
        return self.mail_from or f"selfcare@{urlsplit(self.origin).hostname}"

    @cached_property
    def key(self) -> bytes:
        """The secret as bytes; in demo mode without one, made once and kept in data_dir."""
        if self.secret:
            return self.secret.encode()
        path = self.data_dir / "demo-secret"
        if not path.exists():
            self.data_dir.mkdir(parents=True, exist_ok=True)
            path.write_text(secrets.token_urlsafe(48))
            path.chmod(0o600)
        return path.read_bytes()


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def read_settings() -> Settings:
    """Read the environment; SettingsError with one plain sentence when it can't be used."""
    try:
        return Settings()
    except ValidationError as error:
        raise SettingsError(_sentence(error)) from None


def _sentence(error: ValidationError) -> str:
    """The first problem, naming the variable and never its value: it may hold a password."""
    first = error.errors(include_input=False, include_url=False)[0]
    message = first["msg"].removeprefix("Value error, ")
    if not first["loc"]:
        return f"{message}."
    name = f"SELFCARE_{str(first['loc'][0]).upper()}"
    return f"{name}: {message[0].lower()}{message[1:]}."


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process."""
    return read_settings()
