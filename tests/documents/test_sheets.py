"""Filled-in sheets begin with what the system knows, and notice answers that do not go together."""

from uuid import uuid4

import pytest

from tests.documents.approval import approved
from tests.documents.drafts import ON, begun, drafted, filled, form_of, issued
from tests.factories import AT, submitted, user
from tests.inspections.conftest import token_of
from webapp.accounts.rules import Role
from webapp.core.db import db
from webapp.core.errors import Conflict, Forbidden
from webapp.documents.drafting import service
from webapp.documents.kinds import KINDS, photo_list
from webapp.documents.kinds.base import Subject
from webapp.documents.models import Document, DocumentState, Draft


def answers_of(draft_id):
    with db.reading() as session:
        return session.get_one(Draft, draft_id).answers


def test_sheets_about_an_inspection_begin_with_it(app, cast):
    inspection_id = approved()
    known = {
        kind: answers_of(begun(kind, inspection_id=inspection_id))
        for kind in (
            "photo_list", "rectify_report", "recheck_record", "closing_approval", "team_pledge",
        )
    }  # fmt: skip
    assert known["photo_list"]["device"]
    assert known["rectify_report"]["measures"][0]["problem"]
    assert [row["name"] for row in known["recheck_record"]["checkers"]] == ["林检", "陈查"]
    assert known["closing_approval"]["problem"]
    assert "不跑风漏气" in known["team_pledge"]["promises"]


def test_each_picture_is_listed_once_with_the_time_on_the_wall():
    taken = {"sha256": "a" * 64, "taken_at": "2026-03-12T01:41:07.000Z"}
    answers = {"GC-03.photos": [taken], "GC-07.photos": [taken, {"sha256": "b" * 64}]}
    subject = Subject(bureau=None, author=None, on=ON, answers=answers)
    first, second = photo_list.prefill(subject)["pictures"]
    assert (first["mark"], first["taken_at"], first["concerns"]) == (
        "证据1", "2026-03-12T09:41", "第GC-03项",
    )  # fmt: skip
    assert (second["mark"], second["digest"], second["taken_at"]) == ("证据2", "b" * 64, None)


@pytest.mark.parametrize(
    ("kind", "answers", "faulty"),
    [
        ("recheck_record", {"checkers": [{"name": "甲某"}]}, ["checkers"]),
        (
            "recheck_record",
            {"checkers": [{}, {}], "checks": [{"outcome": "open"}], "conclusion": "pass"},
            ["conclusion"],
        ),
        ("recheck_record", {"checkers": [{}, {}], "conclusion": "fail"}, []),
        ("rectify_report", {"measures": [{"outcome": "partly"}]}, ["unfinished"]),
        ("rectify_report", {"measures": [{"outcome": "done"}]}, []),
    ],
)
def test_answers_that_do_not_go_together_are_named(kind, answers, faulty):
    assert [question for question, _ in form_of(kind).faults(answers)] == faulty


# -- the unit's own word ------------------------------------------------------------------------


def begin(client, inspection_id, kind="rectify_report"):
    data = {
        "csrf_token": token_of(client), "kind": kind, "draft_id": str(uuid4()),
        "about": f"inspection:{inspection_id}",
    }  # fmt: skip
    return client.post("/documents/drafts", data=data)


def test_the_head_of_the_unit_writes_its_report_and_signs_it(as_, cast, drain):
    inspection_id = approved()
    drain()
    qian = as_("qian")
    assert "写整改情况报告" in qian.get("/findings").text
    assert (
        f"inspection:{inspection_id}" in qian.get("/documents/drafts/new?kind=rectify_report").text
    )
    offered = qian.get(f"/documents/drafts/new?inspection={inspection_id}").text
    assert "整改情况报告" in offered
    assert "谈话记录" not in offered
    answer = begin(qian, inspection_id)
    assert answer.status_code == 303
    assert "2份没有审批人签字" in qian.get(answer.headers["Location"]).text
    document_id = issued("rectify_report", inspection_id=inspection_id)
    drain()
    with db.reading() as session:
        document = session.get_one(Document, document_id)
        assert document.author.username == "qian"
        assert document.state is DocumentState.SIGNING
    assert "已看过以上各页" in qian.get(f"/documents/{document_id}/signature").text
    assert as_("zhou").get(f"/documents/{document_id}").status_code == 200


@pytest.mark.parametrize(
    ("who", "status"),
    [("lin", 403), ("chen", 403), ("zhou", 403), ("he", 403), ("wu", 403), ("sun", 404)],
)
def test_nobody_else_writes_the_unit_s_report(as_, cast, who, status):
    inspection_id = approved()
    assert begin(as_(who), inspection_id).status_code == status
    with db.reading() as session:
        assert session.query(Draft).count() == 0


def test_the_head_of_another_unit_finds_no_such_inspection(as_, cast):
    inspection_id = approved()
    with db.writing() as session:
        user(session, "qian").unit_id = user(session, "wu").unit_id
    assert begin(as_("qian"), inspection_id).status_code == 404


def test_who_inspects_one_unit_and_heads_another_writes_for_their_own_alone(as_, cast):
    inspection_id = approved()
    with db.writing() as session:
        lin = user(session, "lin")
        lin.role_names = [*lin.role_names, Role.UNIT_HEAD.value]
    lin = as_("lin")
    assert begin(lin, inspection_id).status_code == 403
    assert "整改情况报告" not in lin.get(f"/documents/drafts/new?inspection={inspection_id}").text


def test_before_the_inspection_is_decided_there_is_nothing_to_report(app, cast):
    inspection_id = submitted(("GC-01",))
    with pytest.raises(Conflict):
        begun("rectify_report", inspection_id=inspection_id)


# -- what is left open --------------------------------------------------------------------------


def lines_of(kind, answers):
    """Return the printed lines of a sheet by label."""
    chapters = KINDS[kind].facts(drafted(kind, answers))["chapters"]
    return {
        line.label: line.text for _, blocks in chapters for block in blocks for line in block.lines
    }


def test_what_nobody_answered_is_said_to_be_nothing():
    lines = lines_of("rectify_report", {"overall": "已全部整改。"})
    assert lines["总体情况"] == "已全部整改。"
    assert lines["原因和下一步计划"] == "（无）"


def test_what_is_written_by_hand_stays_open():
    assert lines_of("closing_approval", {})["审批意见"] == ""


def test_who_may_no_longer_draft_a_kind_does_not_issue_an_old_draft_of_it(app, cast):
    draft_id = filled("rectify_report", inspection_id=approved())
    with db.writing() as session:
        user(session, "qian").role_names = [Role.STAFF.value]
    with db.reading() as session:
        draft, qian = session.get_one(Draft, draft_id), user(session, "qian")
        with pytest.raises(Forbidden):
            service.issue(session, draft, revision=draft.revision, by=qian, at=AT, on=ON)
        assert not service.steps(draft, qian).may_issue
