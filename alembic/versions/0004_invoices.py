"""Invoices, credit notes, payments."""

import sqlalchemy as sa

from alembic import op
from selfcare_app.models import base as models

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "invoice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("customer_number_id", sa.Integer(), nullable=False),
        sa.Column("customer_number_sort", models.SortText(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("number_sort", models.SortText(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("issued", sa.Date(), nullable=False),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("period_start", sa.Date(), nullable=True),
        sa.Column("period_end", sa.Date(), nullable=True),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("buyer_name", sa.String(), nullable=False),
        sa.Column("buyer_name_sort", models.SortText(), nullable=False),
        sa.Column("seller_name", sa.String(), nullable=False),
        sa.Column("seller_organisation_number", sa.String(), nullable=False),
        sa.Column("seller_vat_number", sa.String(), nullable=False),
        sa.Column("buyer_reference", sa.String(), nullable=False),
        sa.Column("order_reference", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("payment_terms", sa.String(), nullable=False),
        sa.Column("payment_reference", sa.String(), nullable=False),
        sa.Column("payment_account", sa.String(), nullable=False),
        sa.Column("payment_means", sa.String(), nullable=False),
        sa.Column("line_total", models.Money(), nullable=False),
        sa.Column("allowance_total", models.Money(), nullable=False),
        sa.Column("charge_total", models.Money(), nullable=False),
        sa.Column("net", models.Money(), nullable=False),
        sa.Column("vat", models.Money(), nullable=False),
        sa.Column("total", models.Money(), nullable=False),
        sa.Column("prepaid", models.Money(), nullable=False),
        sa.Column("rounding", models.Money(), nullable=False),
        sa.Column("payable", models.Money(), nullable=False),
        sa.Column("paid", models.Money(), nullable=False),
        sa.Column("credited", models.Money(), nullable=False),
        sa.Column("search_key", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_invoice_company_id")),
        sa.ForeignKeyConstraint(
            ["customer_number_id"], ["customer_number.id"], name=op.f("fk_invoice_customer_number_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice")),
        sa.UniqueConstraint("company_id", "number", name=op.f("uq_invoice_company_id_number")),
        sa.UniqueConstraint("number", name=op.f("uq_invoice_number")),
    )
    with op.batch_alter_table("invoice", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_invoice_company_id_buyer_name_sort_id"),
            ["company_id", "buyer_name_sort", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_invoice_company_id_customer_number_id_issued_id"),
            ["company_id", "customer_number_id", "issued", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_invoice_company_id_customer_number_sort_id"),
            ["company_id", "customer_number_sort", "id"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_invoice_company_id_due_id"), ["company_id", "due", "id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_invoice_company_id_issued_id"), ["company_id", "issued", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_invoice_company_id_month_id"), ["company_id", "month", "id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_invoice_company_id_number_sort_id"), ["company_id", "number_sort", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_invoice_company_id_payable_id"), ["company_id", "payable", "id"], unique=False
        )
    op.create_table(
        "invoice_allowance",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("invoice_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("charge", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("amount", models.Money(), nullable=False),
        sa.Column("vat_category", sa.String(), nullable=False),
        sa.Column("vat_rate", models.Exact(places=2), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_invoice_allowance_company_id")),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoice.id"], name=op.f("fk_invoice_allowance_invoice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_allowance")),
        sa.UniqueConstraint(
            "company_id", "invoice_id", "position", name=op.f("uq_invoice_allowance_company_id_invoice_id_position")
        ),
    )
    op.create_table(
        "invoice_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("invoice_id", sa.Integer(), nullable=False),
        sa.Column("customer_number_id", sa.Integer(), nullable=False),
        sa.Column("subscription_id", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("line_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("cost_type", sa.String(), nullable=False),
        sa.Column("accounting_cost", sa.String(), nullable=False),
        sa.Column("quantity", models.Exact(places=6), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("price", models.Exact(places=6), nullable=False),
        sa.Column("price_base", models.Exact(places=6), nullable=False),
        sa.Column("allowance", models.Money(), nullable=False),
        sa.Column("net", models.Money(), nullable=False),
        sa.Column("vat_category", sa.String(), nullable=False),
        sa.Column("vat_rate", models.Exact(places=2), nullable=False),
        sa.Column("period_start", sa.Date(), nullable=True),
        sa.Column("period_end", sa.Date(), nullable=True),
        sa.Column("month", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_invoice_line_company_id")),
        sa.ForeignKeyConstraint(
            ["customer_number_id"], ["customer_number.id"], name=op.f("fk_invoice_line_customer_number_id")
        ),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoice.id"], name=op.f("fk_invoice_line_invoice_id")),
        sa.ForeignKeyConstraint(["subscription_id"], ["subscription.id"], name=op.f("fk_invoice_line_subscription_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_line")),
        sa.UniqueConstraint(
            "company_id", "invoice_id", "position", name=op.f("uq_invoice_line_company_id_invoice_id_position")
        ),
    )
    with op.batch_alter_table("invoice_line", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_invoice_line_company_id_customer_number_id_month_id"),
            ["company_id", "customer_number_id", "month", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_invoice_line_company_id_subscription_id_month_id"),
            ["company_id", "subscription_id", "month", "id"],
            unique=False,
        )
    op.create_table(
        "invoice_original",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("invoice_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("xml", sa.LargeBinary(), nullable=False),
        sa.Column("pdf", sa.LargeBinary(), nullable=True),
        sa.Column("pdf_name", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_invoice_original_company_id")),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoice.id"], name=op.f("fk_invoice_original_invoice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_original")),
        sa.UniqueConstraint("company_id", "invoice_id", name=op.f("uq_invoice_original_company_id_invoice_id")),
    )
    op.create_table(
        "invoice_reference",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("invoice_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("issued", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_invoice_reference_company_id")),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoice.id"], name=op.f("fk_invoice_reference_invoice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_reference")),
    )
    with op.batch_alter_table("invoice_reference", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_invoice_reference_company_id_invoice_id"), ["company_id", "invoice_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_invoice_reference_company_id_number"), ["company_id", "number"], unique=False
        )
    op.create_table(
        "invoice_vat",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("invoice_id", sa.Integer(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("rate", models.Exact(places=2), nullable=False),
        sa.Column("taxable", models.Money(), nullable=False),
        sa.Column("vat", models.Money(), nullable=False),
        sa.Column("exemption", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_invoice_vat_company_id")),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoice.id"], name=op.f("fk_invoice_vat_invoice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_vat")),
        sa.UniqueConstraint(
            "company_id",
            "invoice_id",
            "category",
            "rate",
            name=op.f("uq_invoice_vat_company_id_invoice_id_category_rate"),
        ),
    )
    op.create_table(
        "payment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("invoice_id", sa.Integer(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("amount", models.Money(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_payment_company_id")),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoice.id"], name=op.f("fk_payment_invoice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment")),
        sa.UniqueConstraint("company_id", "reference", name=op.f("uq_payment_company_id_reference")),
        sa.UniqueConstraint("reference", name=op.f("uq_payment_reference")),
    )
    with op.batch_alter_table("payment", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_payment_company_id_invoice_id_paid_on"),
            ["company_id", "invoice_id", "paid_on"],
            unique=False,
        )


def downgrade() -> None:
    op.drop_table("payment")
    op.drop_table("invoice_vat")
    op.drop_table("invoice_reference")
    op.drop_table("invoice_original")
    op.drop_table("invoice_line")
    op.drop_table("invoice_allowance")
    op.drop_table("invoice")
