"""What was typed on the review page when a preview was asked for there."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("preview", sa.Column("typed", JSON, nullable=True))


def downgrade() -> None:
    op.drop_column("preview", "typed")
