"""Usage records and their totals by month."""

import sqlalchemy as sa

from alembic import op
from selfcare_app.models import base as models

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "usage_month",
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("subscription_id", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("records", sa.Integer(), nullable=False),
        sa.Column("quantity", models.Exact(places=3), nullable=False),
        sa.Column("amount", models.Exact(places=4), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_usage_month_company_id")),
        sa.ForeignKeyConstraint(["subscription_id"], ["subscription.id"], name=op.f("fk_usage_month_subscription_id")),
        sa.PrimaryKeyConstraint("company_id", "month", "type", "subscription_id", "unit", name=op.f("pk_usage_month")),
    )
    with op.batch_alter_table("usage_month", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_usage_month_company_id_subscription_id_month"),
            ["company_id", "subscription_id", "month"],
            unique=False,
        )
    op.create_table(
        "usage_record",
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("subscription_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("started_at", models.Moment(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("counterpart", sa.String(), nullable=False),
        sa.Column("destination", sa.String(), nullable=False),
        sa.Column("quantity", models.Exact(places=3), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("amount", models.Exact(places=4), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_usage_record_company_id")),
        sa.ForeignKeyConstraint(["subscription_id"], ["subscription.id"], name=op.f("fk_usage_record_subscription_id")),
        sa.PrimaryKeyConstraint("company_id", "subscription_id", "digest", name=op.f("pk_usage_record")),
    )
    with op.batch_alter_table("usage_record", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_usage_record_company_id_subscription_id_started_at"),
            ["company_id", "subscription_id", "started_at"],
            unique=False,
        )


def downgrade() -> None:
    op.drop_table("usage_record")
    op.drop_table("usage_month")
