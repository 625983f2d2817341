"""A throw-away installation with a fictional cast, and the servers that run on it."""

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Flask

from tests import factories
from tests.factories import Cast
from webapp.accounts import service as accounts
from webapp.accounts.models import Unit
from webapp.accounts.rules import Role
from webapp.accounts.views import demo_link
from webapp.cli import ready_app
from webapp.core.config import ROOT
from webapp.core.db import db

PAIRS = 8
TICK_S = 1 / os.sysconf("SC_CLK_TCK")


@dataclass
class Phone:
    """An inspector with a phone, and the colleague on the same team."""

    username: str
    user_id: int
    mate_id: int
    link: str
    token: str


@dataclass
class House:
    """An installation: its folder, its application, its people."""

    folder: Path
    app: Flask
    cast: Cast
    phones: list[Phone]

    @contextmanager
    def server(self, *, worker: bool = False) -> Iterator["Server"]:
        """Serve it as ``mingcha serve`` does."""
        port = _free_port()
        words = [sys.executable, "-m", "webapp.cli", "serve", "--port", str(port)]
        words.append("--worker" if worker else "--no-worker")
        process = subprocess.Popen(words, cwd=ROOT, env=_environment(self.folder))
        try:
            _wait(port, process)
            yield Server(port, process.pid)
        finally:
            process.terminate()
            process.wait(60)


@dataclass(frozen=True)
class Server:
    """A running server."""

    port: int
    pid: int

    @property
    def url(self) -> str:
        """Return its address."""
        return f"http://127.0.0.1:{self.port}"

    def cpu_s(self) -> float:
        """Return the processor time that the processes which answer have used."""
        return sum(_cpu_s(pid) for pid in self._processes() if not _is_worker(pid))

    def worker_cpu_s(self) -> float:
        """Return the processor time of the background work."""
        return sum(_cpu_s(pid) for pid in self._processes() if _is_worker(pid))

    def _processes(self) -> list[int]:
        return [self.pid, *_descendants(self.pid)]


@contextmanager
def house() -> Iterator[House]:
    """Build an installation and take it down again."""
    with tempfile.TemporaryDirectory(prefix="mingcha-bench-") as name:
        before = os.environ.get("MINGCHA_DATA_DIR")
        os.environ.update(_environment(Path(name)))
        try:
            app = ready_app()
            with app.app_context():
                cast = factories.make_cast()
                phones = _phones(app.extensions["settings"].secret_key)
            yield House(Path(name), app, cast, phones)
        finally:
            db.session.remove()
            db.engine.dispose()
            os.environ.pop("MINGCHA_DATA_DIR")
            if before is not None:
                os.environ["MINGCHA_DATA_DIR"] = before


def _environment(folder: Path) -> dict[str, str]:
    own = {k: v for k, v in os.environ.items() if not k.startswith("MINGCHA_")}
    return own | {"MINGCHA_DATA_DIR": str(folder)}


def _phones(secret_key: str) -> list[Phone]:
    with db.writing() as session:
        unit = session.query(Unit).filter_by(name="督查室").one()

        def person(name: str) -> int:
            return accounts.add_user(
                session, username=name, name=f"督查员{name}", name_en=name, unit=unit,
                roles=(Role.INSPECTOR,), password=None, by_id=None, at=factories.AT,
            ).id  # fmt: skip

        phones = []
        for number in range(PAIRS):
            name = f"phone{number}"
            own, mate = person(name), person(f"mate{number}")
            user = factories.user(session, name)
            token = accounts.give_token(session, user, label="bench", at=factories.AT)
            phones.append(Phone(name, own, mate, demo_link(secret_key, name), token))
        return phones


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _wait(port: int, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the server did not start")


# -- processes, as /proc shows them ------------------------------------------------------------


def _stat(pid: int) -> list[str]:
    """Return the fields after the name, from the state on."""
    return Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()


def _cpu_s(pid: int) -> float:
    user, system = _stat(pid)[11:13]
    return (int(user) + int(system)) * TICK_S


def _descendants(pid: int) -> list[int]:
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(path.parent.name)] = int(_stat(int(path.parent.name))[1])
        except (OSError, IndexError):
            continue  # it has just ended
    found = [child for child, parent in parents.items() if parent == pid]
    return [*found, *(below for child in found for below in _descendants(child))]


def _is_worker(pid: int) -> bool:
    words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    return b"worker" in words
