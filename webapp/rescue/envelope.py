"""Opening a rescue file (docs/sync.md): what is not ours, whole and unaltered is refused."""

import hmac
import json
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Any, BinaryIO, TypeVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from webapp.core.errors import N_, Invalid
from webapp.rescue.keys import CURVE, RescueKey

MAGIC = b"MINGCHA-RESCUE-1\n"
DIGEST_BYTES = 32
FRAME_MAX_BYTES = 64 * 1024 * 1024
IV_BYTES = 12
CHUNK_BYTES = 1024 * 1024
DAMAGED = N_("救援文件不完整或被改动过")
AGAIN = N_("请从原来的手机重新导出一份，不要改动文件。")


class _Told(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)


M = TypeVar("M", bound=_Told)


class Escrow(_Told):
    """The phone's data key, closed for the bureau."""

    id: str
    point: str
    iv: str
    data: str


class Head(_Told):
    """What stands first in a file."""

    escrow: Escrow
    made_at: str = ""
    records: Annotated[int, Field(ge=0, le=100_000)]


class Owner(_Told):
    """Whose phone it was, and the data key; only the bureau reads this."""

    user: int
    device: str
    proof: str
    key: str


@dataclass(frozen=True)
class Record:
    """One thing that was kept: what it is called, and its bytes, opened."""

    words: dict[str, Any]
    data: bytes


class RescueFile:
    """An open rescue file; ``records`` reads them one after the other."""

    def __init__(self, file: BinaryIO, key: RescueKey) -> None:
        """Check the whole and open the escrow.

        :raises Invalid: not a rescue file, damaged, or closed for another bureau.
        """
        self.file = file
        self.size = _checked(file)
        self.head = _told(Head, self._frame())
        self.owner = _opened(self.head.escrow, key)
        self._key = AESGCM(_bytes(self.owner.key, 32))

    @property
    def sha256(self) -> str:
        """The digest at the file's end, by which the same file is known again."""
        self.file.seek(self.size)
        return self.file.read(DIGEST_BYTES).hex()

    def records(self) -> Iterator[Record]:
        """Yield what the file holds, in order.

        :raises Invalid: a record is not what was sealed, or there are more or fewer.
        """
        for _ in range(self.head.records):
            words = _json(self._frame())
            sealed = self._frame()
            try:
                data = self._key.decrypt(sealed[:IV_BYTES], sealed[IV_BYTES:], about(words))
            except (InvalidTag, ValueError) as error:
                raise _damaged() from error
            yield Record(words, data)
        if self.file.tell() != self.size:
            raise _damaged()

    def _frame(self) -> bytes:
        length = int.from_bytes(self.file.read(4))
        if length > FRAME_MAX_BYTES or self.file.tell() + length > self.size:
            raise _damaged()
        return self.file.read(length)


def about(words: dict[str, Any]) -> bytes:
    """Return what a record is bound to, so that it cannot stand for another one."""
    bound = [words.get("kind"), words.get("id"), str(words.get("user")),
             words.get("inspection"), words.get("question")]  # fmt: skip
    return json.dumps(bound, ensure_ascii=False, separators=(",", ":")).encode()


def _checked(file: BinaryIO) -> int:
    """Return where the digest begins; the file is then just after its magic."""
    if file.read(len(MAGIC)) != MAGIC:
        raise Invalid(
            N_("这不是明察的救援文件"), code="not_a_rescue_file", field="file",
            remedy=N_("请选择手机上导出的 .rescue 文件。"),
        )  # fmt: skip
    size = file.seek(0, 2) - DIGEST_BYTES
    file.seek(0)
    digest, left = sha256(), size
    while left > 0 and (piece := file.read(min(left, CHUNK_BYTES))):
        digest.update(piece)
        left -= len(piece)
    if size < len(MAGIC) or file.read() != digest.digest():
        raise _damaged()
    file.seek(len(MAGIC))
    return size


def _opened(escrow: Escrow, key: RescueKey) -> Owner:
    if escrow.id != key.id:
        raise Invalid(
            N_("这份救援文件不是给本系统的，无法打开"), code="foreign_file", field="file",
            remedy=N_("请交给导出它的单位导入。"),
        )  # fmt: skip
    point = _bytes(escrow.point, 65)
    try:
        theirs = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, point)
        shared = key.private.exchange(ec.ECDH(), theirs)
        by = HKDF(SHA256(), 32, point, b"mingcha rescue 1").derive(shared)
        plain = AESGCM(by).decrypt(_bytes(escrow.iv), _bytes(escrow.data), escrow.id.encode())
    except (InvalidTag, ValueError) as error:
        raise _damaged() from error
    owner = _told(Owner, plain)
    if not hmac.compare_digest(owner.proof.encode(), key.proof_of(owner.user).encode()):
        raise Invalid(N_("无法确认救援文件是谁的，没有导入"), code="unproven_file", field="file")
    return owner


def _told(kind: type[M], data: bytes) -> M:
    try:
        return kind.model_validate_json(data)
    except ValidationError as error:
        raise _damaged() from error


def _json(data: bytes) -> dict[str, Any]:
    try:
        words = json.loads(data)
    except ValueError as error:
        raise _damaged() from error
    if not isinstance(words, dict):
        raise _damaged()
    return words


def _bytes(text: str, length: int | None = None) -> bytes:
    try:
        data = b64decode(text, validate=True)
    except (NotBase64, ValueError) as error:
        raise _damaged() from error
    if length is not None and len(data) != length:
        raise _damaged()
    return data


def _damaged() -> Invalid:
    return Invalid(DAMAGED, code="damaged_file", field="file", remedy=AGAIN)
