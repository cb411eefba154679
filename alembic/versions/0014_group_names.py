"""Names of groups are one whatever their case and spaces; on PostgreSQL no two memberships can overlap.

SQLite has no exclusion constraints: there the check with the write lock held stands alone.
"""

import unicodedata

import sqlalchemy as sa

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

TABLES = {"group_category": ["company_id", "name_key"], "group": ["company_id", "category_id", "name_key"]}
MEMBERS = {"customer_number": "customer_number_id", "subscription": "subscription_id"}


def upgrade() -> None:
    for name, key in TABLES.items():
        op.add_column(name, sa.Column("name_key", sa.String(), nullable=False, server_default=""))
        table = sa.table(name, *(sa.column(each) for each in ("id", "name", "name_key", "name_sort")))
        for row in op.get_bind().execute(sa.select(table)).all():
            known_by = "".join(unicodedata.normalize("NFKC", row.name).casefold().split())
            named = {"name_key": known_by, "name_sort": f"{row.name_sort}\t{known_by}"}
            op.execute(table.update().where(table.c.id == row.id).values(named))
        op.create_index(op.f(f"ix_{name}_{'_'.join(key)}"), name, key, unique=True)
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    for member, column in MEMBERS.items():
        op.execute(
            f"ALTER TABLE group_membership ADD CONSTRAINT ex_group_membership_{member} EXCLUDE USING gist ("
            f"company_id WITH =, category_id WITH =, {column} WITH =, "
            f"daterange(start_month, end_month, '[]') WITH &&) WHERE ({column} IS NOT NULL) "
            # A change of many may pass through states that a change of one may not: they count as they end.
            "DEFERRABLE INITIALLY DEFERRED"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for member in MEMBERS:
            op.execute(f"ALTER TABLE group_membership DROP CONSTRAINT ex_group_membership_{member}")
    for name, key in TABLES.items():
        op.drop_index(op.f(f"ix_{name}_{'_'.join(key)}"), name)
        op.drop_column(name, "name_key")
