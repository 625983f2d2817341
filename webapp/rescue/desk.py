"""What both doors do with a file: take it in for whoever asks, with this installation's key."""

from typing import BinaryIO

from flask import current_app

from webapp.accounts.access import me
from webapp.core.clock import now
from webapp.core.config import MIB
from webapp.core.db import db
from webapp.core.web import problem
from webapp.rescue import service
from webapp.rescue.envelope import RescueFile
from webapp.rescue.keys import RescueKey

FILE_MAX_BYTES = 512 * MIB


def rescue_key() -> RescueKey:
    """Return the bureau's rescue key."""
    key: RescueKey = current_app.extensions["rescue_key"]
    return key


def take(file: BinaryIO) -> int:
    """Take a rescue file in; returns the number of the event that records it.

    :raises Refused: see :func:`service.take`.
    """
    return service.take(
        db.session(), RescueFile(file, rescue_key()), current_app.extensions["storage"],
        max_mib=current_app.extensions["settings"].photo_max_mib, by=me(), at=now(), tell=problem,
    )  # fmt: skip
