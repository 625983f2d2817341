"""What is owed is done once, tried again, and given up in the open."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests import factories
from webapp import flow
from webapp.core import events
from webapp.core.clock import now
from webapp.core.db import db
from webapp.core.events import Delivery, DeliveryState


@pytest.fixture
def reaction(monkeypatch, cast):
    """Wire a reaction of the test's own; returns the list of events it saw."""
    seen = []

    def react(session, event):
        seen.append(event.id)
        if event.data.get("fail"):
            raise ValueError("no")

    monkeypatch.setitem(flow.REACTIONS, "test.react", react)
    events.wire({"test.happened": ("test.react",)})
    yield seen
    flow.wire()


def happen(**data):
    with db.writing() as session:
        event_id = events.record(session, "test.happened", "x", by_id=None, at=factories.AT, **data)
        return event_id, session.info.pop("owed")


def delivery(delivery_id):
    with db.reading() as session:
        return session.scalars(select(Delivery).where(Delivery.id == delivery_id)).one()


def test_a_reaction_runs_once_however_often_it_is_handed_out(reaction):
    event_id, (owed,) = happen()
    for _ in range(3):
        flow.deliver(owed)
    assert reaction == [event_id]
    assert delivery(owed).state is DeliveryState.DONE


def test_what_was_lost_is_found_by_the_sweep(reaction):
    event_id, _ = happen()
    assert flow.drain() == 1
    assert reaction == [event_id]


def test_a_failure_waits_longer_each_time_and_is_given_up(reaction):
    _, (owed,) = happen(fail=True)
    waits = []
    for _ in range(events.ATTEMPTS_MAX):
        flow.deliver(owed)
        row = delivery(owed)
        waits.append(row.due_at - now())
    assert waits == sorted(waits)
    assert waits[0] > timedelta(seconds=1)
    assert row.state is DeliveryState.FAILED
    assert "ValueError: no" in row.error
    with db.writing() as session:
        assert events.retry(session, "x", at=now()) == 1
    assert delivery(owed).state is DeliveryState.PENDING


def test_what_is_rolled_back_owes_nothing(reaction):
    def fail():
        with db.writing() as session:
            events.record(session, "test.happened", "x", by_id=None, at=factories.AT)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert flow.drain() == 0
