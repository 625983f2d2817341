"""The wire between a phone and the server, which can be cut in the middle of anything."""

import contextlib
import socket
import threading

BAD_GATEWAY = (
    b"HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\nContent-Length: 11\r\n"
    b"Connection: close\r\n\r\nBad Gateway"
)


class Wire:
    """Forwards a port to another.

    Cut, it refuses and drops connections as a dead network does; held, it takes all and gives
    nothing, as a weak one does; orphaned, it answers as a proxy does whose server is gone.
    """

    def __init__(self, target: int) -> None:
        self.target = target
        self.ends: set[socket.socket] = set()
        self.door: socket.socket | None = None
        self.port = 0
        self.flows = threading.Event()
        self.is_orphan = False
        self.mend()

    def mend(self) -> None:
        """Connect again, on the same port."""
        self.flows.set()
        self.is_orphan = False
        if self.door:
            return
        door = socket.socket()
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.bind(("127.0.0.1", self.port))
        door.listen(64)
        self.port = door.getsockname()[1]
        self.door = door
        threading.Thread(target=self._accept, args=(door,), daemon=True).start()

    def hold(self) -> None:
        """Let nothing through until it is mended."""
        self.flows.clear()

    def cut(self) -> None:
        """Drop every connection and refuse new ones."""
        door, self.door = self.door, None
        if door:
            _drop(door)
        self._drop_all()

    def orphan(self) -> None:
        """Drop every connection and answer new ones without the server, until it is mended."""
        self.is_orphan = True
        self._drop_all()

    def _drop_all(self) -> None:
        for end in list(self.ends):
            _drop(end)
        self.ends.clear()

    def _accept(self, door: socket.socket) -> None:
        while self.door is door:
            try:
                phone, _ = door.accept()
            except OSError:
                return
            if self.is_orphan:
                with contextlib.suppress(OSError):
                    phone.recv(65536)
                    phone.sendall(BAD_GATEWAY)
                _drop(phone)
                continue
            try:
                server = socket.create_connection(("127.0.0.1", self.target))
            except OSError:
                _drop(phone)
                continue
            self.ends |= {phone, server}
            for ends in ((phone, server), (server, phone)):
                threading.Thread(target=self._carry, args=ends, daemon=True).start()

    def _carry(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                self.flows.wait()
                sink.sendall(data)
        for end in (source, sink):
            _drop(end)
            self.ends.discard(end)


def _drop(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()
