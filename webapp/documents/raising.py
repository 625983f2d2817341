"""Timestamps that come after the signature: what an authority that was down owes, and renewals.

A raised file is a later form of its document, in a row of its own; the earlier one stays an
original.  ``put_timestamp`` works while no transaction is open, ``raise_level`` writes the row.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from webapp.core import events
from webapp.core.clock import now
from webapp.core.events import Delivery, DeliveryState, Event
from webapp.documents import levels, signing
from webapp.documents.levels import LEVELS, Witness
from webapp.documents.models import Document, DocumentState, LaterForm
from webapp.documents.queries import document_numbered
from webapp.documents.signing import Signed
from webapp.documents.workshop import workshop

RENEW_BEFORE = timedelta(days=90)
AT_ONCE = 200  # documents handed out in one go; the next hour takes the next


def due(session: Session, at: datetime) -> Sequence[UUID]:
    """Return the documents whose newest form is below the wanted level or soon needs renewal.

    Not those about which the work was given up: a person must look at them first.
    """
    settings = workshop().settings
    if not settings.tsa_url:
        return ()
    newest = select(func.max(LaterForm.id)).group_by(LaterForm.document_id)
    level = func.coalesce(LaterForm.level, Document.level)
    until = func.coalesce(LaterForm.stamped_until, Document.stamped_until)
    open_work = (
        select(Event.subject)
        .join(Delivery, Delivery.event_id == Event.id)
        .where(Event.kind == "document.stamp_due", Delivery.state != DeliveryState.DONE)
    )
    query = (
        select(Document.id)
        .join(
            LaterForm,
            (LaterForm.document_id == Document.id) & LaterForm.id.in_(newest),
            isouter=True,
        )
        .where(
            Document.state == DocumentState.SIGNED,
            or_(level.in_(_below(settings.signature_level)), until < at + RENEW_BEFORE),
        )
        .order_by(Document.signed_at)
        .limit(AT_ONCE)
    )
    stuck = set(session.scalars(open_work))
    return [one for one in session.scalars(query) if str(one) not in stuck]


def awaits_timestamp(document: Document) -> bool:
    """Return whether a signed document is still to get a timestamp that was wanted."""
    settings = workshop().settings
    if document.state is not DocumentState.SIGNED or not settings.tsa_url:
        return False
    return document.newest.level in _below(settings.signature_level)


def _below(level: str) -> tuple[str, ...]:
    return LEVELS[: LEVELS.index(level)]


def authority_answers() -> bool:
    """Ask the authority for one timestamp, so that a thousand documents need not."""
    return asyncio.run(levels.answers(_witness()))


def _witness() -> Witness:
    tools = workshop()
    return Witness(tools.settings.tsa_url, tools.tsa_roots, tools.settings.signature_level)


@dataclass(frozen=True)
class Raised:
    """A stamped file, kept under its digest, and the form (``before``) that it was made from."""

    before: str | None
    signed: Signed


def put_timestamp(session: Session, event: Event) -> Raised | None:
    """Stamp the newest form of a document; nothing while the authority is down.

    :raises Invalid: a certificate is no longer good, or cannot be proved.
    """
    document = document_numbered(session, UUID(event.subject))
    tools, witness, before = workshop(), _witness(), document.newest.sha256
    own = tools.keys(session)
    session.commit()  # ends the reading transaction before the long work
    try:
        signed = signing.raise_level(
            tools.storage.get(before or ""), own,
            tsa_url=witness.url, tsa_roots=witness.roots, level=witness.level,
        )  # fmt: skip
    except signing.AuthorityDown:
        return None  # it stays due, and the next hour tries again
    tools.storage.put(signed.pdf)
    return Raised(before, signed)


def raise_level(session: Session, event: Event, raised: Raised | None) -> None:
    """Note a later form (reaction to ``document.stamp_due``)."""
    document = document_numbered(session, UUID(event.subject), lock=True)
    session.refresh(document, ["later_forms"])
    if raised is None or document.newest.sha256 != raised.before:
        return  # somebody else was first
    signed, at = raised.signed, now()
    session.add(
        LaterForm(
            document_id=document.id, sha256=signed.sha256, size_bytes=len(signed.pdf),
            level=signed.level, stamped_until=signed.stamped_until, at=at,
        )
    )  # fmt: skip
    events.record(
        session, "document.raised", document.id, by_id=None, at=at,
        document=str(document.id), sha256=signed.sha256, level=signed.level,
    )  # fmt: skip
