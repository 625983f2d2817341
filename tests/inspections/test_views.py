"""The same journey by plain forms, with no script: nothing typed is lost."""

import io
import re
from uuid import uuid4

import pytest
from PIL import Image
from sqlalchemy import select

from tests import factories
from tests.inspections.conftest import changes, photo, token_of
from webapp.core.db import db
from webapp.inspections.models import Inspection, Signature
from webapp.inspections.rules import Status


def post(client, path, **data):
    return client.post(path, data={"csrf_token": token_of(client), **data})


def answers_path(inspection_id):
    return f"/inspections/{inspection_id}/answers"


def state_of(inspection_id):
    with db.reading() as session:
        return session.scalars(select(Inspection.state).where(Inspection.id == inspection_id)).one()


def opening(cast, unit="城关自然资源所", inspectors=("lin", "chen")):
    return {
        "inspection_id": str(uuid4()),
        "checklist": "official-vehicles",
        "unit": cast.units[unit],
        "inspectors": [cast.users[name] for name in inspectors],
    }


def test_an_inspector_opens_an_inspection_once(as_, cast, session):
    client, data = as_("lin"), opening(cast)
    first = post(client, "/inspections", **data)
    second = post(client, "/inspections", **data)
    assert (first.status_code, second.status_code) == (303, 303)
    (inspection,) = session.scalars(select(Inspection)).unique().all()
    assert re.fullmatch(r"MC-\d{4}-GC-0001", inspection.number)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"inspectors": ("lin",)}, "至少 2 人"),
        ({"unit": "督查室"}, "回避"),
    ],
)
def test_a_team_that_may_not_inspect_is_told_why(as_, cast, session, change, words):
    answer = post(as_("lin"), "/inspections", **opening(cast, **change))
    assert answer.status_code == 422
    assert words in answer.text
    assert session.scalars(select(Inspection)).unique().all() == []


def test_what_a_form_sends_is_kept(as_, inspection_id):
    data = {"seen": 0, "GC-01": "no", "GC-01.approved": "３", "visit.place": "城关镇"}
    answer = post(as_("lin"), answers_path(inspection_id), **data)
    assert answer.status_code == 303
    state = state_of(inspection_id)
    assert state["GC-01"]["v"] == "no"
    assert state["GC-01.approved"]["v"] == 3
    assert "城关镇" in as_("chen").get(answers_path(inspection_id)).text


def test_a_wrong_value_is_told_and_everything_typed_is_still_there(as_, inspection_id):
    data = {"seen": 0, "GC-01.approved": "三四辆", "visit.place": "城关镇人民路"}
    answer = post(as_("lin"), answers_path(inspection_id), **data)
    assert answer.status_code == 422
    assert "三四辆" in answer.text
    assert "城关镇人民路" in answer.text
    assert 'href="#GC-01.approved"' in answer.text
    assert state_of(inspection_id) == {}


def test_two_pages_open_at_once_keep_both_answers(as_, inspection_id):
    post(as_("lin"), answers_path(inspection_id), seen=0, **{"GC-02": "yes"})
    post(as_("chen"), answers_path(inspection_id), seen=0, **{"GC-02": "no", "GC-03": "yes"})
    state = state_of(inspection_id)
    assert {state["GC-02"]["v"], state["GC-02"]["also"][0]["v"]} == {"yes", "no"}
    assert "两部手机填得不一样" in as_("lin").get(answers_path(inspection_id)).text


def test_an_untouched_field_of_an_old_page_overwrites_nothing(as_, inspection_id):
    client = as_("lin")
    post(client, answers_path(inspection_id), seen=0, **{"GC-02": "yes", "visit.place": "一"})
    seen = re.search(r'name="seen" value="(\d+)"', client.get(answers_path(inspection_id)).text)[1]
    other = {"seen": seen, "GC-02": "yes", "visit.place": "二"}
    post(as_("chen"), answers_path(inspection_id), **other)
    post(client, answers_path(inspection_id), seen=seen, **{"GC-02": "no", "visit.place": "一"})
    state = state_of(inspection_id)
    assert (state["GC-02"]["v"], state["visit.place"]["v"]) == ("no", "二")
    assert not any(entry.get("also") for entry in state.values())


def test_a_conflict_is_settled_by_a_person(as_, inspection_id):
    post(as_("lin"), answers_path(inspection_id), seen=0, **{"GC-02": "yes"})
    post(as_("chen"), answers_path(inspection_id), seen=0, **{"GC-02": "no"})
    client = as_("lin")
    seen = re.search(r'name="seen" value="(\d+)"', client.get(answers_path(inspection_id)).text)[1]
    post(client, answers_path(inspection_id), seen=seen, settle="GC-02", **{"GC-02": "no"})
    entry = state_of(inspection_id)["GC-02"]
    assert (entry["v"], entry.get("also")) == ("no", None)


def test_photos_come_with_the_form(as_, inspection_id):
    client = as_("lin")
    files = {"GC-03.photos": (io.BytesIO(photo()), "a.jpg"), "GC-03": "yes", "seen": 0}
    assert post(client, answers_path(inspection_id), **files).status_code == 303
    (kept,) = state_of(inspection_id)["GC-03.photos"]["v"]
    assert client.get(f"/evidence/{kept['sha256']}").status_code == 200
    assert kept["sha256"] in client.get(answers_path(inspection_id)).text


def test_an_iphones_photo_comes_with_the_form_and_is_shown_without_its_data(
    app, as_, inspection_id
):
    import pillow_heif

    pillow_heif.register_heif_opener()
    exif = Image.Exif()
    exif[0x010F] = "A secret maker"
    packed = io.BytesIO()
    Image.new("RGB", (640, 480), "olive").save(packed, "HEIF", exif=exif)
    client, data = as_("lin"), packed.getvalue()
    files = {"GC-03.photos": (io.BytesIO(data), "a.heic"), "GC-03": "yes", "seen": 0}
    assert post(client, answers_path(inspection_id), **files).status_code == 303
    (kept,) = state_of(inspection_id)["GC-03.photos"]["v"]
    assert app.extensions["storage"].get(kept["sha256"]) == data
    shown = client.get(f"/evidence/{kept['sha256']}").data
    with Image.open(io.BytesIO(shown)) as picture:
        assert (picture.format, dict(picture.getexif())) == ("JPEG", {})
    assert b"A secret maker" in data
    assert b"A secret maker" not in shown


def test_a_position_is_asked_for_only_where_the_office_wants_it(app, as_, inspection_id):
    client, path = as_("lin"), answers_path(inspection_id)
    answer = client.get(path)
    assert "photo-position" not in answer.text
    assert "geolocation=()" in answer.headers["Permissions-Policy"]
    wanted = app.extensions["settings"].model_copy(update={"photo_position": True})
    with pytest.MonkeyPatch.context() as meanwhile:
        meanwhile.setitem(app.extensions, "settings", wanted)
        meanwhile.setitem(app.jinja_env.globals, "photo_position", True)
        app.jinja_env.cache.clear()
        answer = client.get(path)
    app.jinja_env.cache.clear()
    assert "data-photo-position" in answer.text
    assert "只用于核实照片是在现场拍摄的" in answer.text
    assert "geolocation=(self)" in answer.headers["Permissions-Policy"]


def test_a_file_that_is_no_photo_is_refused_beside_its_field(as_, inspection_id):
    files = {"GC-03.photos": (io.BytesIO(b"MZ hello"), "a.jpg"), "visit.place": "城关", "seen": 0}
    answer = post(as_("lin"), answers_path(inspection_id), **files)
    assert answer.status_code == 422
    assert "不是照片" in answer.text
    assert "城关" in answer.text


def test_a_table_gets_another_row_without_script(as_, inspection_id):
    table = next(
        question.id
        for question in factories.CATALOGUE_BY_ID["official-vehicles"].questions
        if question.kind == "table"
    )
    data = {"seen": 0, "add-row": table}
    answer = post(as_("lin"), answers_path(inspection_id), **data)
    assert answer.status_code == 303
    before = as_("lin").get(answers_path(inspection_id)).text.count(f'name="{table}-')
    assert as_("lin").get(answer.location).text.count(f'name="{table}-') > before


@pytest.mark.parametrize(("who", "status"), [("sun", 404), ("zhou", 403), ("he", 403), ("", 303)])
def test_others_cannot_fill_it_in(as_, inspection_id, who, status):
    client = as_(who)
    assert client.get(answers_path(inspection_id)).status_code == status
    assert post(client, answers_path(inspection_id), **{"GC-01": "yes"}).status_code == status
    assert state_of(inspection_id) == {}


def test_an_expired_session_says_so_and_leads_back(as_, inspection_id):
    answer = as_("").get(answers_path(inspection_id))
    assert answer.location.startswith("/sign-in?next=")


# -- signing and handing in -------------------------------------------------------------------


@pytest.fixture
def filled(cast):
    """Open an inspection and answer everything."""
    with db.writing() as session:
        inspection = factories.open_inspection(session)
        factories.fill(session, inspection, ("GC-01",))
        return inspection.id


def sign_form(client, inspection_id, role, signer=""):
    page = client.get(f"/inspections/{inspection_id}/signatures").text
    digest = re.search(r'name="digest" value="([0-9a-f]{64})"', page)[1]
    return {"signature_id": str(uuid4()), "role": role, "signer": signer, "digest": digest}


def test_the_team_signs_the_unit_refuses_and_it_is_handed_in(as_, cast, filled, session):
    client, path = as_("lin"), f"/inspections/{filled}/signatures"
    for name in ("lin", "chen"):
        form = sign_form(client, filled, "inspector", cast.users[name])
        assert post(client, path, name=name, **form).status_code == 303
    form = sign_form(client, filled, "unit") | {"refused": "1", "name": "钱所"}
    bare = post(client, path, **form)
    assert bare.status_code == 422
    assert "请写明拒签原因" in bare.text
    assert post(client, path, reason="不认可结论", witness="李见证", **form).status_code == 303
    act = {"act_id": str(uuid4())}
    assert post(client, f"/inspections/{filled}/submission", **act).status_code == 303
    again = post(client, f"/inspections/{filled}/submission", **act)
    assert again.status_code == 303
    inspection = session.get(Inspection, filled)
    assert inspection.status is Status.SUBMITTED
    methods = {s.method.value for s in session.scalars(select(Signature))}
    assert methods == {"typed", "refused"}


def test_submitting_lists_what_is_missing_and_leads_to_it(as_, inspection_id):
    answer = post(as_("lin"), f"/inspections/{inspection_id}/submission", act_id=str(uuid4()))
    assert answer.status_code == 422
    assert f"/inspections/{inspection_id}/answers#GC-01" in answer.text


def test_what_was_handed_in_is_read_only(as_, cast):
    inspection_id = factories.submitted()
    client = as_("lin")
    assert client.get(answers_path(inspection_id)).status_code == 303
    answer = post(client, answers_path(inspection_id), **{"GC-01": "yes", "seen": 10**9})
    assert answer.status_code == 409
    assert "不能再改" in answer.text


def test_a_character_that_cannot_be_printed_is_named_before_submitting(as_, filled):
    client = as_("lin")
    post(client, answers_path(filled), seen=10**9, **{"GC-02.remark": "干净整洁👍"})
    page = client.get(f"/inspections/{filled}/submission").text
    assert "无法打印的字符" in page
    assert "“👍”" in page
    post(client, answers_path(filled), seen=10**9, **{"GC-02.remark": "干净整洁㐂"})
    assert "无法打印的字符" not in client.get(f"/inspections/{filled}/submission").text


@pytest.mark.parametrize("who", ["sun", "qian"])
def test_a_stranger_finds_no_inspection(as_, cast, who):
    inspection_id = factories.submitted()
    assert as_(who).get(f"/inspections/{inspection_id}").status_code == 404


def test_a_mistaken_inspection_is_cancelled_and_taken_up_again(as_, inspection_id, session):
    client = as_("lin")
    assert post(client, f"/inspections/{inspection_id}/cancellation").status_code == 303
    assert session.get(Inspection, inspection_id).status is Status.CANCELLED
    session.rollback()
    assert post(client, f"/inspections/{inspection_id}/restoration").status_code == 303
    assert session.get(Inspection, inspection_id).status is Status.DRAFT


def test_english_is_a_click_away(as_, inspection_id, sync):
    client = as_("lin")
    client.get("/language/en?next=/")
    assert 'lang="en"' in client.get("/").text
    sync(client, changes(inspection_id, ("GC-01", "yes")))
    assert client.get("/language/xx").status_code == 404
    assert client.get("/language/en?next=//evil.example").location == "/"


def test_a_blank_form_is_for_whoever_may_open_one(as_, cast):
    path = "/inspections/blank/wedding-funeral/1"
    page = as_("lin").get(path)
    assert page.status_code == 200
    assert page.text.count("00000000-0000-0000-0000-000000000000") > 2
    assert as_("zhou").get(path).status_code == 403
    assert as_("lin").get("/inspections/blank/wedding-funeral/9").status_code == 404
    assert as_("lin").get("/inspections/blank/none/1").status_code == 404


def test_empty_questions_are_asked_in_the_readers_language(as_, inspection_id):
    client = as_("lin")
    for _ in range(2):
        chinese = client.get(f"/inspections/{inspection_id}/answers").text
        english = client.get(
            f"/inspections/{inspection_id}/answers", headers={"X-Language": "en"}
        ).text
        assert ("不符合情况说明" in chinese, "What does not conform" in chinese) == (True, False)
        assert ("不符合情况说明" in english, "What does not conform" in english) == (False, True)


def test_the_form_tells_of_what_state_it_is_but_not_with_a_message_for_once(as_, inspection_id):
    client, path = as_("lin"), f"/inspections/{inspection_id}/answers"
    first = client.get(path).headers["X-Mingcha-Stamp"]
    assert post(client, path, **{"save": "visit", "visit.place": "车库"}).status_code == 303
    with_message, after = (client.get(path) for _ in range(2))
    assert "已保存" in with_message.text
    assert "X-Mingcha-Stamp" not in with_message.headers
    assert after.headers["X-Mingcha-Stamp"] not in {first, None}
