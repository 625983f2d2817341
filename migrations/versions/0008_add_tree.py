"""The hash tree over all events, and its signed roots."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    op.create_table(
        "tree_leaf",
        sa.Column("index", SERIAL, autoincrement=False, nullable=False),
        sa.Column("event_id", SERIAL, nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("index", name=op.f("pk_tree_leaf")),
        sa.UniqueConstraint("event_id", name=op.f("uq_tree_leaf_event_id")),
    )
    op.create_table(
        "tree_head",
        sa.Column("size", SERIAL, autoincrement=False, nullable=False),
        sa.Column("root", sa.String(), nullable=False),
        sa.Column("peaks", JSON, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signature", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_tree_head")),
    )


def downgrade() -> None:
    op.drop_table("tree_head")
    op.drop_table("tree_leaf")
