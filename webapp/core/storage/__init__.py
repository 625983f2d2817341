"""Where evidence and documents lie: by content, written once, checked when read."""

from urllib.parse import urlsplit

from webapp.core.storage.base import Altered, Storage
from webapp.core.storage.local import LocalStorage

__all__ = ["BACKENDS", "Altered", "Storage", "open_storage"]

BACKENDS: dict[str, type[LocalStorage]] = {"file": LocalStorage}


def open_storage(url: str) -> Storage:
    """Open the store that ``url``'s scheme names."""
    return BACKENDS[urlsplit(url).scheme].from_url(url)
