"""What the clients send.  A source makes requests without end; all are ready before a round."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from bench.wire import Connection
from webapp.inspections.rules import shown_digest

CURSOR = re.compile(rb'"cursor":(\d+)')
STATUS = re.compile(rb'"status":"(\w+)"')
STROKES = {
    "path": "".join(f"M{x} 40C{x + 8} 10,{x + 30} 14,{x + 44} 52" for x in range(10, 260, 4)),
    "width": 300,
    "height": 120,
}
Order = dict[str, Any]


@dataclass
class Ask:
    """A request in two parts, between which the phone's cursor goes; or one that has none."""

    connection: Connection
    method: str
    path: str
    items: bytes = b""
    packed: bool = False
    expect: bytes = b""

    def bytes_at(self, cursor: bytes) -> bytes:
        """Return the request."""
        body = b'{"device":"phone","cursor":%s,"items":%s}' % (cursor, self.items)
        body = body if self.items else b""
        return self.connection.request(self.method, self.path, body, packed=self.packed)

    def problem(self, head: bytes, body: bytes) -> str:
        """Return what is wrong with an answer; empty when nothing is."""
        if b" 200 " not in head[:16]:
            return f"{head[:40]!r} {body[:300]!r}"
        if self.expect not in body:
            return f"{self.expect!r} is not on the page"
        wrong = self.items and set(STATUS.findall(body)) != {b"applied"}
        return body[:600].decode() if wrong else ""

    def cursor(self, body: bytes) -> bytes:
        """Return the cursor that an answer gives."""
        found = CURSOR.match(body, 1) if self.items else None
        return found.group(1) if found else b""


def submissions(order: Order, connection: Connection) -> Iterator[Ask]:
    """Open, fill in, sign three times and hand in, in one message."""
    while True:
        opened = _item("inspection", order["inspection"])
        iid = opened["id"]
        digest = shown_digest(
            inspection=iid, checklist_sha256=order["checklist_sha256"],
            unit_id=order["inspection"]["unit"], inspectors=order["inspection"]["inspectors"],
            answers=order["answers"],
        )  # fmt: skip
        signed = [
            _item("signature", {**signer, "inspection": iid, "digest": digest, "strokes": STROKES})
            for signer in order["signers"]
        ]
        handed_in = _item("submission", {"inspection": iid})
        yield _ask(connection, [opened, _changes(iid, order["answers"]), *signed, handed_in])


def changes(order: Order, connection: Connection) -> Iterator[Ask]:
    """Answer everything again, each answer replacing the one before."""
    bases: dict[str, str] = {}
    while True:
        item = _changes(order["inspection_id"], order["answers"], bases)
        bases |= {change["question"]: change["id"] for change in item["body"]["changes"]}
        yield _ask(connection, [item])


def one_change(order: Order, connection: Connection) -> Iterator[Ask]:
    """Answer one question after the other again, each in a message of its own."""
    bases: dict[str, str] = dict(order["bases"])
    while True:
        for question, value in order["answers"].items():
            item = _changes(order["inspection_id"], {question: value}, bases)
            bases[question] = item["body"]["changes"][0]["id"]
            yield _ask(connection, [item])


def page(order: Order, connection: Connection) -> Iterator[Ask]:
    """Ask for a page, packed."""
    while True:
        expect = order.get("expect", "").encode()
        yield Ask(connection, "GET", order["path"], packed=True, expect=expect)


def _ask(connection: Connection, items: list[Order]) -> Ask:
    data = json.dumps(items, ensure_ascii=False, separators=(",", ":")).encode()
    return Ask(connection, "POST", "/api/v1/sync", data, packed=True)


def _item(kind: str, body: Order) -> Order:
    return {"id": str(uuid4()), "kind": kind, "body": body}


def _changes(iid: str, answers: Order, bases: dict[str, str] | None = None) -> Order:
    sent = [
        {"id": str(uuid4()), "question": question, "value": value,
         "base": (bases or {}).get(question), "device_time": "2026-03-10T10:00:00.000+08:00"}
        for question, value in answers.items()
    ]  # fmt: skip
    return _item("changes", {"inspection": iid, "changes": sent})


Source = Callable[[Order, Connection], Iterator[Ask]]
SOURCES: dict[str, Source] = {
    "submissions": submissions,
    "changes": changes,
    "one_change": one_change,
    "page": page,
}
