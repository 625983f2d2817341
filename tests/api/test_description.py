"""The description is valid, complete and true."""

import re

import pytest
from flask import Blueprint, Flask
from pydantic import BaseModel
from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR

from webapp.core import openapi
from webapp.core.access import permission_of, public
from webapp.core.config import ROOT
from webapp.core.openapi import describes
from webapp.inspections.evidence import REFUSALS


def described(app):
    """Yield each route of the API with each of its methods."""
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/api/"):
            path = re.sub(r"<(?:[^:<>]+:)?(\w+)>", r"{\1}", rule.rule)
            for method in rule.methods - {"HEAD", "OPTIONS"}:
                yield path, method.lower(), app.view_functions[rule.endpoint]


def test_it_is_valid_openapi(description):
    assert description.document["openapi"].startswith("3.1")
    assert [str(error) for error in OPENAPI_31_VALIDATOR.iter_errors(description.document)] == []


def test_anybody_may_read_it(app):
    answer = app.test_client().get("/api/v1/openapi.json")
    assert answer.status_code == 200
    assert answer.mimetype == "application/json"


def test_it_has_every_route_and_nothing_else(app, description):
    routes = {(path, method) for path, method, _ in described(app)}
    told = {(p, m) for p, methods in description.document["paths"].items() for m in methods}
    assert told == routes


def test_it_says_who_may_ask(app, description):
    for path, method, view in described(app):
        told = description.document["paths"][path][method]
        assert told["x-permission"] == permission_of(view)
        assert bool(told["security"]) == (permission_of(view) != "public")
        assert ("401" in told["responses"]) == (permission_of(view) != "public")


def test_each_operation_has_words_and_a_name_of_its_own(description):
    told = [one for methods in description.document["paths"].values() for one in methods.values()]
    names = [one["operationId"] for one in told]
    assert len(set(names)) == len(names)
    assert all(one["summary"].endswith(".") and ":raises" not in str(one) for one in told)


def test_every_reference_leads_somewhere(description):
    found = re.findall(r'"#/([^"]+)"', str(description.document).replace("'", '"'))
    for path in set(found):
        at = description.document
        for step in path.split("/"):
            at = at[step]


def test_path_parameters_have_their_shape(description):
    (sha256, _) = description.operation("PUT", "/api/v1/blobs/" + "a" * 64)["parameters"][0:2]
    assert (sha256["in"], sha256["schema"]["pattern"]) == ("path", "^[0-9a-f]{64}$")
    path = "/api/v1/inspections/11111111-1111-4111-8111-111111111111"
    assert description.operation("GET", path)["parameters"][0]["schema"]["format"] == "uuid"


def test_bytes_have_their_media_types(description):
    blob = description.operation("PUT", "/api/v1/blobs/" + "a" * 64)
    assert list(blob["requestBody"]["content"]) == ["image/*"]
    file = description.operation("GET", "/api/v1/documents/x/file")
    assert list(file["responses"]["200"]["content"]) == ["application/pdf"]


def test_an_item_shows_the_body_of_each_kind(description):
    kinds = description.schemas["SyncItem"]["discriminator"]["mapping"]
    assert sorted(kinds) == ["changes", "inspection", "signature", "submission"]


class First(BaseModel):
    """Stands for a message."""

    a: int


def bare_app(*views):
    app = Flask("bare")
    bp = Blueprint("bare", __name__)
    for number, view in enumerate(views):
        bp.add_url_rule(f"/api/v1/{number}", f"v{number}", public(view))
    app.register_blueprint(bp)
    return app


def test_a_route_that_nobody_described_keeps_the_application_from_starting():
    with pytest.raises(RuntimeError, match="/api/v1/0"):
        openapi.insist(bare_app(lambda: ""))


def test_two_messages_of_one_name_are_refused():
    other = type("First", (BaseModel,), {"__annotations__": {"b": int}, "__module__": "other"})
    views = [describes({200: model})(_view()) for model in (First, other)]
    with pytest.raises(RuntimeError, match="same name"):
        openapi.document(bare_app(*views))


def _view():
    def view():
        """Answer."""

    view.__module__ = "webapp.bare.sync"
    return view


# -- the prose ----------------------------------------------------------------------------------

FENCE = re.compile(r"^```json (\w+)\n(.*?)^```", re.DOTALL | re.MULTILINE)
PROSE = [
    (path.name, name, text)
    for path in (ROOT / "docs/api.md", ROOT / "docs/sync.md")
    for name, text in FENCE.findall(path.read_text("utf-8"))
]


@pytest.mark.parametrize(("file", "name", "text"), PROSE, ids=lambda v: str(v)[:20])
def test_the_examples_in_the_prose_are_what_they_are_called(app, description, file, name, text):
    value = app.json.loads(text)
    description.validate({"$ref": f"#/components/schemas/{name}"}, value)


def test_the_prose_has_an_example_of_each_message():
    shown = {name for _, name, _ in PROSE}
    assert shown >= {
        "SyncRequest", "SyncResponse", "Problem", "Blob", "InspectionItem", "ChangesItem",
        "SignatureItem", "SubmissionItem", "ReviewBody", "DraftBegun",
    }  # fmt: skip


DOORS = (
    "core/errors.py", "core/web.py", "core/wire.py", "accounts/access.py", "inspections/*.py",
    "reviews/*.py", "documents/handing.py", "documents/sync.py", "documents/drafting/*.py",
)  # fmt: skip


def test_every_code_that_a_program_may_meet_is_in_the_prose():
    prose = "".join((ROOT / f"docs/{name}.md").read_text("utf-8") for name in ("sync", "api"))
    sources = [path for door in DOORS for path in (ROOT / "webapp").glob(door)]
    codes = {
        code
        for path in sources
        for code in re.findall(r'code(?:: str)? ?= ?"(\w+)"', path.read_text("utf-8"))
    }
    assert len(codes) > 20
    assert {code for code in codes | set(REFUSALS) if f"`{code}`" not in prose} == set()
