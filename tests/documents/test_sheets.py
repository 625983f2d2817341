"""Filled-in sheets begin with what the system knows, and notice answers that do not go together."""

import pytest

from tests.documents.approval import approved
from tests.documents.drafts import ON, begun, form_of
from webapp.core.db import db
from webapp.documents.kinds import photo_list
from webapp.documents.kinds.base import Subject
from webapp.documents.models import Draft


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
