"""The permissions that a token is held to; tokens from before have all of their owner's."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    op.add_column("token", sa.Column("scopes", JSON, nullable=True))


def downgrade() -> None:
    op.drop_column("token", "scopes")
