"""A content-addressed folder: ``ab/cdef…``, read-only files, written whole or not at all."""

import os
import secrets
from hashlib import sha256 as digest_of
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from webapp.core.storage.base import Altered


class LocalStorage:
    """Files in one folder of this machine."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def from_url(cls, url: str) -> Self:
        """Open ``file:///absolute/path``."""
        return cls(Path(urlsplit(url).path))

    def path(self, sha256: str) -> Path:
        """Return where the bytes with this digest lie."""
        return self.folder / sha256[:2] / sha256[2:]

    def has(self, sha256: str) -> bool:
        """Tell whether something is kept under this digest."""
        return self.path(sha256).exists()

    def get(self, sha256: str) -> bytes:
        """Return the bytes; see :class:`~webapp.core.storage.base.Storage`."""
        try:
            data = self.path(sha256).read_bytes()
        except FileNotFoundError:
            raise KeyError(sha256) from None
        if digest_of(data).hexdigest() != sha256:
            raise Altered(sha256)
        return data

    def put(self, data: bytes) -> str:
        """Keep ``data`` if absent; it is on the disk when this returns."""
        sha256 = digest_of(data).hexdigest()
        path = self.path(sha256)
        if path.exists():
            return sha256
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f".{secrets.token_hex(8)}")
        try:
            with open(fresh, "xb") as file:
                file.write(data)
                file.flush()
                os.fchmod(file.fileno(), 0o440)
                os.fsync(file.fileno())
            fresh.rename(path)
        finally:
            fresh.unlink(missing_ok=True)
        _sync_folder(path.parent)
        return sha256


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
