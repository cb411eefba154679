"""The log is read: by whom, by what was done, and searched as 0002 has it for customer numbers (P4)."""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

TABLE = "audit_entry"
INDEXES = (("company_id", "user_id", "at", "id"), ("company_id", "action", "at", "id"))


def upgrade() -> None:
    for columns in INDEXES:
        op.create_index(f"ix_{TABLE}_{'_'.join(columns)}", TABLE, columns)
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"CREATE INDEX ix_{TABLE}_search ON {TABLE} USING gin (search_key gin_trgm_ops)")
        return
    op.execute(
        f"CREATE VIRTUAL TABLE {TABLE}_search USING fts5("
        f"search_key, content='{TABLE}', content_rowid='id', tokenize='trigram', detail='full')"
    )
    gone = f"INSERT INTO {TABLE}_search({TABLE}_search, rowid, search_key) VALUES('delete', old.id, old.search_key)"
    come = f"INSERT INTO {TABLE}_search(rowid, search_key) VALUES(new.id, new.search_key)"
    op.execute(f"INSERT INTO {TABLE}_search({TABLE}_search) VALUES('rebuild')")
    op.execute(f"CREATE TRIGGER {TABLE}_search_insert AFTER INSERT ON {TABLE} BEGIN {come}; END")
    op.execute(f"CREATE TRIGGER {TABLE}_search_delete AFTER DELETE ON {TABLE} BEGIN {gone}; END")
    op.execute(
        f"CREATE TRIGGER {TABLE}_search_update AFTER UPDATE OF search_key ON {TABLE} "
        f"WHEN old.search_key <> new.search_key BEGIN {gone}; {come}; END"
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"DROP INDEX ix_{TABLE}_search")
    else:
        for when in ("insert", "delete", "update"):
            op.execute(f"DROP TRIGGER {TABLE}_search_{when}")
        op.execute(f"DROP TABLE {TABLE}_search")
    for columns in INDEXES:
        op.drop_index(f"ix_{TABLE}_{'_'.join(columns)}", TABLE)
