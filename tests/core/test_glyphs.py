"""No box ever reaches paper: what no font shows is refused, with its field named."""

import json
from pathlib import Path

import pytest

from tests.documents import papers
from webapp.core import glyphs
from webapp.core.errors import Invalid
from webapp.documents.snapshot import texts
from webapp.inspections import rules

HAS_FALLBACK = all(path.exists() for path in glyphs.FALLBACK)


@pytest.mark.parametrize(
    "text",
    ["", "示例县自然资源局", "鿍㛃䶮𬭸", "①〔2026〕3号，“甲”——乙…", "a\tb\nc", "Ünïcode ℃ ㎡ ½"],
)
def test_ordinary_text_is_printable(text):
    assert glyphs.unprintable(text) == []


@pytest.mark.parametrize(
    ("text", "strange"),
    [
        ("好的😀👍", ["😀", "👍"]),
        ("零宽\u200b空格", ["\u200b"]),
        ("\x00", ["\x00"]),
        ("私用\ue123\ue123", ["\ue123"]),
        ("半个\ud83d", ["\ud83d"]),
        ("\u202e反向", ["\u202e"]),
    ],
)
def test_what_no_font_shows_is_named_once(text, strange):
    assert glyphs.unprintable(text) == strange


@pytest.mark.skipif(not HAS_FALLBACK, reason="needs Debian's fonts-noto-cjk")
def test_rare_characters_come_from_the_system_where_it_has_them():
    assert glyphs.unprintable("𠮷野") == []


def test_without_the_system_fonts_rare_characters_are_refused(monkeypatch):
    monkeypatch.setattr(glyphs, "_fallback_coverage", frozenset)
    assert glyphs.unprintable("𠮷野") == ["𠮷"]


def test_the_refusal_names_field_character_and_code_point():
    with pytest.raises(Invalid) as refused:
        glyphs.check([("GC-07.description", "正常"), ("GC-07.remark", "不行😀")])
    assert refused.value.params["field"] == "GC-07.remark"
    assert refused.value.params["character"] == "😀"
    assert "U+1F600" in str(refused.value)


def test_an_invisible_character_is_shown_as_a_replacement():
    with pytest.raises(Invalid) as refused:
        glyphs.check([("title", "\ud83d")])
    assert str(refused.value).encode("utf-8")  # can be sent, and shown
    assert refused.value.params["codepoint"] == "U+D83D"


def test_fields_of_an_item_are_named_by_its_id():
    names = {name for name, _ in texts(papers.record())}
    assert {"GC-03.description", "GC-03.photos.1.caption", "unit.name", "title"} <= names
    assert not any("strokes" in name or "sha256" in name for name in names)


VECTORS = json.loads((Path(__file__).parents[1] / "vectors/glyphs.json").read_text("utf-8"))


@pytest.mark.parametrize(("value", "strange"), VECTORS["cases"], ids=ascii)
def test_the_phone_and_the_server_say_the_same(value, strange, monkeypatch):
    monkeypatch.setattr(glyphs, "_fallback_coverage", frozenset)
    found = [sign for text in rules.texts(value) for sign in glyphs.unprintable(text)]
    assert list(dict.fromkeys(found)) == strange


def test_the_phones_list_holds_exactly_what_can_be_printed():
    told, end = set(), 0
    for span in glyphs.spans().split():
        gap, _, more = span.partition("-")
        first = end + int(gap, 16)
        end = first + int(more or "0", 16)
        told.update(range(first, end + 1))
    assert told == glyphs.coverage() | glyphs.LAYOUT | glyphs._fallback_coverage()
