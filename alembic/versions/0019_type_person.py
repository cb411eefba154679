"""Subscriptions of one type by person, read from an index of their own."""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

TABLE = "subscription"
COLUMNS = ["company_id", "type", "person_sort", "id"]


def upgrade() -> None:
    op.create_index(f"ix_{TABLE}_{'_'.join(COLUMNS)}", TABLE, COLUMNS)


def downgrade() -> None:
    op.drop_index(f"ix_{TABLE}_{'_'.join(COLUMNS)}", TABLE)
