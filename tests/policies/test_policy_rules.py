"""Which figure is in force on a day, and what a doubt says of it."""

from datetime import date

import pytest

from tests.factories import CATALOGUE_BY_ID
from webapp.checklists import rules as checklists
from webapp.findings import rules as findings
from webapp.policies.rules import Entry, Figures, number

VEHICLES = CATALOGUE_BY_ID["official-vehicles"]
WEDDING = CATALOGUE_BY_ID["wedding-funeral"]
KEY = "lease.max_days"
RENTED = {"GC-09": "yes", "GC-09.longest_days": 25}


def entry(value, since, until=None, key=KEY):
    day = date.fromisoformat
    return Entry(
        key, value, day(since), until and day(until), "公车租用规定", "示自然资发〔2026〕9号"
    )


def value_on(day, *entries):
    one = Figures(VEHICLES, entries).on(date.fromisoformat(day)).get(KEY)
    return one and (one.value, one.own)


def test_what_the_product_ships_counts_where_nothing_is_entered():
    assert value_on("2026-03-10") == (30, False)


@pytest.mark.parametrize(
    ("day", "value"),
    [("2025-12-31", 30), ("2026-01-01", 20), ("2026-05-31", 20), ("2026-06-01", 10)],
)
def test_an_entry_counts_from_its_day_until_the_next(day, value):
    assert value_on(day, entry(20, "2026-01-01"), entry(10, "2026-06-01"))[0] == value


def test_after_its_last_day_what_was_before_counts_again():
    entries = (entry(20, "2026-01-01"), entry(10, "2026-02-01", "2026-02-28"))
    assert [value_on(f"2026-0{n}-15", *entries)[0] for n in (1, 2, 3)] == [20, 10, 20]


def test_of_two_for_one_day_the_later_entered_counts():
    assert value_on("2026-03-10", entry(20, "2026-01-01"), entry(21, "2026-01-01")) == (21, True)


def test_a_newer_national_figure_follows_an_older_local_one():
    older = entry(150000, "2016-01-01", key="std.confidential.price")
    figures = Figures(VEHICLES, (older,))
    before = figures.on(date(2017, 12, 4))["std.confidential.price"]
    after = figures.on(date(2017, 12, 5))["std.confidential.price"]
    assert (before.value, before.own) == (150000, True)
    assert (after.value, after.own) == (120000, False)


def test_a_figure_that_no_checklist_declares_is_passed_over():
    assert Figures(VEHICLES, (entry(1, "2026-01-01", key="of.old"),)).on(date(2026, 2, 1))


def test_a_doubt_names_the_figure_and_the_paper_that_sets_it():
    figures = Figures(VEHICLES, (entry(20, "2026-01-01"),))
    assert findings.derive(VEHICLES, RENTED, "2025-12-31", figures) == ()
    (found,) = findings.derive(VEHICLES, RENTED, "2026-01-01", figures)
    assert (
        "所用参数：同一车辆连续租用最长天数20天（公车租用规定（示自然资发〔2026〕9号），2026年1月1日起）。"
        in found.facts
    )
    assert found.figures[0].as_json["effective_from"] == "2026-01-01"


def test_a_product_default_is_called_unverified():
    (found,) = findings.derive(
        VEHICLES, RENTED | {"GC-09.longest_days": 31}, "2026-01-01", Figures(VEHICLES)
    )
    assert "，待核）" in found.facts


def test_the_standard_of_the_day_of_purchase_counts():
    bought = {"GC-04": "yes", "GC-04.vehicle_class": "confidential", "GC-04.price": "130000.00"}
    figures = Figures(VEHICLES)
    judged = [
        checklists.suspects(VEHICLES, bought | more, "2026-03-10", figures)
        for more in ({}, {"GC-04.purchased_on": "2018-01-02"}, {"GC-04.purchased_on": "2016-01-02"})
    ]
    assert judged == [("GC-04",), ("GC-04",), ()]  # of 2016 the system knows no standard


def test_where_nobody_set_a_limit_the_rule_is_silent():
    cars = {"HS-18": "yes", "HS-18.cars": 12}
    assert checklists.suspects(WEDDING, cars, "2026-03-10", Figures(WEDDING)) == ()
    own = Figures(WEDDING, (entry(8, "2026-01-01", key="wf.car_limit"),))
    assert checklists.suspects(WEDDING, cars, "2026-03-10", own) == ("HS-18",)
    assert checklists.suspects(WEDDING, cars, "2025-12-31", own) == ()


@pytest.mark.parametrize(("value", "words"), [(120000.0, "120,000"), (1.6, "1.6"), (0.0, "0")])
def test_figures_are_written_as_people_do(value, words):
    assert number(value) == words


@pytest.mark.parametrize("checklist", CATALOGUE_BY_ID.values(), ids=CATALOGUE_BY_ID)
def test_no_rule_carries_a_local_figure_in_itself(checklist):
    """A number in an expression is zero, one, a hundred for percent, or a unit of time."""
    import re

    for item in checklist.items:
        found = re.findall(r"(?<![\w.])\d+\.\d+", item.suspect_if or "")
        assert set(found) <= {"0.0", "0.005", "1.0", "100.0", "24.0", "8766.0"}, item.id
