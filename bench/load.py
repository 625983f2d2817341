"""Client processes that begin together, and what the server needed for them."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

from bench.figures import Figures, over_rounds, times
from bench.house import Server
from webapp.core.config import ROOT

WARM_UP_S = 1.0


def load(server: Server, orders: Sequence[dict[str, Any]], rounds: int, seconds: float) -> Figures:
    """Let a client follow each order, round by round; the first, short one is not counted.

    :raises RuntimeError: a client got an answer that is not what it asked for.
    """
    clients = [_Client(order | {"port": server.port}) for order in orders]
    try:
        _round(server, clients, WARM_UP_S)
        return over_rounds([_round(server, clients, seconds) for _ in range(rounds)])
    finally:
        for client in clients:
            client.stop()


def _round(server: Server, clients: "Sequence[_Client]", seconds: float) -> dict[str, float]:
    for client in clients:
        client.say(str(seconds))
    for client in clients:
        client.hear()
    cpu_s, background_s = server.cpu_s(), server.worker_cpu_s()
    for client in clients:
        client.say("go")
    found = [client.hear() for client in clients]
    _check(found)
    took = [ms for answer in found for ms in answer["ms"]]
    sizes = [size for answer in found for size in answer["bytes"]]
    figures = {
        "per_s": sum(len(answer["ms"]) / answer["elapsed_s"] for answer in found),
        **times(took),
        "cpu_ms": (server.cpu_s() - cpu_s) * 1000 / len(took),
        "bytes": sum(sizes) / len(sizes),
        "requests": float(len(took)),
        "load": os.getloadavg()[0],  # a busy machine makes every figure worse, cpu_ms too
    }
    background_s = server.worker_cpu_s() - background_s
    return figures | ({"background_cpu_s": background_s} if background_s else {})


def _check(found: Sequence[dict[str, Any]]) -> None:
    errors = [error for answer in found for error in answer["errors"]]
    if errors:
        raise RuntimeError(f"a wrong answer: {errors[0]}")


class _Client:
    """A client process."""

    def __init__(self, order: dict[str, Any]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bench.client"], cwd=ROOT, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        self.say(json.dumps(order))
        self.hear()

    def say(self, line: str) -> None:
        assert self.process.stdin
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def hear(self) -> dict[str, Any]:
        assert self.process.stdout
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("a client ended early")
        found: dict[str, Any] = json.loads(line)
        return found

    def stop(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
