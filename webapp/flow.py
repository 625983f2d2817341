"""The product, read top to bottom: what follows from each event.

A reaction is a function of ``(session, event)``.  It may run twice and must end the same.
``deliver`` runs one in its own transaction; the worker calls it, and the sweep calls it again for
what was lost.
"""

from collections.abc import Sequence
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.archive import service as archive
from webapp.core import events
from webapp.core.clock import now
from webapp.core.db import db
from webapp.core.events import Delivery, DeliveryState, Event, Reaction
from webapp.documents import service as documents
from webapp.findings import service as findings

log = structlog.get_logger()

FLOW: dict[str, tuple[Reaction, ...]] = {
    "inspection.submitted": (findings.derive,),  # what the answers amount to
    "review.approved": (documents.issue,),  # numbers given, contents fixed
    "document.issued": (documents.render,),  # PDF from the fixed contents
    "document.rendered": (documents.sign,),
    "document.signed": (archive.seal,),
}


def name_of(reaction: Reaction) -> str:
    """Return the name under which a reaction is owed, as ``documents.render``."""
    return f"{reaction.__module__.split('.')[1]}.{reaction.__name__}"


REACTIONS = {name_of(reaction): reaction for row in FLOW.values() for reaction in row}


def wire() -> None:
    """Tell the event log what follows from what."""
    events.wire({kind: tuple(map(name_of, row)) for kind, row in FLOW.items()})


def deliver(delivery_id: int) -> list[int]:
    """Run one owed reaction and return what is owed because of it.

    A failure is written down and tried again later; it never goes further than this function.
    """
    try:
        with db.writing() as session:
            if (owed := _pending(session, delivery_id)) is None:
                return []
            delivery, event = owed
            REACTIONS[delivery.reaction](session, event)
            delivery.state = DeliveryState.DONE
            delivery.error = None
            session.flush()
            return list(session.info.pop("owed", []))
    except Exception as error:
        log.exception("reaction failed", delivery=delivery_id)
        with db.writing() as session:
            events.failed(session, delivery_id, f"{type(error).__name__}: {error}", at=now())
        return []


def _pending(session: Session, delivery_id: int) -> tuple[Delivery, Event] | None:
    query = (
        select(Delivery)
        .where(Delivery.id == delivery_id, Delivery.state == DeliveryState.PENDING)
        .with_for_update(skip_locked=True)
    )
    delivery = session.scalar(query)
    if delivery is None:
        return None
    return delivery, session.get_one(Event, delivery.event_id)


def drain(limit: int = 10_000) -> int:
    """Run all that is due, here and now; returns how many (demo set-up, tests)."""
    count = 0
    while count < limit:
        with db.reading() as session:
            due = events.due(session, now())
        if not due:
            break
        for delivery_id in due:
            deliver(delivery_id)
            count += 1
    return count


def sweep() -> Sequence[Any]:
    """Return what is due and may have been lost; the worker hands it out again."""
    with db.reading() as session:
        return events.due(session, now())
