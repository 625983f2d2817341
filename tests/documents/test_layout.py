"""The feedback statement measured on the page, against GB/T 9704—2012; tolerance 1 mm."""

from collections import defaultdict

import pypdfium2
import pytest
from PIL import Image, ImageChops

from tests.documents import papers
from webapp.documents import fonts, render
from webapp.documents.kinds import drawing
from webapp.documents.kinds.formal import mark_size_pt, title_lines

MM = 72 / 25.4
PAGE_HEIGHT_MM, PAGE_WIDTH_MM = 297, 210
LONG = "督查组查阅了全部派车单和里程登记簿并逐车核对了封条编号" * 40


class Measured:
    """The ink of a page's characters, in mm from its upper left corner."""

    def __init__(self, page):
        text = page.get_textpage()
        self.characters = []
        for i in range(text.count_chars()):
            left, bottom, right, top = text.get_charbox(i)
            if right > left:
                box = (
                    left / MM,
                    PAGE_HEIGHT_MM - top / MM,
                    right / MM,
                    PAGE_HEIGHT_MM - bottom / MM,
                )
                self.characters.append((text.get_text_range(i, 1), *box))

    def of(self, character):
        return [found[1:] for found in self.characters if found[0] == character]

    def lines(self):
        """Return the lines of Han text between the margins, as lists of boxes, top down."""
        rows = defaultdict(list)
        for character, left, top, right, bottom in self.characters:
            if "一" <= character <= "鿿" and top < PAGE_HEIGHT_MM - 35:
                rows[round((top + bottom) / 2 / 10.227 - 0.12)].append((left, top, right, bottom))
        return [rows[key] for key in sorted(rows)]


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
