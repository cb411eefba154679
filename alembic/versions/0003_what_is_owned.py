"""What is owned: price plans, connections, add-ons, contacts; more about subscriptions."""

import sqlalchemy as sa

from alembic import op
from selfcare_app.models import base as models
from selfcare_app.specs.text import label_sort, sort_key, subscription_label, subscription_search, user_search

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SUBSCRIPTION_INDEXES = (
    ("label_sort",),
    ("person_sort",),
    ("customer_number_sort",),
    ("price_plan_sort",),
    ("type", "label_sort"),
    ("ended", "label_sort"),
    ("customer_number_id", "label_sort"),
    ("price_plan_id", "label_sort"),
)
SUBSCRIPTION_COLUMNS = (
    "customer_number_sort",
    "label",
    "label_sort",
    "person_sort",
    "cost_centre",
    "price_plan_id",
    "price_plan_sort",
    "bound_until",
    "sim",
    "puk",
    "search_key",
)


def upgrade() -> None:
    op.create_table(
        "price_plan",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("product", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_sort", models.SortText(), nullable=False),
        sa.Column("one_off_fee", models.Money(), nullable=False),
        sa.Column("monthly_fee", models.Money(), nullable=False),
        sa.Column("sold_from", sa.Date(), nullable=False),
        sa.Column("sold_to", sa.Date(), nullable=True),
        sa.Column("binding_months", sa.Integer(), nullable=False),
        sa.Column("notice_months", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_plan")),
        sa.UniqueConstraint("code", name=op.f("uq_price_plan_code")),
    )
    op.create_table(
        "connection",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("number_sort", models.SortText(), nullable=False),
        sa.Column("customer_number_id", sa.Integer(), nullable=False),
        sa.Column("customer_number_sort", models.SortText(), nullable=False),
        sa.Column("product", sa.String(), nullable=False),
        sa.Column("service_type", sa.String(), nullable=False),
        sa.Column("capacity", sa.String(), nullable=False),
        sa.Column("capacity_sort", models.SortText(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("address_sort", models.SortText(), nullable=False),
        sa.Column("city", sa.String(), nullable=False),
        sa.Column("city_sort", models.SortText(), nullable=False),
        sa.Column("sla", sa.String(), nullable=False),
        sa.Column("equipment", sa.String(), nullable=False),
        sa.Column("opened", sa.Date(), nullable=False),
        sa.Column("ended", sa.Date(), nullable=True),
        sa.Column("search_key", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_connection_company_id")),
        sa.ForeignKeyConstraint(
            ["customer_number_id"], ["customer_number.id"], name=op.f("fk_connection_customer_number_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_connection")),
        sa.UniqueConstraint("company_id", "number", name=op.f("uq_connection_company_id_number")),
        sa.UniqueConstraint("number", name=op.f("uq_connection_number")),
    )
    with op.batch_alter_table("connection", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_connection_company_id_address_sort_id"), ["company_id", "address_sort", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_connection_company_id_city_sort_id"), ["company_id", "city_sort", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_connection_company_id_customer_number_id_number_sort_id"),
            ["company_id", "customer_number_id", "number_sort", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_connection_company_id_customer_number_sort_id"),
            ["company_id", "customer_number_sort", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_connection_company_id_ended_number_sort_id"),
            ["company_id", "ended", "number_sort", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_connection_company_id_number_sort_id"), ["company_id", "number_sort", "id"], unique=False
        )
    op.create_table(
        "add_on",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("subscription_id", sa.Integer(), nullable=True),
        sa.Column("connection_id", sa.Integer(), nullable=True),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_sort", models.SortText(), nullable=False),
        sa.Column("monthly_fee", models.Money(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("search_key", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(subscription_id IS NULL) <> (connection_id IS NULL)", name=op.f("ck_add_on_one_owner")),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_add_on_company_id")),
        sa.ForeignKeyConstraint(["connection_id"], ["connection.id"], name=op.f("fk_add_on_connection_id")),
        sa.ForeignKeyConstraint(["subscription_id"], ["subscription.id"], name=op.f("fk_add_on_subscription_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_add_on")),
        sa.UniqueConstraint(
            "company_id", "connection_id", "code", name=op.f("uq_add_on_company_id_connection_id_code")
        ),
        sa.UniqueConstraint(
            "company_id", "subscription_id", "code", name=op.f("uq_add_on_company_id_subscription_id_code")
        ),
    )
    op.create_table(
        "connection_contact",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_sort", models.SortText(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_connection_contact_company_id")),
        sa.ForeignKeyConstraint(["connection_id"], ["connection.id"], name=op.f("fk_connection_contact_connection_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_connection_contact")),
        sa.UniqueConstraint(
            "company_id", "connection_id", "email", name=op.f("uq_connection_contact_company_id_connection_id_email")
        ),
    )
    for column in (
        sa.Column("customer_number_sort", models.SortText(), nullable=False, server_default=""),
        sa.Column("label", sa.String(), nullable=False, server_default=""),
        sa.Column("label_sort", models.SortText(), nullable=False, server_default=""),
        sa.Column("person_sort", models.SortText(), nullable=False, server_default=""),
        sa.Column("cost_centre", sa.String(), nullable=False, server_default=""),
        sa.Column("price_plan_sort", models.SortText(), nullable=False, server_default=""),
        sa.Column("bound_until", sa.Date(), nullable=True),
        sa.Column("sim", sa.String(), nullable=False, server_default=""),
        sa.Column("puk", sa.String(), nullable=False, server_default=""),
        sa.Column("search_key", sa.String(), nullable=False, server_default=""),
    ):
        op.add_column("subscription", column)
    op.add_column(
        "subscription",
        sa.Column(
            "price_plan_id",
            sa.Integer(),
            sa.ForeignKey("price_plan.id", name="fk_subscription_price_plan_id"),
            nullable=True,
        ),
        inline_references=True,
    )
    op.drop_index("ix_subscription_company_id_customer_number_id_id", "subscription")
    for columns in SUBSCRIPTION_INDEXES:
        op.create_index(None, "subscription", ["company_id", *columns, "id"])
    op.add_column("user", sa.Column("search_key", sa.String(), nullable=False, server_default=""))
    _fill()


def _fill() -> None:
    """Give the rows that are there what feeds write from now on."""
    database = op.get_bind()
    subscription = sa.table(
        "subscription",
        *(
            sa.column(name)
            for name in ("id", "customer_number_sort", "label", "label_sort", "person_sort", "search_key")
        ),
    )
    found = database.execute(
        sa.text(
            "SELECT s.id, s.number, s.phone, s.person, n.number_sort, c.name FROM subscription s"
            " JOIN customer_number n ON n.id = s.customer_number_id JOIN company c ON c.id = s.company_id"
        )
    ).all()
    for row_id, number, phone, person, customer_number_sort, company in found:
        label = subscription_label(number, phone)
        database.execute(
            subscription.update()
            .where(subscription.c.id == row_id)
            .values(
                customer_number_sort=customer_number_sort,
                label=label,
                label_sort=label_sort(label),
                person_sort=sort_key(person),
                search_key=subscription_search(number, phone, person, company),
            )
        )
    user = sa.table("user", *(sa.column(name) for name in ("id", "search_key")))
    found = database.execute(
        sa.text('SELECT u.id, u.name, s.email, u.phone FROM "user" u JOIN sign_in s ON s.id = u.sign_in_id')
    ).all()
    for row_id, name, email, phone in found:
        database.execute(user.update().where(user.c.id == row_id).values(search_key=user_search(name, email, phone)))


def downgrade() -> None:
    op.drop_column("user", "search_key")
    for columns in SUBSCRIPTION_INDEXES:
        op.drop_index("ix_subscription_company_id_" + "_".join(columns) + "_id", "subscription")
    op.create_index(
        "ix_subscription_company_id_customer_number_id_id", "subscription", ["company_id", "customer_number_id", "id"]
    )
    with op.batch_alter_table("subscription", naming_convention=models.NAMING) as subscription:
        subscription.drop_constraint("fk_subscription_price_plan_id", type_="foreignkey")
        for name in SUBSCRIPTION_COLUMNS:
            subscription.drop_column(name)
    op.drop_table("connection_contact")
    op.drop_table("add_on")
    op.drop_table("connection")
    op.drop_table("price_plan")
