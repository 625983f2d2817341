"""A network as bad as they come, between phones and a server.

It reads each request whole and draws what befalls it; each third one is reset.  It knows nothing of
what is sent.
"""

import asyncio
import contextlib
import random
import re
import socket
import struct
import threading
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

HOST = "127.0.0.1"
ANSWER_S = 60
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
SIGN_IN = "<!doctype html><title>上网认证</title><form><input name=phone></form>".encode()
PORTAL = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s" % (
    len(SIGN_IN), SIGN_IN,
)  # fmt: skip
Pair = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(frozen=True)
class Message:
    """A request or an answer, as it came."""

    head: bytes
    body: bytes

    @property
    def bytes(self) -> bytes:
        return self.head + self.body


async def read(stream: asyncio.StreamReader) -> Message:
    """Return the next request or answer.

    :raises IncompleteReadError: the other side went away before its end.
    """
    head = await stream.readuntil(b"\r\n\r\n")
    length = LENGTH.search(head)
    return Message(head, await stream.readexactly(int(length.group(1)) if length else 0))


class Proxy:
    """Stands on a port of its own before the server's, which may be dead."""

    def __init__(self, target: int, *, seed: int, stall_s: float = 5.0) -> None:
        self.target = target
        self.stall_s = stall_s
        self.random = random.Random(seed)
        self.seen: Counter[str] = Counter()
        self._first = self.random.sample([*FAULTS], len(FAULTS))  # each has its turn
        self.port = 0
        self._late: set[asyncio.Task[None]] = set()
        self._served: set[asyncio.Task[None] | None] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> "Proxy":
        self._thread.start()
        door = asyncio.run_coroutine_threadsafe(self._open(), self._loop).result(10)
        self.port = door.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(60)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _open(self) -> asyncio.Server:
        self._door = await asyncio.start_server(self._serve, HOST, 0)
        return self._door

    async def _close(self) -> None:
        """Let what was held back arrive, then drop all connections."""
        self._door.close()
        await asyncio.gather(*self._late)
        tasks = [task for task in self._served if task]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(self, phone: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        """Serve one connection until a fault ends it."""
        task = asyncio.current_task()
        self._served.add(task)  # the loop itself forgets a task whose phone has gone
        with contextlib.suppress(OSError, EOFError, asyncio.CancelledError):
            while await self._befall(await read(phone), (phone, back)):
                await back.drain()
        back.close()
        self._served.discard(task)

    async def _befall(self, request: Message, phone: Pair) -> bool:
        name = self._draw()
        self.seen[name] += 1
        return await FAULTS[name][1](self, request, phone)

    def _draw(self) -> str:
        if self.seen.total() % 3 == 2:
            return "reset"
        if self._first:
            return self._first.pop()
        names = list(FAULTS)
        return self.random.choices(names, [FAULTS[name][0] for name in names])[0]

    async def _ask(self, request: bytes, *, whole: bool = True) -> Message:
        """Send bytes to the server and return its answer; a request cut short ends there."""
        stream, server = await asyncio.open_connection(HOST, self.target)
        try:
            server.write(request)
            if not whole:
                server.write_eof()
            async with asyncio.timeout(ANSWER_S):
                return await read(stream)
        finally:
            server.close()

    # -- what befalls a request: each tells whether the connection lives on ------------------

    async def fine(self, request: Message, phone: Pair) -> bool:
        phone[1].write((await self._ask(request.bytes)).bytes)
        return True

    async def cut(self, _request: Message, _phone: Pair) -> bool:
        """It never reaches the server."""
        return False

    async def reset(self, request: Message, phone: Pair) -> bool:
        """It reaches the server, or does not; the phone's connection is reset."""
        if self.random.random() < 0.7:
            await self._ask(request.bytes)
        linger = struct.pack("ii", 1, 0)
        phone[1].get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        phone[1].transport.abort()
        return False

    async def stall(self, request: Message, phone: Pair) -> bool:
        """It arrives, but later than the phone has patience."""
        await asyncio.sleep(self.stall_s)
        return await self.fine(request, phone)

    async def half_open(self, request: Message, phone: Pair) -> bool:
        """The way back is gone, and nobody tells the phone."""
        await self._ask(request.bytes)
        await phone[0].read()
        return False

    async def portal(self, _request: Message, phone: Pair) -> bool:
        """A network's own sign-in page answers in the server's place, with 200."""
        phone[1].write(PORTAL)
        return True

    async def duplicate(self, request: Message, phone: Pair) -> bool:
        """It arrives twice, at the same time."""
        twice = (self._ask(request.bytes), self._ask(request.bytes))
        answers = await asyncio.gather(*twice, return_exceptions=True)
        told = [answer for answer in answers if isinstance(answer, Message)]
        if told:
            phone[1].write(self.random.choice(told).bytes)
        return bool(told)

    async def late(self, request: Message, _phone: Pair) -> bool:
        """The phone hears of a failure; the request arrives after others that it sends later."""
        task = asyncio.create_task(self._arrive_late(request))
        self._late.add(task)
        task.add_done_callback(self._late.discard)
        return False

    async def _arrive_late(self, request: Message) -> None:
        await asyncio.sleep(self.random.uniform(0.3, 6))
        with contextlib.suppress(OSError, EOFError):
            await self._ask(request.bytes)

    async def short_request(self, request: Message, phone: Pair) -> bool:
        """Only a part of its body arrives."""
        part = request.body[: self.random.randrange(len(request.body) + 1)]
        phone[1].write((await self._ask(request.head + part, whole=False)).bytes)
        return True

    async def short_answer(self, request: Message, phone: Pair) -> bool:
        """Only a part of the answer arrives."""
        answer = await self._ask(request.bytes)
        phone[1].write(answer.head + answer.body[: self.random.randrange(len(answer.body) + 1)])
        await phone[1].drain()
        return False


Fault = Callable[[Proxy, Message, Pair], Awaitable[bool]]
FAULTS: dict[str, tuple[int, Fault]] = {
    "fine": (40, Proxy.fine),
    "reset": (0, Proxy.reset),  # has its turn by itself
    "cut": (6, Proxy.cut),
    "stall": (2, Proxy.stall),
    "half_open": (2, Proxy.half_open),
    "portal": (10, Proxy.portal),
    "duplicate": (12, Proxy.duplicate),
    "late": (10, Proxy.late),
    "short_request": (9, Proxy.short_request),
    "short_answer": (9, Proxy.short_answer),
}
