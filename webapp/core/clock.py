"""The one place that asks what time it is."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

CHINA = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """Return the present instant in UTC."""
    return datetime.now(UTC)


def local_day(at: datetime) -> date:
    """Return the calendar day of an instant in China, where all users are."""
    return at.astimezone(CHINA).date()


def today() -> date:
    """Return today's date in China."""
    return local_day(now())
