"""Working days: weekends, public holidays, and the weekend days worked in exchange (调休).

Each year's table is copied from the State Council's yearly notice.  A year whose notice is not out
is unknown: counting into it is refused, never guessed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from webapp.core.errors import N_, Invalid

DayUnit = Literal["calendar", "working"]
ONE_DAY = timedelta(days=1)
SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Year:
    """One year's notice: ``free`` are periods off, ends included; ``worked`` are weekend days."""

    source: str
    free: tuple[tuple[date, date], ...]
    worked: frozenset[date]

    def is_working(self, day: date) -> bool:
        """Say whether people are at work on ``day``, a day of this year."""
        if day in self.worked:
            return True
        return day.weekday() < SATURDAY and not any(a <= day <= b for a, b in self.free)


def _year(number: int, source: str, free: str, worked: str) -> Year:
    """Read ``0128-0204`` as a period and ``0101`` as a day of the year ``number``."""

    def day(text: str) -> date:
        return date(number, int(text[:2]), int(text[2:]))

    periods = (period.partition("-") for period in free.split())
    return Year(
        source,
        tuple((day(first), day(last or first)) for first, _, last in periods),
        frozenset(map(day, worked.split())),
    )


YEARS: Mapping[int, Year] = {
    2025: _year(
        2025,
        "国务院办公厅关于2025年部分节假日安排的通知",
        free="0101 0128-0204 0404-0406 0501-0505 0531-0602 1001-1008",
        worked="0126 0208 0427 0928 1011",
    ),
    2026: _year(
        2026,
        "国务院办公厅关于2026年部分节假日安排的通知",
        free="0101-0103 0215-0223 0404-0406 0501-0505 0619-0621 0925-0927 1001-1007",
        worked="0104 0214 0228 0509 0920 1010",
    ),
}


def is_working(day: date) -> bool:
    """Say whether ``day`` is a working day.

    :raises Invalid: the year's notice is not known (code ``calendar_unknown``).
    """
    year = YEARS.get(day.year)
    if year is None:
        raise Invalid(
            N_("数据不足：%(year)d 年的放假安排尚未录入，不能推算工作日"),
            code="calendar_unknown",
            year=day.year,
            remedy=N_("请等国务院办公厅的通知公布并更新系统后再算，或改用自然日。"),
        )
    return year.is_working(day)


def working_days_after(start: date, days: int) -> date:
    """Return the working day that many after ``start``, which itself does not count.

    :raises Invalid: the count reaches into an unknown year.
    """
    return _count(start, days, ONE_DAY)


def working_days_before(end: date, days: int) -> date:
    """Return the working day that many before ``end``, which itself does not count.

    :raises Invalid: the count reaches into an unknown year.
    """
    return _count(end, days, -ONE_DAY)


def on_or_after(day: date) -> date:
    """Return ``day``, or the first working day after it (顺延).

    :raises Invalid: the year is unknown.
    """
    while not is_working(day):
        day += ONE_DAY
    return day


def after(start: date, days: int, unit: DayUnit) -> date:
    """Return the day that many calendar or working days after ``start``, which does not count.

    :raises Invalid: working days are counted into an unknown year.
    """
    return start + timedelta(days=days) if unit == "calendar" else working_days_after(start, days)


def _count(day: date, days: int, step: timedelta) -> date:
    left = days
    while left > 0:
        day += step
        left -= is_working(day)
    return day
