"""Alembic: the same migrations on SQLite and PostgreSQL, on the portal's own engine."""

from __future__ import annotations

from alembic import context
from selfcare_app.models import Table
from selfcare_app.services.database import engine

SEARCH_TABLES = (
    "customer_number_search",
    "subscription_search",
    "connection_search",
    "invoice_search",
    "audit_entry_search",
)
"""FTS5 keeps its own shadow tables; they are made by migrations and are no models."""


def _ours(name: str | None, kind: str, _parents: object) -> bool:
    if kind == "index" and name:
        return not name.endswith("_search")
    return not (kind == "table" and name and name.startswith(SEARCH_TABLES))


def _render(kind: str, item: object, _context: object) -> str | bool:
    """SQLModel's string type is a plain one in a migration."""
    if kind == "type" and type(item).__name__ == "AutoString":
        return "sa.String()"
    return False


def run() -> None:
    """Migrate the database named by the settings, or the connection a caller handed over."""
    handed = context.config.attributes.get("connection")
    if handed is not None:
        _migrate(handed)
        return
    with engine().connect().execution_options(writes=True) as connection:
        _migrate(connection)


def _migrate(connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Table.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
        include_name=_ours,
        user_module_prefix="models.",
        render_item=_render,
    )
    with context.begin_transaction():
        context.run_migrations()


run()
