"""Reads of published checklists."""

from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy import Table, bindparam, func, select
from sqlalchemy.orm import Session

from webapp.checklists.models import ChecklistVersion
from webapp.core.db import adopt
from webapp.core.errors import N_, NotFound
from webapp.core.prepared import Prepared

VERSIONS = cast(Table, ChecklistVersion.__table__)
BRIEF = [column for column in VERSIONS.c if column.key != "content"]
WITH_ID = Prepared(select(*BRIEF).where(VERSIONS.c.id == bindparam("id")))
OF_CHECKLIST = select(*BRIEF).where(VERSIONS.c.checklist_id == bindparam("checklist"))
LATEST = Prepared(OF_CHECKLIST.order_by(VERSIONS.c.number.desc()).limit(1))
NUMBERED = Prepared(OF_CHECKLIST.where(VERSIONS.c.number == bindparam("number")))


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
    row = LATEST.first(session, {"checklist": checklist_id})
    if row is None:
        raise NotFound(N_("没有这份清单"), field="checklist")
    return _version(session, row)


def version_numbered(session: Session, checklist_id: str, number: int) -> ChecklistVersion:
    """Return one published version.

    :raises NotFound: there is no such version.
    """
    row = NUMBERED.first(session, {"checklist": checklist_id, "number": number})
    if row is None:
        raise NotFound(N_("没有这份清单"))
    return _version(session, row)


def version_with_id(session: Session, version_id: int) -> ChecklistVersion:
    """Return a version that something in the database is bound to."""
    (row,) = WITH_ID.rows(session, {"id": version_id})
    return _version(session, row)


def _version(session: Session, row: Sequence[Any]) -> ChecklistVersion:
    keys = (column.key for column in BRIEF)
    return adopt(session, ChecklistVersion, dict(zip(keys, row, strict=True)))
