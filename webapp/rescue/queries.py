"""Reads for imports: what is stored already, what earlier imports did."""

from collections.abc import Collection, Sequence
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from webapp.core.errors import N_, NotFound
from webapp.core.events import Event
from webapp.inspections.models import ChangeBatch, Inspection

BATCHES = cast(Table, ChangeBatch.__table__)
IMPORTS_MAX = 50


def subject_of(bureau_id: int) -> str:
    """Return the subject of a bureau's import events."""
    return f"rescue:{bureau_id}"


def stored_changes(session: Session, inspection_ids: Collection[UUID]) -> set[str]:
    """Return the ids of all changes that these inspections ever took."""
    query = select(BATCHES.c.outcomes).where(BATCHES.c.inspection_id.in_(inspection_ids))
    batches = session.connection().execute(query).scalars()
    return {change_id for batch in batches for change_id, *_ in batch}


def states(session: Session, inspection_ids: Collection[UUID]) -> dict[str, dict[str, Any]]:
    """Return the present states of inspections by id."""
    query = select(Inspection.id, Inspection.state).where(Inspection.id.in_(inspection_ids))
    return {str(row.id): row.state for row in session.execute(query)}


def imports_of(session: Session, bureau_id: int) -> Sequence[Event]:
    """Return a bureau's latest imports, newest first."""
    query = select(Event).where(Event.subject == subject_of(bureau_id)).order_by(Event.id.desc())
    return session.scalars(query.limit(IMPORTS_MAX)).all()


def import_of(session: Session, bureau_id: int, event_id: int) -> Event:
    """Return one import.

    :raises NotFound: there is none, or not in this bureau.
    """
    event = session.get(Event, event_id)
    if event is None or event.subject != subject_of(bureau_id):
        raise NotFound(N_("没有找到这次导入"))
    return event
