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
        "usage_record",
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("subscription_id", sa.Integer(), nullable=False),
        sa.Column("started_at", models.Moment(), nullable=False),
        sa.Column("digest", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("occurrence", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("counterpart", sa.String(), nullable=False),
        sa.Column("destination", sa.String(), nullable=False),
        sa.Column("quantity", models.Exact(places=3), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("amount", models.Exact(places=4), nullable=False),
        sa.PrimaryKeyConstraint(
            "company_id", "subscription_id", "started_at", "digest", "occurrence", name=op.f("pk_usage_record")
        ),
        sqlite_with_rowid=False,
    )
    for table, of, key in (
        ("usage_month", "subscription", ("company_id", "subscription_id", "month", "type", "unit")),
        ("usage_total", "customer_number", ("company_id", "month", "type", "unit", "customer_number_id")),
    ):
        types = {"month": sa.Date(), "type": sa.String(), "unit": sa.String()}
        op.create_table(
            table,
            *(sa.Column(name, types.get(name, sa.Integer()), nullable=False) for name in key),
            sa.Column("records", sa.Integer(), nullable=False),
            sa.Column("quantity", models.Exact(places=3), nullable=False),
            sa.Column("amount", models.Exact(places=4), nullable=False),
            sa.ForeignKeyConstraint([f"{of}_id"], [f"{of}.id"], name=op.f(f"fk_{table}_{of}_id")),
            sa.PrimaryKeyConstraint(*key, name=op.f(f"pk_{table}")),
            sqlite_with_rowid=False,
        )
    op.create_index(
        op.f("ix_usage_total_company_id_customer_number_id_month"),
        "usage_total",
        ["company_id", "customer_number_id", "month"],
    )


def downgrade() -> None:
    op.drop_table("usage_total")
    op.drop_table("usage_month")
    op.drop_table("usage_record")
