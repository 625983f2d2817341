"""The phone's door: exactly once, nothing dropped, every refusal told."""

import hashlib
import os
import time
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, text

from tests import factories
from tests.inspections.conftest import changes, photo, token_of
from webapp import flow
from webapp.checklists import service as publishing
from webapp.core.db import db
from webapp.inspections import queries, service
from webapp.inspections.models import ChangeBatch, Evidence, Inspection, Signature, Submission
from webapp.worker import open_queue


def state_of(inspection_id):
    with db.reading() as session:
        return session.scalars(select(Inspection.state).where(Inspection.id == inspection_id)).one()


def test_a_change_is_stored_and_receipted(sync, inspection_id):
    answer = sync("lin", changes(inspection_id, ("GC-01", "no"), ("GC-01.actual", "５")))
    (result,) = answer["results"]
    assert result["status"] == "applied"
    assert len(result["receipt"]) == 64
    assert state_of(inspection_id)["GC-01.actual"]["v"] == 5


def test_the_same_item_sent_ten_times_is_stored_once(sync, inspection_id, session):
    item = changes(inspection_id, ("GC-01", "no"))
    statuses = [sync("lin", item)["results"][0]["status"] for _ in range(10)]
    assert statuses == ["applied"] + ["duplicate"] * 9
    assert session.scalar(select(func.count()).select_from(ChangeBatch)) == 1


def test_the_same_change_in_another_message_is_stored_once(sync, inspection_id):
    item = changes(inspection_id, ("GC-01", "no"))
    sync("lin", item)
    sync("lin", item | {"id": str(uuid4())})
    assert state_of(inspection_id)["GC-01"].get("also") is None


@pytest.mark.parametrize("in_another_message", [False, True])
def test_an_id_that_was_sent_with_another_answer_is_refused(
    sync, inspection_id, in_another_message
):
    item = changes(inspection_id, ("GC-01", "no"), ("GC-01.actual", 5))
    sync("lin", item)
    item["body"]["changes"][0]["value"] = "yes"
    item["body"]["changes"][1]["value"] = "５"  # the same, as it was typed
    if in_another_message:
        item["id"] = str(uuid4())
    (result,) = sync("lin", item)["results"]
    assert [one["status"] for one in result["changes"]] == ["refused", "duplicate"]
    assert result["changes"][0]["problem"]["code"] == "id_taken"
    state = state_of(inspection_id)
    assert (state["GC-01"]["v"], state["GC-01"].get("also")) == ("no", None)


def test_an_id_twice_in_one_message_with_two_answers_keeps_the_first(sync, inspection_id):
    item = changes(inspection_id, ("GC-01", "no"), ("GC-01", "yes"))
    one, other = item["body"]["changes"]
    other["id"] = one["id"]
    (result,) = sync("lin", item)["results"]
    assert [one["status"] for one in result["changes"]] == ["applied", "refused"]
    assert state_of(inspection_id)["GC-01"]["v"] == "no"


@pytest.mark.parametrize("in_another_message", [False, True])
def test_an_id_that_stands_for_another_question_is_refused(sync, inspection_id, in_another_message):
    item = changes(inspection_id, ("GC-01", "no"), ("GC-02", "no"))
    first, second = item["body"]["changes"]
    second["id"] = first["id"]
    if in_another_message:
        sync("lin", {**item, "body": {**item["body"], "changes": [first]}})
        item |= {"id": str(uuid4()), "body": {**item["body"], "changes": [second]}}
    (result,) = sync("lin", item)["results"]
    told = result.get("changes", [result])[-1]  # refused as a whole when nothing else is in it
    assert (told["status"], told["problem"]["code"]) == ("refused", "id_taken")
    assert state_of(inspection_id).keys() == {"GC-01"}


def test_two_phones_keep_both_values(sync, inspection_id):
    sync("lin", changes(inspection_id, ("GC-02", "yes")))
    answer = sync("chen", changes(inspection_id, ("GC-02", "no"), ("GC-03", "yes")))
    assert answer["results"][0]["status"] == "conflict"
    state = state_of(inspection_id)
    assert {state["GC-02"]["v"], state["GC-02"]["also"][0]["v"]} == {"yes", "no"}
    assert state["GC-03"]["v"] == "yes"


def test_news_bring_what_the_other_inspector_did(sync, inspection_id):
    sync("lin", changes(inspection_id, ("GC-02", "yes")))
    answer = sync("chen")
    (news,) = answer["news"]
    assert news["changes"][0]["q"] == "GC-02"
    assert sync("chen", cursor=answer["cursor"])["news"] == []
    assert sync("sun")["news"] == []


def test_a_phone_opens_the_version_that_it_has_filled_in(sync, cast, session):
    first = factories.CATALOGUE_BY_ID["wedding-funeral"]
    title = first.title.model_copy(update={"en": "Another title"})
    with db.writing() as writing:
        publishing.publish(writing, [first.model_copy(update={"title": title})], at=factories.AT)
    team = [cast.users["lin"], cast.users["chen"]]
    body = {
        "checklist": first.id, "unit": cast.units["城关自然资源所"], "inspectors": team,
    }  # fmt: skip
    items = [
        {"id": str(uuid4()), "kind": "inspection", "body": body | more}
        for more in ({"version": 1}, {}, {"version": 9})
    ]
    results = sync("lin", *items)["results"]
    assert [one["status"] for one in results] == ["applied", "applied", "refused"]
    numbers = [session.get(Inspection, UUID(one["id"])).version.number for one in items[:2]]
    assert numbers == [1, 2]


def test_one_bad_value_refuses_only_itself(sync, inspection_id):
    item = changes(inspection_id, ("GC-01", "maybe"), ("GC-02", "yes"))
    (result,) = sync("lin", item)["results"]
    assert [c["status"] for c in result["changes"]] == ["refused", "applied"]
    assert result["changes"][0]["problem"]["field"] == "GC-01"
    assert state_of(inspection_id)["GC-02"]["v"] == "yes"


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("GC-01.actual", "many"), ("GC-01.actual", [1]), ("GC-01.actual", -1),
        ("GC-01", True), ("GC-01.remark", "x" * 10_001), ("visit.started_at", "2026-13-01T00:00"),
        ("no.such", 1), ("GC-01.remark", "a\x00b"), ("GC-01.photos", [{"sha256": "0" * 64}]),
    ],
)  # fmt: skip
def test_a_wrong_value_is_refused_with_field_and_words(sync, inspection_id, question, value):
    (result,) = sync("lin", changes(inspection_id, (question, value)))["results"]
    assert result["status"] == "refused"
    assert result["problem"]["field"].startswith(question)
    assert result["problem"]["title"]
    assert question not in state_of(inspection_id)


@pytest.mark.parametrize(
    "words",
    ["<script>alert(1)</script>", "{{7*7}}", "=1+1", "好👍", "𠮷野家㐂", "x" * 10_000, '’"\\\r\n'],
)
def test_hostile_text_is_kept_as_it_is_and_shown_escaped(as_, sync, inspection_id, words):
    (result,) = sync("lin", changes(inspection_id, ("GC-01.remark", words)))["results"]
    assert result["status"] == "applied"
    page = as_("lin").get(f"/inspections/{inspection_id}").text
    assert "<script>alert(1)" not in page
    stored = state_of(inspection_id)["GC-01.remark"]["v"]
    assert stored == words.replace("\r\n", "\n").strip()


def test_a_stranger_finds_nothing_and_a_supervisor_cannot_fill(sync, inspection_id):
    (result,) = sync("sun", changes(inspection_id, ("GC-01", "yes")))["results"]
    assert result["problem"]["status"] == 404
    (result,) = sync("zhou", changes(inspection_id, ("GC-01", "yes")))["results"]
    assert result["problem"]["status"] == 403
    assert state_of(inspection_id) == {}


def test_a_foreign_origin_and_a_missing_token_are_refused(as_, inspection_id):
    client = as_("lin")
    body = {"items": [changes(inspection_id, ("GC-01", "yes"))]}
    assert client.post("/api/v1/sync", json=body).status_code == 400
    headers = {"X-CSRFToken": token_of(client), "Origin": "https://elsewhere.example"}
    assert client.post("/api/v1/sync", json=body, headers=headers).status_code == 403
    assert state_of(inspection_id) == {}


@pytest.mark.parametrize("body", ["", "{", "[]", '{"items": [{}]}', '{"items": 1}', "\x00"])
def test_a_broken_message_is_a_problem_not_a_crash(as_, body):
    client = as_("lin")
    answer = client.post(
        "/api/v1/sync", data=body, content_type="application/json",
        headers={"X-CSRFToken": token_of(client)},
    )  # fmt: skip
    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"


def test_nobody_gets_401_with_a_remedy(app, cast):
    answer = app.test_client().post("/api/v1/sync", json={})
    assert answer.status_code == 401
    assert answer.get_json()["remedy"]


# -- the whole journey by messages ------------------------------------------------------------


def journey(cast, session, failed=("GC-01",)):
    """Return the items that open, fill, sign and submit an inspection, and its id."""
    iid = str(uuid4())
    opening = {
        "id": iid,
        "kind": "inspection",
        "body": {
            "checklist": "official-vehicles",
            "unit": cast.units["城关自然资源所"],
            "inspectors": [cast.users["lin"], cast.users["chen"]],
        },
    }
    answers = factories.full_answers(factories.CATALOGUE_BY_ID["official-vehicles"], failed)
    return iid, [opening, changes(iid, *answers.items())]


def signatures(cast, iid, digest):
    team = [("inspector", cast.users["lin"], "林检"), ("inspector", cast.users["chen"], "陈查")]
    return [
        {
            "id": str(uuid4()),
            "kind": "signature",
            "body": {
                "inspection": iid, "role": role, "signer": signer, "name": name,
                "method": "drawn", "strokes": factories.STROKES, "digest": digest,
            },
        }
        for role, signer, name in [*team, ("unit", None, "钱所")]
    ]  # fmt: skip


def test_a_program_opens_fills_signs_and_submits(as_, sync, cast, session):
    iid, items = journey(cast, session)
    answer = sync("lin", *items)
    assert [r["status"] for r in answer["results"]] == ["applied", "applied"], answer
    shown = as_("lin").get(f"/api/v1/inspections/{iid}").get_json()
    assert shown["missing"] == []
    submission = {"id": str(uuid4()), "kind": "submission", "body": {"inspection": iid}}
    signed = signatures(cast, iid, shown["digest"])
    answer = sync("lin", *signed, submission)
    assert [r["status"] for r in answer["results"]] == ["applied"] * 4, answer
    again = sync("lin", *items, *signed, submission)
    assert [r["status"] for r in again["results"]] == ["duplicate"] * 6, again
    assert session.scalar(select(func.count()).select_from(Submission)) == 1
    assert session.scalar(select(func.count()).select_from(Signature)) == 3
    (locked,) = sync("lin", changes(iid, ("GC-02", "no")))["results"]
    assert locked["problem"]["code"] == "locked"


def test_an_unfinished_inspection_is_not_handed_in(sync, inspection_id):
    submission = {
        "id": str(uuid4()), "kind": "submission", "body": {"inspection": str(inspection_id)}
    }  # fmt: skip
    (result,) = sync("lin", submission)["results"]
    assert result["problem"]["code"] == "incomplete"
    assert result["problem"]["params"]["missing"] > 40


def test_a_signature_binds_to_what_was_shown(sync, cast, inspection_id):
    items = signatures(cast, str(inspection_id), "0" * 64)
    (result,) = sync("lin", items[0])["results"]
    assert result["problem"]["code"] == "shown_changed"


def test_a_later_change_voids_a_signature_visibly(as_, sync, cast, inspection_id):
    with db.writing() as session:
        lin = session.merge(factories.user(session, "lin"))
        inspection = queries.own_inspection(session, lin, inspection_id)
        factories.sign_all(session, inspection)
        assert len(service.valid_signatures(inspection)) == 3
    sync("lin", changes(inspection_id, ("GC-01", "yes")))
    page = as_("lin").get(f"/inspections/{inspection_id}/signatures").text
    assert "已失效" in page


def test_the_own_unit_is_refused(sync, cast, session):
    _, (opening, _) = journey(cast, session)
    opening["body"]["unit"] = cast.units["办公室"]
    (result,) = sync("lin", opening)["results"]
    assert result["problem"]["code"] == "recusal"
    assert result["problem"]["remedy"]


# -- photos -----------------------------------------------------------------------------------


def put(client, data, sha256=None, **headers):
    sha256 = sha256 or hashlib.sha256(data).hexdigest()
    return client.put(
        f"/api/v1/blobs/{sha256}", data=data, headers={"X-CSRFToken": token_of(client), **headers}
    )


def test_a_photo_is_sealed_and_its_derivative_shown(as_, app, sync, inspection_id, session):
    client, data = as_("lin"), photo(size=(2400, 1800))
    sha256 = hashlib.sha256(data).hexdigest()
    assert put(client, data).status_code == 201
    assert put(client, data).get_json()["status"] == "duplicate"
    item = changes(inspection_id, ("GC-01.photos", [{"sha256": sha256, "taken_at": None}]))
    assert sync(client, item)["results"][0]["status"] == "applied"
    evidence = session.scalars(select(Evidence)).one()
    assert app.extensions["storage"].get(sha256) == data
    shown = client.get(f"/evidence/{sha256}")
    assert shown.mimetype == "image/jpeg"
    assert hashlib.sha256(shown.data).hexdigest() == evidence.derivative_sha256
    assert as_("sun").get(f"/evidence/{sha256}").status_code == 404


def test_a_photo_arrives_in_pieces(as_):
    client, data = as_("lin"), photo("navy", size=(1200, 900))
    half = len(data) // 2
    sha256, total = hashlib.sha256(data).hexdigest(), len(data)
    first = put(client, data[:half], sha256, **{"Content-Range": f"bytes 0-{half - 1}/{total}"})
    assert (first.status_code, first.get_json()["offset"]) == (202, half)
    assert client.get(f"/api/v1/blobs/{sha256}").get_json()["offset"] == half
    hole = put(
        client, data[-9:], sha256, **{"Content-Range": f"bytes {total - 9}-{total - 1}/{total}"}
    )
    assert (hole.status_code, hole.get_json()["params"]["offset"]) == (409, half)
    rest = put(
        client, data[half:], sha256, **{"Content-Range": f"bytes {half}-{total - 1}/{total}"}
    )
    assert rest.status_code == 201


def test_pieces_of_a_phone_that_never_came_back_are_removed(as_, app):
    settings = app.extensions["settings"]
    sent = {}
    for age_days, color in ((16, "navy"), (14, "teal")):
        data = photo(color)
        sent[age_days] = hashlib.sha256(data).hexdigest()
        span = {"Content-Range": f"bytes 0-99/{len(data)}"}
        assert put(as_("lin"), data[:100], sent[age_days], **span).status_code == 202
        (path,) = (settings.data_dir / "uploads").glob(f"*{sent[age_days]}*")
        then = time.time() - age_days * 86400
        os.utime(path, (then, then))
    assert flow.tidy(settings.data_dir) == 1
    offsets = {
        age: as_("lin").get(f"/api/v1/blobs/{sent[age]}").get_json()["offset"] for age in sent
    }
    assert offsets == {16: 0, 14: 100}


def test_the_worker_tidies_every_day(app):
    huey = open_queue(app.extensions["settings"])
    (task,) = (one for one in huey._registry.periodic_tasks if one.name == "tidy")
    due = [
        hour
        for hour in range(24)
        if task.validate_datetime(datetime(2026, 3, 10, hour, 40, tzinfo=UTC))
    ]
    assert len(due) == 1


def test_heic_png_and_webp_are_taken(as_):
    import pillow_heif

    pillow_heif.register_heif_opener()
    client = as_("lin")
    for kind in ("HEIF", "PNG", "WEBP"):
        assert put(client, photo("olive", kind=kind)).status_code == 201


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "not_a_picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "not_a_picture"),
        (b"%PDF-1.7 nothing", "not_a_picture"),
        (photo()[:200], "damaged"),
        (photo(kind="GIF"), "not_a_picture"),
    ],
)
def test_what_is_no_photo_is_refused_with_a_remedy(as_, data, code):
    answer = put(as_("lin"), data)
    assert answer.status_code == 422
    assert answer.get_json()["code"] == code
    assert answer.get_json()["remedy"]


def test_a_photo_with_a_wrong_hash_is_refused(as_, session):
    answer = put(as_("lin"), photo(), "a" * 64)
    assert answer.get_json()["code"] == "wrong_hash"
    assert session.scalar(select(func.count()).select_from(Evidence)) == 0


def test_a_photo_of_50_mb_is_refused_with_its_size(as_):
    answer = put(as_("lin"), photo() + b"\0" * (50 * 1024 * 1024))
    assert answer.status_code == 413
    assert "50" in answer.get_json()["title"]


def test_a_bomb_of_pixels_is_refused(as_):
    answer = put(as_("lin"), photo(size=(12_000, 12_000), kind="PNG"))
    assert answer.get_json()["code"] in {"too_many_pixels", "too_costly"}


def test_published_versions_are_kept_as_they_are(session):
    count = session.execute(text("SELECT count(*) FROM checklist_version")).scalar()
    assert count == 4
