"""What a browser is told so that it keeps the site: worker, manifest, the page in their stead."""

import json
import re

import pytest

from tests.factories import CATALOGUE_BY_ID
from webapp.core import pwa


@pytest.fixture
def nobody(as_):
    return as_("")


def test_the_worker_lists_files_that_are_there(nobody):
    answer = nobody.get("/sw.js")
    assert answer.mimetype == "text/javascript"
    assert answer.headers["Service-Worker-Allowed"] == "/"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert (
        "'none'"
        not in re.search("trusted-types [^;]+$", answer.headers["Content-Security-Policy"])[0]
    )
    shell = json.loads(answer.text.split("\n")[0].removeprefix("const SHELL = ").rstrip(";"))
    assert [nobody.get(url).status_code for url in shell["files"] + shell["later"]] == [200] * len(
        shell["files"] + shell["later"]
    )
    assert shell["language"] == "zh"
    assert shell["pages"] == ["/offline", "/parts"]
    assert [nobody.get(url).status_code for url in shell["pages"]] == [200, 200]


def test_another_language_is_another_worker(nobody):
    chinese = nobody.get("/sw.js").text
    assert nobody.get("/sw.js", headers={"X-Language": "en"}).text != chinese


def test_an_operator_can_take_the_worker_away(app, as_, monkeypatch):
    assert 'data-worker="/sw.js"' in as_("lin").get("/").text
    settings = app.extensions["settings"].model_copy(update={"offline_pages": False})
    monkeypatch.setitem(app.extensions, "settings", settings)
    answer = as_("").get("/sw.js")
    assert answer.headers["X-Mingcha-Worker"] == "kill"
    assert answer.text == pwa.KILL
    assert "data-worker" not in as_("lin").get("/").text


def test_the_manifest_names_icons_that_are_there(nobody):
    manifest = json.loads(nobody.get("/manifest.webmanifest").text)
    assert manifest["start_url"] == manifest["scope"] == "/"
    assert [nobody.get(icon["src"]).status_code for icon in manifest["icons"]] == [200, 200, 200]


def test_the_page_without_a_network_is_nobodys(as_):
    page = as_("").get("/offline").text
    assert "data-user" not in page


def test_the_task_list_names_the_pages_of_open_tasks_and_of_blank_forms_alone(as_, cast):
    page = as_("lin").get("/").text
    kept = re.search("""data-module="keep" data-pages='([^']*)'""", page)[1]
    tasks, blanks = [], []
    for one in json.loads(kept):
        (blanks if one["url"].startswith("/inspections/blank/") else tasks).append(one["url"])
    assert tasks == ["/", "/inspections/new"]
    assert sorted(url.split("/")[3] for url in blanks) == sorted(CATALOGUE_BY_ID)
