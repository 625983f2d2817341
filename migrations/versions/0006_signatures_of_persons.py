"""Persons sign documents before the seal."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "document_signature",
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("printed_name", sa.String(), nullable=False),
        sa.Column("box", JSON, nullable=True),
        sa.Column("user_id", ID, nullable=True),
        sa.Column(
            "method",
            sa.Enum("drawn", "typed", "refused", name="method", native_enum=False, length=32),
            nullable=True,
        ),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("strokes", JSON, nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("witness", sa.String(), nullable=False),
        sa.Column("by_id", ID, nullable=True),
        sa.Column("fingerprint", sa.String(), nullable=True),
        sa.Column("shown_sha256", sa.String(), nullable=True),
        sa.Column("sha256", sa.String(), nullable=True),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "method <> 'refused' OR (reason <> '' AND witness <> '')",
            name=op.f("ck_document_signature_refusal_told"),
        ),
        sa.CheckConstraint(
            "method <> 'drawn' OR strokes IS NOT NULL",
            name=op.f("ck_document_signature_drawn_has_strokes"),
        ),
        sa.CheckConstraint(
            "signed_at IS NULL OR (method IS NOT NULL AND by_id IS NOT NULL)",
            name=op.f("ck_document_signature_whole"),
        ),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["document.id"],
            name=op.f("fk_document_signature_document_id_document"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_document_signature_user_id_user")
        ),
        sa.ForeignKeyConstraint(
            ["by_id"], ["user.id"], name=op.f("fk_document_signature_by_id_user")
        ),
        sa.PrimaryKeyConstraint("document_id", "place", name=op.f("pk_document_signature")),
    )
    op.add_column("document", sa.Column("prepared_sha256", sa.String(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("document") as batch:
        batch.drop_column("prepared_sha256")
    op.drop_table("document_signature")
