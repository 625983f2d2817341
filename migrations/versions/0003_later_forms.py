"""Later forms of signed documents: a timestamp added after the signature."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "later_form",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("stamped_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name=op.f("fk_later_form_document_id_document")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_later_form")),
        sa.UniqueConstraint("sha256", name=op.f("uq_later_form_sha256")),
    )
    op.create_index(op.f("ix_later_form_document_id"), "later_form", ["document_id"])
    op.add_column("document", sa.Column("stamped_until", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("document") as batch:
        batch.drop_column("stamped_until")
    op.drop_table("later_form")
