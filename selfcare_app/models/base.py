"""What every table shares: constraint names, UTC moments, exact decimals, texts that sort alike on both databases."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, MetaData, String
from sqlalchemy.types import TypeDecorator, TypeEngine
from sqlmodel import SQLModel

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Table(SQLModel):
    """Base of all tables, so that constraints get the same names on both databases."""

    metadata = MetaData(naming_convention=NAMING)


class Moment(TypeDecorator[datetime]):
    """A point in time: aware in Python, UTC in the database."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Keep the zone where the database can."""
        return dialect.type_descriptor(DateTime(timezone=dialect.name == "postgresql"))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuses naive moments: they are a bug, not a time zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone")
        utc = value.astimezone(UTC)
        return utc if dialect.name == "postgresql" else utc.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the zone back."""
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


class SortText(TypeDecorator[str]):
    """A text made by `specs.text.sort_key`, compared byte by byte on both databases."""

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """PostgreSQL compares by the database's locale unless told otherwise."""
        return dialect.type_descriptor(String(collation="C") if dialect.name == "postgresql" else String())


class Exact(TypeDecorator[Decimal]):
    """A decimal with a fixed number of places, stored as a whole number of the smallest unit.

    SQLite has no decimals: so sums and comparisons are exact on both databases (I6).
    """

    impl = BigInteger
    cache_ok = True

    def __init__(self, places: int) -> None:
        super().__init__()
        self.places = places

    def process_bind_param(self, value: Decimal | int | None, dialect: Dialect) -> int | None:
        """Refuses what has more places: rounding is the business of whoever calculates, not of a column."""
        if value is None:
            return None
        scaled = Decimal(value).scaleb(self.places)
        whole = int(scaled)
        if whole != scaled:
            raise ValueError(f"a decimal with more than {self.places} places")
        return whole

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        """PostgreSQL's sum of whole numbers is a numeric."""
        return None if value is None else Decimal(int(value)).scaleb(-self.places)


class Money(Exact):
    """An amount in the document's own currency: two places (I6)."""

    cache_ok = True

    def __init__(self) -> None:
        super().__init__(2)
