"""Writes rescue files from docs/sync.md alone, as another client would."""

import json
import os
from base64 import b64decode, b64encode
from hashlib import sha256
from typing import Any
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

MAGIC = b"MINGCHA-RESCUE-1\n"


class Phone:
    """A phone that has seen a page of its owner's, and keeps sealed records."""

    def __init__(self, told: dict[str, Any], device: str = "") -> None:
        self.told = told
        self.device = device or str(uuid4())
        self.key = os.urandom(32)
        self.records: list[tuple[dict[str, Any], bytes]] = []

    def photo(self, data: bytes) -> str:
        """Keep a photo; returns its digest."""
        digest = sha256(data).hexdigest()
        self._seal({"kind": "photo", "id": digest, "type": "image/jpeg"}, data)
        return digest

    def change(self, inspection: object, question: str, value: Any, **more: Any) -> str:
        """Keep an answer; returns its id."""
        change_id = str(uuid4())
        self._journal("change", change_id, str(inspection), value, question=question, **more)
        return change_id

    def item(self, kind: str, inspection: object, body: dict[str, Any], item_id: object) -> None:
        """Keep another item of the protocol."""
        self._journal(kind, str(item_id), str(inspection), body)

    def _journal(self, kind: str, id_: str, inspection: str, body: Any, **more: Any) -> None:
        words = {"kind": kind, "id": id_, "inspection": inspection} | more
        self._seal(words, json.dumps({"body": body}, ensure_ascii=False).encode())

    def _seal(self, words: dict[str, Any], data: bytes) -> None:
        words = words | {"user": str(self.told["user"])}
        bound = [words["kind"], words["id"], words["user"],
                 words.get("inspection"), words.get("question")]  # fmt: skip
        about = json.dumps(bound, ensure_ascii=False, separators=(",", ":")).encode()
        iv = os.urandom(12)
        self.records.append((words, iv + AESGCM(self.key).encrypt(iv, data, about)))

    def file(self, **head: Any) -> bytes:
        """Return the file."""
        told = {"escrow": self.escrow(), "made_at": "", "records": len(self.records)} | head
        frames = [json.dumps(told).encode()]
        for words, sealed in self.records:
            frames += [json.dumps(words, ensure_ascii=False).encode(), sealed]
        return closed(MAGIC + b"".join(len(f).to_bytes(4) + f for f in frames))

    def escrow(self) -> dict[str, str]:
        """Close the data key for the bureau."""
        owner = {"user": self.told["user"], "device": self.device, "proof": self.told["proof"],
                 "key": b64encode(self.key).decode()}  # fmt: skip
        theirs = ec.EllipticCurvePublicKey.from_encoded_point(
            ec.SECP256R1(), b64decode(self.told["key"])
        )
        ours = ec.generate_private_key(ec.SECP256R1())
        point = ours.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        shared = ours.exchange(ec.ECDH(), theirs)
        by = HKDF(SHA256(), 32, point, b"mingcha rescue 1").derive(shared)
        iv = os.urandom(12)
        data = AESGCM(by).encrypt(iv, json.dumps(owner).encode(), self.told["id"].encode())
        parts = {"point": point, "iv": iv, "data": data}
        return {"id": self.told["id"]} | {k: b64encode(v).decode() for k, v in parts.items()}


def closed(body: bytes) -> bytes:
    """Return bytes with their digest behind them."""
    return body + sha256(body).digest()
