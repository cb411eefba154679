"""The settings of the portal: environment variables SELFCARE_* read once into one frozen object."""

from __future__ import annotations

import ipaddress
import os
import re
import secrets
from email.utils import parseaddr
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

import idna
from email_validator import EmailNotValidError, validate_email
from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PROJECT = Path(__file__).resolve().parent.parent
"""The folder with rxconfig.py and alembic.ini."""

SECRET_MIN_LENGTH = 32
LAST_PORT = 65535
CUSTOMER_NUMBER_PLACES = ("buyer-reference", "accounting-cost", "customer-id")
"""Where an invoice may name its customer number (data.md)."""
_DEFAULT_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?")
_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")


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
    keep_usage_months: int = Field(default=14, ge=1, le=1200)
    """How long `selfcare purge` keeps what (P6). Single records of usage; their sums stay."""
    keep_log_months: int = Field(default=24, ge=1, le=1200)
    keep_mail_days: int = Field(default=90, ge=1, le=36500)
    """The texts of delivered mail; that it was sent stays as long as the log."""
    keep_session_days: int = Field(default=90, ge=1, le=36500)
    """Ended sessions."""
    keep_invoice_years: int = Field(default=7, ge=1, le=100)
    """Whole years after the one it was issued in."""
    keep_contact_days: int = Field(default=90, ge=1, le=36500)
    """Contact details of removed users; their names stay on history."""
    keep_upload_days: int = Field(default=90, ge=1, le=36500)
    """Files that people sent in to change many things at once; that they did, and how many, stays."""
    operator_name: str = "Exempelnät"
    operator_accent: str = ""
    """The operator's own colour on light ground; empty: the portal's petrol."""
    operator_accent_dark: str = ""
    service_phone: str = "070-174 06 99"
    service_hours: str = "07–18"
    """Opening hours on weekdays, as shown."""
    service_email: str = ""
    invoice_customer_number_from: str = ",".join(CUSTOMER_NUMBER_PLACES)
    """Where a fed invoice names its customer number, the place that counts most first."""

    @field_validator("public_url")
    @classmethod
    def _an_origin(cls, value: str) -> str:
        if not value:
            return value
        if "*" in value:
            raise ValueError("must name one host, * is not one")
        try:
            return _origin(value)
        except ValueError:
            # What was wrong may quote the address, and with it a password that stands in it.
            raise ValueError("must look like https://selfcare.example, with no path, user or fragment") from None

    @field_validator("database_url")
    @classmethod
    def _a_database_we_know(cls, value: str) -> str:
        if not value:
            return value
        # Not at the top: the command line's help needs no database.
        from sqlalchemy import make_url
        from sqlalchemy.exc import ArgumentError

        if not value.startswith(("sqlite:///", "postgresql+psycopg://")):
            raise ValueError("must begin with sqlite:/// or postgresql+psycopg://")
        try:
            port = make_url(value).port
        except (ArgumentError, ValueError):
            raise ValueError("must look like postgresql+psycopg://user:password@host:5432/database") from None
        if port is not None and not 1 <= port <= LAST_PORT:
            raise ValueError(f"must have a port between 1 and {LAST_PORT}")
        return value

    @field_validator("smtp_url")
    @classmethod
    def _a_mail_server(cls, value: str) -> str:
        if value and not _is_server(value, ("smtp", "smtps")):
            raise ValueError("must look like smtp://user:password@host:587 or smtps://user:password@host:465")
        return value

    @field_validator("redis_url")
    @classmethod
    def _a_redis_server(cls, value: str) -> str:
        if value and not _is_server(value, ("redis", "rediss"), path=True):
            raise ValueError("must look like redis://user:password@host:6379/0 or rediss://user:password@host:6379/0")
        return value

    @field_validator("mail_from")
    @classmethod
    def _a_sender(cls, value: str) -> str:
        # As it is read where it is used; what the reading leaves out would be lost in silence.
        address = parseaddr(value)[1]
        whole = value == address or value.endswith(f"<{address}>")
        if value and not (value.isprintable() and whole and _is_address(address)):
            raise ValueError("must look like selfcare@operator.example or Selfcare <selfcare@operator.example>")
        return value

    @field_validator("service_email")
    @classmethod
    def _a_mail_address(cls, value: str) -> str:
        if value and not _is_address(value):
            raise ValueError("must be an e-mail address such as support@operator.example")
        return value

    @field_validator("invoice_customer_number_from")
    @classmethod
    def _places(cls, value: str) -> str:
        places = [place.strip() for place in value.split(",")]
        if len(set(places)) < len(places) or not set(places) <= set(CUSTOMER_NUMBER_PLACES):
            raise ValueError(f"must name one or more of {', '.join(CUSTOMER_NUMBER_PLACES)}, with commas between them")
        return ",".join(places)

    @field_validator("host")
    @classmethod
    def _an_address_to_listen_on(cls, value: str) -> str:
        try:
            return value and str(ipaddress.ip_address(value))
        except ValueError:
            raise ValueError("must be an IP address such as 0.0.0.0 or 127.0.0.1") from None

    @field_validator("operator_accent", "operator_accent_dark")
    @classmethod
    def _a_colour(cls, value: str) -> str:
        if value and not _COLOUR.fullmatch(value):
            raise ValueError("must be a colour such as #025D6B")
        return value

    @model_validator(mode="after")
    def _safe_together(self) -> Self:
        if self.demo_mode:
            return self
        if len(self.secret.strip()) < SECRET_MIN_LENGTH:
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
        return self.public_url or _origin(f"http://localhost:{self.port}")

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

    def make_data_dir(self) -> None:
        """Make the data folder when something of this installation lies there; SettingsError when that can't be."""
        if self.database_url and self.smtp_url and self.secret:
            return
        try:
            self.data_dir.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SettingsError(
                f"SELFCARE_DATA_DIR: {self.data_dir} can't be made: {error.strerror or 'it is no folder'}."
            ) from None
        if not os.access(self.data_dir, os.W_OK | os.X_OK):
            raise SettingsError(f"SELFCARE_DATA_DIR: {self.data_dir} can't be written to.")

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


def _origin(address: str) -> str:
    """The address as browsers write it in the Origin header; ValueError for what can't be one."""
    parts = urlsplit(address)
    host = _host(parts.hostname or "")
    if parts.scheme not in _DEFAULT_PORTS or parts.path not in ("", "/") or parts.query or parts.fragment:
        raise ValueError
    if "@" in parts.netloc or parts.port == 0:
        raise ValueError
    port = "" if parts.port in (None, _DEFAULT_PORTS[parts.scheme]) else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}"


def _host(name: str) -> str:
    """A host in lower case and ASCII; ValueError for what is none."""
    if ":" in name:
        return f"[{ipaddress.IPv6Address(name)}]"
    # Names within a house may have an underscore, which IDNA knows nothing of.
    plain = name.lower() if name.isascii() else idna.encode(name, uts46=True).decode()
    if not _HOST.fullmatch(plain):
        raise ValueError
    if plain.rstrip(".").rpartition(".")[2].isdigit():
        return str(ipaddress.IPv4Address(plain))
    return plain


def _is_server(address: str, schemes: tuple[str, ...], path: bool = False) -> bool:
    """Whether the address names a server of one of the schemes, and nothing that would be passed over."""
    try:
        parts = urlsplit(address)
        known = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return known and address.isprintable() and (path or not (parts.path.strip("/") or parts.query or parts.fragment))


def _is_address(address: str) -> bool:
    try:
        # Addresses within a house are good enough here: nobody is asked whether it exists.
        validate_email(address, check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError:
        return False
    return True


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
