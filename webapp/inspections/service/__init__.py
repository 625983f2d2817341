"""Acts of a visit: open, record changes, sign, submit.

Each takes a session and plain values; ids come from the phone, so that doing it twice is harmless.
"""

from webapp.inspections.service.changes import Result, record_changes
from webapp.inspections.service.handing import (
    Obstacles,
    digest_shown,
    obstacles,
    sign,
    signature_of,
    submission_of,
    submit,
    valid_signatures,
)
from webapp.inspections.service.opening import cancel, is_open, open_inspection, restore
from webapp.inspections.service.reading import day_of, reading_of

__all__ = [
    "Obstacles",
    "Result",
    "cancel",
    "day_of",
    "digest_shown",
    "is_open",
    "obstacles",
    "open_inspection",
    "reading_of",
    "record_changes",
    "restore",
    "sign",
    "signature_of",
    "submission_of",
    "submit",
    "valid_signatures",
]
