"""What was decided before the write lock still holds in it, or is decided again."""

from uuid import uuid4

import pytest

from tests import factories
from tests.inspections.conftest import changes
from webapp.core.db import db
from webapp.core.web import problem
from webapp.inspections import messages, queries, service
from webapp.inspections.intake import Intake, news, next_cursor
from webapp.inspections.models import ChangeBatch, Inspection, Signature, Submission


class Overtaken(Intake):
    """An intake during which somebody else is first: after its plans, before its turn."""

    def _begin(self):
        meanwhile, self.meanwhile = self.meanwhile, lambda: None
        meanwhile()
        super()._begin()


@pytest.fixture
def take(app, cast):
    """Let somebody send items; ``meanwhile`` happens between deciding and writing."""

    def send(who, *items, meanwhile=lambda: None):
        with app.test_request_context(), db.factory() as session:
            by = factories.user(session, who)
            taking = Overtaken(session, by=by, device="", at=factories.AT, tell=problem)
            taking.meanwhile = meanwhile
            results = taking.receive([messages.SyncItem.model_validate(item) for item in items])
            session.commit()
            return results

    return send


def item(kind, body, item_id=None):
    return {"id": str(item_id or uuid4()), "kind": kind, "body": body}


def entry(inspection_id, question="GC-01"):
    with db.reading() as session:
        return session.get(Inspection, inspection_id).state.get(question)


def count(model):
    with db.reading() as session:
        return session.query(model).count()


def filled(inspection_id):
    """Answer everything; returns the digest to sign."""
    with db.writing() as session:
        inspection = session.get(Inspection, inspection_id)
        factories.fill(session, inspection)
        return service.digest_shown(inspection)


def handed_in(inspection_id):
    with db.writing() as session:
        inspection = session.get(Inspection, inspection_id)
        factories.sign_all(session, inspection)
        service.submit(
            session, inspection, submission_id=uuid4(), by=inspection.opened_by, at=factories.AT
        )


def test_somebody_elses_answer_meanwhile_is_a_conflict_not_lost(take, inspection_id):
    def other():
        assert take("chen", changes(inspection_id, ("GC-01", "no")))[0].status == "applied"

    mine = take("lin", changes(inspection_id, ("GC-01", "yes")), meanwhile=other)
    assert [one.status for one in mine] == ["conflict"]
    kept = entry(inspection_id)
    assert (kept["v"], [also["v"] for also in kept["also"]]) == ("no", ["yes"])


def test_other_questions_answered_meanwhile_are_both_kept(take, inspection_id):
    def other():
        take("chen", changes(inspection_id, ("GC-02", "no")))

    assert take("lin", changes(inspection_id, ("GC-01", "yes")), meanwhile=other)[0].status == (
        "applied"
    )
    one, two = entry(inspection_id), entry(inspection_id, "GC-02")
    assert (one["v"], two["v"]) == ("yes", "no")
    assert one["seq"] > two["seq"] > 0


def test_the_same_message_taken_meanwhile_is_stored_once(take, inspection_id):
    items = [changes(inspection_id, ("GC-01", "yes"))]
    again = take("lin", *items, meanwhile=lambda: take("lin", *items))
    assert [one.status for one in again] == ["duplicate"]
    assert count(ChangeBatch) == 1


def test_the_same_opening_taken_meanwhile_opens_once(take, cast):
    lin, chen = cast.users["lin"], cast.users["chen"]
    body = {"checklist": "official-vehicles", "unit": cast.units["城关自然资源所"]}
    items = [item("inspection", body | {"inspectors": [lin, chen]})]
    again = take("lin", *items, meanwhile=lambda: take("lin", *items))
    assert [one.status for one in again] == ["duplicate"]
    assert count(Inspection) == 1


def test_what_was_handed_in_meanwhile_is_locked(take, inspection_id):
    filled(inspection_id)
    late = [changes(inspection_id, ("GC-01", "no"))]
    refused = take("lin", *late, meanwhile=lambda: handed_in(inspection_id))
    assert [one.problem.code for one in refused] == ["locked"]
    assert count(Submission) == 1
    assert entry(inspection_id)["v"] == "yes"


def test_a_signature_under_content_changed_meanwhile_is_refused(take, inspection_id):
    digest = filled(inspection_id)
    body = {"inspection": str(inspection_id), "role": "unit", "name": "钱所", "method": "typed"}
    signed = item("signature", body | {"digest": digest})

    def other():
        with db.reading() as reading:
            base = reading.get(Inspection, inspection_id).state["GC-01"]["id"]
        take("chen", changes(inspection_id, ("GC-01", "na"), base=base))

    assert [one.problem.code for one in take("lin", signed, meanwhile=other)] == ["shown_changed"]
    assert count(Signature) == 0


def test_the_same_signature_taken_meanwhile_is_kept_once(take, inspection_id):
    body = {"inspection": str(inspection_id), "role": "unit", "name": "钱所", "method": "typed"}
    items = [item("signature", body | {"digest": filled(inspection_id)})]
    again = take("lin", *items, meanwhile=lambda: take("lin", *items))
    assert [one.status for one in again] == ["duplicate"]
    assert count(Signature) == 1


def test_a_message_may_change_the_same_inspection_twice(take, inspection_id):
    first = changes(inspection_id, ("GC-01", "yes"))
    told = first["body"]["changes"][0]
    second = changes(inspection_id, ("GC-01", "no"), base=told["id"])
    again = changes(inspection_id, ("GC-02", "yes"))
    again["body"]["changes"].append(told)
    results = take("lin", first, second, again)
    assert [one.status for one in results] == ["applied"] * 3
    assert [one["status"] for one in results[2].changes] == ["applied", "duplicate"]
    assert entry(inspection_id)["v"] == "no"


def test_a_phone_that_stores_goes_past_what_is_no_news_to_it(sync, inspection_id):
    mine = sync("lin", changes(inspection_id, ("GC-01", "yes")))
    assert (mine["cursor"], mine["news"]) == (entry(inspection_id)["seq"], [])
    theirs = sync("chen", changes(inspection_id, ("GC-02", "yes")), cursor=mine["cursor"])
    seq = entry(inspection_id, "GC-02")["seq"]
    assert (theirs["cursor"], theirs["news"]) == (seq, [])
    heard = sync("lin", changes(inspection_id, ("GC-03", "yes")), cursor=mine["cursor"])
    assert [told["seq"] for told in heard["news"]] == [seq]
    assert heard["cursor"] > seq
    assert sync("lin", cursor=heard["cursor"])["cursor"] == heard["cursor"]


def test_near_and_far_news_are_the_same(take, inspection_id):
    for question in ("GC-01", "GC-02", "GC-03"):
        take("chen", changes(inspection_id, (question, "yes")))
    with db.reading() as session:
        lin = factories.user(session, "lin")
        far = news(session, lin, 0)
        assert far == news(session, lin, 0, settled=far[-1].seq)
        assert len(far) == 3
        assert queries.own_inspection(session, lin, inspection_id).seq == far[-1].seq
    assert next_cursor(far, 0, far[-1].seq + 1) == far[-1].seq + 1
    assert next_cursor(far * 34, 0, far[-1].seq + 1) == far[-1].seq + 1
    assert next_cursor((far * 34)[:100], 0, far[-1].seq + 1) == far[0].seq
