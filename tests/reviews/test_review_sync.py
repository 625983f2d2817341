"""The programs' door to the same acts, with a bearer token."""

import pytest
from sqlalchemy import select

from tests.reviews.conftest import inspection_now, resubmit, round_of
from webapp.accounts import service as accounts
from webapp.accounts.models import User
from webapp.core.clock import now
from webapp.core.db import db
from webapp.inspections.rules import Status


@pytest.fixture
def program(app, cast):
    """Give a function that sends a JSON request with somebody's token."""

    def call(who, method, path, body=None):
        with db.writing() as session:
            user = session.scalars(select(User).filter_by(username=who)).one()
            token = accounts.give_token(session, user, label="test", at=now())
        return app.test_client().open(
            f"/api/v1{path}", method=method, json=body, headers={"Authorization": f"Bearer {token}"}
        )

    return call


@pytest.fixture
def decide(program, inspection_id):
    """Give a function that decides on the newest round."""

    def send(who="zhou", **body):
        told = {"submission": str(round_of(inspection_id).id), "decision": "approve"} | body
        return program(who, "POST", f"/inspections/{inspection_id}/review", told)

    return send


def words_on(findings):
    """Return a word on each finding: what an inspector failed is confirmed, doubts are not."""
    verdicts = {"item": "confirm", "rule": "dismiss"}
    return [{"item": f["item"], "decision": verdicts[f["source"]]} for f in findings]


def test_a_program_reviews_from_queue_to_approval(program, decide, inspection_id):
    (row,) = program("zhou", "GET", "/reviews").get_json()["inspections"]
    assert row["id"] == str(inspection_id)
    assert row["found"]["item"] == 2
    path = f"/inspections/{inspection_id}/review"
    review = program("zhou", "GET", path).get_json()
    assert review["review"] is None
    assert review["findings"][0]["basis"][0]["verified"] is True
    said = words_on(review["findings"])
    said[0] |= {"facts": "超编 2 辆", "deadline_days": None}
    answer = decide(findings=said, opinion="同意", comments=[{"item": "GC-02", "text": "留意"}])
    assert answer.status_code == 200, answer.text
    told = answer.get_json()
    assert told["status"] == "approved"
    assert told["review"]["by"] == "周督"
    assert (
        told["findings"][0] | {"facts": "超编 2 辆", "deadline_days": None} == told["findings"][0]
    )
    assert told["comments"][0]["text"] == "留意"
    assert program("zhou", "GET", "/reviews").get_json()["inspections"] == []
    assert decide(findings=said).status_code == 200  # the retry


def test_a_program_returns(decide, inspection_id):
    answer = decide(decision="return", comments=[{"item": "GC-20", "text": "缺派车单"}])
    assert answer.get_json()["status"] == "returned"
    assert inspection_now(inspection_id).status is Status.RETURNED


@pytest.mark.parametrize(("who", "status"), [("sun", 404), ("lin", 403), ("qian", 403)])
def test_others_cannot(program, decide, inspection_id, who, status):
    assert decide(who, opinion="x", decision="return").status_code == status
    assert program(who, "GET", f"/inspections/{inspection_id}/review").status_code == status


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"findings": []}, "undecided"),
        ({"decision": "return"}, "no_reason"),
        ({"decision": "perhaps"}, "bad_message"),
        ({"findings": [{"item": "GC-03", "decision": "confirm"}]}, "no_such_finding"),
        ({"submission": "00000000-0000-0000-0000-000000000000"}, "no_submission"),
        ({"comments": [{"item": "XX-99", "text": "x"}]}, "no_such_item"),
        ({"extra": 1}, "bad_message"),
    ],
)
def test_what_cannot_be_taken_is_a_problem_with_its_code(decide, inspection_id, body, code):
    answer = decide(**body)
    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"
    assert answer.get_json()["code"] == code
    assert inspection_now(inspection_id).status is Status.SUBMITTED


def test_a_stale_round_is_a_conflict(decide, inspection_id, drain):
    stale = str(round_of(inspection_id).id)
    decide(decision="return", opinion="请补充")
    resubmit(inspection_id, **{"GC-20": "yes"})
    drain()
    answer = decide(submission=stale, decision="return", opinion="请补充")
    assert answer.status_code == 409
    assert answer.get_json()["code"] == "stale_round"


@pytest.mark.parametrize("query", ["?state=draft", "?after=tomorrow"])
def test_a_wrong_place_in_the_queue_is_told(program, query):
    assert program("zhou", "GET", f"/reviews{query}").status_code == 422
