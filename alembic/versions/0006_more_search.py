"""Search in subscriptions, connections and invoices, as 0002 has it for customer numbers."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TABLES = ("subscription", "connection", "invoice")


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table in TABLES:
            op.execute(f"CREATE INDEX ix_{table}_search ON {table} USING gin (search_key gin_trgm_ops)")
        return
    for table in TABLES:
        op.execute(
            f"CREATE VIRTUAL TABLE {table}_search USING fts5("
            f"search_key, content='{table}', content_rowid='id', tokenize='trigram', detail='full')"
        )
        gone = f"INSERT INTO {table}_search({table}_search, rowid, search_key) VALUES('delete', old.id, old.search_key)"
        come = f"INSERT INTO {table}_search(rowid, search_key) VALUES(new.id, new.search_key)"
        op.execute(f"INSERT INTO {table}_search({table}_search) VALUES('rebuild')")
        op.execute(f"CREATE TRIGGER {table}_search_insert AFTER INSERT ON {table} BEGIN {come}; END")
        op.execute(f"CREATE TRIGGER {table}_search_delete AFTER DELETE ON {table} BEGIN {gone}; END")
        op.execute(
            f"CREATE TRIGGER {table}_search_update AFTER UPDATE OF search_key ON {table} "
            f"WHEN old.search_key <> new.search_key BEGIN {gone}; {come}; END"
        )


def downgrade() -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    for table in TABLES:
        if postgresql:
            op.execute(f"DROP INDEX ix_{table}_search")
            continue
        for when in ("insert", "delete", "update"):
            op.execute(f"DROP TRIGGER {table}_search_{when}")
        op.execute(f"DROP TABLE {table}_search")
