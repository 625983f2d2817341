"""A checklist's shape: ids, order, what is made by code, what is refused."""

from typing import Any

import pytest
from pydantic import ValidationError

from tests.checklists.builders import checklist, content, item, text, vectors
from webapp.checklists.definitions import Checklist, Text
from webapp.checklists.loader import canonical_json, content_of, sha256_of

EXAMPLE = Checklist.model_validate(vectors("missing")["checklist"])


def test_an_item_asks_in_this_order():
    assert [q.id for q in EXAMPLE.item("XX-02").questions] == [
        "XX-02",
        "XX-02.description",
        "XX-02.photos",
        "XX-02.evidence_note",
        "XX-02.remark",
    ]
    first = EXAMPLE.item("XX-01").questions
    assert [q.local for q in first[:4]] == ["verdict", "approved", "actual", "reason"]
    assert [q.kind for q in first[-4:]] == ["long_text", "photo", "long_text", "long_text"]
    assert first[0].label == EXAMPLE.item("XX-01").question
    assert EXAMPLE.question("XX-02.photos").label.zh == "封条照片"


def test_ids_are_whole_once_loaded():
    assert EXAMPLE.question("XX-01.approved").item_id == "XX-01"
    assert EXAMPLE.question("XX-01").item_id == "XX-01"
    assert EXAMPLE.question("visit.place").item_id is None
    assert EXAMPLE.question("visit.overall").local == "overall"
    assert EXAMPLE.section_of("visit.overall").id == "closing"
    assert EXAMPLE.section_of("XX-04.trips").id == "trips"
    assert [column.id for column in EXAMPLE.question("XX-04.trips").columns] == ["plate", "km"]


def test_questions_come_in_the_order_of_the_form():
    ids = [question.id for question in EXAMPLE.questions]
    assert ids[0] == "visit.place"
    assert ids[-1] == "visit.overall"
    assert len(ids) == len(set(ids))
    assert [item.id for item in EXAMPLE.items] == ["XX-01", "XX-02", "XX-03", "XX-04"]
    assert [block.id for block in EXAMPLE.sections[1].blocks] == ["XX-01", "XX-02", "XX-03"]


def test_an_unknown_id_is_a_key_error():
    assert not EXAMPLE.has_question("XX-09")
    for look in (EXAMPLE.question, EXAMPLE.item, EXAMPLE.section_of):
        with pytest.raises(KeyError):
            look("XX-09")


def test_what_is_stored_reads_back_the_same():
    stored = content_of(EXAMPLE)
    assert stored == vectors("missing")["checklist"]
    again = Checklist.model_validate(stored)
    assert again == EXAMPLE
    assert canonical_json(again) == canonical_json(EXAMPLE)
    assert len(sha256_of(EXAMPLE)) == 64


def test_another_word_is_another_version():
    other = checklist(item("XX-01"), title=text("另一份"))
    assert sha256_of(other) != sha256_of(checklist(item("XX-01")))


def test_words_come_in_the_language_asked_for():
    words = Text(zh="车", en="car")
    assert [words.in_(lang) for lang in ("zh", "zh_Hans_CN", "en", "en-GB", "fr")] == [
        *("车", "车", "car", "car", "车")
    ]


def test_nothing_can_be_changed():
    with pytest.raises(ValidationError):
        EXAMPLE.title = Text(zh="x", en="x")  # type: ignore[misc]


FIELD = {"id": "n", "kind": "integer", "label": text()}


@pytest.mark.parametrize(
    "wrong",
    [
        content(item("XX-01"), extra=1),
        content(item("xx-01")),
        content(item("XX-1")),
        content(item("XX-01", severity="grave")),
        content(item("XX-01", severity="major", severity_up_to="minor")),
        content(item("XX-01", severity="major", severity_up_to="major")),
        content(item("XX-01", basis=[])),
        content(item("XX-01", transfer="yes")),
        content(item("XX-01", deadline={"days": "15", "unit": "calendar"})),
        content(item("XX-01", deadline={"days": 15, "unit": "weeks"})),
        content(item("XX-01", {**FIELD, "id": "remark"})),
        content(item("XX-01", {**FIELD, "id": "verdict"})),
        content(item("XX-01", {**FIELD, "id": "day"})),
        content(item("XX-01", {**FIELD, "id": "XX-02.n"})),
        content(item("XX-01", {**FIELD, "id": "N"})),
        content(item("XX-01", {**FIELD, "kind": "number"})),
        content(item("XX-01", {**FIELD, "minimum": "0"})),
        content(item("XX-01", {**FIELD, "required": "true"})),
        content(item("XX-01", {**FIELD, "label": "words"})),
        content(item("XX-01", {**FIELD, "label": {"zh": "只有中文"}})),
        content(item("XX-01", {**FIELD, "label": {"zh": " ", "en": "x"}})),
        content(item("XX-01", question={"zh": 5, "en": "x"})),
        content(item("XX-01"), code="xx"),
        content(item("XX-01"), sections=[]),
        content(item("XX-01"), laws={"rules": {"title": text()}}),
        {},
        [],
        "x",
    ],
)
def test_it_is_tolerant_of_nothing(wrong: Any):
    with pytest.raises(ValidationError):
        Checklist.model_validate(wrong)
