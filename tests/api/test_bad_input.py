"""Everything that can be wrong with a request is told: status, code, place, in both languages."""

import gzip
import json
import re
from hashlib import sha256
from uuid import uuid4

import pytest
from flask_babel import force_locale, gettext
from sqlalchemy import func, select

from tests import factories
from tests.api.conftest import API
from tests.inspections.conftest import changes, photo
from webapp.accounts import queries
from webapp.accounts import service as accounts
from webapp.accounts.models import User
from webapp.core.clock import now
from webapp.core.db import db
from webapp.core.language import FOLDER
from webapp.core.sandbox import Failed
from webapp.inspections import evidence
from webapp.inspections.models import ChangeBatch, Inspection

CHINESE = re.compile(r"[\u4e00-\u9fff]")
JSON = "application/json"
A = "0190a3c0-1111-7abc-8def-0123456789ab"  # the same in each process, for it names tests
GC = {"checklist": "official-vehicles", "unit": 3, "inspectors": []}


@pytest.fixture
def inspection_id(cast):
    """Open an inspection by lin and chen."""
    with db.writing() as session:
        return factories.open_inspection(session).id


def is_problem(answer, status, code=None, field=None):
    """Check that an answer is a whole problem."""
    assert answer.status_code == status, answer.text
    assert answer.mimetype == "application/problem+json"
    told = answer.get_json()
    assert (told["type"], told["status"]) == ("about:blank", status)
    assert re.fullmatch(r"[a-z0-9_]+", told["code"])
    assert told["title"]
    assert code in {None, told["code"]}, told
    assert field in {None, told.get("field")}, told
    return told


# -- who asks -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "header",
    [
        "Bearer mc_forged", "Bearer ", "Bearer", "Bearer x y", "Basic bGluOmxpbg==", "mc_forged",
        "Bearer " + "a" * 5000, "Bearer mc_\xe9\xff", "",
    ],
)  # fmt: skip
def test_whoever_has_no_living_token_is_nobody(app, cast, description, header):
    answer = app.test_client().get(f"{API}/me", headers={"Authorization": header})
    is_problem(answer, 401)
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    description.check("GET", f"{API}/me", answer)


def test_a_revoked_token_is_told_so(app, token, program, cast):
    lin = program("lin")
    lin.get("/me")
    with db.writing() as session:
        user = session.scalars(select(User).filter_by(username="lin")).one()
        accounts.revoke_tokens(session, queries.tokens_of(session, user), by_id=None, at=now())
    is_problem(lin.send("GET", "/me", 401), 401, "token")


def test_a_token_ends_with_its_owners_account(program, cast):
    lin = program("lin")
    with db.writing() as session:
        user = session.scalars(select(User).filter_by(username="lin")).one()
        accounts.set_active(session, user, False, by_id=cast.users["wu"], at=now())
    is_problem(lin.send("GET", "/me", 401), 401, "token")


def test_a_dead_token_does_not_borrow_the_session_beside_it(as_):
    answer = as_("lin").get(f"{API}/me", headers={"Authorization": "Bearer mc_forged"})
    is_problem(answer, 401, "token")


def test_a_scheme_is_read_in_any_case(app, token):
    answer = app.test_client().get(f"{API}/me", headers={"Authorization": f"bearer {token('lin')}"})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("who", "path"),
    [("zhou", "/inspections"), ("lin", "/reviews"), ("wu", "/checklists"),
     ("he", "/blobs/" + "a" * 64)],
)  # fmt: skip
def test_a_role_reaches_as_far_as_its_permissions(program, who, path):
    is_problem(program(who).send("GET", path, 403), 403, "forbidden")


def test_a_stranger_finds_nothing(program, inspection_id):
    for path in ("", "/documents", "/submissions/1"):
        is_problem(program("sun").send("GET", f"/inspections/{inspection_id}{path}", 404), 404)


# -- where ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/nothing", "/api/v1/", "/api/v2/me", "/api/", "/api/v1/inspections/1",
        f"/api/v1/inspections/{A}/submissions/{10**30}", "/api/v1/blobs/XYZ",
        f"/api/v1/inspections/{A}/submissions/-1", "/api/v1/documents/x/file",
    ],
)  # fmt: skip
@pytest.mark.parametrize("who", ["", "lin"])
def test_an_unknown_address_is_a_problem(as_, who, path):
    is_problem(as_(who).get(path), 401 if not who and path.endswith("XYZ") else 404, None)


@pytest.mark.parametrize("path", ["/me", "/sync", "/checklists", "/openapi.json"])
def test_a_wrong_method_names_the_right_ones(as_, path):
    answer = as_("lin").delete(API + path)
    is_problem(answer, 405, "method_not_allowed")
    assert "OPTIONS" in answer.headers["Allow"]


def test_head_and_options_are_sane(program):
    lin = program("lin")
    got = lin.send("GET", "/me")
    head = lin.client.head(f"{API}/me", headers=lin.headers)
    assert (head.status_code, head.data, head.mimetype) == (200, b"", got.mimetype)
    options = lin.client.options(f"{API}/sync")
    assert (options.status_code, options.data) == (200, b"")
    assert set(options.headers["Allow"].split(", ")) == {"OPTIONS", "POST"}
    assert "Access-Control-Allow-Origin" not in options.headers


# -- what -----------------------------------------------------------------------------------------


def post(program, data, content_type=JSON, status=422, **headers):
    headers = {"Content-Type": content_type} | headers
    return program("lin").send("POST", "/sync", status, headers, data=data)


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "", "application/xml", "application/x-www-form-urlencoded", "text/json",
     "multipart/form-data; boundary=x", "application/json; charset=utf-16", "application/cbor"],
)  # fmt: skip
def test_only_plain_json_is_read(program, content_type):
    answer = post(program, b'{"items": []}', content_type, 415)
    assert is_problem(answer, 415, "unsupported")["remedy"]


def test_a_compressed_body_is_refused(program):
    body = gzip.compress(b'{"items": []}')
    is_problem(post(program, body, status=415, **{"Content-Encoding": "gzip"}), 415, "unsupported")
    is_problem(post(program, body), 422, "bad_message")
    blob = program("lin").send(
        "PUT", "/blobs/" + "a" * 64, 415, {"Content-Encoding": "gzip"}, data=gzip.compress(photo())
    )
    is_problem(blob, 415, "unsupported")


@pytest.mark.parametrize(
    "data",
    [
        b"", b"{", b"[]", b"null", b"1", b'"x"', b"\x00", b"{'items': []}", b'{"items": [],}',
        b'{"items": []} {}', b"\xef\xbb\xbf{}", '{"items": []}'.encode("utf-16"),
        '{"items": []}'.encode("utf-16-le"), '{"items": []}'.encode("utf-32"),
        b'{"device": "\xff\xfe"}', b'{"device": "\xed\xa0\x80"}', b'{"device": "\\ud800"}',
        b'{"device": "\xc0\x80"}', b'{"dev\\u0000ice": 1}', '{"device": "好"}'.encode("gb18030"),
        b"[" * 100_000, b'{"items": ' + b"[" * 5000 + b"]" * 5000 + b"}",
    ],
)  # fmt: skip
def test_what_is_no_json_of_ours_is_refused(program, data):
    is_problem(post(program, data), 422, "bad_message")


def nested(depth):
    return json.loads("[" * depth + "]" * depth)


def in_item(**body):
    item = {"id": str(uuid4()), "kind": "changes", "body": body}
    return json.dumps({"items": [item]})


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ('{"item": []}', "item"),
        ('{"items": 1}', "items"),
        ('{"items": [1]}', "items.0"),
        ('{"items": [{"id": "x", "kind": "changes", "body": {}}]}', "items.0.id"),
        (f'{{"items": [{{"id": "{A}", "kind": "party", "body": {{}}}}]}}', "items.0.kind"),
        (f'{{"items": [{{"id": "{A}", "kind": "changes"}}]}}', "items.0.body"),
        (f'{{"items": [{{"id": "{A}", "kind": "changes", "body": [], "x": 1}}]}}', "items.0.body"),
        ('{"cursor": "1"}', "cursor"),
        ('{"cursor": true}', "cursor"),
        ('{"cursor": 1.5}', "cursor"),
        ('{"cursor": -1}', "cursor"),
        ('{"cursor": 9007199254740992}', "cursor"),
        ('{"cursor": 1e999}', "cursor"),
        (f'{{"cursor": {"9" * 40}}}', "cursor"),
        (f'{{"cursor": {"9" * 5000}}}', None),
        ('{"cursor": NaN}', None),
        ('{"cursor": Infinity}', None),
        (f'{{"device": "{"x" * 201}"}}', "device"),
        ('{"device": "a\\u0000b"}', "device"),
        ('{"device": null}', "device"),
        ('{"device": "a", "device": "b"}', "device"),
        (f'{{"{"x" * 5000}": 1}}', "x" * 200),
    ],
)  # fmt: skip
def test_a_wrong_message_names_the_place(program, data, field):
    told = is_problem(post(program, data), 422, "bad_message", field)
    assert len(told["title"]) < 300


@pytest.mark.parametrize(
    "value",
    ["NaN", "-Infinity", "9" * 5000, '{"a": 1, "a": 2}', '["\\udfff"]', "[" * 300 + "]" * 300],
)  # fmt: skip
def test_a_value_that_two_readers_could_read_differently_is_refused(
    program, session, inspection_id, value
):
    body = changes(inspection_id, ("GC-02", "yes"), ("GC-01.remark", "here"))
    text = json.dumps({"items": [body]}).replace('"here"', value)
    is_problem(post(program, text), 422, "bad_message")
    assert session.scalar(select(func.count()).select_from(ChangeBatch)) == 0


@pytest.mark.parametrize(
    "value",
    [1e308, 10**29, nested(150), {"a": nested(100)}, True, [None], {"": ""}, "\x00", "\ufffe", 1.0],
)  # fmt: skip
@pytest.mark.parametrize(
    "question", ["GC-01", "GC-01.actual", "GC-01.remark", "GC-01.photos", "visit.place"]
)
def test_a_strange_value_refuses_itself_alone(program, inspection_id, question, value):
    lin = program("lin")
    answer = lin.sync(changes(inspection_id, (question, value), ("GC-02", "yes")))
    (result,) = answer["results"]
    assert [c["status"] for c in result["changes"]] == ["refused", "applied"]
    assert result["changes"][0]["problem"]["field"] == question
    lin.get(f"/inspections/{inspection_id}")


def test_200_items_are_taken_and_201_refused(program, inspection_id):
    lin = program("lin")
    items = [changes(inspection_id) for _ in range(201)]
    assert len(lin.sync(*items[:200])["results"]) == 200
    answer = lin.post("/sync", {"items": items}, 422)
    assert answer["field"] == "items"


def test_a_message_of_9_mib_is_refused_before_it_is_read(program):
    data = b'{"device": "' + b"x" * (9 * 1024 * 1024) + b'"}'
    is_problem(post(program, data, status=413), 413, "too_large")


@pytest.mark.parametrize(
    ("kind", "body", "field"),
    [
        ("inspection", {"unit": 3}, "checklist"),
        ("inspection", GC | {"unit": "3"}, "unit"),
        ("inspection", GC | {"checklist": "x" * 201}, "checklist"),
        ("inspection", GC | {"checklist": "a\x00"}, "checklist"),
        ("inspection", GC | {"unit": 2**53}, "unit"),
        ("inspection", GC | {"unit": 999}, "unit"),
        ("inspection", GC | {"inspectors": [1] * 21}, "inspectors"),
        ("inspection", GC | {"inspectors": [1, 999]}, "inspectors"),
        ("inspection", GC | {"inspectors": [1]}, "inspectors"),
        ("inspection", GC | {"planned_on": "2026-02-30"}, "planned_on"),
        ("changes", {"inspection": "x", "changes": []}, "inspection"),
        ("changes", {"inspection": A, "changes": [{}]}, "changes.0.id"),
        ("changes", {"inspection": A, "changes": [], "extra": 1}, "extra"),
        ("signature", {"inspection": A, "role": "king"}, "role"),
        ("submission", {}, "inspection"),
    ],
)  # fmt: skip
def test_a_wrong_body_refuses_its_item_and_names_the_place(
    program, inspection_id, kind, body, field
):
    good = changes(inspection_id, ("GC-02", "yes"))
    answer = program("lin").sync({"id": str(uuid4()), "kind": kind, "body": body}, good)
    assert [one["status"] for one in answer["results"]] == ["refused", "applied"]
    assert answer["results"][0]["problem"]["field"] == field


@pytest.mark.parametrize(
    "strokes",
    [
        {"path": "M0 0<script>", "width": 300, "height": 100},
        {"path": "M" + "0 " * 110_000, "width": 300, "height": 100},
        {"path": "M0 0", "width": 0, "height": 100}, {"path": "M0 0", "width": 1e9, "height": 100},
        {"path": "M0 0", "width": "300", "height": 100}, {"path": "M0 0"}, "M0 0", [],
    ],
)  # fmt: skip
def test_strokes_are_a_path_in_a_box(program, inspection_id, strokes):
    body = {
        "inspection": str(inspection_id), "role": "unit", "name": "钱所", "method": "drawn",
        "strokes": strokes, "digest": "0" * 64,
    }  # fmt: skip
    (result,) = program("lin").sync({"id": str(uuid4()), "kind": "signature", "body": body})[
        "results"
    ]
    assert result["problem"]["field"].startswith("strokes")


@pytest.mark.parametrize("name", ["name", "position", "reason", "witness"])
def test_what_is_signed_has_no_control_characters(program, inspection_id, name):
    body = {
        "inspection": str(inspection_id), "role": "unit", "name": "钱所", "method": "refused",
        "reason": "不认可", "witness": "王某", "digest": "0" * 64, name: "a\x00b",
    }  # fmt: skip
    (result,) = program("lin").sync({"id": str(uuid4()), "kind": "signature", "body": body})[
        "results"
    ]
    assert result["problem"]["field"] == name


@pytest.mark.parametrize(
    "told",
    ["bytes 0-9/5", "bytes 5-4/10", "bytes=0-9", "bytes 0-9/*", "bytes a-b/c", "bytes 0-8/20",
     "bytes " + "9" * 13 + "-1/1", "0-9/10", "bytes 0-9/10, bytes 10-19/20"],
)  # fmt: skip
def test_a_range_that_does_not_fit_is_refused(program, told):
    headers = {"Content-Range": told, "Content-Type": "image/jpeg"}
    answer = program("lin").send("PUT", "/blobs/" + "a" * 64, 422, headers, data=b"0123456789")
    is_problem(answer, 422, "bad_range", "Content-Range")


def test_a_photo_that_came_while_all_were_busy_goes_on_with_its_last_piece(program, monkeypatch):
    lin, data = program("lin"), photo("navy")
    path, half, total = f"/blobs/{sha256(data).hexdigest()}", len(data) // 2, len(data)
    first, last = f"bytes 0-{half - 1}/{total}", f"bytes {half}-{total - 1}/{total}"
    lin.send("PUT", path, 202, {"Content-Range": first}, data=data[:half])
    with monkeypatch.context() as at_once:
        at_once.setattr(evidence.sandbox, "run", busy)
        lin.send("PUT", path, 429, {"Content-Range": last}, data=data[half:])
    lin.send("PUT", path, 201, {"Content-Range": last}, data=data[half:])


def busy(*_):
    raise Failed("busy")


@pytest.mark.parametrize(
    ("query", "field"),
    [("state=draft", "state"), ("after=x", "after"), ("after=", "after"), ("state=", "state"),
     ("after=" + "9" * 400 + "-" + "0" * 32, "after"), ("after=1-zz", "after")],
)  # fmt: skip
def test_a_wrong_page_of_the_queue_is_refused(program, query, field):
    is_problem(program("zhou").send("GET", f"/reviews?{query}", 422), 422, None, field)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "submission"), ({"submission": "x", "decision": "approve"}, "submission"),
        ({"submission": A, "decision": "maybe"}, "decision"),
        ({"submission": A, "decision": "return", "opinion": "x" * 5000}, "opinion"),
        ({"submission": A, "decision": "return", "opinion": "x"}, "submission"),
    ],
)  # fmt: skip
def test_a_wrong_decision_names_the_place(program, cast, body, field):
    told = program("zhou").post(f"/inspections/{factories.submitted()}/review", body, 422)
    assert told["field"] == field


# -- sent again -----------------------------------------------------------------------------------


def test_a_refused_change_is_refused_again_when_its_answer_was_lost(program, inspection_id):
    lin = program("lin")
    item = changes(inspection_id, ("GC-01", "maybe"), ("GC-02", "yes"))
    lin.sync(item)
    (again,) = lin.sync(item)["results"]
    assert [c["status"] for c in again["changes"]] == ["refused", "duplicate"]


def test_an_id_of_something_else_is_refused(program, session, inspection_id):
    lin = program("lin")
    item = changes(inspection_id, ("GC-02", "yes"))
    lin.sync(item)
    with db.writing() as writing:
        other = factories.open_inspection(writing, "official-receptions").id
    item["body"]["inspection"] = str(other)
    (result,) = lin.sync(item)["results"]
    assert result["problem"]["code"] == "id_taken"
    assert session.get(Inspection, other).done == 0


# -- in both languages ----------------------------------------------------------------------------

REFUSED = {
    "nobody": ("GET", "/me", {}, False),
    "nowhere": ("GET", "/nothing", {}, True),
    "method": ("DELETE", "/me", {}, True),
    "role": ("GET", "/reviews", {}, True),
    "stranger": ("GET", f"/inspections/{A}", {}, True),
    "digest": ("GET", "/blobs/x", {}, True),
    "format": ("POST", "/sync", {"data": "x", "content_type": "text/plain"}, True),
    "shape": ("POST", "/sync", {"data": "{", "content_type": JSON}, True),
    "twice": ("POST", "/sync", {"data": '{"cursor": 1, "cursor": 2}', "content_type": JSON}, True),
    "range": ("PUT", "/blobs/" + "a" * 64, {"data": "x", "headers": {"Content-Range": "x"}}, True),
    "picture": ("PUT", "/blobs/2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881",
                {"data": "x"}, True),
    "hash": ("PUT", "/blobs/" + "a" * 64, {"data": "x"}, True),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_a_refusal_is_told_in_the_language_asked_for(app, program, name):
    method, path, more, signed_in = REFUSED[name]
    lin = program("lin")
    titles = {}
    for code in ("zh", "en"):
        headers = more.get("headers", {}) | {"X-Language": code}
        headers |= lin.headers if signed_in else {}
        answer = app.test_client().open(API + path, method=method, **more | {"headers": headers})
        told = answer.get_json()
        titles[code] = [told["title"], told.get("remedy") or ""]
    assert CHINESE.search(titles["zh"][0])
    with app.test_request_context(), force_locale("en"):
        translated = gettext("登录已失效，请重新登录。")
    if CHINESE.search(translated) and not list(FOLDER.rglob("messages.po")):
        return  # no English catalogue here yet
    assert not any(CHINESE.search(text) for text in titles["en"]), titles


def test_a_problem_inside_an_answer_is_told_in_that_language_too(program, inspection_id):
    lin = program("lin")
    body = {"items": [changes(inspection_id, ("GC-01", "maybe"))]}
    (one,) = lin.post("/sync", body, **{"X-Language": "en"})["results"]
    assert one["problem"]["title"]
