"""Bringing a database that is in use to the present schema."""

import pytest
from sqlalchemy import text

from tests.documents.approval import approved
from webapp.core import migration
from webapp.core.db import db


def count(table: str) -> int:
    with db.reading() as session:
        return session.execute(text(f'SELECT count(*) FROM "{table}"')).scalar_one()


@pytest.mark.usefixtures("cast")
def test_documents_survive_the_way_back_and_forth(drain):
    """Take a database with sealed documents back to before drafts, and bring it up again."""
    approved()
    drain()
    with db.reading() as session:
        units = session.execute(text("SELECT id, unit_id FROM document")).all()
    before = {table: count(table) for table in ("document", "archive_record", "inspection")}
    assert before["archive_record"] == 2
    try:
        migration.downgrade(db.engine, "0004")
        assert {table: count(table) for table in before} == before
    finally:
        migration.upgrade(db.engine)
    assert {table: count(table) for table in before} == before
    with db.reading() as session:
        assert set(session.execute(text("SELECT id, unit_id FROM document"))) == set(units)
