"""Alembic's entry: takes the connection from the caller (``mingcha migrate``)."""

from alembic import context

import webapp.archive.models
import webapp.findings.models
import webapp.reviews.models  # noqa: F401 - fills the metadata
from webapp.core import events, numbers  # noqa: F401 - fills the metadata
from webapp.core.db import Base


def render_item(kind, item, autogen_context):
    """Write our own column types as plain SQL types, so that migrations stay frozen."""
    if kind == "type" and type(item).__name__ == "Instant":
        return "sa.DateTime(timezone=True)"
    if kind == "type" and type(item).__name__ == "JSON":
        return "JSON"
    return False


def include_name(name, kind, parents):
    """Leave the search index alone: each database has its own kind, and the models know none."""
    return not (kind == "table" and name.startswith("archive_search"))


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_item=render_item,
    include_name=include_name,
    render_as_batch=True,
    compare_type=False,
)
with context.begin_transaction():
    context.run_migrations()
