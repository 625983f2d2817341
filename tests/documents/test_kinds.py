"""Every drafted kind: what it asks, and that what was answered is on the paper."""

import re

import pypdfium2
import pytest

from tests.documents import papers
from tests.documents.drafts import drafted, form_of
from webapp.checklists.questions import KINDS as QUESTION_KINDS
from webapp.documents import fonts, render
from webapp.documents.kinds import KINDS

DRAFTED = [name for name, kind in KINDS.items() if kind.form]
SPACE = re.compile(r"\s+")


@pytest.fixture(scope="module")
def printer(tmp_path_factory):
    unpacked = fonts.unpack(tmp_path_factory.mktemp("fonts"))
    return lambda paper: render.print_out(paper, fonts=unpacked, blobs=papers.blobs)


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    text = "".join(page.get_textpage().get_text_bounded() for page in document)
    document.close()
    return SPACE.sub("", text)


@pytest.mark.parametrize("kind", DRAFTED)
def test_what_was_answered_is_on_the_paper(printer, kind):
    paper = drafted(kind)
    printed = printer(paper)
    text = text_of(printed.pdf)
    for question in form_of(kind).asks:
        told = paper.said[question.id]
        for words in (told.text, *(cell for row in told.rows for cell in row.values())):
            for line in words.splitlines():
                assert SPACE.sub("", line).rstrip("。") in text, (question.id, line)
    for said in (paper.number, paper.verify_code, paper.bureau.name):
        assert SPACE.sub("", said) in text


@pytest.mark.parametrize("kind", DRAFTED)
def test_everybody_who_signs_has_a_place(printer, kind):
    printed = printer(drafted(kind))
    boxes = [one.box for one in KINDS[kind].signers]
    assert len(set(boxes)) == len(boxes)
    assert KINDS[kind].signers[-1].role == "seal"
    for box in boxes:
        assert box in printed.boxes
        assert printed.boxes[box].right > printed.boxes[box].left


@pytest.mark.parametrize("kind", DRAFTED)
def test_an_empty_draft_can_be_looked_at(printer, kind):
    paper = drafted(kind, {}, is_draft=True, watermark="草稿　没有效力")
    assert printer(paper).pages >= 1


@pytest.mark.parametrize("kind", DRAFTED)
def test_the_questions_have_ids_that_templates_can_read(kind):
    for question in form_of(kind).asks:
        assert not hasattr(dict, question.id), question.id
        assert QUESTION_KINDS[question.kind].answerable
        for column in question.columns:
            assert not hasattr(dict, column.id), column.id
            assert column.id != "row"


def digests_of(pdf: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(pdf)
    text = [page.get_textpage().get_text_bounded() for page in document]
    document.close()
    return [re.search(r"本页摘要\s*([0-9a-f]{10})", one)[1] for one in text]


def test_each_page_of_a_working_paper_has_its_own_digest(printer):
    paper = drafted("talk_record")
    before = digests_of(printer(paper).pdf)
    assert len(set(before)) == len(before) == 2
    assert before == digests_of(printer(paper).pdf)
    told = paper.said["reason"].model_copy(update={"text": "示例内容改段。"})
    changed = paper.model_copy(update={"said": paper.said | {"reason": told}})
    after = digests_of(printer(changed).pdf)
    assert after[0] != before[0]
    assert after[1] == before[1]
