"""One client process: ``python -m bench.client`` reads orders on its standard input.

The first line says who it is and what it asks for (``Order``); then each line is one round's
length in seconds.  It answers each with a line of JSON: ``{"ready": …}`` once prepared, and the
round's answer times, sizes and errors.
"""

import json
import sys
import time
from collections import deque
from typing import Any

from bench import messages
from bench.wire import Connection, unpacked

Order = dict[str, Any]
AHEAD_PER_S = 120  # requests made before a round, so that the client does nothing but ask in it


def main() -> None:
    """Serve one parent."""
    order = json.loads(sys.stdin.readline())
    connection = Connection(order["port"])
    if order["by"] == "token":
        connection.bear(order["token"])
    else:
        connection.sign_in(order["link"])
    asks = messages.SOURCES[order["source"]](order, connection)
    _tell({"ready": True})
    prepared: deque[messages.Ask] = deque()
    for line in sys.stdin:
        seconds = float(line)
        while len(prepared) <= seconds * AHEAD_PER_S:
            prepared.append(next(asks))
        _tell({"ready": True})
        sys.stdin.readline()  # all clients begin together
        _tell(_round(connection, prepared, seconds))


def _round(connection: Connection, prepared: deque[messages.Ask], seconds: float) -> Order:
    took: list[float] = []
    sizes: list[int] = []
    errors: list[str] = []
    cursor = b"0"
    begun = time.perf_counter()
    while prepared and (sent := time.perf_counter()) - begun < seconds:
        ask = prepared.popleft()  # what is not sent is next round's: each builds on the one before
        head, body = connection.ask(ask.bytes_at(cursor))
        took.append((time.perf_counter() - sent) * 1000)
        sizes.append(len(body))
        body = unpacked(head, body)
        if problem := ask.problem(head, body):
            errors.append(problem)
        cursor = ask.cursor(body) or cursor
    elapsed = time.perf_counter() - begun
    return {"ms": took, "bytes": sizes, "errors": errors[:3], "elapsed_s": elapsed}


def _tell(value: Order) -> None:
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
