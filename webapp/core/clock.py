"""The one place that asks what time it is."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


def now() -> datetime:
    """Return the present instant in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """Return today's date in China, where all users are."""
    return now().astimezone(ZoneInfo("Asia/Shanghai")).date()
