"""Signing in and out, people, tokens."""

import json
import re
from uuid import uuid4

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from tests import factories
from tests.inspections.conftest import token_of
from webapp.accounts import queries, service
from webapp.accounts.models import User
from webapp.accounts.rules import Permission
from webapp.cli.token import command as token_command
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
        assert revoke_all(session, user) == 1
        assert revoke_all(session, user) == 0
    assert client.get("/api/v1/me", headers=headers).status_code == 401


def revoke_all(session, user):
    return service.revoke_tokens(session, queries.tokens_of(session, user), by_id=None, at=now())


# -- scopes -----------------------------------------------------------------------------------


class Program:
    """Somebody's program, with a token of its own."""

    def __init__(self, app, username: str, *scopes: Permission) -> None:
        with db.writing() as session:
            user = queries.user_named(session, username)
            secret = service.give_token(session, user, label="台账", scopes=scopes, at=now())
            self.token_id = queries.tokens_of(session, user)[0].id
        self.client = app.test_client()
        self.headers = {"Authorization": f"Bearer {secret}"}

    def get(self, path: str):
        return self.client.get(path, headers=self.headers)

    def post(self, path: str, **body):
        return self.client.post(path, json=body, headers=self.headers)

    @property
    def permissions(self) -> set[str]:
        return set(self.get("/api/v1/me").get_json()["permissions"])


def test_a_scope_narrows_what_a_token_may_do(app, cast):
    program = Program(app, "lin", Permission.CHECKLIST_READ)
    assert program.permissions == {"checklist.read"}
    assert program.get("/api/v1/checklists").status_code == 200
    assert program.get("/api/v1/inspections").status_code == 403
    assert Program(app, "lin").get("/api/v1/inspections").status_code == 200


def test_a_scope_holds_inside_a_message_too(app, cast):
    with db.writing() as session:
        factories.open_inspection(session)
    item = {
        "id": str(uuid4()),
        "kind": "inspection",
        "body": {"checklist": "official-vehicles", "unit": cast.units["城关自然资源所"],
                 "inspectors": [cast.users["lin"], cast.users["chen"]]},
    }  # fmt: skip
    message = {"device": "d", "cursor": 0, "items": [item]}
    for scope in (Permission.CHECKLIST_READ, Permission.INSPECTION_FILL):
        (told,) = Program(app, "lin", scope).post("/api/v1/sync", **message).get_json()["results"]
        assert told["problem"]["code"] == "forbidden"
    (told,) = Program(app, "lin").post("/api/v1/sync", **message).get_json()["results"]
    assert told["status"] == "applied"


def test_what_others_changed_is_no_news_for_a_token_that_may_not_read(app, cast, as_):
    with db.writing() as session:
        inspection = factories.open_inspection(session)
        factories.fill(session, inspection)
    blind = Program(app, "chen", Permission.CHECKLIST_READ)
    message = {"device": "d", "cursor": 0, "items": []}
    assert blind.post("/api/v1/sync", **message).get_json()["news"] == []
    assert Program(app, "chen").post("/api/v1/sync", **message).get_json()["news"]


@pytest.mark.parametrize("username", sorted(factories.CAST))
def test_no_scope_gives_what_the_owner_has_not(app, cast, username):
    with db.reading() as session:
        own = queries.user_named(session, username).permissions
    for scope in Permission:
        if scope in own:
            assert Program(app, username, scope).permissions == {scope}
        else:
            with pytest.raises(Invalid, match=str(scope)):
                Program(app, username, scope)


def test_what_the_owner_loses_is_lost_to_the_token(app, cast):
    program = Program(app, "zhou", Permission.INSPECTION_REVIEW, Permission.DOCUMENT_READ)
    with db.writing() as session:
        queries.user_named(session, "zhou").role_names = ["archivist"]
    assert program.permissions == {"document.read"}


def test_a_token_narrows_nobody_but_itself(app, as_, cast):
    Program(app, "lin", Permission.CHECKLIST_READ).get("/api/v1/me")
    assert as_("lin").get("/inspections/new").status_code == 200


# -- seen and ended on a page -----------------------------------------------------------------


def test_people_see_their_tokens_and_end_them(app, as_, cast):
    program = Program(app, "lin", Permission.CHECKLIST_READ)
    client = as_("lin")
    assert "台账" in (page := client.get("/tokens").text)
    assert "checklist.read" in page
    assert "台账" not in as_("chen").get("/tokens").text
    assert post(client, f"/tokens/{program.token_id}/revocation").status_code == 303
    assert program.get("/api/v1/me").status_code == 401
    assert post(client, f"/tokens/{program.token_id}/revocation").status_code == 303  # twice


def test_an_administrator_ends_those_of_the_bureau(app, as_, cast):
    program = Program(app, "lin")
    client = as_("wu")
    assert "台账" in client.get(f"/people/{cast.users['lin']}/tokens").text
    assert client.get(f"/people/{cast.users['sun']}/tokens").status_code == 404
    assert post(client, f"/tokens/{program.token_id}/revocation").status_code == 303
    assert program.get("/api/v1/me").status_code == 401


@pytest.mark.parametrize("who", ["chen", "zhou", "sun"])
def test_others_neither_see_nor_end_them(app, as_, cast, who):
    program = Program(app, "lin")
    assert post(as_(who), f"/tokens/{program.token_id}/revocation").status_code == 404
    assert as_(who).get(f"/people/{cast.users['lin']}/tokens").status_code in {403, 404}
    assert program.get("/api/v1/me").status_code == 200


def test_a_program_ends_no_token(app, cast):
    program = Program(app, "lin")
    answer = program.post(f"/tokens/{program.token_id}/revocation")
    assert answer.status_code == 400
    assert program.get("/api/v1/me").status_code == 200


# -- on the command line ----------------------------------------------------------------------


@pytest.fixture
def mingcha(app, cast, monkeypatch):
    """Call ``mingcha token`` on this application."""
    monkeypatch.setattr("webapp.cli.ready_app", lambda: app)
    return lambda *words: CliRunner().invoke(token_command, words)


def test_the_bare_command_prints_a_token_and_nothing_else(app, mingcha):
    answer = mingcha("lin")
    assert re.fullmatch(r"mc_[\w-]{43}\n", answer.output)
    headers = {"Authorization": f"Bearer {answer.output.strip()}"}
    told = app.test_client().get("/api/v1/me", headers=headers).get_json()
    assert "inspection.fill" in told["permissions"]


def test_tokens_are_listed_and_ended_one_by_one(mingcha):
    mingcha("lin", "--label", "一", "--scope", "checklist.read")
    mingcha("lin", "--label", "二")
    second, first = json.loads(mingcha("lin", "--list", "--json").output)
    assert (first["label"], first["scopes"], second["scopes"]) == ("一", ["checklist.read"], None)
    assert mingcha("lin", "--revoke", "--id", str(first["id"])).output == "1 revoked\n"
    assert "living\t二\tall" in mingcha("lin", "--list").output
    assert mingcha("lin", "--revoke").output == "1 revoked\n"


def test_a_wrong_scope_and_a_wrong_name_are_told(mingcha):
    assert mingcha("lin", "--scope", "people.manage").exit_code == 1
    assert "people.manage" in mingcha("lin", "--scope", "people.manage").output
    assert mingcha("lin", "--scope", "everything").exit_code == 2
    assert mingcha("nobody").exit_code == 1


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
