"""Rescue files: nothing lost, nothing doubled, nothing taken that is not ours and whole."""

import base64
import hashlib
import json
import subprocess
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from tests.inspections.conftest import changes, photo, token_of
from tests.rescue.phone import MAGIC, Phone, closed
from webapp.core.config import ROOT
from webapp.core.db import db
from webapp.core.events import Event
from webapp.inspections.models import ChangeBatch, Evidence, Inspection
from webapp.rescue.keys import open_key


def state_of(inspection_id):
    with db.reading() as session:
        return session.scalars(select(Inspection.state).where(Inspection.id == inspection_id)).one()


def statuses(answer):
    assert answer.status_code == 200, answer.text
    return [receipt["status"] for receipt in answer.get_json()["receipts"]]


def imports():
    with db.reading() as session:
        return session.scalars(select(Event).where(Event.kind == "rescue.imported")).all()


@pytest.fixture
def held(phone, inspection_id):
    """Lin's phone with a photo, two answers and an inspection opened without a network."""
    lins = phone("lin")
    sha256 = lins.photo(photo())
    lins.change(inspection_id, "GC-01", "no", device_time="2026-03-10T09:00:00+08:00")
    lins.change(inspection_id, "GC-01.photos", [{"sha256": sha256}])
    return lins


def test_a_supervisor_imports_everything_in_the_name_of_its_maker(
    upload, held, inspection_id, cast
):
    page = upload("zhou", held.file())
    assert "全部 3 项都在服务器上" in page.text
    assert state_of(inspection_id)["GC-01"]["by"] == cast.users["lin"]
    (event,) = imports()
    assert (event.by_id, event.data["owner"]) == (cast.users["zhou"], "林检")
    assert "林检" in page.text
    assert "周督" in page.text
    with db.reading() as session:
        assert session.scalars(select(Evidence)).one().by_id == cast.users["lin"]


def test_the_same_file_twice_stores_nothing_twice(bring, held, inspection_id):
    file = held.file()
    assert statuses(bring("zhou", file)) == ["applied"] * 3
    before = state_of(inspection_id)
    assert statuses(bring("zhou", file)) == ["duplicate"] * 3
    assert state_of(inspection_id) == before
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(ChangeBatch)) == 1


def test_what_the_phone_had_sent_is_a_duplicate_even_after_handing_in(
    bring, phone, as_, inspection_id
):
    lins = phone("lin")
    change_id = lins.change(inspection_id, "GC-02", "yes")
    client = as_("lin")
    item = changes(inspection_id, ("GC-02", "yes"))
    item["body"]["changes"][0]["id"] = change_id
    client.post("/api/v1/sync", json={"items": [item]}, headers={"X-CSRFToken": token_of(client)})
    with db.writing() as session:
        session.get_one(Inspection, inspection_id).status = "cancelled"
    assert statuses(bring("zhou", lins.file())) == ["duplicate"]


def test_a_later_file_of_the_same_phone_brings_only_what_is_new(bring, held, inspection_id):
    bring("zhou", held.file())
    held.change(inspection_id, "GC-05", "na")
    assert statuses(bring("zhou", held.file())) == [
        "duplicate",
        "duplicate",
        "duplicate",
        "applied",
    ]


def test_an_inspection_opened_on_the_phone_comes_first(bring, phone, cast):
    lins, inspection_id = phone("lin"), uuid4()
    body = {"checklist": "official-vehicles", "unit": cast.units["城关自然资源所"],
            "inspectors": [cast.users["lin"], cast.users["chen"]]}  # fmt: skip
    lins.item("inspection", inspection_id, body, inspection_id)
    lins.change(inspection_id, "GC-02", "yes")
    lins.item("submission", inspection_id, {"inspection": str(inspection_id)}, uuid4())
    assert statuses(bring("zhou", lins.file())) == ["applied", "applied", "refused"]
    assert state_of(inspection_id)["GC-02"]["v"] == "yes"


def test_what_is_refused_says_why_and_the_rest_is_kept(upload, phone, inspection_id):
    lins = phone("lin")
    lins.change(inspection_id, "GC-01.actual", "many")
    lins.change(inspection_id, "GC-02", "yes")
    lins.photo(b"no picture at all")
    lins.item("nonsense", inspection_id, {"a": 1}, uuid4())
    page = upload("zhou", lins.file()).text
    assert "有 3 项没有接收" in page
    assert "这个文件不是照片" in page
    assert state_of(inspection_id)["GC-02"]["v"] == "yes"


def test_an_answer_that_replaces_what_was_seen_makes_no_conflict(bring, phone, as_, inspection_id):
    client = as_("lin")
    item = changes(inspection_id, ("GC-02", "yes"))
    client.post("/api/v1/sync", json={"items": [item]}, headers={"X-CSRFToken": token_of(client)})
    seen = state_of(inspection_id)["GC-02"]["seq"]
    lins = phone("lin")
    lins.change(inspection_id, "GC-02", "no", seen=seen)
    assert statuses(bring("zhou", lins.file())) == ["applied"]
    lins = phone("lin")
    lins.change(inspection_id, "GC-02", "na", seen=seen)  # somebody has been there since
    assert statuses(bring("zhou", lins.file())) == ["conflict"]


@pytest.mark.parametrize(
    ("who", "status"), [("lin", 200), ("chen", 403), ("he", 403), ("zhou", 200), ("sun", 422)]
)
def test_who_may_bring_whose_file(bring, held, who, status):
    assert bring(who, held.file()).status_code == status


@pytest.mark.parametrize(("who", "status"), [("lin", 403), ("wu", 403), ("zhou", 200), ("", 303)])
def test_who_sees_the_page(as_, who, status):
    assert as_(who).get("/rescue").status_code == status


def test_another_bureau_does_not_see_the_import(as_, upload, held):
    upload("zhou", held.file())
    address = f"/rescue/{imports()[0].id}"
    assert [as_(who).get(address).status_code for who in ("zhou", "sun", "lin")] == [200, 404, 403]
    assert "林检" in as_("zhou").get("/rescue").text
    assert "林检" not in as_("sun").get("/rescue").text


def test_a_revoked_phone_needs_a_supervisor(as_, bring, held):
    client = as_("lin")
    headers = {"X-CSRFToken": token_of(client)}
    client.post("/api/v1/sync", json={"device": held.device}, headers=headers)
    wu = as_("wu")
    wu.post("/devices/1/revocation", data={"csrf_token": token_of(wu)})
    answer = bring("lin", held.file())
    assert (answer.status_code, answer.get_json()["code"]) == (403, "device_revoked")
    assert statuses(bring("zhou", held.file())) == ["applied"] * 3


def broken(held):
    """Yield files that must be refused, by name."""
    file = held.file()
    body = file[:-32]
    yield "nothing", b""
    yield "text", b"hello"
    yield "only the magic", MAGIC
    yield "another format", b"MINGCHA-RESCUE-9\n" + body[len(MAGIC) :]
    yield "truncated", file[:-100]
    yield "truncated and closed again", closed(body[:-100])
    yield "longer", file + b"x"
    yield "longer and closed again", closed(body + b"\0\0\0\1x")
    yield "a flipped bit", file[:3000] + bytes([file[3000] ^ 1]) + file[3001:]
    yield "a flipped bit, closed again", closed(body[:3000] + bytes([body[3000] ^ 1]) + body[3001:])
    yield "fewer told than there are", held.file(records=2)
    yield "more told than there are", held.file(records=4)
    yield "a head that is none", closed(MAGIC + b"\0\0\0\2[]")
    yield "a frame beyond the end", closed(MAGIC + b"\xff\xff\xff\xff{}")
    yield "an escrow that is none", held.file(escrow={"id": "x", "point": "", "iv": "", "data": ""})
    yield "a point off the curve", held.file(escrow=held.escrow() | {"point": "BAAA" * 22})
    words, sealed = held.records[1]
    held.records[1] = (words | {"question": "GC-02"}, sealed)
    yield "a record that stands for another", held.file()


def test_a_file_that_is_not_whole_is_refused_clearly(bring, held, inspection_id):
    for name, file in broken(held):
        answer = bring("zhou", file)
        told = answer.get_json()
        assert answer.status_code == 422, name
        assert told["code"] in {"not_a_rescue_file", "damaged_file", "foreign_file"}, name
        assert told["field"] == "file", name
        assert told["remedy"], name
    assert state_of(inspection_id) == {}
    assert imports() == []


def test_a_refused_file_is_told_on_the_page(upload, held):
    assert "这不是明察的救援文件" in upload("zhou", b"hello").text
    assert "请选择救援文件" in upload("zhou", None).text
    assert "不完整或被改动过" in upload("zhou", held.file()[:-7]).text


def test_a_file_for_another_installation_is_refused(bring, held, tmp_path):
    other = open_key(tmp_path / "key.pem")
    held.told |= {"id": other.id, "key": other.text}
    assert bring("zhou", held.file()).get_json()["code"] == "foreign_file"


def test_nobody_can_write_a_file_in_a_colleagues_name(bring, phone, inspection_id, cast):
    forged = Phone(phone("chen").told | {"user": cast.users["lin"]})
    forged.change(inspection_id, "GC-02", "yes")
    assert bring("zhou", forged.file()).get_json()["code"] == "unproven_file"
    assert state_of(inspection_id) == {}


def test_the_key_is_made_once_and_for_the_operator_alone(tmp_path):
    path = tmp_path / "rescue_key.pem"
    first = open_key(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert open_key(path).id == first.id


def test_only_those_who_fill_in_are_told_the_key(as_):
    told = {who: "data-rescue" in as_(who).get("/devices/mine").text for who in ("lin", "zhou")}
    assert told == {"lin": True, "zhou": False}
    assert "data-rescue" not in as_("").get("/sign-in").text


def test_many_answers_are_one_import(bring, phone, inspection_id):
    lins = phone("lin")
    for number in range(300):
        lins.change(inspection_id, "GC-01.remark", f"第 {number} 次")
    answer = bring("zhou", lins.file())
    assert set(statuses(answer)) == {"applied", "conflict"}
    assert len(json.loads(answer.text)["receipts"]) == 300


def test_what_the_phones_own_script_writes_is_read(bring, phone, inspection_id):
    lins, data = phone("lin"), photo()
    sha256 = hashlib.sha256(data).hexdigest()
    words = {"kind": "change", "user": str(lins.told["user"]), "inspection": str(inspection_id)}
    entries = [
        words | {"id": str(uuid4()), "question": "GC-01.remark", "body": "好👍 𠮷"},
        words | {"id": str(uuid4()), "question": "GC-01.photos", "body": [{"sha256": sha256}]},
    ]
    shot = {"sha256": sha256, "type": "image/jpeg", "bytes": base64.b64encode(data).decode()}
    done = subprocess.run(
        ["node", ROOT / "tests/rescue/phone.js"], check=True, capture_output=True,
        input=json.dumps({"told": lins.told, "entries": entries, "photo": shot}).encode(),
    )  # fmt: skip
    assert statuses(bring("zhou", done.stdout)) == ["applied"] * 3
    assert state_of(inspection_id)["GC-01.remark"]["v"] == "好👍 𠮷"
