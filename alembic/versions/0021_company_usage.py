"""What a whole company used is kept as well, and summed from what is kept of its customer numbers."""

import sqlalchemy as sa

from alembic import op
from selfcare_app.models import base as models

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

KEY = "company_id, month, type, unit"


def upgrade() -> None:
    op.create_table(
        "company_usage",
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("records", sa.Integer(), nullable=False),
        sa.Column("quantity", models.Exact(places=3), nullable=False),
        sa.Column("amount", models.Exact(places=4), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_company_usage_company_id")),
        sa.PrimaryKeyConstraint(*KEY.split(", "), name=op.f("pk_company_usage")),
        sqlite_with_rowid=False,
    )
    op.execute(
        f"""INSERT INTO company_usage ({KEY}, records, quantity, amount)
        SELECT {KEY}, sum(records), sum(quantity), sum(amount) FROM usage_total GROUP BY {KEY}"""  # noqa: S608
    )


def downgrade() -> None:
    op.drop_table("company_usage")
