"""One field for every kind: what was typed is never lost."""

from typing import Any

import pytest
from werkzeug.datastructures import MultiDict
from wtforms import Form

from tests.checklists.builders import question, vectors
from webapp.checklists.definitions import Question
from webapp.checklists.questions import KINDS, AnswerField

VECTORS = {kind: case for kind, case in vectors("kinds").items() if kind != "about"}


def field_of(
    asked: Question, sent: Any = None, *, data: Any = None, lang: str = "zh"
) -> AnswerField:
    made = type("AnswerForm", (Form,), {asked.id: KINDS[asked.kind].field(asked, lang)})
    form = made(None if sent is None else MultiDict(sent), data={asked.id: data})
    if sent is not None:
        form.validate()
    return form[asked.id]


def test_it_reads_what_was_typed():
    field = field_of(question("integer"), {"XX-01.asked": "１２"})
    assert field.data == 12
    assert field.raw == "１２"
    assert field.given
    assert not field.errors


def test_it_keeps_what_it_refuses():
    field = field_of(question("integer"), {"XX-01.asked": "about 12"}, data=7)
    assert field.data is None
    assert field.raw == "about 12"
    assert "about 12" in field()
    assert list(field.errors) == ["请填写数字，例如 12"]
    assert field.refusal.field == "XX-01.asked"


def test_it_shows_what_is_stored():
    field = field_of(question("money"), data="1234.50")
    assert field.data == field.raw == "1234.50"
    assert field.text() == "1,234.50 元"


def test_an_emptied_input_is_not_one_the_page_did_not_have():
    emptied = field_of(question("short_text"), {"XX-01.asked": ""}, data="before")
    assert (emptied.data, emptied.given) == (None, True)
    absent = field_of(question("short_text"), {"other": "x"}, data="before")
    assert not absent.given


def test_it_is_labelled_in_the_language_asked_for():
    asked = question("conforms", hint={"zh": "提示", "en": "Hint"})
    zh, en = field_of(asked), field_of(asked, lang="en")
    assert (zh.label.text, zh.description) == ("问题", "提示")
    assert (en.label.text, en.description) == ("Question", "Hint")
    assert en.choices[1] == ("no", "Does not conform")


def test_a_person_has_two_inputs():
    sent = {"XX-01.asked-name": "张某", "XX-01.asked-position": "所长"}
    field = field_of(question("person"), sent)
    assert field.data == field.raw == {"name": "张某", "position": "所长"}
    nameless = field_of(question("person"), {"XX-01.asked-position": "所长"})
    assert nameless.raw == {"name": "", "position": "所长"}
    assert nameless.errors


def test_several_choices_are_several_inputs():
    asked = question("choices", options=["a", "b", "c"])
    sent = [("XX-01.asked", ""), ("XX-01.asked", "c"), ("XX-01.asked", "a")]
    assert field_of(asked, sent).data == ["a", "c"]
    none = field_of(asked, [("XX-01.asked", "")], data=["a"])
    assert (none.data, none.given) == (None, True)


TRIPS = question(
    "table",
    columns=[
        {"id": "plate", "kind": "plate"},
        {"id": "driver", "kind": "person"},
        {
            "id": "uses",
            "kind": "choices",
            "options": [{"id": "a", "label": {"zh": "甲", "en": "A"}}],
        },
    ],
)


def test_a_table_is_read_row_by_row():
    sent = [
        ("XX-01.asked-0-plate", "赣a12345"),
        ("XX-01.asked-0-driver-name", "张某"),
        ("XX-01.asked-0-uses", "a"),
        ("XX-01.asked-1-plate", ""),
        ("XX-01.asked-r-2-plate", "赣A54321"),
        ("XX-01.asked-r-2-unknown", "x"),
        ("XX-01.askedmore-9-plate", "x"),
    ]
    driver = {"name": "张某", "position": ""}
    field = field_of(TRIPS, sent)
    assert field.data == [
        {"row": "0", "plate": "赣A12345", "driver": driver, "uses": ["a"]},
        {"row": "r-2", "plate": "赣A54321"},
    ]
    assert [row["row"] for row in field.raw] == ["0", "1", "r-2"]


def test_a_bad_cell_keeps_the_whole_table():
    sent = {"XX-01.asked-0-plate": "赣A12345", "XX-01.asked-1-plate": "?"}
    zh, en = field_of(TRIPS, sent), field_of(TRIPS, sent, lang="en")
    assert zh.data is None
    assert [row["plate"] for row in zh.raw] == ["赣A12345", "?"]
    assert zh.errors[0].startswith("第 2 行“plate”：")
    assert en.errors[0].startswith("Row 2, Plate: ")
    assert zh.refusal.field == "XX-01.asked-1-plate"


@pytest.mark.parametrize("kind", list(KINDS))
def test_every_kind_shows_in_its_inputs_what_is_stored(kind: str):
    asked = question(kind, **VECTORS[kind]["question"])
    for _raw, stored in VECTORS[kind]["read"]:
        field = field_of(asked, data=stored)
        assert KINDS[kind].parse(asked, field.raw) == stored
