"""The work calendar: the bureau's own test vectors, and years that nobody knows yet."""

from datetime import date, timedelta

import pytest

from webapp.core import calendar
from webapp.core.errors import Invalid

D = date.fromisoformat


@pytest.mark.parametrize(
    ("event", "days", "latest"),
    [
        ("2026-10-05", 10, "2026-09-17"),  # Sunday 20 September is worked
        ("2026-02-21", 10, "2026-02-03"),  # Saturday 14 February is worked
        ("2026-05-02", 10, "2026-04-17"),
        ("2026-01-03", 10, "2025-12-18"),  # across the year's end
        ("2025-10-06", 10, "2025-09-18"),  # Sunday 28 September is worked
    ],
)
def test_working_days_are_counted_back(event, days, latest):
    assert calendar.working_days_before(D(event), days) == D(latest)


@pytest.mark.parametrize(
    ("event", "days", "unit", "last"),
    [
        ("2026-02-14", 10, "working", "2026-03-06"),
        ("2026-09-30", 10, "working", "2026-10-20"),
        ("2026-09-25", 10, "calendar", "2026-10-05"),
        ("2026-12-20", 10, "calendar", "2026-12-30"),
        ("2026-03-10", 0, "calendar", "2026-03-10"),
        ("2026-03-07", 0, "working", "2026-03-07"),
    ],
)
def test_days_are_counted_on(event, days, unit, last):
    assert calendar.after(D(event), days, unit) == D(last)


@pytest.mark.parametrize(
    ("event", "days", "last"),
    [
        ("2026-05-01", 10, "2026-05-11"),
        ("2026-05-01", 15, "2026-05-18"),
        ("2026-02-14", 7, "2026-02-24"),
    ],
)
def test_a_last_day_off_moves_to_the_next_working_day(event, days, last):
    assert calendar.on_or_after(D(event) + timedelta(days)) == D(last)


@pytest.mark.parametrize("year", [2025, 2026])
def test_both_years_have_248_working_days(year):
    days = (date(year, 1, 1) + timedelta(n) for n in range(365))
    assert sum(calendar.is_working(day) for day in days) == 248


def test_days_worked_in_exchange_fall_on_weekends():
    for number, year in calendar.YEARS.items():
        assert all(day.weekday() >= 5 and day.year == number for day in year.worked)
        assert all(first <= last for first, last in year.free)
        assert not [d for d in year.worked for first, last in year.free if first <= d <= last]


@pytest.mark.parametrize("start", ["2026-12-20", "2027-03-01", "2024-12-30"])
def test_an_unknown_year_is_refused_and_never_guessed(start):
    with pytest.raises(Invalid) as refusal:
        calendar.working_days_after(D(start), 10)
    assert refusal.value.code == "calendar_unknown"
    assert "数据不足" in str(refusal.value)
