"""Working papers (底稿、笔录、清单) measured on the page; tolerance 1 mm.

Bound on the left: 25 mm there, 20 on the right; the foot, to be signed above, begins 26 mm from the
lower edge.  Lists lie on their side.
"""

import re

import pypdfium2
import pytest

from tests.documents import papers
from tests.documents.drafts import drafted, form_of, sample
from tests.documents.measuring import Measured
from webapp.documents import fonts, render
from webapp.documents.kinds import KINDS
from webapp.documents.pagemarks import digest

LEFT, RIGHT, FOOT = 25, 190, 297 - 26
WORKING = [name for name, kind in KINDS.items() if "working" in kind.styles]
UPRIGHT = [name for name in WORKING if "landscape" not in KINDS[name].styles]
LONG = "督查组查阅了全部派车单和里程登记簿并逐车核对了封条编号。" * 18
HEAD_AND_FOOT = re.compile(r"第\d+页共\d+页核验码.*?本页摘要([0-9a-f]{10})")


def paper_of(kind):
    """Return a working paper of several pages."""
    if kind == "site_record":
        return papers.record(watermark=None)
    asks = form_of(kind).asks
    long = {q.id: LONG for q in asks if q.kind == "long_text"}
    return drafted(kind, {q.id: sample(q) for q in asks} | long)


@pytest.fixture(scope="module")
def print_kind(tmp_path_factory):
    unpacked = fonts.unpack(tmp_path_factory.mktemp("fonts"))
    made = {}

    def printed(kind):
        if kind not in made:
            out = render.print_out(paper_of(kind), fonts=unpacked, blobs=papers.blobs)
            document = pypdfium2.PdfDocument(out.pdf)
            made[kind] = out, document, [Measured(page) for page in document]
        out, _, pages = made[kind]
        return out, pages

    yield printed
    for _, document, _ in made.values():
        document.close()


@pytest.mark.parametrize("kind", UPRIGHT)
def test_each_page_has_a_foot_with_a_rule_from_edge_to_edge(print_kind, kind):
    _, pages = print_kind(kind)
    for page in pages:
        foot = [rule for rule in page.rules() if rule.top == pytest.approx(FOOT, abs=1)]
        assert min(rule.left for rule in foot) == pytest.approx(LEFT, abs=1)
        assert max(rule.right for rule in foot) == pytest.approx(RIGHT, abs=1)


def foot_of(page, kind):
    """Return where the foot of a page begins."""
    return page.height - (26 if kind in UPRIGHT else 24)


def places(page, kind):
    """Return the boxes of the words in a foot above whose line people sign, in their order."""
    labels = [one.label for one in KINDS[kind].signers if one.role != "seal"]
    foot = [one for one in page.characters if one[2] > foot_of(page, kind) and one[0].strip("　 ")]
    text, at, found = "".join(one[0] for one in foot), 0, []
    for label in [*(labels or ["检查人"]), "日期"]:
        start = text.index(f"{label}：", at)
        at = start + len(label) + 1
        found.append(foot[start][1:])
    return found


@pytest.mark.parametrize("kind", WORKING)
def test_each_page_has_a_place_in_its_foot_for_everybody_who_signs(print_kind, kind):
    _, pages = print_kind(kind)
    for page in pages:
        left, top, *_ = places(page, kind)[0]
        assert left == pytest.approx(LEFT if kind in UPRIGHT else 20, abs=1)
        assert top == pytest.approx(foot_of(page, kind) + 1.6 + 0.9, abs=1)


@pytest.mark.parametrize("kind", [name for name in UPRIGHT if name != "site_record"])
def test_places_in_the_foot_lie_in_columns_of_38_mm(print_kind, kind):
    _, pages = print_kind(kind)
    for page in pages:
        for place, (left, *_) in enumerate(places(page, kind)):
            assert left == pytest.approx(LEFT + 38 * (place % 3), abs=1)


@pytest.mark.parametrize("kind", WORKING)
def test_each_page_is_numbered_at_the_right_edge_of_its_foot(print_kind, kind):
    out, pages = print_kind(kind)
    right = RIGHT if kind in UPRIGHT else 277
    assert out.pages == len(pages)
    for number, page in enumerate(pages, start=1):
        boxes = page.find(f"第{number}页共{len(pages)}页", last=True)
        assert boxes[-1][2] == pytest.approx(right, abs=1)
        assert boxes[0][1] == pytest.approx(foot_of(page, kind) + 1.6 + 0.9, abs=1)


@pytest.mark.parametrize("kind", WORKING)
def test_each_page_has_its_short_digest_at_the_right_edge(print_kind, kind):
    _, pages = print_kind(kind)
    right, seen = (RIGHT if kind in UPRIGHT else 277), set()
    for page in pages:
        short = HEAD_AND_FOOT.search(page.text)[1]
        boxes = page.find(f"本页摘要{short}", last=True)
        assert boxes[-1][2] == pytest.approx(right, abs=1)
        assert boxes[0][1] > page.height - 26
        assert boxes[-1][3] < page.height - 8  # what an office printer can print
        seen.add(short)
    assert len(seen) == len(pages)


@pytest.mark.parametrize("kind", UPRIGHT)
def test_nothing_stands_outside_the_margins(print_kind, kind):
    _, pages = print_kind(kind)
    for page in pages:
        assert min(one[1] for one in page.characters) >= LEFT - 1
        assert max(one[3] for one in page.characters) <= RIGHT + 1
        body = [one for one in page.characters if one[2] < FOOT]
        assert max(one[4] for one in body) <= FOOT + 0.5


@pytest.mark.parametrize("kind", WORKING)
def test_the_rest_of_the_last_page_is_declared_blank(print_kind, kind):
    _, pages = print_kind(kind)
    assert not [page for page in pages[:-1] if "（以下空白）" in page.text]
    page = pages[-1]
    boxes = page.find("（以下空白）", last=True)
    left, right = (LEFT, RIGHT) if kind in UPRIGHT else (20, 277)
    middle = (boxes[1][0] + boxes[4][2]) / 2  # the Han characters: brackets have uneven ink
    assert middle == pytest.approx((left + right) / 2, abs=2)
    foot = foot_of(page, kind)
    below = [one for one in page.characters if one[2] > boxes[0][3] + 0.5 and one[4] < foot]
    told = "".join(one[0] for one in below).replace(" ", "")
    assert re.fullmatch(r"(事件树根（RFC9162）：\S+?)?核验：\S+", told.replace("　", "")), told


@pytest.mark.parametrize("kind", ["site_record", "talk_record"])
def test_whoever_signs_below_signs_on_a_page_with_text(print_kind, kind):
    out, pages = print_kind(kind)
    first = min(out.boxes[one.box].page for one in KINDS[kind].signers)
    above = pages[first].text.split("签名人已看过")[0]
    assert len(above) > 60


@pytest.mark.parametrize("kind", UPRIGHT)
def test_places_to_sign_are_large_enough_and_inside_the_margins(print_kind, kind):
    out, _ = print_kind(kind)
    for signer in KINDS[kind].signers:
        box = out.boxes[signer.box]
        width, height = (box.right - box.left) * 25.4 / 72, (box.top - box.bottom) * 25.4 / 72
        assert height == pytest.approx(15, abs=1)
        assert width >= 40
        assert box.bottom * 25.4 / 72 >= 26 - 0.5
        assert box.left * 25.4 / 72 >= LEFT
        assert box.right * 25.4 / 72 <= RIGHT


@pytest.mark.parametrize("kind", ["talk_record", "fact_confirm"])
def test_the_digest_is_that_of_the_words_above_the_foot(print_kind, kind):
    """Whoever types a page anew finds the digest that is printed on it."""
    _, pages = print_kind(kind)
    for page in pages:
        body = [one for one in page.characters if 20 < one[2] < FOOT]
        short = HEAD_AND_FOOT.search(page.text)[1]
        assert digest("".join(one[0] for one in body)) == short
