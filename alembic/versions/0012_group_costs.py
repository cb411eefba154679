"""Sums of costs by group are read from an index alone."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_group_cost_month_sums",
        "group_cost_month",
        ["company_id", "month", "group_id", "currency", "amount", "customer_number_id"],
    )


def downgrade() -> None:
    op.drop_index("ix_group_cost_month_sums", "group_cost_month")
