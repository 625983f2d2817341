"""The documents' pages: who sees what, the file, what failed, the programs' door."""

import json
from urllib.parse import quote
from uuid import uuid4

import pytest
from sqlalchemy import select

from tests.documents.approval import approved
from tests.documents.test_service import deliver
from tests.inspections.conftest import token_of
from webapp import flow
from webapp.core.db import db
from webapp.documents.models import Document
from webapp.documents.workshop import workshop
from webapp.inspections.models import InspectionInspector

FEEDBACK = "示自然资党督〔2026〕1号"
RECORD = "MC-2026-GC-0001-01"


@pytest.fixture
def made(cast, drain):
    """Approve one inspection and make its documents; returns them by kind."""
    approved()
    drain()
    return rows()


@pytest.fixture
def failed(cast, drain):
    """Make documents of which the feedback cannot be printed."""
    approved(facts="派车单缺审批🚗")
    drain()
    return rows()


def rows() -> dict[str, Document]:
    with db.reading() as session:
        return {one.kind: one for one in session.scalars(select(Document))}


# -- lists and pages --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "seen"),
    [
        ("lin", {FEEDBACK, RECORD}),
        ("chen", {FEEDBACK, RECORD}),
        ("zhou", {FEEDBACK, RECORD}),
        ("he", {FEEDBACK, RECORD}),
        ("wu", {FEEDBACK, RECORD}),
        ("qian", {FEEDBACK}),
        ("sun", set()),
    ],
)
def test_everybody_sees_their_own_documents_only(as_, made, who, seen):
    page = as_(who).get("/documents")
    assert page.status_code == 200
    assert {number for number in (FEEDBACK, RECORD) if number in page.text} == seen


def test_an_inspector_of_another_team_sees_nothing(as_, cast, made):
    with db.writing() as session:
        session.query(InspectionInspector).filter_by(user_id=cast.users["chen"]).delete()
    assert RECORD not in as_("chen").get("/documents").text
    assert as_("chen").get(f"/documents/{made['site_record'].id}").status_code == 404
    assert RECORD in as_("lin").get("/documents").text


@pytest.mark.parametrize("path", ["", "/file", "/state"])
def test_a_stranger_finds_nothing(as_, made, path):
    document = made["feedback"]
    assert as_("sun").get(f"/documents/{document.id}{path}").status_code == 404
    assert as_("qian").get(f"/documents/{made['site_record'].id}{path}").status_code == 404
    assert as_("lin").get(f"/documents/{uuid4()}{path}").status_code == 404


def test_nobody_is_sent_to_sign_in(as_, made):
    answer = as_("").get(f"/documents/{made['feedback'].id}/file")
    assert answer.status_code == 303
    assert "/sign-in" in answer.headers["Location"]


def test_the_administrator_sees_that_it_exists_but_not_what_it_says(as_, made):
    document = made["feedback"]
    assert as_("wu").get(f"/documents/{document.id}").status_code == 200
    assert as_("wu").get(f"/documents/{document.id}/file").status_code == 403


def test_the_page_tells_number_digest_signer_and_code(as_, made):
    document = made["feedback"]
    text = as_("zhou").get(f"/documents/{document.id}").text
    for words in (FEEDBACK, document.sha256, document.code, "示例县自然资源局", "已签名", "归档"):
        assert words in text
    assert "J027-WS·2026-D30-JDC-0002" in text
    assert "http-equiv" not in text


def test_a_page_that_waits_says_so_and_asks_again(as_, cast):
    approved()
    deliver("documents.issue")
    document = rows()["feedback"]
    text = as_("zhou").get(f"/documents/{document.id}").text
    assert "正在生成" in text
    assert 'data-module="poll"' in text
    assert 'http-equiv="refresh"' in text
    assert as_("zhou").get(f"/documents/{document.id}/state").get_json() == {"state": "queued"}
    answer = as_("zhou").get(f"/documents/{document.id}/file")
    assert answer.status_code == 409
    assert "还没有签好" in answer.text


def test_the_list_is_paged_both_ways(as_, cast, monkeypatch):
    from webapp.documents import queries

    monkeypatch.setattr(queries, "PAGE", 3)
    for _ in range(2):
        approved(("GC-01",))
    deliver("documents.issue")
    client = as_("zhou")
    first = client.get("/documents").text
    assert first.count('class="card"') == 3
    older = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    second = client.get(older).text
    assert second.count('class="card"') == 1
    newer = second.split('rel="prev" href="')[1].split('"')[0].replace("&amp;", "&")
    assert client.get(newer).text.count('class="card"') == 3
    assert client.get("/documents?before=nonsense").status_code == 200
    assert client.get("/documents?after=2026-01-01~x").status_code == 200


def test_an_empty_list_says_what_comes(as_, cast):
    assert "还没有文书" in as_("lin").get("/documents").text


# -- the file ---------------------------------------------------------------------------------


def test_the_file_comes_under_its_number_and_runs_nothing(as_, made):
    document = made["feedback"]
    answer = as_("qian").get(f"/documents/{document.id}/file")
    assert answer.status_code == 200
    assert answer.mimetype == "application/pdf"
    assert answer.data == workshop().storage.get(document.sha256)
    disposition = answer.headers["Content-Disposition"]
    assert disposition.startswith("attachment;")
    assert f"filename*=UTF-8''{quote(FEEDBACK + '.pdf', safe='')}" in disposition
    assert answer.headers["Content-Security-Policy"].startswith("sandbox")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("how", ["altered", "gone"])
def test_a_damaged_file_is_refused_by_name_and_nothing_is_written(as_, made, how):
    document = made["feedback"]
    path = workshop().storage.path(document.sha256)
    path.chmod(0o600)
    if how == "gone":
        path.unlink()
    else:
        data = bytearray(path.read_bytes())
        data[1000] ^= 1
        path.write_bytes(bytes(data))
    for url in (f"/documents/{document.id}/file", f"/api/v1/documents/{document.id}/file"):
        answer = as_("zhou").get(url)
        assert answer.status_code == 409
        assert FEEDBACK in (answer.text if url.startswith("/doc") else answer.get_json()["title"])
    with db.reading() as session:
        assert session.get_one(Document, document.id).sha256 == document.sha256


# -- what failed ------------------------------------------------------------------------------


def test_the_administrator_sees_what_failed_and_why(as_, failed):
    text = as_("wu").get("/documents/troubles").text
    assert failed["feedback"].number in text
    assert "🚗" in text
    assert "没有生成 PDF" in text
    assert as_("zhou").get("/documents/troubles").status_code == 403
    page = as_("zhou").get(f"/documents/{failed['feedback'].id}").text
    assert "未完成" in page
    assert "重新制作" not in page


def test_only_the_administrator_tries_again(as_, failed, drain):
    url = f"/documents/{failed['feedback'].id}/attempts"
    zhou, wu = as_("zhou"), as_("wu")
    assert zhou.post(url, data={"csrf_token": token_of(zhou)}).status_code == 403
    assert wu.post(url).status_code == 400
    answer = wu.post(url, data={"csrf_token": token_of(wu)})
    assert answer.status_code == 303
    assert rows()["feedback"].state.value == "queued"
    drain()
    assert rows()["feedback"].state.value == "failed"  # the character is still there
    again = wu.post(f"/documents/{uuid4()}/attempts", data={"csrf_token": token_of(wu)})
    assert again.status_code == 404


def test_an_issue_that_failed_is_listed_by_its_inspection(as_, cast, monkeypatch):
    inspection_id = approved()
    monkeypatch.setitem(flow.REACTIONS, "documents.issue", _refuse)
    deliver("documents.issue")
    monkeypatch.undo()
    wu = as_("wu")
    text = wu.get("/documents/troubles").text
    assert "MC-2026-GC-0001" in text
    assert "没有编号和固定内容" in text
    data = {"csrf_token": token_of(wu)}
    assert wu.post(f"/documents/{inspection_id}/attempts", data=data).status_code == 303
    deliver("documents.issue")
    assert len(rows()) == 2
    assert "没有需要处理的事" in wu.get("/documents/troubles").text


def _refuse(_session, _event):
    from webapp.core.errors import Invalid

    raise Invalid("内容不全")


# -- programs ---------------------------------------------------------------------------------


def test_programs_list_and_fetch_documents(as_, made):
    lin = as_("lin")
    document = made["feedback"]
    listed = lin.get(f"/api/v1/inspections/{document.inspection_id}/documents").get_json()
    assert [one["kind"] for one in listed["documents"]] == ["site_record", "feedback"]
    told = lin.get(f"/api/v1/documents/{document.id}").get_json()
    assert told in listed["documents"]
    assert told["sha256"] == document.sha256
    assert told["state"] == "signed"
    assert told["signed_at"].endswith(("Z", "+00:00"))
    file = lin.get(told["file"])
    assert file.data == workshop().storage.get(document.sha256)
    assert file.headers["ETag"] == f'"{document.sha256}"'


def test_programs_of_strangers_find_nothing(as_, made):
    document = made["feedback"]
    for path in (
        f"/api/v1/inspections/{document.inspection_id}/documents",
        f"/api/v1/documents/{document.id}",
        f"/api/v1/documents/{document.id}/file",
    ):
        answer = as_("sun").get(path)
        assert answer.status_code == 404
        assert json.loads(answer.data)["code"] == "not_found"
        assert as_("wu").get(path).status_code == 403
        assert as_("").get(path).status_code == 401


def test_the_head_of_a_unit_gets_the_feedback_only(as_, made):
    path = f"/api/v1/inspections/{made['feedback'].inspection_id}/documents"
    listed = as_("qian").get(path).get_json()["documents"]
    assert [one["kind"] for one in listed] == ["feedback"]
