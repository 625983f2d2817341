"""Taking photos in: pieces, digest, decoding in a child, the sealed original and its derivative."""

import base64
import fcntl
import os
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from hashlib import sha256 as digest_of
from pathlib import Path

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from webapp.accounts.models import User
from webapp.core import events, sandbox
from webapp.core.config import MIB
from webapp.core.errors import N_, Busy, Conflict, Invalid, TooLarge
from webapp.core.storage import Storage
from webapp.inspections.models import Evidence

REFUSALS = {
    "not_a_picture": N_("这个文件不是照片（支持 JPEG、PNG、WebP、HEIC）"),
    "too_many_pixels": N_("照片的像素太多，无法处理"),
    "damaged": N_("照片已损坏，无法打开"),
    "too_costly": N_("照片太复杂，无法处理"),
    "crashed": N_("照片已损坏，无法打开"),
}
FOLDER = "uploads"  # in DATA_DIR: what has not arrived whole
ABANDONED = timedelta(days=15)  # a phone keeps what is unsent for 14 without a word from here
RETAKE = N_("请重新拍摄，或改选另一张照片。")


@dataclass(frozen=True)
class Sealed:
    """What is on record of a photo whose bytes are safe in the store."""

    sha256: str
    derivative_sha256: str
    media_type: str
    size_bytes: int
    width_px: int
    height_px: int


@dataclass(frozen=True)
class Picture:
    """A photo that was read: its digest and what is kept of it."""

    sha256: str
    original: bytes
    derivative: bytes
    media_type: str
    width_px: int
    height_px: int


def read(data: bytes, *, max_mib: int, sha256: str | None = None) -> Picture:
    """Check and decode a photo; slow (about 0.3 s), so outside the writing transaction.

    :raises Invalid: not a picture, damaged, or not the bytes that ``sha256`` announces.
    :raises TooLarge: more than ``max_mib`` MiB.
    """
    refuse_large(len(data), max_mib)
    digest = digest_of(data).hexdigest()
    if sha256 is not None and digest != sha256:
        raise Invalid(
            N_("照片在传输中损坏：校验值不一致"),
            code="wrong_hash",
            remedy=N_("请重新上传；本机保存的照片没有受影响。"),
        )
    try:
        told = sandbox.run("webapp.inspections.picture", {}, data)
    except sandbox.Failed as failure:
        if failure.code == "busy":
            raise Busy(N_("正在处理别的照片，请稍后再试")) from failure
        told = {"refused": failure.code}
    if "refused" in told:
        raise Invalid(REFUSALS[told["refused"]], code=told["refused"], remedy=RETAKE)
    return Picture(
        digest, data, base64.b64decode(told["jpeg"]), told["media_type"], told["width"],
        told["height"],
    )  # fmt: skip


def refuse_large(size_bytes: int, max_mib: int) -> None:
    """Refuse a photo over the limit.

    :raises TooLarge: more than ``max_mib`` MiB.
    """
    if size_bytes > max_mib * MIB:
        raise TooLarge(
            N_("照片有 %(size)d MB，超过上限 %(max)d MB"),
            size=round(size_bytes / MIB),
            max=max_mib,
            remedy=N_("请用较低的分辨率重新拍摄，或先压缩。"),
        )


def seal(storage: Storage, picture: Picture) -> Sealed:
    """Put the original and its derivative away, outside the writing transaction.

    :raises Unreachable: the store gives no answer; nothing is on record yet.
    """
    return Sealed(
        storage.put(picture.original), storage.put(picture.derivative), picture.media_type,
        len(picture.original), picture.width_px, picture.height_px,
    )  # fmt: skip


def keep(session: Session, sealed: Sealed, *, by: User, at: datetime) -> Evidence:
    """Write a sealed photo's row; the same photo again is fine."""
    if known := session.get(Evidence, (by.bureau_id, sealed.sha256)):
        return known
    evidence = Evidence(bureau_id=by.bureau_id, by_id=by.id, at=at, **asdict(sealed))
    try:
        with session.begin_nested():
            session.add(evidence)
    except IntegrityError:  # the same photo, sent twice, was quicker
        return session.get_one(Evidence, (by.bureau_id, sealed.sha256))
    events.record(
        session, "evidence.kept", f"evidence:{sealed.sha256}", by_id=by.id, at=at,
        bureau=by.bureau_id, **asdict(sealed),
    )  # fmt: skip
    return evidence


class Pieces:
    """A photo that arrives in pieces: a file that grows until it is whole."""

    def __init__(self, folder: Path, bureau_id: int, sha256: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / f"{bureau_id}-{sha256}.part"

    @property
    def size_bytes(self) -> int:
        """How much has arrived."""
        return self.path.stat().st_size if self.path.exists() else 0

    def append(self, start: int, piece: bytes) -> None:
        """Add a piece; what arrived before is passed over.

        :raises Conflict: there is a hole before it; ``params["offset"]`` says where to go on.
        """
        if start > self.size_bytes:
            raise Conflict(N_("中间缺了一段，请从断点继续"), code="offset", offset=self.size_bytes)
        with open(self.path, "ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # the same piece may arrive twice at once
            have = os.fstat(file.fileno()).st_size
            file.write(piece[max(0, have - start) :])
            file.flush()
            os.fsync(file.fileno())

    def whole(self) -> bytes:
        """Return all that arrived."""
        return self.path.read_bytes()

    def forget(self) -> None:
        """Remove it."""
        self.path.unlink(missing_ok=True)


def forget_abandoned(folder: Path, *, before: datetime) -> int:
    """Remove what began to arrive and has not grown since ``before``; returns how many.

    A phone that comes back to one of them after all begins that photo again.
    """
    gone = 0
    for path in folder.glob("*.part"):
        with suppress(FileNotFoundError):  # it has just become whole
            if path.stat().st_mtime < before.timestamp():
                path.unlink()
                gone += 1
    return gone
