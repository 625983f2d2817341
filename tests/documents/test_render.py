"""Both documents as PDF: complete, whole, closed to the world, the same each time."""

import json
import subprocess
import sys
from io import BytesIO

import pikepdf
import pypdfium2
import pytest
from pydantic import ValidationError

from tests.documents import papers
from webapp.core import glyphs
from webapp.core.config import ROOT
from webapp.core.errors import Invalid
from webapp.documents import conformance, fonts, render, shortcuts
from webapp.documents.snapshot import Record, Signature


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory):
    return fonts.unpack(tmp_path_factory.mktemp("fonts"))


@pytest.fixture(scope="module")
def printer(unpacked):
    return lambda snapshot: render.print_out(snapshot, fonts=unpacked, blobs=papers.blobs)


@pytest.fixture(scope="module", params=["site_record", "feedback"])
def both(request, printer):
    snapshot = {"site_record": papers.record, "feedback": papers.feedback}[request.param]()
    return snapshot, printer(snapshot)


def page(body):
    return f'<html lang="zh-CN"><head><title>t</title></head><body>{body}</body></html>'


def text_of(pdf):
    document = pypdfium2.PdfDocument(pdf)
    try:
        parts = [page.get_textpage().get_text_range() for page in document]
    finally:
        document.close()
    return "".join("".join(parts).split())


def with_description(text):
    record = papers.record()
    item = record.sections[0].items[2].model_copy(update={"description": text})
    section = record.sections[0]
    items = (*section.items[:2], item, *section.items[3:])
    changed = section.model_copy(update={"items": items})
    return record.model_copy(update={"sections": (changed,)})


def test_our_checker_finds_nothing_missing(both):
    assert conformance.examine(both[1].pdf) == []


def test_qpdf_finds_nothing_wrong(both, tmp_path):
    path = tmp_path / "document.pdf"
    path.write_bytes(both[1].pdf)
    answer = subprocess.run(["qpdf", "--check", path], capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr


def test_all_fonts_are_embedded_subsets_with_unicode(both, tmp_path):
    path = tmp_path / "document.pdf"
    path.write_bytes(both[1].pdf)
    lines = subprocess.run(["pdffonts", path], capture_output=True, text=True, check=True).stdout
    rows = lines.splitlines()[2:]
    assert rows
    assert all(row.split()[-5:-2] == ["yes", "yes", "yes"] and "+Mingcha-" in row for row in rows)


def test_the_record_says_everything_that_was_recorded(printer):
    snapshot = papers.record()
    text = text_of(printer(snapshot).pdf)
    items = [item for section in snapshot.sections for item in section.items]
    said = [snapshot.number, snapshot.unit.name, snapshot.inspection.place, snapshot.verify_code]
    said += [
        snapshot.inspection.unit_opinion,
        snapshot.signatures[2].reason,
        "见证人：",
        "拒绝签名",
    ]
    said += [part for item in items for part in (item.id, item.question, item.description)]
    said += [photo.short for item in items for photo in item.photos]
    said += ["第1页共8页", "第8页共8页", "（以下空白）", "〔依据待核〕", "钱所（拒签）"]
    assert [part for part in said if "".join(part.split()) not in text] == []


def test_every_page_of_the_record_names_number_of_pages_and_signers(printer):
    rendered = printer(papers.record(watermark=None))
    document = pypdfium2.PdfDocument(rendered.pdf)
    for number, page in enumerate(document, start=1):
        text = "".join(page.get_textpage().get_text_range().split())
        assert f"第{number}页共{rendered.pages}页" in text
        assert "检查人：林检、陈查" in text
        assert "核验码7K3M-9QXT" in text
    document.close()


def test_the_statement_says_all_findings_and_judges_nobody(printer):
    snapshot = papers.feedback()
    text = text_of(printer(snapshot).pdf)
    for finding in snapshot.findings:
        assert finding.facts in text
        assert finding.item_id in text
    for heading in ("总体评价", "好的方面", "存在的问题", "整改要求", "整改期限", "纪律要求"):
        assert heading in text
    assert "违纪" not in text
    assert "疑点" in text
    assert text.count("〔依据待核〕") == sum(len(f.basis) == 2 for f in snapshot.findings)


def test_a_statement_without_findings_says_so(printer):
    text = text_of(printer(papers.feedback(findings=())).pdf)
    assert "没有提出需要整改的问题" in text
    assert "整改期限" not in text


def test_the_snapshot_travels_inside(both):
    snapshot, rendered = both
    with pikepdf.open(BytesIO(rendered.pdf)) as document:
        attached = document.attachments["snapshot.json"]
        assert str(document.Root.AF[0].AFRelationship) == "/Data"
        data = attached.get_file().read_bytes()
    assert Record.model_validate_json(data) == snapshot
    assert data == snapshot.to_json()
    assert json.loads(data)["contents_digest"] == snapshot.contents_digest


def test_the_same_snapshot_gives_the_same_bytes(both, printer):
    assert printer(both[0]).pdf == both[1].pdf


def test_a_document_tells_its_language_title_and_day(both):
    snapshot, rendered = both
    with pikepdf.open(BytesIO(rendered.pdf)) as document:
        assert str(document.Root.Lang) == "zh-CN"
        assert snapshot.title in str(document.docinfo["/Title"])
        assert str(document.docinfo["/CreationDate"]).startswith("D:20261124")


def test_the_place_of_the_seal_is_returned(both):
    box = both[1].boxes["seal"]
    assert 0 <= box.page < both[1].pages
    assert 0 < box.left < box.right < 596
    assert 0 < box.bottom < box.top < 842


def test_demo_documents_say_so_on_every_page_and_real_ones_never(printer):
    demo, real = papers.feedback(), papers.feedback(watermark=None)
    shown = printer(demo)
    assert text_of(shown.pdf).count("演示数据没有效力") == shown.pages
    assert "演示用章" not in text_of(printer(real).pdf)


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:9/x.png",
        "https://example.com/x.png",
        "file:///etc/passwd",
        "//example.com/x.png",
        "/etc/passwd",
        "x.png",
        "data:image/svg+xml,<svg/>",
        "ftp://example.com/x",
        "mingcha-font:99",
        "mingcha-font:../../etc/passwd",
        "mingcha-blob:" + "0" * 64,
    ],
)
@pytest.mark.parametrize("place", ['<img src="{}"/>', '<p style="background: url({})">x</p>'])
def test_nothing_foreign_or_missing_is_fetched(unpacked, place, address):
    html = page(place.format(address.replace("<", "&lt;")))
    with pytest.raises(render.Unrenderable):
        render.render(html, fonts=unpacked, blobs=papers.blobs)


@pytest.mark.parametrize(
    "element",
    ['<link rel="stylesheet" href="http://127.0.0.1:9/a.css"/>', "<style>@import 'x:y';</style>"],
)
def test_style_sheets_come_from_the_house_alone(unpacked, element):
    with pytest.raises(render.Unrenderable):
        render.render(page(f"{element}<p>文</p>"), fonts=unpacked, blobs=papers.blobs)


def test_a_page_that_is_no_xml_is_refused(unpacked):
    with pytest.raises(render.Unrenderable, match="mismatched tag"):
        render.render("<html><p>一行<br></p></html>", fonts=unpacked, blobs=papers.blobs)


def test_shortcuts_change_no_byte(both, printer):
    try:
        shortcuts.line_break.Layout.setup = shortcuts.plain_set_up
        shortcuts.boxes.Box.is_in_normal_flow = shortcuts.plain_flows
        shortcuts.put("resolve_percentages", shortcuts.plain_resolve)
        shortcuts.put("strut", shortcuts.plain_strut)
        plain = printer(both[0]).pdf
    finally:
        shortcuts.install()
    assert plain == both[1].pdf


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "{{7*7}}{% for x in y %}",
        "=1+1",
        '"><img src="http://127.0.0.1:9/">',
        "</td></tr></table></body>",
        "&lt;b&gt;&#65;",
        "-- '; DROP TABLE x; --",
        "%(field)s %s %n",
        "A" * 900,
    ],
)
def test_hostile_text_is_printed_as_it_was_typed(printer, hostile):
    text = text_of(printer(with_description(hostile)).pdf)
    assert "".join(hostile.split()) in text


def test_ten_thousand_characters_run_over_pages_and_none_is_lost(printer):
    long = "".join(chr(0x4E00 + i % 900) for i in range(10_000))
    long = "".join(c for c in long if not glyphs.unprintable(c))
    rendered = printer(with_description(long))
    text = text_of(rendered.pdf)
    assert sum(text.count(c) for c in set(long)) >= len(long)
    assert conformance.examine(rendered.pdf) == []


@pytest.mark.skipif(not glyphs.FALLBACK[0].exists(), reason="needs Debian's fonts-noto-cjk")
def test_an_ext_b_character_is_printed_from_the_system_font(printer):
    rendered = printer(with_description("𠮷野家门前"))
    assert "𠮷野家门前" in text_of(rendered.pdf)
    assert conformance.examine(rendered.pdf) == []


def test_emoji_are_refused_with_their_field(printer):
    with pytest.raises(Invalid) as refused:
        printer(with_description("很好👍"))
    assert refused.value.field == "GC-03.description"


def test_markup_cannot_hide_in_pen_strokes():
    for strokes in ('M0 0"/><image href="file:///etc/passwd"/>', "M0 0<", "url(x)"):
        with pytest.raises(ValidationError):
            Signature(
                role="unit", role_text="单位", name="钱所", strokes=strokes, viewbox="0 0 1 1"
            )


def test_the_checker_sees_a_character_without_glyph(unpacked):
    html = page("<p>甲\ue123</p>")
    rendered = render.render(html, fonts=unpacked, blobs=papers.blobs, styles=("document",))
    assert {found.rule for found in conformance.examine(rendered.pdf)} == {"glyph"}


def test_the_checker_sees_what_was_taken_away(printer):
    with pikepdf.open(BytesIO(printer(papers.feedback()).pdf)) as document:
        del (
            document.Root["/Lang"],
            document.Root["/OutputIntents"],
            document.Root["/StructTreeRoot"],
        )
        del document.Root.AF
        out = BytesIO()
        document.save(out)
    found = {shortcoming.rule for shortcoming in conformance.examine(out.getvalue())}
    assert {"language", "output-intent", "tags", "attachment"} <= found


def test_the_printing_process_needs_no_database_and_no_web():
    loads = "import sys, webapp.documents.render, webapp.documents.signing; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", loads], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert not {"sqlalchemy", "flask", "werkzeug"} & set(done.stdout.split())
