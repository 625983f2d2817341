"""Drafted papers: begun with what is known, written, looked at, handed on, issued."""

import re
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from tests.documents.approval import approved
from tests.documents.drafts import begun, filled, issued
from tests.inspections.conftest import token_of
from webapp.archive.models import ArchiveRecord
from webapp.core.db import db
from webapp.documents.models import Document, DocumentState, Draft, Preview, PreviewState

TOPIC = "公车规范管理"


def draft_row(draft_id: UUID) -> Draft:
    with db.reading() as session:
        return session.get_one(Draft, draft_id)


def document_row(document_id: UUID) -> Document:
    with db.reading() as session:
        return session.get_one(Document, document_id)


def post(client, path, **data):
    return client.post(path, data={"csrf_token": token_of(client), **data})


def sent(draft: Draft, **changes) -> dict[str, str]:
    """Return what the form of a notice sends."""
    flat = {key: value for key, value in draft.answers.items() if isinstance(value, str)}
    for row in draft.answers.get("team", ()):
        flat |= {f"team-{row['row']}-{k}": v for k, v in row.items() if k != "row"}
    return flat | {"revision": str(draft.revision)} | changes


# -- begin ------------------------------------------------------------------------------------


def test_a_draft_begins_with_what_the_system_knows(as_, cast):
    inspection_id = approved()
    lin = as_("lin")
    page = lin.get(f"/documents/drafts/new?inspection={inspection_id}")
    assert "谈话记录" in page.text
    draft_id = re.search(r'name="draft_id" value="([^"]+)"', page.text)[1]
    answer = post(
        lin,
        "/documents/drafts",
        kind="talk_record",
        draft_id=draft_id,
        about=f"inspection:{inspection_id}",
    )
    assert answer.status_code == 303
    draft = draft_row(UUID(draft_id))
    assert draft.answers["spoken_unit"] == "城关自然资源所"
    assert [row["name"] for row in draft.answers["talkers"]] == ["林检", "陈查"]
    assert TOPIC in draft.answers["reason"]
    form = lin.get(answer.headers["Location"]).text
    assert "钱所" in form
    again = post(
        lin,
        "/documents/drafts",
        kind="talk_record",
        draft_id=draft_id,
        about=f"inspection:{inspection_id}",
    )
    assert again.headers["Location"] == answer.headers["Location"]


def test_a_paper_about_a_unit_asks_which(as_, cast):
    lin = as_("lin")
    page = lin.get("/documents/drafts/new?kind=inspection_notice")
    assert "城关自然资源所" in page.text
    assert "外局办公室" not in page.text
    nothing = post(lin, "/documents/drafts", kind="inspection_notice", draft_id=str(uuid4()))
    assert nothing.status_code == 422
    assert "请选择这份文书关于什么" in nothing.text
    foreign = cast.units["外局办公室"]
    other = post(
        lin,
        "/documents/drafts",
        kind="inspection_notice",
        draft_id=str(uuid4()),
        about=f"unit:{foreign}",
    )
    assert other.status_code == 404


@pytest.mark.parametrize(("who", "status"), [("sun", 404), ("zhou", 403), ("qian", 403)])
def test_others_do_not_begin_it(as_, cast, who, status):
    inspection_id = approved()
    answer = post(
        as_(who), "/documents/drafts", kind="talk_record", draft_id=str(uuid4()),
        about=f"inspection:{inspection_id}",
    )  # fmt: skip
    assert answer.status_code == status


def test_a_kind_that_the_system_makes_is_not_drafted(as_, cast):
    lin = as_("lin")
    assert lin.get("/documents/drafts/new?kind=feedback").status_code == 404
    answer = post(lin, "/documents/drafts", kind="feedback", draft_id=str(uuid4()))
    assert answer.status_code == 422


# -- write ------------------------------------------------------------------------------------


def test_half_a_draft_is_kept(as_, cast):
    draft_id = begun("inspection_notice")
    lin = as_("lin")
    draft = draft_row(draft_id)
    answer = post(lin, f"/documents/drafts/{draft_id}", **sent(draft, scope="派车审批", phone=""))
    assert answer.status_code == 303
    assert draft_row(draft_id).answers["scope"] == "派车审批"
    assert "phone" not in draft_row(draft_id).answers


def test_what_cannot_be_read_is_told_and_shown_again(as_, cast):
    draft_id = begun("inspection_notice")
    answer = post(
        as_("lin"), f"/documents/drafts/{draft_id}",
        **sent(draft_row(draft_id), from_on="明天", scope="刚才写的内容"),
    )  # fmt: skip
    assert answer.status_code == 422
    assert "明天" in answer.text
    assert "刚才写的内容" in answer.text


def test_a_character_that_cannot_be_printed_is_named_at_its_field(as_, cast):
    draft_id = begun("inspection_notice")
    answer = post(
        as_("lin"), f"/documents/drafts/{draft_id}", **sent(draft_row(draft_id), scope="车🚗")
    )
    assert answer.status_code == 422
    assert "U+1F697" in answer.text
    assert 'href="#scope"' in answer.text


def test_a_stale_page_loses_nothing_and_asks_again(as_, cast):
    draft_id = begun("inspection_notice")
    first, lin = draft_row(draft_id), as_("lin")
    post(lin, f"/documents/drafts/{draft_id}", **sent(first, scope="先存的"))
    late = post(lin, f"/documents/drafts/{draft_id}", **sent(first, scope="后存的"))
    assert late.status_code == 409
    assert "后存的" in late.text
    revision = re.search(r'name="revision"[^>]*value="(\d+)"', late.text)[1]
    again = post(
        lin, f"/documents/drafts/{draft_id}", **sent(first, scope="后存的", revision=revision)
    )
    assert again.status_code == 303
    assert draft_row(draft_id).answers["scope"] == "后存的"


def test_a_row_is_added_without_script(as_, cast):
    draft_id = begun("inspection_notice")
    lin = as_("lin")
    answer = post(
        lin, f"/documents/drafts/{draft_id}", **sent(draft_row(draft_id)), **{"add-row": "team"}
    )
    assert answer.headers["Location"].endswith("#team")
    assert (
        lin.get(answer.headers["Location"]).text.count('class="trow"') == 3
    )  # two and the template


@pytest.mark.parametrize("who", ["sun", "chen", "zhou"])
def test_a_draft_is_its_authors(as_, cast, who):
    draft_id = begun("inspection_notice")
    client = as_(who)
    assert client.get(f"/documents/drafts/{draft_id}").status_code == 404
    assert post(client, f"/documents/drafts/{draft_id}", scope="x").status_code == 404
    assert post(client, f"/documents/drafts/{draft_id}/removal").status_code == 404


def test_a_draft_can_be_thrown_away(as_, cast):
    draft_id = begun("inspection_notice")
    assert post(as_("lin"), f"/documents/drafts/{draft_id}/removal").status_code == 303
    assert as_("lin").get(f"/documents/drafts/{draft_id}").status_code == 404


# -- look -------------------------------------------------------------------------------------


def previewed(client, draft_id, **changes) -> str:
    answer = post(
        client,
        f"/documents/drafts/{draft_id}",
        **sent(draft_row(draft_id), **changes),
        then="preview",
    )
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def test_a_preview_is_the_paper_with_a_watermark(as_, cast, drain):
    draft_id = filled("inspection_notice")
    lin = as_("lin")
    place = previewed(lin, draft_id)
    assert "正在生成预览" in lin.get(place).text
    drain()
    page = lin.get(place).text
    assert "/pages/1" in page
    assert "送签" in page
    picture = lin.get(f"{place}/pages/1")
    assert picture.mimetype == "image/png"
    assert lin.get(f"{place}/pages/99").status_code == 404
    file = lin.get(f"{place}/file")
    assert file.data.startswith(b"%PDF-")
    assert file.headers["Content-Disposition"].startswith("inline")
    assert lin.get(f"{place}/state").get_json() == {"state": "ready"}
    for who in ("chen", "zhou", "sun"):
        assert as_(who).get(place).status_code == 404
        assert as_(who).get(f"{place}/pages/1").status_code == 404


def test_an_incomplete_draft_is_shown_and_says_what_it_lacks(as_, cast, drain):
    draft_id = begun("inspection_notice")
    lin = as_("lin")
    place = previewed(lin, draft_id, scope="")
    drain()
    page = lin.get(place).text
    assert "签发前还要补上" in page
    assert "#scope" in page
    assert 'id="go-on"' not in page
    answer = post(lin, f"/documents/drafts/{draft_id}/offer", revision=draft_row(draft_id).revision)
    assert answer.status_code == 422


def test_only_the_newest_preview_of_a_draft_is_kept(as_, cast):
    draft_id = filled("inspection_notice")
    lin = as_("lin")
    first = previewed(lin, draft_id)
    previewed(lin, draft_id)
    assert lin.get(first).status_code == 404
    with db.reading() as session:
        assert len(session.scalars(select(Preview)).all()) == 1


def test_a_preview_that_fails_says_why(as_, cast, drain, monkeypatch):
    from webapp.core.errors import Conflict
    from webapp.documents import rendering

    def broken(*_args, **_kwargs):
        raise Conflict("本机没有安装 Pango，暂时不能生成 PDF")

    monkeypatch.setattr(rendering, "printed", broken)
    lin = as_("lin")
    place = previewed(lin, filled("inspection_notice"))
    drain()
    assert "Pango" in lin.get(place).text
    with db.reading() as session:
        assert session.scalars(select(Preview)).one().state is PreviewState.FAILED


# -- issue ------------------------------------------------------------------------------------


def test_a_notice_is_handed_on_and_issued_by_another(as_, cast, drain):
    draft_id = filled("inspection_notice")
    lin, zhou = as_("lin"), as_("zhou")
    assert (
        post(
            lin, f"/documents/drafts/{draft_id}/issue", revision=draft_row(draft_id).revision
        ).status_code
        == 403
    )
    assert (
        post(
            lin, f"/documents/drafts/{draft_id}/offer", revision=draft_row(draft_id).revision
        ).status_code
        == 303
    )
    assert (
        post(
            lin, f"/documents/drafts/{draft_id}", **sent(draft_row(draft_id), scope="x")
        ).status_code
        == 409
    )
    assert "等我签发" in zhou.get("/documents/drafts").text
    place = previewed(zhou, draft_id, scope="领导改过的内容")
    drain()
    assert "签发后给出编号" in zhou.get(place).text
    revision = draft_row(draft_id).revision
    answer = post(zhou, f"/documents/drafts/{draft_id}/issue", revision=revision)
    assert answer.headers["Location"] == f"/documents/{draft_id}"
    again = post(zhou, f"/documents/drafts/{draft_id}/issue", revision=revision)
    assert again.headers["Location"] == f"/documents/{draft_id}"
    drain()
    document = document_row(draft_id)
    assert document.number == "示自然资党督〔2026〕1号"
    assert document.state is DocumentState.SIGNED
    with db.reading() as session:
        record = session.scalars(select(ArchiveRecord)).one()
        assert record.retention == "D10"
        assert record.document_id == draft_id
        assert session.scalars(select(Draft)).all() == []
        assert session.scalars(select(Preview)).all() == []
    page = lin.get(f"/documents/{draft_id}").text
    for words in ("起草", "送签", "林检", "已签名"):
        assert words in page


def test_a_changed_draft_is_not_issued_unseen(as_, cast):
    draft_id = filled("talk_record", inspection_id=approved())
    answer = post(as_("lin"), f"/documents/drafts/{draft_id}/issue", revision=1)
    assert answer.status_code == 409
    assert "重新预览" in answer.text


def test_a_draft_comes_back_with_a_reason(as_, cast):
    draft_id = filled("inspection_notice")
    lin, zhou = as_("lin"), as_("zhou")
    post(lin, f"/documents/drafts/{draft_id}/offer", revision=draft_row(draft_id).revision)
    assert post(zhou, f"/documents/drafts/{draft_id}/return").status_code == 422
    post(zhou, f"/documents/drafts/{draft_id}/return", remark="时间请再核对")
    assert "时间请再核对" in lin.get(f"/documents/drafts/{draft_id}").text
    assert zhou.get(f"/documents/drafts/{draft_id}").status_code == 404


def test_the_author_takes_it_back(as_, cast):
    draft_id = filled("inspection_notice")
    lin = as_("lin")
    post(lin, f"/documents/drafts/{draft_id}/offer", revision=draft_row(draft_id).revision)
    assert "撤回修改" in lin.get(f"/documents/drafts/{draft_id}").text
    assert post(lin, f"/documents/drafts/{draft_id}/return").status_code == 303
    assert draft_row(draft_id).offered_at is None


def test_an_interview_needs_two_who_speak(as_, cast, drain):
    draft_id = filled("talk_record", inspection_id=approved())
    with db.writing() as session:
        draft = session.get_one(Draft, draft_id)
        draft.answers = draft.answers | {"talkers": draft.answers["talkers"][:1]}
    lin = as_("lin")
    answer = post(lin, f"/documents/drafts/{draft_id}/issue", revision=draft_row(draft_id).revision)
    assert answer.status_code == 422
    assert "谈话人不少于两人" in answer.text


def test_working_papers_count_on_within_their_inspection(cast, drain):
    inspection_id = approved()
    drain()
    first, second = (issued("talk_record", inspection_id=inspection_id) for _ in range(2))
    assert document_row(first).number == "MC-2026-GC-0001-02"
    assert document_row(second).number == "MC-2026-GC-0001-03"
    drain()
    assert document_row(second).state is DocumentState.SIGNING


@pytest.mark.parametrize(
    ("who", "notice", "talk"),
    [
        ("lin", 200, 409),
        ("chen", 404, 409),
        ("zhou", 200, 409),
        ("qian", 200, 404),
        ("sun", 404, 404),
    ],
)
def test_who_reads_what_was_issued(as_, cast, drain, who, notice, talk):
    # the record still waits for its signers: those who may read it are told so
    papers = (issued("inspection_notice"), issued("talk_record", inspection_id=approved()))
    drain()
    told = tuple(as_(who).get(f"/documents/{one}/file").status_code for one in papers)
    assert told == (notice, talk)
