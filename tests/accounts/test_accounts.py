"""Signing in and out, people, tokens."""

import pytest
from sqlalchemy import select

from tests import factories
from tests.inspections.conftest import token_of
from webapp.accounts import queries, service
from webapp.accounts.models import User
from webapp.core.clock import now
from webapp.core.db import db
from webapp.core.errors import Invalid


def post(client, path, **data):
    return client.post(path, data={"csrf_token": token_of(client), **data})


def set_password(app, name="lin", words=factories.PASSWORD):
    with app.app_context(), db.writing() as session:
        user = queries.user_named(session, name)
        service.set_password(session, user, words, by_id=None, at=now())


def test_a_person_signs_in_and_out(app, cast):
    set_password(app)
    client = app.test_client()
    answer = post(client, "/sign-in", username="lin", password=factories.PASSWORD)
    assert answer.status_code == 302
    assert client.get("/").status_code == 200
    assert post(client, "/sign-out").status_code in {302, 303}
    assert client.get("/").status_code == 303


@pytest.mark.parametrize(
    ("username", "password"),
    [("lin", "wrong"), ("nobody", "wrong"), ("", ""), ("lin", ""), ("' OR 1=1 --", "x")],
)
def test_a_wrong_password_says_the_same_as_a_wrong_name(app, cast, username, password):
    set_password(app)
    client = app.test_client()
    answer = post(client, "/sign-in", username=username, password=password)
    assert answer.status_code == 200
    assert client.get("/").status_code == 303


def test_a_new_password_ends_all_sessions(app, as_):
    client = as_("lin")
    assert client.get("/").status_code == 200
    set_password(app)
    assert client.get("/").status_code == 303


def test_a_short_password_is_refused(app, cast):
    with pytest.raises(Invalid):
        set_password(app, words="short")


def test_an_administrator_adds_switches_off_and_on(as_, cast, session):
    client = as_("wu")
    data = {
        "username": "new", "name": "新人", "unit_id": cast.units["督查室"], "roles": ["inspector"],
        "password": factories.PASSWORD,
    }  # fmt: skip
    assert post(client, "/people", **data).status_code == 303
    user = session.scalars(select(User).filter_by(username="new")).unique().one()
    assert post(client, f"/people/{user.id}/deactivation").status_code == 303
    signed_in = as_("lin")
    assert post(client, f"/people/{cast.users['lin']}/deactivation").status_code == 303
    assert signed_in.get("/").status_code == 303
    assert post(client, f"/people/{cast.users['lin']}/activation").status_code == 303


def test_a_taken_name_and_an_empty_form_are_told(as_, cast):
    client = as_("wu")
    assert post(client, "/people").status_code == 422
    data = {
        "username": "lin", "name": "重名", "unit_id": cast.units["督查室"], "roles": ["inspector"],
        "password": factories.PASSWORD,
    }  # fmt: skip
    answer = post(client, "/people", **data)
    assert answer.status_code == 409
    assert "已被占用" in answer.text


def test_nobody_switches_themselves_or_another_bureau_off(as_, cast):
    client = as_("wu")
    assert post(client, f"/people/{cast.users['wu']}/deactivation").status_code == 409
    assert post(client, f"/people/{cast.users['sun']}/deactivation").status_code == 404


@pytest.mark.parametrize("who", ["lin", "zhou", "he", "qian"])
def test_others_do_not_manage_people(as_, who):
    assert as_(who).get("/people").status_code == 403


def test_a_token_works_until_it_is_revoked(app, cast):
    with db.writing() as session:
        user = queries.user_named(session, "lin")
        secret = service.give_token(session, user, label="test", at=now())
    client = app.test_client()
    headers = {"Authorization": f"Bearer {secret}"}
    assert client.get("/api/v1/me", headers=headers).get_json()["user"]["username"] == "lin"
    assert client.post("/api/v1/sync", json={}, headers=headers).status_code == 200
    with db.writing() as session:
        user = queries.user_named(session, "lin")
        assert service.revoke_tokens(session, user, by_id=None, at=now()) == 1
    assert client.get("/api/v1/me", headers=headers).status_code == 401


def test_a_demo_link_works_only_where_the_data_is_a_demo(app, cast):
    client = app.test_client()
    assert client.get("/demo/forged").status_code == 404
    mark = app.extensions["settings"].data_dir / "DEMO"
    mark.unlink()
    assert client.get(cast.link("lin")).status_code == 404
    mark.touch()
    assert client.get(cast.link("lin")).status_code == 303


def test_headers_keep_scripts_and_frames_out(app, cast):
    headers = app.test_client().get("/sign-in").headers
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in headers["Cache-Control"]
