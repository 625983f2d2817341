"""How papers word days, moments and figures."""

import re
from datetime import date, datetime

_GAP = re.compile(r"(?<=[0-9]) (?=[^\x00-\x7f])")


def day(value: date) -> str:
    """Return a day as documents print it."""
    return f"{value.year}年{value.month}月{value.day}日"


def moment(value: datetime) -> str:
    """Return a local date and time as documents print it."""
    return f"{day(value.date())}{value.hour}时{value.minute:02}分"


def close(words: str) -> str:
    """Return words without the space that screens put between a figure and its unit."""
    return _GAP.sub("", words)


def local(value: str | None) -> str:
    """Return a stored local date and time as documents print it; empty where there is none."""
    return moment(datetime.fromisoformat(value)) if value else ""
