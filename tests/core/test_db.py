"""Writers take turns, lost races are told, network file systems are refused."""

import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm.exc import StaleDataError

from tests import factories
from webapp.core import numbers
from webapp.core.db import db, file_system_of, refuse_network_file_system
from webapp.core.events import Event, record
from webapp.core.numbers import NumberSeries, next_number
from webapp.inspections.models import Inspection


def test_numbers_given_by_many_at_once_have_no_gap(cast):
    def give():
        for _ in range(10):
            with db.writing() as session:
                got.append(next_number(session, "test"))

    with db.writing() as session:
        session.add(NumberSeries(key="test", last=0))
    got: list[int] = []
    threads = [threading.Thread(target=give) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got) == list(range(1, 41))


def test_a_number_that_was_rolled_back_was_never_given(cast):
    def fail():
        with db.writing() as session:
            next_number(session, "test")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with db.writing() as session:
        assert numbers.next_number(session, "test") == 1


def test_the_lock_is_free_after_a_failure(cast):
    for _ in range(3):
        with pytest.raises(RuntimeError), db.writing():
            raise RuntimeError
    with db.writing() as session:
        record(session, "test.done", "x", by_id=None, at=factories.AT)


def test_a_lost_race_is_told(cast):
    with db.writing() as session:
        inspection_id = factories.open_inspection(session).id
    with db.reading() as one:
        stale = one.get(Inspection, inspection_id)
        one.commit()
        with db.writing() as two:
            two.get(Inspection, inspection_id).done = 5
        stale.done = 7
        with pytest.raises(StaleDataError):
            one.flush()
        one.rollback()


def test_instants_come_back_aware_and_naive_ones_are_refused(cast):
    china = timezone(timedelta(hours=8))
    with db.writing() as session:
        at = datetime(2026, 3, 1, 8, 0, tzinfo=china)
        event_id = record(session, "test.done", "x", by_id=None, at=at)
    with db.reading() as session:
        kept = session.scalar(select(Event.at).where(Event.id == event_id))
        assert kept == datetime(2026, 3, 1, 0, 0, tzinfo=UTC)
        assert kept.tzinfo is not None
    with pytest.raises(Exception, match="zone"), db.writing() as session:
        record(session, "test.done", "x", by_id=None, at=datetime(2026, 3, 1))  # noqa: DTZ001


def test_network_file_systems_are_known_by_their_mount(tmp_path: Path):
    mounts = tmp_path / "mounts"
    mounts.write_text(f"disk / ext4 rw 0 0\nserver:/x {tmp_path} nfs4 rw 0 0\n")
    assert file_system_of(tmp_path / "data", str(mounts)) == "nfs4"
    assert file_system_of(Path("/etc"), str(mounts)) == "ext4"
    refuse_network_file_system(Path("/"))
