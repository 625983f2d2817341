"""The public check: papers by their code, files by their bytes, hostile files refused."""

import io

import pytest
from sqlalchemy import select

from tests.documents.approval import approved
from tests.documents.test_service import deliver
from tests.inspections.conftest import token_of
from webapp.core.db import db
from webapp.core.errors import Busy
from webapp.documents import public, verification
from webapp.documents.models import Document
from webapp.documents.workshop import workshop


@pytest.fixture(autouse=True)
def fresh_limits():
    """Let no test run into the limits of the one before."""
    for limit in (public.uploads, public.lookups):
        limit.clear()


@pytest.fixture
def made(cast, drain):
    """Approve one inspection and make its documents; returns them by kind."""
    approved()
    drain()
    with db.reading() as session:
        return {one.kind: one for one in session.scalars(select(Document))}


@pytest.fixture
def nobody(as_):
    """Give the client of somebody who is not signed in."""
    return as_("")


def upload(client, data: bytes, url="/verify", name="a.pdf"):
    body = {"file": (io.BytesIO(data), name), "csrf_token": token_of_page(client)}
    return client.post(url, data=body, content_type="multipart/form-data")


def token_of_page(client) -> str:
    page = client.get("/verify").text
    return page.split('name="csrf-token" content="')[1].split('"')[0]


def test_an_original_is_told_so_without_signing_in(nobody, made):
    data = workshop().storage.get(made["feedback"].sha256)
    answer = upload(nobody, data)
    assert answer.status_code == 200
    assert "这是原件" in answer.text
    assert made["feedback"].number in answer.text
    assert "本单位的签名证书" in answer.text


def test_an_altered_file_is_told_so(nobody, made):
    data = workshop().storage.get(made["feedback"].sha256)
    assert "这不是原件" in upload(nobody, data + b"\n% more").text
    changed = data.replace(b"/Type /Page", b"/Type /Pagf", 1)
    assert "这是原件" not in upload(nobody, changed).text


def test_an_unsigned_print_is_not_an_original(nobody, made):
    data = workshop().storage.get(made["feedback"].rendered_sha256)
    assert "这是原件" not in upload(nobody, data).text


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "文件是空的"),
        (b"hello", "这不是 PDF 文件"),
        (b"%PDF-1.7\n" + b"\x00" * 5000, "无法检验"),
        (
            b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 1 0 R>>endobj trailer<</Root 1 0 R>>",
            "核验结果",
        ),
        (b"%PDF-" + b"[" * 100_000, "核验结果"),
    ],
    ids=["empty", "text", "zeros", "loop", "nested"],
)
def test_a_hostile_file_gets_a_clear_answer(nobody, cast, data, words):
    answer = upload(nobody, data)
    assert answer.status_code in (200, 422)
    assert words in answer.text


def test_a_file_that_is_too_large_is_refused(nobody, cast, monkeypatch):
    monkeypatch.setattr(public, "SIZE_MAX_BYTES", 1000)
    monkeypatch.setattr(verification, "SIZE_MAX_BYTES", 1000)
    answer = upload(nobody, b"%PDF-1.7" + b"x" * 2000)
    assert answer.status_code == 422
    assert "不予检验" in answer.text


def test_a_form_without_a_file_says_so(nobody, cast):
    token = token_of_page(nobody)
    answer = nobody.post("/verify", data={"csrf_token": token})
    assert answer.status_code == 422
    assert "请选择要核验的 PDF 文件" in answer.text


def test_a_forged_form_is_refused(nobody, cast):
    body = {"file": (io.BytesIO(b"%PDF-1.7"), "a.pdf")}
    answer = nobody.post("/verify", data=body, content_type="multipart/form-data")
    assert answer.status_code == 400
    assert "过期" in answer.text


def test_somebody_signed_in_may_check_too(as_, made):
    client = as_("lin")
    body = {
        "file": (io.BytesIO(workshop().storage.get(made["feedback"].sha256)), "a.pdf"),
        "csrf_token": token_of(client),
    }
    assert "这是原件" in client.post(
        "/verify", data=body, content_type="multipart/form-data"
    ).text  # fmt: skip


# -- by code ----------------------------------------------------------------------------------


def test_a_code_shows_what_the_paper_must_say_and_no_person(nobody, made):
    document = made["feedback"]
    page = nobody.get(f"/verify/{document.code}")
    assert page.status_code == 200
    for words in (document.number, document.sha256, "督查反馈意见书", "示例县自然资源局", "已签名"):
        assert words in page.text
    for person in ("林检", "陈查", "周督", "钱所", "城关自然资源所"):
        assert person not in page.text


def test_a_typed_code_may_have_gaps_and_small_letters(nobody, made):
    code = made["feedback"].code
    typed = f"{code[:5].lower()} - {code[5:]}"
    answer = nobody.get("/verify", query_string={"code": typed})
    assert answer.status_code == 303
    assert answer.headers["Location"].endswith(f"/verify/{code}")
    assert nobody.get(f"/verify/{code.lower()}").status_code == 200


@pytest.mark.parametrize("code", ["ABCDEFGHJK", "<script>", "x" * 500, "'; DROP", "%00", "🚗"])
def test_an_unknown_code_is_told_so_and_nothing_of_it_runs(nobody, cast, code):
    answer = nobody.get(f"/verify/{code}")
    assert answer.status_code == 404
    assert "没有这个核验码" in answer.text
    assert "<script>" not in answer.text.split("</head>")[1]


def test_a_paper_that_is_not_signed_yet_says_so(nobody, cast):
    approved()
    deliver("documents.issue")
    with db.reading() as session:
        document = session.scalars(select(Document)).first()
    text = nobody.get(f"/verify/{document.code}").text
    assert "还没有签好" in text
    assert document.number in text


def test_a_file_is_compared_with_the_paper_in_hand(nobody, made):
    store = workshop().storage
    record, feedback = made["site_record"], made["feedback"]
    right = upload(nobody, store.get(feedback.sha256), f"/verify/{feedback.code}")
    assert "这是原件" in right.text
    assert "不是这一份" not in right.text
    other = upload(nobody, store.get(record.sha256), f"/verify/{feedback.code}")
    assert "不是这一份" in other.text
    cut = upload(nobody, store.get(feedback.rendered_sha256), f"/verify/{feedback.code}")
    assert "这不是原件" in cut.text
    assert feedback.number in cut.text


def test_too_many_uploads_are_asked_to_wait(nobody, cast, monkeypatch):
    monkeypatch.setattr(public, "uploads", public.Limit(2, 60))
    assert [upload(nobody, b"x").status_code for _ in range(3)] == [422, 422, 429]


def test_too_many_lookups_are_asked_to_wait(nobody, cast, monkeypatch):
    monkeypatch.setattr(public, "lookups", public.Limit(2, 60))
    assert [nobody.get("/verify/AAAA").status_code for _ in range(3)] == [404, 404, 429]


def test_a_limit_forgets_in_time_and_keeps_addresses_apart(monkeypatch):
    from webapp.documents import limits

    at = [0.0]
    monkeypatch.setattr(limits.time, "monotonic", lambda: at[0])
    monkeypatch.setattr(limits, "ADDRESSES_MAX", 3)
    limit = limits.Limit(1, 60)
    limit.count("a")
    with pytest.raises(Busy):
        limit.count("a")
    limit.count("b")
    at[0] = 61
    for address in ("a", "c", "d", "e"):
        limit.count(address)
    assert len(limit._calls) <= 4


def test_a_try_that_is_forgiven_does_not_count():
    limit = public.Limit(2, 60)
    for _ in range(5):
        limit.count("a")
        limit.forgive("a")
    limit.forgive("nobody")
    limit.count("a")
    limit.count("a")
    with pytest.raises(Busy):
        limit.count("a")
