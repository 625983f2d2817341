"""What a device is called, and whose answers are overdue."""

from datetime import timedelta

import pytest

from tests.factories import AT
from webapp.devices.rules import Condition, Queue, condition, words_of, worth_noting

LONG_AGO, JUST_NOW = AT - timedelta(days=2), AT - timedelta(seconds=20)


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        ("Mozilla/5.0 (Linux; Android 12; HarmonyOS) AppleWebKit/537.36 (KHTML, like Gecko) "
         "Chrome/114.0.0.0 Mobile Safari/537.36", ("鸿蒙手机", "Chrome 浏览器")),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 "
         "(KHTML, like Gecko) Mobile/15E148 MicroMessenger/8.0.40", ("苹果手机", "微信")),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
         "Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0", ("Windows 电脑", "Edge 浏览器")),
        ("python-requests/2.32", ()), ("", ()), ("x" * 5000, ()),
    ],
)  # fmt: skip
def test_a_device_is_named_in_plain_words(user_agent, words):
    assert words_of(user_agent) == words


@pytest.mark.parametrize(
    ("revoked_at", "waiting", "oldest_at", "expected"),
    [
        (None, 0, None, Condition.CLEAR),
        (None, 3, JUST_NOW, Condition.WAITING),
        (None, 3, None, Condition.WAITING),
        (None, 3, LONG_AGO, Condition.OVERDUE),
        (AT, 3, LONG_AGO, Condition.REVOKED),
    ],
)
def test_what_waits_longer_than_a_day_is_overdue(revoked_at, waiting, oldest_at, expected):
    assert condition(revoked_at, waiting, oldest_at, at=AT) is expected


@pytest.mark.parametrize(
    ("seen_at", "queue", "expected"),
    [
        (JUST_NOW, None, False), (JUST_NOW, Queue(2), False), (JUST_NOW, Queue(3), True),
        (LONG_AGO, None, True), (LONG_AGO, Queue(2), True), (None, Queue(2), True),
    ],
)  # fmt: skip
def test_a_contact_is_written_once_a_minute_or_when_the_queue_changed(seen_at, queue, expected):
    assert worth_noting(seen_at, 2, queue, at=AT) is expected
