"""Deriving the findings of a submission, once, however often it is asked for."""

import pytest
from sqlalchemy import select

from tests.factories import submitted
from webapp.core import events
from webapp.core.clock import now
from webapp.core.db import db
from webapp.core.events import Delivery, DeliveryState, Event
from webapp.findings import queries, service
from webapp.findings.models import Finding, FindingSource, FindingState
from webapp.inspections.models import Inspection, Submission

FAILED = ["GC-01", "GC-20"]


def failed(found):
    return [f.item_id for f in found if f.source is FindingSource.ITEM]


@pytest.fixture
def inspection_id(cast):
    return submitted()


def test_a_submission_is_derived_in_the_background(inspection_id, drain, session):
    drain()
    found = session.scalars(select(Finding).order_by(Finding.id)).all()
    assert failed(found) == FAILED
    assert all("须由人核实" in f.facts for f in found if f.source is FindingSource.RULE)
    assert {f.state for f in found} == {FindingState.DERIVED}
    assert {f.inspection_id for f in found} == {inspection_id}
    assert not session.scalars(select(Delivery).where(Delivery.state == DeliveryState.FAILED)).all()


def test_deriving_twice_ends_the_same(inspection_id, drain):
    drain()
    for _ in range(2):
        with db.writing() as session:
            event = session.scalars(select(Event).filter_by(kind="inspection.submitted")).one()
            service.derive(session, event)
    with db.reading() as session:
        assert failed(session.scalars(select(Finding).order_by(Finding.id))) == FAILED


def test_findings_belong_to_their_unit_and_bureau(inspection_id, drain, session):
    drain()
    inspection = session.get_one(Inspection, inspection_id)
    found = session.scalars(select(Finding)).first()
    assert (found.bureau_id, found.unit_id) == (inspection.bureau_id, inspection.unit_id)


def test_before_the_worker_came_they_can_be_read_but_are_not_kept(inspection_id, session):
    submission = session.scalars(select(Submission)).one()
    assert failed(service.preview(session, submission)) == FAILED
    session.rollback()
    assert queries.findings_of(session, submission) == []


def test_nothing_wrong_amounts_to_no_finding_by_a_person(cast, drain, session):
    submitted(failed=())
    drain()
    assert failed(session.scalars(select(Finding))) == []
    assert events.due(session, now()) == []
