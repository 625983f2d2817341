"""How many requests of one process are worked on at once.

Python runs one thread at a time.  One that holds the write lock lets go of the interpreter at each
statement and gets it back only when the others have had their turn: with four at work all wait
longer for the lock.  So two are at work, first come, first served.  Whoever hands over what a slow
phone sends, or waits for another program, takes no turn: any number of them hold nobody up.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from tempfile import SpooledTemporaryFile
from typing import IO, Any

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
BODY_MAX_BYTES = 8 * 1024 * 1024
IN_MEMORY_BYTES = 1024 * 1024
PIECE_BYTES = 64 * 1024

_here = threading.local()


class Turns:
    """A WSGI application that takes a request's body in before it waits for its turn."""

    def __init__(self, application: Application, at_once: int) -> None:
        self.application = application
        self.free = at_once  # below 0 while those who came back are too many
        self.waiting: deque[threading.Lock] = deque()
        self.guard = threading.Lock()

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Answer in turn; a very large body is left to the view, which may refuse it unread."""
        length = environ.get("CONTENT_LENGTH") or ""
        if not (length.isdigit() and int(length) <= BODY_MAX_BYTES):
            return self._in_turn(environ, start_response)
        with SpooledTemporaryFile(IN_MEMORY_BYTES) as body:
            _take(environ["wsgi.input"], int(length), body)
            environ["wsgi.input"] = body
            return self._in_turn(environ, start_response)

    def _in_turn(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        self.enter()
        _here.turns = self
        try:
            return self.application(environ, start_response)
        finally:
            _here.turns = None
            self.leave()

    def enter(self) -> None:
        """Wait for a turn."""
        with self.guard:
            if self.free > 0:
                self.free -= 1
                return
            mine = threading.Lock()
            mine.acquire()
            self.waiting.append(mine)
        mine.acquire()  # until somebody hands theirs over

    def come_back(self) -> None:
        """Take a turn without waiting: one may hold the write lock that the others wait for."""
        with self.guard:
            self.free -= 1

    def leave(self) -> None:
        """Hand the turn to who has waited longest."""
        with self.guard:
            if self.waiting and self.free >= 0:
                self.waiting.popleft().release()
            else:
                self.free += 1


@contextmanager
def outside() -> Iterator[None]:
    """Take no turn while waiting for something that is not this process's work."""
    turns: Turns | None = getattr(_here, "turns", None)
    if turns is None:
        yield
        return
    turns.leave()
    try:
        yield
    finally:
        turns.come_back()


def _take(body: Any, length: int, kept: IO[bytes]) -> None:
    while length > 0 and (piece := body.read(min(length, PIECE_BYTES))):
        kept.write(piece)
        length -= len(piece)
    kept.seek(0)
