"""A program drafts every kind of paper, looks at it, has it issued; it signs nothing."""

import json
import re
from uuid import UUID, uuid4

import pytest

from tests.documents.approval import approve
from tests.documents.drafts import author_of, completed, form_of
from tests.factories import STROKES, submitted
from webapp.core.db import db
from webapp.documents.kinds import KINDS
from webapp.documents.kinds.base import About
from webapp.documents.models import Document, Draft
from webapp.findings.models import Finding

DRAFTED = [name for name, kind in KINDS.items() if kind.form]


def decided():
    """Return an approved inspection whose own two papers nobody waits for."""
    inspection_id = submitted(("GC-01",))
    with db.writing() as session:
        approve(session, inspection_id, ("GC-01",), record=False)
    return inspection_id


def about(kind, cast, inspection_id):
    """Return what a new draft must name."""
    what = form_of(kind).about
    if what is About.UNIT:
        return {"unit": cast.units["城关自然资源所"]}
    if what is About.INSPECTION:
        return {"inspection": str(inspection_id)}
    if what is About.FINDING:
        with db.reading() as session:
            found = session.query(Finding).filter_by(inspection_id=inspection_id).first()
            return {"finding": found.id}
    return {}


def begun(program, kind, cast, inspection_id=None):
    body = {"id": str(uuid4()), "kind": kind, **about(kind, cast, inspection_id)}
    told = program.post("/drafts", body)
    assert (told["id"], told["kind"], told["state"]) == (body["id"], kind, "draft")
    assert program.post("/drafts", body)["id"] == told["id"]
    return told


def written(program, draft):
    """Answer all that is not known; returns the draft as it stands then."""
    asks = form_of(draft["kind"]).asks
    answers = {q.id: completed(q, draft["answers"].get(q.id)) for q in asks}
    told = program.send(
        "PUT", f"/drafts/{draft['id']}", json={"revision": draft["revision"], "answers": answers}
    ).get_json()
    assert told["lacks"] == []
    return told


@pytest.mark.parametrize("kind", DRAFTED)
def test_a_program_drafts_looks_at_and_issues_each_kind(program, cast, drain, kind):
    inspection_id = decided()
    author, zhou = program(author_of(kind)), program("zhou")
    draft = written(author, begun(author, kind, cast, inspection_id))
    path, step = f"/drafts/{draft['id']}", {"revision": draft["revision"]}

    preview = author.post(f"{path}/preview", {})
    assert preview["state"] == "queued"
    author.send("GET", f"/previews/{preview['id']}/file", 409)
    drain()
    preview = author.get(f"/previews/{preview['id']}")
    assert (preview["state"], preview["revision"]) == ("ready", draft["revision"])
    pdf = author.send("GET", preview["file"].removeprefix("/api/v1"))
    assert pdf.data.startswith(b"%PDF")

    issuer = author
    if form_of(kind).is_handed_on:
        assert author.send("POST", f"{path}/issue", 403, json=step).get_json()["code"]
        offered = author.post(f"{path}/offer", step)
        assert offered["state"] == "offered"
        step = {"revision": offered["revision"]}
        (waiting,) = zhou.get("/drafts")["offered"]
        assert waiting["id"] == draft["id"]
        assert set(waiting["may"]) == {"write", "issue", "return"}
        issuer = zhou
    issued = issuer.post(f"{path}/issue", step)
    assert (issued["id"], issued["kind"], issued["state"]) == (draft["id"], kind, "queued")
    assert issuer.post(f"{path}/issue", step)["number"] == issued["number"]
    drain()
    told = issuer.get(f"/documents/{draft['id']}")
    people = [one for one in KINDS[kind].signers if one.role != "seal"]
    assert told["state"] == ("signing" if people else "signed")
    author.get(path, 404)


def test_it_is_told_what_it_may_draft_and_what_is_asked(program, cast):
    told = {one["kind"]: one for one in program("lin").get("/document-kinds")["kinds"]}
    assert set(told) == {kind for kind in DRAFTED if not form_of(kind).by_unit}
    for name, one in told.items():
        form = form_of(name)
        assert one["about"] == form.about.value
        assert [question["id"] for question in one["asks"]] == [q.id for q in form.asks]
    assert "rectify_report" in {k["kind"] for k in program("qian").get("/document-kinds")["kinds"]}
    program("wu").get("/document-kinds", 403)


def test_half_a_draft_is_kept_and_told_what_it_lacks(program, cast):
    lin = program("lin")
    draft = begun(lin, "inspection_notice", cast)
    body = {"revision": draft["revision"], "answers": {"title": "关于督查的通知"}}
    told = lin.send("PUT", f"/drafts/{draft['id']}", json=body).get_json()
    assert told["answers"] == {"title": "关于督查的通知"}
    assert "addressee" in {one["question"] for one in told["lacks"]}
    refused = lin.send(
        "POST", f"/drafts/{draft['id']}/offer", 422, json={"revision": told["revision"]}
    ).get_json()
    assert refused["code"] == "incomplete"
    assert lin.get("/drafts")["own"] == [told]
    again = lin.send("PUT", f"/drafts/{draft['id']}", 409, json=body)
    assert again.get_json()["code"] == "stale"


@pytest.mark.parametrize(
    ("answers", "code", "field"),
    [
        ({"nothing_such": 1}, "no_such_question", "nothing_such"),
        ({"from_on": "2026-02-30"}, None, "from_on"),
        ({"team": [{"row": "a", "other": 1}]}, None, "team"),
        ({"title": "\U0010fffd"}, None, "title"),
    ],
)
def test_what_is_no_answer_is_refused_with_its_place(program, cast, answers, code, field):
    lin = program("lin")
    draft = begun(lin, "inspection_notice", cast)
    body = {"revision": draft["revision"], "answers": answers}
    told = lin.send("PUT", f"/drafts/{draft['id']}", 422, json=body).get_json()
    assert told["field"].startswith(field)
    assert code in (None, told["code"])
    assert lin.get(f"/drafts/{draft['id']}") == draft


def test_a_draft_comes_back_with_a_reason_and_is_taken_back(program, cast):
    lin, zhou = program("lin"), program("zhou")
    draft = written(lin, begun(lin, "inspection_notice", cast))
    path = f"/drafts/{draft['id']}"
    offered = lin.post(f"{path}/offer", {"revision": draft["revision"]})
    assert lin.post(f"{path}/return", {})["state"] == "draft"
    offered = lin.post(f"{path}/offer", {"revision": lin.get(path)["revision"]})
    zhou.send("POST", f"{path}/return", 422, json={})
    assert zhou.post(f"{path}/return", {"remark": "日期不对"})["state"] == "returned"
    zhou.get(path, 404)
    mine = lin.get(path)
    assert (mine["state"], mine["remark"]) == ("returned", "日期不对")
    assert mine["revision"] > offered["revision"]
    assert lin.send("DELETE", path).get_json() == {"own": [], "offered": []}
    lin.get(path, 404)


def test_strangers_and_wrong_roles_find_nothing(program, cast):
    lin = program("lin")
    draft = begun(lin, "inspection_notice", cast)
    path, step = f"/drafts/{draft['id']}", {"revision": draft["revision"]}
    for who, status in (("sun", 404), ("chen", 404), ("zhou", 404), ("wu", 403)):
        other = program(who)
        other.get(path, status)
        other.send("PUT", path, status, json={**step, "answers": {}})
        other.send("DELETE", path, status)
        for act, body in (("offer", step), ("issue", step), ("return", {}), ("preview", {})):
            other.send("POST", f"{path}/{act}", status, json=body)
    body = {"id": str(uuid4()), "kind": "inspection_notice", **about("inspection_notice", cast, "")}
    program("zhou").send("POST", "/drafts", 403, json=body)
    body |= {"unit": cast.units["外局办公室"]}
    lin.send("POST", "/drafts", 404, json=body)
    with db.reading() as session:
        assert session.query(Draft).count() == 1


def test_it_is_told_what_waits_for_its_owner_and_signs_nothing(app, program, cast, drain):
    inspection_id = decided()
    lin = program("lin")
    draft = written(lin, begun(lin, "issue_list", cast, inspection_id))
    lin.post(f"/drafts/{draft['id']}/issue", {"revision": draft["revision"]})
    assert lin.get("/signatures") == {"awaited": []}
    drain()
    (turn,) = lin.get("/signatures")["awaited"]
    assert (turn["document"]["id"], turn["role"], turn["way"]) == (draft["id"], "inspector", "own")
    assert turn["page"].endswith(f"/documents/{draft['id']}/signature")
    assert program("chen").get("/signatures") == {"awaited": []}

    path = f"/documents/{draft['id']}/signature"
    data = {"digest": turn["file_sha256"], "strokes": json.dumps(STROKES), "password": ""}
    answer = lin.client.post(path, data=data, headers=lin.headers)
    assert answer.status_code == 403
    assert "程序不能代人签名" in answer.text
    with db.reading() as session:
        assert session.get_one(Document, UUID(draft["id"])).signatures[0].signed_at is None


def test_no_route_for_programs_signs(description):
    for path, methods in description.document["paths"].items():
        if re.search("signature", path):
            assert set(methods) == {"get"}, path
