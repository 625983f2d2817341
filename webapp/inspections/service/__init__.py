"""Acts of a visit: open, record changes, sign, submit.

Each takes a session and plain values; ids come from the phone, so that doing it twice is harmless.
``plan_…`` decides one and leaves the writing for later (see ``plans``).
"""

from webapp.inspections.service.changes import Result, plan_changes, record_changes
from webapp.inspections.service.handing import (
    Obstacles,
    digest_shown,
    obstacles,
    plan_signature,
    plan_submission,
    sign,
    signature_of,
    submission_of,
    submit,
    valid_signatures,
)
from webapp.inspections.service.opening import (
    cancel,
    is_open,
    open_inspection,
    plan_opening,
    restore,
)
from webapp.inspections.service.plans import Plan
from webapp.inspections.service.reading import day_of, reading_of

__all__ = [
    "Obstacles",
    "Plan",
    "Result",
    "cancel",
    "day_of",
    "digest_shown",
    "is_open",
    "obstacles",
    "open_inspection",
    "plan_changes",
    "plan_opening",
    "plan_signature",
    "plan_submission",
    "reading_of",
    "record_changes",
    "restore",
    "sign",
    "signature_of",
    "submission_of",
    "submit",
    "valid_signatures",
]
