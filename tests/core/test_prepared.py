"""What goes past SQLAlchemy's machinery still means the same."""

from uuid import uuid4

import pytest
from sqlalchemy import bindparam, select
from sqlalchemy.exc import IntegrityError

from tests import factories
from webapp.core.db import append, db
from webapp.core.events import Delivery, DeliveryState, Event, record
from webapp.core.numbers import NumberSeries
from webapp.core.prepared import Prepared
from webapp.inspections.models import Inspection

EVENTS = Event.__table__
NEWEST = Prepared(
    select(EVENTS.c.id, EVENTS.c.at, EVENTS.c.data)
    .where(EVENTS.c.subject == bindparam("about"))
    .order_by(EVENTS.c.id.desc())
    .limit(1)
)


def test_values_come_back_as_they_were_written(cast):
    told = {"文": ["👍", 1.5, None, True], "深": {"a": 2**53}}
    with db.writing() as session:
        record(session, "test.first", "x", by_id=None, at=factories.AT)
        event_id = record(session, "test.happened", "x", by_id=None, at=factories.AT, **told)
        assert NEWEST.first(session, {"about": "x"}) == (event_id, factories.AT, told)
        assert NEWEST.first(session, {"about": "y"}) is None
    with db.reading() as session:
        kept = session.get(Event, event_id)
        assert (kept.at, kept.data) == (factories.AT, told)


def test_columns_left_out_get_their_defaults(cast):
    with db.writing() as session:
        event_id = record(session, "test.happened", "x", by_id=None, at=factories.AT)
        row = {"event_id": event_id, "reaction": "test.react", "due_at": factories.AT}
        key = append(session, Delivery, row)
        append(session, Delivery, row, row)
    with db.reading() as session:
        delivery = session.get(Delivery, key)
        assert (delivery.state, delivery.attempts) == (DeliveryState.PENDING, 0)
        assert len(session.scalars(select(Delivery.id)).all()) == 3


def test_a_broken_constraint_is_told_as_always(cast):
    with db.writing() as session:
        assert append(session, NumberSeries, {"key": "twice", "last": 1}) is None
        with pytest.raises(IntegrityError), session.begin_nested():
            append(session, NumberSeries, {"key": "twice", "last": 2})
        assert session.get(NumberSeries, "twice").last == 1


def test_an_opened_inspection_reads_the_same_from_memory_and_from_the_database(cast):
    names = [column.key for column in Inspection.__mapper__.column_attrs]
    with db.writing() as session:
        opened = factories.open_inspection(session)
        told = {name: getattr(opened, name) for name in names}
        team = [user.id for user in opened.inspectors]
    with db.reading() as session:
        read = session.get(Inspection, opened.id)
        assert {name: getattr(read, name) for name in names} == told
        assert [user.id for user in read.inspectors] == team
        assert session.get(Inspection, uuid4()) is None
