"""The queue: who waited longest comes first, pages fit together, counts stop counting."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert, select

from tests import factories
from tests.reviews.conftest import add_role
from webapp.accounts.models import User
from webapp.accounts.rules import Role
from webapp.core.db import db
from webapp.inspections.models import Inspection, Submission
from webapp.inspections.rules import Status
from webapp.reviews import cursors, queries
from webapp.reviews.queries import Place

COUNT = 70


@pytest.fixture
def many(cast):
    """Hand in seventy inspections, some at the same instant; the oldest first."""
    first = factories.submitted()
    with db.writing() as session:
        one = session.get_one(Inspection, first)
        made = [
            {
                "id": uuid4(), "number": f"MC-{n:06}", "bureau_id": one.bureau_id,
                "unit_id": one.unit_id, "checklist_version_id": one.checklist_version_id,
                "checklist_title": one.checklist_title, "status": Status.SUBMITTED,
                "opened_by_id": one.opened_by_id, "opened_at": one.opened_at,
                "changed_at": one.changed_at, "state": {}, "revision": 1,
                "submitted_at": factories.AT + timedelta(minutes=1 + n // 3),
            }
            for n in range(COUNT - 1)
        ]  # fmt: skip
        session.execute(insert(Inspection), made)
        session.execute(
            insert(Submission),
            [
                {
                    "id": uuid4(), "inspection_id": row["id"], "number": 1, "answers": {},
                    "digest": "", "by_id": one.opened_by_id, "at": row["submitted_at"],
                }
                for row in made
            ],
        )  # fmt: skip


def zhou_of(session):
    return session.scalars(select(User).filter_by(username="zhou")).one()


def test_pages_follow_one_another_without_gap_or_double(many, session):
    zhou, seen, place = zhou_of(session), [], None
    while True:
        page = queries.queue(session, zhou, Status.SUBMITTED, after=place)
        seen += [(row.inspection.submitted_at, row.inspection.id) for row in page.rows]
        if page.next is None:
            break
        place = page.next
    assert seen == sorted(seen)
    assert len(set(seen)) == COUNT


def test_one_can_go_back(many, session):
    zhou = zhou_of(session)
    first = queries.queue(session, zhou, Status.SUBMITTED)
    second = queries.queue(session, zhou, Status.SUBMITTED, after=first.next)
    back = queries.queue(session, zhou, Status.SUBMITTED, before=second.previous)
    assert [r.inspection.id for r in back.rows] == [r.inspection.id for r in first.rows]
    assert (first.previous, back.previous) == (None, None)
    assert back.next == first.next


def test_the_page_links_to_its_neighbours(as_, many):
    zhou = as_("zhou")
    page = zhou.get("/reviews").text
    assert f"共 {COUNT} 项" in page
    older = page.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    second = zhou.get(older)
    assert second.status_code == 200
    assert 'rel="prev"' in second.text


def test_the_count_stops(many, session, monkeypatch):
    monkeypatch.setattr(queries, "COUNT_MOST", 50)
    assert queries.count_of(session, zhou_of(session), Status.SUBMITTED) == 51


def test_what_one_may_not_decide_is_marked(as_, cast):
    factories.submitted()
    add_role("lin", Role.SUPERVISOR)
    assert "须回避" in as_("lin").get("/reviews").text
    assert "须回避" not in as_("zhou").get("/reviews").text


def test_an_empty_queue_says_what_comes(as_, cast):
    assert "没有待审核的督查" in as_("zhou").get("/reviews").text
    assert as_("zhou").get("/reviews?state=returned&after=x").status_code == 200


@pytest.mark.parametrize("text", [None, "", "x", "1-x", "x-1", "9" * 400 + "-" + "0" * 32])
def test_what_is_no_place_is_the_beginning(text):
    assert cursors.read(text) is None


def test_a_place_survives_the_address():
    place = Place(factories.AT, UUID(int=7))
    assert cursors.read(cursors.write(place)) == place
