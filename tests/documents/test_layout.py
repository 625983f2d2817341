"""The feedback statement measured on the page, against GB/T 9704—2012; tolerance 1 mm."""

import pypdfium2
import pytest
from PIL import Image, ImageChops

from tests.documents import drafts, papers
from tests.documents.measuring import MM, PAGE_HEIGHT_MM, PAGE_WIDTH_MM, Measured
from webapp.documents import fonts, render
from webapp.documents.kinds import drawing
from webapp.documents.kinds.formal import closing_pt, mark_size_pt, title_lines

LONG = "督查组查阅了全部派车单和里程登记簿并逐车核对了封条编号" * 40


@pytest.fixture(scope="module")
def printed(tmp_path_factory):
    unpacked = fonts.unpack(tmp_path_factory.mktemp("fonts"))
    visit = papers.record().inspection.model_copy(update={"overall": LONG})
    snapshot = papers.feedback(watermark=None, inspection=visit)
    return render.print_out(snapshot, fonts=unpacked, blobs=papers.blobs)


@pytest.fixture(scope="module")
def pages(printed):
    document = pypdfium2.PdfDocument(printed.pdf)
    yield [Measured(page) for page in document]
    document.close()


@pytest.fixture(scope="module")
def first_page_red(printed):
    """Return, in mm: the top of the mark, and top, left and right of the rule."""
    document = pypdfium2.PdfDocument(printed.pdf)
    image = document[0].render(scale=4).to_pil().convert("RGB")
    document.close()
    red, green, _ = image.split()
    mask = ImageChops.multiply(
        red.point(lambda v: 255 * (v > 150)), green.point(lambda v: 255 * (v < 90))
    )
    rows = mask.resize((1, image.height), Image.Resampling.BOX)  # how red each row is
    ruled = [y for y in range(image.height) if rows.getpixel((0, y)) > 127]
    rule = mask.crop((0, ruled[0], image.width, ruled[-1] + 1)).getbbox()
    per_mm = image.width / PAGE_WIDTH_MM
    return mask.getbbox()[1] / per_mm, ruled[0] / per_mm, rule[0] / per_mm, rule[2] / per_mm


def test_the_mark_begins_35_mm_below_the_type_area(first_page_red):
    assert first_page_red[0] == pytest.approx(37 + 35, abs=1)


def test_the_red_rule_is_as_wide_as_the_type_area(first_page_red):
    _, _, left, right = first_page_red
    assert (left, right) == (pytest.approx(28, abs=1), pytest.approx(184, abs=1))


def test_the_red_rule_lies_4_mm_below_the_number(first_page_red, pages):
    foot_of_number = max(box[3] for box in pages[0].of("〔")[:1])
    assert first_page_red[1] - foot_of_number == pytest.approx(4, abs=2.5)  # ink, not line box


def test_margins_change_sides_with_the_sheet(pages):
    for number, page in enumerate(pages[:3]):
        body = [box for line in page.lines() for box in line]
        left = min(box[0] for box in body)
        right = max(box[2] for box in body)
        edge = 28 if number % 2 == 0 else 26
        assert left == pytest.approx(edge, abs=1)
        assert right == pytest.approx(edge + 156, abs=1)


def test_a_full_page_has_22_lines_of_28_characters(pages):
    lines = pages[1].lines()
    assert len(lines) == 22
    assert {len(line) for line in lines[:10]} == {28}
    assert lines[0][0][1] == pytest.approx(37 + 2.3, abs=1)  # ink begins inside its line
    assert max(box[3] for box in lines[-1]) <= PAGE_HEIGHT_MM - 35 + 1


def test_page_numbers_lie_7_mm_below_outside_and_one_character_in(pages):
    for number, page in enumerate(pages[:3]):
        dashes = [box for box in page.of("—") if box[1] > PAGE_HEIGHT_MM - 35]
        assert len(dashes) == 2
        assert dashes[0][1] == pytest.approx(PAGE_HEIGHT_MM - 35 + 7, abs=1)
        if number % 2 == 0:
            assert dashes[1][2] == pytest.approx(184 - 14 / MM, abs=1)
        else:
            assert dashes[0][0] == pytest.approx(26 + 14 / MM, abs=1)


def test_the_imprint_ends_with_the_type_area(printed):
    box = printed.boxes["imprint"]
    assert box.page == printed.pages - 1
    assert box.bottom / MM == pytest.approx(35, abs=0.5)


def test_the_seal_lies_over_name_and_date(printed):
    seal, name, date = (printed.boxes[key] for key in ("seal", "signatory", "date"))
    assert seal.page == name.page == date.page
    assert seal.bottom < date.bottom
    assert seal.top > name.top
    assert (seal.right - seal.left) / MM == pytest.approx(42, abs=0.5)
    assert seal.left + seal.right == pytest.approx(name.left + name.right, abs=MM)


def test_the_date_stands_four_characters_in_and_the_name_over_its_middle(printed, pages):
    number = printed.boxes["date"].page
    name = pages[number].find("中共示例县自然资源局党组", last=True)
    date = pages[number].find("2026年11月24日")
    edge = 184 if number % 2 == 0 else 182
    right = date[-1][2]
    assert right == pytest.approx(edge - 4 * 156 / 28 - 0.6, abs=1)  # 日 is narrower than its place
    assert (name[0][0] + name[-1][2]) / 2 == pytest.approx((date[0][0] + right) / 2, abs=1)
    assert date[0][1] - name[0][1] == pytest.approx(10.227, abs=1)


def test_a_long_name_stays_on_the_page_and_over_its_date():
    assert closing_pt("示例县自然资源局") == pytest.approx(4 * 442.2 / 28, abs=0.01)
    long = closing_pt("中共示例县自然资源和规划局机关委员会")
    assert long + 7 * 442.2 / 28 / 2 == pytest.approx(18 * 442.2 / 28 / 2, abs=0.01)


def test_a_long_name_still_fits_on_one_red_line():
    assert mark_size_pt("中共示例县自然资源局党组文件") * 14 < 442
    assert mark_size_pt("示例局文件") == 42


@pytest.mark.parametrize(
    ("title", "lines"),
    [
        ("督查反馈意见书", ["督查反馈意见书"]),
        (
            "关于河口中心所公务用车专项督查的反馈意见书",
            ["关于河口中心所公务用车", "专项督查的反馈意见书"],
        ),
        ("第一行\n第二行", ["第一行", "第二行"]),
    ],
)
def test_a_title_breaks_where_sense_allows(title, lines):
    assert title_lines(title) == lines


@pytest.mark.parametrize("length", range(21, 90))
def test_no_title_line_is_too_long_or_a_single_character(length):
    lines = title_lines("查" * length)
    assert "".join(lines) == "查" * length
    assert all(2 <= len(line) <= 20 for line in lines)


def test_numerals_count_as_chinese_does():
    assert [drawing.numeral(n) for n in (1, 10, 11, 20, 35)] == [
        "一",
        "十",
        "十一",
        "二十",
        "三十五",
    ]


# -- annexes ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    unpacked = fonts.unpack(tmp_path_factory.mktemp("fonts"))
    paper = drafts.drafted("inspection_plan")
    printed = render.print_out(paper, fonts=unpacked, blobs=papers.blobs)
    document = pypdfium2.PdfDocument(printed.pdf)
    yield printed, [Measured(page) for page in document]
    document.close()


def annexes_of(pages):
    """Return (page from 0, page) of each annex."""
    return [(n, page) for n, page in enumerate(pages) if page.text.startswith("附件")]


def test_an_annex_has_its_word_at_the_edge_of_the_first_line_of_a_page_of_its_own(plan):
    printed, pages = plan
    found = annexes_of(pages)
    assert len(found) == 2
    for number, page in found:
        assert number > printed.boxes["date"].page
        left, top, _, bottom = page.of("附")[0]
        assert left == pytest.approx(28 if number % 2 == 0 else 26, abs=1)
        assert (top + bottom) / 2 == pytest.approx(37 + 10.227 / 2, abs=1)


def test_the_title_of_an_annex_is_centred_on_the_third_line(plan):
    _, pages = plan
    for (number, page), title in zip(
        annexes_of(pages), ("督查分组安排表", "检查清单目录"), strict=True
    ):
        boxes = page.find(title)
        middle = (28 if number % 2 == 0 else 26) + 156 / 2
        assert (boxes[0][0] + boxes[-1][2]) / 2 == pytest.approx(middle, abs=1)
        height = sum(box[1] + box[3] for box in boxes) / 2 / len(boxes)
        assert height == pytest.approx(37 + 2.5 * 10.227, abs=1)


def test_the_table_of_an_annex_is_as_wide_as_the_type_area(plan):
    _, pages = plan
    for number, page in annexes_of(pages):
        edge = 28 if number % 2 == 0 else 26
        rules = [rule for rule in page.rules() if rule.top < 150]
        assert min(rule.left for rule in rules) == pytest.approx(edge, abs=1)
        assert max(rule.right for rule in rules) == pytest.approx(edge + 156, abs=1)


def test_pages_of_annexes_go_on_counting(plan):
    _, pages = plan
    for number, page in enumerate(pages, start=1):
        foot = "".join(one[0] for one in page.characters if one[2] > PAGE_HEIGHT_MM - 35)
        assert foot.replace(" ", "") == f"—{number}—"


def test_the_note_of_the_annexes_stands_two_characters_in_one_line_below_the_text(plan):
    printed, pages = plan
    page = pages[printed.boxes["date"].page]
    edge = 28 if printed.boxes["date"].page % 2 == 0 else 26
    note = page.find("附件：")
    assert note[0][0] == pytest.approx(edge + 2 * 156 / 28, abs=1)
    above = max(box[3] for one, *box in page.characters if box[3] < note[0][1] - 2)
    assert note[0][1] - above == pytest.approx(2 * 10.227 - 16 / MM, abs=2)  # ink to ink
    assert page.find("1.")[0][0] == pytest.approx(page.find("2.")[0][0], abs=1)
