"""Policy figures of each bureau, and those that a finding rests on."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    op.create_table(
        "policy_figure",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("bureau_id", SERIAL, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("effective_to", sa.Date(), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("document_no", sa.String(), nullable=False),
        sa.Column("by_id", SERIAL, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_by_id", SERIAL, nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("value >= 0", name=op.f("ck_policy_figure_not_negative")),
        sa.CheckConstraint(
            "effective_to IS NULL OR effective_to >= effective_from",
            name=op.f("ck_policy_figure_days_in_order"),
        ),
        sa.CheckConstraint(
            "confirmed_by_id IS NULL OR confirmed_by_id <> by_id",
            name=op.f("ck_policy_figure_two_people"),
        ),
        sa.ForeignKeyConstraint(
            ["bureau_id"], ["bureau.id"], name=op.f("fk_policy_figure_bureau_id_bureau")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["user.id"], name=op.f("fk_policy_figure_by_id_user")),
        sa.ForeignKeyConstraint(
            ["confirmed_by_id"], ["user.id"], name=op.f("fk_policy_figure_confirmed_by_id_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_figure")),
    )
    op.create_index(
        op.f("ix_policy_figure_bureau_id_key_effective_from"),
        "policy_figure",
        ["bureau_id", "key", "effective_from"],
    )
    with op.batch_alter_table("finding") as finding:
        finding.add_column(
            sa.Column("figures", JSON, nullable=False, server_default=sa.text("'[]'"))
        )


def downgrade() -> None:
    with op.batch_alter_table("finding") as finding:
        finding.drop_column("figures")
    op.drop_table("policy_figure")
