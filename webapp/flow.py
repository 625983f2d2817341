"""The product, read top to bottom: what follows from each event.

A reaction is a function of ``(session, event)``.  It may run twice and must end the same.
``deliver`` runs one in its own transaction; the worker calls it, and the sweep calls it again for
what was lost.

Work that takes long has a first half in ``FIRST``: it reads, ends its reading transaction, works
(prints, signs, keeps bytes) and returns a value, with no transaction open.  The reaction then gets
that value as its third argument and only writes rows.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.archive import service as archive
from webapp.core import events
from webapp.core.clock import now
from webapp.core.db import db
from webapp.core.errors import Refused
from webapp.core.events import Delivery, DeliveryState, Event
from webapp.documents import heads, raising
from webapp.documents import service as documents
from webapp.documents.countersigning import service as countersigning
from webapp.documents.drafting import previews
from webapp.findings import service as findings
from webapp.inspections import evidence

log = structlog.get_logger()

Reaction = Callable[..., None]

FLOW: dict[str, tuple[Reaction, ...]] = {
    "inspection.submitted": (findings.derive,),  # what the answers amount to
    "review.approved": (documents.issue,),  # numbers given, contents fixed
    "preview.asked": (previews.preview,),  # a draft as it would be printed
    "document.issued": (documents.render,),  # PDF from the fixed contents
    "document.rendered": (countersigning.open_signing, documents.sign),  # people first, or seal
    "document.countersigned": (documents.sign,),
    "document.signed": (archive.seal,),
    "document.stamp_due": (raising.raise_level,),  # a later form, with a timestamp
}
FIRST: dict[Reaction, Callable[[Session, Event], Any]] = {
    previews.preview: previews.print_preview,
    documents.render: documents.print_pages,
    countersigning.open_signing: countersigning.prepare,
    documents.sign: documents.put_signature,
    archive.seal: archive.measure,
    raising.raise_level: raising.put_timestamp,
}
GIVEN_UP: dict[Reaction, Callable[[Session, Event, str], None]] = {
    documents.render: documents.give_up,  # the document says that it failed, and why
    countersigning.open_signing: documents.give_up,
    documents.sign: documents.give_up,
    previews.preview: previews.give_up,
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
    A refusal that does not pass by itself is not tried again: the same content is refused again.
    """
    try:
        prepared = _prepare(delivery_id)
        with db.writing() as session:
            if (owed := _pending(session, delivery_id)) is None:
                return []
            delivery, event = owed
            REACTIONS[delivery.reaction](session, event, *prepared)
            delivery.state = DeliveryState.DONE
            delivery.error = None
            session.flush()
            return list(session.info.pop("owed", []))
    except Refused as refusal:
        log.warning("reaction refused", delivery=delivery_id, code=refusal.code)
        _failed(delivery_id, str(refusal), final=not refusal.passes)
    except Exception as error:
        log.exception("reaction failed", delivery=delivery_id)
        _failed(delivery_id, f"{type(error).__name__}: {error}", final=False)
    return []


def _prepare(delivery_id: int) -> tuple[Any, ...]:
    """Do the first half of a reaction that has one; nothing where it is no longer owed."""
    with db.reading() as session:
        delivery = session.get(Delivery, delivery_id)
        first = FIRST.get(REACTIONS[delivery.reaction]) if delivery else None
        if delivery is None or first is None or delivery.state is not DeliveryState.PENDING:
            return ()
        return (first(session, session.get_one(Event, delivery.event_id)),)


def _failed(delivery_id: int, error: str, *, final: bool) -> None:
    with db.writing() as session:
        if (owed := _pending(session, delivery_id)) is None:
            return
        delivery, event = owed
        events.failed(session, delivery_id, error, at=now())
        if final:
            delivery.state = DeliveryState.FAILED
        given_up = GIVEN_UP.get(REACTIONS[delivery.reaction])
        if delivery.state is DeliveryState.FAILED and given_up:
            given_up(session, event, error)


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


def upkeep() -> Sequence[Any]:
    """Record what time alone has made due; returns what is owed because of it."""
    with db.reading() as session:
        due = raising.due(session, now())
    if not due or not raising.authority_answers():
        return ()
    with db.writing() as session:
        for document_id in due:
            events.record(session, "document.stamp_due", document_id, by_id=None, at=now())
        return list(session.info.pop("owed", []))


def grow_tree() -> int:
    """Add to the event tree what happened since, and sign its root; the worker does so often."""
    return heads.grow(now())


def tidy(data_dir: Path) -> int:
    """Remove pieces of photos whose phones never came back; the worker does so every day."""
    folder = data_dir / evidence.FOLDER
    return evidence.forget_abandoned(folder, before=now() - evidence.ABANDONED)
