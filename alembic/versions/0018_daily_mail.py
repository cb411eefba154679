"""Mail that waits for the daily one (C3)."""

import sqlalchemy as sa

from alembic import op
from selfcare_app.models.base import Moment

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

TABLE = "waiting_letter"


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("due_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_waiting_letter_company_id_company")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_waiting_letter_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waiting_letter")),
    )
    op.create_index(op.f("ix_waiting_letter_company_id_user_id_id"), TABLE, ["company_id", "user_id", "id"])
    op.create_index(op.f("ix_waiting_letter_due_at"), TABLE, ["due_at"])


def downgrade() -> None:
    op.drop_table(TABLE)
