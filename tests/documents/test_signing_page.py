"""Persons sign a paper in the browser: the right one, for the pages shown, each time confirmed."""

import json
import re

import pytest
from flask_security import hash_password
from sqlalchemy import select

from tests.documents.approval import approved
from tests.documents.drafts import issued
from tests.factories import PASSWORD, STROKES
from webapp import flow
from webapp.accounts.models import User
from webapp.core.config import Settings
from webapp.core.db import db
from webapp.documents import ledger
from webapp.documents.countersigning import service, views
from webapp.documents.countersigning.rules import Method, member
from webapp.documents.models import Document, DocumentState
from webapp.documents.public import check
from webapp.documents.sentences import State
from webapp.documents.workshop import workshop


@pytest.fixture(autouse=True)
def fresh_limit():
    """Let no test run into the limit of the one before."""
    views.passwords.clear()


@pytest.fixture
def paper(app, cast, drain):
    """A list of problems: two inspectors and the head of the unit sign, then the seal."""
    with app.app_context(), db.writing() as session:
        for user in session.scalars(select(User)):
            user.password = hash_password(PASSWORD)
    inspection_id = approved()
    drain()
    document_id = issued("issue_list", inspection_id=inspection_id)
    drain()
    return document_id


def row_of(document_id) -> Document:
    with db.reading() as session:
        document = session.get_one(Document, document_id)
        assert [row.place for row in document.signatures] == [0, 1, 2]
        return document


def digest_in(page: str) -> str:
    return re.search(r'name="digest" type="hidden" value="([0-9a-f]{64})"', page)[1]


def sign(client, document_id, **changes):
    """Sign as a person does: look at the page, draw, type the password."""
    page = client.get(f"/documents/{document_id}/signature").text
    token = re.search(r'name="csrf_token" type="hidden" value="([^"]+)"', page)[1]
    data = {
        "csrf_token": token, "digest": digest_in(page), "strokes": json.dumps(STROKES),
        "password": PASSWORD, "name": "", "reason": "", "witness": "",
    } | changes  # fmt: skip
    where = f"/documents/{document_id}/signature"
    return client.post(where, data=data, headers={"Origin": "http://localhost"})


def test_it_waits_for_each_in_turn_and_is_sealed_at_the_end(paper, as_, drain):
    assert row_of(paper).state is DocumentState.SIGNING
    for who, name in (("lin", "林检"), ("chen", "陈查"), ("qian", "钱所")):
        assert row_of(paper).sha256 is None
        client = as_(who)
        assert "等我签名" in client.get("/documents").text
        assert sign(client, paper).status_code == 303
        assert "等我签名" not in client.get("/documents").text
        assert name in as_("lin").get(f"/documents/{paper}").text
        drain()
    document = row_of(paper)
    assert document.state is DocumentState.SIGNED
    assert {row.method for row in document.signatures} == {Method.DRAWN}
    pdf = workshop().storage.get(document.sha256)
    verdict = check(pdf)
    assert verdict.state is State.ORIGINAL
    assert [each.signer for each in verdict.signatures] == [
        "林检", "陈查", "钱所", "示例县自然资源局",
    ]  # fmt: skip
    with db.reading() as session:
        known = ledger.find_expected(session, document.code)
    assert [field for field, _ in known.wanted] == [each.field for each in verdict.signatures]
    assert [by for _, by in known.wanted] == [each.fingerprint for each in verdict.signatures]


def test_my_task_list_names_what_waits_for_me(paper, as_):
    for address in ("/", "/documents"):
        assert "等我签名" in as_("lin").get(address).text
        assert "等我签名" not in as_("chen").get(address).text
    assert "去签名" in as_("lin").get(f"/documents/{paper}").text
    assert "去签名" not in as_("chen").get(f"/documents/{paper}").text


def test_the_signer_sees_the_very_pages(paper, as_):
    client = as_("lin")
    page = client.get(f"/documents/{paper}/signature").text
    digest = digest_in(page)
    assert digest == row_of(paper).prepared_sha256
    picture = client.get(f"/documents/{paper}/signature/pages/1?digest={digest}")
    assert (picture.status_code, picture.mimetype) == (200, "image/png")
    assert picture.data.startswith(b"\x89PNG")
    for broken in (f"99?digest={digest}", "1?digest=0", "1"):
        where = f"/documents/{paper}/signature/pages/{broken}"
        assert client.get(where).status_code == 404


@pytest.mark.parametrize(
    ("who", "seen", "signs"),
    [("chen", 200, 409), ("zhou", 200, 409), ("qian", 404, 404), ("sun", 404, 404),
     ("wu", 403, 403)],
)  # fmt: skip
def test_whose_turn_it_is_not_cannot_sign(paper, as_, who, seen, signs):
    client = as_(who)
    answer = client.get(f"/documents/{paper}/signature")
    assert answer.status_code == seen
    assert "已看过以上各页，签名" not in answer.text
    token = re.search(r'name="csrf_token" type="hidden" value="([^"]+)"',
                      as_(who).get("/documents").text or "")  # fmt: skip
    data = {"digest": row_of(paper).prepared_sha256, "password": PASSWORD}
    data["csrf_token"] = token[1] if token else _token(client)
    where = f"/documents/{paper}/signature"
    answer = client.post(where, data=data, headers={"Origin": "http://localhost"})
    assert answer.status_code == signs
    assert row_of(paper).signatures[0].signed_at is None


def _token(client) -> str:
    page = client.get("/verify").text
    return re.search(r'name="csrf_token" type="hidden" value="([^"]+)"', page)[1]


@pytest.mark.parametrize("password", ["", "wrong"])
def test_without_the_password_nothing_is_signed(paper, as_, password):
    answer = sign(as_("lin"), paper, password=password)
    assert answer.status_code == 422
    assert "密码不对" in answer.text
    assert row_of(paper).signatures[0].signed_at is None


def test_after_ten_wrong_passwords_the_right_one_waits_too(paper, as_):
    lin = as_("lin")
    for _ in range(views.passwords.most):
        assert sign(lin, paper, password="wrong").status_code == 422
    answer = sign(lin, paper)
    assert answer.status_code == 429
    assert "密码错的次数太多" in answer.text
    assert row_of(paper).signatures[0].signed_at is None


@pytest.fixture
def no_demo(paper, as_, app, monkeypatch):
    """Give lin's client in an installation that is no demo, where lin has no password."""
    client = as_("lin")
    with app.app_context(), db.writing() as session:
        session.scalars(select(User).where(User.username == "lin")).one().password = None
    monkeypatch.setattr(Settings, "is_demo", property(lambda self: False))
    return client


def test_who_has_no_password_is_told_how_to_get_one(paper, no_demo):
    page = no_demo.get(f"/documents/{paper}/signature")
    assert page.status_code == 200
    assert "你的账号没有密码，不能签名" in page.text
    assert "./mingcha user password lin" in page.text
    assert "已看过以上各页" not in page.text
    assert "演示账号" not in page.text


def test_who_has_no_password_cannot_sign_past_the_page(paper, no_demo):
    page = no_demo.get("/documents").text
    token = re.search(r'name="csrf-token" content="([^"]+)"', page)[1]
    for password in ("", PASSWORD):
        answer = no_demo.post(
            f"/documents/{paper}/signature",
            data={
                "csrf_token": token, "digest": row_of(paper).prepared_sha256,
                "strokes": json.dumps(STROKES), "password": password,
            },
            headers={"Origin": "http://localhost"},
        )  # fmt: skip
        assert answer.status_code == 422
        assert "你的账号没有密码，不能签名" in answer.text
    assert row_of(paper).signatures[0].signed_at is None


def test_another_file_than_the_one_shown_is_refused(paper, as_):
    answer = sign(as_("lin"), paper, digest="0" * 64)
    assert answer.status_code == 409
    assert "文件与刚才显示的不同" in answer.text
    assert digest_in(answer.text) == row_of(paper).prepared_sha256, "the page shows it anew"
    assert row_of(paper).signatures[0].signed_at is None


def test_signing_twice_or_from_an_old_page_signs_once(paper, as_):
    client = as_("lin")
    old = digest_in(client.get(f"/documents/{paper}/signature").text)
    assert sign(client, paper).status_code == 303
    answer = sign(as_("chen"), paper, digest=old)
    assert answer.status_code == 409
    assert sum(row.signed_at is not None for row in row_of(paper).signatures) == 1


def test_two_at_the_same_moment_leave_one_signature(paper, app):
    with app.app_context(), db.reading() as session:
        lin = session.scalars(select(User).where(User.username == "lin")).one()
        from webapp.core.clock import now
        from webapp.core.errors import Conflict
        from webapp.documents.countersigning import queries

        turn = queries.turn_of(session, lin, paper)
        given = service.Given(Method.TYPED, "林检")
        written = [service.write(session, turn, given, by=lin, at=now()) for _ in range(2)]
        with db.writing() as other:
            service.give(other, turn, given, written[0], by=lin, at=now())
        with pytest.raises(Conflict), db.writing() as other:
            service.give(other, turn, given, written[1], by=lin, at=now())


def test_broken_strokes_are_refused_and_a_typed_name_signs(paper, as_):
    assert sign(as_("lin"), paper, strokes='{"path": "<script>"}').status_code == 422
    assert sign(as_("lin"), paper, strokes="").status_code == 303
    assert row_of(paper).signatures[0].method is Method.TYPED


def test_the_other_side_may_sign_on_the_inspectors_phone(paper, as_, drain):
    sign(as_("lin"), paper)
    sign(as_("chen"), paper)
    client = as_("lin")
    assert "由签名人在这台设备上签" in client.get(f"/documents/{paper}/signature").text
    assert sign(client, paper, name="").status_code == 422
    assert sign(client, paper, name="甲某").status_code == 303
    drain()
    document = row_of(paper)
    assert (document.signatures[2].name, document.signatures[2].by.name) == ("甲某", "林检")
    verdict = check(workshop().storage.get(document.sha256))
    assert verdict.state is State.ORIGINAL
    assert [each.signer for each in verdict.signatures][:3] == ["林检", "陈查", "林检"]


def test_a_refusal_of_the_other_side_is_written_into_its_place(paper, as_, drain):
    sign(as_("lin"), paper)
    sign(as_("chen"), paper)
    qian = as_("qian")
    assert sign(qian, paper, refused="1").status_code == 422, "no reason"
    assert sign(qian, paper, refused="1", reason="有异议").status_code == 422, "no witness"
    told = {"refused": "1", "reason": "对第二项有不同意见", "witness": "乙某"}
    assert sign(qian, paper, **told).status_code == 303
    drain()
    document = row_of(paper)
    row = document.signatures[2]
    assert (row.method, row.reason, row.witness) == (Method.REFUSED, told["reason"], "乙某")
    assert row.strokes is None
    assert document.state is DocumentState.SIGNED
    assert check(workshop().storage.get(document.sha256)).state is State.ORIGINAL
    page = as_("lin").get(f"/documents/{paper}").text
    assert "对第二项有不同意见" in page
    assert "乙某" in page


def test_a_refusal_of_our_own_ends_the_paper(paper, as_, drain):
    told = {"refused": "1", "reason": "数字不对", "witness": "乙某"}
    assert sign(as_("lin"), paper, **told).status_code == 303
    drain()
    document = row_of(paper)
    assert (document.state, document.sha256) == (DocumentState.REFUSED, None)
    page = as_("chen").get(f"/documents/{paper}").text
    assert "有人拒绝签名" in page
    assert "数字不对" in page
    assert as_("chen").get(f"/documents/{paper}/signature").status_code == 404


def test_the_seal_fails_and_is_tried_again_without_asking_anybody_twice(
    paper, as_, drain, monkeypatch
):
    from webapp.core.errors import Invalid
    from webapp.documents import signing

    for who in ("lin", "chen", "qian"):
        sign(as_(who), paper)

    def broken(*_, **__):
        raise Invalid("坏了", code="cannot_sign")

    with monkeypatch.context() as patch:
        patch.setattr(signing, "sign_place", broken)
        drain()
    assert row_of(paper).state is DocumentState.FAILED
    wu = as_("wu")
    token = _token(wu)
    headers = {"Origin": "http://localhost"}
    wu.post(f"/documents/{paper}/attempts", data={"csrf_token": token}, headers=headers)
    drain()
    assert row_of(paper).state is DocumentState.SIGNED


def test_preparing_twice_changes_nothing(paper):
    before = row_of(paper)
    with db.reading() as session:
        from webapp.core.events import Delivery

        query = select(Delivery.id).where(Delivery.reaction == "documents.open_signing")
        for delivery_id in session.scalars(query):
            flow.deliver(delivery_id)
    after = row_of(paper)
    assert (after.prepared_sha256, after.state) == (before.prepared_sha256, before.state)


def test_who_is_printed_beside_a_place_signs_there():
    team = ["林检", "陈查"]
    assert member("陈查（督查员）", team, 0) == 1
    assert member("", team, 1) == 1
    assert member("丙某", team, 5) == 1
