"""What answers amount to, worded; without a database."""

from datetime import date

import pytest

from tests.factories import CATALOGUE
from webapp.checklists import rules as checklists
from webapp.findings import rules
from webapp.findings.rules import FindingSource, Severity
from webapp.policies.rules import Figures

CHECKLISTS = {checklist.id: checklist for checklist in CATALOGUE}
VEHICLES = CHECKLISTS["official-vehicles"]
RECEPTIONS = CHECKLISTS["official-receptions"]
DAY = "2026-03-10"
FAILED = {
    "GC-01": "no",
    "GC-01.approved": 3,
    "GC-01.actual": 5,
    "GC-01.description": "院内停放在用车辆 5 辆。",
}
SUSPECT = {"GC-30": "yes", "GC-30.litres": "80", "GC-30.tank": "60"}


def test_what_does_not_conform_is_a_finding_with_its_figures_and_description():
    (found,) = rules.derive(VEHICLES, FAILED, DAY, Figures(VEHICLES))
    assert found.source is FindingSource.ITEM
    assert found.facts == (
        "“在用车辆数没有超过核定编制数”一项不符合："
        "核定编制数为3辆，实有在用车辆数为5辆。院内停放在用车辆 5 辆。"
    )
    assert found.severity is Severity.CRITICAL
    assert (found.deadline_days, found.deadline_unit) == (30, "calendar")
    assert found.basis_json[0] == {
        "law": "党政机关公务用车管理办法（中办发〔2017〕71号）",
        "article": "第6条",
        "verified": True,
    }


def test_suspect_figures_are_a_doubt_for_a_person_to_check():
    (found,) = rules.derive(VEHICLES, SUSPECT, DAY, Figures(VEHICLES))
    assert found.source is FindingSource.RULE
    assert found.facts.startswith("疑点：“单次加油量不超过油箱容积”一项填报为“符合”，系统比对提示")
    assert "80升" in found.facts
    assert "60升" in found.facts
    assert found.facts.endswith("须由人核实。")
    assert found.transfer


def test_an_item_that_fails_and_is_suspect_is_one_finding():
    both = SUSPECT | {"GC-30": "no", "GC-30.description": "票面 80 升。"}
    (found,) = rules.derive(VEHICLES, both, DAY, Figures(VEHICLES))
    assert found.source is FindingSource.ITEM


@pytest.mark.parametrize("checklist", CATALOGUE, ids=lambda c: c.id)
def test_every_item_that_fails_is_a_finding(checklist):
    answers = {item.id: "no" for item in checklist.items}
    found = rules.derive(checklist, answers, DAY, Figures(checklist))
    assert [f.item_id for f in found] == [item.id for item in checklist.items]
    assert all(f.basis and f.facts and f.rectification for f in found)


def test_what_conforms_or_does_not_apply_amounts_to_nothing():
    answers = {item.id: "yes" for item in VEHICLES.items} | {"GC-02": "na"}
    assert rules.derive(VEHICLES, answers, DAY, Figures(VEHICLES)) == ()
    assert checklists.suspects(VEHICLES, answers, DAY, Figures(VEHICLES)) == ()


@pytest.mark.parametrize(
    ("day", "edition"),
    [("2025-05-01", "（2013年）"), ("2025-05-02", "（2025年修订）")],
)
def test_of_two_editions_the_one_in_force_on_the_day_is_quoted(day, edition):
    basis = rules.basis_on(VEHICLES, VEHICLES.item("GC-06"), date.fromisoformat(day))
    (title,) = {b.law for b in basis if "厉行节约" in b.law}
    assert title.endswith(edition)


def test_a_law_without_a_listed_successor_stays_and_says_that_it_was_not_in_force():
    basis = rules.basis_on(VEHICLES, VEHICLES.item("GC-12"), date(2025, 5, 1))
    assert [b.article[-10:] for b in basis] == ["（检查当日尚未施行）"]
    basis = rules.basis_on(VEHICLES, VEHICLES.item("GC-27"), date(2026, 1, 1))
    assert basis[0].article == "第25条（检查当日已不再施行）"


def test_figures_that_are_not_asked_are_left_out():
    item = CHECKLISTS["eight-prohibitions"].item("ZB-06")
    answers = {"ZB-06": "na", "ZB-06.missing_pages": 2}
    assert rules.figures_of(item, answers | {"ZB-06": "no"}, DAY)
    hidden = [f for f in item.fields if f.shown_if]
    if hidden:
        assert rules.figures_of(item, answers, DAY) == ""


@pytest.mark.parametrize(
    ("answers", "day"),
    [
        ({"visit.started_at": "2026-03-09T23:30"}, "2026-03-09"),
        ({}, "2026-03-10"),
        ({"visit.started_at": "gestern"}, "2026-03-10"),
    ],
)
def test_the_day_of_the_visit(answers, day):
    assert rules.visit_day(answers, date(2026, 3, 10)) == day


@pytest.mark.parametrize(
    ("days", "unit", "due"),
    [(15, "calendar", "2026-03-25"), (3, "working", "2026-03-13"), (0, "calendar", "2026-03-10")],
)
def test_the_deadline_counts_from_the_day_after_service(days, unit, due):
    assert rules.due_on(date(2026, 3, 10), days, unit) == date.fromisoformat(due)


@pytest.mark.parametrize(
    ("due", "transfer", "overdue"),
    [
        (date(2026, 3, 9), False, True),
        (date(2026, 3, 10), False, False),
        (date(2026, 3, 9), True, False),
        (None, False, False),
    ],
)
def test_overdue_begins_the_day_after(due, transfer, overdue):
    assert rules.is_overdue(due, date(2026, 3, 10), transfer=transfer) is overdue


def test_hostile_text_stays_text():
    nasty = FAILED | {"GC-01.description": "<script>alert(1)</script>{{7*7}}=1+1𠀀😀"}
    (found,) = rules.derive(VEHICLES, nasty, DAY, Figures(VEHICLES))
    assert found.facts.endswith("<script>alert(1)</script>{{7*7}}=1+1𠀀😀")
