"""What a storage backend offers."""

from typing import ClassVar, Protocol

from webapp.core.errors import N_, Refused


class Altered(Exception):  # noqa: N818 - reads as the claim it makes
    """The bytes under a digest no longer have that digest."""


class Unreachable(Refused):
    """The store gives no answer, or not to us; ``reason`` is its own word for it."""

    status = 503
    code = "storage_unreachable"
    passes: ClassVar[bool] = True

    def __init__(self, reason: str) -> None:
        super().__init__(
            N_("文件存储现在不可用（%(reason)s）"),
            reason=reason,
            remedy=N_("什么也没有丢失，请稍后再试；如果一直这样，请告诉系统管理员。"),
        )


class Storage(Protocol):
    """Bytes under their SHA-256 (lower-case hex).  Nothing is ever overwritten.

    A store that lies elsewhere may raise :class:`Unreachable` from each of its methods.
    """

    def put(self, data: bytes) -> str:
        """Keep ``data`` if absent and return its digest; durable when this returns."""

    def get(self, sha256: str) -> bytes:
        """Return the bytes.

        :raises KeyError: nothing is kept under this digest.
        :raises Altered: what is kept has changed.
        """

    def has(self, sha256: str) -> bool:
        """Tell whether something is kept under this digest."""
