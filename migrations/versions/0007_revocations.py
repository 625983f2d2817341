"""Signed documents may be revoked, or replaced by others."""

import sqlalchemy as sa
from alembic import op

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "revocation",
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("replaced_by_id", sa.Uuid(), nullable=True),
        sa.Column("by_id", ID, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("replaced_by_id <> document_id", name=op.f("ck_revocation_another")),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name=op.f("fk_revocation_document_id_document")
        ),
        sa.ForeignKeyConstraint(
            ["replaced_by_id"], ["document.id"], name=op.f("fk_revocation_replaced_by_id_document")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["user.id"], name=op.f("fk_revocation_by_id_user")),
        sa.PrimaryKeyConstraint("document_id", name=op.f("pk_revocation")),
    )


def downgrade() -> None:
    op.drop_table("revocation")
