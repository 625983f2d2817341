"""What a device is called, when its news are worth a write, whose answers are overdue."""

import enum
from dataclasses import dataclass
from datetime import datetime, timedelta

from webapp.core.errors import N_

NOTE_EVERY = timedelta(minutes=1)
OVERDUE_AFTER = timedelta(days=1)

# In this order: a browser inside WeChat calls itself Chrome and Safari too.
SYSTEMS = (
    ("HarmonyOS", N_("鸿蒙手机")), ("OpenHarmony", N_("鸿蒙手机")), ("iPhone", N_("苹果手机")),
    ("iPad", N_("苹果平板")), ("Android", N_("安卓手机")), ("Windows", N_("Windows 电脑")),
    ("Macintosh", N_("苹果电脑")), ("Linux", N_("Linux 电脑")),
)  # fmt: skip
BROWSERS = (
    ("MicroMessenger", N_("微信")), ("DingTalk", N_("钉钉")), ("QQBrowser", N_("QQ 浏览器")),
    ("UCBrowser", N_("UC 浏览器")), ("HuaweiBrowser", N_("华为浏览器")),
    ("MiuiBrowser", N_("小米浏览器")), ("Edg", N_("Edge 浏览器")), ("Firefox", N_("火狐浏览器")),
    ("Chrome", N_("Chrome 浏览器")), ("CriOS", N_("Chrome 浏览器")),
    ("Safari", N_("Safari 浏览器")),
)  # fmt: skip


class Condition(enum.Enum):
    """How a device stands, the most pressing first."""

    OVERDUE = "overdue"
    WAITING = "saved"
    CLEAR = "sent"
    REVOKED = "void"


@dataclass(frozen=True)
class Queue:
    """What waits on a phone besides the message it sends: how much, and since when."""

    waiting: int
    oldest_at: datetime | None = None


def words_of(user_agent: str) -> tuple[str, ...]:
    """Return what a browser runs on and what it is, as messages; nothing for a program."""
    found = (next((word for sign, word in table if sign in user_agent), None)
             for table in (SYSTEMS, BROWSERS))  # fmt: skip
    return tuple(word for word in found if word)


def worth_noting(
    noted_at: datetime | None, waiting: int, queue: Queue | None, *, at: datetime
) -> bool:
    """Tell whether a known device's contact is worth a write: a change, else once a minute.

    ``noted_at`` is when such a contact (any, or one that hands something over) was noted last.
    """
    if noted_at is None or at - noted_at >= NOTE_EVERY:
        return True
    return queue is not None and queue.waiting != waiting


def condition(
    revoked_at: datetime | None, waiting: int, oldest_at: datetime | None, *, at: datetime
) -> Condition:
    """Return how a device stands; what waits for more than a day is overdue."""
    if revoked_at:
        return Condition.REVOKED
    if not waiting:
        return Condition.CLEAR
    overdue = oldest_at is not None and at - oldest_at > OVERDUE_AFTER
    return Condition.OVERDUE if overdue else Condition.WAITING
