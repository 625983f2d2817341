"""Every kind of question: reading, refusing, showing."""

from typing import Any, get_args

import pytest

from tests.checklists.builders import question, vectors
from webapp.checklists.definitions import KindName
from webapp.checklists.questions import KINDS
from webapp.core.errors import Invalid

VECTORS = {kind: case for kind, case in vectors("kinds").items() if kind != "about"}
READ = [(kind, case["question"], *row) for kind, case in VECTORS.items() for row in case["read"]]
REFUSED = [
    (kind, case["question"], raw) for kind, case in VECTORS.items() for raw in case["refused"]
]
SHA = "a" * 64


def test_every_kind_has_its_module_and_its_vectors():
    assert set(KINDS) == set(get_args(KindName)) == set(VECTORS)
    assert all(kind.name == name for name, kind in KINDS.items())


@pytest.mark.parametrize(("kind", "keys", "raw", "expected"), READ)
def test_it_reads(kind: str, keys: dict[str, Any], raw: Any, expected: Any):
    asked = question(kind, **keys)
    value = KINDS[kind].parse(asked, raw)
    assert value == expected
    assert type(value) is type(expected)


@pytest.mark.parametrize(("kind", "keys", "raw", "expected"), READ)
def test_what_was_read_reads_the_same_again(
    kind: str, keys: dict[str, Any], raw: Any, expected: Any
):
    asked = question(kind, **keys)
    assert KINDS[kind].parse(asked, expected) == expected
    assert KINDS[kind].parse(asked, KINDS[kind].raw(asked, expected)) == expected


@pytest.mark.parametrize(("kind", "keys", "raw"), REFUSED)
def test_it_refuses(kind: str, keys: dict[str, Any], raw: Any):
    with pytest.raises(Invalid) as refused:
        KINDS[kind].parse(question(kind, **keys), raw)
    assert str(refused.value.field).startswith("XX-01.asked")
    assert "%(" not in str(refused.value)


@pytest.mark.parametrize(
    ("kind", "raw", "words"),
    [
        ("integer", "12.5", "请填写整数，例如 12"),
        ("integer", "abc", "请填写数字，例如 12"),
        ("integer", "-1", "不能小于 0，请核对"),
        ("money", "1.234", "最多 2 位小数，请四舍五入后再填"),
        ("money", "12,34", "千位分隔的逗号位置不对，请写成 1,234 或 1234"),
        ("date", "2026-02-29", "没有 2026-02-29 这一天，请核对"),
        ("date", "1899-01-01", "年份应在 1900 至 2100 之间，请核对"),
        ("short_text", "字" * 201, "最多 200 个字，现在有 201 个，请删减"),
        ("long_text", "字" * 10_001, "最多 10000 个字，现在有 10001 个，请删减"),
        ("short_text", "a\x00", "第 2 个字符是不可见的控制字符，请删去后重新输入"),
        ("plate", "A12345", "请以省份简称开头，例如 赣A12345"),
        ("plate", "赣AO2345", "号牌中没有字母 I 和 O，请核对是否应为数字 1 和 0"),
        ("plate", "赣A123", "号牌 赣A123 少了字符，请核对（新能源车 8 位，其他车一般 7 位）"),
        ("photo", [f"{n:064x}" for n in range(21)], "最多 20 张照片，现在有 21 张，请删去多余的"),
        ("person", {"position": "所长"}, "填了职务，还要填姓名"),
    ],
)
def test_a_refusal_names_the_remedy(kind: str, raw: Any, words: str):
    with pytest.raises(Invalid) as refused:
        KINDS[kind].parse(question(kind), raw)
    assert str(refused.value) == words
    assert refused.value.field == "XX-01.asked"


@pytest.mark.parametrize("half", ["\ud83d", "a\udc00b"])
def test_half_a_character_is_refused(half: str):
    for kind in ("short_text", "long_text", "plate"):
        with pytest.raises(Invalid):
            KINDS[kind].parse(question(kind), half)


def test_ten_thousand_rare_characters_are_fine():
    text = "𠮷" * 10_000
    assert KINDS["long_text"].parse(question("long_text"), text) == text


def test_lengths_follow_the_definition():
    asked = question("short_text", max_length=3)
    assert KINDS["short_text"].parse(asked, "一二三") == "一二三"
    with pytest.raises(Invalid):
        KINDS["short_text"].parse(asked, "一二三四")


def test_a_number_may_be_negative_only_where_the_minimum_says_so():
    assert KINDS["integer"].parse(question("integer", minimum=-3), "-3") == -3
    with pytest.raises(Invalid):
        KINDS["integer"].parse(question("integer", minimum=-3), "-4")


def test_a_bound_with_decimals_is_exact():
    asked = question("decimal", minimum=0.1, maximum=0.3)
    assert KINDS["decimal"].parse(asked, "0.1") == "0.1"
    assert KINDS["decimal"].parse(asked, "0.3") == "0.3"


def test_a_bad_cell_is_named_by_row_and_column():
    asked = question("table", columns=[{"id": "km", "kind": "decimal"}])
    rows = [{"row": "a", "km": "1"}, {"row": "b", "km": "far"}]
    with pytest.raises(Invalid) as refused:
        KINDS["table"].parse(asked, rows)
    assert refused.value.field == "XX-01.asked-b-km"
    assert refused.value.params["row"] == 2
    assert refused.value.params["column"] == "km"
    assert KINDS["table"].where(asked, refused.value, "zh") == "第 2 行“km”："


def test_a_table_has_at_most_two_hundred_rows():
    asked = question("table", columns=[{"id": "n", "kind": "integer"}])
    rows = [{"row": str(n), "n": n} for n in range(201)]
    assert len(KINDS["table"].parse(asked, rows[:200])) == 200
    with pytest.raises(Invalid):
        KINDS["table"].parse(asked, rows)


def test_a_table_is_complete_when_its_required_cells_are_there():
    columns = [{"id": "n", "kind": "integer", "required": True}, {"id": "m", "kind": "integer"}]
    asked = question("table", columns=columns)
    table = KINDS["table"]
    assert table.is_complete(asked, [{"row": "0", "n": 1}])
    assert not table.is_complete(asked, [{"row": "0", "n": 1}, {"row": "1", "m": 1}])


@pytest.mark.parametrize(
    ("kind", "keys", "value", "zh", "en"),
    [
        ("integer", {"unit": {"zh": "辆", "en": "vehicles"}}, 1234, "1,234 辆", "1,234 vehicles"),
        ("integer", {}, 0, "0", "0"),
        ("decimal", {"unit": {"zh": "公里", "en": "km"}}, "1234.5", "1,234.5 公里", "1,234.5 km"),
        ("money", {}, "1234.50", "1,234.50 元", "¥1,234.50"),
        (
            "money",
            {"unit": {"zh": "万元", "en": "x 10,000 yuan"}},
            "3.00",
            "3.00 万元",
            "3.00 x 10,000 yuan",
        ),
        ("date", {}, "2026-03-05", "2026年3月5日", "5 March 2026"),
        ("datetime", {}, "2026-03-05T09:05", "2026年3月5日 09:05", "5 March 2026, 09:05"),
        ("short_text", {}, "停车场", "停车场", "停车场"),
        ("choice", {"options": ["red"]}, "red", "red", "Red"),
        ("choice", {"options": ["red"]}, "gone", "gone", "gone"),
        ("choices", {"options": ["red", "green"]}, ["red", "green"], "red、green", "Red, Green"),
        ("conforms", {}, "yes", "符合", "Conforms"),
        ("conforms", {}, "no", "不符合", "Does not conform"),
        ("conforms", {}, "na", "不适用", "Not applicable"),
        ("person", {}, {"name": "张某", "position": "所长"}, "张某（所长）", "张某 (所长)"),
        ("person", {}, {"name": "张某", "position": ""}, "张某", "张某"),
        ("plate", {}, "赣A12345", "赣A12345", "赣A12345"),
        ("photo", {}, [{"sha256": SHA, "taken_at": None}], "1 张照片", "1 photo"),
        ("photo", {}, [{"sha256": SHA, "taken_at": None}] * 2, "2 张照片", "2 photos"),
        (
            "table",
            {"columns": [{"id": "on", "kind": "date"}, {"id": "km", "kind": "decimal"}]},
            [{"row": "0", "on": "2026-03-05", "km": "1"}, {"row": "1", "km": "2"}],
            "1. on：2026年3月5日；km：1\n2. km：2",
            "1. On: 5 March 2026; Km: 1\n2. Km: 2",
        ),
    ],
)
def test_people_read_it_as(kind: str, keys: dict[str, Any], value: Any, zh: str, en: str):
    asked = question(kind, **keys)
    assert KINDS[kind].text(asked, value, "zh") == zh
    assert KINDS[kind].text(asked, value, "zh_Hans_CN") == zh
    assert KINDS[kind].text(asked, value, "en") == en


@pytest.mark.parametrize("kind", list(KINDS))
def test_nothing_reads_as_nothing(kind: str):
    asked = question(kind, **VECTORS[kind]["question"])
    assert KINDS[kind].is_empty(None)
    assert KINDS[kind].text(asked, None, "zh") == ""
    assert KINDS[kind].conforms(asked, None) is None
    assert KINDS[kind].merge(None, None) is None
    assert list(KINDS[kind].blobs(None)) == []


def test_only_a_verdict_says_whether_something_conforms():
    asked = question("conforms")
    judged = [KINDS["conforms"].conforms(asked, value) for value in ("yes", "no", "na")]
    assert judged == [True, False, None]
    assert KINDS["integer"].conforms(question("integer"), 3) is None


@pytest.mark.parametrize(
    ("kind", "keys", "value", "seen"),
    [
        ("integer", {}, 3, 3.0),
        ("decimal", {}, "3.5", 3.5),
        ("money", {}, "3.50", 3.5),
        ("date", {}, "2026-03-05", "2026-03-05"),
        ("choices", {"options": ["a", "b"]}, ["a"], ["a"]),
        (
            "table",
            {"columns": [{"id": "n", "kind": "integer"}]},
            [{"row": "0", "n": 3}],
            [{"row": "0", "n": 3.0}],
        ),
    ],
)
def test_expressions_see_doubles(kind: str, keys: dict[str, Any], value: Any, seen: Any):
    given = KINDS[kind].cel(question(kind, **keys), value)
    assert repr(given) == repr(seen)


def test_photos_of_two_phones_are_united():
    a, b, c = ({"sha256": letter * 64, "taken_at": None} for letter in "abc")
    assert KINDS["photo"].merge([a, b], [a, c]) == [a, b, c]
    assert KINDS["photo"].merge([a], None) is None
    many = [{"sha256": f"{n:064x}", "taken_at": None} for n in range(40)]
    assert KINDS["photo"].merge(many[:20], many[20:]) is None
    assert list(KINDS["photo"].blobs([a, b])) == ["a" * 64, "b" * 64]


def test_rows_of_two_phones_are_united_unless_one_row_differs():
    one, other = [{"row": "0", "n": 1}], [{"row": "1", "n": 2}]
    assert KINDS["table"].merge(one, other) == [*one, *other]
    assert KINDS["table"].merge(one, one) == one
    assert KINDS["table"].merge(one, [{"row": "0", "n": 2}]) is None


# -- how a photo was taken --------------------------------------------------------------------

TAKEN = {"sha256": "a" * 64, "taken_at": "2026-03-10T01:30:00.000Z"}


@pytest.mark.parametrize(
    "capture",
    [{}, {"drift_ms": 0}, {"drift_ms": -3600000},
     {"drift_ms": 12, "position": "29.123456,-115.654321,12"}],
)  # fmt: skip
def test_how_a_photo_was_taken_comes_back_from_a_form(capture):
    kind, asked = KINDS["photo"], question("photo")
    value = kind.parse(asked, [TAKEN | capture])
    assert value == [TAKEN | capture]
    assert kind.parse(asked, kind.raw(asked, value)) == value


@pytest.mark.parametrize(
    "capture",
    [{"drift_ms": "soon"}, {"drift_ms": True}, {"drift_ms": 1.5}, {"drift_ms": 10**13},
     {"position": "29.1,115.6,12"}, {"drift_ms": 1, "position": "91.0,0.0,1"},
     {"drift_ms": 1, "position": "0.0,181.0,1"}, {"drift_ms": 1, "position": "here"},
     {"taken_at": None, "drift_ms": 1}, {"camera": "x"}],
)  # fmt: skip
def test_what_was_not_told_by_a_phone_is_refused(capture):
    with pytest.raises(Invalid) as refusal:
        KINDS["photo"].parse(question("photo"), [TAKEN | capture])
    assert refusal.value.field
