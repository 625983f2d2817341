"""The server looks after the worker beside it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.e2e.serving import (
    ROOT,
    end_with_parent,
    environment,
    free_port,
    wait_until_ready,
)


def children_of(pid):
    """Return the processes under a server, as {pid: command line}."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = folder.joinpath("stat").read_text().rpartition(")")[2].split()[1]
            words = folder.joinpath("cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if int(parent) == pid:
            found[int(folder.name)] = words
    return found


def worker_of(server):
    return next((pid for pid, words in children_of(server.pid).items() if " worker" in words), None)


@pytest.mark.slow
def test_a_worker_that_was_killed_is_started_again_and_stops_with_the_server(tmp_path):
    port, log = free_port(), tmp_path / "serve.log"
    env = environment(tmp_path, f"http://127.0.0.1:{port}")
    words = [sys.executable, "-m", "webapp.cli", "serve", "--port", str(port), "--processes", "1"]
    with log.open("wb") as told:
        server = subprocess.Popen(
            words, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=told, stderr=told,
            preexec_fn=end_with_parent,
        )  # fmt: skip
    try:
        wait_until_ready(server, f"http://127.0.0.1:{port}", log)
        first = worker_of(server)
        os.kill(first, signal.SIGKILL)
        until = time.monotonic() + 60
        while worker_of(server) in (None, first) and time.monotonic() < until:
            time.sleep(0.1)
        second = worker_of(server)
        assert second not in (None, first), log.read_text()
    finally:
        server.terminate()
        status = server.wait(60)
    assert status == 0, log.read_text()
    assert not Path(f"/proc/{second}").exists()
    assert "worker --processes 1 ended and is started again" in log.read_text()
