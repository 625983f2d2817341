"""The fold of changes, the steps, the team: decided without a database."""

import json
from contextlib import nullcontext
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.core.config import ROOT
from webapp.core.errors import Conflict, Invalid
from webapp.inspections import rules
from webapp.inspections.rules import Act, Change, Outcome, SignatureRole, Status


def lay(state, change, *, by_id=1, seq=1, known=()):
    return rules.fold(
        state, change, by_id=by_id, at="2026-03-10T02:00:00+00:00", seq=seq,
        merge=lambda question, one, other: None, known=lambda: set(known),
    )  # fmt: skip


def test_a_first_answer_is_applied():
    state = {}
    assert lay(state, Change("a", "GC-01", "yes")) is Outcome.APPLIED
    assert rules.values(state) == {"GC-01": "yes"}


def test_an_answer_that_replaces_what_is_there_is_applied():
    state = {}
    lay(state, Change("a", "GC-01", "yes"))
    assert lay(state, Change("b", "GC-01", "no", base="a")) is Outcome.APPLIED
    assert rules.values(state) == {"GC-01": "no"}


def test_the_same_change_twice_changes_nothing():
    state = {}
    lay(state, Change("a", "GC-01", "yes"))
    lay(state, Change("b", "GC-01", "no", base="a"))
    assert lay(state, Change("a", "GC-01", "yes"), known=("a", "b")) is Outcome.DUPLICATE
    assert rules.values(state) == {"GC-01": "no"}


def test_two_phones_that_disagree_keep_both_values():
    state = {}
    lay(state, Change("a", "GC-01", "yes"), by_id=1)
    assert lay(state, Change("b", "GC-01", "no"), by_id=2) is Outcome.CONFLICT
    assert rules.conflicts(state) == ["GC-01"]
    assert {state["GC-01"]["v"], *(o["v"] for o in state["GC-01"]["also"])} == {"yes", "no"}


def test_two_phones_that_agree_are_no_conflict():
    state = {}
    lay(state, Change("a", "GC-01", "yes"), by_id=1)
    assert lay(state, Change("b", "GC-01", "yes"), by_id=2) is Outcome.APPLIED
    assert rules.conflicts(state) == []


def unite(state, change, known=()):
    """Lay on a change to a list of parts, as of photos."""
    return rules.fold(
        state, change, by_id=1, at="2026-03-10T02:00:00+00:00", seq=1, known=lambda: set(known),
        merge=lambda _, one, other: [*dict.fromkeys([*one, *other])] if one and other else None,
    )  # fmt: skip


def test_who_agreed_may_go_on_from_there():
    state = {}
    lay(state, Change("a", "GC-01", "yes"))
    lay(state, Change("b", "GC-01", "yes"))
    assert lay(state, Change("c", "GC-01", "no", base="b"), known="ab") is Outcome.APPLIED
    assert rules.values(state) == {"GC-01": "no"}


def test_a_phone_replaces_its_own_part_of_what_was_united_and_no_other():
    state = {}
    unite(state, Change("a", "q", ["p1"]))
    assert unite(state, Change("b", "q", ["p2"])) is Outcome.APPLIED
    assert unite(state, Change("c", "q", ["p2", "p3"], base="b"), "ab") is Outcome.APPLIED
    assert state["q"]["v"] == ["p1", "p2", "p3"]
    assert unite(state, Change("d", "q", None, base="c"), "abc") is Outcome.APPLIED
    assert state["q"]["v"] == ["p1"]


def test_what_was_united_keeps_its_order_in_a_database_that_sorts_keys():
    state = {}
    for change_id in ("c", "a", "b"):
        unite(state, Change(change_id, "q", [f"p{change_id}"]))
        state = json.loads(json.dumps(state, sort_keys=True))  # as PostgreSQL does
    assert state["q"]["v"] == ["pc", "pa", "pb"]


def test_parts_that_an_earlier_version_kept_are_read():
    state = {"q": {"v": ["p1", "p2"], "id": "whole", "of": {"a": ["p1"], "b": ["p2"]}}}
    assert unite(state, Change("c", "q", ["p3"], base="b"), "ab") is Outcome.APPLIED
    assert state["q"]["v"] == ["p1", "p3"]


def test_who_saw_the_whole_replaces_the_whole():
    state = {}
    unite(state, Change("a", "q", ["p1"]))
    unite(state, Change("b", "q", ["p2"]))
    whole = state["q"]["id"]
    assert whole not in {"a", "b"}
    assert unite(state, Change("c", "q", ["p2"], base=whole), "ab") is Outcome.APPLIED
    assert state["q"]["v"] == ["p2"]


def test_a_union_hides_no_conflict():
    state = {}
    unite(state, Change("a", "q", ["p1"]))
    assert unite(state, Change("b", "q", None)) is Outcome.CONFLICT
    assert unite(state, Change("c", "q", ["p2"]), "ab") is Outcome.APPLIED
    assert [other["id"] for other in state["q"]["also"]] == ["b"]


def test_a_second_thought_takes_the_place_of_the_first_in_a_conflict():
    state = {}
    lay(state, Change("a", "GC-01", "yes"))
    lay(state, Change("b", "GC-01", "no"))
    assert lay(state, Change("c", "GC-01", "na", base="b"), known="ab") is Outcome.CONFLICT
    assert [other["v"] for other in state["GC-01"]["also"]] == ["na"]


def test_a_later_edit_does_not_hide_a_conflict_until_somebody_settles_it():
    state = {}
    lay(state, Change("a", "GC-01", "yes"), by_id=1)
    lay(state, Change("b", "GC-01", "no"), by_id=2)
    lay(state, Change("c", "GC-01", "na", base="a"), by_id=1)
    assert rules.conflicts(state) == ["GC-01"]
    lay(state, Change("d", "GC-01", "no", base="c", settles=("b",)), by_id=1)
    assert rules.conflicts(state) == []
    assert rules.values(state) == {"GC-01": "no"}


@given(st.permutations([("a", None, "1"), ("b", None, "2"), ("c", None, "3")]))
def test_whatever_the_order_no_value_is_dropped(changes):
    state = {}
    seen = set()
    for change_id, base, value in changes:
        lay(state, Change(change_id, "q", value, base=base), known=seen)
        seen.add(change_id)
    entry = state["q"]
    assert {entry["v"], *(other["v"] for other in entry["also"])} == {"1", "2", "3"}


def test_resending_everything_in_any_order_changes_nothing():
    changes = [Change("a", "q", "1"), Change("b", "q", "2", base="a"), Change("c", "p", "x")]
    state = {}
    for change in changes:
        lay(state, change)
    before = rules.digest(state)
    for again in permutations(changes):
        for change in again:
            assert lay(state, change, known={"a", "b", "c"}) is Outcome.DUPLICATE
    assert rules.digest(state) == before


@pytest.mark.parametrize(
    ("status", "act", "after"),
    [
        (Status.DRAFT, Act.SUBMIT, Status.SUBMITTED),
        (Status.RETURNED, Act.SUBMIT, Status.SUBMITTED),
        (Status.SUBMITTED, Act.RETURN, Status.RETURNED),
        (Status.SUBMITTED, Act.APPROVE, Status.APPROVED),
        (Status.DRAFT, Act.CANCEL, Status.CANCELLED),
        (Status.CANCELLED, Act.RESTORE, Status.DRAFT),
    ],
)
def test_the_table_moves_it(status, act, after):
    assert rules.step(status, act) is after


def test_nothing_else_moves_it():
    allowed = set(rules.STEPS)
    for status in Status:
        for act in Act:
            if (status, act) not in allowed:
                with pytest.raises(Conflict):
                    rules.step(status, act)


@pytest.mark.parametrize(
    ("inspectors", "by", "code"),
    [
        ({1: 10}, 1, "too_few"),
        ({}, 1, "too_few"),
        ({1: 10, 2: 11}, 3, "not_in_team"),
        ({1: 10, 2: 20}, 1, "recusal"),
    ],
)
def test_a_team_that_may_not_inspect_is_refused(inspectors, by, code):
    with pytest.raises(Invalid) as refusal:
        rules.check_team(20, inspectors, by_id=by, bureau_units={10, 11, 20})
    assert refusal.value.code == code


def test_two_inspectors_from_elsewhere_may_inspect():
    rules.check_team(20, {1: 10, 2: 11}, by_id=1, bureau_units={10, 11, 20})


def test_the_unit_must_be_of_the_bureau():
    with pytest.raises(Invalid):
        rules.check_team(99, {1: 10, 2: 11}, by_id=1, bureau_units={10, 11, 20})


def test_each_inspector_and_the_unit_must_sign():
    assert rules.unsigned([1, 2], []) == [
        (SignatureRole.INSPECTOR, 1),
        (SignatureRole.INSPECTOR, 2),
        (SignatureRole.UNIT, None),
    ]
    given_ = [
        (SignatureRole.INSPECTOR, 1),
        (SignatureRole.INSPECTOR, 2),
        (SignatureRole.UNIT, None),
    ]
    assert rules.unsigned([1, 2], given_) == []


def test_a_digest_depends_on_the_content_not_on_its_order():
    assert rules.digest({"a": 1, "b": "水"}) == rules.digest({"b": "水", "a": 1})
    assert rules.digest({"a": 1}) != rules.digest({"a": 2})


def vectors(name):
    return json.loads((ROOT / f"tests/vectors/{name}.json").read_text("utf-8"))


@pytest.mark.parametrize("case", vectors("team"), ids=lambda case: case["name"])
def test_phones_refuse_the_same_teams(case):
    inspectors = {int(person): unit for person, unit in case["inspectors"].items()}
    refused = pytest.raises(Invalid) if case["refusal"] else nullcontext()
    with refused as refusal:
        rules.check_team(case["unit"], inspectors, by_id=case["by"], bureau_units={case["unit"]})
    assert (refusal and refusal.value.code) == case["refusal"]


@pytest.mark.parametrize("case", vectors("digests")["json"], ids=lambda case: case["name"])
def test_canonical_json_has_one_digest(case):
    assert rules.digest(case["value"]) == case["sha256"]


@pytest.mark.parametrize("case", vectors("digests")["shown"], ids=lambda case: case["name"])
def test_phones_sign_the_same_digest(case):
    shown = case["shown"]
    told = rules.shown_digest(
        inspection=shown["inspection"], checklist_sha256=shown["checklist"],
        unit_id=shown["unit"], inspectors=shown["inspectors"], answers=shown["answers"],
    )  # fmt: skip
    assert told == case["sha256"]
