"""Opening a visit, setting it aside, taking it up again."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table, bindparam, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from webapp.accounts.models import Unit, User
from webapp.checklists.models import ChecklistVersion
from webapp.core import events
from webapp.core.db import adopt, append
from webapp.core.numbers import next_number
from webapp.core.prepared import Prepared
from webapp.inspections import queries, rules
from webapp.inspections.models import Inspection, InspectionInspector
from webapp.inspections.rules import Act, Status
from webapp.inspections.service.plans import Plan
from webapp.inspections.service.reading import day_told, unanswered

VISITS = cast(Table, Inspection.__table__)
IS_OPEN = Prepared(select(VISITS.c.id).where(VISITS.c.id == bindparam("id")))


def plan_opening(
    session: Session,
    *,
    inspection_id: UUID,
    unit: Unit,
    version: ChecklistVersion,
    inspectors: Sequence[User],
    planned_on: date | None,
    by: User,
    at: datetime,
) -> Plan[Inspection]:
    """Open an inspection; the same id again returns what is there.

    Its number is given when it is written.

    :raises Invalid: the team may not inspect this unit (see ``rules.check_team``).
    :raises NotFound: the id is taken by an inspection that is not ours to see.
    """
    if is_open(session, inspection_id):
        return Plan(queries.own_inspection(session, by, inspection_id))
    rules.check_team(
        unit.id,
        {user.id: user.unit_id for user in inspectors},
        by_id=by.id,
        bureau_units={unit.id} if unit.bureau_id == by.bureau_id else (),
    )
    code = version.definition.code
    year = at.year
    standing = unanswered(version.definition, day_told({}, at))
    row = {
        "id": inspection_id,
        "number": "",
        "bureau_id": by.bureau_id,
        "unit_id": unit.id,
        "checklist_version_id": version.id,
        "checklist_title": version.definition.title.zh,
        "status": Status.DRAFT,
        "planned_on": planned_on,
        "opened_by_id": by.id,
        "opened_at": at,
        "changed_at": at,
        "submitted_at": None,
        "state": {},
        "seq": 0,
        "done": standing.done,
        "total": standing.total,
        "revision": 1,
    }
    inspection = _in_memory(session, row, unit=unit, version=version, inspectors=inspectors)

    def write() -> None:
        serial = next_number(session, f"inspection:{by.bureau_id}:{year}:{code}")
        number = f"MC-{year}-{code}-{serial:04d}"
        append(session, Inspection, row | {"number": number})
        set_committed_value(inspection, "number", number)
        team = [{"inspection_id": inspection_id, "user_id": user.id} for user in inspectors]
        append(session, InspectionInspector, *team)
        events.record(session, "inspection.opened", inspection_id, by_id=by.id, at=at)

    return Plan(inspection, write)


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
    """Open an inspection in the running transaction (see ``plan_opening``)."""
    queries.take_turn(session, by.bureau_id)
    return plan_opening(
        session, inspection_id=inspection_id, unit=unit, version=version, inspectors=inspectors,
        planned_on=planned_on, by=by, at=at,
    ).done()  # fmt: skip


def _in_memory(
    session: Session, row: dict[str, Any], *,
    unit: Unit, version: ChecklistVersion, inspectors: Sequence[User],
) -> Inspection:  # fmt: skip
    """Return a new inspection as the session would have read it."""
    known = {"unit": unit, "version": version, "inspectors": list(inspectors),
             "signatures": [], "submissions": []}  # fmt: skip
    return adopt(session, Inspection, row | known)


def is_open(session: Session, inspection_id: UUID) -> bool:
    """Say whether this id is taken, whoever may see the inspection."""
    return IS_OPEN.first(session, {"id": inspection_id}) is not None


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
