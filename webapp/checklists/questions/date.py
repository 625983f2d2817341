"""A calendar day."""

import re
from datetime import date
from typing import ClassVar

from webapp.checklists.definitions import KindName, Question
from webapp.checklists.questions import reading
from webapp.checklists.questions.base import Kind, Value
from webapp.core.errors import N_, Invalid

FIRST_YEAR, LAST_YEAR = 1900, 2100

_UNREADABLE = N_("请填写日期，例如 2026-03-05")
_NO_SUCH_DAY = N_("没有 %(typed)s 这一天，请核对")
_OTHER_AGE = N_("年份应在 %(first)d 至 %(last)d 之间，请核对")

_DAY = re.compile(
    r"([0-9]{4})(?:-([0-9]{1,2})-([0-9]{1,2})|/([0-9]{1,2})/([0-9]{1,2})"
    r"|\.([0-9]{1,2})\.([0-9]{1,2})|年([0-9]{1,2})月([0-9]{1,2})日|([0-9]{2})([0-9]{2}))"
)
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


class Date(Kind):
    """Days; stored as ``YYYY-MM-DD``."""

    name: ClassVar[KindName] = "date"

    def parse(self, question: Question, raw: object) -> str | None:
        """Read ``2026-03-05``, ``2026/3/5``, ``2026.3.5``, ``2026年3月5日``, ``20260305``."""
        typed = "".join(reading.half_width(reading.string(question, raw)).split())
        return day(question, typed).isoformat() if typed else None

    def text(self, question: Question, value: Value | None, lang: str) -> str:
        """Return ``2026年3月5日``."""
        return "" if value is None else in_words(date.fromisoformat(value), lang)


def day(question: Question, typed: str) -> date:
    """Return the day that was typed.

    :raises Invalid: no date can be read, or there is no such day in 1900–2100.
    """
    found = _DAY.fullmatch(typed)
    if not found:
        raise Invalid(_UNREADABLE, field=question.id)
    year, month, day_ = (int(part) for part in found.groups() if part)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Invalid(_OTHER_AGE, field=question.id, first=FIRST_YEAR, last=LAST_YEAR)
    try:
        return date(year, month, day_)
    except ValueError:
        raise Invalid(_NO_SUCH_DAY, field=question.id, typed=typed) from None


def in_words(value: date, lang: str) -> str:
    """Return a day as people write it."""
    if lang[:2] == "en":
        return f"{value.day} {MONTHS[value.month - 1]} {value.year}"
    return f"{value.year}年{value.month}月{value.day}日"
