"""Opening a visit, setting it aside, taking it up again."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import cast
from uuid import UUID

from sqlalchemy import Table, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from webapp.accounts.models import Unit, User
from webapp.checklists.models import ChecklistVersion
from webapp.core import events
from webapp.core.numbers import next_number
from webapp.inspections import queries, rules
from webapp.inspections.models import Inspection
from webapp.inspections.rules import Act
from webapp.inspections.service.changes import count

VISITS = cast(Table, Inspection.__table__)


def open_inspection(
    session: Session,
    *,
    inspection_id: UUID,
    unit: Unit,
    version: ChecklistVersion,
    inspectors: Sequence[User],
    planned_on: date | None,
    by: User,
    at: datetime,
) -> Inspection:
    """Open an inspection; the same id again returns what is there.

    :raises Invalid: the team may not inspect this unit (see ``rules.check_team``).
    :raises NotFound: the id is taken by an inspection that is not ours to see.
    """
    if is_open(session, inspection_id):
        return queries.own_inspection(session, by, inspection_id)
    rules.check_team(
        unit.id,
        {user.id: user.unit_id for user in inspectors},
        by_id=by.id,
        bureau_units={unit.id} if unit.bureau_id == by.bureau_id else (),
    )
    code = version.definition.code
    year = at.year
    serial = next_number(session, f"inspection:{by.bureau_id}:{year}:{code}")
    inspection = Inspection(
        id=inspection_id,
        number=f"MC-{year}-{code}-{serial:04d}",
        bureau_id=by.bureau_id,
        unit_id=unit.id,
        unit=unit,
        checklist_version_id=version.id,
        version=version,
        checklist_title=version.definition.title.zh,
        planned_on=planned_on,
        opened_by_id=by.id,
        opened_at=at,
        changed_at=at,
        state={},
        inspectors=list(inspectors),
    )
    set_committed_value(inspection, "signatures", [])
    set_committed_value(inspection, "submissions", [])
    count(inspection, {}, at=at)
    session.add(inspection)
    events.record(session, "inspection.opened", inspection.id, by_id=by.id, at=at)
    return inspection


def is_open(session: Session, inspection_id: UUID) -> bool:
    """Say whether this id is taken, whoever may see the inspection."""
    found = session.connection().execute(select(VISITS.c.id).where(VISITS.c.id == inspection_id))
    return found.one_or_none() is not None


def cancel(session: Session, inspection: Inspection, *, by: User, at: datetime) -> None:
    """Set an inspection that was opened by mistake aside; ``restore`` undoes it."""
    inspection.status = rules.step(inspection.status, Act.CANCEL)
    inspection.changed_at = at
    events.record(session, "inspection.cancelled", inspection.id, by_id=by.id, at=at)


def restore(session: Session, inspection: Inspection, *, by: User, at: datetime) -> None:
    """Take a cancelled inspection up again."""
    inspection.status = rules.step(inspection.status, Act.RESTORE)
    inspection.changed_at = at
    events.record(session, "inspection.restored", inspection.id, by_id=by.id, at=at)
