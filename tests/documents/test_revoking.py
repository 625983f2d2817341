"""A signed document is declared void, or replaced by another, and verification says so."""

import re

import pytest
from sqlalchemy import select

from tests.documents.approval import approved
from webapp.core.db import db
from webapp.documents.models import Document, Revocation
from webapp.documents.public import check
from webapp.documents.sentences import State
from webapp.documents.workshop import workshop


@pytest.fixture
def pair(cast, drain):
    """The two signed papers of an approved inspection."""
    approved()
    drain()
    with db.reading() as session:
        found = {one.kind: one for one in session.scalars(select(Document))}
    return found["feedback"], found["site_record"]


def revoke(client, document, reason="数字有误", replaced_by=""):
    page = client.get("/verify").text
    token = re.search(r'name="csrf_token" type="hidden" value="([^"]+)"', page)[1]
    data = {"csrf_token": token, "reason": reason, "replaced_by": replaced_by}
    where = f"/documents/{document.id}/revocation"
    return client.post(where, data=data, headers={"Origin": "http://localhost"})


def verdict_on(document):
    return check(workshop().storage.get(document.sha256))


def test_a_void_document_is_no_longer_vouched_for(pair, as_):
    feedback, other = pair
    assert revoke(as_("zhou"), feedback).status_code == 303
    verdict = verdict_on(feedback)
    assert (verdict.state, verdict.genuine) == (State.REVOKED, False)
    assert verdict.codes[:2] == ("revoked", "matches_archive")
    assert verdict_on(other).genuine
    paper = as_("").get(f"/verify/{feedback.code}").text
    assert "这份文书已经作废" in paper
    assert "数字有误" not in paper, "the reason is not for the public"
    page = as_("lin").get(f"/documents/{feedback.id}").text
    assert "数字有误" in page
    assert "已作废" in page
    assert as_("zhou").get("/documents").text.count("已作废") == 1


def test_a_replaced_document_names_the_one_that_counts(pair, as_):
    feedback, other = pair
    assert revoke(as_("zhou"), feedback, replaced_by=other.number).status_code == 303
    verdict = verdict_on(feedback)
    assert verdict.state is State.SUPERSEDED
    assert verdict.as_json()["document"]["replaced_by"] == other.number
    assert other.number in verdict.reasons[0].said()
    assert other.number in as_("").get(f"/verify/{feedback.code}").text


@pytest.mark.parametrize(
    ("reason", "replaced_by", "words"),
    [("", "", "请写明作废的原因"), ("x" * 501, "", "请写明作废的原因"),
     ("数字有误", "没有这个编号", "没有编号为"), ("数字有误", "self", "没有编号为")],
)  # fmt: skip
def test_without_reason_or_with_a_strange_number_nothing_happens(
    pair, as_, reason, replaced_by, words
):
    feedback, _ = pair
    number = feedback.number if replaced_by == "self" else replaced_by
    answer = revoke(as_("zhou"), feedback, reason, number)
    assert answer.status_code == 422
    assert words in answer.text
    with db.reading() as session:
        assert session.get(Revocation, feedback.id) is None


@pytest.mark.parametrize(("who", "status"), [("lin", 403), ("qian", 403), ("sun", 404)])
def test_others_cannot(pair, as_, who, status):
    assert revoke(as_(who), pair[0]).status_code == status
    assert verdict_on(pair[0]).genuine


def test_twice_is_refused(pair, as_):
    assert revoke(as_("zhou"), pair[0]).status_code == 303
    assert revoke(as_("zhou"), pair[0]).status_code == 409
