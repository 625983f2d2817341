"""Two supervisors decide at the same moment: one decides, the other hears who."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import select

from tests.reviews.conftest import add_role, approval, inspection_now
from webapp.accounts.rules import Role
from webapp.core.db import db
from webapp.core.events import Event
from webapp.findings.models import Finding, FindingState
from webapp.inspections.rules import Status
from webapp.reviews.models import Review


@pytest.mark.parametrize("acts", [("approval", "approval"), ("approval", "return")])
def test_two_supervisors_decide_at_once(as_, inspection_id, acts):
    add_role("he", Role.SUPERVISOR)
    clients = [as_("zhou"), as_("he")]
    forms = [approval(client, inspection_id, opinion="意见") for client in clients]
    start = Barrier(2)

    def decide(client, form, act):
        start.wait()
        try:
            return client.post(f"/reviews/{inspection_id}/{act}", data=form)
        finally:
            db.session.remove()

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(decide, clients, forms, acts))
    assert sorted(answer.status_code for answer in answers) == [303, 409]
    (refused,) = (answer for answer in answers if answer.status_code == 409)
    with db.reading() as session:
        (review,) = session.scalars(select(Review)).all()
        assert f"{review.by.name} 已经" in refused.text
        kind = f"review.{review.decision.value}"
        assert len(session.scalars(select(Event).filter_by(kind=kind)).all()) == 1
        states = set(session.scalars(select(Finding.state)))
    approved = inspection_now(inspection_id).status is Status.APPROVED
    assert (FindingState.DERIVED in states) is not approved
