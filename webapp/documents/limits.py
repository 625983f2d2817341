"""How often one address may ask the public pages; in memory, each process for itself."""

import time
from collections import deque
from threading import Lock

from webapp.core.errors import N_, Busy

ADDRESSES_MAX = 10_000


class Limit:
    """At most ``most`` calls from one address in ``seconds``; the window slides."""

    def __init__(self, most: int, seconds: float) -> None:
        self.most, self.seconds = most, seconds
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
                raise Busy(
                    N_("核验太频繁，请稍后再试。"),
                    code="too_often",
                    remedy=N_("请等一分钟再核验；批量核验请联系制发单位。"),
                )
            calls.append(at)

    def clear(self) -> None:
        """Forget all calls."""
        with self._lock:
            self._calls.clear()

    def _forget(self, at: float) -> None:
        old = [one for one, calls in self._calls.items() if at - calls[-1] >= self.seconds]
        for address in old or list(self._calls):
            del self._calls[address]
