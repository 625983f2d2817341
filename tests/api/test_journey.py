"""A program walks the whole way by what the description says, and nothing else."""

import hashlib
import json
import re
from io import BytesIO
from uuid import uuid4

from tests import factories
from tests.api.test_description import PROSE
from tests.inspections.conftest import photo
from webapp.checklists.queries import latest_versions
from webapp.core.db import db
from webapp.documents.public import check

AGAIN = "缺派车单，请补拍"


def item(kind, id_=None, **body):
    return {"id": str(id_ or uuid4()), "kind": kind, "body": body}


def change(question, value, base=None):
    return {"id": str(uuid4()), "question": question, "value": value, "base": base}


def statuses(answer):
    return [(one["status"], one.get("problem")) for one in answer["results"]]


def opened(lin):
    """Open an inspection of the first station by all inspectors; returns its id."""
    me, (checklist, *_) = lin.get("/me"), lin.get("/checklists")["checklists"]
    own = {one["unit"] for one in me["inspectors"]}
    unit = next(unit for unit in me["units"] if unit["id"] not in own)
    iid = str(uuid4())
    opening = item(
        "inspection", iid, checklist=checklist["id"], unit=unit["id"],
        inspectors=[one["id"] for one in me["inspectors"]],
    )  # fmt: skip
    assert statuses(lin.sync(opening)) == [("applied", None)]
    return iid, checklist


def filled(lin, iid, checklist):
    """Send a photo in two pieces and answers to everything that is asked."""
    data = photo("teal", (800, 600))
    sha256, half, total = hashlib.sha256(data).hexdigest(), len(data) // 2, len(data)
    for start, end, status in ((0, half, 202), (half, total, 201)):
        told = {"Content-Range": f"bytes {start}-{end - 1}/{total}", "Content-Type": "image/jpeg"}
        lin.send("PUT", f"/blobs/{sha256}", status, told, data=data[start:end])
    assert lin.get(f"/blobs/{sha256}")["status"] == "duplicate"
    first = checklist["content"]["sections"][1]["items"][0]["id"]
    answers = factories.full_answers(factories.CATALOGUE_BY_ID[checklist["id"]], (first,))
    answers |= {f"{first}.photos": [{"sha256": sha256, "taken_at": "2026-03-10T02:00:00Z"}]}
    sent = item("changes", inspection=iid, changes=[change(q, v) for q, v in answers.items()])
    assert statuses(lin.sync(sent)) == [("applied", None)]
    assert statuses(lin.sync(sent)) == [("duplicate", None)]
    return first


def signed_and_submitted(lin, iid):
    """Sign for everybody who has yet to sign, by what the inspection says, and hand in."""
    shown = lin.get(f"/inspections/{iid}")
    assert (shown["missing"], shown["conflicts"]) == ([], [])
    names = {one["id"]: one["name"] for one in shown["inspectors"]} | {None: "钱所"}
    items = [
        item(
            "signature", inspection=iid, role=role, signer=person, name=names[person],
            method="drawn", strokes=factories.STROKES, digest=shown["digest"],
        )
        for role, person in shown["unsigned"]
    ]  # fmt: skip
    answer = lin.sync(*items, item("submission", inspection=iid))
    assert {status for status, _ in statuses(answer)} == {"applied"}, answer
    assert answer["results"][-1]["receipt"] == shown["digest"]


def returned(zhou, iid, first):
    (row,) = zhou.get("/reviews?state=submitted")["inspections"]
    assert row["id"] == iid
    review = zhou.get(f"/inspections/{iid}/review")
    assert first in {finding["item"] for finding in review["findings"]}
    body = {
        "submission": row["submission"], "decision": "return",
        "comments": [{"item": first, "text": AGAIN}],
    }  # fmt: skip
    assert zhou.post(f"/inspections/{iid}/review", body)["status"] == "returned"


def mended(lin, iid, first):
    """Read why it came back, answer again, hand in again."""
    (mine,) = lin.get("/inspections")["inspections"]
    assert mine["status"] == "returned"
    shown = lin.get(f"/inspections/{iid}")
    newest = shown["submissions"][-1]["number"]
    round_ = lin.get(f"/inspections/{iid}/submissions/{newest}")
    assert [(c["item"], c["text"]) for c in round_["comments"]] == [(first, AGAIN)]
    question = f"{first}.remark"
    sent = change(question, "已补拍", shown["state"].get(question, {}).get("id"))
    assert statuses(lin.sync(item("changes", inspection=iid, changes=[sent])))[0][0] == "applied"
    signed_and_submitted(lin, iid)


def approved(zhou, iid):
    review = zhou.get(f"/inspections/{iid}/review")
    verdicts = {"item": "confirm", "rule": "dismiss"}
    said = [{"item": f["item"], "decision": verdicts[f["source"]]} for f in review["findings"]]
    body = {"submission": review["submission"], "decision": "approve", "findings": said}
    told = zhou.post(f"/inspections/{iid}/review", body)
    assert told["review"]["decision"] == "approved"
    assert zhou.get("/reviews?state=approved")["inspections"][0]["id"] == iid


def test_the_whole_journey(app, program, drain, cast):
    lin, zhou = program("lin"), program("zhou")
    iid, checklist = opened(lin)
    first = filled(lin, iid, checklist)
    signed_and_submitted(lin, iid)
    drain()
    returned(zhou, iid, first)
    mended(lin, iid, first)
    drain()
    approved(zhou, iid)
    lin.get(f"/inspections/{iid}/documents")
    drain()

    documents = lin.get(f"/inspections/{iid}/documents")["documents"]
    assert {(d["kind"], d["state"]) for d in documents} == {
        ("site_record", "signed"), ("feedback", "signed"),
    }  # fmt: skip
    for told in documents:
        assert lin.get(f"/documents/{told['id']}") == told
        answer = lin.send("GET", f"/documents/{told['id']}/file")
        assert answer.data.startswith(b"%PDF")
        assert hashlib.sha256(answer.data).hexdigest() == told["sha256"]
        assert answer.headers["ETag"] == f'"{told["sha256"]}"'
        with app.test_request_context():
            assert check(answer.data).genuine
            assert not check(answer.data[:-200] + b" " * 200).genuine
            db.session.remove()
    uploaded_says_original(app, answer.data)


def uploaded_says_original(app, pdf):
    """Ask as anybody may, by the public page."""
    client = app.test_client()
    page = client.get("/verify").text
    csrf = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', page)[1]
    form = {"csrf_token": csrf, "file": (BytesIO(pdf), "paper.pdf")}
    answer = client.post("/verify", data=form)
    assert answer.status_code == 200
    assert "原件" in answer.text


def test_the_news_bring_what_the_other_phone_did(program, cast):
    lin, chen = program("lin"), program("chen")
    iid, _ = opened(lin)
    lin.sync(item("changes", inspection=iid, changes=[change("GC-02", "yes")]))
    answer = chen.sync()
    assert [one["q"] for news in answer["news"] for one in news["changes"]] == ["GC-02"]
    assert chen.sync(cursor=answer["cursor"])["news"] == []


def test_a_conflict_is_kept_shown_and_settled(program, cast):
    lin, chen = program("lin"), program("chen")
    iid, _ = opened(lin)
    lin.sync(item("changes", inspection=iid, changes=[change("GC-02", "yes")]))
    answer = chen.sync(item("changes", inspection=iid, changes=[change("GC-02", "no")]))
    assert statuses(answer) == [("conflict", None)]
    shown = lin.get(f"/inspections/{iid}")
    assert shown["conflicts"] == ["GC-02"]
    entry = shown["state"]["GC-02"]
    decided = change("GC-02", "no", entry["id"]) | {"settles": [o["id"] for o in entry["also"]]}
    lin.sync(item("changes", inspection=iid, changes=[decided]))
    assert lin.get(f"/inspections/{iid}")["conflicts"] == []


def test_an_answer_that_is_cleared_is_told_as_null(program, cast):
    lin = program("lin")
    iid, _ = opened(lin)
    first = change("GC-02", "yes")
    lin.sync(item("changes", inspection=iid, changes=[first, change("GC-02", None, first["id"])]))
    assert lin.get(f"/inspections/{iid}")["state"]["GC-02"]["v"] is None


def test_checklists_are_told_as_they_were_published(program, session):
    told = {one["id"]: one for one in program("lin").get("/checklists")["checklists"]}
    for version in latest_versions(session):
        assert told[version.checklist_id]["content"] == version.content


def test_the_examples_of_the_protocol_are_taken(program, cast):
    items = [
        json.loads(text) for _, name, text in PROSE if name in {"InspectionItem", "ChangesItem"}
    ]
    assert (cast.units["城关自然资源所"], cast.users["lin"], cast.users["chen"]) == (3, 1, 2)
    answer = program("lin").sync(*items)
    assert statuses(answer) == [("applied", None)] * len(items)
