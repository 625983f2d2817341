"""Papers that people draft: drafts, previews, documents without an inspection."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.alter_column("inspection_id", existing_type=sa.Uuid(), nullable=True)
        batch_op.add_column(sa.Column("unit_id", SERIAL, nullable=True))
        batch_op.add_column(sa.Column("author_id", SERIAL, nullable=True))
        batch_op.drop_constraint("uq_document_inspection_id_kind", type_="unique")
        batch_op.create_foreign_key("fk_document_unit_id_unit", "unit", ["unit_id"], ["id"])
        batch_op.create_foreign_key("fk_document_author_id_user", "user", ["author_id"], ["id"])
        batch_op.create_index("ix_document_inspection_id", ["inspection_id"])
        batch_op.create_index("ix_document_author_id", ["author_id"])
    op.execute(
        "UPDATE document SET unit_id = "
        "(SELECT inspection.unit_id FROM inspection WHERE inspection.id = document.inspection_id)"
    )
    op.create_table(
        "draft",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("bureau_id", SERIAL, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("author_id", SERIAL, nullable=False),
        sa.Column("unit_id", SERIAL, nullable=True),
        sa.Column("inspection_id", sa.Uuid(), nullable=True),
        sa.Column("finding_id", SERIAL, nullable=True),
        sa.Column("answers", JSON, nullable=False),
        sa.Column("remark", sa.String(), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["user.id"], name="fk_draft_author_id_user"),
        sa.ForeignKeyConstraint(["bureau_id"], ["bureau.id"], name="fk_draft_bureau_id_bureau"),
        sa.ForeignKeyConstraint(["finding_id"], ["finding.id"], name="fk_draft_finding_id_finding"),
        sa.ForeignKeyConstraint(
            ["inspection_id"], ["inspection.id"], name="fk_draft_inspection_id_inspection"
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_draft_unit_id_unit"),
        sa.PrimaryKeyConstraint("id", name="pk_draft"),
    )
    with op.batch_alter_table("draft", schema=None) as batch_op:
        batch_op.create_index("ix_draft_author_id", ["author_id"])
        batch_op.create_index("ix_draft_inspection_id", ["inspection_id"])
        batch_op.create_index("ix_draft_bureau_id_offered_at", ["bureau_id", "offered_at"])
    op.create_table(
        "preview",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("by_id", SERIAL, nullable=False),
        sa.Column("draft_id", sa.Uuid(), nullable=True),
        sa.Column("inspection_id", sa.Uuid(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("contents", JSON, nullable=False),
        sa.Column(
            "state",
            sa.Enum("queued", "ready", "failed", name="previewstate", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("pdf", sa.LargeBinary(), nullable=True),
        sa.Column("pages", sa.Integer(), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["user.id"], name="fk_preview_by_id_user"),
        sa.ForeignKeyConstraint(["draft_id"], ["draft.id"], name="fk_preview_draft_id_draft"),
        sa.ForeignKeyConstraint(
            ["inspection_id"], ["inspection.id"], name="fk_preview_inspection_id_inspection"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_preview"),
    )
    with op.batch_alter_table("preview", schema=None) as batch_op:
        batch_op.create_index("ix_preview_by_id", ["by_id"])
        batch_op.create_index("ix_preview_draft_id", ["draft_id"])
        batch_op.create_index("ix_preview_asked_at", ["asked_at"])


def downgrade() -> None:
    op.drop_table("preview")
    op.drop_table("draft")
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.drop_index("ix_document_author_id")
        batch_op.drop_index("ix_document_inspection_id")
        batch_op.drop_constraint("fk_document_author_id_user", type_="foreignkey")
        batch_op.drop_constraint("fk_document_unit_id_unit", type_="foreignkey")
        batch_op.create_unique_constraint(
            "uq_document_inspection_id_kind", ["inspection_id", "kind"]
        )
        batch_op.drop_column("author_id")
        batch_op.drop_column("unit_id")
        batch_op.alter_column("inspection_id", existing_type=sa.Uuid(), nullable=False)
