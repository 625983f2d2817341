"""Whatever arrives becomes a canonical value or a refusal that names the question."""

import json
import string
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.checklists.builders import question, vectors
from webapp.checklists.questions import KINDS
from webapp.core.errors import Invalid

ASKED = {
    kind: question(kind, **case["question"])
    for kind, case in vectors("kinds").items()
    if kind != "about"
}
LIKELY = "0123456789.,-+:T年月日时元￥¥·赣京A警领使０１２，．" + string.ascii_letters
ANY_TEXT = st.text() | st.text(alphabet=LIKELY, max_size=24) | st.text(st.characters())
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT
KEYS = st.sampled_from(["row", "plate", "km", "driver", "name", "position", "sha256", "taken_at"])
ANYTHING = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(KEYS | st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=12,
)


def read(kind: str, raw: Any) -> tuple[Any, Invalid | None]:
    try:
        return KINDS[kind].parse(ASKED[kind], raw), None
    except Invalid as refusal:
        return None, refusal


def holds_together(kind: str, raw: Any) -> None:
    asked = ASKED[kind]
    value, refusal = read(kind, raw)
    if refusal is not None:
        assert str(refusal.field).startswith(asked.id)
        assert str(refusal)
        json.dumps(refusal.params)
        return
    assert KINDS[kind].parse(asked, value) == value
    assert KINDS[kind].parse(asked, KINDS[kind].raw(asked, value)) == value
    assert json.loads(json.dumps(value)) == value
    json.dumps(value, ensure_ascii=False).encode()
    for lang in ("zh", "en"):
        assert isinstance(KINDS[kind].text(asked, value, lang), str)
    if value is not None:
        KINDS[kind].cel(asked, value)


@pytest.mark.parametrize("kind", list(KINDS))
@given(raw=ANYTHING)
@settings(max_examples=60, deadline=None)
def test_anything_is_a_value_or_refused(kind: str, raw: Any):
    holds_together(kind, raw)


@pytest.mark.parametrize("kind", ["integer", "decimal", "money", "date", "datetime", "plate"])
@given(raw=st.text(alphabet=LIKELY, max_size=20))
@settings(max_examples=150, deadline=None)
def test_anything_that_looks_right_is_a_value_or_refused(kind: str, raw: str):
    holds_together(kind, raw)


CELLS = {"plate": ANY_TEXT, "km": ANY_TEXT | st.integers(), "driver": ANYTHING}
ROW = st.fixed_dictionaries({"row": st.text(LIKELY, max_size=3)}, optional=CELLS)


@given(rows=st.lists(ROW, max_size=4))
@settings(max_examples=100, deadline=None)
def test_any_rows_are_a_value_or_refused(rows: list[dict[str, Any]]):
    holds_together("table", rows)


@given(n=st.integers(min_value=0, max_value=10**6))
def test_every_way_to_write_a_number_is_the_same_number(n: int):
    wide = str(n).translate({ord("0") + d: ord("０") + d for d in range(10)})
    for written in (str(n), f"{n:,}", wide, n, f" {n}.00 "):
        assert KINDS["integer"].parse(ASKED["integer"], written) == n


@given(day=st.dates(min_value=date(1900, 1, 1), max_value=date(2100, 12, 31)))
def test_every_way_to_write_a_day_is_the_same_day(day: Any):
    ways = (f"{day}", f"{day:%Y/%m/%d}", f"{day.year}年{day.month}月{day.day}日", f"{day:%Y%m%d}")
    for written in ways:
        assert KINDS["date"].parse(ASKED["date"], written) == day.isoformat()
