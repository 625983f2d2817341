"""A phone's connection: one kept-alive socket, as little work of its own as can be."""

import re
import socket

import brotli

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
TOKEN = re.compile(rb'name="csrf-token" content="([^"]+)"')
PACKED = re.compile(rb"\r\ncontent-encoding: *br", re.IGNORECASE)
COOKIE = re.compile(rb"\r\nset-cookie: *([^;\r]+)", re.IGNORECASE)


class Connection:
    """Sends requests one after the other; signs in by the demo's link or by a bearer token."""

    def __init__(self, port: int) -> None:
        self.host = f"127.0.0.1:{port}"
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.headers = ""

    def sign_in(self, link: str) -> None:
        """Take the session cookie, then the page's token."""
        head, _ = self.ask(self.request("GET", link))
        self.headers = "".join(f"Cookie: {c.decode()}\r\n" for c in COOKIE.findall(head))
        head, page = self.ask(self.request("GET", "/verify"))
        if found := COOKIE.findall(head):  # the token lives in the session
            self.headers = "".join(f"Cookie: {c.decode()}\r\n" for c in found)
        self.headers += f"X-CSRFToken: {TOKEN.findall(page)[0].decode()}\r\n"
        self.headers += f"Origin: http://{self.host}\r\n"

    def bear(self, token: str) -> None:
        """Use a program's token."""
        self.headers = f"Authorization: Bearer {token}\r\n"

    def request(self, method: str, path: str, body: bytes = b"", *, packed: bool = False) -> bytes:
        """Return the bytes of a request."""
        lines = f"{method} {path} HTTP/1.1\r\nHost: {self.host}\r\n{self.headers}"
        if packed:
            lines += "Accept-Encoding: br\r\n"
        if body:
            lines += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        return lines.encode() + b"\r\n" + body

    def ask(self, request: bytes) -> tuple[bytes, bytes]:
        """Send a request; returns the answer's head and body."""
        self.socket.sendall(request)
        data = b""
        while (end := data.find(b"\r\n\r\n")) < 0:
            data += self._more()
        head, body = data[:end], data[end + 4 :]
        length = int(LENGTH.findall(head)[0])
        while len(body) < length:
            body += self._more()
        return head, body

    def _more(self) -> bytes:
        data = self.socket.recv(1 << 18)
        if not data:
            raise ConnectionError("the server closed the connection")
        return data


def unpacked(head: bytes, body: bytes) -> bytes:
    """Return a body as it was before it was compressed."""
    return brotli.decompress(body) if PACKED.search(head) else body
