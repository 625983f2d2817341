"""A moment on the clock of the place, to the minute."""

import re
from datetime import datetime
from typing import ClassVar

from webapp.checklists.definitions import KindName, Question
from webapp.checklists.questions import reading
from webapp.checklists.questions.base import Kind, Value
from webapp.checklists.questions.date import day, in_words
from webapp.core.errors import N_, Invalid

_UNREADABLE = N_("请填写日期和时间，例如 2026-03-05 14:30")
_NO_SUCH_TIME = N_("没有 %(typed)s 这个时间，请填 00:00 至 23:59")

_MOMENT = re.compile(
    r"([0-9./年月日-]{8,11})(?:T|\s+|(?<=日))([0-9]{1,2})[:时]([0-9]{2})"
    r"(?:分|:[0-5][0-9](?:\.[0-9]{1,6})?)?"
)


class DateTime(Kind):
    """Moments; stored as ``YYYY-MM-DDTHH:MM``, local time; seconds are dropped."""

    name: ClassVar[KindName] = "datetime"

    def parse(self, question: Question, raw: object) -> str | None:
        """Read ``2026-03-05T14:30``, ``2026/3/5 14:30``, ``2026年3月5日14时30分``."""
        typed = reading.half_width(reading.string(question, raw)).strip()
        if not typed:
            return None
        found = _MOMENT.fullmatch(typed)
        if not found:
            raise Invalid(_UNREADABLE, field=question.id)
        on, hour, minute = found.groups()
        if int(hour) > 23 or int(minute) > 59:
            raise Invalid(_NO_SUCH_TIME, field=question.id, typed=f"{hour}:{minute}")
        return f"{day(question, on).isoformat()}T{int(hour):02}:{minute}"

    def text(self, question: Question, value: Value | None, lang: str) -> str:
        """Return ``2026年3月5日 14:30``."""
        if value is None:
            return ""
        at = datetime.fromisoformat(value)
        clock = f"{at.hour:02}:{at.minute:02}"
        return f"{in_words(at.date(), lang)}{', ' if lang[:2] == 'en' else ' '}{clock}"
