"""Categories and groups are found by name and description (L3)."""

import sqlalchemy as sa

from alembic import op
from selfcare_app.specs.text import search_key

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

TABLES = ("group_category", "group")


def upgrade() -> None:
    for name in TABLES:
        op.add_column(name, sa.Column("search_key", sa.String(), nullable=False, server_default=""))
        table = sa.table(name, *(sa.column(each) for each in ("id", "name", "description", "search_key")))
        for row in op.get_bind().execute(sa.select(table)).all():
            found_by = {"search_key": search_key(row.name, row.description)}
            op.execute(table.update().where(table.c.id == row.id).values(found_by))


def downgrade() -> None:
    for name in TABLES:
        op.drop_column(name, "search_key")
