"""Costs by month, summed by customer number and by group."""

import sqlalchemy as sa

from alembic import op
from selfcare_app.models import base as models

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table, group in (("cost_month", ()), ("group_cost_month", ("group_id",))):
        op.create_table(
            table,
            sa.Column("company_id", sa.Integer(), nullable=False),
            sa.Column("month", sa.Date(), nullable=False),
            *(sa.Column(column, sa.Integer(), nullable=False) for column in group),
            sa.Column("customer_number_id", sa.Integer(), nullable=False),
            sa.Column("currency", sa.String(), nullable=False),
            sa.Column("cost_type", sa.String(), nullable=False),
            sa.Column("amount", models.Money(), nullable=False),
            sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f(f"fk_{table}_company_id")),
            sa.ForeignKeyConstraint(
                ["customer_number_id"], ["customer_number.id"], name=op.f(f"fk_{table}_customer_number_id")
            ),
            *(sa.ForeignKeyConstraint([column], ["group.id"], name=op.f(f"fk_{table}_{column}")) for column in group),
            sa.PrimaryKeyConstraint(
                "company_id",
                "month",
                *group,
                "customer_number_id",
                "currency",
                "cost_type",
                name=op.f(f"pk_{table}"),
            ),
        )
        op.create_index(
            op.f(f"ix_{table}_company_id_customer_number_id_month"),
            table,
            ["company_id", "customer_number_id", "month"],
        )


def downgrade() -> None:
    op.drop_table("group_cost_month")
    op.drop_table("cost_month")
