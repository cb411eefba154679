"""Indexes for the overview: open invoices, sums by month of issue, ends of commitments, groups of subscriptions."""

import sqlalchemy as sa

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

OPEN = sa.text("kind = 'invoice' AND (credited <= 0 OR credited < payable) AND payable - paid - credited > 0")
BINDING = "ix_subscription_company_id_bound_until_ended_customer_number_id_id"


def upgrade() -> None:
    op.create_index("ix_invoice_open", "invoice", ["company_id", "due", "id"], sqlite_where=OPEN, postgresql_where=OPEN)
    op.create_index(
        "ix_invoice_sums",
        "invoice",
        ["company_id", "issued", "kind", "currency", "payable", "customer_number_id"],
    )
    op.create_index(op.f(BINDING), "subscription", ["company_id", "bound_until", "ended", "customer_number_id", "id"])
    op.create_index(
        "ix_group_membership_of_subscription",
        "group_membership",
        ["company_id", "subscription_id", "start_month", "end_month", "category_id", "group_id"],
    )
    op.drop_index(op.f("ix_group_membership_company_id_subscription_id_start_month"), "group_membership")


def downgrade() -> None:
    op.create_index(
        op.f("ix_group_membership_company_id_subscription_id_start_month"),
        "group_membership",
        ["company_id", "subscription_id", "start_month"],
    )
    op.drop_index("ix_group_membership_of_subscription", "group_membership")
    op.drop_index(op.f(BINDING), "subscription")
    op.drop_index("ix_invoice_sums", "invoice")
    op.drop_index("ix_invoice_open", "invoice")
