"""Acts on devices: note that one was heard of, revoke it, take that back."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any
from uuid import uuid4

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from webapp.core import events
from webapp.core.db import append
from webapp.devices.models import Device
from webapp.devices.queries import DEVICES, Contacts, living
from webapp.devices.rules import Queue, worth_noting

USER_AGENT_MAX = 300


def heard_from(
    session: Session,
    user_id: int,
    key: str,
    *,
    user_agent: str,
    queue: Queue | None,
    synced: bool,
    at: datetime,
) -> Callable[[], None] | None:
    """Return how to note, in a writing transaction, that a device was heard of.

    Nothing where it has no key or that is not worth a write; ``synced`` says that it hands
    something over.

    :raises Forbidden: it was revoked (``device_revoked``).
    """
    known = living(session, user_id, key) if key else None
    if not key or (
        known and not worth_noting(_noted_at(known, synced), known.waiting, queue, at=at)
    ):
        return None
    row: dict[str, Any] = {"seen_at": at, "user_agent": user_agent[:USER_AGENT_MAX]}
    if synced:
        row["synced_at"] = at
    if queue is not None:
        row |= {"waiting": queue.waiting, "oldest_at": queue.oldest_at if queue.waiting else None}
    return partial(_note, session, user_id, key, row)


def _noted_at(known: Contacts, synced: bool) -> datetime | None:
    return known.synced_at if synced else known.seen_at


def _note(session: Session, user_id: int, key: str, row: dict[str, Any]) -> None:
    own = (DEVICES.c.user_id == user_id) & (DEVICES.c.key == key)
    if session.connection().execute(update(DEVICES).where(own).values(**row)).rowcount:
        return
    try:
        with session.begin_nested():
            append(
                session,
                Device,
                row | {"user_id": user_id, "key": key, "first_seen_at": row["seen_at"]},
            )
    except IntegrityError:
        pass  # another page of the same phone was first


def revoke(session: Session, device: Device, *, by_id: int, at: datetime) -> None:
    """Trust a device no longer, and end its owner's sessions, for one of them is on it."""
    if device.revoked_at is None:
        device.revoked_at = at
        device.user.fs_uniquifier = uuid4().hex
        events.record(session, "device.revoked", f"device:{device.id}", by_id=by_id, at=at)


def restore(session: Session, device: Device, *, by_id: int, at: datetime) -> None:
    """Trust a device again; its owner signs in anew."""
    if device.revoked_at is not None:
        device.revoked_at = None
        events.record(session, "device.restored", f"device:{device.id}", by_id=by_id, at=at)
