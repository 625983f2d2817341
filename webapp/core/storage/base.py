"""What a storage backend offers."""

from typing import Protocol


class Altered(Exception):  # noqa: N818 - reads as the claim it makes
    """The bytes under a digest no longer have that digest."""


class Storage(Protocol):
    """Bytes under their SHA-256 (lower-case hex).  Nothing is ever overwritten."""

    def put(self, data: bytes) -> str:
        """Keep ``data`` if absent and return its digest; durable when this returns."""

    def get(self, sha256: str) -> bytes:
        """Return the bytes.

        :raises KeyError: nothing is kept under this digest.
        :raises Altered: what is kept has changed.
        """

    def has(self, sha256: str) -> bool:
        """Tell whether something is kept under this digest."""
