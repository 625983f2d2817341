"""A real server that is killed every few seconds, and started again each time."""

import contextlib
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.request import urlopen

from tests.e2e.serving import ROOT, end_with_parent

START_S = 120


class Mortal:
    """Runs ``mingcha serve`` on a port; ``with`` it runs and dies, and at the end it lives.

    ``life_s`` bounds how long it lives each time; ``whole`` is how often all of it is killed, and
    not one of its processes, which costs no new start.
    """

    def __init__(
        self, port: int, env: dict[str, str], log: Path, *,
        seed: int, life_s: tuple[float, float], whole: float, words: tuple[str, ...] = (),
    ) -> None:  # fmt: skip
        self.port = port
        self.life_s = life_s
        self.whole = whole
        self.words = words
        # Each life begins with imports: their bytecode is kept, whatever the tests' own setting.
        self.env = {k: v for k, v in env.items() if k != "PYTHONDONTWRITEBYTECODE"}
        self.log = log
        self.random = random.Random(seed)
        self.deaths = 0
        self._spared = threading.Event()
        self._thread = threading.Thread(target=self._live_and_die)

    def __enter__(self) -> "Mortal":
        self._start()
        self._wait()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._spared.set()
        self._thread.join()
        self.server.terminate()
        try:
            self.server.wait(60)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.server.pid, signal.SIGKILL)

    def _live_and_die(self) -> None:
        while not self._spared.wait(self.random.uniform(*self.life_s)):
            self._kill()
            self._wait()

    def _kill(self) -> None:
        """Kill the whole server, at first anyway, or one of its processes."""
        self.deaths += 1
        children = _children(self.server.pid)
        if self.deaths > 1 and children and self.random.random() > self.whole:
            os.kill(self.random.choice(children), signal.SIGKILL)
            return
        os.killpg(self.server.pid, signal.SIGKILL)
        self.server.wait()
        self._start()

    def _start(self) -> None:
        words = [sys.executable, "-m", "webapp.cli", "serve", "--port", str(self.port), *self.words]
        with self.log.open("ab") as log:
            self.server = subprocess.Popen(
                words, cwd=ROOT, env=self.env, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True, preexec_fn=end_with_parent,
            )  # fmt: skip

    def _wait(self) -> None:
        until = time.monotonic() + START_S
        while time.monotonic() < until and self.server.poll() is None:
            try:
                urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5).close()
            except OSError:
                time.sleep(0.1)
            else:
                return
        raise RuntimeError(f"no server:\n{self.log.read_text('utf-8', 'replace')[-4000:]}")


def _children(pid: int) -> list[int]:
    told = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in told.read_text("ascii").split()] if told.exists() else []
