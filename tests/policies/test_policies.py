"""Entering, confirming and withdrawing policy figures, and who may."""

import pytest

from tests.inspections.conftest import token_of
from webapp.core.db import db
from webapp.policies.models import PolicyFigure

KEY = "lease.max_days"
GOOD = {
    "value": "20", "effective_from": "2026-01-01", "effective_to": "", "source": "公车租用规定",
    "document_no": "示自然资发〔2026〕9号",
}  # fmt: skip


@pytest.fixture
def post(as_):
    """Send a form as somebody."""

    def sent(who, path, **fields):
        client = as_(who)
        return client.post(path, data=fields | {"csrf_token": token_of(client)})

    return sent


@pytest.fixture
def entered(post):
    """Let the administrator enter a figure; returns its id."""
    assert post("wu", f"/policies/{KEY}", **GOOD).status_code == 303
    with db.reading() as session:
        return session.query(PolicyFigure.id).order_by(PolicyFigure.id.desc()).first()[0]


def in_force(as_, day="2026-03-10"):
    told = as_("zhou").get(f"/api/v1/policies?day={day}").json["figures"]
    return {one["key"]: one for one in told}[KEY]


def test_an_entry_counts_once_another_has_confirmed_it(as_, post, entered):
    assert in_force(as_)["value"] == 30
    assert "待复核" in as_("zhou").get("/policies").text
    assert post("zhou", f"/policies/entries/{entered}/confirmation").status_code == 303
    one = in_force(as_)
    assert (one["value"], one["own"], one["source"]) == (
        20,
        True,
        "公车租用规定（示自然资发〔2026〕9号）",
    )
    assert in_force(as_, "2025-12-31")["value"] == 30
    assert "生效中" in as_("wu").get(f"/policies/{KEY}").text


def test_nobody_confirms_their_own(post):
    assert post("zhou", f"/policies/{KEY}", **GOOD).status_code == 303
    with db.reading() as session:
        (figure_id,) = session.query(PolicyFigure.id).one()
    refused = post("zhou", f"/policies/entries/{figure_id}/confirmation")
    assert refused.status_code == 403
    assert "由别人复核" in refused.text


def test_a_withdrawn_one_counts_no_longer_and_cannot_be_confirmed(as_, post, entered):
    post("zhou", f"/policies/entries/{entered}/confirmation")
    assert post("wu", f"/policies/entries/{entered}/withdrawal").status_code == 303
    assert in_force(as_)["value"] == 30
    assert "已撤回" in as_("zhou").get(f"/policies/{KEY}").text
    assert post("zhou", f"/policies/entries/{entered}/confirmation").status_code == 409


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"value": "二十"}, "请填写数值"),
        ({"value": "-1"}, "数值在 0"),
        ({"value": "nan"}, "数值在 0"),
        ({"value": ""}, "请填写数值"),
        ({"effective_from": "2026-02-30"}, ""),
        ({"effective_to": "2025-12-31"}, "失效日期不能早于生效日期"),
        ({"source": ""}, "请填写依据的文件名"),
    ],
)
def test_bad_input_is_told_and_what_was_typed_stays(post, wrong, words):
    page = post("wu", f"/policies/{KEY}", **(GOOD | wrong))
    assert page.status_code == 422
    assert words in page.text
    assert "示自然资发〔2026〕9号" in page.text


@pytest.mark.parametrize("who", ["lin", "he", "qian"])
def test_others_neither_read_nor_enter(as_, post, who):
    assert as_(who).get("/policies").status_code == 403
    assert post(who, f"/policies/{KEY}", **GOOD).status_code == 403


def test_another_bureau_sees_nothing_of_it(as_, post, entered):
    assert post("sun", f"/policies/entries/{entered}/confirmation").status_code in (403, 404)
    assert "公车租用规定" not in as_("sun").get(f"/policies/{KEY}").text


def test_an_unknown_figure_is_not_found(as_):
    assert as_("zhou").get("/policies/no.such").status_code == 404


def test_a_bad_day_is_refused_by_name(as_):
    refused = as_("zhou").get("/api/v1/policies?day=tomorrow")
    assert (refused.status_code, refused.json["field"]) == (422, "day")
