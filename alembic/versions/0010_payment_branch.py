"""What kind of account an invoice is paid to."""

import sqlalchemy as sa

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("invoice", sa.Column("payment_branch", sa.String(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("invoice", "payment_branch")
