"""A phone, written from docs/sync.md and docs/api.md alone: it imports nothing of the product.

It keeps what it believes stored in ``Visit``, for whoever counts afterwards.
"""

import hashlib
import http.client
import itertools
import json
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

PATIENCE_S = 4  # for one answer
GIVES_UP_S = 900  # a phone would not; a test must end
PIECE_BYTES = 24_000
DAMAGED = {"bad_message", "bad_range", "wrong_hash"}  # on the way: it was well-formed when it left
STROKES = {"path": "M10 40 C 20 10, 60 10, 80 40", "width": 300, "height": 120}
Json = dict[str, Any]


class NoAnswer(Exception):  # noqa: N818 - reads as the claim it makes
    """Nothing came back that is this server's answer: the same again, later."""


@dataclass
class Visit:
    """One inspection as the phone believes that it is stored."""

    id: str
    number: str = ""
    batches: dict[str, list[Json]] = field(default_factory=dict)
    photos: dict[str, bytes] = field(default_factory=dict)
    signatures: list[str] = field(default_factory=list)
    submission: str = ""
    digest: str = ""


@dataclass(frozen=True)
class Plan:
    """What is to be entered: the team by id and name, answers to all that a checklist asks."""

    checklist: str
    unit: int
    team: list[tuple[int, str]]
    answers: Json
    photo_question: str


def receipt_of(value: Any) -> str:
    """Return the SHA-256 of canonical JSON: sorted keys, no spaces, UTF-8."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def item(kind: str, body: Json, item_id: str = "") -> Json:
    return {"id": item_id or str(uuid4()), "kind": kind, "body": body}


class Phone:
    """Sends visits, each until all of it is answered."""

    def __init__(self, port: int, token: str, *, name: str, seed: int) -> None:
        self.port = port
        self.name = name
        self.headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        self.random = random.Random(seed)
        self.heard: Counter[str] = Counter()
        self.cursor = 0

    def visit(self, plan: Plan, photos: list[bytes]) -> Visit:
        """Open an inspection, photograph, answer, sign and hand in."""
        visit = Visit(str(uuid4()))
        visit.photos = {hashlib.sha256(data).hexdigest(): data for data in photos}
        for digest, data in visit.photos.items():
            self.upload(digest, data)
        opening = item("inspection", _opening(plan), visit.id)
        (opened, *_) = self.sync(opening, *self._answers(visit, plan))
        told = self.ask("GET", f"/api/v1/inspections/{visit.id}", ours=lambda t: t["id"])
        visit.number = told["number"]
        assert opened["receipt"] == receipt_of([visit.id, visit.number])
        assert (told["missing"], told["conflicts"]) == ([], []), told
        self._hand_in(visit, plan, told["digest"])
        return visit

    def _answers(self, visit: Visit, plan: Plan) -> Iterator[Json]:
        """Yield the answers in three batches, the photos with the last."""
        shots = [{"sha256": d, "taken_at": "2026-03-10T01:14:00.000Z"} for d in visit.photos]
        pairs = [*plan.answers.items(), (plan.photo_question, shots)]
        for part in _thirds(pairs):
            changes = [
                {"id": str(uuid4()), "question": question, "value": value, "base": None}
                for question, value in part
            ]
            sent = item("changes", {"inspection": visit.id, "changes": changes})
            visit.batches[sent["id"]] = changes
            yield sent

    def _hand_in(self, visit: Visit, plan: Plan, digest: str) -> None:
        """Sign what was shown, thrice, and hand in."""
        signers = [("inspector", who, name) for who, name in plan.team] + [("unit", None, "钱所")]
        signed = [
            item("signature", {
                "inspection": visit.id, "role": role, "signer": who, "name": name,
                "method": "drawn", "strokes": STROKES, "digest": digest,
            })
            for role, who, name in signers
        ]  # fmt: skip
        handed = item("submission", {"inspection": visit.id})
        *receipts, last = self.sync(*signed, handed)
        for one, result in zip(signed, receipts, strict=True):
            assert result["receipt"] == receipt_of([one["id"], digest])
        assert last["receipt"] == digest
        visit.signatures = [one["id"] for one in signed]
        visit.submission, visit.digest = handed["id"], last["receipt"]

    def sync(self, *items: Json) -> list[Json]:
        """Send items until all are answered; each must be stored, with the right receipt."""
        ids = [one["id"] for one in items]
        message = {"device": self.name, "cursor": self.cursor, "items": list(items)}
        told = self.ask(
            "POST", "/api/v1/sync", json.dumps(message).encode(), "application/json",
            ours=lambda t: [one["id"] for one in t["results"]] == ids,
        )  # fmt: skip
        self.cursor = told["cursor"]
        for sent, result in zip(items, told["results"], strict=True):
            assert result["status"] in {"applied", "duplicate"}, result
            if sent["kind"] == "changes":
                assert result["receipt"] == receipt_of(_filled_in(sent["body"]["changes"]))
        return list(told["results"])

    def upload(self, digest: str, data: bytes) -> None:
        """Send a photo piece by piece until it is kept."""
        path = f"/api/v1/blobs/{digest}"
        offset = 0
        while True:
            start = min(offset, len(data) - 1)  # all had arrived: the last byte again
            piece = data[start : start + PIECE_BYTES]
            end = start + len(piece) - 1
            told = self.ask(
                "PUT", path, piece, "image/jpeg", f"bytes {start}-{end}/{len(data)}",
                ours=lambda t: t.get("sha256") == digest or t.get("code") == "offset",
            )  # fmt: skip
            if told.get("status") in {"applied", "duplicate"}:
                return
            offset = told["params"]["offset"] if "params" in told else told["offset"]

    def ask(
        self, method: str, path: str, body: bytes | None = None, kind: str = "", span: str = "",
        *, ours: Callable[[Json], Any],
    ) -> Json:  # fmt: skip
        """Ask until there is an answer of this server, with growing pauses."""
        headers = self.headers | ({"Content-Type": kind} if kind else {})
        headers |= {"Content-Range": span} if span else {}
        until = time.monotonic() + GIVES_UP_S
        for pause in itertools.chain([0.05, 0.1, 0.2, 0.4, 0.8], itertools.repeat(1.5)):
            try:
                return self._once(method, path, body, headers, ours)
            except NoAnswer as none:
                self.heard[str(none)] += 1
                assert time.monotonic() < until, f"{method} {path}: {self.heard}"
                time.sleep(pause * self.random.uniform(0.5, 1.5))
        raise AssertionError("unreachable")

    def _once(
        self, method: str, path: str, body: bytes | None, headers: Json, ours: Callable[[Json], Any]
    ) -> Json:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            status, data = answer.status, answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise NoAnswer(type(error).__name__) from error
        finally:
            connection.close()
        if status == 429 or status >= 500:
            raise NoAnswer(str(status))
        try:
            told = json.loads(data)
        except ValueError as error:
            raise NoAnswer("no JSON") from error
        if told.get("code") in DAMAGED:
            raise NoAnswer(told["code"])
        assert told.get("code") in {None, "offset"}, f"{method} {path}: {told}"
        if not ours(told):
            raise NoAnswer("not ours")
        self.heard[str(status)] += 1
        return dict(told)


def _opening(plan: Plan) -> Json:
    team = [who for who, _ in plan.team]
    return {"checklist": plan.checklist, "unit": plan.unit, "inspectors": team}


def _thirds(pairs: list[tuple[str, Any]]) -> list[list[tuple[str, Any]]]:
    return [pairs[start::3] for start in range(3)]


def _filled_in(changes: list[Json]) -> list[Json]:
    """Return changes with the defaults that a receipt counts."""
    return [{"device_time": "", "settles": []} | change for change in changes]
