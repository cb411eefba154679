"""Profiles of companies, approver chains, deputies, the second factor, removed users."""

import sqlalchemy as sa

from alembic import op
from selfcare_app.models import base as models

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "approver_chain",
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("product", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_approver_chain_company_id")),
        sa.PrimaryKeyConstraint("company_id", "product", name=op.f("pk_approver_chain")),
    )
    op.create_table(
        "company_profile",
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("email_notification", sa.Boolean(), nullable=False),
        sa.Column("delivery_address", sa.String(), nullable=False),
        sa.Column("require_second_factor", sa.Boolean(), nullable=False),
        sa.Column("remind_after", sa.Integer(), nullable=False),
        sa.Column("escalate_after", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_company_profile_company_id")),
        sa.PrimaryKeyConstraint("company_id", name=op.f("pk_company_profile")),
    )
    op.create_table(
        "recovery_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sign_in_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.String(), nullable=False),
        sa.Column("used_at", models.Moment(), nullable=True),
        sa.ForeignKeyConstraint(["sign_in_id"], ["sign_in.id"], name=op.f("fk_recovery_code_sign_in_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
    )
    with op.batch_alter_table("recovery_code", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recovery_code_sign_in_id"), ["sign_in_id"], unique=False)

    op.create_table(
        "approver",
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("product", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_approver_company_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_approver_user_id")),
        sa.PrimaryKeyConstraint("company_id", "product", "position", name=op.f("pk_approver")),
        sa.UniqueConstraint("company_id", "product", "user_id", name=op.f("uq_approver_company_id_product_user_id")),
    )
    op.create_table(
        "deputy",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("deputy_id", sa.Integer(), nullable=False),
        sa.Column("starts", sa.Date(), nullable=False),
        sa.Column("ends", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_deputy_company_id")),
        sa.ForeignKeyConstraint(["deputy_id"], ["user.id"], name=op.f("fk_deputy_deputy_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_deputy_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deputy")),
    )
    with op.batch_alter_table("deputy", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_deputy_company_id_user_id_starts"), ["company_id", "user_id", "starts"], unique=False
        )

    for table, column in (
        ("mailed_link", sa.Column("address", sa.String(), nullable=False, server_default="")),
        ("sign_in", sa.Column("totp_secret", sa.String(), nullable=False, server_default="")),
        ("sign_in", sa.Column("totp_since", models.Moment(), nullable=True)),
        ("sign_in", sa.Column("totp_step", sa.Integer(), nullable=False, server_default="0")),
        ("user", sa.Column("removed_at", models.Moment(), nullable=True)),
        ("audit_entry", sa.Column("search_key", sa.String(), nullable=False, server_default="")),
    ):
        op.add_column(table, column)


def downgrade() -> None:
    for table, column in (
        ("audit_entry", "search_key"),
        ("user", "removed_at"),
        ("sign_in", "totp_step"),
        ("sign_in", "totp_since"),
        ("sign_in", "totp_secret"),
        ("mailed_link", "address"),
    ):
        op.drop_column(table, column)
    for table in ("deputy", "approver", "recovery_code", "company_profile", "approver_chain"):
        op.drop_table(table)
