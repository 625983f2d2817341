"""Both papers of an inspection, looked at before it is approved."""

from io import BytesIO

import pypdfium2
import pytest
from sqlalchemy import select

from tests import factories
from tests.reviews.conftest import approval, controls, inspection_now, resubmit, round_of, token_of
from webapp.core.db import db
from webapp.core.events import Event
from webapp.core.numbers import NumberSeries
from webapp.documents.models import Document, Preview
from webapp.findings.models import Finding
from webapp.findings.rules import FindingState
from webapp.inspections.rules import Status

FACTS = "抽查派车单31份，有2份没有审批人签字。"
COMMENT = "请补充派车单的照片。"


@pytest.fixture
def inspection_id(cast, drain):
    """Hand in an inspection of which GC-01 and GC-20 do not conform."""
    made = factories.submitted()
    drain()
    return made


def asked(client, inspection_id, **changed):
    sent = approval(client, inspection_id, **changed)
    return client.post(f"/reviews/{inspection_id}/previews", data=sent)


def words_of(pdf: bytes) -> str:
    with pypdfium2.PdfDocument(BytesIO(pdf)) as document:
        return "".join(page.get_textpage().get_text_bounded() for page in document)


def paper(client, place: str) -> str:
    return words_of(client.get(f"{place}/file").data)


def others(page: str, place: str) -> list[str]:
    """Return the addresses of the papers that a preview's page leads to."""
    found = {part.split('"')[0] for part in page.split('href="')[1:]}
    return sorted(one for one in found if one.count("/") == 3 and "/previews/" in one
                  and one != place)  # fmt: skip


def counters() -> dict[str, int]:
    with db.reading() as session:
        return {one.key: one.last for one in session.scalars(select(NumberSeries))}


def test_both_papers_are_seen_as_worded_and_nothing_is_kept(as_, inspection_id, drain):
    zhou, before = as_("zhou"), counters()
    changed = {"finding-GC-01-facts": FACTS, "opinion": "同意。"}
    answer = asked(zhou, inspection_id, **changed)
    assert answer.status_code == 303, answer.text
    place = answer.headers["Location"]
    assert "正在生成预览" in zhou.get(place).text
    drain()
    page = zhou.get(place).text
    assert "/pages/1" in page
    assert f'href="{place}/review"' in page
    (feedback,) = others(page, place)
    record, told = paper(zhou, place), paper(zhou, feedback)
    assert "草稿" in record
    assert "草稿" in told
    assert FACTS in "".join(told.split())
    with db.reading() as session:
        assert session.scalar(select(Document)) is None
        found = session.scalars(select(Finding)).all()
        assert {one.state for one in found} == {FindingState.DERIVED}
        assert FACTS not in {one.facts for one in found}
        assert all(one.due_on is None for one in found)
        assert session.scalar(select(Event).filter_by(kind="review.approved")) is None
    assert inspection_now(inspection_id).status is Status.SUBMITTED
    assert counters() == before


def test_the_way_back_loses_nothing(as_, inspection_id):
    zhou = as_("zhou")
    changed = {
        "finding-GC-01-facts": FACTS, "finding-GC-20-decision": "dismiss",
        "finding-GC-20-reason": "当场已经说明", "opinion": "同意。", "comment-GC-02": COMMENT,
    }  # fmt: skip
    place = asked(zhou, inspection_id, **changed).headers["Location"]
    page = zhou.get(f"{place}/review")
    assert page.status_code == 200
    for text in (FACTS, "当场已经说明", "同意。", COMMENT):
        assert text in page.text
    assert 'value="dismiss" checked' in page.text


def test_what_was_approved_looks_as_the_preview_did(as_, inspection_id, drain):
    zhou = as_("zhou")
    changed = {"finding-GC-01-facts": FACTS, "opinion": "同意。"}
    assert asked(zhou, inspection_id, **changed).status_code == 303
    drain()
    with db.reading() as session:
        previewed = {one.kind: one.pages for one in session.scalars(select(Preview))}
    assert set(previewed) == {"site_record", "feedback"}
    sent = approval(zhou, inspection_id, **changed)
    zhou.post(f"/reviews/{inspection_id}/approval", data=sent)
    drain()
    with db.reading() as session:
        issued = {one.kind: one.pages for one in session.scalars(select(Document))}
    assert issued == previewed
    assert asked_again(zhou, inspection_id).status_code == 409


def asked_again(client, inspection_id):
    sent = controls(client, inspection_id) | {"csrf_token": token_of(client)}
    sent["submission"] = str(round_of(inspection_id).id)
    return client.post(f"/reviews/{inspection_id}/previews", data=sent)


def test_a_bad_form_is_told_beside_its_field(as_, inspection_id):
    zhou = as_("zhou")
    answer = asked(zhou, inspection_id, **{"finding-GC-01-facts": " ", "opinion": "同意。"})
    assert answer.status_code == 422
    assert "请写明问题事实" in answer.text
    assert "同意。" in answer.text
    answer = asked(zhou, inspection_id, opinion="不能印的字：\U0001f4a9")
    assert answer.status_code == 422
    assert "无法" in answer.text
    with db.reading() as session:
        assert session.scalar(select(Preview)) is None


@pytest.mark.parametrize(("who", "status"), [("lin", 403), ("sun", 404), ("he", 403)])
def test_only_a_supervisor_previews(as_, inspection_id, who, status):
    sent = approval(as_("zhou"), inspection_id)
    client = as_(who)
    sent["csrf_token"] = token_of(client)
    answer = client.post(f"/reviews/{inspection_id}/previews", data=sent)
    assert answer.status_code == status


def test_a_preview_is_for_the_one_who_asked(as_, inspection_id, drain):
    place = asked(as_("zhou"), inspection_id).headers["Location"]
    drain()
    for who in ("lin", "he", "sun"):
        assert as_(who).get(place).status_code in (403, 404)
        assert as_(who).get(f"{place}/review").status_code in (403, 404)


def test_the_way_back_after_a_newer_round_says_so(as_, inspection_id):
    zhou = as_("zhou")
    place = asked(zhou, inspection_id).headers["Location"]
    sent = controls(zhou, inspection_id) | {"opinion": "请补正。"}
    assert zhou.post(f"/reviews/{inspection_id}/return", data=sent).status_code == 303
    resubmit(inspection_id, **{"GC-01": "yes"})
    answer = zhou.get(f"{place}/review")
    assert answer.status_code == 409
    assert "第 2 次" in answer.text
