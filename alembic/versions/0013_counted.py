"""How many rows a search or filter leaves is counted from an index alone."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

COUNTED = {
    "customer_number": ("type", "id", "search_key", "closed", "opened", "name_search", "number"),
    "subscription": ("type", "id", "search_key", "ended", "opened", "price_plan_id", "customer_number_id"),
    "connection": ("service_type", "id", "search_key", "ended", "opened", "city", "capacity", "customer_number_id"),
}


def upgrade() -> None:
    for table, columns in COUNTED.items():
        op.create_index(f"ix_{table}_counted", table, ["company_id", *columns])


def downgrade() -> None:
    for table in COUNTED:
        op.drop_index(f"ix_{table}_counted", table)
