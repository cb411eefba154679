"""Whoever was removed has nothing left that comes back with them: places in chains, deputies, choices (C4, C6)."""

import sqlalchemy as sa

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("approver", sa.Column("lapsed", sa.Boolean(), nullable=False, server_default=sa.false()))
    user = sa.table("user", sa.column("id"), sa.column("removed_at"))
    removed = sa.select(user.c.id).where(user.c.removed_at.is_not(None))
    approver = sa.table("approver", sa.column("user_id"), sa.column("lapsed", sa.Boolean()))
    op.execute(approver.update().where(approver.c.user_id.in_(removed)).values(lapsed=True))
    for name in ("preference", "waiting_letter"):
        of = sa.table(name, sa.column("user_id"))
        op.execute(of.delete().where(of.c.user_id.in_(removed)))
    deputy = sa.table("deputy", *(sa.column(each) for each in ("user_id", "deputy_id", "ends")))
    either = deputy.c.user_id.in_(removed) | deputy.c.deputy_id.in_(removed)
    # Those of days that are over are history.
    op.execute(deputy.delete().where(either, deputy.c.ends >= sa.func.current_date()))


def downgrade() -> None:
    op.drop_column("approver", "lapsed")
