"""Devices are known from what they send, watched over, revoked and restored."""

import json
from uuid import uuid4

import pytest
from sqlalchemy import select

from tests import factories
from tests.inspections.conftest import changes, token_of
from webapp.core.db import db
from webapp.devices.models import Device

KEY = str(uuid4())
PHONE = "Mozilla/5.0 (Linux; Android 12) AppleWebKit/537.36 Chrome/114.0.0.0 Mobile Safari/537.36"
OLD = "2026-01-02T03:04:05Z"


@pytest.fixture
def send(as_):
    """Send a message from a device; returns the answer."""

    def sent(who, *items, key=KEY, **more):
        client = as_(who) if isinstance(who, str) else who
        return client.post(
            "/api/v1/sync",
            data=json.dumps({"device": key, "cursor": 0, "items": items} | more),
            content_type="application/json",
            headers={"X-CSRFToken": token_of(client), "User-Agent": PHONE},
        )

    return sent


def devices():
    with db.reading() as session:
        return session.scalars(select(Device).order_by(Device.id)).unique().all()


def act(client, noun, device_id=None):
    device_id = device_id or devices()[0].id
    token = token_of(client)
    return client.post(f"/devices/{device_id}/{noun}", data={"csrf_token": token})


def test_a_device_is_known_from_its_first_message(send):
    assert send("lin", queue={"waiting": 4, "oldest": OLD}).status_code == 200
    (device,) = devices()
    assert (device.key, device.waiting, device.user.username) == (KEY, 4, "lin")
    assert device.oldest_at.year == 2026
    assert device.synced_at is None


def test_each_person_has_their_own_row_for_a_shared_phone(send):
    for who in ("lin", "chen", "lin"):
        send(who)
    assert [device.user.username for device in devices()] == ["lin", "chen"]


def test_an_old_client_and_a_nameless_one_are_still_taken(send, cast):
    assert send("lin", key="phone-3f9a").status_code == 200
    assert send("lin", key="").status_code == 200
    assert [device.key for device in devices()] == ["phone-3f9a"]


def test_nothing_is_written_twice_a_minute_while_nothing_changes(send):
    seen = set()
    for waiting in (2, 2, 2):
        send("lin", queue={"waiting": waiting})
        seen.add(devices()[0].seen_at)
    assert len(seen) == 1
    send("lin", queue={"waiting": 0, "oldest": OLD})
    assert (devices()[0].waiting, devices()[0].oldest_at) == (0, None)


def test_handing_something_over_is_remembered(send, as_):
    with db.writing() as session:
        inspection_id = factories.open_inspection(session).id
    send("lin", queue={"waiting": 0})
    assert devices()[0].synced_at is None
    send("lin", changes(inspection_id, ("GC-02", "yes")), queue={"waiting": 0})
    assert devices()[0].synced_at == devices()[0].seen_at


@pytest.mark.parametrize(
    "queue", [{"waiting": -1}, {"waiting": "2"}, {"oldest": OLD}, {"waiting": 1, "oldest": "x"}]
)
def test_a_queue_that_is_none_is_refused(send, queue):
    answer = send("lin", queue=queue)
    assert (answer.status_code, answer.get_json()["code"]) == (422, "bad_message")
    assert devices() == []


@pytest.mark.parametrize(
    ("who", "status"),
    [("lin", 403), ("he", 403), ("qian", 403), ("zhou", 200), ("wu", 200), ("sun", 200)],
)
def test_who_sees_all_devices(as_, send, who, status):
    send("lin", queue={"waiting": 3, "oldest": OLD})
    answer = as_(who).get("/devices")
    assert answer.status_code == status
    assert ("逾期未上传" in answer.text) == (who in {"zhou", "wu"})  # another bureau sees none


def test_overdue_devices_come_first_and_revoked_ones_last(as_, send):
    for key, waiting in (("a" * 8, 0), ("b" * 8, 2), ("c" * 8, 0)):
        send("lin", key=key, queue={"waiting": waiting, "oldest": OLD})
    act(as_("wu"), "revocation", devices()[2].id)
    page = as_("zhou").get("/devices").text
    assert page.index("逾期未上传") < page.index("已全部上传") < page.index("已停用")
    assert "停用这台设备" not in page
    assert "停用这台设备" in as_("wu").get("/devices").text


def test_everybody_sees_their_own_devices_alone(as_, send):
    send("lin", queue={"waiting": 3, "oldest": OLD})
    assert "安卓手机 · Chrome 浏览器" in as_("lin").get("/devices/mine").text
    assert "安卓手机" not in as_("chen").get("/devices/mine").text
    assert as_("").get("/devices/mine").status_code == 303


def test_a_revoked_device_is_told_so_and_its_items_are_refused(as_, send):
    send("lin")
    assert act(as_("wu"), "revocation").status_code == 303
    answer = send("lin", {"id": str(uuid4()), "kind": "submission", "body": {"inspection": KEY}})
    assert (answer.status_code, answer.get_json()["code"]) == (403, "device_revoked")
    assert "救援文件" in answer.get_json()["remedy"]
    assert send("chen").status_code == 200  # the phone is shared; only lin's use ends
    assert send("lin", key=str(uuid4())).status_code == 200


def test_revoking_ends_the_owners_sessions(as_, send):
    lin = as_("lin")
    send(lin)
    act(as_("wu"), "revocation")
    assert lin.get("/api/v1/me").status_code == 401


def test_a_phone_that_is_signed_out_learns_of_it(as_, send, cast):
    send("lin")
    address = f"/api/v1/devices/{KEY}"
    assert as_("").get(address).get_json() == {"revoked": []}
    act(as_("wu"), "revocation")
    assert as_("").get(address).get_json() == {"revoked": [cast.users["lin"]]}
    assert as_("").get(f"/api/v1/devices/{uuid4()}").get_json() == {"revoked": []}
    assert as_("").get("/api/v1/devices/x").status_code == 404


def test_a_revocation_can_be_undone(as_, send):
    send("lin")
    wu = as_("wu")
    for noun in ("revocation", "revocation", "restoration", "restoration"):  # twice is harmless
        assert act(wu, noun).status_code == 303
    assert send("lin").status_code == 200
    assert devices()[0].revoked_at is None


@pytest.mark.parametrize(
    ("who", "status"), [("lin", 403), ("zhou", 403), ("sun", 404), ("wu", 303), ("", 303)]
)
def test_who_may_revoke(as_, send, who, status):
    send("lin")
    for noun in ("revocation", "restoration"):
        assert act(as_(who), noun).status_code == status
    assert act(as_("wu"), "revocation", 999).status_code == 404
    assert bool(devices()[0].revoked_at) is False
