"""Starts the product as an operator does, and a browser that reaches nothing else."""

import contextlib
import ctypes
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import Browser, Playwright

ROOT = Path(__file__).parents[2]
START_SECONDS = 90
STOP_SECONDS = 60
PR_SET_PDEATHSIG = 1
LOCKED_IN = [  # Chromium reaches this machine only; its own sandbox refuses root
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
    *(["--no-sandbox"] if os.geteuid() == 0 else []),
]


@dataclass(frozen=True)
class Site:
    """A running installation: its address, its folder, who signs in where, what has which id."""

    url: str
    folder: Path
    links: dict[str, str]
    ids: dict[str, str]
    units: dict[str, str]
    routes: list[str]

    def at(self, path: str) -> str:
        """Return the whole address of a path, ``{names}`` in it filled in with ids."""
        return self.url + path.format(**self.ids)

    def link(self, username: str) -> str:
        """Return the address that signs somebody in."""
        return self.url + self.links[username]


@contextlib.contextmanager
def running(folder: Path) -> Iterator[Site]:
    """Fill an empty folder and serve it until told to stop; the server must stop cleanly."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    env = environment(folder, url)
    (folder / "DEMO").touch()
    told = json.loads(run("tests.e2e.bureau", env))
    with _serving(folder, port, env):
        yield Site(url=url, folder=folder, **told)


@contextlib.contextmanager
def beside(site: Site, *, host: str = "127.0.0.1", **settings: str) -> Iterator[Site]:
    """Serve the same bureau once more, with other settings or by another name."""
    port = free_port()
    url = f"http://{host}:{port}"
    with _serving(site.folder, port, environment(site.folder, url) | settings, "--no-worker"):
        yield replace(site, url=url)


@contextlib.contextmanager
def _serving(folder: Path, port: int, env: dict[str, str], *words: str) -> Iterator[None]:
    path = folder / f"serve-{port}.log"
    with path.open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "webapp.cli", "serve", "--port", str(port), "--processes", "1",
             *words],
            cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            preexec_fn=end_with_parent,
        )  # fmt: skip
    try:
        wait_until_ready(server, f"http://127.0.0.1:{port}", path)
        yield
    finally:
        server.terminate()
        status = server.wait(STOP_SECONDS)
    assert status == 0, path.read_text("utf-8", "replace")[-4000:]


def environment(folder: Path, url: str) -> dict[str, str]:
    """Return the environment of the installation: an operator's settings must not reach it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MINGCHA_")}
    return kept | {"MINGCHA_DATA_DIR": str(folder), "MINGCHA_BASE_URL": url}


def run(module: str, env: dict[str, str], *words: str) -> str:
    """Run a module and return what it prints.

    :raises RuntimeError: it fails; the text is the end of what it complained of.
    """
    done = subprocess.run(
        [sys.executable, "-m", module, *words], cwd=ROOT, env=env, capture_output=True, text=True,
        timeout=300, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"{module}:\n{done.stderr[-4000:]}")
    return done.stdout


def free_port() -> int:
    """Return a port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_ready(server: subprocess.Popen[bytes], url: str, log: Path) -> None:
    """Wait until the server answers.

    :raises RuntimeError: it ended, or did not answer in time.
    """
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and server.poll() is None:
        try:
            with urlopen(f"{url}/healthz", timeout=5):
                return
        except (URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError(f"the server did not start:\n{log.read_text('utf-8', 'replace')[-4000:]}")


def end_with_parent() -> None:
    """Ask the kernel to stop the server when the tests are killed without a chance to clean up."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def launch(playwright: Playwright) -> Browser:
    """Start Debian's Chromium, which may reach this machine only."""
    return playwright.chromium.launch(executable_path=chromium(), args=LOCKED_IN)


def chromium() -> str:
    """Find Debian's Chromium.

    :raises RuntimeError: there is none; the text says what to do.
    """
    found = shutil.which("chromium")
    if found is None:
        raise RuntimeError(
            "Chromium is not on this machine, and these tests are not skipped: "
            "as root, run ./mingcha test, or apt-get install chromium"
        )
    return found
