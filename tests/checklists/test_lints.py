"""What a well-formed checklist may still get wrong."""

from typing import Any

import pytest

from tests.checklists.builders import checklist, item, text, vectors
from webapp.checklists import lints
from webapp.checklists.definitions import Checklist

KNOWN = {
    "verdict": "conforms",
    "n": "integer",
    "kinds": "choices",
    "name": "short_text",
    "trips": "table",
}


def field(kind: str, **keys: Any) -> dict[str, Any]:
    return {"id": "asked", "kind": kind, "label": text(), **keys}


OPTION = {"id": "a", "label": text()}


def test_the_example_has_nothing_wrong():
    assert not list(lints.within(Checklist.model_validate(vectors("missing")["checklist"])))


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("n > 3", "write 3.0 instead of 3; every number is a double"),
        ("n > 3u", "write 3.0 instead of 3u; every number is a double"),
        ("n > 0x10", "write 0x10.0 instead of 0x10; every number is a double"),
        ("n >", "is not CEL"),
        ("m > 3.0", "no question called m is asked here"),
        ("size(kinds) > 1.0", "write double(size(name)); every number is a double"),
        ("kinds.size() > 1.0", "write double(size(name)); every number is a double"),
        ("double(size(name)) > 1.0", "size(name): only photos, rows and several choices"),
        ("name.matches('a+')", "matches may not be used; the phone could answer otherwise"),
        ("string(n) == '3.0'", "string may not be used; the phone could answer otherwise"),
        ("trips.exists(t, t.km > 1.0)", "write has(t.km) first; a cell may be empty"),
        ("trips.exists(t, u > 1.0)", "no question called u is asked here"),
    ],
)
def test_an_expression_is_held_to_what_both_engines_answer(source: str, problem: str):
    found = list(lints.expression(source, KNOWN))
    assert any(line.startswith(problem) for line in found), found


@pytest.mark.parametrize(
    "source",
    [
        "n > 3.0 && verdict == 'no'",
        "name == '3 cars' || name == \"4\"",
        "double(size(kinds)) > 1.0",
        "double(kinds.size()) > 1.0",
        "trips.exists(t, has(t.km) && t.km > 100.0)",
        "n * 1.5e3 > 1.0",
    ],
)
def test_a_good_expression_passes(source: str):
    assert not list(lints.expression(source, KNOWN))


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ([field("choice")], "XX-01: fields.asked.options: is missing"),
        ([field("table")], "XX-01: fields.asked.columns: is missing"),
        ([field("date", unit=text())], "XX-01: fields.asked.unit: means nothing for date"),
        ([field("integer", options=[OPTION])], "XX-01: fields.asked.options: means nothing"),
        ([field("choice", options=[OPTION, OPTION])], "XX-01: fields.asked.options: a: id: 2"),
        ([field("note", required=True)], "XX-01: fields.asked.required: nothing can be answered"),
        ([{**field("date"), "id": "photos"}], "XX-01: fields.photos.kind: must be photo"),
        ([field("table", columns=[field("table")])], "XX-01: fields.asked.columns.asked.kind: a"),
        ([field("table", columns=[field("photo")])], "XX-01: fields.asked.columns.asked.kind: a"),
        (
            [field("table", columns=[field("choice")])],
            "XX-01: fields.asked.columns.asked.options: is missing",
        ),
        (
            [field("table", columns=[field("date", shown_if="verdict == 'no'")])],
            "XX-01: fields.asked.columns.asked.required_if: columns have no conditions",
        ),
        (
            [field("table", columns=[{**field("date"), "id": "row"}])],
            "XX-01: fields.asked.columns.row.id: cannot be a column's name",
        ),
        (
            [field("date", shown_if="later == 'x'"), {**field("short_text"), "id": "later"}],
            "XX-01: fields.asked.shown_if: no question called later stands above it",
        ),
        (
            [field("date", required_if="other == 'x'")],
            "XX-01: fields.asked.required_if: no question called other is asked here",
        ),
    ],
)
def test_a_field_must_make_sense(fields: list[dict[str, Any]], problem: str):
    found = list(lints.within(checklist(item("XX-01", *fields))))
    assert any(line.startswith(problem) for line in found), found


def test_plain_questions_are_looked_at_too():
    section = {"id": "visit", "title": text(), "questions": [field("choice"), field("date")]}
    other = {"id": "all", "title": text(), "items": [item("XX-01")]}
    found = list(lints.within(checklist(sections=[section, other])))
    assert "visit.asked: id: 2 questions have this id" in found
    assert "visit: asked.options: is missing" in found
    assert "sections: no item in the whole checklist" in list(lints.within(checklist()))
