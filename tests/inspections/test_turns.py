"""A phone's cursor never passes what is stored later, whatever the database."""

import threading
from uuid import uuid4

from tests import factories
from webapp.core.db import db
from webapp.inspections import intake, queries, service
from webapp.inspections.rules import Change

PATIENCE_S = 1.0


def answer(session, inspection_id, who):
    by = factories.user(session, who)
    inspection = queries.own_inspection(session, by, inspection_id, lock=True)
    change = Change(id=str(uuid4()), question="GC-01", value="yes")
    service.record_changes(
        session, inspection, batch_id=uuid4(), changes=[change], by=by, at=factories.AT
    )


def news_of(who, cursor=0):
    with db.reading() as session:
        return intake.news(session, factories.user(session, who), cursor)


def test_a_later_number_is_not_seen_before_an_earlier_one(cast):
    with db.writing() as session:
        one, other = (factories.open_inspection(session).id for _ in range(2))
    stored = threading.Event()

    def overtake():
        with db.writing() as session:
            answer(session, other, "lin")
        stored.set()

    with db.writing() as session:
        answer(session, one, "lin")
        thread = threading.Thread(target=overtake)
        thread.start()
        assert not stored.wait(PATIENCE_S)
        assert news_of("chen") == []
    thread.join()
    first, second = news_of("chen")
    assert [first.inspection, second.inspection] == [one, other]
    assert first.seq < second.seq
    assert [news.seq for news in news_of("chen", first.seq)] == [second.seq]


def test_another_bureau_does_not_wait(cast):
    if db.engine.dialect.name != "postgresql":
        return  # SQLite has one writer, whosever it is
    with db.writing() as one, db.writing() as other:
        queries.take_turn(one, factories.user(one, "lin").bureau_id)
        queries.take_turn(other, factories.user(other, "sun").bureau_id)
