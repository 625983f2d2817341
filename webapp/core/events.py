"""The event log: audit trail and work queue in one.

``record`` writes what happened and, in the same transaction, one delivery for each reaction that
``flow.py`` names for it.  A delivery is done when its row says so; twice is harmless.

"""

import enum
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ForeignKey, Index, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from webapp.core.db import Base, Serial, append

Reaction = Callable[[Session, "Event"], None]

ATTEMPTS_MAX = 6
_flow: dict[str, tuple[str, ...]] = {}


class DeliveryState(enum.Enum):
    """Where a delivery stands."""

    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"


class Event(Base):
    """A fact in the past: what, about which subject, by whom, when."""

    __tablename__ = "event"
    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    kind: Mapped[str]
    subject: Mapped[str]
    by_id: Mapped[int | None]
    at: Mapped[datetime]
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    __table_args__ = (Index(None, "subject", "id"),)


class Delivery(Base):
    """One reaction owed to one event."""

    __tablename__ = "delivery"
    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    reaction: Mapped[str]
    state: Mapped[DeliveryState] = mapped_column(default=DeliveryState.PENDING)
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    error: Mapped[str | None]
    __table_args__ = (Index(None, "state", "due_at"),)


def wire(flow: Mapping[str, tuple[str, ...]]) -> None:
    """Tell which reactions (by name) follow which event; called once by ``flow.py``."""
    _flow.clear()
    _flow.update(flow)


def record(
    session: Session,
    kind: str,
    subject: object,
    *,
    by_id: int | None,
    at: datetime,
    **data: Any,
) -> int:
    """Write down that something happened, and what is owed because of it; returns its number.

    Flushes, so that a broken constraint surfaces here and not at the commit; inside a savepoint
    its end does so.  The row goes in at once: there is one for every act, and the unit of work
    would cost five times the insert.
    """
    if not session.in_nested_transaction():
        session.flush()
    row = {"kind": kind, "subject": str(subject), "by_id": by_id, "at": at, "data": data}
    event_id = int(append(session, Event, row))
    for reaction in _flow.get(kind, ()):
        delivery = {"event_id": event_id, "reaction": reaction, "due_at": at}
        session.info.setdefault("owed", []).append(append(session, Delivery, delivery))
    return event_id


def history(session: Session, subject: object) -> list[Event]:
    """Return what happened to ``subject``, oldest first."""
    return list(
        session.scalars(select(Event).where(Event.subject == str(subject)).order_by(Event.id))
    )


def due(session: Session, at: datetime, limit: int = 100) -> list[int]:
    """Return the ids of deliveries that are due, oldest first."""
    query = (
        select(Delivery.id)
        .where(Delivery.state == DeliveryState.PENDING, Delivery.due_at <= at)
        .order_by(Delivery.id)
        .limit(limit)
    )
    return list(session.scalars(query))


def failed(session: Session, delivery_id: int, error: str, *, at: datetime) -> None:
    """Note a failed try; the next one waits twice as long, the last one gives up."""
    delivery = session.get_one(Delivery, delivery_id)
    delivery.attempts += 1
    delivery.error = error
    delivery.due_at = at + timedelta(seconds=5 * 2**delivery.attempts)
    if delivery.attempts >= ATTEMPTS_MAX:
        delivery.state = DeliveryState.FAILED


def retry(session: Session, subject: object, *, at: datetime) -> int:
    """Put the failed deliveries about ``subject`` back into the queue; returns how many."""
    of_subject = select(Event.id).where(Event.subject == str(subject))
    again = list(
        session.scalars(
            select(Delivery.id).where(
                Delivery.event_id.in_(of_subject), Delivery.state == DeliveryState.FAILED
            )
        )
    )
    session.execute(
        update(Delivery)
        .where(Delivery.id.in_(again))
        .values(state=DeliveryState.PENDING, attempts=0, due_at=at, error=None)
    )
    session.info.setdefault("owed", []).extend(again)
    return len(again)
