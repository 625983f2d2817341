"""How often something may be tried; in memory, each process for itself."""

import time
from collections import deque
from threading import Lock

from webapp.core.errors import N_, Busy

ADDRESSES_MAX = 10_000
CHECKS = (N_("核验太频繁，请稍后再试。"), N_("请等一分钟再核验；批量核验请联系制发单位。"))
PASSWORDS = (
    N_("密码错的次数太多，请稍后再签。"), N_("请等五分钟再试；忘了密码的，请系统管理员重设。")
)  # fmt: skip


class Limit:
    """At most ``most`` calls from one address in ``seconds``; the window slides.

    ``told`` are the words and the remedy of the refusal.
    """

    def __init__(self, most: int, seconds: float, told: tuple[str, str] = CHECKS) -> None:
        self.most, self.seconds, self.told = most, seconds, told
        self._calls: dict[str, deque[float]] = {}
        self._lock = Lock()

    def count(self, address: str) -> None:
        """Note one call.

        :raises Busy: it is one too many.
        """
        at = time.monotonic()
        with self._lock:
            if len(self._calls) > ADDRESSES_MAX:
                self._forget(at)
            calls = self._calls.setdefault(address, deque(maxlen=self.most))
            if len(calls) == self.most and at - calls[0] < self.seconds:
                words, remedy = self.told
                raise Busy(words, code="too_often", remedy=remedy)
            calls.append(at)

    def forgive(self, address: str) -> None:
        """Take back the newest call: it turned out to be none that counts."""
        with self._lock:
            if calls := self._calls.get(address):
                calls.pop()

    def clear(self) -> None:
        """Forget all calls."""
        with self._lock:
            self._calls.clear()

    def _forget(self, at: float) -> None:
        old = [one for one, calls in self._calls.items()
               if not calls or at - calls[-1] >= self.seconds]  # fmt: skip
        for address in old or list(self._calls):
            del self._calls[address]


passwords = Limit(10, 300, PASSWORDS)  # wrong ones, before a signature
