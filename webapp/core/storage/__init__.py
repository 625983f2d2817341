"""Where evidence and documents lie: by content, written once, checked when read."""

from collections.abc import Callable
from urllib.parse import urlsplit

from webapp.core.storage.base import Altered, Storage, Unreachable
from webapp.core.storage.local import LocalStorage
from webapp.core.storage.s3 import S3Storage

__all__ = ["BACKENDS", "Altered", "Storage", "Unreachable", "open_storage"]

BACKENDS: dict[str, Callable[[str], Storage]] = {
    "file": LocalStorage.from_url,
    "s3": S3Storage.from_url,
}


def open_storage(url: str) -> Storage:
    """Open the store that ``url``'s scheme names; nothing is asked of it yet.

    :raises ValueError: the address cannot be understood; the text says how it is written.
    """
    scheme = urlsplit(url).scheme
    if scheme not in BACKENDS:
        known = ", ".join(f"{name}://" for name in BACKENDS)
        raise ValueError(f"MINGCHA_BLOB_URL must begin with one of {known}; it is {url!r}")
    return BACKENDS[scheme](url)
