"""Phones with the scripts of an earlier release are understood."""

import json

import pytest

from webapp.core.config import ROOT

CLIENTS = sorted((ROOT / "tests/vectors/clients").glob("*.json"))


def told(value, names):
    """Put what the bureau gives in the place of its ``{name}``."""
    if isinstance(value, dict):
        return {key: told(one, names) for key, one in value.items()}
    if isinstance(value, list):
        return [told(one, names) for one in value]
    return names.get(value, value) if isinstance(value, str) else value


@pytest.mark.parametrize("client", CLIENTS, ids=lambda path: path.stem)
def test_an_old_client_is_understood(as_, sync, cast, client):
    names = {f"{{{name}}}": number for name, number in cast.users.items()}
    names["{unit}"] = cast.units["城关自然资源所"]
    steps = json.loads(client.read_text("utf-8"))["steps"]
    inspection = steps[0]["items"][0]["id"]
    for step in steps:
        shown = as_("lin").get(f"/api/v1/inspections/{inspection}").get_json()
        items = told(step["items"], names | {"{digest}": shown.get("digest")})
        results = sync("lin", *items)["results"]
        assert [one["status"] for one in results] == step["hears"], step["does"]
        if "changes" in step:
            assert [one["status"] for one in results[0]["changes"]] == step["changes"]
        if step.get("twice"):
            assert {one["status"] for one in sync("lin", *items)["results"]} == {"duplicate"}
    state = as_("lin").get(f"/api/v1/inspections/{inspection}").get_json()["state"]
    assert {question: entry["v"] for question, entry in state.items()} == {
        "visit.place": "大厅",
        "HS-01": "yes",
    }
