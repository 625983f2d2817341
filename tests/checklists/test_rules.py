"""What is missing, hidden, suspect: the same vectors as tests/js/missing.test.js."""

import time
from dataclasses import astuple
from typing import Any

import pytest

from tests.checklists.builders import checklist, item, text, vectors
from webapp.checklists import rules
from webapp.checklists.definitions import Checklist

VECTORS = vectors("missing")
EXAMPLE = Checklist.model_validate(VECTORS["checklist"])
DAY = VECTORS["day"]


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["name"])
def test_the_answers_say_what_is_missing(case: dict[str, Any]):
    answers = case["answers"]
    missing = rules.missing(EXAMPLE, answers, DAY)
    shown = rules.shown(EXAMPLE, answers, DAY)
    assert [list(astuple(m)) for m in missing] == case["missing"]
    assert [q.id for q in EXAMPLE.questions if q.id not in shown] == case["hidden"]
    assert [list(astuple(p)) for p in rules.progress(EXAMPLE, answers, DAY)] == case["progress"]
    assert list(rules.suspects(EXAMPLE, answers, DAY, lambda _day: {})) == case["suspects"]
    assert list(rules.failed(EXAMPLE, answers)) == case["failed"]
    assert {m.question_id for m in missing} <= rules.required(EXAMPLE, answers, DAY)


def test_the_phone_is_told_what_the_checklist_says():
    assert rules.for_script(EXAMPLE) == VECTORS["questions"]


def test_expressions_see_verdict_day_and_answers():
    answers = {"XX-01": "yes", "XX-01.actual": 3, "XX-01.approved": None}
    seen = rules.variables_of(EXAMPLE.item("XX-01"), answers, DAY)
    assert seen == {"day": DAY, "verdict": "yes", "actual": 3.0}


def test_answers_that_no_question_asks_for_do_no_harm():
    answers = {"gone.question": "x", "XX-99": "no"}
    assert rules.failed(EXAMPLE, answers) == ()
    assert len(rules.missing(EXAMPLE, answers, DAY)) == len(rules.missing(EXAMPLE, {}, DAY))


def test_sixty_items_take_a_millisecond():
    figure = {"id": "count", "kind": "integer", "label": text(), "required_if": "verdict == 'no'"}
    items = [item(f"XX-{n:02}", *([figure] if n % 10 == 0 else [])) for n in range(1, 61)]
    long = checklist(*items)
    answers = {f"XX-{n:02}": ("yes", "no", "na")[n % 3] for n in range(1, 61)}
    rules.missing(long, answers, DAY)
    best = min(_seconds(long, answers) for _ in range(20))
    assert best < 0.001


def _seconds(long: Checklist, answers: dict[str, Any]) -> float:
    start = time.perf_counter()
    rules.missing(long, answers, DAY)
    return time.perf_counter() - start
