"""Members of groups are read from indexes alone, one for each kind: one of both kinds made SQLite plan badly."""

import sqlalchemy as sa

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

TABLE = "group_membership"
MEMBERS = ("customer_number", "subscription")
OF_GROUP = ("company_id", "group_id", "start_month", "end_month", "subscription_id", "customer_number_id")
OF_MEMBER = ("start_month", "end_month", "category_id", "group_id")
BEFORE = (("company_id", "customer_number_id", "start_month"), ("company_id", "group_id", "start_month"))


def upgrade() -> None:
    for columns in BEFORE:
        op.drop_index(f"ix_{TABLE}_{'_'.join(columns)}", TABLE)
    op.drop_index(f"ix_{TABLE}_of_subscription", TABLE)
    op.create_index(f"ix_{TABLE}_of_group", TABLE, OF_GROUP)
    for member in MEMBERS:
        only = sa.text(f"{member}_id IS NOT NULL")
        columns = ["company_id", f"{member}_id", *OF_MEMBER]
        op.create_index(f"ix_{TABLE}_of_{member}", TABLE, columns, sqlite_where=only, postgresql_where=only)


def downgrade() -> None:
    for member in ("group", *MEMBERS):
        op.drop_index(f"ix_{TABLE}_of_{member}", TABLE)
    op.create_index(f"ix_{TABLE}_of_subscription", TABLE, ["company_id", "subscription_id", *OF_MEMBER])
    for columns in BEFORE:
        op.create_index(f"ix_{TABLE}_{'_'.join(columns)}", TABLE, columns)
