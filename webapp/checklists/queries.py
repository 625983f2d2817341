"""Reads of published checklists."""

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from webapp.checklists.models import ChecklistVersion
from webapp.core.errors import N_, NotFound

LATEST = (
    select(ChecklistVersion)
    .where(ChecklistVersion.checklist_id == bindparam("checklist"))
    .order_by(ChecklistVersion.number.desc())
    .limit(1)
)


def latest_versions(session: Session) -> list[ChecklistVersion]:
    """Return the newest version of each checklist, in the order first published."""
    newest = select(func.max(ChecklistVersion.id)).group_by(ChecklistVersion.checklist_id)
    query = select(ChecklistVersion).where(ChecklistVersion.id.in_(newest))
    order = ("official-vehicles", "official-receptions", "wedding-funeral", "eight-prohibitions")
    place = {checklist_id: n for n, checklist_id in enumerate(order)}
    return sorted(session.scalars(query), key=lambda v: (place.get(v.checklist_id, 99), v.id))


def latest_version(session: Session, checklist_id: str) -> ChecklistVersion:
    """Return the newest version of a checklist.

    :raises NotFound: there is no such checklist.
    """
    version: ChecklistVersion | None = session.scalar(LATEST, {"checklist": checklist_id})
    if version is None:
        raise NotFound(N_("没有这份清单"), field="checklist")
    return version


def version_numbered(session: Session, checklist_id: str, number: int) -> ChecklistVersion:
    """Return one published version.

    :raises NotFound: there is no such version.
    """
    query = select(ChecklistVersion).filter_by(checklist_id=checklist_id, number=number)
    version = session.scalar(query)
    if version is None:
        raise NotFound(N_("没有这份清单"))
    return version
