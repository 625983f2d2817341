"""A capped child process for work on files that strangers send.

The child starts without this package's ``__init__`` modules (no Flask, no database, no secrets in
its environment), limits its own memory, time and output, gives up the network and writing,
then calls ``examine(question, data)`` of one module and prints the answer as JSON.
"""

import importlib
import json
import logging
import os
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

MIB = 1024 * 1024
MEMORY_BYTES = 1024 * MIB
CPU_S = 20
WALL_S = 30
ANSWER_BYTES = MIB
FILES_MAX = 64
AT_ONCE = 2  # children per process; each may take MEMORY_BYTES
PATIENCE_S = 10  # how long a caller waits for its turn
PACKAGE = Path(__file__).resolve().parents[1]

BOOT = """
import sys, types
for name in ("webapp", "webapp.core", sys.argv[2].rpartition(".")[0]):
    sys.modules[name] = types.ModuleType(name)
    sys.modules[name].__path__ = [sys.argv[1] + "/" + "/".join(name.split(".")[1:])]
from webapp.core.sandbox import inside
inside(sys.argv[2])
"""
FORBIDDEN = (
    "socket.connect", "socket.bind", "socket.sendto", "socket.getaddrinfo", "subprocess.Popen",
    "os.exec", "os.posix_spawn", "os.fork", "os.forkpty", "os.system", "os.remove", "os.rename",
    "os.rmdir", "os.mkdir", "os.chmod", "os.symlink", "os.link", "os.truncate", "os.kill",
)  # fmt: skip

_turns = threading.BoundedSemaphore(AT_ONCE)


class Failed(Exception):  # noqa: N818 - reads as the claim it makes
    """The child gave no answer.  ``code``: ``busy``, ``too_costly`` or ``crashed``."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def run(module: str, question: Mapping[str, object], data: bytes) -> dict[str, Any]:
    """Let ``module.examine`` look at ``data`` in a child process and return its answer.

    :raises Failed: there was no turn in time, or the child was stopped or died.
    """
    from webapp.core.turns import outside  # the child, which reads this module too, does without

    with outside():
        if not _turns.acquire(timeout=PATIENCE_S):
            raise Failed("busy")
        try:
            return _answer(module, question, data)
        finally:
            _turns.release()


def _answer(module: str, question: Mapping[str, object], data: bytes) -> dict[str, Any]:
    with TemporaryFile() as given, TemporaryFile() as answer:
        given.write(json.dumps(question).encode() + b"\n")
        given.write(data)
        given.seek(0)
        _wait(module, given.fileno(), answer.fileno())
        answer.seek(0)
        return _parsed(answer.read(ANSWER_BYTES))


def _wait(module: str, stdin: int, stdout: int) -> None:
    command = [sys.executable, "-I", "-c", BOOT, str(PACKAGE), module]
    kept = {name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ}
    child = subprocess.Popen(  # noqa: S603 - our own interpreter and code, no shell
        command, stdin=stdin, stdout=stdout, stderr=subprocess.DEVNULL, cwd="/",
        env={"LC_ALL": "C.UTF-8"} | kept, close_fds=True,
    )  # fmt: skip
    try:
        status = child.wait(WALL_S)
    except subprocess.TimeoutExpired as error:
        raise Failed("too_costly") from error
    finally:
        child.kill()
        child.wait()
    if status != 0:
        stopped = status in (-signal.SIGXCPU, -signal.SIGKILL)
        raise Failed("too_costly" if stopped else "crashed")


def _parsed(answer: bytes) -> dict[str, Any]:
    try:
        parsed = json.loads(answer)
    except ValueError as error:
        raise Failed("crashed") from error
    if not isinstance(parsed, dict):
        raise Failed("crashed")
    return parsed


def inside(module: str) -> None:
    """Run in the child: cap everything, read the question and the file, print the answer."""
    for limit, value in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_S),
        (resource.RLIMIT_FSIZE, ANSWER_BYTES),
        (resource.RLIMIT_NOFILE, FILES_MAX),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (value, value))
    os.nice(5)
    logging.disable(logging.CRITICAL)  # nobody reads it, and hostile files provoke megabytes
    examine = importlib.import_module(module).examine
    sys.addaudithook(_refuse)
    question = json.loads(sys.stdin.buffer.readline())
    answer = examine(question, sys.stdin.buffer.read())
    sys.stdout.write(json.dumps(answer))
    sys.stdout.flush()
    os._exit(0)  # nothing to tidy up, and no finaliser of a hostile object graph to wait for


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    """Forbid what reading a PDF never needs: the network, programs, changing files."""
    if event in FORBIDDEN:
        raise PermissionError(event)
    if event == "open" and isinstance(arguments[2], int):
        writes = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
        if arguments[2] & writes:
            raise PermissionError(event)
