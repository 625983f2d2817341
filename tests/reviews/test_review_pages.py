"""The supervisor's acts, for what they do, for the stranger, the wrong role, the wrong moment."""

import re

import pytest
from sqlalchemy import select

from tests import factories
from tests.reviews.conftest import (
    add_role,
    approval,
    approve,
    controls,
    inspection_now,
    post,
    resubmit,
    round_of,
)
from webapp.accounts.models import User
from webapp.accounts.rules import Role
from webapp.core.db import db
from webapp.core.events import Event
from webapp.findings.models import Finding, FindingState, Severity
from webapp.inspections.rules import Status
from webapp.reviews.models import Comment, Decision, Review

ACTS = ["comments", "comments/1/removal", "return", "approval"]
NASTY = "<script>alert(1)</script>{{7*7}}=1+1𠀀😀"


def findings_of(inspection_id):
    with db.reading() as session:
        found = session.scalars(select(Finding).filter_by(inspection_id=inspection_id))
        return {finding.item_id: finding for finding in found}


def rows(model):
    with db.reading() as session:
        return session.scalars(select(model)).all()


def events(kind):
    with db.reading() as session:
        return session.scalars(select(Event).filter_by(kind=kind)).all()


# -- seeing -----------------------------------------------------------------------------------


def test_a_supervisor_sees_the_queue_and_the_inspection(as_, inspection_id):
    zhou = as_("zhou")
    queue = zhou.get("/reviews").text
    assert "城关自然资源所" in queue
    assert "不符合 2" in queue
    page = zhou.get(f"/reviews/{inspection_id}").text
    assert "抽查发现一处不符" in page
    assert "党政机关公务用车管理办法" in page
    assert "〔待核〕" in page
    assert 'class="signature-ink"' in page


def test_the_page_can_be_narrowed_to_what_matters(as_, inspection_id):
    page = as_("zhou").get(f"/reviews/{inspection_id}?only=problems").text
    assert 'id="GC-01"' in page
    assert 'id="GC-02"' not in page


@pytest.mark.parametrize(("who", "status"), [("lin", 403), ("he", 403), ("wu", 403), ("qian", 403)])
def test_other_roles_see_neither(as_, inspection_id, who, status):
    client = as_(who)
    assert client.get("/reviews").status_code == status
    assert client.get(f"/reviews/{inspection_id}").status_code == status


def test_a_stranger_finds_nothing(as_, inspection_id):
    sun = as_("sun")
    assert "城关自然资源所" not in sun.get("/reviews").text
    assert sun.get(f"/reviews/{inspection_id}").status_code == 404
    assert sun.get(f"/reviews/{inspection_id}/submissions/1").status_code == 404


def test_nobody_is_sent_to_sign_in(as_, inspection_id):
    assert as_("").get(f"/reviews/{inspection_id}").status_code == 303


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize(
    ("who", "status"), [("sun", 404), ("lin", 403), ("he", 403), ("qian", 403)]
)
def test_others_can_do_nothing(as_, inspection_id, act, who, status):
    assert post(as_(who), inspection_id, act, opinion="退回").status_code == status
    assert inspection_now(inspection_id).status is Status.SUBMITTED


@pytest.mark.parametrize("act", ACTS)
def test_nobody_reviews_an_own_inspection(as_, inspection_id, act):
    add_role("lin", Role.SUPERVISOR)
    lin = as_("lin")
    assert post(lin, inspection_id, act, opinion="退回").status_code == 403
    page = lin.get(f"/reviews/{inspection_id}").text
    assert "不能审核自己的督查" in page
    assert 'id="review"' not in page


def test_nobody_reviews_the_own_unit(as_, inspection_id, cast):
    with db.writing() as session:
        zhou = session.scalars(select(User).filter_by(username="zhou")).one()
        zhou.unit_id = cast.units["城关自然资源所"]
    answer = post(as_("zhou"), inspection_id, "return", opinion="退回")
    assert answer.status_code == 403
    assert "回避" in answer.text


# -- comments ---------------------------------------------------------------------------------


def test_a_comment_is_kept_and_can_be_taken_back(as_, inspection_id):
    zhou = as_("zhou")
    answer = post(zhou, inspection_id, "comments", item="GC-02", **{"comment-GC-02": "请补拍卡片"})
    assert answer.status_code == 303
    assert answer.location.endswith(f"/reviews/{inspection_id}#GC-02")
    (made,) = rows(Comment)
    assert (made.item_id, made.text) == ("GC-02", "请补拍卡片")
    assert "请补拍卡片" in zhou.get(f"/reviews/{inspection_id}").text
    assert post(zhou, inspection_id, f"comments/{made.id}/removal").status_code == 303
    assert rows(Comment) == []


def test_the_same_comment_twice_is_one(as_, inspection_id):
    zhou = as_("zhou")
    for _ in range(2):
        post(zhou, inspection_id, "comments", **{"comment-GC-02": "请补拍卡片"})
    assert len(rows(Comment)) == 1
    assert len(events("review.commented")) == 1


def test_only_own_comments_can_be_taken_back(as_, inspection_id):
    add_role("he", Role.SUPERVISOR)
    post(as_("zhou"), inspection_id, "comments", **{"comment-GC-02": "请补拍卡片"})
    (made,) = rows(Comment)
    assert post(as_("he"), inspection_id, f"comments/{made.id}/removal").status_code == 403
    assert len(rows(Comment)) == 1


def test_a_comment_loses_nothing_typed_elsewhere(as_, inspection_id):
    zhou = as_("zhou")
    sent = controls(zhou, inspection_id) | {
        "comment-GC-02": "请补拍卡片",
        "finding-GC-01-facts": "改过的措辞",
    }
    answer = zhou.post(f"/reviews/{inspection_id}/comments", data=sent)
    assert answer.status_code == 200
    assert "改过的措辞" in answer.text
    assert "意见已保存" in answer.text
    assert len(rows(Comment)) == 1
    assert findings_of(inspection_id)["GC-01"].facts != "改过的措辞"


def test_a_comment_too_long_is_refused_and_stays_on_the_page(as_, inspection_id):
    answer = post(as_("zhou"), inspection_id, "comments", **{"comment-GC-02": "长" * 2001})
    assert answer.status_code == 422
    assert "最多 2000 字" in answer.text
    assert "长" * 2001 in answer.text
    assert rows(Comment) == []


# -- returning --------------------------------------------------------------------------------


def test_returning_sends_comments_and_opinion_to_the_inspectors(as_, inspection_id):
    answer = post(
        as_("zhou"), inspection_id, "return", opinion="请补充", **{"comment-GC-20": "缺派车单"}
    )
    assert answer.status_code == 303
    assert inspection_now(inspection_id).status is Status.RETURNED
    (review,) = rows(Review)
    assert (review.decision, review.opinion) == (Decision.RETURNED, "请补充")
    (event,) = events("review.returned")
    assert event.data["number"] == 1
    lin = as_("lin")
    assert "请补充" in lin.get(f"/inspections/{inspection_id}").text
    assert "缺派车单" in lin.get(f"/inspections/{inspection_id}/answers").text


def test_returning_needs_a_reason(as_, inspection_id):
    answer = post(as_("zhou"), inspection_id, "return")
    assert answer.status_code == 422
    assert "退回须说明原因" in answer.text
    assert inspection_now(inspection_id).status is Status.SUBMITTED


def test_returning_twice_is_once(as_, inspection_id):
    zhou = as_("zhou")
    assert post(zhou, inspection_id, "return", opinion="请补充").status_code == 303
    assert post(zhou, inspection_id, "return", opinion="请补充").status_code == 303
    assert len(rows(Review)) == len(events("review.returned")) == 1


# -- approving --------------------------------------------------------------------------------


def test_approving_confirms_the_findings_as_worded(as_, inspection_id):
    answer = approve(
        as_("zhou"),
        inspection_id,
        **{
            "finding-GC-01-facts": "实有车辆超出编制 2 辆。\r\n已当场核对。",
            "finding-GC-01-deadline_days": "20",
            "finding-GC-20-decision": "dismiss",
            "finding-GC-20-reason": "应急出车，次日已补批",
            "opinion": "同意",
        },
    )
    assert answer.status_code == 303, re.findall(r'class="error".*', answer.text)
    found = findings_of(inspection_id)
    assert found["GC-01"].state is FindingState.CONFIRMED
    assert found["GC-01"].facts == "实有车辆超出编制 2 辆。\n已当场核对。"
    assert found["GC-01"].deadline_days == 20
    assert found["GC-20"].state is FindingState.DISMISSED
    assert found["GC-20"].reason == "应急出车，次日已补批"
    assert {f.state for f in found.values()} == {FindingState.CONFIRMED, FindingState.DISMISSED}
    assert inspection_now(inspection_id).status is Status.APPROVED
    assert len(events("review.approved")) == 1


def test_every_finding_wants_a_person_to_decide(as_, inspection_id):
    zhou = as_("zhou")
    answer = zhou.post(f"/reviews/{inspection_id}/approval", data=controls(zhou, inspection_id))
    assert answer.status_code == 422
    assert "请选择认定或不作问题" in answer.text
    assert inspection_now(inspection_id).status is Status.SUBMITTED


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"finding-GC-01-facts": "  "}, "请写明问题事实"),
        ({"finding-GC-01-facts": "长" * 20_001}, "最多 20000 字"),
        ({"finding-GC-01-rectification": ""}, "请写明整改要求"),
        ({"finding-GC-01-deadline_days": "半个月"}, "请填写整数天数"),
        ({"finding-GC-01-deadline_days": "99999"}, "期限应在 0 到 3650 天之间"),
        ({"finding-GC-01-severity": "minor"}, "程度超出该项的规定范围"),
        ({"finding-GC-01-severity": "none"}, "error"),
        ({"finding-GC-01-decision": "dismiss"}, "不作问题的须写明理由"),
        ({"opinion": "长" * 4001}, "最多 4000 字"),
    ],
)
def test_a_fault_is_told_beside_its_field_and_nothing_typed_is_lost(
    as_, inspection_id, changed, words
):
    answer = approve(as_("zhou"), inspection_id, **changed, **{"finding-GC-20-facts": "改过的"})
    assert answer.status_code == 422
    assert words in answer.text
    assert "改过的" in answer.text
    assert inspection_now(inspection_id).status is Status.SUBMITTED
    assert findings_of(inspection_id)["GC-20"].state is FindingState.DERIVED


def test_a_severity_out_of_range_needs_a_reason(as_, inspection_id):
    answer = approve(
        as_("zhou"),
        inspection_id,
        **{"finding-GC-01-severity": "minor", "finding-GC-01-reason": "仅超 1 辆且已报停"},
    )
    assert answer.status_code == 303
    assert findings_of(inspection_id)["GC-01"].severity is Severity.MINOR


def test_no_deadline_is_a_deadline_left_empty(as_, inspection_id):
    assert (
        approve(as_("zhou"), inspection_id, **{"finding-GC-01-deadline_days": ""}).status_code
        == 303
    )
    assert findings_of(inspection_id)["GC-01"].deadline_days is None


def test_approving_twice_is_once(as_, inspection_id):
    zhou = as_("zhou")
    sent = approval(zhou, inspection_id)
    for _ in range(2):
        assert zhou.post(f"/reviews/{inspection_id}/approval", data=sent).status_code == 303
    assert len(rows(Review)) == len(events("review.approved")) == 1


def test_approving_before_the_worker_came_derives_first(as_, cast):
    inspection_id = factories.submitted()
    assert approve(as_("zhou"), inspection_id).status_code == 303
    assert findings_of(inspection_id)["GC-01"].state is FindingState.CONFIRMED


def test_a_decision_made_shows_who_made_it(as_, inspection_id):
    zhou = as_("zhou")
    approve(zhou, inspection_id, opinion="同意")
    page = zhou.get(f"/reviews/{inspection_id}").text
    assert "周督" in page
    assert 'id="review"' not in page
    assert "已认定" in page
    assert "城关自然资源所" in zhou.get("/reviews?state=approved").text


# -- the wrong moment -------------------------------------------------------------------------


@pytest.mark.parametrize("act", ["return", "approval", "comments"])
def test_the_second_supervisor_hears_who_was_first(as_, inspection_id, act):
    add_role("he", Role.SUPERVISOR)
    he = as_("he")
    sent = approval(he, inspection_id, opinion="同意", **{"comment-GC-02": "请补拍"})
    approve(as_("zhou"), inspection_id)
    answer = he.post(f"/reviews/{inspection_id}/{act}", data=sent)
    assert answer.status_code == 409
    assert "周督 已经通过了这次提交" in answer.text
    assert len(rows(Review)) == 1


@pytest.mark.parametrize("act", ["return", "approval", "comments"])
def test_a_stale_round_is_refused(as_, inspection_id, act, drain):
    zhou = as_("zhou")
    stale = approval(zhou, inspection_id, opinion="同意", **{"comment-GC-02": "请补拍"})
    post(zhou, inspection_id, "return", opinion="请补充")
    resubmit(inspection_id, **{"GC-20": "yes"})
    drain()
    answer = zhou.post(f"/reviews/{inspection_id}/{act}", data=stale)
    assert answer.status_code == 409
    assert "第 2 次" in answer.text
    assert inspection_now(inspection_id).status is Status.SUBMITTED


def test_a_form_without_its_round_is_refused(as_, inspection_id):
    zhou = as_("zhou")
    for wrong in ("", "x", "00000000-0000-0000-0000-000000000000"):
        answer = post(zhou, inspection_id, "approval", submission=wrong)
        assert answer.status_code == 422
    assert inspection_now(inspection_id).status is Status.SUBMITTED


def test_what_is_not_handed_in_is_not_to_be_reviewed(as_, cast):
    with db.writing() as session:
        draft = factories.open_inspection(session).id
    assert as_("zhou").get(f"/reviews/{draft}").status_code == 404


# -- rounds -----------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["zhou", "lin", "chen"])
def test_an_earlier_round_stays_readable_with_what_changed(as_, inspection_id, drain, who):
    post(as_("zhou"), inspection_id, "return", opinion="请补充", **{"comment-GC-20": "缺派车单"})
    resubmit(inspection_id, **{"GC-20": "yes", "GC-20.remark": "已补派车单"})
    drain()
    client = as_(who)
    first = client.get(f"/reviews/{inspection_id}/submissions/1").text
    assert "缺派车单" in first
    assert "已补派车单" not in first
    second = client.get(f"/reviews/{inspection_id}/submissions/2").text
    assert "改了 2 处" in second
    assert "<del>不符合</del>" in second
    assert "<ins>符合</ins>" in second
    assert client.get(f"/reviews/{inspection_id}/submissions/3").status_code == 404


def test_the_supervisor_sees_what_changed_since_the_last_round(as_, inspection_id, drain):
    zhou = as_("zhou")
    post(zhou, inspection_id, "return", opinion="请补充")
    resubmit(inspection_id, **{"GC-20": "yes"})
    drain()
    page = zhou.get(f"/reviews/{inspection_id}").text
    assert "改了 1 处" in page
    assert "第 2 次提交" in page
    assert approve(zhou, inspection_id).status_code == 303
    assert round_of(inspection_id).number == 2


@pytest.mark.parametrize(("who", "status"), [("he", 403), ("qian", 403), ("sun", 404)])
def test_rounds_are_not_for_others(as_, inspection_id, who, status):
    assert as_(who).get(f"/reviews/{inspection_id}/submissions/1").status_code == status


# -- hostile text -----------------------------------------------------------------------------


def test_hostile_text_stays_text(as_, inspection_id):
    zhou, words = as_("zhou"), NASTY.replace("𠀀😀", "𠮷")
    post(zhou, inspection_id, "comments", **{"comment-GC-02": NASTY})
    assert (
        "&lt;script&gt;alert(1)&lt;/script&gt;{{7*7}}=1+1𠀀😀"
        in zhou.get(f"/reviews/{inspection_id}").text
    )
    approve(
        zhou, inspection_id, opinion=words,
        **{"finding-GC-01-facts": words, "finding-GC-01-rectification": words},
    )  # fmt: skip
    found = findings_of(inspection_id)["GC-01"]
    assert found.facts == found.rectification == words
    for page in (zhou.get(f"/reviews/{inspection_id}").text, zhou.get("/findings").text):
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt;{{7*7}}=1+1𠮷" in page


def test_what_cannot_be_printed_is_refused_before_anything_is_numbered(as_, inspection_id):
    answer = approve(as_("zhou"), inspection_id, **{"finding-GC-01-facts": "属实👍"})
    assert answer.status_code == 422
    assert "U+1F44D" in answer.text
    assert "属实👍" in answer.text
    assert inspection_now(inspection_id).status is Status.SUBMITTED
